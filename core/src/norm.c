/* See norm.h and norm_ref.c, whose sums these are in the same order: a block of filters at a time,
 * its sums and parameters in registers while the positions run by. */
#include "norm.h"

#include "simd_double.h"

enum { LANES = 4, PAIR = 2, MOST_PAIRS = 4, STEP = PAIR * MOST_PAIRS };

/* ---- Sums over a batch ------------------------------------------------------------------------
 */

/* `pairs` pairs of filters; a constant after inlining, so that the sums stay in registers. */
static inline void add_sums(double *sum, const float *z, size_t positions, size_t filters,
                            size_t pairs) {
  f64x2 own[MOST_PAIRS] = {{0.0}};
  for (size_t i = 0; i < positions; i++) {
    for (size_t p = 0; p < pairs; p++) {
      own[p] += f64x2_widen(z + i * filters + PAIR * p);
    }
  }
  for (size_t p = 0; p < pairs; p++) {
    f64x2_store(sum + PAIR * p, f64x2_load(sum + PAIR * p) + own[p]);
  }
}

void cnn_batch_norm_add_sum(double *sum, const float *z, size_t positions, size_t filters) {
  size_t f = 0;
  for (; f + STEP <= filters; f += STEP) {
    add_sums(sum + f, z + f, positions, filters, MOST_PAIRS);
  }
  for (; f + PAIR <= filters; f += PAIR) {
    add_sums(sum + f, z + f, positions, filters, 1);
  }
  if (f < filters) {
    double own = 0.0;
    for (size_t i = 0; i < positions; i++) {
      own += (double)z[i * filters + f];
    }
    sum[f] += own;
  }
}

static inline void add_squares(double *sum, const float *z, const double *mean, size_t positions,
                               size_t filters, size_t pairs) {
  f64x2 own[MOST_PAIRS] = {{0.0}};
  for (size_t i = 0; i < positions; i++) {
    for (size_t p = 0; p < pairs; p++) {
      const f64x2 distance = f64x2_widen(z + i * filters + PAIR * p) - f64x2_load(mean + PAIR * p);
      own[p] += distance * distance;
    }
  }
  for (size_t p = 0; p < pairs; p++) {
    f64x2_store(sum + PAIR * p, f64x2_load(sum + PAIR * p) + own[p]);
  }
}

void cnn_batch_norm_add_square(double *sum, const float *z, const double *mean, size_t positions,
                               size_t filters) {
  size_t f = 0;
  for (; f + STEP <= filters; f += STEP) {
    add_squares(sum + f, z + f, mean + f, positions, filters, MOST_PAIRS);
  }
  for (; f + PAIR <= filters; f += PAIR) {
    add_squares(sum + f, z + f, mean + f, positions, filters, 1);
  }
  if (f < filters) {
    double own = 0.0;
    for (size_t i = 0; i < positions; i++) {
      const double distance = (double)z[i * filters + f] - mean[f];
      own += distance * distance;
    }
    sum[f] += own;
  }
}

/* Four filters. */
static void add_gradients(double *dgamma, double *dbeta, const float *dy, const float *z,
                          const float *mean, const float *scale, size_t positions, size_t filters) {
  const f32x4 m = f32x4_load(mean);
  const f32x4 s = f32x4_load(scale);
  f64x2 gamma_low = {0.0}, gamma_high = {0.0};
  f64x2 beta_low = {0.0}, beta_high = {0.0};
  for (size_t at = 0; at < positions * filters; at += filters) {
    const f32x4 normal = (f32x4_load(z + at) - m) * s;
    const f64x2 low = f64x2_widen(dy + at);
    const f64x2 high = f64x2_widen(dy + at + PAIR);
    gamma_low += low * f64x2_low(normal);
    gamma_high += high * f64x2_high(normal);
    beta_low += low;
    beta_high += high;
  }
  f64x2_store(dgamma, f64x2_load(dgamma) + gamma_low);
  f64x2_store(dgamma + PAIR, f64x2_load(dgamma + PAIR) + gamma_high);
  f64x2_store(dbeta, f64x2_load(dbeta) + beta_low);
  f64x2_store(dbeta + PAIR, f64x2_load(dbeta + PAIR) + beta_high);
}

void cnn_batch_norm_add_gradient(double *dgamma, double *dbeta, const float *dy, const float *z,
                                 const float *mean, const float *scale, size_t positions,
                                 size_t filters) {
  size_t f = 0;
  for (; f + LANES <= filters; f += LANES) {
    add_gradients(dgamma + f, dbeta + f, dy + f, z + f, mean + f, scale + f, positions, filters);
  }
  for (; f < filters; f++) {
    double own_gamma = 0.0;
    double own_beta = 0.0;
    for (size_t i = 0; i < positions; i++) {
      const double g = (double)dy[i * filters + f];
      const float normal = (z[i * filters + f] - mean[f]) * scale[f];
      own_gamma += g * (double)normal;
      own_beta += g;
    }
    dgamma[f] += own_gamma;
    dbeta[f] += own_beta;
  }
}

/* ---- Parameters of a batch, value by value ----------------------------------------------------
 */

void cnn_batch_norm_scale(float *scale, const double *variance, size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    scale[f] = (float)(1.0 / __builtin_sqrt(variance[f] + CNN_NORM_EPSILON));
  }
}

static float moved(float moving, double batch) {
  return (float)(CNN_NORM_MOMENTUM * (double)moving + (1.0 - CNN_NORM_MOMENTUM) * batch);
}

void cnn_batch_norm_move(float *moving_mean, float *moving_variance, const double *mean,
                         const double *variance, size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    moving_mean[f] = moved(moving_mean[f], mean[f]);
    moving_variance[f] = moved(moving_variance[f], variance[f]);
  }
}

void cnn_batch_norm_apply(float *y, const float *z, const float *mean, const float *scale,
                          const float *gamma, const float *beta, size_t positions, size_t filters) {
  size_t f = 0;
  for (; f + LANES <= filters; f += LANES) {
    const f32x4 m = f32x4_load(mean + f);
    const f32x4 s = f32x4_load(scale + f);
    const f32x4 g = f32x4_load(gamma + f);
    const f32x4 b = f32x4_load(beta + f);
    for (size_t at = f; at < positions * filters; at += filters) {
      f32x4_store(y + at, g * ((f32x4_load(z + at) - m) * s) + b);
    }
  }
  for (; f < filters; f++) {
    for (size_t at = f; at < positions * filters; at += filters) {
      y[at] = gamma[f] * ((z[at] - mean[f]) * scale[f]) + beta[f];
    }
  }
}

void cnn_batch_norm_gradient(float *dz, const float *dy, const float *z, const float *mean,
                             const float *scale, const float *gamma, const double *dgamma,
                             const double *dbeta, double count, size_t positions, size_t filters) {
  float factor[CNN_NORM_FILTERS] = {0}; /* initialised for the analyser's sake */
  float mean_dy[CNN_NORM_FILTERS] = {0};
  float slope[CNN_NORM_FILTERS] = {0};
  for (size_t f = 0; f < filters; f++) {
    factor[f] = gamma[f] * scale[f];
    mean_dy[f] = (float)(dbeta[f] / count);
    slope[f] = (float)(dgamma[f] / count);
  }
  size_t f = 0;
  for (; f + LANES <= filters; f += LANES) {
    const f32x4 m = f32x4_load(mean + f);
    const f32x4 s = f32x4_load(scale + f);
    const f32x4 a = f32x4_load(factor + f);
    const f32x4 d = f32x4_load(mean_dy + f);
    const f32x4 k = f32x4_load(slope + f);
    for (size_t at = f; at < positions * filters; at += filters) {
      const f32x4 normal = (f32x4_load(z + at) - m) * s;
      f32x4_store(dz + at, a * ((f32x4_load(dy + at) - d) - normal * k));
    }
  }
  for (; f < filters; f++) {
    for (size_t at = f; at < positions * filters; at += filters) {
      const float normal = (z[at] - mean[f]) * scale[f];
      dz[at] = factor[f] * ((dy[at] - mean_dy[f]) - normal * slope[f]);
    }
  }
}
