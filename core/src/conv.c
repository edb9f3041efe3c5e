/* See conv.h. One 4 x 8 tile, four positions by eight filters in registers, serves every shape.
 * With max pooling the four positions are one cell, so the maximum is taken in registers and the
 * convolution is never stored. */
#include "conv.h"

#include "conv_winograd.h"
#include "simd.h"

enum {
  PANEL = 8, /* filters of a tile */
  CHUNK = 8  /* tiles that one panel serves before the next: it stays in the first-level cache */
};

/* What becomes of a tile's sums. */
enum { LINEAR, RELU, RELU_MAX };

static size_t inner_offset(cnn_conv_shape shape) {
  return (shape.before * shape.image_side + shape.before) * shape.channels;
}

void cnn_conv_widen(float *image, const uint8_t *pixels, const float *table, cnn_conv_shape shape) {
  const size_t row = shape.in_side * shape.channels;
  float *to = image + inner_offset(shape);
  for (size_t y = 0; y < shape.in_side; y++) {
    for (size_t x = 0; x < row; x++) {
      to[x] = table[pixels[x]];
    }
    to += shape.image_side * shape.channels;
    pixels += row;
  }
}

void cnn_conv_frame(float *image, const float *map, cnn_conv_shape shape) {
  const size_t row = shape.in_side * shape.channels;
  float *to = image + inner_offset(shape);
  for (size_t y = 0; y < shape.in_side; y++) {
    memcpy(to + y * shape.image_side * shape.channels, map + y * row, row * sizeof *map);
  }
}

void cnn_conv_unframe(float *map, const float *image, cnn_conv_shape shape) {
  const size_t row = shape.in_side * shape.channels;
  const float *from = image + inner_offset(shape);
  for (size_t y = 0; y < shape.in_side; y++) {
    memcpy(map + y * row, from + y * shape.image_side * shape.channels, row * sizeof *map);
  }
}

void cnn_conv_pack_direct(float *panels, const float *kernel, const float *bias,
                          cnn_conv_shape shape) {
  const size_t depth = shape.kernel * shape.kernel * shape.channels;
  for (size_t f0 = 0; f0 < shape.filters; f0 += PANEL) {
    float *panel = panels + f0 * (depth + 1);
    for (size_t k = 0; k <= depth; k++) {
      const float *from = k < depth ? kernel + k * shape.filters : bias;
      for (size_t j = 0; j < PANEL; j++) {
        panel[k * PANEL + j] = f0 + j < shape.filters ? from[f0 + j] : 0.0f;
      }
    }
  }
}

void cnn_conv_pack(float *panels, const float *kernel, const float *bias, cnn_conv_shape shape) {
  if (shape.winograd) {
    cnn_winograd_pack(panels, kernel, bias, shape);
  } else {
    cnn_conv_pack_direct(panels, kernel, bias, shape);
  }
}

/* sums[2i], sums[2i+1] = convolution of the patch at image + at[i], 8 filters; `row` floats of each
 * of `kernel` rows, which are `stride` apart. */
static inline void tile_4x8(f32x4 sums[8], const float *image, const size_t at[4], size_t stride,
                            size_t kernel, size_t row, const float *panel) {
  f32x4 s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0};
  f32x4 s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
  for (size_t ky = 0; ky < kernel; ky++) {
    const float *x0 = image + at[0] + ky * stride;
    const float *x1 = image + at[1] + ky * stride;
    const float *x2 = image + at[2] + ky * stride;
    const float *x3 = image + at[3] + ky * stride;
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

static inline void store_floats(float *to, const f32x4 value[2], size_t columns) {
  if (columns == PANEL) {
    f32x4_store(to, value[0]);
    f32x4_store(to + 4, value[1]);
    return;
  }
  float values[PANEL];
  f32x4_store(values, value[0]);
  f32x4_store(values + 4, value[1]);
  for (size_t j = 0; j < columns; j++) {
    to[j] = values[j];
  }
}

/* Adds the bias, applies ReLU and stores `columns` filters. z <= 0 is dead, so NaN is not. */
static inline void store_units(float *out, uint8_t *winner, const f32x4 value[2],
                               const i32x4 position[2], const float *bias, size_t columns) {
  f32x4 values[2];
  int32_t winners[PANEL];
  for (size_t h = 0; h < 2; h++) {
    const f32x4 z = value[h] + f32x4_load(bias + 4 * h);
    const i32x4 dead = z <= (f32x4){0};
    values[h] = f32x4_select(dead, (f32x4){0}, z);
    const i32x4 code = {CNN_WINNER_DEAD, CNN_WINNER_DEAD, CNN_WINNER_DEAD, CNN_WINNER_DEAD};
    const i32x4 chosen = i32x4_select(dead, code, position[h]);
    memcpy(winners + 4 * h, &chosen, sizeof chosen);
  }
  store_floats(out, values, columns);
  if (columns == PANEL) { /* constant trip count */
    for (size_t j = 0; j < PANEL; j++) {
      winner[j] = (uint8_t)winners[j];
    }
    return;
  }
  for (size_t j = 0; j < columns; j++) {
    winner[j] = (uint8_t)winners[j];
  }
}

/* First maximum of four rows of sums: a later one wins only by being greater or NaN. */
static inline void max_of_cell(f32x4 best[2], i32x4 position[2], const f32x4 sums[8]) {
  for (size_t h = 0; h < 2; h++) {
    best[h] = sums[h];
    position[h] = (i32x4){0};
    for (int i = 1; i < 4; i++) {
      const f32x4 candidate = sums[2 * (size_t)i + h];
      const i32x4 wins = (candidate > best[h]) | (candidate != candidate);
      best[h] = f32x4_select(wins, candidate, best[h]);
      position[h] = i32x4_select(wins, (i32x4){i, i, i, i}, position[h]);
    }
  }
}

static inline void store_position(float *out, uint8_t *winner, size_t unit, const f32x4 sums[2],
                                  const float *bias, int finish, size_t columns) {
  if (finish == RELU) {
    const i32x4 none[2] = {{0}, {0}};
    store_units(out + unit, winner + unit, sums, none, bias, columns);
  } else {
    const f32x4 z[2] = {sums[0] + f32x4_load(bias), sums[1] + f32x4_load(bias + 4)};
    store_floats(out + unit, z, columns);
  }
}

/* Stores what becomes of a tile from index `unit` on: one cell, or up to four positions. */
static inline void finish_tile(float *out, uint8_t *winner, size_t unit, const f32x4 sums[8],
                               const float *bias, int finish, size_t positions, size_t filters,
                               size_t columns) {
  if (finish == RELU_MAX) {
    f32x4 best[2];
    i32x4 position[2];
    max_of_cell(best, position, sums);
    store_units(out + unit, winner + unit, best, position, bias, columns);
  } else if (positions == 4 && columns == PANEL) { /* constants: the sums stay in registers */
    for (size_t i = 0; i < 4; i++) {
      store_position(out, winner, unit + i * filters, sums + 2 * i, bias, finish, PANEL);
    }
  } else {
    for (size_t i = 0; i < positions; i++) {
      store_position(out, winner, unit + i * filters, sums + 2 * i, bias, finish, columns);
    }
  }
}

/* Walks a square map in row-major order and stays on its last place. */
typedef struct {
  size_t side, y, x;
} walk;

static inline void walk_on(walk *w) {
  if (w->x + 1 < w->side) {
    w->x++;
  } else if (w->y + 1 < w->side) {
    w->y++;
    w->x = 0;
  }
}

/* Patch offsets of the next tile; positions beyond the map's end are its last one again. */
static inline void next_tile(size_t at[4], walk *w, size_t stride, size_t step, int finish) {
  if (finish == RELU_MAX) {
    at[0] = 2 * w->y * stride + 2 * w->x * step;
    at[1] = at[0] + step;
    at[2] = at[0] + stride;
    at[3] = at[2] + step;
    walk_on(w);
    return;
  }
  for (size_t i = 0; i < 4; i++) {
    at[i] = w->y * stride + w->x * step;
    walk_on(w);
  }
}

/* Sizes are copied out of the shape: the compiler need not read them again after each store. */
static inline void convolve(float *out, uint8_t *winner, const float *image, const float *panels,
                            cnn_conv_shape shape, int finish) {
  const size_t kernel = shape.kernel, filters = shape.filters;
  const size_t row = kernel * shape.channels, depth = kernel * row;
  const size_t image_row = shape.image_side * shape.channels;
  walk next = {finish == RELU_MAX ? shape.out_side : shape.conv_side, 0, 0};
  const size_t places = next.side * next.side;
  const size_t per_tile = finish == RELU_MAX ? 1 : 4;
  for (size_t first = 0; first < places; first += CHUNK * per_tile) {
    size_t at[CHUNK][4];
    const size_t end = places - first < CHUNK * per_tile ? places : first + CHUNK * per_tile;
    for (size_t tile = 0; first + tile * per_tile < end; tile++) {
      next_tile(at[tile], &next, shape.stride * image_row, shape.stride * shape.channels, finish);
    }
    for (size_t f0 = 0; f0 < filters; f0 += PANEL) {
      const float *panel = panels + f0 * (depth + 1);
      const size_t columns = filters - f0 < PANEL ? filters - f0 : PANEL;
      for (size_t tile = 0; first + tile * per_tile < end; tile++) {
        const size_t place = first + tile * per_tile;
        const size_t positions = end - place < 4 ? end - place : 4;
        f32x4 sums[8];
        tile_4x8(sums, image, at[tile], image_row, kernel, row, panel);
        finish_tile(out, winner, place * filters + f0, sums, panel + depth * PANEL, finish,
                    positions, filters, columns);
      }
    }
  }
}

void cnn_conv_forward(float *out, uint8_t *winner, const float *image, const float *panels,
                      float *work, cnn_conv_shape shape) {
  if (shape.winograd) {
    cnn_winograd_forward(out, winner, image, panels, work, shape);
  } else if (shape.pool == CNN_POOL_MAX2) {
    convolve(out, winner, image, panels, shape, RELU_MAX);
  } else {
    convolve(out, winner, image, panels, shape, RELU);
  }
}

void cnn_conv_linear(float *z, const float *image, const float *panels, cnn_conv_shape shape) {
  convolve(z, NULL, image, panels, shape, LINEAR);
}
