/* See conv.h: the weight gradient. Strips of 64 cells: one pass over all filters marks the units
 * that have a gradient in a word of bits a filter, without a branch on the data; then each filter
 * adds its marked units, ascending, with its sums in registers. */
#include "conv.h"

#include "simd.h"

/* Constant sizes must reach the innermost loops, so that they are unrolled. */
#define UNROLLED static inline __attribute__((always_inline))

/* The mark of cell 31 is the top bit. */
typedef uint32_t u32x4 __attribute__((vector_size(16)));

enum { LANES = 4, TWO_VECTORS = 8, STRIP = 64, POSITIONS = 4, PLACES = STRIP * POSITIONS };
/* Vectors of sums at a time: they, as many of the image and the gradient fit 15 registers (V8 loads
 * all of a loop's vectors before it multiplies any). */
enum { BLOCK = 6 };

/* Where the patch of one position of one cell lies. */
typedef struct {
  float column[LANES]; /* see gather_column */
  uint32_t patch;      /* floats from the image's start */
  uint32_t unused[3];  /* a power of two is quicker to index */
} place;

/* What the units of a strip share. */
typedef struct {
  size_t filters;
  size_t cells;
  size_t row;            /* floats of an image row */
  const float *dout;     /* [cells][F] */
  const uint8_t *winner; /* [cells][F] */
  const float *image;
  place *places;      /* [64][4 positions] */
  uint32_t *marks[2]; /* [F rounded up to 4]: bits of cells 0..31 and 32..63 */
  uint8_t *zeros;     /* [64][F]: the positions where there is no pooling */
} strip;

static size_t round_up(size_t count) {
  return (count + LANES - 1) / LANES * LANES;
}

/* Floats of one kernel row of one filter in the sums, whole vectors. */
static size_t sum_row(cnn_conv_shape shape) {
  return round_up(shape.kernel * shape.channels);
}

size_t cnn_conv_sum_floats(cnn_conv_shape shape) {
  return shape.filters * (shape.kernel * sum_row(shape) + 1);
}

size_t cnn_conv_list_bytes(cnn_conv_shape shape) {
  return PLACES * sizeof(place) + 2 * round_up(shape.filters) * sizeof(uint32_t) +
         STRIP * shape.filters;
}

/* Marks the units of 4 or 8 filters and adds their gradients to the bias sums: + 0 where there is
 * none, which changes no sum that began at +0. Of the codes only CNN_WINNER_DEAD has its top bit.
 */
UNROLLED void mark_vectors(const strip *s, float *bias_sums, size_t f, size_t vectors) {
  const uint8_t lane_bytes[16] = {128, 0, 0, 0, 0, 128, 0, 0, 0, 0, 128, 0, 0, 0, 0, 128};
  i32x4 top_bits;
  f32x4 bias[2];
  memcpy(&top_bits, lane_bytes, sizeof top_bits);
  for (size_t i = 0; i < vectors; i++) {
    bias[i] = f32x4_load(bias_sums + f + LANES * i);
  }
  for (size_t half = 0; half < 2; half++) {
    const size_t end = s->cells < 32 * half + 32 ? s->cells : 32 * half + 32;
    u32x4 marks[2] = {{0}, {0}}, bit = {1, 1, 1, 1};
    for (size_t x = 32 * half; x < end; x++) {
      for (size_t i = 0; i < vectors; i++) {
        const size_t unit = x * s->filters + f + LANES * i;
        const f32x4 g = f32x4_load(s->dout + unit);
        int32_t codes;
        memcpy(&codes, s->winner + unit, sizeof codes);
        const i32x4 winners = {codes, codes, codes, codes};
        const i32x4 live = ((winners & top_bits) == (i32x4){0}) & (g != (f32x4){0});
        marks[i] |= (u32x4)live & bit;
        bias[i] += (f32x4)((i32x4)g & live);
      }
      bit += bit;
    }
    memcpy(s->marks[half] + f, marks, vectors * sizeof marks[0]);
  }
  for (size_t i = 0; i < vectors; i++) {
    f32x4_store(bias_sums + f + LANES * i, bias[i]);
  }
}

static void mark_one(const strip *s, float *bias_sums, size_t f) {
  uint32_t marks[2] = {0, 0};
  for (size_t x = 0; x < s->cells; x++) {
    const float g = s->dout[x * s->filters + f];
    if (s->winner[x * s->filters + f] != CNN_WINNER_DEAD && g != 0.0f) {
      marks[x / 32] |= UINT32_C(1) << x % 32;
      bias_sums[f] += g;
    }
  }
  s->marks[0][f] = marks[0];
  s->marks[1][f] = marks[1];
}

static void mark(const strip *s, float *bias_sums) {
  size_t f = 0;
  for (; f + TWO_VECTORS <= s->filters; f += TWO_VECTORS) {
    mark_vectors(s, bias_sums, f, 2);
  }
  for (; f + LANES <= s->filters; f += LANES) {
    mark_vectors(s, bias_sums, f, 1);
  }
  for (; f < s->filters; f++) {
    mark_one(s, bias_sums, f);
  }
}

static inline uint64_t marks_of(const strip *s, size_t f) {
  return s->marks[0][f] | (uint64_t)s->marks[1][f] << 32;
}

/* Adds the marked units of filter f to `rows` x `vectors` vectors of its sums; the image's begin
 * `offset` floats into the patch. */
UNROLLED void add_block(float *sums, size_t sum_floats, const strip *s, size_t f, size_t offset,
                        size_t rows, size_t vectors) {
  f32x4 total[BLOCK];
  const float *dout = s->dout + f;
  const uint8_t *winner = s->winner + f;
  const float *image = s->image + offset;
  const place *places = s->places;
  for (size_t k = 0; k < rows * vectors; k++) {
    total[k] = f32x4_load(sums + k / vectors * sum_floats + k % vectors * LANES);
  }
  for (uint64_t marks = marks_of(s, f); marks != 0; marks &= marks - 1) {
    const size_t x = (size_t)__builtin_ctzll(marks);
    const size_t unit = x * s->filters;
    const f32x4 g = f32x4_splat(dout[unit]);
    const float *patch = image + places[x * POSITIONS + winner[unit]].patch;
    for (size_t k = 0; k < rows * vectors; k++) {
      total[k] += g * f32x4_load(patch + k / vectors * s->row + k % vectors * LANES);
    }
  }
  for (size_t k = 0; k < rows * vectors; k++) {
    f32x4_store(sums + k / vectors * sum_floats + k % vectors * LANES, total[k]);
  }
}

static void add_vectors(float *sums, const strip *s, size_t f, size_t offset, size_t vectors) {
  switch (vectors) {
  case 1:
    add_block(sums, 0, s, f, offset, 1, 1);
    break;
  case 2:
    add_block(sums, 0, s, f, offset, 1, 2);
    break;
  case 3:
    add_block(sums, 0, s, f, offset, 1, 3);
    break;
  case 4:
    add_block(sums, 0, s, f, offset, 1, 4);
    break;
  case 5:
    add_block(sums, 0, s, f, offset, 1, 5);
    break;
  default:
    add_block(sums, 0, s, f, offset, 1, BLOCK);
  }
}

/* Any shape: each kernel row in equal blocks. */
static void add_rows(float *sums, const strip *s, size_t f, size_t kernel, size_t sum_floats) {
  const size_t vectors = sum_floats / LANES;
  const size_t blocks = (vectors + BLOCK - 1) / BLOCK;
  const size_t size = (vectors + blocks - 1) / blocks;
  for (size_t ky = 0; ky < kernel; ky++) {
    for (size_t i = 0; i < vectors; i += size) {
      add_vectors(sums + ky * sum_floats + i * LANES, s, f, ky * s->row + i * LANES,
                  vectors - i < size ? vectors - i : size);
    }
  }
}

/* A row of 3x3x3 is two vectors and one float; the three last floats of a patch make one more
 * vector, gathered once for all filters. */
static void gather_column(place *at, const float *patch, size_t row) {
  const f32x4 column = {patch[8], patch[row + 8], patch[2 * row + 8], 0.0f};
  f32x4_store(at->column, column);
}

static void add_3x3x3(float *sums, const strip *s, size_t f) {
  enum { ROW = 12, TWO_ROWS = 24 };
  const float *dout = s->dout + f;
  const uint8_t *winner = s->winner + f;
  const place *places = s->places;
  const float *image = s->image;
  const size_t row = s->row;
  f32x4 s00 = f32x4_load(sums), s01 = f32x4_load(sums + 4);
  f32x4 s10 = f32x4_load(sums + ROW), s11 = f32x4_load(sums + ROW + 4);
  f32x4 s20 = f32x4_load(sums + TWO_ROWS), s21 = f32x4_load(sums + TWO_ROWS + 4);
  f32x4 last = {sums[8], sums[ROW + 8], sums[TWO_ROWS + 8], 0.0f};
  for (uint64_t marks = marks_of(s, f); marks != 0; marks &= marks - 1) {
    const size_t x = (size_t)__builtin_ctzll(marks);
    const size_t unit = x * s->filters;
    const f32x4 g = f32x4_splat(dout[unit]);
    const place *at = places + x * POSITIONS + winner[unit];
    const float *patch = image + at->patch;
    last += g * f32x4_load(at->column);
    s00 += g * f32x4_load(patch);
    s01 += g * f32x4_load(patch + 4);
    s10 += g * f32x4_load(patch + row);
    s11 += g * f32x4_load(patch + row + 4);
    s20 += g * f32x4_load(patch + 2 * row);
    s21 += g * f32x4_load(patch + 2 * row + 4);
  }
  f32x4_store(sums, s00);
  f32x4_store(sums + 4, s01);
  f32x4_store(sums + ROW, s10);
  f32x4_store(sums + ROW + 4, s11);
  f32x4_store(sums + TWO_ROWS, s20);
  f32x4_store(sums + TWO_ROWS + 4, s21);
  for (size_t r = 0; r < 3; r++) {
    sums[r * ROW + 8] = last[r];
  }
}

static strip strip_new(const uint8_t *winner, const float *image, void *list,
                       cnn_conv_shape shape) {
  strip s = {.filters = shape.filters, .row = shape.image_side * shape.channels, .image = image};
  s.places = list;
  s.marks[0] = (uint32_t *)(void *)(s.places + PLACES);
  s.marks[1] = s.marks[0] + round_up(s.filters);
  s.zeros = (uint8_t *)(s.marks[1] + round_up(s.filters));
  if (winner == NULL) {
    memset(s.zeros, 0, STRIP * s.filters);
  }
  return s;
}

/* Of cells first, first + 1, ... in row-major order; pooled ones have four positions. */
static void find_places(const strip *s, size_t first, size_t side, int pooled,
                        cnn_conv_shape shape) {
  const size_t scale = pooled ? 2 : 1;
  const size_t right = shape.stride * shape.channels, down = shape.stride * s->row;
  size_t row = first / side, column = first % side;
  for (size_t x = 0; x < s->cells; x++) {
    const size_t corner = scale * (row * down + column * right);
    for (size_t p = 0; p < scale * scale; p++) {
      place *at = s->places + x * POSITIONS + p;
      at->patch = (uint32_t)(corner + p / 2 * down + p % 2 * right);
      if (shape.kernel == 3 && shape.channels == 3) {
        gather_column(at, s->image + at->patch, s->row);
      }
    }
    column = column + 1 < side ? column + 1 : 0;
    row += column == 0;
  }
}

static void add_units(float *sums, const strip *s, cnn_conv_shape shape) {
  const size_t floats = sum_row(shape);
  for (size_t f = 0; f < s->filters; f++) {
    float *filter_sums = sums + f * shape.kernel * floats;
    if (shape.kernel == 3 && shape.channels == 3) {
      add_3x3x3(filter_sums, s, f);
    } else if (shape.kernel == 3 && shape.channels == 1) {
      add_block(filter_sums, LANES, s, f, 0, 3, 1);
    } else {
      add_rows(filter_sums, s, f, shape.kernel, floats);
    }
  }
}

void cnn_conv_weight_gradient(float *sums, const float *dout, const uint8_t *winner,
                              const float *image, void *list, cnn_conv_shape shape) {
  const size_t side = winner == NULL ? shape.conv_side : shape.out_side;
  const int pooled = winner != NULL && shape.pool == CNN_POOL_MAX2;
  strip s = strip_new(winner, image, list, shape);
  memset(sums, 0, cnn_conv_sum_floats(shape) * sizeof *sums);
  for (size_t first = 0; first < side * side; first += STRIP) {
    s.cells = side * side - first < STRIP ? side * side - first : STRIP;
    s.dout = dout + first * s.filters;
    s.winner = winner == NULL ? s.zeros : winner + first * s.filters;
    mark(&s, sums + shape.filters * shape.kernel * sum_row(shape));
    find_places(&s, first, side, pooled, shape);
    add_units(sums, &s, shape);
  }
}

void cnn_conv_add_sums(float *dkernel, float *dbias, const float *sums, cnn_conv_shape shape) {
  const size_t row = sum_row(shape);
  const size_t used = shape.kernel * shape.channels;
  for (size_t f = 0; f < shape.filters; f++) {
    for (size_t ky = 0; ky < shape.kernel; ky++) {
      for (size_t i = 0; i < used; i++) {
        dkernel[(ky * used + i) * shape.filters + f] += sums[(f * shape.kernel + ky) * row + i];
      }
    }
    dbias[f] += sums[shape.filters * shape.kernel * row + f];
  }
}
