/* The fused forward pass by Winograd's minimal filtering F(2x2, 3x3) (Winograd 1980; Lavin & Gray
 * 2016): kernel 3, stride 1, max pool, no norm. A pool cell's four outputs are
 *   Y = A^T [ sum over c of (G g_c G^T) * (B^T d_c B) ] A,   * element-wise, d_c a 4x4 patch,
 * which is 16 products a channel instead of 36. conv.c sends shapes with shape.winograd here.
 *
 * The definition, in float and in this order:
 *   kernel  vertically, then horizontally: (g0, 0.5 * ((g0 + g2) + g1), 0.5 * ((g0 + g2) - g1), g2)
 *   input   vertically, then horizontally: (d0 - d2, d1 + d2, d2 - d1, d1 - d3)
 *   sum     m = V_0 U_0, then + V_c U_c for c = 1, 2, ...
 *   output  horizontally, then vertically: ((m0 + m1) + m2, (m1 - m2) - m3)
 *   cell    first maximum of the four (of each row, then of the two), + bias, z <= 0 is dead
 * The halves stand in the kernel, so whole numbers give multiples of 1/4, exact below 2^22; and an
 * even patch gives four equal outputs, since of its transform only V_11 is not zero. The error is
 * like direct summation's (tests/core/test_conv_winograd.c). */
#ifndef CNN_CONV_WINOGRAD_H
#define CNN_CONV_WINOGRAD_H

#include <stddef.h>
#include <stdint.h>

#include "conv.h"

/* Floats of the transformed kernel with its biases, and of scratch (a multiple of 4). */
size_t cnn_winograd_panel_floats(cnn_conv_shape shape);
size_t cnn_winograd_work_floats(cnn_conv_shape shape);

/* Kernel HWIO [3][3][C][F] and bias [F]. */
void cnn_winograd_pack(float *panels, const float *kernel, const float *bias, cnn_conv_shape shape);

/* As cnn_conv_forward. */
void cnn_winograd_forward(float *out, uint8_t *winner, const float *image, const float *panels,
                          float *work, cnn_conv_shape shape);
/* Plain twin, equal bits. */
void cnn_winograd_forward_ref(float *out, uint8_t *winner, const float *image, const float *kernel,
                              const float *bias, cnn_conv_shape shape);

#endif
