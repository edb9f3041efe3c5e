/* Convolution 3x3 (stride 1) + 2x2 max pool + bias + ReLU as one pass over one image, and its
 * weight gradient. No patch matrix: with NHWC each kernel row is contiguous in the image, so the
 * image itself is the matrix of patches. max before bias and ReLU is the same number as after,
 * because both are monotone, and costs a quarter of the additions. */
#ifndef CNN_CONV_H
#define CNN_CONV_H

#include <stddef.h>
#include <stdint.h>

enum { CNN_KERNEL_SIDE = 3 };

/* A unit whose output is zero after ReLU: it has no gradient (ReLU' = 0 at 0). */
enum { CNN_WINNER_DEAD = 255 };

typedef struct {
  size_t image_side; /* side of the padded float image: R, or R+2 with same padding */
  size_t channels;   /* C */
  size_t filters;    /* F */
  size_t conv_side;  /* image_side - 2 */
  size_t out_side;   /* P: conv_side/2 rounded down with pooling, else conv_side */
  int pooled;
} cnn_conv_shape;

cnn_conv_shape cnn_conv_shape_of(size_t resolution, size_t channels, size_t filters, int same,
                                 int pooled);

/* Floats of a padded image with its readable tail, of packed weights, of a weight-gradient sum. */
size_t cnn_conv_image_floats(cnn_conv_shape shape);
size_t cnn_conv_panel_floats(cnn_conv_shape shape);
size_t cnn_conv_sum_floats(cnn_conv_shape shape);

/* u8 [R][R][C] to float through a 256-entry table (the input scaling), inside a border of zeros
 * that the caller cleared once (none with valid padding). */
void cnn_conv_widen(float *image, const uint8_t *pixels, const float *table, cnn_conv_shape shape,
                    size_t resolution);

/* Kernel HWIO [3][3][C][F] and bias [F] into panels of 8 filters, zeros beyond F. */
void cnn_conv_pack(float *panels, const float *kernel, const float *bias, cnn_conv_shape shape);

/* out [P][P][F]; winner [P][P][F] = position 0..3 of the first maximum in its 2x2 cell (row-major;
 * 0 without pooling), or CNN_WINNER_DEAD. */
void cnn_conv_forward(float *out, uint8_t *winner, const float *image, const float *panels,
                      cnn_conv_shape shape);
/* Plain twin, equal bits. conv sum in order (kernel row, kernel column, channel) from zero. */
void cnn_conv_forward_ref(float *out, uint8_t *winner, const float *image, const float *kernel,
                          const float *bias, cnn_conv_shape shape);

/* One image's weight gradient from dout [P][P][F], visiting only each cell's winner, in row-major
 * order of cells. sums: [F][3][row] floats (row = 3C rounded up to 4, the tail is scratch), then
 * [F] bias sums; overwritten. */
void cnn_conv_weight_gradient(float *sums, const float *dout, const uint8_t *winner,
                              const float *image, cnn_conv_shape shape);
void cnn_conv_weight_gradient_ref(float *sums, const float *dout, const uint8_t *winner,
                                  const float *image, cnn_conv_shape shape);

/* dkernel [3][3][C][F] += sums, dbias [F] += bias sums. */
void cnn_conv_add_sums(float *dkernel, float *dbias, const float *sums, cnn_conv_shape shape);

#endif
