/* Plain twins of conv.c for readers and tests: the definition in loops, one float at a time. */
#include "conv.h"

#include "conv_winograd.h"

/* The sum at one position of the convolution, without bias. */
static float patch_sum(const float *image, const float *kernel, cnn_conv_shape shape, size_t y,
                       size_t x, size_t f) {
  float sum = 0.0f;
  for (size_t ky = 0; ky < shape.kernel; ky++) {
    for (size_t kx = 0; kx < shape.kernel; kx++) {
      for (size_t c = 0; c < shape.channels; c++) {
        const size_t row = y * shape.stride + ky, column = x * shape.stride + kx;
        const float pixel = image[(row * shape.image_side + column) * shape.channels + c];
        const size_t weight = ((ky * shape.kernel + kx) * shape.channels + c) * shape.filters + f;
        sum += pixel * kernel[weight];
      }
    }
  }
  return sum;
}

void cnn_conv_forward_ref(float *out, uint8_t *winner, const float *image, const float *kernel,
                          const float *bias, cnn_conv_shape shape) {
  if (shape.winograd) {
    cnn_winograd_forward_ref(out, winner, image, kernel, bias, shape);
    return;
  }
  const int pooled = shape.pool == CNN_POOL_MAX2;
  const size_t positions = pooled ? 4 : 1;
  const size_t scale = pooled ? 2 : 1;
  for (size_t y = 0; y < shape.out_side; y++) {
    for (size_t x = 0; x < shape.out_side; x++) {
      for (size_t f = 0; f < shape.filters; f++) {
        float best = patch_sum(image, kernel, shape, scale * y, scale * x, f);
        size_t position = 0;
        for (size_t i = 1; i < positions; i++) {
          const float sum =
              patch_sum(image, kernel, shape, scale * y + i / 2, scale * x + i % 2, f);
          if (sum > best || sum != sum) {
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

void cnn_conv_linear_ref(float *z, const float *image, const float *kernel, const float *bias,
                         cnn_conv_shape shape) {
  for (size_t y = 0; y < shape.conv_side; y++) {
    for (size_t x = 0; x < shape.conv_side; x++) {
      for (size_t f = 0; f < shape.filters; f++) {
        z[(y * shape.conv_side + x) * shape.filters + f] =
            patch_sum(image, kernel, shape, y, x, f) + bias[f];
      }
    }
  }
}
