/* Attention pooling against a double precision computation and central differences of it: one
 * position, equal scores, scores far apart, NaN. */
#include "head.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

enum { MAX_FILTERS = 64, MAX_POSITIONS = 49, MAX_VALUES = MAX_POSITIONS * MAX_FILTERS };

typedef struct {
  size_t positions, filters;
  float map[MAX_VALUES], query[MAX_FILTERS], dfeatures[MAX_FILTERS];
  float features[MAX_FILTERS], weights[MAX_POSITIONS], dmap[MAX_VALUES];
  double dquery[MAX_FILTERS];
} head;

static void run(head *h) {
  cnn_attention(h->features, h->weights, h->map, h->query, h->positions, h->filters);
  for (size_t f = 0; f < h->filters; f++) {
    h->dquery[f] = 1.0; /* the share is added */
  }
  cnn_attention_gradient(h->dmap, h->dquery, h->dfeatures, h->map, h->weights, h->features,
                         h->query, h->positions, h->filters);
}

static void fill(head *h, size_t positions, size_t filters, noise *random) {
  h->positions = positions;
  h->filters = filters;
  noise_fill(h->map, random, positions * filters);
  noise_fill(h->query, random, filters);
  noise_fill(h->dfeatures, random, filters);
}

/* Weights and features by definition. */
static void attend(double *features, double *weights, const double *map, const double *query,
                   size_t positions, size_t filters) {
  double sum = 0.0;
  for (size_t i = 0; i < positions; i++) {
    double score = 0.0;
    for (size_t f = 0; f < filters; f++) {
      score += map[i * filters + f] * query[f];
    }
    weights[i] = exp(score);
    sum += weights[i];
  }
  for (size_t f = 0; f < filters; f++) {
    features[f] = 0.0;
    for (size_t i = 0; i < positions; i++) {
      features[f] += weights[i] / sum * map[i * filters + f];
    }
  }
  for (size_t i = 0; i < positions; i++) {
    weights[i] /= sum;
  }
}

/* A weight is rounded twice, so it is good to 2^-23 of itself, and a mean of values below 1 to that
 * and its own rounding. */
static void check_values(const head *h, const double *map, const double *query) {
  double features[MAX_FILTERS], weights[MAX_POSITIONS], worst = 0.0, sum = 0.0;
  attend(features, weights, map, query, h->positions, h->filters);
  for (size_t i = 0; i < h->positions; i++) {
    worst = worse(worst, fabs((double)h->weights[i] - weights[i]) / weights[i]);
    sum += (double)h->weights[i];
  }
  CHECK(worst <= 1.01 * 0x1p-23, "positions %zu filters %zu: weights off by %g", h->positions,
        h->filters, worst);
  CHECK(fabs(sum - 1.0) < 1e-6, "weights sum to %.9g", sum);
  worst = 0.0;
  for (size_t f = 0; f < h->filters; f++) {
    worst = worse(worst, fabs((double)h->features[f] - features[f]));
  }
  CHECK(worst <= 1.5 * 0x1p-23, "positions %zu filters %zu: features off by %g", h->positions,
        h->filters, worst);
}

static double loss_of(const head *h, const double *map, const double *query) {
  double features[MAX_FILTERS], weights[MAX_POSITIONS], loss = 0.0;
  attend(features, weights, map, query, h->positions, h->filters);
  for (size_t f = 0; f < h->filters; f++) {
    loss += (double)h->dfeatures[f] * features[f];
  }
  return loss;
}

/* Central difference in *value; step 1e-5: truncation near h^2, rounding near 1e-16 / h. */
static double slope_of(const head *h, const double *map, const double *query, double *value) {
  const double step = 1e-5, kept = *value;
  *value = kept + step;
  const double above = loss_of(h, map, query);
  *value = kept - step;
  const double below = loss_of(h, map, query);
  *value = kept;
  return (above - below) / (2.0 * step);
}

static void check_random(size_t positions, size_t filters, noise *random) {
  static head h;
  static double map[MAX_VALUES];
  double query[MAX_FILTERS], worst = 0.0;
  fill(&h, positions, filters, random);
  for (size_t i = 0; i < positions * filters; i++) {
    map[i] = (double)h.map[i];
  }
  for (size_t f = 0; f < filters; f++) {
    query[f] = (double)h.query[f];
  }
  run(&h);
  check_values(&h, map, query);
  for (size_t i = 0; i < positions * filters; i += 1 + positions * filters / 60) {
    worst = worse(worst, fabs((double)h.dmap[i] - slope_of(&h, map, query, &map[i])));
  }
  for (size_t f = 0; f < filters; f++) {
    worst = worse(worst, fabs(h.dquery[f] - 1.0 - slope_of(&h, map, query, &query[f])));
  }
  CHECK(worst < 1e-6, "positions %zu filters %zu: gradient off by %g", positions, filters, worst);

  const size_t bytes = positions * filters * sizeof(float); /* the same in place of the map */
  guarded place = guarded_new(GUARD_BYTES + 4, bytes, 0);
  double dquery[MAX_FILTERS];
  memcpy(guarded_byte(&place), h.map, bytes);
  for (size_t f = 0; f < filters; f++) {
    dquery[f] = 1.0;
  }
  cnn_attention_gradient(guarded_float(&place), dquery, h.dfeatures, guarded_float(&place),
                         h.weights, h.features, h.query, positions, filters);
  CHECK(memcmp(guarded_byte(&place), h.dmap, bytes) == 0, "dmap in place differs");
  CHECK(memcmp(dquery, h.dquery, filters * sizeof(double)) == 0, "dquery in place differs");
  CHECK(guarded_end(&place), "wrote outside");
}

/* Scores ln 3 and 0: weights 3/4 and 1/4. */
static void check_known_values(void) {
  static head h = {.positions = 2, .filters = 1, .map = {2.0f, 0.0f}, .dfeatures = {1.0f}};
  h.query[0] = (float)(log(3.0) / 2.0);
  run(&h);
  CHECK(fabs((double)h.weights[0] - 0.75) < 1e-7 && fabs((double)h.weights[1] - 0.25) < 1e-7,
        "weights %g, %g", (double)h.weights[0], (double)h.weights[1]);
  CHECK(fabs((double)h.features[0] - 1.5) < 2e-7, "feature %g", (double)h.features[0]);
  /* dscore = 3/4 (2 - 3/2), 1/4 (0 - 3/2) */
  CHECK(fabs(h.dquery[0] - 1.75) < 1e-6, "dquery %g", h.dquery[0] - 1.0);
  CHECK(fabs((double)h.dmap[0] - (0.75 + 0.375 * log(3.0) / 2.0)) < 1e-6, "dmap %g",
        (double)h.dmap[0]);
  CHECK(fabs((double)h.dmap[1] - (0.25 - 0.375 * log(3.0) / 2.0)) < 1e-6, "dmap %g",
        (double)h.dmap[1]);
}

/* Equal scores: a plain mean, exactly equal weights; a dead map attends everywhere alike. */
static void check_equal(void) {
  static head h;
  noise random = noise_of(62);
  fill(&h, 49, 6, &random);
  memset(h.query, 0, sizeof h.query);
  run(&h);
  float mean[6];
  cnn_global_average(mean, h.map, 7, 6);
  size_t wrong = 0;
  for (size_t i = 0; i < 49; i++) {
    wrong += h.weights[i] != 1.0f / 49.0f;
  }
  CHECK(wrong == 0, "%zu weights of equal scores differ", wrong);
  for (size_t f = 0; f < 6; f++) {
    CHECK(fabs((double)h.features[f] - (double)mean[f]) < 2e-7, "feature %g not the mean %g",
          (double)h.features[f], (double)mean[f]);
  }
  fill(&h, 9, 3, &random);
  memset(h.map, 0, sizeof h.map);
  run(&h);
  for (size_t i = 0; i < 9; i++) {
    CHECK(h.weights[i] == 1.0f / 9.0f, "dead map: weight %g", (double)h.weights[i]);
  }
  CHECK(h.features[0] == 0.0f && h.dquery[0] == 1.0, "dead map: feature %g", (double)h.features[0]);
  fill(&h, 1, 3, &random); /* one position has all the weight and no choice */
  run(&h);
  CHECK(h.weights[0] == 1.0f && h.features[1] == h.map[1] && h.dquery[1] == 1.0 &&
            h.dmap[1] == h.dfeatures[1],
        "one position: weight %g feature %g", (double)h.weights[0], (double)h.features[1]);
}

/* Scores of thousands, either sign, neither overflow nor lose the sum; what is below 1e-20 of the
 * largest is zero, with no trace in the gradient. */
static void check_far_apart(void) {
  static head h = {.positions = 3, .filters = 1, .map = {1.0f, 0.5f, 1.0f}, .dfeatures = {1.0f}};
  for (int sign = -1; sign <= 1; sign += 2) {
    h.query[0] = (float)sign * 1e30f;
    run(&h);
    const float ends = sign > 0 ? 0.5f : 0.0f, middle = sign > 0 ? 0.0f : 1.0f;
    CHECK(h.weights[0] == ends && h.weights[1] == middle && h.weights[2] == ends,
          "query %g: weights %g, %g", (double)h.query[0], (double)h.weights[0],
          (double)h.weights[1]);
    CHECK(h.features[0] == (sign > 0 ? 1.0f : 0.5f) && h.dmap[1] == middle && h.dquery[0] == 1.0,
          "query %g: feature %g", (double)h.query[0], (double)h.features[0]);
  }
  static const float scores[2] = {46.0f, 46.1f}; /* e^-46 = 1.05e-20, e^-46.1 = 9.5e-21 */
  for (size_t i = 0; i < 2; i++) {
    head *far = &h;
    far->positions = 2;
    far->map[0] = 1.0f;
    far->map[1] = 0.0f;
    far->query[0] = scores[i];
    run(far);
    CHECK((far->weights[1] > 0.0f) == (i == 0), "score %g: weight %g", -(double)scores[i],
          (double)far->weights[1]);
  }
}

static void check_not_a_number(void) {
  static head h;
  noise random = noise_of(63);
  static const float bad[2] = {NAN, INFINITY};
  for (size_t i = 0; i < 2; i++) {
    for (size_t at = 0; at < 4; at++) {
      fill(&h, 4, 3, &random);
      h.map[at * 3 + 1] = bad[i];
      h.query[1] = 1.0f;
      run(&h);
      for (size_t f = 0; f < 3; f++) {
        CHECK(h.features[f] != h.features[f], "%g at %zu: feature %zu is %g", (double)bad[i], at, f,
              (double)h.features[f]);
      }
    }
  }
}

static void check_same_bits(void) {
  static head h;
  noise random = noise_of(64);
  uint64_t hash = BITS_START;
  for (size_t filters = 1; filters <= MAX_FILTERS; filters++) {
    fill(&h, MAX_POSITIONS, filters, &random);
    run(&h);
    hash = bits_of(hash, h.features, filters * sizeof(float));
    hash = bits_of(hash, h.weights, MAX_POSITIONS * sizeof(float));
    hash = bits_of(hash, h.dmap, MAX_POSITIONS * filters * sizeof(float));
    hash = bits_of(hash, h.dquery, filters * sizeof(double));
  }
  check_bits("attention", hash, UINT64_C(0x2ca9373e73e64c73));
}

int main(void) {
  static const size_t positions[] = {1, 2, 4, 9, 25, MAX_POSITIONS};
  static const size_t filters[] = {1, 2, 3, 4, 5, 6, 7, 8, 17, MAX_FILTERS};
  noise random = noise_of(61);
  for (size_t p = 0; p < sizeof positions / sizeof positions[0]; p++) {
    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
      check_random(positions[p], filters[f], &random);
    }
  }
  check_known_values();
  check_equal();
  check_far_apart();
  check_not_a_number();
  check_same_bits();
  return check_finish("attention");
}
