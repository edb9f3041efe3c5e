/* Plain twin of conv_winograd.c for readers and tests: the definition of conv_winograd.h in loops,
 * one unit and one float at a time. */
#include "conv_winograd.h"

/* out[i] and g[i] are `step` floats apart. */
static void transform_kernel(float *out, const float *g, size_t step) {
  const float ends = g[0] + g[2 * step];
  const float first = g[0], last = g[2 * step], middle = g[step];
  out[0] = first;
  out[step] = 0.5f * (ends + middle);
  out[2 * step] = 0.5f * (ends - middle);
  out[3 * step] = last;
}

static void transform_input(float *d, size_t step) {
  const float d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
  d[0] = d0 - d2;
  d[step] = d1 + d2;
  d[2 * step] = d2 - d1;
  d[3 * step] = d1 - d3;
}

/* m[4 * i + j] = the product of the transformed patch and kernel of channel c. */
static void multiply(float m[16], const float *corner, const float *kernel, cnn_conv_shape shape,
                     size_t c, size_t f) {
  float u[16], d[16];
  for (size_t i = 0; i < 3; i++) {
    for (size_t j = 0; j < 3; j++) {
      u[4 * i + j] = kernel[((3 * i + j) * shape.channels + c) * shape.filters + f];
    }
  }
  for (size_t j = 0; j < 3; j++) {
    transform_kernel(u + j, u + j, 4);
  }
  for (size_t i = 0; i < 4; i++) {
    transform_kernel(u + 4 * i, u + 4 * i, 1);
  }
  for (size_t i = 0; i < 16; i++) {
    d[i] = corner[(i / 4 * shape.image_side + i % 4) * shape.channels + c];
  }
  for (size_t j = 0; j < 4; j++) {
    transform_input(d + j, 4);
  }
  for (size_t i = 0; i < 4; i++) {
    transform_input(d + 4 * i, 1);
  }
  for (size_t i = 0; i < 16; i++) {
    m[i] = d[i] * u[i];
  }
}

/* The four outputs of a cell, row-major, from the sums over the channels. */
static void transform_output(float y[4], const float m[16]) {
  float t[4][2];
  for (size_t i = 0; i < 4; i++) {
    const float *row = m + 4 * i;
    t[i][0] = (row[0] + row[1]) + row[2];
    t[i][1] = (row[1] - row[2]) - row[3];
  }
  for (size_t j = 0; j < 2; j++) {
    y[j] = (t[0][j] + t[1][j]) + t[2][j];
    y[2 + j] = (t[1][j] - t[2][j]) - t[3][j];
  }
}

static void cell_outputs(float y[4], const float *corner, const float *kernel, cnn_conv_shape shape,
                         size_t f) {
  float sum[16];
  multiply(sum, corner, kernel, shape, 0, f);
  for (size_t c = 1; c < shape.channels; c++) {
    float m[16];
    multiply(m, corner, kernel, shape, c, f);
    for (size_t i = 0; i < 16; i++) {
      sum[i] += m[i];
    }
  }
  transform_output(y, sum);
}

void cnn_winograd_forward_ref(float *out, uint8_t *winner, const float *image, const float *kernel,
                              const float *bias, cnn_conv_shape shape) {
  for (size_t unit = 0; unit < shape.out_side * shape.out_side * shape.filters; unit++) {
    const size_t f = unit % shape.filters;
    const size_t y = unit / shape.filters / shape.out_side;
    const size_t x = unit / shape.filters % shape.out_side;
    float outputs[4];
    cell_outputs(outputs, image + (2 * y * shape.image_side + 2 * x) * shape.channels, kernel,
                 shape, f);
    const size_t above = outputs[1] > outputs[0] ? 1 : 0;
    const size_t below = outputs[3] > outputs[2] ? 3 : 2;
    const size_t position = outputs[below] > outputs[above] ? below : above;
    const float z = outputs[position] + bias[f];
    out[unit] = z <= 0.0f ? 0.0f : z;
    winner[unit] = z <= 0.0f ? (uint8_t)CNN_WINNER_DEAD : (uint8_t)position;
  }
}
