/* See conv_winograd.h. A row of cells at a time: the vertical input transform along four whole
 * image rows, the horizontal one into a strip of cells, then the strip by eight filters at a time.
 *
 * V8 (the engine of Chrome and Node) moves every load of a basic block up to the last store before
 * it, and spills what does not fit its 15 vector registers. So the unrolled kernel of few channels
 * stores each partial sum to a volatile array as soon as it has it: such a store keeps the next
 * loads behind it, and costs far less than the spills. */
#include "conv_winograd.h"

#include "simd.h"

/* Constant channel counts must reach the innermost loops, so that they are unrolled. */
#define UNROLLED static inline __attribute__((always_inline))

enum { LANES = 4, PANEL = 8, TILE = 16, STRIP = 64, FEW_CHANNELS = 3 };
/* Of the tiles of a strip: half a level 1 cache. */
enum { STRIP_FLOATS = 4096 };

static size_t row_floats(cnn_conv_shape shape) {
  return shape.image_side * shape.channels;
}

/* Floats between two of the four transformed image rows. */
static size_t row_step(cnn_conv_shape shape) {
  return (row_floats(shape) + LANES - 1) / LANES * LANES;
}

/* Per group of eight filters: [16][C][8] weights, then 8 biases; zeros beyond F. */
static size_t group_floats(size_t channels) {
  return (TILE * channels + 1) * PANEL;
}

size_t cnn_winograd_panel_floats(cnn_conv_shape shape) {
  return (shape.filters + PANEL - 1) / PANEL * group_floats(shape.channels);
}

/* Cells of a strip, a multiple of 4. */
static size_t strip_cells(size_t channels) {
  const size_t cells = STRIP_FLOATS / TILE / channels / 4 * 4;
  return cells < STRIP ? cells : STRIP;
}

/* Four rows, a strip of tiles, and behind both what whole vectors overrun. */
size_t cnn_winograd_work_floats(cnn_conv_shape shape) {
  const size_t tails = 2 * (size_t)CNN_PAD_FLOATS;
  return 4 * row_step(shape) + strip_cells(shape.channels) * TILE * shape.channels + tails;
}

/* Three of the four values are given, `step` floats apart. */
static void transform_kernel(float *u, size_t step) {
  const float middle = u[step], last = u[2 * step];
  const float ends = u[0] + last;
  u[step] = 0.5f * (ends + middle);
  u[2 * step] = 0.5f * (ends - middle);
  u[3 * step] = last;
}

void cnn_winograd_pack(float *panels, const float *kernel, const float *bias,
                       cnn_conv_shape shape) {
  memset(panels, 0, cnn_winograd_panel_floats(shape) * sizeof *panels);
  for (size_t f = 0; f < shape.filters; f++) {
    float *panel = panels + f / PANEL * group_floats(shape.channels) + f % PANEL;
    for (size_t c = 0; c < shape.channels; c++) {
      float u[TILE];
      for (size_t i = 0; i < 9; i++) {
        u[i / 3 * 4 + i % 3] = kernel[(i * shape.channels + c) * shape.filters + f];
      }
      for (size_t j = 0; j < 3; j++) {
        transform_kernel(u + j, 4);
      }
      for (size_t i = 0; i < 4; i++) {
        transform_kernel(u + 4 * i, 1);
      }
      for (size_t i = 0; i < TILE; i++) {
        panel[(i * shape.channels + c) * PANEL] = u[i];
      }
    }
    panel[TILE * shape.channels * PANEL] = bias[f];
  }
}

/* The vertical transform of four image rows. */
static void transform_rows(float *rows, size_t step, const float *image, size_t floats) {
  for (size_t x = 0; x < floats; x += LANES) {
    const f32x4 d0 = f32x4_load(image + x);
    const f32x4 d1 = f32x4_load(image + floats + x);
    const f32x4 d2 = f32x4_load(image + 2 * floats + x);
    const f32x4 d3 = f32x4_load(image + 3 * floats + x);
    f32x4_store(rows + x, d0 - d2);
    f32x4_store(rows + step + x, d1 + d2);
    f32x4_store(rows + 2 * step + x, d2 - d1);
    f32x4_store(rows + 3 * step + x, d1 - d3);
  }
}

/* The horizontal one: tile [4][4][C] of a cell. Whole vectors ascending: the next column, the next
 * tile or the padding behind the last one takes what runs over. */
UNROLLED void transform_columns(float *tile, const float *rows, size_t step, size_t channels) {
  const size_t minuend[4] = {0, channels, 2 * channels, channels};
  const size_t other[4] = {2 * channels, 2 * channels, channels, 3 * channels};
  for (size_t i = 0; i < 4; i++) {
    for (size_t j = 0; j < 4; j++) {
      for (size_t c = 0; c < channels; c += LANES) {
        const f32x4 a = f32x4_load(rows + i * step + minuend[j] + c);
        const f32x4 b = f32x4_load(rows + i * step + other[j] + c);
        f32x4_store(tile + (4 * i + j) * channels + c, j == 1 ? a + b : a - b);
      }
    }
  }
}

/* Of `cells` neighbours; two cells share two columns. */
UNROLLED void transform_strip(float *tiles, const float *rows, size_t step, size_t cells,
                              size_t channels) {
  for (size_t x = 0; x < cells; x++) {
    transform_columns(tiles + x * TILE * channels, rows + 2 * x * channels, step, channels);
  }
}

/* b > a ? b : a: one instruction where it has a name. */
static inline f32x4 greater_of(f32x4 a, f32x4 b) {
#ifdef __wasm_simd128__
  return __builtin_wasm_pmax_f32x4(a, b);
#else
  return f32x4_select(b > a, b, a);
#endif
}

/* The low bytes of values in -1..127. */
static inline void store_bytes(uint8_t *to, i32x4 values) {
#ifdef __wasm_simd128__
  typedef int16_t i16x8 __attribute__((vector_size(16)));
  const i16x8 halves = __builtin_wasm_narrow_s_i16x8_i32x4(values, values);
  const i32x4 bytes = (i32x4)__builtin_wasm_narrow_s_i8x16_i16x8(halves, halves);
  memcpy(to, &bytes, LANES);
#else
  for (size_t j = 0; j < LANES; j++) {
    to[j] = (uint8_t)values[j];
  }
#endif
}

/* First maximum of a cell's four outputs (row-major), bias and ReLU. z <= 0 is dead, so NaN stays
 * visible; a dead lane's mask is CNN_WINNER_DEAD as a byte. */
static inline void store_units(float *out, uint8_t *winner, const f32x4 y[4], const float *bias) {
  const i32x4 right_above = y[1] > y[0];
  const i32x4 right_below = y[3] > y[2];
  const f32x4 above = greater_of(y[0], y[1]);
  const f32x4 below = greater_of(y[2], y[3]);
  const i32x4 lower = below > above;
  const i32x4 position = (lower & (2 - right_below)) | (~lower & -right_above);
  const f32x4 z = greater_of(above, below) + f32x4_load(bias);
  const i32x4 dead = z <= (f32x4){0};
  f32x4_store(out, (f32x4)(~dead & (i32x4)z));
  store_bytes(winner, position | dead);
}

/* The vertical output transform of t[4][2] columns, `step` vectors apart. */
static inline void transform_output(f32x4 y[4], const volatile f32x4 *t, size_t step) {
  for (size_t j = 0; j < 2; j++) {
    const f32x4 t1 = t[(2 + j) * step], t2 = t[(4 + j) * step];
    y[j] = (t[j * step] + t1) + t2;
    y[2 + j] = (t1 - t2) - t[(6 + j) * step];
  }
}

/* ---- Few channels: everything unrolled ------------------------------------------------------- */

/* Sum over the channels of the products of column j of a tile row held in registers. */
UNROLLED f32x4 column_sum(const f32x4 *v, const float *panel, size_t j, size_t channels) {
  const size_t at = j * channels;
  f32x4 m = f32x4_splat(v[at / LANES][at % LANES]) * f32x4_load(panel + at * PANEL);
  for (size_t k = at + 1; k < at + channels; k++) {
    m += f32x4_splat(v[k / LANES][k % LANES]) * f32x4_load(panel + k * PANEL);
  }
  return m;
}

/* A row of the tile, folded to two columns: t[2][2 halves of the panel]. */
UNROLLED void tile_row(volatile f32x4 *t, const float *tile, const float *panel, size_t channels) {
  f32x4 v[FEW_CHANNELS], left[2], right[2];
  for (size_t k = 0; k < channels; k++) { /* 4C floats are C vectors */
    v[k] = f32x4_load(tile + LANES * k);
  }
  for (size_t h = 0; h < 2; h++) {
    left[h] = column_sum(v, panel + LANES * h, 0, channels);
    t[h] = left[h];
  }
  for (size_t h = 0; h < 2; h++) {
    right[h] = column_sum(v, panel + LANES * h, 1, channels);
    left[h] += right[h];
    t[h] = left[h];
  }
  for (size_t h = 0; h < 2; h++) {
    const f32x4 m = column_sum(v, panel + LANES * h, 2, channels);
    t[h] = left[h] + m;
    right[h] -= m;
  }
  for (size_t h = 0; h < 2; h++) {
    t[2 + h] = right[h] - column_sum(v, panel + LANES * h, 3, channels);
  }
}

UNROLLED void few_channels(float *out, uint8_t *winner, size_t filters, const float *tiles,
                           const float *panel, size_t cells, size_t channels) {
  volatile f32x4 t[TILE];
  const size_t row = 4 * channels;
  const float *bias = panel + TILE * channels * PANEL;
  for (size_t x = 0; x < cells; x++) {
    tile_row(t, tiles, panel, channels);
    tile_row(t + 4, tiles + row, panel + row * PANEL, channels);
    tile_row(t + 8, tiles + 2 * row, panel + 2 * row * PANEL, channels);
    tile_row(t + 12, tiles + 3 * row, panel + 3 * row * PANEL, channels);
    for (size_t h = 0; h < 2; h++) {
      f32x4 y[4];
      transform_output(y, t + h, 2);
      store_units(out + LANES * h, winner + LANES * h, y, bias + LANES * h);
    }
    tiles += TILE * channels;
    out += filters;
    winner += filters;
  }
}

/* ---- Many channels: a 4 x 8 product of four cells for each of the sixteen values ------------- */

/* m[cell][2] = sums over the channels; cells are 16C floats apart. */
static inline void products_4x8(f32x4 m[8], const float *tiles, const float *panel,
                                size_t channels) {
  const float *v0 = tiles;
  const float *v1 = v0 + TILE * channels;
  const float *v2 = v1 + TILE * channels;
  const float *v3 = v2 + TILE * channels;
  f32x4 b0 = f32x4_load(panel), b1 = f32x4_load(panel + LANES);
  f32x4 x = f32x4_splat(v0[0]);
  f32x4 s00 = x * b0, s01 = x * b1;
  x = f32x4_splat(v1[0]);
  f32x4 s10 = x * b0, s11 = x * b1;
  x = f32x4_splat(v2[0]);
  f32x4 s20 = x * b0, s21 = x * b1;
  x = f32x4_splat(v3[0]);
  f32x4 s30 = x * b0, s31 = x * b1;
  for (size_t c = 1; c < channels; c++) {
    panel += PANEL;
    b0 = f32x4_load(panel);
    b1 = f32x4_load(panel + LANES);
    x = f32x4_splat(v0[c]);
    s00 += x * b0;
    s01 += x * b1;
    x = f32x4_splat(v1[c]);
    s10 += x * b0;
    s11 += x * b1;
    x = f32x4_splat(v2[c]);
    s20 += x * b0;
    s21 += x * b1;
    x = f32x4_splat(v3[c]);
    s30 += x * b0;
    s31 += x * b1;
  }
  m[0] = s00;
  m[1] = s01;
  m[2] = s10;
  m[3] = s11;
  m[4] = s20;
  m[5] = s21;
  m[6] = s30;
  m[7] = s31;
}

/* The cells that fill up the last four are whatever the strip held before: never stored. */
static void many_channels(float *out, uint8_t *winner, size_t filters, const float *tiles,
                          const float *panel, size_t cells, size_t channels) {
  const float *bias = panel + TILE * channels * PANEL;
  for (size_t x = 0; x < cells; x += 4) {
    const size_t count = cells - x < 4 ? cells - x : 4;
    f32x4 m[TILE][8], t[8], y[4];
    for (size_t i = 0; i < TILE; i++) {
      products_4x8(m[i], tiles + (x * TILE + i) * channels, panel + i * channels * PANEL, channels);
    }
    for (size_t unit = 0; unit < 2 * count; unit++) {
      for (size_t i = 0; i < 4; i++) {
        const f32x4 m1 = m[4 * i + 1][unit], m2 = m[4 * i + 2][unit];
        t[2 * i] = (m[4 * i][unit] + m1) + m2;
        t[2 * i + 1] = (m1 - m2) - m[4 * i + 3][unit];
      }
      transform_output(y, t, 1);
      const size_t at = (x + unit / 2) * filters + unit % 2 * LANES;
      store_units(out + at, winner + at, y, bias + unit % 2 * LANES);
    }
  }
}

/* ---- Any ------------------------------------------------------------------------------------- */

static void strip_units(float *out, uint8_t *winner, size_t filters, const float *tiles,
                        const float *panel, size_t cells, size_t channels) {
  if (channels == 3) {
    few_channels(out, winner, filters, tiles, panel, cells, 3);
  } else if (channels == 1) {
    few_channels(out, winner, filters, tiles, panel, cells, 1);
  } else {
    many_channels(out, winner, filters, tiles, panel, cells, channels);
  }
}

/* The last group of fewer than eight filters goes through a strip of its own. */
static void strip_rest(float *out, uint8_t *winner, size_t filters, size_t count,
                       const float *tiles, const float *panel, size_t cells, size_t channels) {
  float values[STRIP * PANEL];
  uint8_t winners[STRIP * PANEL];
  strip_units(values, winners, PANEL, tiles, panel, cells, channels);
  for (size_t x = 0; x < cells; x++) {
    memcpy(out + x * filters, values + x * PANEL, count * sizeof *out);
    memcpy(winner + x * filters, winners + x * PANEL, count);
  }
}

void cnn_winograd_forward(float *out, uint8_t *winner, const float *image, const float *panels,
                          float *work, cnn_conv_shape shape) {
  const size_t channels = shape.channels, filters = shape.filters;
  const size_t step = row_step(shape), strip = strip_cells(channels);
  float *tiles = work + 4 * step + CNN_PAD_FLOATS;
  for (size_t y = 0; y < shape.out_side; y++) {
    transform_rows(work, step, image + 2 * y * row_floats(shape), row_floats(shape));
    for (size_t x = 0; x < shape.out_side; x += strip) {
      const size_t cells = shape.out_side - x < strip ? shape.out_side - x : strip;
      const float *rows = work + 2 * x * channels;
      if (channels == 3) {
        transform_strip(tiles, rows, step, cells, 3);
      } else if (channels == 1) {
        transform_strip(tiles, rows, step, cells, 1);
      } else {
        transform_strip(tiles, rows, step, cells, channels);
      }
      for (size_t f = 0; f < filters; f += PANEL) {
        const size_t unit = (y * shape.out_side + x) * filters + f;
        const float *panel = panels + f / PANEL * group_floats(channels);
        if (filters - f < PANEL) {
          strip_rest(out + unit, winner + unit, filters, filters - f, tiles, panel, cells,
                     channels);
        } else {
          strip_units(out + unit, winner + unit, filters, tiles, panel, cells, channels);
        }
      }
    }
  }
}
