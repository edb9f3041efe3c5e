/* Normalisation between convolution and ReLU, and the ReLU and pooling after it, for blocks whose
 * convolution is not fused. Maps z [side][side][F] of one image, F = 1..64; positions = side*side.
 * Sums over a batch are doubles: each image's own sum runs from zero over its positions in
 * row-major order and is then added, image by image. _ref: the plain twin, equal bits (norm_ref.c).
 */
#ifndef CNN_NORM_H
#define CNN_NORM_H

#include <stddef.h>
#include <stdint.h>

/* Keras' defaults for BatchNormalization and LayerNormalization (keras.io/api). */
#define CNN_NORM_EPSILON 1e-3
#define CNN_NORM_MOMENTUM 0.99

enum { CNN_NORM_FILTERS = 64 }; /* the most there are */

/* Adds one image's per-filter sums to sum [F]; then, with the means known, its sums of squared
 * distances. Both divided by images * positions give mean and biased variance. */
void cnn_batch_norm_add_sum(double *sum, const float *z, size_t positions, size_t filters);
void cnn_batch_norm_add_sum_ref(double *sum, const float *z, size_t positions, size_t filters);
void cnn_batch_norm_add_square(double *sum, const float *z, const double *mean, size_t positions,
                               size_t filters);
void cnn_batch_norm_add_square_ref(double *sum, const float *z, const double *mean,
                                   size_t positions, size_t filters);

/* scale [F] = 1 / sqrt(variance + epsilon), in double, rounded once. variance is a batch's or the
 * moving one. */
void cnn_batch_norm_scale(float *scale, const double *variance, size_t filters);
/* moving = momentum * moving + (1 - momentum) * batch, in double, rounded once, for means and
 * (biased) variances [F]. */
void cnn_batch_norm_move(float *moving_mean, float *moving_variance, const double *mean,
                         const double *variance, size_t filters);

/* scale from cnn_batch_norm_scale. y = gamma * ((z - mean) * scale) + beta, in that order of float
 * operations. y may be z. */
void cnn_batch_norm_apply(float *y, const float *z, const float *mean, const float *scale,
                          const float *gamma, const float *beta, size_t positions, size_t filters);
void cnn_batch_norm_apply_ref(float *y, const float *z, const float *mean, const float *scale,
                              const float *gamma, const float *beta, size_t positions,
                              size_t filters);

/* Adds one image's share to dbeta += dy and dgamma += dy * (z - mean) * scale (doubles [F]). */
void cnn_batch_norm_add_gradient(double *dgamma, double *dbeta, const float *dy, const float *z,
                                 const float *mean, const float *scale, size_t positions,
                                 size_t filters);
void cnn_batch_norm_add_gradient_ref(double *dgamma, double *dbeta, const float *dy, const float *z,
                                     const float *mean, const float *scale, size_t positions,
                                     size_t filters);
/* dz from the whole batch's dgamma and dbeta; count = images * positions (Ioffe & Szegedy 2015,
 * section 3): dz = gamma * scale * (dy - dbeta/count - (z - mean) * scale * dgamma/count). dz may
 * be dy. */
void cnn_batch_norm_gradient(float *dz, const float *dy, const float *z, const float *mean,
                             const float *scale, const float *gamma, const double *dgamma,
                             const double *dbeta, double count, size_t positions, size_t filters);
void cnn_batch_norm_gradient_ref(float *dz, const float *dy, const float *z, const float *mean,
                                 const float *scale, const float *gamma, const double *dgamma,
                                 const double *dbeta, double count, size_t positions,
                                 size_t filters);

/* Over the F values of each position: y = gamma * ((z - mean) * scale) + beta, scale = 1 /
 * sqrt(variance + epsilon). Statistics in double, as four sums of every fourth filter, rounded
 * once; values in float. y may be z. */
void cnn_layer_norm(float *y, const float *z, const float *gamma, const float *beta,
                    size_t positions, size_t filters);
void cnn_layer_norm_ref(float *y, const float *z, const float *gamma, const float *beta,
                        size_t positions, size_t filters);
/* With g = gamma * dy: dz = scale * ((g - mean(g)) - normal * mean(g * normal)), and dgamma, dbeta
 * (doubles [F]) += this image's sums of dy * normal and dy. dz may be dy. */
void cnn_layer_norm_gradient(float *dz, double *dgamma, double *dbeta, const float *dy,
                             const float *z, const float *gamma, size_t positions, size_t filters);
void cnn_layer_norm_gradient_ref(float *dz, double *dgamma, double *dbeta, const float *dy,
                                 const float *z, const float *gamma, size_t positions,
                                 size_t filters);

/* out [P][P][F], winner as cnn_conv_forward's, from y [side][side][F]: ReLU, then nothing or max
 * (CNN_POOL_NONE, CNN_POOL_MAX2). A NaN wins its cell, so it stays visible. With CNN_POOL_AVERAGE2
 * the mean of the cell's four ReLU values ((a + b) + (c + d)) / 4, and winner [side][side][F] is 0
 * or CNN_WINNER_DEAD for each value. Plain loops. */
void cnn_activate_pool(float *out, uint8_t *winner, const float *y, int pool, size_t side,
                       size_t filters);
/* dy [side][side][F], overwritten, from dout [P][P][F]. Rows and columns that pooling dropped get
 * zero. */
void cnn_activate_pool_gradient(float *dy, const float *dout, const uint8_t *winner, int pool,
                                size_t side, size_t filters);
/* Bytes of winner for one image. */
size_t cnn_winner_bytes(int pool, size_t side, size_t filters);

#endif
