/* Plain twin of conv_gradient.c for readers and tests: one unit and one float at a time. */
#include "conv.h"

#include <string.h>

void cnn_conv_weight_gradient_ref(float *sums, const float *dout, const uint8_t *winner,
                                  const float *image, cnn_conv_shape shape) {
  const size_t used = shape.kernel * shape.channels;
  const size_t row = (used + 3) / 4 * 4;
  const size_t side = winner == NULL ? shape.conv_side : shape.out_side;
  const size_t scale = winner != NULL && shape.pool == CNN_POOL_MAX2 ? 2 : 1;
  float *bias_sums = sums + shape.filters * shape.kernel * row;
  memset(sums, 0, cnn_conv_sum_floats(shape) * sizeof *sums);
  for (size_t unit = 0; unit < side * side * shape.filters; unit++) {
    const size_t position = winner == NULL ? 0 : winner[unit];
    if (position == CNN_WINNER_DEAD || dout[unit] == 0.0f) {
      continue;
    }
    const size_t f = unit % shape.filters;
    const size_t y = scale * (unit / shape.filters / side) + position / 2;
    const size_t x = scale * (unit / shape.filters % side) + position % 2;
    bias_sums[f] += dout[unit];
    for (size_t ky = 0; ky < shape.kernel; ky++) {
      const size_t from = (shape.stride * y + ky) * shape.image_side + shape.stride * x;
      for (size_t i = 0; i < used; i++) {
        sums[(f * shape.kernel + ky) * row + i] += dout[unit] * image[from * shape.channels + i];
      }
    }
  }
}
