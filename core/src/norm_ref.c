/* The norms as plain loops: what norm.c and norm_layer.c compute, bit for bit. */
#include "norm.h"

void cnn_batch_norm_add_sum_ref(double *sum, const float *z, size_t positions, size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    double own = 0.0;
    for (size_t i = 0; i < positions; i++) {
      own += (double)z[i * filters + f];
    }
    sum[f] += own;
  }
}

void cnn_batch_norm_add_square_ref(double *sum, const float *z, const double *mean,
                                   size_t positions, size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    double own = 0.0;
    for (size_t i = 0; i < positions; i++) {
      const double distance = (double)z[i * filters + f] - mean[f];
      own += distance * distance;
    }
    sum[f] += own;
  }
}

void cnn_batch_norm_apply_ref(float *y, const float *z, const float *mean, const float *scale,
                              const float *gamma, const float *beta, size_t positions,
                              size_t filters) {
  for (size_t at = 0; at < positions * filters; at++) {
    const size_t f = at % filters;
    y[at] = gamma[f] * ((z[at] - mean[f]) * scale[f]) + beta[f];
  }
}

void cnn_batch_norm_add_gradient_ref(double *dgamma, double *dbeta, const float *dy, const float *z,
                                     const float *mean, const float *scale, size_t positions,
                                     size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    double own_gamma = 0.0;
    double own_beta = 0.0;
    for (size_t i = 0; i < positions; i++) {
      const float normal = (z[i * filters + f] - mean[f]) * scale[f];
      own_gamma += (double)dy[i * filters + f] * (double)normal;
      own_beta += (double)dy[i * filters + f];
    }
    dgamma[f] += own_gamma;
    dbeta[f] += own_beta;
  }
}

void cnn_batch_norm_gradient_ref(float *dz, const float *dy, const float *z, const float *mean,
                                 const float *scale, const float *gamma, const double *dgamma,
                                 const double *dbeta, double count, size_t positions,
                                 size_t filters) {
  for (size_t at = 0; at < positions * filters; at++) {
    const size_t f = at % filters;
    const float mean_dy = (float)(dbeta[f] / count);
    const float slope = (float)(dgamma[f] / count);
    const float normal = (z[at] - mean[f]) * scale[f];
    dz[at] = gamma[f] * scale[f] * ((dy[at] - mean_dy) - normal * slope);
  }
}

/* ---- Layer norm -------------------------------------------------------------------------------
 */

static double sum_of(const double part[4]) {
  return (part[0] + part[1]) + (part[2] + part[3]);
}

static void statistics_of(float *mean, float *scale, const float *z, size_t filters) {
  double part[4] = {0.0};
  double squares[4] = {0.0};
  for (size_t f = 0; f < filters; f++) {
    part[f % 4] += (double)z[f];
  }
  const double exact_mean = sum_of(part) * (1.0 / (double)filters);
  for (size_t f = 0; f < filters; f++) {
    const double distance = (double)z[f] - exact_mean;
    squares[f % 4] += distance * distance;
  }
  const double variance = sum_of(squares) * (1.0 / (double)filters);
  *mean = (float)exact_mean;
  *scale = (float)(1.0 / __builtin_sqrt(variance + CNN_NORM_EPSILON));
}

void cnn_layer_norm_ref(float *y, const float *z, const float *gamma, const float *beta,
                        size_t positions, size_t filters) {
  for (size_t i = 0; i < positions * filters; i += filters) {
    float mean;
    float scale;
    statistics_of(&mean, &scale, z + i, filters);
    for (size_t f = 0; f < filters; f++) {
      y[i + f] = gamma[f] * ((z[i + f] - mean) * scale) + beta[f];
    }
  }
}

void cnn_layer_norm_gradient_ref(float *dz, double *dgamma, double *dbeta, const float *dy,
                                 const float *z, const float *gamma, size_t positions,
                                 size_t filters) {
  double own_gamma[CNN_NORM_FILTERS] = {0.0};
  double own_beta[CNN_NORM_FILTERS] = {0.0};
  for (size_t i = 0; i < positions * filters; i += filters) {
    double part[4] = {0.0};
    double along[4] = {0.0};
    float mean;
    float scale;
    statistics_of(&mean, &scale, z + i, filters);
    for (size_t f = 0; f < filters; f++) {
      const float normal = (z[i + f] - mean) * scale;
      const float g = gamma[f] * dy[i + f];
      own_gamma[f] += (double)dy[i + f] * (double)normal;
      own_beta[f] += (double)dy[i + f];
      part[f % 4] += (double)g;
      along[f % 4] += (double)g * (double)normal;
    }
    const float mean_g = (float)(sum_of(part) * (1.0 / (double)filters));
    const float slope = (float)(sum_of(along) * (1.0 / (double)filters));
    for (size_t f = 0; f < filters; f++) {
      const float normal = (z[i + f] - mean) * scale;
      dz[i + f] = scale * ((gamma[f] * dy[i + f] - mean_g) - normal * slope);
    }
  }
  for (size_t f = 0; f < filters; f++) {
    dgamma[f] += own_gamma[f];
    dbeta[f] += own_beta[f];
  }
}
