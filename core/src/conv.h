/* Convolution k x k (k = 3 or 5, stride 1 or 2) with bias, ReLU and 2x2 max pool as one pass over
 * one image, and its two gradients. No patch matrix: with NHWC each kernel row is contiguous in the
 * image, so the image itself is the matrix of patches. max before bias and ReLU is the same number
 * as after, because both are monotone, and costs a quarter of the additions.
 *
 * Two definitions of the sums, each with its plain twin of equal bits:
 *   direct    a patch's sum runs from zero in the order kernel row, kernel column, channel;
 *   winograd  F(2x2, 3x3) (Winograd 1980; Lavin & Gray 2016) for kernel 3, stride 1, max pool: the
 *             2x2 outputs of a pool cell from a 4x4 patch with 16 products instead of 36.
 * cnn_conv_shape_of says which one a shape has. */
#ifndef CNN_CONV_H
#define CNN_CONV_H

#include <stddef.h>
#include <stdint.h>

#include "cnn.h"

/* A unit whose output is zero after ReLU: it has no gradient (ReLU' = 0 at 0). */
enum { CNN_WINNER_DEAD = 255 };

typedef struct {
  size_t in_side;    /* side of the input without padding */
  size_t channels;   /* C of the input, 1..64 */
  size_t filters;    /* F, 1..64 */
  size_t kernel;     /* 3 or 5 */
  size_t stride;     /* 1 or 2 */
  size_t before;     /* zero rows above and columns left of the input */
  size_t image_side; /* in_side with all padding */
  size_t conv_side;  /* (image_side - kernel) / stride + 1; 0 if the kernel does not fit */
  size_t out_side;   /* P: conv_side/2 rounded down with pooling, else conv_side */
  int pool;          /* CNN_POOL_* */
  int fused;         /* max pool and ReLU go into the forward pass: pool none or max, no norm */
  int winograd;      /* the forward sums are Winograd's */
} cnn_conv_shape;

/* same padding: conv_side = ceil(in_side / stride), total padding
 * max((conv_side - 1) * stride + kernel - in_side, 0), half of it (rounded down) before. */
cnn_conv_shape cnn_conv_shape_of(size_t in_side, size_t channels, const cnn_block *block);

/* Floats of a padded image with its readable tail, of packed weights (of either packing), of a
 * weight-gradient sum, of scratch for cnn_conv_forward (a multiple of 4, may be 0). */
size_t cnn_conv_image_floats(cnn_conv_shape shape);
size_t cnn_conv_panel_floats(cnn_conv_shape shape);
size_t cnn_conv_sum_floats(cnn_conv_shape shape);
size_t cnn_conv_work_floats(cnn_conv_shape shape);

/* u8 [in][in][C] to float through a 256-entry table (the input scaling), inside a border of zeros
 * that the caller cleared once. */
void cnn_conv_widen(float *image, const uint8_t *pixels, const float *table, cnn_conv_shape shape);
/* The same for a float map [in][in][C]; and back out of the border, for its gradient. */
void cnn_conv_frame(float *image, const float *map, cnn_conv_shape shape);
void cnn_conv_unframe(float *map, const float *image, cnn_conv_shape shape);

/* Kernel HWIO [k][k][C][F] and bias [F] into panels: for cnn_conv_forward, and for cnn_conv_linear
 * unless shape.winograd is set; of a winograd shape cnn_conv_linear wants the direct panels. */
void cnn_conv_pack(float *panels, const float *kernel, const float *bias, cnn_conv_shape shape);
void cnn_conv_pack_direct(float *panels, const float *kernel, const float *bias,
                          cnn_conv_shape shape);

/* For a fused shape. out [P][P][F] = ReLU(max(conv) + bias); winner [P][P][F] = position 0..3 of
 * the first maximum in its 2x2 cell (row-major; 0 without pooling), or CNN_WINNER_DEAD. NaN is not
 * dead, and a direct sum that is NaN wins its cell. work: cnn_conv_work_floats. */
void cnn_conv_forward(float *out, uint8_t *winner, const float *image, const float *panels,
                      float *work, cnn_conv_shape shape);
void cnn_conv_forward_ref(float *out, uint8_t *winner, const float *image, const float *kernel,
                          const float *bias, cnn_conv_shape shape);

/* z [conv_side][conv_side][F] = conv + bias by direct sums, any shape; direct panels. */
void cnn_conv_linear(float *z, const float *image, const float *panels, cnn_conv_shape shape);
void cnn_conv_linear_ref(float *z, const float *image, const float *kernel, const float *bias,
                         cnn_conv_shape shape);

/* One image's weight gradient. Fused shapes: from dout [P][P][F], visiting only each cell's winner,
 * in row-major order of cells. Others (winner NULL): from dz [conv_side][conv_side][F], where exact
 * zeros are skipped. sums: [F][k][row] floats (row = k*C rounded up to 4, the tail is scratch),
 * then [F] bias sums; overwritten. `list` is scratch of cnn_conv_list_bytes. */
size_t cnn_conv_list_bytes(cnn_conv_shape shape);
void cnn_conv_weight_gradient(float *sums, const float *dout, const uint8_t *winner,
                              const float *image, void *list, cnn_conv_shape shape);
void cnn_conv_weight_gradient_ref(float *sums, const float *dout, const uint8_t *winner,
                                  const float *image, cnn_conv_shape shape);

/* dkernel [k][k][C][F] += sums, dbias [F] += bias sums. */
void cnn_conv_add_sums(float *dkernel, float *dbias, const float *sums, cnn_conv_shape shape);

/* The kernel as [k][F][row] floats (row = k*C rounded up to 4, the tail zeros) for the input
 * gradient. */
size_t cnn_conv_turned_floats(cnn_conv_shape shape);
void cnn_conv_turn(float *turned, const float *kernel, cnn_conv_shape shape);
/* dimage [image_side][image_side][C] with the border, overwritten, no readable tail: every unit
 * that has a gradient adds its gradient times its filter to its patch; patches in row-major order
 * of the convolution, filters ascending within a patch. Same dout and winner as the weight
 * gradient. */
void cnn_conv_input_gradient(float *dimage, const float *dout, const uint8_t *winner,
                             const float *turned, cnn_conv_shape shape);
void cnn_conv_input_gradient_ref(float *dimage, const float *dout, const uint8_t *winner,
                                 const float *kernel, cnn_conv_shape shape);

#endif
