/* Layer norm against a double precision computation and central differences of it, hand-computed
 * cases, and what must hold at the edges: one filter, no variance, huge values, NaN. */
#include "norm.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

enum { MAX_FILTERS = 64, POSITIONS = 9, MAX_VALUES = POSITIONS * MAX_FILTERS };

typedef struct {
  size_t filters;
  float z[MAX_VALUES], dy[MAX_VALUES];
  float gamma[MAX_FILTERS], beta[MAX_FILTERS];
  float y[MAX_VALUES], dz[MAX_VALUES];
  double dgamma[MAX_FILTERS], dbeta[MAX_FILTERS];
} layer;

static void fill(layer *l, size_t filters, noise *random) {
  l->filters = filters;
  for (size_t i = 0; i < POSITIONS * filters; i++) {
    const size_t position = i / filters;
    l->z[i] = (0.25f + (float)(position % 4)) * noise_float(random) + (float)(position % 3);
  }
  noise_fill(l->dy, random, POSITIONS * filters);
  noise_fill(l->gamma, random, filters);
  noise_fill(l->beta, random, filters);
}

/* Gradients of the parameters are added to what stands there: 1 and 2. */
static void run(layer *l) {
  for (size_t f = 0; f < l->filters; f++) {
    l->dgamma[f] = 1.0;
    l->dbeta[f] = 2.0;
  }
  cnn_layer_norm(l->y, l->z, l->gamma, l->beta, POSITIONS, l->filters);
  cnn_layer_norm_gradient(l->dz, l->dgamma, l->dbeta, l->dy, l->z, l->gamma, POSITIONS, l->filters);
}

typedef struct {
  double mean, scale;
} statistics;

/* Of a position's z + step at filter `at`. */
static statistics moved_statistics(const layer *l, size_t position, size_t at, double step) {
  const float *z = l->z + position * l->filters;
  statistics s = {0.0, 0.0};
  double squares = 0.0;
  for (size_t i = 0; i < l->filters; i++) {
    s.mean += (double)z[i] + (i == at ? step : 0.0);
  }
  s.mean /= (double)l->filters;
  for (size_t i = 0; i < l->filters; i++) {
    const double d = (double)z[i] + (i == at ? step : 0.0) - s.mean;
    squares += d * d;
  }
  s.scale = 1.0 / sqrt(squares / (double)l->filters + 0.001);
  return s;
}

static statistics statistics_of(const layer *l, size_t position) {
  return moved_statistics(l, position, MAX_FILTERS, 0.0);
}

/* Normalised value f of a position from z + step at filter `at`. */
static double normal_of(const layer *l, size_t position, size_t f, size_t at, double step) {
  const statistics s = moved_statistics(l, position, at, step);
  return ((double)l->z[position * l->filters + f] + (f == at ? step : 0.0) - s.mean) * s.scale;
}

static double loss_of(const layer *l, size_t position, size_t at, double step) {
  double loss = 0.0;
  for (size_t f = 0; f < l->filters; f++) {
    loss += (double)l->dy[position * l->filters + f] *
            ((double)l->gamma[f] * normal_of(l, position, f, at, step) + (double)l->beta[f]);
  }
  return loss;
}

/* A few roundings of 2^-24 = 6e-8, of the normalised value and of the mean, which is taken away in
 * float. */
static void check_values(const layer *l) {
  double worst = 0.0;
  for (size_t i = 0; i < POSITIONS * l->filters; i++) {
    const size_t f = i % l->filters;
    const statistics s = statistics_of(l, i / l->filters);
    const double normal = ((double)l->z[i] - s.mean) * s.scale;
    const double y = (double)l->gamma[f] * normal + (double)l->beta[f];
    const double size = 1.0 + fabs(normal) + fabs(s.mean) * s.scale;
    worst = worse(worst, fabs((double)l->y[i] - y) / size);
  }
  CHECK(worst < 2e-7, "filters %zu: off by %g", l->filters, worst);
}

/* Step 1e-5: truncation near h^2 times a third derivative, rounding near 1e-16 / h. Errors as
 * shares of the terms of dz, which may nearly cancel. */
static void check_gradient(const layer *l) {
  const double h = 1e-5;
  double worst = 0.0, condition = 1.0;
  for (size_t position = 0; position < POSITIONS; position++) {
    double error = 0.0, largest = 0.0;
    for (size_t f = 0; f < l->filters; f++) {
      const size_t at = position * l->filters + f;
      const double slope = (loss_of(l, position, f, h) - loss_of(l, position, f, -h)) / (2.0 * h);
      error = worse(error, fabs((double)l->dz[at] - slope));
      largest = worse(largest, fabs((double)l->gamma[f] * (double)l->dy[at]));
    }
    const statistics s = statistics_of(l, position);
    condition = worse(condition, 1.0 + fabs(s.mean) * s.scale);
    worst = worse(worst, error / largest / s.scale / (1.0 + fabs(s.mean) * s.scale));
  }
  CHECK(worst < 1e-6, "filters %zu: dz off by %g", l->filters, worst);
  for (size_t f = 0; f < l->filters; f++) { /* linear in gamma and beta: the slope is a sum */
    double by_gamma = 1.0, by_beta = 2.0;
    for (size_t position = 0; position < POSITIONS; position++) {
      const double dy = (double)l->dy[position * l->filters + f];
      by_gamma += dy * normal_of(l, position, f, MAX_FILTERS, 0.0);
      by_beta += dy;
    }
    CHECK(fabs(l->dgamma[f] - by_gamma) < 1e-6 * condition && fabs(l->dbeta[f] - by_beta) < 1e-12,
          "filters %zu: dgamma %g not %g, dbeta %g not %g", l->filters, l->dgamma[f], by_gamma,
          l->dbeta[f], by_beta);
  }
}

/* Equal bits with the plain twin. */
static void check_twin(const layer *l) {
  static layer twin;
  const size_t bytes = POSITIONS * l->filters * sizeof(float);
  const size_t parameters = l->filters * sizeof(double);
  twin = *l;
  for (size_t f = 0; f < l->filters; f++) {
    twin.dgamma[f] = 1.0;
    twin.dbeta[f] = 2.0;
  }
  cnn_layer_norm_ref(twin.y, l->z, l->gamma, l->beta, POSITIONS, l->filters);
  cnn_layer_norm_gradient_ref(twin.dz, twin.dgamma, twin.dbeta, l->dy, l->z, l->gamma, POSITIONS,
                              l->filters);
  CHECK(memcmp(twin.y, l->y, bytes) == 0, "filters %zu: y and its twin", l->filters);
  CHECK(memcmp(twin.dz, l->dz, bytes) == 0, "filters %zu: dz and its twin", l->filters);
  CHECK(memcmp(twin.dgamma, l->dgamma, parameters) == 0 &&
            memcmp(twin.dbeta, l->dbeta, parameters) == 0,
        "filters %zu: dgamma or dbeta and its twin", l->filters);
}

/* The order of the four sums, which rounding to float hides unless huge terms cancel. */
static void check_order(size_t filters, noise *random) {
  static layer l;
  fill(&l, filters, random);
  memset(l.beta, 0, sizeof l.beta);
  for (size_t i = 0; i < POSITIONS * filters; i++) {
    const uint32_t kind = noise_below(random, 4);
    l.z[i] = kind == 0 ? 0x1p60f : kind == 1 ? -0x1p60f : l.z[i];
    l.dy[i] = kind == 2 ? 0x1p60f : kind == 3 ? -0x1p60f : l.dy[i];
  }
  run(&l);
  check_twin(&l);
}

static void check_known_values(void) {
  const float z[2] = {1.0f, 3.0f}, gamma[2] = {2.0f, 4.0f}, beta[2] = {0.5f, -1.0f};
  const double normal = 1.0 / sqrt(1.001); /* mean 2, biased variance 1 */
  float y[2];
  cnn_layer_norm(y, z, gamma, beta, 1, 2);
  CHECK(fabs((double)y[0] - (0.5 - 2.0 * normal)) < 3e-7, "y is %.9g", (double)y[0]);
  CHECK(fabs((double)y[1] - (4.0 * normal - 1.0)) < 3e-7, "y is %.9g", (double)y[1]);
}

/* One filter, or equal ones: y is beta. One filter has no gradient at all; equal ones keep the
 * differences of gamma * dy, times 1/sqrt(0.001). */
static void check_constant(void) {
  static layer l;
  noise random = noise_of(43);
  fill(&l, 1, &random);
  run(&l);
  for (size_t i = 0; i < POSITIONS; i++) {
    CHECK(l.y[i] == l.beta[0] && l.dz[i] == 0.0f, "one filter: y %g dz %g", (double)l.y[i],
          (double)l.dz[i]);
  }
  fill(&l, 2, &random);
  for (size_t i = 0; i < POSITIONS * 2; i++) {
    l.z[i] = 0.1f;
  }
  run(&l);
  for (size_t i = 0; i < POSITIONS * 2; i += 2) {
    const double g0 = (double)l.gamma[0] * (double)l.dy[i];
    const double g1 = (double)l.gamma[1] * (double)l.dy[i + 1];
    const double dz = (g0 - g1) / 2.0 / sqrt(0.001);
    CHECK(l.y[i] == l.beta[0] && l.y[i + 1] == l.beta[1], "equal filters: y %g", (double)l.y[i]);
    CHECK(fabs((double)l.dz[i] - dz) < 1e-5 && fabs((double)l.dz[i + 1] + dz) < 1e-5,
          "equal filters: dz %g not %g", (double)l.dz[i], dz);
  }
}

/* Squares far beyond float do not overflow: statistics are double. */
static void check_huge(void) {
  static layer l;
  noise random = noise_of(44);
  fill(&l, 5, &random);
  for (size_t i = 0; i < POSITIONS * 5; i++) {
    l.z[i] *= 1e35f;
  }
  run(&l);
  check_values(&l);
  for (size_t i = 0; i < POSITIONS * 5; i++) {
    CHECK(fabs((double)l.dz[i]) < 1e-30, "dz %g", (double)l.dz[i]);
  }
}

/* A NaN reaches every filter of its position, and no other position. */
static void check_not_a_number(void) {
  static layer l;
  noise random = noise_of(45);
  fill(&l, 6, &random);
  l.z[6 * 4 + 2] = NAN;
  run(&l);
  size_t wrong = 0;
  for (size_t i = 0; i < POSITIONS * 6; i++) {
    const int bad = i / 6 == 4;
    wrong += (l.y[i] != l.y[i]) != bad;
    wrong += (l.dz[i] != l.dz[i]) != bad;
  }
  CHECK(wrong == 0, "%zu values have lost or caught NaN", wrong);
}

static void check_places(layer *l) {
  const size_t bytes = POSITIONS * l->filters * sizeof(float);
  guarded y = guarded_new(GUARD_BYTES + 4, bytes, 0), dz = guarded_new(GUARD_BYTES + 4, bytes, 0);
  double dgamma[MAX_FILTERS] = {0.0}, dbeta[MAX_FILTERS] = {0.0};
  memcpy(guarded_byte(&y), l->z, bytes);
  memcpy(guarded_byte(&dz), l->dy, bytes);
  cnn_layer_norm(guarded_float(&y), guarded_float(&y), l->gamma, l->beta, POSITIONS, l->filters);
  cnn_layer_norm_gradient(guarded_float(&dz), dgamma, dbeta, guarded_float(&dz), l->z, l->gamma,
                          POSITIONS, l->filters);
  CHECK(memcmp(guarded_byte(&y), l->y, bytes) == 0, "filters %zu: y in place", l->filters);
  CHECK(memcmp(guarded_byte(&dz), l->dz, bytes) == 0, "filters %zu: dz in place", l->filters);
  const int intact = guarded_end(&y) + guarded_end(&dz);
  CHECK(intact == 2, "filters %zu: wrote outside", l->filters);
}

int main(void) {
  static layer l;
  noise random = noise_of(42), other = noise_of(46);
  uint64_t hash = BITS_START;
  for (size_t filters = 1; filters <= MAX_FILTERS; filters++) {
    fill(&l, filters, &random);
    run(&l);
    check_values(&l);
    check_gradient(&l);
    check_twin(&l);
    check_order(filters, &other);
    check_places(&l);
    hash = bits_of(hash, l.y, POSITIONS * filters * sizeof(float));
    hash = bits_of(hash, l.dz, POSITIONS * filters * sizeof(float));
    hash = bits_of(hash, l.dgamma, filters * sizeof(double));
    hash = bits_of(hash, l.dbeta, filters * sizeof(double));
  }
  check_bits("layer norm", hash, UINT64_C(0x967471757868991f));
  check_known_values();
  check_constant();
  check_huge();
  check_not_a_number();
  return check_finish("layer norm");
}
