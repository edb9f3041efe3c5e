/* GEMM with a 4 x 8 micro-kernel over packed operands: 4 rows of A, splat one by one, times 8
 * columns of B in two vectors. 8 accumulators leave room for operands in 16 registers; 6 x 8 and
 * 8 x 8 spill in the browser's compilers. Both operands are packed, so that the kernel walks two
 * contiguous streams whatever the strides. A product whose transpose C' = B' A' fills the vectors
 * better (few columns, many rows) is made as that: the sums are the same.
 * Ragged edges: the lanes of missing rows and columns hold what scratch held, and are not stored.
 */
#include "gemm.h"

#include "simd.h"

enum { TILE_ROWS = 4, LANES = 4, PANEL = 8, TWO_PANELS = 16, PACK_GROUP = 32 };
enum { PACKED_A = CNN_GEMM_BLOCK * TILE_ROWS, PACKED_B = CNN_GEMM_PACK - PACKED_A };

/* C by strides, one of which is 1. */
typedef struct {
  float *data;
  size_t row, column;
  int accumulate;
} target;

static size_t min_size(size_t a, size_t b) {
  return a < b ? a : b;
}

/* A 4 x 4 block across its diagonal. Named shuffles: from single lanes LLVM 14 makes slow ones. */
static inline void transpose(f32x4 *a, f32x4 *b, f32x4 *c, f32x4 *d) {
  const f32x4 ab_low = __builtin_shufflevector(*a, *b, 0, 4, 1, 5);
  const f32x4 ab_high = __builtin_shufflevector(*a, *b, 2, 6, 3, 7);
  const f32x4 cd_low = __builtin_shufflevector(*c, *d, 0, 4, 1, 5);
  const f32x4 cd_high = __builtin_shufflevector(*c, *d, 2, 6, 3, 7);
  *a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  *b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  *c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  *d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/* out[kk * width + lane] = from[kk * step + lane * next] for 1 to 4 lanes. */
static void pack_lanes(float *out, size_t width, const float *from, size_t step, size_t next,
                       size_t lanes, size_t depth) {
  size_t kk = 0;
  if (lanes == LANES && next == 1) {
    for (; kk < depth; kk++) {
      memcpy(out + kk * width, from + kk * step, LANES * sizeof(float));
    }
  } else if (lanes == LANES && step == 1) {
    for (; kk + 4 <= depth; kk += 4) {
      f32x4 a = f32x4_load(from + kk), b = f32x4_load(from + next + kk);
      f32x4 c = f32x4_load(from + 2 * next + kk), d = f32x4_load(from + 3 * next + kk);
      transpose(&a, &b, &c, &d);
      f32x4_store(out + kk * width, a);
      f32x4_store(out + (kk + 1) * width, b);
      f32x4_store(out + (kk + 2) * width, c);
      f32x4_store(out + (kk + 3) * width, d);
    }
  }
  for (; kk < depth; kk++) {
    for (size_t i = 0; i < lanes; i++) {
      out[kk * width + i] = from[kk * step + i * next];
    }
  }
}

/* Columns of B in panels [depth][8], one after the other. Contiguous columns go two cache lines of
 * a row at a time, for the memory's sake. */
static void pack_columns(float *packed, cnn_matrix b, size_t columns, size_t depth) {
  const size_t groups = b.column == 1 ? columns / PACK_GROUP * PACK_GROUP : 0;
  for (size_t j = 0; j < groups; j += PACK_GROUP) {
    for (size_t kk = 0; kk < depth; kk++) {
      const float *from = b.data + kk * b.row + j;
      float *to = packed + j * depth + kk * PANEL;
      for (size_t i = 0; i < PACK_GROUP; i += PANEL) {
        memcpy(to + i * depth, from + i, PANEL * sizeof(float));
      }
    }
  }
  for (size_t j = groups; j < columns; j += LANES) {
    pack_lanes(packed + j / PANEL * PANEL * depth + j % PANEL, PANEL, b.data + j * b.column, b.row,
               b.column, min_size(LANES, columns - j), depth);
  }
}

/* Sums of 4 rows and 8 columns in registers: sRH is row R, half H. */
typedef struct {
  f32x4 s00, s01, s10, s11, s20, s21, s30, s31;
} tile;

/* The kernels: packed A [depth][4] times a panel [depth][8], each sum from zero in ascending k. */
static inline tile tile_4x8(const float *a, const float *b, size_t depth) {
  f32x4 s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0};
  f32x4 s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
  for (const float *end = b + depth * PANEL; b != end; a += TILE_ROWS, b += PANEL) {
    const f32x4 b0 = f32x4_load(b), b1 = f32x4_load(b + LANES);
    f32x4 x = f32x4_splat(a[0]);
    s00 += x * b0;
    s01 += x * b1;
    x = f32x4_splat(a[1]);
    s10 += x * b0;
    s11 += x * b1;
    x = f32x4_splat(a[2]);
    s20 += x * b0;
    s21 += x * b1;
    x = f32x4_splat(a[3]);
    s30 += x * b0;
    s31 += x * b1;
  }
  return (tile){s00, s01, s10, s11, s20, s21, s30, s31};
}

/* 2 rows and two panels, of which the second is in s2H and s3H: for few rows, where 8 columns have
 * too few sums to hide the latency of an addition. */
static inline tile tile_2x16(const float *a, const float *b, size_t depth) {
  f32x4 s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0};
  f32x4 s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
  const float *c = b + depth * PANEL;
  for (const float *end = c; b != end; a += TILE_ROWS, b += PANEL, c += PANEL) {
    const f32x4 b0 = f32x4_load(b), b1 = f32x4_load(b + LANES);
    const f32x4 c0 = f32x4_load(c), c1 = f32x4_load(c + LANES);
    f32x4 x = f32x4_splat(a[0]);
    s00 += x * b0;
    s01 += x * b1;
    s20 += x * c0;
    s21 += x * c1;
    x = f32x4_splat(a[1]);
    s10 += x * b0;
    s11 += x * b1;
    s30 += x * c0;
    s31 += x * c1;
  }
  return (tile){s00, s01, s10, s11, s20, s21, s30, s31};
}

static inline void put(float *to, f32x4 left, f32x4 right, int accumulate) {
  f32x4_store(to, accumulate ? f32x4_load(to) + left : left);
  f32x4_store(to + LANES, accumulate ? f32x4_load(to + LANES) + right : right);
}

static inline void put_turned(float *to, size_t next, f32x4 x0, f32x4 x1, f32x4 x2, f32x4 x3,
                              int accumulate) {
  transpose(&x0, &x1, &x2, &x3);
  if (accumulate) {
    x0 = f32x4_load(to) + x0;
    x1 = f32x4_load(to + next) + x1;
    x2 = f32x4_load(to + 2 * next) + x2;
    x3 = f32x4_load(to + 3 * next) + x3;
  }
  f32x4_store(to, x0);
  f32x4_store(to + next, x1);
  f32x4_store(to + 2 * next, x2);
  f32x4_store(to + 3 * next, x3);
}

static inline void put_edge(target c, const tile *t, size_t rows, size_t columns) {
  float sums[TILE_ROWS * PANEL];
  put(sums, t->s00, t->s01, 0);
  put(sums + PANEL, t->s10, t->s11, 0);
  put(sums + TWO_PANELS, t->s20, t->s21, 0);
  put(sums + TWO_PANELS + PANEL, t->s30, t->s31, 0);
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < columns; j++) {
      float *to = c.data + r * c.row + j * c.column;
      const float sum = sums[r * PANEL + j];
      *to = c.accumulate ? *to + sum : sum;
    }
  }
}

static inline void put_tile(target c, const tile *t, size_t rows, size_t columns) {
  if (columns < PANEL || (c.column != 1 && rows < TILE_ROWS) || rows == 3) {
    put_edge(c, t, rows, columns);
  } else if (c.column != 1) {
    put_turned(c.data, c.column, t->s00, t->s10, t->s20, t->s30, c.accumulate);
    put_turned(c.data + LANES * c.column, c.column, t->s01, t->s11, t->s21, t->s31, c.accumulate);
  } else {
    put(c.data, t->s00, t->s01, c.accumulate);
    if (rows >= 2) {
      put(c.data + c.row, t->s10, t->s11, c.accumulate);
    }
    if (rows == TILE_ROWS) {
      put(c.data + 2 * c.row, t->s20, t->s21, c.accumulate);
      put(c.data + 3 * c.row, t->s30, t->s31, c.accumulate);
    }
  }
}

/* Two rows: side by side in memory where C is turned and two floats wide. */
static inline void put_pair(target c, f32x4 s00, f32x4 s01, f32x4 s10, f32x4 s11, size_t rows,
                            size_t columns) {
  if (rows == 2 && columns == PANEL && c.column == 2) {
    put(c.data, __builtin_shufflevector(s00, s10, 0, 4, 1, 5),
        __builtin_shufflevector(s00, s10, 2, 6, 3, 7), c.accumulate);
    put(c.data + PANEL, __builtin_shufflevector(s01, s11, 0, 4, 1, 5),
        __builtin_shufflevector(s01, s11, 2, 6, 3, 7), c.accumulate);
  } else {
    const tile t = {s00, s01, s10, s11, {0}, {0}, {0}, {0}};
    put_tile(c, &t, rows, columns);
  }
}

static void multiply_few_rows(target c, const float *a, const float *packed, size_t rows,
                              size_t columns, size_t depth) {
  for (size_t j = 0; j < columns; j += TWO_PANELS) {
    const target part = {c.data + j * c.column, c.row, c.column, c.accumulate};
    const tile t = tile_2x16(a, packed + j * depth, depth);
    put_pair(part, t.s00, t.s01, t.s10, t.s11, rows, min_size(PANEL, columns - j));
    if (j + PANEL < columns) {
      const target next = {part.data + PANEL * c.column, c.row, c.column, c.accumulate};
      put_pair(next, t.s20, t.s21, t.s30, t.s31, rows, min_size(PANEL, columns - j - PANEL));
    }
  }
}

static void multiply_rows(target c, const float *a, const float *packed, size_t rows,
                          size_t columns, size_t depth) {
  for (size_t j = 0; j < columns; j += PANEL) {
    const target part = {c.data + j * c.column, c.row, c.column, c.accumulate};
    const tile t = tile_4x8(a, packed + j * depth, depth);
    put_tile(part, &t, rows, min_size(PANEL, columns - j));
  }
}

/* One block of k. */
static void multiply_block(target c, cnn_matrix a, cnn_matrix b, float *pack, size_t m, size_t n,
                           size_t depth) {
  float *packed = pack + PACKED_A;
  const size_t most = PACKED_B / depth / TWO_PANELS * TWO_PANELS; /* pairs of panels */
  for (size_t n0 = 0; n0 < n; n0 += most) {
    const size_t columns = min_size(most, n - n0);
    const cnn_matrix b_columns = {b.data + n0 * b.column, b.row, b.column};
    pack_columns(packed, b_columns, columns, depth);
    for (size_t i = 0; i < m; i += TILE_ROWS) {
      const size_t rows = min_size(TILE_ROWS, m - i);
      const target part = {c.data + i * c.row + n0 * c.column, c.row, c.column, c.accumulate};
      pack_lanes(pack, TILE_ROWS, a.data + i * a.row, a.column, a.row, rows, depth);
      if (rows <= 2) {
        multiply_few_rows(part, pack, packed, rows, columns, depth);
      } else {
        multiply_rows(part, pack, packed, rows, columns, depth);
      }
    }
  }
}

static size_t padded(size_t lanes) {
  return (lanes + PANEL - 1) / PANEL * PANEL;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through `target` */
void cnn_gemm(float *c, cnn_matrix a, cnn_matrix b, float *pack, int accumulate, size_t ldc,
              size_t m, size_t n, size_t k) {
  target to = {c, ldc, 1, accumulate};
  if (padded(m) * n < padded(n) * m) {
    const cnn_matrix a_turned = {a.data, a.column, a.row}, b_turned = {b.data, b.column, b.row};
    const size_t rows = m;
    const target turned = {c, 1, ldc, accumulate};
    a = b_turned;
    b = a_turned;
    m = n;
    n = rows;
    to = turned;
  }
  for (size_t k0 = 0; k0 < k; k0 += CNN_GEMM_BLOCK) {
    const cnn_matrix a_part = {a.data + k0 * a.column, a.row, a.column};
    const cnn_matrix b_part = {b.data + k0 * b.row, b.row, b.column};
    multiply_block(to, a_part, b_part, pack, m, n, min_size(CNN_GEMM_BLOCK, k - k0));
    to.accumulate = 1;
  }
}

void cnn_gemm_ref(float *c, cnn_matrix a, cnn_matrix b, int accumulate, size_t ldc, size_t m,
                  size_t n, size_t k) {
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      for (size_t k0 = 0; k0 < k; k0 += CNN_GEMM_BLOCK) {
        float sum = 0.0f;
        for (size_t kk = k0; kk < min_size(k0 + CNN_GEMM_BLOCK, k); kk++) {
          sum += a.data[i * a.row + kk * a.column] * b.data[kk * b.row + j * b.column];
        }
        c[i * ldc + j] = accumulate || k0 > 0 ? c[i * ldc + j] + sum : sum;
      }
    }
  }
}
