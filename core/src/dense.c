/* See dense.h. The products are cnn_gemm's, which picks by shape what fills its vectors: for few
 * outputs that is lanes over images (forward) and over inputs (both gradients). */
#include "dense.h"

#include "gemm.h"

size_t cnn_dense_work_floats(size_t outputs) {
  (void)outputs;
  return CNN_GEMM_PACK;
}

void cnn_dense_forward(float *y, const float *x, const float *w, float *work, size_t ldx, size_t n,
                       size_t rows, size_t outputs) {
  const cnn_matrix inputs = {x, ldx, 1}, weights = {w, outputs, 1};
  cnn_gemm(y, inputs, weights, work, 1, outputs, n, outputs, rows);
}

void cnn_dense_weight_gradient(float *dw, const float *x, const float *dy, float *work, size_t ldx,
                               size_t n, size_t rows, size_t outputs) {
  const cnn_matrix inputs_transposed = {x, 1, ldx}, gradients = {dy, outputs, 1};
  cnn_gemm(dw, inputs_transposed, gradients, work, 0, outputs, rows, outputs, n);
}

void cnn_dense_input_gradient(float *dx, const float *dy, const float *w, float *work, size_t lddx,
                              size_t n, size_t rows, size_t outputs) {
  const cnn_matrix gradients = {dy, outputs, 1}, weights_transposed = {w, 1, outputs};
  cnn_gemm(dx, gradients, weights_transposed, work, 0, lddx, n, rows, outputs);
}

void cnn_dense_relu(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) {
    x[i] = x[i] <= 0.0f ? 0.0f : x[i];
  }
}

void cnn_dense_relu_gradient(float *dx, const float *x, size_t count) {
  for (size_t i = 0; i < count; i++) {
    dx[i] = x[i] > 0.0f ? dx[i] : 0.0f;
  }
}
