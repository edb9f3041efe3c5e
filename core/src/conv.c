/* See conv.h. The pooled forward pass is the 4 x 8 GEMM tile with the four positions of one pool
 * cell as its rows, so the maximum is taken in registers and the convolution is never stored. */
#include "conv.h"

#include "simd.h"

enum { PANEL = 8 };

static size_t panel_count(cnn_conv_shape shape) {
  return (shape.filters + PANEL - 1) / PANEL;
}

static size_t depth_of(cnn_conv_shape shape) {
  return (size_t)CNN_KERNEL_SIDE * CNN_KERNEL_SIDE * shape.channels;
}

/* Floats of one kernel row of one filter in a gradient sum, whole vectors. */
static size_t sum_row(cnn_conv_shape shape) {
  return (CNN_KERNEL_SIDE * shape.channels + 3) / 4 * 4;
}

cnn_conv_shape cnn_conv_shape_of(size_t resolution, size_t channels, size_t filters, int same,
                                 int pooled) {
  cnn_conv_shape shape;
  shape.image_side = same ? resolution + 2 : resolution;
  shape.channels = channels;
  shape.filters = filters;
  shape.conv_side = shape.image_side - 2;
  shape.out_side = pooled ? shape.conv_side / 2 : shape.conv_side;
  shape.pooled = pooled;
  return shape;
}

size_t cnn_conv_image_floats(cnn_conv_shape shape) {
  return shape.image_side * shape.image_side * shape.channels + CNN_PAD_FLOATS;
}

/* Each panel: depth x 8 weights, then 8 biases. */
size_t cnn_conv_panel_floats(cnn_conv_shape shape) {
  return panel_count(shape) * (depth_of(shape) + 1) * PANEL;
}

size_t cnn_conv_sum_floats(cnn_conv_shape shape) {
  return shape.filters * (CNN_KERNEL_SIDE * sum_row(shape) + 1);
}

void cnn_conv_widen(float *image, const uint8_t *pixels, const float *table, cnn_conv_shape shape,
                    size_t resolution) {
  const size_t border = (shape.image_side - resolution) / 2;
  const size_t row = resolution * shape.channels;
  for (size_t y = 0; y < resolution; y++) {
    float *to = image + ((y + border) * shape.image_side + border) * shape.channels;
    const uint8_t *from = pixels + y * row;
    for (size_t x = 0; x < row; x++) {
      to[x] = table[from[x]];
    }
  }
}

void cnn_conv_pack(float *panels, const float *kernel, const float *bias, cnn_conv_shape shape) {
  const size_t depth = depth_of(shape);
  for (size_t f0 = 0; f0 < panel_count(shape) * PANEL; f0 += PANEL) {
    float *panel = panels + f0 * (depth + 1);
    for (size_t k = 0; k <= depth; k++) {
      const float *from = k < depth ? kernel + k * shape.filters : bias;
      for (size_t j = 0; j < PANEL; j++) {
        panel[k * PANEL + j] = f0 + j < shape.filters ? from[f0 + j] : 0.0f;
      }
    }
  }
}

/* sums[i] = conv of the patches at corner + at[i], 8 filters; kernel rows are `stride` apart. */
static inline void tile_4x8(f32x4 sums[8], const float *corner, const size_t at[4], size_t stride,
                            size_t row, const float *panel) {
  f32x4 s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0};
  f32x4 s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
  for (size_t ky = 0; ky < CNN_KERNEL_SIDE; ky++) {
    const float *x0 = corner + at[0] + ky * stride;
    const float *x1 = corner + at[1] + ky * stride;
    const float *x2 = corner + at[2] + ky * stride;
    const float *x3 = corner + at[3] + ky * stride;
    for (size_t k = 0; k < row; k++) {
      const f32x4 b0 = f32x4_load(panel);
      const f32x4 b1 = f32x4_load(panel + 4);
      panel += PANEL;
      f32x4 x = f32x4_splat(x0[k]);
      s00 += x * b0;
      s01 += x * b1;
      x = f32x4_splat(x1[k]);
      s10 += x * b0;
      s11 += x * b1;
      x = f32x4_splat(x2[k]);
      s20 += x * b0;
      s21 += x * b1;
      x = f32x4_splat(x3[k]);
      s30 += x * b0;
      s31 += x * b1;
    }
  }
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s10;
  sums[3] = s11;
  sums[4] = s20;
  sums[5] = s21;
  sums[6] = s30;
  sums[7] = s31;
}

/* Adds the bias, applies ReLU and stores `columns` filters. z <= 0 is dead, so NaN stays visible.
 */
static inline void store_units(float *out, uint8_t *winner, const f32x4 value[2],
                               const i32x4 position[2], const float *bias, size_t columns) {
  float values[PANEL];
  int32_t winners[PANEL];
  for (size_t h = 0; h < 2; h++) {
    const f32x4 z = value[h] + f32x4_load(bias + 4 * h);
    const i32x4 dead = z <= (f32x4){0};
    f32x4_store(values + 4 * h, f32x4_select(dead, (f32x4){0}, z));
    const i32x4 code = {CNN_WINNER_DEAD, CNN_WINNER_DEAD, CNN_WINNER_DEAD, CNN_WINNER_DEAD};
    const i32x4 chosen = i32x4_select(dead, code, position[h]);
    memcpy(winners + 4 * h, &chosen, sizeof chosen);
  }
  if (columns == PANEL) { /* constant size: two vector stores */
    memcpy(out, values, sizeof values);
    for (size_t j = 0; j < PANEL; j++) {
      winner[j] = (uint8_t)winners[j];
    }
    return;
  }
  for (size_t j = 0; j < columns; j++) {
    out[j] = values[j];
    winner[j] = (uint8_t)winners[j];
  }
}

/* First maximum of four rows of sums: a later one wins only by being greater. */
static inline void max_of_cell(f32x4 best[2], i32x4 position[2], const f32x4 sums[8]) {
  for (size_t h = 0; h < 2; h++) {
    best[h] = sums[h];
    position[h] = (i32x4){0};
    for (int i = 1; i < 4; i++) {
      const f32x4 candidate = sums[2 * (size_t)i + h];
      const i32x4 greater = candidate > best[h];
      best[h] = f32x4_select(greater, candidate, best[h]);
      position[h] = i32x4_select(greater, (i32x4){i, i, i, i}, position[h]);
    }
  }
}

static size_t panel_columns(cnn_conv_shape shape, size_t f0) {
  return shape.filters - f0 < PANEL ? shape.filters - f0 : PANEL;
}

static inline void forward_pooled(float *out, uint8_t *winner, const float *image,
                                  const float *panels, cnn_conv_shape shape, size_t channels) {
  const size_t stride = shape.image_side * channels;
  const size_t depth = (size_t)CNN_KERNEL_SIDE * CNN_KERNEL_SIDE * channels;
  const size_t at[4] = {0, channels, stride, stride + channels};
  for (size_t cell = 0; cell < shape.out_side * shape.out_side; cell++) {
    const size_t y = cell / shape.out_side;
    const size_t x = cell % shape.out_side;
    const float *corner = image + 2 * y * stride + 2 * x * channels;
    for (size_t f0 = 0; f0 < shape.filters; f0 += PANEL) {
      const float *panel = panels + f0 * (depth + 1);
      f32x4 sums[8];
      f32x4 best[2];
      i32x4 position[2];
      tile_4x8(sums, corner, at, stride, CNN_KERNEL_SIDE * channels, panel);
      max_of_cell(best, position, sums);
      store_units(out + cell * shape.filters + f0, winner + cell * shape.filters + f0, best,
                  position, panel + depth * PANEL, panel_columns(shape, f0));
    }
  }
}

/* Without pooling: four neighbours of one row at a time; beyond the row's end they alias the last.
 */
static void forward_plain(float *out, uint8_t *winner, const float *image, const float *panels,
                          cnn_conv_shape shape) {
  const size_t stride = shape.image_side * shape.channels;
  const size_t depth = depth_of(shape);
  const i32x4 none[2] = {{0}, {0}};
  for (size_t y = 0; y < shape.out_side; y++) {
    for (size_t x = 0; x < shape.out_side; x += 4) {
      const size_t rows = shape.out_side - x < 4 ? shape.out_side - x : 4;
      size_t at[4];
      for (size_t i = 0; i < 4; i++) {
        at[i] = (x + (i < rows ? i : rows - 1)) * shape.channels;
      }
      for (size_t f0 = 0; f0 < shape.filters; f0 += PANEL) {
        const float *panel = panels + f0 * (depth + 1);
        f32x4 sums[8];
        tile_4x8(sums, image + y * stride, at, stride, CNN_KERNEL_SIDE * shape.channels, panel);
        for (size_t i = 0; i < rows; i++) {
          const size_t unit = (y * shape.out_side + x + i) * shape.filters + f0;
          store_units(out + unit, winner + unit, sums + 2 * i, none, panel + depth * PANEL,
                      panel_columns(shape, f0));
        }
      }
    }
  }
}

void cnn_conv_forward(float *out, uint8_t *winner, const float *image, const float *panels,
                      cnn_conv_shape shape) {
  if (!shape.pooled) {
    forward_plain(out, winner, image, panels, shape);
  } else if (shape.channels == 3) { /* constant trip counts let the compiler unroll */
    forward_pooled(out, winner, image, panels, shape, 3);
  } else {
    forward_pooled(out, winner, image, panels, shape, 1);
  }
}

/* Position of a unit's patch in the image: its cell's corner plus the winner's step. */
static inline size_t patch_offset(cnn_conv_shape shape, size_t y, size_t x, size_t position) {
  const size_t scale = shape.pooled ? 2 : 1;
  const size_t row = scale * y + (position >> 1);
  const size_t column = scale * x + (position & 1);
  return (row * shape.image_side + column) * shape.channels;
}

/* Adds one pooled row of one filter; `vectors` (of 4 floats) a kernel row, sums in registers. */
static inline void gradient_row(float *sums, float *bias_sum, const float *dout,
                                const uint8_t *winner, const float *image, cnn_conv_shape shape,
                                size_t y, size_t vectors) {
  f32x4 s[9];
  const size_t stride = shape.image_side * shape.channels;
  for (size_t i = 0; i < 3 * vectors; i++) {
    s[i] = f32x4_load(sums + 4 * i);
  }
  float b = *bias_sum;
  for (size_t x = 0; x < shape.out_side; x++) {
    const uint8_t position = winner[x * shape.filters];
    const float g = dout[x * shape.filters];
    if (position == CNN_WINNER_DEAD || g == 0.0f) {
      continue;
    }
    b += g;
    const f32x4 gradient = f32x4_splat(g);
    const float *patch = image + patch_offset(shape, y, x, position);
    for (size_t ky = 0; ky < CNN_KERNEL_SIDE; ky++) {
      for (size_t i = 0; i < vectors; i++) {
        s[ky * vectors + i] += gradient * f32x4_load(patch + ky * stride + 4 * i);
      }
    }
  }
  *bias_sum = b;
  for (size_t i = 0; i < 3 * vectors; i++) {
    f32x4_store(sums + 4 * i, s[i]);
  }
}

void cnn_conv_weight_gradient(float *sums, const float *dout, const uint8_t *winner,
                              const float *image, cnn_conv_shape shape) {
  const size_t filter_floats = CNN_KERNEL_SIDE * sum_row(shape);
  float *bias_sums = sums + shape.filters * filter_floats;
  memset(sums, 0, cnn_conv_sum_floats(shape) * sizeof *sums);
  for (size_t y = 0; y < shape.out_side; y++) {
    const size_t first = y * shape.out_side * shape.filters;
    for (size_t f = 0; f < shape.filters; f++) {
      float *filter_sums = sums + f * filter_floats;
      if (shape.channels == 3) {
        gradient_row(filter_sums, bias_sums + f, dout + first + f, winner + first + f, image, shape,
                     y, 3);
      } else {
        gradient_row(filter_sums, bias_sums + f, dout + first + f, winner + first + f, image, shape,
                     y, 1);
      }
    }
  }
}

void cnn_conv_add_sums(float *dkernel, float *dbias, const float *sums, cnn_conv_shape shape) {
  const size_t row = sum_row(shape);
  const size_t used = CNN_KERNEL_SIDE * shape.channels;
  for (size_t f = 0; f < shape.filters; f++) {
    for (size_t ky = 0; ky < CNN_KERNEL_SIDE; ky++) {
      for (size_t i = 0; i < used; i++) {
        dkernel[(ky * used + i) * shape.filters + f] += sums[(f * CNN_KERNEL_SIDE + ky) * row + i];
      }
    }
    dbias[f] += sums[shape.filters * CNN_KERNEL_SIDE * row + f];
  }
}
