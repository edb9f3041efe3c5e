/* Batch norm against a double precision computation and central differences of it, hand-computed
 * cases, and what must hold at the edges: no variance, one value, huge values, NaN. */
#include "norm.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

enum { MAX_FILTERS = 64, MAX_IMAGES = 3, MAX_POSITIONS = 30 };
enum { MAX_VALUES = MAX_IMAGES * MAX_POSITIONS * MAX_FILTERS };

/* A batch and everything that the core computes of it. */
typedef struct {
  size_t images, positions, filters;
  float z[MAX_VALUES], dy[MAX_VALUES];
  float gamma[MAX_FILTERS], beta[MAX_FILTERS];
  float mean[MAX_FILTERS], variance[MAX_FILTERS], scale[MAX_FILTERS];
  float y[MAX_VALUES], dz[MAX_VALUES];
  double dgamma[MAX_FILTERS], dbeta[MAX_FILTERS];
} batch;

static size_t values_of(const batch *b) {
  return b->images * b->positions * b->filters;
}

static void fill(batch *b, size_t images, size_t positions, size_t filters, noise *random) {
  b->images = images;
  b->positions = positions;
  b->filters = filters;
  for (size_t i = 0; i < values_of(b); i++) { /* filters of different mean and spread */
    const float spread = 0.25f + (float)(i % filters % 5);
    b->z[i] = spread * noise_float(random) + (float)(i % filters % 3);
  }
  noise_fill(b->dy, random, values_of(b));
  noise_fill(b->gamma, random, filters);
  noise_fill(b->beta, random, filters);
}

/* As a trainer calls it. */
static void run(batch *b) {
  double sum[MAX_FILTERS] = {0.0}, mean[MAX_FILTERS], squares[MAX_FILTERS] = {0.0};
  const double count = (double)(b->images * b->positions);
  const size_t image = b->positions * b->filters;
  for (size_t i = 0; i < b->images; i++) {
    cnn_batch_norm_add_sum(sum, b->z + i * image, b->positions, b->filters);
  }
  for (size_t f = 0; f < b->filters; f++) {
    mean[f] = sum[f] / count;
    b->mean[f] = (float)mean[f];
    b->dgamma[f] = b->dbeta[f] = 0.0;
  }
  for (size_t i = 0; i < b->images; i++) {
    cnn_batch_norm_add_square(squares, b->z + i * image, mean, b->positions, b->filters);
  }
  for (size_t f = 0; f < b->filters; f++) {
    squares[f] /= count;
    b->variance[f] = (float)squares[f];
  }
  cnn_batch_norm_scale(b->scale, squares, b->filters);
  for (size_t i = 0; i < b->images; i++) {
    cnn_batch_norm_apply(b->y + i * image, b->z + i * image, b->mean, b->scale, b->gamma, b->beta,
                         b->positions, b->filters);
    cnn_batch_norm_add_gradient(b->dgamma, b->dbeta, b->dy + i * image, b->z + i * image, b->mean,
                                b->scale, b->positions, b->filters);
  }
  for (size_t i = 0; i < b->images; i++) {
    cnn_batch_norm_gradient(b->dz + i * image, b->dy + i * image, b->z + i * image, b->mean,
                            b->scale, b->gamma, b->dgamma, b->dbeta, count, b->positions,
                            b->filters);
  }
}

/* ---- Double precision ------------------------------------------------------------------------ */

/* y of filter f of the whole batch, from z + step at value `at`. */
static double normal_of(double *variance, const batch *b, size_t f, size_t value, size_t at,
                        double step) {
  const size_t count = b->images * b->positions;
  double mean = 0.0, squares = 0.0;
  for (size_t i = 0; i < count; i++) {
    mean += (double)b->z[i * b->filters + f] + (i == at ? step : 0.0);
  }
  mean /= (double)count;
  for (size_t i = 0; i < count; i++) {
    const double d = (double)b->z[i * b->filters + f] + (i == at ? step : 0.0) - mean;
    squares += d * d;
  }
  *variance = squares / (double)count;
  const double z = (double)b->z[value * b->filters + f] + (value == at ? step : 0.0);
  return (z - mean) / sqrt(*variance + 0.001);
}

/* The loss sum(dy * y) over filter f, whose gradients the core's must be. */
static double loss_of(const batch *b, size_t f, size_t at, double step, double gamma, double beta) {
  double loss = 0.0, variance;
  for (size_t i = 0; i < b->images * b->positions; i++) {
    const double normal = normal_of(&variance, b, f, i, at, step);
    loss += (double)b->dy[i * b->filters + f] * (gamma * normal + beta);
  }
  return loss;
}

/* Values to a few roundings of 2^-24 = 6e-8, of the normalised value and of the mean, which is
 * taken away in float. */
static void check_values(const batch *b) {
  double worst = 0.0;
  for (size_t f = 0; f < b->filters; f++) {
    for (size_t i = 0; i < b->images * b->positions; i++) {
      double variance;
      const double normal = normal_of(&variance, b, f, i, 0, 0.0);
      const double y = (double)b->gamma[f] * normal + (double)b->beta[f];
      const double size = 1.0 + fabs(normal) + fabs((double)b->mean[f] * (double)b->scale[f]);
      worst = worse(worst, fabs((double)b->y[i * b->filters + f] - y) / size);
      worst = worse(worst, fabs((double)b->variance[f] - variance) / (1.0 + variance));
    }
  }
  CHECK(worst < 2e-7, "images %zu positions %zu filters %zu: off by %g", b->images, b->positions,
        b->filters, worst);
}

/* Step 1e-5: truncation near h^2, rounding near 1e-16 / h. */
static void check_gradient(const batch *b) {
  const double h = 1e-5;
  const size_t none = b->images * b->positions;
  double worst = 0.0, largest = 1e-3;
  for (size_t f = 0; f < b->filters; f++) {
    const double gamma = (double)b->gamma[f], beta = (double)b->beta[f];
    for (size_t i = 0; i < none; i++) {
      const double slope =
          (loss_of(b, f, i, h, gamma, beta) - loss_of(b, f, i, -h, gamma, beta)) / (2.0 * h);
      largest = worse(largest, fabs(slope));
      worst = worse(worst, fabs((double)b->dz[i * b->filters + f] - slope));
    }
    const double by_gamma =
        (loss_of(b, f, none, 0.0, gamma + h, beta) - loss_of(b, f, none, 0.0, gamma - h, beta)) /
        (2.0 * h);
    const double by_beta =
        (loss_of(b, f, none, 0.0, gamma, beta + h) - loss_of(b, f, none, 0.0, gamma, beta - h)) /
        (2.0 * h);
    worst = worse(worst, fabs(b->dgamma[f] - by_gamma));
    worst = worse(worst, fabs(b->dbeta[f] - by_beta));
  }
  CHECK(worst < 1e-6 * largest + 1e-6, "images %zu positions %zu filters %zu: %g of %g", b->images,
        b->positions, b->filters, worst, largest);
}

/* Equal bits with the plain twins; the sums are added to what stands there, and to nothing else. */
static void check_twins(const batch *b) {
  static batch twin;
  double mean[MAX_FILTERS], *sums[2], *squares[2];
  guarded places[4];
  const size_t positions = b->images * b->positions, filters = b->filters;
  const size_t bytes = values_of(b) * sizeof(float), parameters = filters * sizeof(double);
  for (size_t i = 0; i < 4; i++) {
    places[i] = guarded_new(GUARD_BYTES, parameters, 0);
    *(i < 2 ? &sums[i] : &squares[i - 2]) = (double *)(void *)guarded_byte(&places[i]);
  }
  for (size_t f = 0; f < filters; f++) {
    mean[f] = (double)b->mean[f] + 1e-9;
    sums[0][f] = sums[1][f] = squares[0][f] = squares[1][f] = 0.1 * (double)f;
  }
  twin = *b;
  cnn_batch_norm_add_sum(sums[0], b->z, positions, filters);
  cnn_batch_norm_add_sum_ref(sums[1], b->z, positions, filters);
  cnn_batch_norm_add_square(squares[0], b->z, mean, positions, filters);
  cnn_batch_norm_add_square_ref(squares[1], b->z, mean, positions, filters);
  CHECK(memcmp(sums[0], sums[1], parameters) == 0, "filters %zu: sums", filters);
  CHECK(memcmp(squares[0], squares[1], parameters) == 0, "filters %zu: squares", filters);
  cnn_batch_norm_apply_ref(twin.y, b->z, b->mean, b->scale, b->gamma, b->beta, positions, filters);
  CHECK(memcmp(twin.y, b->y, bytes) == 0, "filters %zu: y", filters);
  cnn_batch_norm_gradient_ref(twin.dz, b->dy, b->z, b->mean, b->scale, b->gamma, b->dgamma,
                              b->dbeta, (double)positions, positions, filters);
  CHECK(memcmp(twin.dz, b->dz, bytes) == 0, "filters %zu: dz", filters);
  cnn_batch_norm_add_gradient(sums[0], squares[0], b->dy, b->z, b->mean, b->scale, positions,
                              filters);
  cnn_batch_norm_add_gradient_ref(sums[1], squares[1], b->dy, b->z, b->mean, b->scale, positions,
                                  filters);
  CHECK(memcmp(sums[0], sums[1], parameters) == 0, "filters %zu: dgamma", filters);
  CHECK(memcmp(squares[0], squares[1], parameters) == 0, "filters %zu: dbeta", filters);
  int intact = 0;
  for (size_t i = 0; i < 4; i++) {
    intact += guarded_end(&places[i]);
  }
  CHECK(intact == 4, "filters %zu: sums wrote outside", filters);
}

static void check_sizes(void) {
  static const size_t filters[] = {1, 2, 3, 4, 5, 8, 17, MAX_FILTERS};
  static const size_t positions[] = {1, 4, 9, 25};
  static batch b;
  noise random = noise_of(31);
  for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
    for (size_t p = 0; p < sizeof positions / sizeof positions[0]; p++) {
      fill(&b, 1 + (f + p) % MAX_IMAGES, positions[p], filters[f], &random);
      run(&b);
      check_values(&b);
      if (filters[f] <= 5) {
        check_gradient(&b);
      }
    }
  }
  for (size_t f = 1; f <= MAX_FILTERS; f++) {
    fill(&b, MAX_IMAGES, 11, f, &random);
    run(&b);
    check_twins(&b);
  }
}

/* ---- By hand --------------------------------------------------------------------------------- */

static void check_known_values(void) {
  static batch b = {.images = 2,
                    .positions = 1,
                    .filters = 1,
                    .z = {1.0f, 3.0f},
                    .dy = {1.0f, 0.0f},
                    .gamma = {2.0f},
                    .beta = {0.5f}};
  run(&b);
  const double scale = 1.0 / sqrt(1.001); /* mean 2, biased variance 1 (unbiased: 2) */
  CHECK(b.mean[0] == 2.0f && b.variance[0] == 1.0f, "mean %g variance %g", (double)b.mean[0],
        (double)b.variance[0]);
  CHECK(fabs((double)b.scale[0] - scale) < 1e-7, "scale %.9g not %.9g", (double)b.scale[0], scale);
  CHECK(fabs((double)b.y[0] - (0.5 - 2.0 * scale)) < 3e-7, "y is %.9g", (double)b.y[0]);
  CHECK(fabs((double)b.y[1] - (0.5 + 2.0 * scale)) < 3e-7, "y is %.9g", (double)b.y[1]);
  CHECK(b.dbeta[0] == 1.0 && fabs(b.dgamma[0] + scale) < 1e-7, "dgamma %g", b.dgamma[0]);
  /* dz = 2 scale (1 - 1/2 - 1/2 scale^2): almost nothing, because two values are always +-1 */
  const double dz = 2.0 * scale * (0.5 - 0.5 * scale * scale);
  CHECK(fabs((double)b.dz[0] - dz) < 3e-7 && fabs((double)b.dz[1] + dz) < 3e-7, "dz %g, %g",
        (double)b.dz[0], (double)b.dz[1]);

  float mean[2] = {1.0f, 0.0f}, variance[2] = {1.0f, 0.0f};
  const double new_mean[2] = {0.0, 5.0}, new_variance[2] = {3.0, 7.0};
  cnn_batch_norm_move(mean, variance, new_mean, new_variance, 2);
  CHECK(fabs((double)mean[0] - 0.99) < 1e-7 && fabs((double)mean[1] - 0.05) < 1e-8, "mean %g, %g",
        (double)mean[0], (double)mean[1]);
  CHECK(fabs((double)variance[0] - 1.02) < 2e-7 && fabs((double)variance[1] - 0.07) < 1e-8,
        "variance %g, %g", (double)variance[0], (double)variance[1]);
}

/* An image's sum runs from zero, in double, and is then added: 1e16 + 1 + 1 in one chain is 1e16.
 */
static void check_sums(void) {
  const float first = 1e16f, rest[2] = {1.0f, 1.0f};
  const double mean = 0.0;
  double sum = 0.0;
  cnn_batch_norm_add_sum(&sum, &first, 1, 1);
  cnn_batch_norm_add_sum(&sum, rest, 2, 1);
  CHECK(sum == (double)1e16f + 2.0, "sum %.17g", sum);
  const float large = 1e8f;
  sum = 0.0;
  cnn_batch_norm_add_square(&sum, &large, &mean, 1, 1);
  cnn_batch_norm_add_square(&sum, rest, &mean, 2, 1);
  CHECK(sum == 1e16 + 2.0, "sum of squares %.17g", sum);
  const float image[2] = {0x1p24f, 1.0f};
  sum = 0.0;
  cnn_batch_norm_add_sum(&sum, image, 2, 1);
  CHECK(sum == 0x1p24 + 1.0, "an image's sum is not double: %.17g", sum);
  sum = 0.0;
  cnn_batch_norm_add_square(&sum, image, &mean, 2, 1);
  CHECK(sum == 0x1p48 + 1.0, "an image's sum of squares is not double: %.17g", sum);
}

/* ---- Edges ----------------------------------------------------------------------------------- */

/* Without variance y is beta, and dz what is left of dy's differences times 1/sqrt(0.001). */
static void check_constant(void) {
  static batch b;
  noise random = noise_of(37);
  fill(&b, 2, 4, 3, &random);
  for (size_t i = 0; i < values_of(&b); i++) {
    b.z[i] = 0.5f;
  }
  run(&b);
  double worst = 0.0;
  for (size_t i = 0; i < values_of(&b); i++) {
    const size_t f = i % 3;
    const double dz = (double)b.gamma[f] / sqrt(0.001) * ((double)b.dy[i] - b.dbeta[f] / 8.0);
    worst = worse(worst, fabs((double)b.y[i] - (double)b.beta[f]));
    worst = worse(worst, 0.01 * fabs((double)b.dz[i] - dz));
  }
  CHECK(worst < 1e-6, "constant map: off by %g", worst);

  fill(&b, 1, 1, 3, &random); /* one value per filter */
  run(&b);
  for (size_t f = 0; f < 3; f++) {
    CHECK(b.y[f] == b.beta[f] && b.dz[f] == 0.0f, "one value: y %g dz %g", (double)b.y[f],
          (double)b.dz[f]);
  }
}

/* 1e15 squares to 1e30; the largest variance that a float holds is 3e38. */
static void check_huge(void) {
  static batch b;
  noise random = noise_of(38);
  fill(&b, 2, 9, 2, &random);
  for (size_t i = 0; i < values_of(&b); i++) {
    b.z[i] *= 1e15f;
  }
  run(&b);
  check_values(&b);
  for (size_t i = 0; i < values_of(&b); i++) {
    CHECK(fabs((double)b.dz[i]) < 1e-13, "dz %g", (double)b.dz[i]);
  }
}

/* A NaN reaches every value of its filter, and no other filter. */
static void check_not_a_number(void) {
  static batch b;
  noise random = noise_of(39);
  fill(&b, 2, 4, 3, &random);
  b.z[3 * 2 + 1] = NAN;
  run(&b);
  size_t wrong = 0;
  for (size_t i = 0; i < values_of(&b); i++) {
    const int bad = i % 3 == 1;
    wrong += (b.y[i] != b.y[i]) != bad;
    wrong += (b.dz[i] != b.dz[i]) != bad;
  }
  CHECK(wrong == 0, "%zu values have lost or caught NaN", wrong);
}

/* In place, and inside guarded arrays. */
static void check_places(void) {
  static batch b;
  noise random = noise_of(40);
  for (size_t filters = 1; filters <= MAX_FILTERS; filters += 3) {
    fill(&b, 1, 7, filters, &random);
    run(&b);
    const size_t bytes = values_of(&b) * sizeof(float);
    guarded y = guarded_new(GUARD_BYTES + 4, bytes, 0), dz = guarded_new(GUARD_BYTES + 4, bytes, 0);
    memcpy(guarded_byte(&y), b.z, bytes);
    memcpy(guarded_byte(&dz), b.dy, bytes);
    cnn_batch_norm_apply(guarded_float(&y), guarded_float(&y), b.mean, b.scale, b.gamma, b.beta, 7,
                         filters);
    cnn_batch_norm_gradient(guarded_float(&dz), guarded_float(&dz), b.z, b.mean, b.scale, b.gamma,
                            b.dgamma, b.dbeta, 7.0, 7, filters);
    CHECK(memcmp(guarded_byte(&y), b.y, bytes) == 0, "filters %zu: y in place differs", filters);
    CHECK(memcmp(guarded_byte(&dz), b.dz, bytes) == 0, "filters %zu: dz in place differs", filters);
    const int intact = guarded_end(&y) + guarded_end(&dz);
    CHECK(intact == 2, "filters %zu: wrote outside", filters);
  }
}

static void check_same_bits(void) {
  static batch b;
  noise random = noise_of(41);
  uint64_t hash = BITS_START;
  for (size_t filters = 1; filters <= MAX_FILTERS; filters += 9) {
    fill(&b, MAX_IMAGES, MAX_POSITIONS, filters, &random);
    run(&b);
    hash = bits_of(hash, b.y, values_of(&b) * sizeof(float));
    hash = bits_of(hash, b.dz, values_of(&b) * sizeof(float));
    hash = bits_of(hash, b.variance, filters * sizeof(float));
    hash = bits_of(hash, b.dgamma, filters * sizeof(double));
    hash = bits_of(hash, b.dbeta, filters * sizeof(double));
  }
  check_bits("batch norm", hash, UINT64_C(0x88501506910f83ea));
}

int main(void) {
  check_sizes();
  check_known_values();
  check_sums();
  check_constant();
  check_huge();
  check_not_a_number();
  check_places();
  check_same_bits();
  return check_finish("norm");
}
