/* GEMM with a 4 x 8 micro-kernel: A is read in place and splat, B is packed in panels of 8 columns.
 * 8 accumulators of 4 floats leave room for operands in 16 registers; 6 x 8 and 8 x 8 spill in the
 * browser's compilers. Ragged edges: missing rows alias the last one, missing columns are packed
 * as zeros, and neither is stored. */
#include "gemm.h"

#include "simd.h"

enum { TILE_ROWS = 4, PANEL = 8 };

static size_t min_size(size_t a, size_t b) {
  return a < b ? a : b;
}

/* panel[kk][8] = B[k0+kk][n0..n0+7], zeros beyond n */
static void pack_panel(float *panel, cnn_matrix b, size_t columns, size_t depth) {
  if (columns == PANEL && b.column == 1) {
    for (size_t kk = 0; kk < depth; kk++) {
      memcpy(panel + kk * PANEL, b.data + kk * b.row, PANEL * sizeof(float));
    }
    return;
  }
  for (size_t kk = 0; kk < depth; kk++) {
    for (size_t j = 0; j < PANEL; j++) {
      panel[kk * PANEL + j] = j < columns ? b.data[kk * b.row + j * b.column] : 0.0f;
    }
  }
}

/* sums[4][8] = A[4][depth] panel[depth][8], each from zero in ascending k. */
static inline void tile_4x8(float *sums, const float *const a[TILE_ROWS], size_t a_column,
                            const float *panel, size_t depth) {
  f32x4 s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0};
  f32x4 s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
  const float *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[3];
  for (size_t kk = 0; kk < depth; kk++) {
    const f32x4 b0 = f32x4_load(panel + kk * PANEL);
    const f32x4 b1 = f32x4_load(panel + kk * PANEL + 4);
    const size_t at = kk * a_column;
    f32x4 x = f32x4_splat(a0[at]);
    s00 += x * b0;
    s01 += x * b1;
    x = f32x4_splat(a1[at]);
    s10 += x * b0;
    s11 += x * b1;
    x = f32x4_splat(a2[at]);
    s20 += x * b0;
    s21 += x * b1;
    x = f32x4_splat(a3[at]);
    s30 += x * b0;
    s31 += x * b1;
  }
  f32x4_store(sums, s00);
  f32x4_store(sums + 4, s01);
  f32x4_store(sums + 8, s10);
  f32x4_store(sums + 12, s11);
  f32x4_store(sums + 16, s20);
  f32x4_store(sums + 20, s21);
  f32x4_store(sums + 24, s30);
  f32x4_store(sums + 28, s31);
}

static void store_tile(float *c, const float *sums, int accumulate, size_t ldc, size_t rows,
                       size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) {
      const float sum = sums[i * PANEL + j];
      c[i * ldc + j] = accumulate ? c[i * ldc + j] + sum : sum;
    }
  }
}

static void multiply_panel(float *c, cnn_matrix a, const float *panel, int accumulate, size_t ldc,
                           size_t m, size_t columns, size_t depth) {
  float sums[TILE_ROWS * PANEL];
  for (size_t i = 0; i < m; i += TILE_ROWS) {
    const size_t rows = min_size(TILE_ROWS, m - i);
    const float *row[TILE_ROWS];
    for (size_t r = 0; r < TILE_ROWS; r++) {
      row[r] = a.data + (i + min_size(r, rows - 1)) * a.row;
    }
    if (a.column == 1) { /* a constant stride makes a tighter loop */
      tile_4x8(sums, row, 1, panel, depth);
    } else {
      tile_4x8(sums, row, a.column, panel, depth);
    }
    if (columns == PANEL) {
      store_tile(c + i * ldc, sums, accumulate, ldc, rows, PANEL);
    } else {
      store_tile(c + i * ldc, sums, accumulate, ldc, rows, columns);
    }
  }
}

void cnn_gemm(float *c, cnn_matrix a, cnn_matrix b, float *pack, int accumulate, size_t ldc,
              size_t m, size_t n, size_t k) {
  for (size_t k0 = 0; k0 < k; k0 += CNN_GEMM_BLOCK) {
    const size_t depth = min_size(CNN_GEMM_BLOCK, k - k0);
    const cnn_matrix a_block = {a.data + k0 * a.column, a.row, a.column};
    for (size_t n0 = 0; n0 < n; n0 += PANEL) {
      const size_t columns = min_size(PANEL, n - n0);
      const cnn_matrix b_block = {b.data + k0 * b.row + n0 * b.column, b.row, b.column};
      pack_panel(pack, b_block, columns, depth);
      multiply_panel(c + n0, a_block, pack, accumulate || k0 > 0, ldc, m, columns, depth);
    }
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
