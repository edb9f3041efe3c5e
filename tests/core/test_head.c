/* Global pooling against plain double computations: the first of equal maxima, the mean's rounding
 * bound, and gradients that put back exactly what went in. */
#include "head.h"

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

int main(void) {
  static const size_t filters[] = {1, 2, 3, 4, 5, 8, 16, 17, 32, 63, MAX_FILTERS};
  noise random = noise_of(11);
  for (size_t side = 1; side <= MAX_SIDE; side++) {
    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
      check_max(side, filters[f], &random);
      check_average(side, filters[f], &random);
    }
  }
  check_large_average();
  return check_finish("head");
}
