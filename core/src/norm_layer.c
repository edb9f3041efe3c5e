/* Layer norm; see norm.h and norm_ref.c. Statistics in pairs of doubles, values in lanes. */
#include "norm.h"
#include "simd_double.h"

enum { LANES = 4 };

/* Mean over a position's filters and 1 / sqrt(variance + epsilon), each rounded once. Sums become
 * means by the factor share = 1/F, which is quicker than a division. */
typedef struct {
  float mean, scale;
} statistics;

static statistics statistics_of(const float *z, size_t filters, double share) {
  sum_of_four sum = {{0.0}, {0.0}};
  double tail[LANES];
  size_t f = 0;
  for (; f + LANES <= filters; f += LANES) {
    sum.low += f64x2_widen(z + f);
    sum.high += f64x2_widen(z + f + 2);
  }
  for (size_t i = f; i < filters; i++) {
    tail[i - f] = (double)z[i];
  }
  sum_of_four_tail(&sum, tail, filters - f);
  const double mean = sum_of_four_total(sum) * share;
  const f64x2 middle = {mean, mean};
  sum = (sum_of_four){{0.0}, {0.0}};
  for (f = 0; f + LANES <= filters; f += LANES) {
    const f64x2 low = f64x2_widen(z + f) - middle;
    const f64x2 high = f64x2_widen(z + f + 2) - middle;
    sum.low += low * low;
    sum.high += high * high;
  }
  for (size_t i = f; i < filters; i++) {
    const double distance = (double)z[i] - mean;
    tail[i - f] = distance * distance;
  }
  sum_of_four_tail(&sum, tail, filters - f);
  const double variance = sum_of_four_total(sum) * share;
  const statistics s = {(float)mean, (float)(1.0 / __builtin_sqrt(variance + CNN_NORM_EPSILON))};
  return s;
}

void cnn_layer_norm(float *y, const float *z, const float *gamma, const float *beta,
                    size_t positions, size_t filters) {
  const double share = 1.0 / (double)filters;
  for (size_t i = 0; i < positions; i++) {
    const float *from = z + i * filters;
    float *to = y + i * filters;
    const statistics s = statistics_of(from, filters, share);
    const f32x4 mean = f32x4_splat(s.mean);
    const f32x4 scale = f32x4_splat(s.scale);
    size_t f = 0;
    for (; f + LANES <= filters; f += LANES) {
      const f32x4 normal = (f32x4_load(from + f) - mean) * scale;
      f32x4_store(to + f, f32x4_load(gamma + f) * normal + f32x4_load(beta + f));
    }
    for (; f < filters; f++) {
      to[f] = gamma[f] * ((from[f] - s.mean) * s.scale) + beta[f];
    }
  }
}

/* normal [F] = (z - mean) * scale and g [F] = gamma * dy of one position. */
static void prepare(float *normal, float *g, statistics s, const float *z, const float *dy,
                    const float *gamma, size_t filters) {
  const f32x4 mean = f32x4_splat(s.mean);
  const f32x4 scale = f32x4_splat(s.scale);
  size_t f = 0;
  for (; f + LANES <= filters; f += LANES) {
    f32x4_store(normal + f, (f32x4_load(z + f) - mean) * scale);
    f32x4_store(g + f, f32x4_load(gamma + f) * f32x4_load(dy + f));
  }
  for (; f < filters; f++) {
    normal[f] = (z[f] - s.mean) * s.scale;
    g[f] = gamma[f] * dy[f];
  }
}

/* Means over the filters of g and of g * normal, rounded once. */
static void means_of(float means[2], const float *g, const float *normal, size_t filters,
                     double share) {
  sum_of_four sum = {{0.0}, {0.0}};
  sum_of_four along = {{0.0}, {0.0}};
  double tail[LANES];
  double tail_along[LANES];
  size_t f = 0;
  for (; f + LANES <= filters; f += LANES) {
    const f64x2 low = f64x2_widen(g + f);
    const f64x2 high = f64x2_widen(g + f + 2);
    sum.low += low;
    sum.high += high;
    along.low += low * f64x2_widen(normal + f);
    along.high += high * f64x2_widen(normal + f + 2);
  }
  for (size_t i = f; i < filters; i++) {
    tail[i - f] = (double)g[i];
    tail_along[i - f] = (double)g[i] * (double)normal[i];
  }
  sum_of_four_tail(&sum, tail, filters - f);
  sum_of_four_tail(&along, tail_along, filters - f);
  means[0] = (float)(sum_of_four_total(sum) * share);
  means[1] = (float)(sum_of_four_total(along) * share);
}

/* dgamma += dy * normal, dbeta += dy of one position. */
static void add_shares(double *dgamma, double *dbeta, const float *dy, const float *normal,
                       size_t filters) {
  size_t f = 0;
  for (; f + 2 <= filters; f += 2) {
    const f64x2 d = f64x2_widen(dy + f);
    f64x2_store(dgamma + f, f64x2_load(dgamma + f) + d * f64x2_widen(normal + f));
    f64x2_store(dbeta + f, f64x2_load(dbeta + f) + d);
  }
  if (f < filters) {
    dgamma[f] += (double)dy[f] * (double)normal[f];
    dbeta[f] += (double)dy[f];
  }
}

void cnn_layer_norm_gradient(float *dz, double *dgamma, double *dbeta, const float *dy,
                             const float *z, const float *gamma, size_t positions, size_t filters) {
  double own_gamma[CNN_NORM_FILTERS] = {0.0};
  double own_beta[CNN_NORM_FILTERS] = {0.0};
  float normal[CNN_NORM_FILTERS];
  float g[CNN_NORM_FILTERS];
  const double share = 1.0 / (double)filters;
  for (size_t i = 0; i < positions; i++) {
    const statistics s = statistics_of(z + i * filters, filters, share);
    float means[2];
    prepare(normal, g, s, z + i * filters, dy + i * filters, gamma, filters);
    means_of(means, g, normal, filters, share);
    add_shares(own_gamma, own_beta, dy + i * filters, normal, filters);
    const f32x4 scale = f32x4_splat(s.scale);
    const f32x4 mean = f32x4_splat(means[0]);
    const f32x4 slope = f32x4_splat(means[1]);
    float *to = dz + i * filters;
    size_t f = 0;
    for (; f + LANES <= filters; f += LANES) {
      f32x4_store(to + f, scale * ((f32x4_load(g + f) - mean) - f32x4_load(normal + f) * slope));
    }
    for (; f < filters; f++) {
      to[f] = s.scale * ((g[f] - means[0]) - normal[f] * means[1]);
    }
  }
  for (size_t f = 0; f < filters; f++) {
    dgamma[f] += own_gamma[f];
    dbeta[f] += own_beta[f];
  }
}
