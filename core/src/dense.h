/* The dense layers' three products over a batch: n images (1..256), `rows` inputs of the layer, K
 * outputs (1..256). Matrices are row-major; x and dx have a row stride of ldx floats, so that a
 * block of the inputs can be taken at a time. One definition of sums for all three and any K,
 * cnn_gemm's: blocks of CNN_GEMM_BLOCK summands, each from zero in ascending order, added in order
 * (in the weight gradient the summands are images, in the input gradient outputs: one block).
 * Nothing outside the operands is read. Each with a plain twin of equal bits. */
#ifndef CNN_DENSE_H
#define CNN_DENSE_H

#include <stddef.h>

/* Inputs per call: a multiple of CNN_GEMM_BLOCK, so that cutting a layer here leaves every sum as
 * it was. */
enum { CNN_DENSE_ROWS = 2048 };

/* Floats of scratch, whatever the number of outputs. */
size_t cnn_dense_work_floats(size_t outputs);

/* y [n][K] += x [n][rows] w [rows][K]; rows <= CNN_DENSE_ROWS; all calls but a layer's last have
 * rows = CNN_DENSE_ROWS. The caller puts the bias into y before the first block. */
void cnn_dense_forward(float *y, const float *x, const float *w, float *work, size_t ldx, size_t n,
                       size_t rows, size_t outputs);
void cnn_dense_forward_ref(float *y, const float *x, const float *w, size_t ldx, size_t n,
                           size_t rows, size_t outputs);

/* dw [rows][K] = x^T dy, images ascending from zero; overwritten. */
void cnn_dense_weight_gradient(float *dw, const float *x, const float *dy, float *work, size_t ldx,
                               size_t n, size_t rows, size_t outputs);
void cnn_dense_weight_gradient_ref(float *dw, const float *x, const float *dy, size_t ldx, size_t n,
                                   size_t rows, size_t outputs);

/* dx [n][rows] = dy w^T, outputs ascending from zero; overwritten (dx may be x of the products
 * above, once they are done). */
void cnn_dense_input_gradient(float *dx, const float *dy, const float *w, float *work, size_t lddx,
                              size_t n, size_t rows, size_t outputs);
void cnn_dense_input_gradient_ref(float *dx, const float *dy, const float *w, size_t lddx, size_t n,
                                  size_t rows, size_t outputs);

/* x = x > 0 ? x : 0 (NaN stays), and dx = x > 0 ? dx : 0: a hidden layer's ReLU, [count]. */
void cnn_dense_relu(float *x, size_t count);
void cnn_dense_relu_gradient(float *dx, const float *x, size_t count);

#endif
