/* See head.h. Loops over contiguous filters; compilers vectorise them lane-wise. */
#include "head.h"

#include "simd.h"

enum { MAX_FILTERS = 64 };

/* Four filters at a time, which compilers do not find by themselves. */
static void max_of_four(float *features, int32_t *place, const float *map, size_t positions,
                        size_t filters) {
  f32x4 best = f32x4_load(map);
  i32x4 best_place = {0};
  for (size_t i = 1; i < positions; i++) {
    const f32x4 value = f32x4_load(map + i * filters);
    const int32_t here = (int32_t)i;
    const i32x4 wins = (value > best) | (value != value);
    best = f32x4_select(wins, value, best);
    best_place = i32x4_select(wins, (i32x4){here, here, here, here}, best_place);
  }
  f32x4_store(features, best);
  memcpy(place, &best_place, sizeof best_place);
}

void cnn_global_max(float *features, int32_t *place, const float *map, size_t positions,
                    size_t filters) {
  size_t f = 0;
  for (; f + 4 <= filters; f += 4) {
    max_of_four(features + f, place + f, map + f, positions, filters);
  }
  for (; f < filters; f++) {
    features[f] = map[f];
    place[f] = 0;
    for (size_t i = 1; i < positions; i++) {
      const float value = map[i * filters + f];
      if (value > features[f] || value != value) {
        features[f] = value;
        place[f] = (int32_t)i;
      }
    }
  }
}

void cnn_global_max_gradient(float *dmap, const float *dfeatures, const int32_t *place,
                             size_t positions, size_t filters) {
  memset(dmap, 0, positions * filters * sizeof *dmap);
  for (size_t f = 0; f < filters; f++) {
    dmap[(size_t)place[f] * filters + f] = dfeatures[f];
  }
}

/* Mean over rows[0]..rows[1]-1 and the same of columns: a sum per row, then over rows. */
static void cell_average(float *mean, const float *map, size_t side, size_t filters,
                         const size_t rows[2], const size_t columns[2]) {
  float row[MAX_FILTERS];
  const float count = (float)((rows[1] - rows[0]) * (columns[1] - columns[0]));
  memset(mean, 0, filters * sizeof *mean);
  for (size_t y = rows[0]; y < rows[1]; y++) {
    memset(row, 0, filters * sizeof *row);
    for (size_t x = columns[0]; x < columns[1]; x++) {
      for (size_t f = 0; f < filters; f++) {
        row[f] += map[(y * side + x) * filters + f];
      }
    }
    for (size_t f = 0; f < filters; f++) {
      mean[f] += row[f];
    }
  }
  for (size_t f = 0; f < filters; f++) {
    mean[f] /= count;
  }
}

void cnn_global_average(float *features, const float *map, size_t side, size_t filters) {
  const size_t whole[2] = {0, side};
  cell_average(features, map, side, filters, whole, whole);
}

void cnn_global_average_gradient(float *dmap, const float *dfeatures, size_t positions,
                                 size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    dmap[f] = dfeatures[f] / (float)positions;
  }
  for (size_t i = 1; i < positions; i++) {
    memcpy(dmap + i * filters, dmap, filters * sizeof *dmap);
  }
}

void cnn_grid_span(size_t span[2], size_t i, size_t grid, size_t side) {
  span[0] = i * side / grid;
  span[1] = ((i + 1) * side + grid - 1) / grid;
}

void cnn_grid_average(float *features, const float *map, size_t grid, size_t side, size_t filters) {
  for (size_t cell = 0; cell < grid * grid; cell++) {
    size_t rows[2];
    size_t columns[2];
    cnn_grid_span(rows, cell / grid, grid, side);
    cnn_grid_span(columns, cell % grid, grid, side);
    cell_average(features + cell * filters, map, side, filters, rows, columns);
  }
}

/* Adds share [F] to every position of a cell. */
static void spread(float *dmap, const float *share, size_t side, size_t filters,
                   const size_t rows[2], const size_t columns[2]) {
  for (size_t y = rows[0]; y < rows[1]; y++) {
    for (size_t x = columns[0]; x < columns[1]; x++) {
      for (size_t f = 0; f < filters; f++) {
        dmap[(y * side + x) * filters + f] += share[f];
      }
    }
  }
}

void cnn_grid_average_gradient(float *dmap, const float *dfeatures, size_t grid, size_t side,
                               size_t filters) {
  float share[MAX_FILTERS];
  memset(dmap, 0, side * side * filters * sizeof *dmap);
  for (size_t cell = 0; cell < grid * grid; cell++) {
    size_t rows[2];
    size_t columns[2];
    cnn_grid_span(rows, cell / grid, grid, side);
    cnn_grid_span(columns, cell % grid, grid, side);
    const float count = (float)((rows[1] - rows[0]) * (columns[1] - columns[0]));
    for (size_t f = 0; f < filters; f++) {
      share[f] = dfeatures[cell * filters + f] / count;
    }
    spread(dmap, share, side, filters, rows, columns);
  }
}
