/* Plain twins of conv.c for readers and tests: the definition in loops, one float at a time. */
#include "conv.h"

#include <string.h>

static float patch_sum(const float *image, const float *kernel, cnn_conv_shape shape, size_t y,
                       size_t x, size_t f) {
  float sum = 0.0f;
  for (size_t ky = 0; ky < CNN_KERNEL_SIDE; ky++) {
    for (size_t kx = 0; kx < CNN_KERNEL_SIDE; kx++) {
      for (size_t c = 0; c < shape.channels; c++) {
        const float pixel = image[((y + ky) * shape.image_side + x + kx) * shape.channels + c];
        sum +=
            pixel * kernel[((ky * CNN_KERNEL_SIDE + kx) * shape.channels + c) * shape.filters + f];
      }
    }
  }
  return sum;
}

void cnn_conv_forward_ref(float *out, uint8_t *winner, const float *image, const float *kernel,
                          const float *bias, cnn_conv_shape shape) {
  const size_t positions = shape.pooled ? 4 : 1;
  const size_t scale = shape.pooled ? 2 : 1;
  for (size_t y = 0; y < shape.out_side; y++) {
    for (size_t x = 0; x < shape.out_side; x++) {
      for (size_t f = 0; f < shape.filters; f++) {
        float best = patch_sum(image, kernel, shape, scale * y, scale * x, f);
        size_t position = 0;
        for (size_t i = 1; i < positions; i++) {
          const float sum =
              patch_sum(image, kernel, shape, scale * y + i / 2, scale * x + i % 2, f);
          if (sum > best) {
            best = sum;
            position = i;
          }
        }
        const float z = best + bias[f];
        const size_t unit = (y * shape.out_side + x) * shape.filters + f;
        out[unit] = z <= 0.0f ? 0.0f : z;
        winner[unit] = z <= 0.0f ? (uint8_t)CNN_WINNER_DEAD : (uint8_t)position;
      }
    }
  }
}

void cnn_conv_weight_gradient_ref(float *sums, const float *dout, const uint8_t *winner,
                                  const float *image, cnn_conv_shape shape) {
  const size_t used = CNN_KERNEL_SIDE * shape.channels;
  const size_t row = (used + 3) / 4 * 4;
  const size_t scale = shape.pooled ? 2 : 1;
  float *bias_sums = sums + shape.filters * CNN_KERNEL_SIDE * row;
  memset(sums, 0, cnn_conv_sum_floats(shape) * sizeof *sums);
  for (size_t unit = 0; unit < shape.out_side * shape.out_side * shape.filters; unit++) {
    if (winner[unit] == CNN_WINNER_DEAD || dout[unit] == 0.0f) {
      continue;
    }
    const size_t f = unit % shape.filters;
    const size_t y = scale * (unit / shape.filters / shape.out_side) + winner[unit] / 2;
    const size_t x = scale * (unit / shape.filters % shape.out_side) + winner[unit] % 2;
    bias_sums[f] += dout[unit];
    for (size_t ky = 0; ky < CNN_KERNEL_SIDE; ky++) {
      const float *patch = image + ((y + ky) * shape.image_side + x) * shape.channels;
      for (size_t i = 0; i < used; i++) {
        sums[(f * CNN_KERNEL_SIDE + ky) * row + i] += dout[unit] * patch[i];
      }
    }
  }
}
