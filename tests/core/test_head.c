/* Global and grid pooling against plain double computations: the first of equal maxima, the mean's
 * rounding bound, cells that overlap, and gradients that put back exactly what went in. */
#include "head.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

enum { MAX_SIDE = 13, MAX_FILTERS = 64 };

/* Values in 0..7 so that every filter's maximum occurs several times. */
static void check_max(size_t side, size_t filters, noise *random) {
  const size_t positions = side * side;
  guarded map = guarded_floats(positions * filters, 0),
          dmap = guarded_floats(positions * filters, 0);
  guarded features = guarded_floats(filters, 0), dfeatures = guarded_floats(filters, 0);
  guarded place = guarded_floats(filters, 0);
  int32_t *places = (int32_t *)(void *)guarded_byte(&place);
  for (size_t i = 0; i < positions * filters; i++) {
    guarded_float(&map)[i] = (float)noise_below(random, 8);
  }
  noise_fill(guarded_float(&dfeatures), random, filters);
  memset(guarded_byte(&dmap), 0x7f, dmap.bytes); /* must be overwritten */

  cnn_global_max(guarded_float(&features), places, guarded_float(&map), positions, filters);
  cnn_global_max_gradient(guarded_float(&dmap), guarded_float(&dfeatures), places, positions,
                          filters);
  size_t wrong = 0;
  for (size_t f = 0; f < filters; f++) {
    size_t first = positions;
    for (size_t i = positions; i-- > 0;) { /* backwards: the last one seen is the first */
      const float value = guarded_float(&map)[i * filters + f];
      first = first == positions || value >= guarded_float(&map)[first * filters + f] ? i : first;
    }
    wrong += (size_t)places[f] != first;
    wrong += guarded_float(&features)[f] != guarded_float(&map)[first * filters + f];
    for (size_t i = 0; i < positions; i++) {
      const float expected = i == first ? guarded_float(&dfeatures)[f] : 0.0f;
      wrong += guarded_float(&dmap)[i * filters + f] != expected;
    }
  }
  CHECK(wrong == 0, "max, side %zu filters %zu: %zu wrong", side, filters, wrong);
  const int intact = guarded_end(&map) + guarded_end(&dmap) + guarded_end(&features) +
                     guarded_end(&dfeatures) + guarded_end(&place);
  CHECK(intact == 5, "max, side %zu filters %zu: wrote outside", side, filters);
}

/* Sums of `side` and again `side` floats, then a division: at most 2 side roundings. */
static void check_average(size_t side, size_t filters, noise *random) {
  const size_t positions = side * side;
  guarded map = guarded_floats(positions * filters, 0),
          dmap = guarded_floats(positions * filters, 0);
  guarded features = guarded_floats(filters, 0), dfeatures = guarded_floats(filters, 0);
  noise_fill(guarded_float(&map), random, positions * filters);
  noise_fill(guarded_float(&dfeatures), random, filters);
  cnn_global_average(guarded_float(&features), guarded_float(&map), side, filters);
  cnn_global_average_gradient(guarded_float(&dmap), guarded_float(&dfeatures), positions, filters);
  double worst = 0.0;
  size_t wrong = 0;
  for (size_t f = 0; f < filters; f++) {
    double sum = 0.0, size = 0.0;
    for (size_t i = 0; i < positions; i++) {
      sum += (double)guarded_float(&map)[i * filters + f];
      size += fabs((double)guarded_float(&map)[i * filters + f]);
      wrong += (double)guarded_float(&dmap)[i * filters + f] !=
               (double)(guarded_float(&dfeatures)[f] / (float)positions);
    }
    const double bound = 1.01 * 0x1p-24 * 2.0 * (double)side * size / (double)positions;
    const double error = fabs((double)guarded_float(&features)[f] - sum / (double)positions);
    worst = worse(worst, error / bound);
  }
  CHECK(worst <= 1.0, "average, side %zu filters %zu: %g times its bound", side, filters, worst);
  CHECK(wrong == 0, "average, side %zu filters %zu: %zu gradients wrong", side, filters, wrong);
  const int intact =
      guarded_end(&map) + guarded_end(&dmap) + guarded_end(&features) + guarded_end(&dfeatures);
  CHECK(intact == 4, "average, side %zu filters %zu: wrote outside", side, filters);
}

/* A map of 256 x 256 equal values has that mean to a few roundings: no drift of a long sum. */
static void check_large_average(void) {
  enum { SIDE = 256 };
  static float map[SIDE * SIDE];
  for (size_t i = 0; i < (size_t)SIDE * SIDE; i++) {
    map[i] = 0.1f;
  }
  float mean = 0.0f;
  cnn_global_average(&mean, map, SIDE, 1);
  /* two chains of 256 additions of nearly equal terms: measured 4e-6, a single chain gives 6e-4 */
  CHECK(fabs((double)mean - (double)0.1f) < 1e-5 * 0.1, "mean of 0.1 is %.9g", (double)mean);
}

/* In each of six filters, so in a lane and behind the last whole vector. */
static void check_not_a_number(void) {
  for (size_t at = 0; at < 4 * 6; at++) {
    float map[4 * 6], features[6];
    int32_t place[6];
    size_t wrong = 0;
    for (size_t i = 0; i < 4 * 6; i++) {
      map[i] = i == at ? NAN : i / 6 == 2 ? 3.0f : 1.0f;
    }
    cnn_global_max(features, place, map, 4, 6);
    for (size_t f = 0; f < 6; f++) {
      const int bad = f == at % 6;
      wrong += (features[f] != features[f]) != bad;
      wrong += place[f] != (bad ? (int32_t)(at / 6) : 2);
    }
    CHECK(wrong == 0, "NaN at %zu: %zu wrong", at, wrong);
  }
}

/* ---- Grid -------------------------------------------------------------------------------------
 */

/* Side 5 in two: cells 0..2 and 2..4, the middle row and column in both. */
static void check_known_grid(void) {
  static const float expected[4] = {6.0f, 8.0f, 16.0f, 18.0f};
  static const float dfeatures[4] = {9.0f, 18.0f, 36.0f, 72.0f};
  static const float shares[3] = {1.0f, 3.0f, 2.0f}; /* top row: left, middle, right */
  float map[25], features[4], dmap[25];
  for (int i = 0; i < 25; i++) {
    map[i] = (float)i;
  }
  cnn_grid_average(features, map, 2, 5, 1);
  cnn_grid_average_gradient(dmap, dfeatures, 2, 5, 1);
  CHECK(memcmp(features, expected, sizeof expected) == 0, "means %g %g %g %g", (double)features[0],
        (double)features[1], (double)features[2], (double)features[3]);
  CHECK(dmap[0] == shares[0] && dmap[2] == shares[1] && dmap[4] == shares[2], "top %g %g %g",
        (double)dmap[0], (double)dmap[2], (double)dmap[4]);
  CHECK(dmap[12] == 15.0f && dmap[10] == 5.0f && dmap[24] == 8.0f, "middle %g, left %g, last %g",
        (double)dmap[12], (double)dmap[10], (double)dmap[24]);
}

/* Whether row (or column) y lies in cell i: it touches the stretch i/grid..(i+1)/grid of the side.
 */
static int in_cell(size_t y, size_t i, size_t grid, size_t side) {
  return (y + 1) * grid > i * side && y * grid < (i + 1) * side;
}

/* Means and gradient by definition, over all cells and positions. */
static void check_grid(size_t grid, size_t side, size_t filters, noise *random) {
  const size_t positions = side * side, cells = grid * grid;
  guarded map = guarded_floats(positions * filters, 0);
  guarded dmap = guarded_floats(positions * filters, 0);
  guarded features = guarded_floats(cells * filters, 0);
  guarded dfeatures = guarded_floats(cells * filters, 0);
  double *slopes = calloc(positions * filters, sizeof *slopes);
  double worst = 0.0;
  if (slopes == NULL) {
    abort();
  }
  noise_fill(guarded_float(&map), random, positions * filters);
  noise_fill(guarded_float(&dfeatures), random, cells * filters);
  memset(guarded_byte(&dmap), 0x7f, dmap.bytes);
  cnn_grid_average(guarded_float(&features), guarded_float(&map), grid, side, filters);
  cnn_grid_average_gradient(guarded_float(&dmap), guarded_float(&dfeatures), grid, side, filters);
  for (size_t unit = 0; unit < cells * filters; unit++) {
    const size_t cell = unit / filters;
    double sum = 0.0, count = 0.0;
    for (int pass = 0; pass < 2; pass++) { /* the gradient needs the count */
      for (size_t i = 0; i < positions; i++) {
        if (in_cell(i / side, cell / grid, grid, side) &&
            in_cell(i % side, cell % grid, grid, side)) {
          const size_t at = i * filters + unit % filters;
          sum += pass == 0 ? (double)guarded_float(&map)[at] : 0.0;
          count += pass == 0 ? 1.0 : 0.0;
          slopes[at] += pass == 0 ? 0.0 : (double)guarded_float(&dfeatures)[unit] / count;
        }
      }
    }
    worst = worse(worst, fabs((double)guarded_float(&features)[unit] - sum / count));
  }
  CHECK(worst < 1e-6, "grid %zu side %zu filters %zu: off by %g", grid, side, filters, worst);
  worst = 0.0;
  for (size_t i = 0; i < positions * filters; i++) {
    worst = worse(worst, fabs((double)guarded_float(&dmap)[i] - slopes[i]));
  }
  CHECK(worst < 5e-7, "grid %zu side %zu filters %zu: gradient off by %g", grid, side, filters,
        worst);
  free(slopes);
  const int intact =
      guarded_end(&map) + guarded_end(&dmap) + guarded_end(&features) + guarded_end(&dfeatures);
  CHECK(intact == 4, "grid %zu side %zu filters %zu: wrote outside", grid, side, filters);
}

/* One cell is the global average, one cell per position the map itself. */
static void check_grid_limits(noise *random) {
  enum { SIDE = 7, FILTERS = 5 };
  float map[SIDE * SIDE * FILTERS], features[SIDE * SIDE * FILTERS], mean[FILTERS];
  float dmap[SIDE * SIDE * FILTERS], expected[SIDE * SIDE * FILTERS];
  noise_fill(map, random, sizeof map / sizeof map[0]);
  cnn_global_average(mean, map, SIDE, FILTERS);
  cnn_grid_average(features, map, 1, SIDE, FILTERS);
  CHECK(memcmp(features, mean, sizeof mean) == 0, "one cell is not the global average");
  cnn_global_average_gradient(expected, mean, (size_t)SIDE * SIDE, FILTERS);
  cnn_grid_average_gradient(dmap, mean, 1, SIDE, FILTERS);
  CHECK(memcmp(dmap, expected, sizeof dmap) == 0, "one cell's gradient");
  cnn_grid_average(features, map, SIDE, SIDE, FILTERS);
  cnn_grid_average_gradient(dmap, map, SIDE, SIDE, FILTERS);
  CHECK(memcmp(features, map, sizeof map) == 0, "a cell per position is not the map");
  CHECK(memcmp(dmap, map, sizeof map) == 0, "a cell per position: gradient");
}

static void check_same_bits(noise *random) {
  enum { SIDE = 13 };
  static float map[SIDE * SIDE * MAX_FILTERS], features[SIDE * SIDE * MAX_FILTERS];
  static float dmap[SIDE * SIDE * MAX_FILTERS];
  uint64_t hash = BITS_START;
  for (size_t filters = 1; filters <= MAX_FILTERS; filters += 7) {
    noise_fill(map, random, SIDE * SIDE * filters);
    for (size_t grid = 1; grid <= SIDE; grid++) {
      cnn_grid_average(features, map, grid, SIDE, filters);
      cnn_grid_average_gradient(dmap, features, grid, SIDE, filters);
      hash = bits_of(hash, features, grid * grid * filters * sizeof(float));
      hash = bits_of(hash, dmap, SIDE * SIDE * filters * sizeof(float));
    }
  }
  check_bits("grid", hash, UINT64_C(0x5082b6518b9aa4b0));
}

int main(void) {
  static const size_t filters[] = {1, 2, 3, 4, 5, 8, 16, 17, 32, 63, MAX_FILTERS};
  noise random = noise_of(11);
  for (size_t side = 1; side <= MAX_SIDE; side++) {
    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
      check_max(side, filters[f], &random);
      check_average(side, filters[f], &random);
      for (size_t grid = 1; grid <= side; grid++) {
        check_grid(grid, side, filters[f], &random);
      }
    }
  }
  check_large_average();
  check_not_a_number();
  check_known_grid();
  check_grid_limits(&random);
  check_same_bits(&random);
  return check_finish("head");
}
