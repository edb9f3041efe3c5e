/* ReLU and pooling of a map that the convolution wrote whole; see norm.h. Selects instead of
 * branches over contiguous filters, which compilers vectorise lane-wise. */
#include "cnn.h"
#include "conv.h"
#include "norm.h"

#include <string.h>

size_t cnn_winner_bytes(int pool, size_t side, size_t filters) {
  const size_t out_side = pool == CNN_POOL_MAX2 ? side / 2 : side;
  return out_side * out_side * filters;
}

/* z <= 0 is dead, so NaN is not. */
static inline float relu(float z) {
  return z <= 0.0f ? 0.0f : z;
}

static void mark_dead(uint8_t *winner, const float *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    winner[i] = y[i] <= 0.0f ? CNN_WINNER_DEAD : 0;
  }
}

static void rectify(float *out, const float *y, size_t count) {
  for (size_t i = 0; i < count; i++) {
    out[i] = relu(y[i]);
  }
}

/* Whether a later value of a cell takes its place. Bit by bit: && would be a branch. */
static inline int wins(float next, float best) {
  return (next > best) | (next != next);
}

/* One cell: rows y, y + row of two positions each. The maximum before ReLU is the one after.
 * restrict: without it a compiler compares all the places before each of these short loops. */
static void max_cell(float *restrict out, uint8_t *restrict winner, const float *restrict y,
                     size_t row, size_t filters) {
  const float *below = y + row;
  for (size_t f = 0; f < filters; f++) {
    const float z1 = y[filters + f];
    const float z2 = below[f];
    const float z3 = below[filters + f];
    float best = y[f];
    int32_t place = wins(z1, best) ? 1 : 0;
    best = wins(z1, best) ? z1 : best;
    place = wins(z2, best) ? 2 : place;
    best = wins(z2, best) ? z2 : best;
    place = wins(z3, best) ? 3 : place;
    best = wins(z3, best) ? z3 : best;
    out[f] = relu(best);
    winner[f] = (uint8_t)(best <= 0.0f ? CNN_WINNER_DEAD : place);
  }
}

static void average_cell(float *restrict out, const float *restrict y, size_t row, size_t filters) {
  const float *below = y + row;
  for (size_t f = 0; f < filters; f++) {
    const float top = relu(y[f]) + relu(y[filters + f]);
    const float bottom = relu(below[f]) + relu(below[filters + f]);
    out[f] = (top + bottom) * 0.25f;
  }
}

void cnn_activate_pool(float *out, uint8_t *winner, const float *y, int pool, size_t side,
                       size_t filters) {
  const size_t row = side * filters;
  if (pool != CNN_POOL_MAX2) {
    mark_dead(winner, y, side * row);
  }
  if (pool == CNN_POOL_NONE) {
    rectify(out, y, side * row);
    return;
  }
  for (size_t cell_y = 0; cell_y < side / 2; cell_y++) {
    for (size_t cell_x = 0; cell_x < side / 2; cell_x++) {
      const size_t cell = (cell_y * (side / 2) + cell_x) * filters;
      const float *corner = y + 2 * cell_y * row + 2 * cell_x * filters;
      if (pool == CNN_POOL_MAX2) {
        max_cell(out + cell, winner + cell, corner, row, filters);
      } else {
        average_cell(out + cell, corner, row, filters);
      }
    }
  }
}

/* ---- Gradient ---------------------------------------------------------------------------------
 */

static void revive(float *dy, const float *dout, const uint8_t *winner, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const float g = dout[i];
    dy[i] = winner[i] == CNN_WINNER_DEAD ? 0.0f : g;
  }
}

/* One cell: rows dy, dy + row of two positions each. */
static void max_gradient(float *restrict dy, const float *restrict dout,
                         const uint8_t *restrict winner, size_t row, size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    const float g = dout[f];
    const int32_t place = winner[f];
    dy[f] = place == 0 ? g : 0.0f;
    dy[filters + f] = place == 1 ? g : 0.0f;
    dy[row + f] = place == 2 ? g : 0.0f;
    dy[row + filters + f] = place == 3 ? g : 0.0f;
  }
}

/* winner of the cell's four values, laid out as dy. */
static void average_gradient(float *restrict dy, const float *restrict dout,
                             const uint8_t *restrict winner, size_t row, size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    const float g = dout[f] * 0.25f;
    dy[f] = winner[f] == CNN_WINNER_DEAD ? 0.0f : g;
    dy[filters + f] = winner[filters + f] == CNN_WINNER_DEAD ? 0.0f : g;
    dy[row + f] = winner[row + f] == CNN_WINNER_DEAD ? 0.0f : g;
    dy[row + filters + f] = winner[row + filters + f] == CNN_WINNER_DEAD ? 0.0f : g;
  }
}

/* The last row and column of an odd map belong to no cell. */
static void clear_dropped(float *dy, size_t side, size_t filters) {
  const size_t row = side * filters;
  for (size_t y = 0; y < side; y++) {
    memset(dy + y * row + row - filters, 0, filters * sizeof *dy);
  }
  memset(dy + (side - 1) * row, 0, row * sizeof *dy);
}

void cnn_activate_pool_gradient(float *dy, const float *dout, const uint8_t *winner, int pool,
                                size_t side, size_t filters) {
  const size_t row = side * filters;
  if (pool == CNN_POOL_NONE) {
    revive(dy, dout, winner, side * row);
    return;
  }
  if (side % 2 != 0) {
    clear_dropped(dy, side, filters);
  }
  for (size_t cell_y = 0; cell_y < side / 2; cell_y++) {
    for (size_t cell_x = 0; cell_x < side / 2; cell_x++) {
      const size_t cell = (cell_y * (side / 2) + cell_x) * filters;
      const size_t corner = 2 * cell_y * row + 2 * cell_x * filters;
      if (pool == CNN_POOL_MAX2) {
        max_gradient(dy + corner, dout + cell, winner + cell, row, filters);
      } else {
        average_gradient(dy + corner, dout + cell, winner + corner, row, filters);
      }
    }
  }
}
