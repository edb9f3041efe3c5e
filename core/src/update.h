/* One weight update of every optimiser, in one pass over the flat arrays, and what goes before it:
 * learning-rate schedule, L2 penalty, gradient norm. Formulas at CNN_CONFIG_FIELDS in cnn.h. */
#ifndef CNN_UPDATE_H
#define CNN_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include "cnn.h"

/* Moments smaller than this become zero. Part of the definition: a decaying first moment would
 * otherwise stick at the smallest denormals for ever, which some CPUs multiply slowly. The square
 * root of such a second moment is 8 decades below the default epsilon and cannot be felt. */
#define CNN_MOMENT_FLUSH 1e-30f

/* Everything that an update needs besides the arrays, rounded to float once. */
typedef struct {
  int32_t optimiser; /* CNN_OPTIMISER_* */
  int32_t nesterov;
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float epsilon;
  float step_size;  /* adam: rate * sqrt(1-beta2^t)/(1-beta1^t); adam_torch: rate/(1-beta1^t);
                       sgd: rate */
  float root_scale; /* adam_torch: 1/sqrt(1-beta2^t); else 1 */
  float momentum;
  float keep;           /* 1 - rate * weight_decay, exactly 1 without decay */
  float gradient_scale; /* of clipping; exactly 1 without */
} cnn_update;

/* Learning rate of update t = 1, 2, ...: linear up to t = warmup updates (rate * t / warmup), then
 * constant, or rate * (1 + cos(pi * (t - warmup) / (total - warmup))) / 2 up to t = total, and 0
 * from there on. warmup and total are the settings' epochs times updates_per_epoch. */
double cnn_learning_rate(const cnn_config *config, int64_t t, int64_t updates_per_epoch);

/* betaN_power = betaN^t for the update about to be made; clip = gradient scale. */
cnn_update cnn_update_at(const cnn_config *config, double rate, double beta1_power,
                         double beta2_power, double clip);

/* w, m, v, g [count], with g' = gradient_scale * g:
 *   adam, adam_torch  m = beta1 m + (1-beta1) g', v = beta2 v + (1-beta2) g'^2,
 *                     w = keep w - step_size m / (sqrt(v) root_scale + epsilon)
 *   sgd               m = momentum m - step_size g', w = keep w + m, or with nesterov
 *                     w = keep w + (momentum m - step_size g'); v is left alone
 * New moments and velocities below CNN_MOMENT_FLUSH are zero before they are used. */
void cnn_update_apply(float *w, float *m, float *v, const float *g, const cnn_update *update,
                      size_t count);
void cnn_update_apply_ref(float *w, float *m, float *v, const float *g, const cnn_update *update,
                          size_t count);

/* Whether the update would leave every weight and moment finite; changes nothing. Finite gradients
 * are not enough: above 1.8e19 their square is infinite, and so can the step be. */
int cnn_update_stays_finite(const float *w, const float *m, const float *v, const float *g,
                            const cnn_update *update, size_t count);

/* A cheap proof of the same for usual numbers, so that the trying-out is rarely needed: `bound` of
 * the run so far (start with cnn_bound_of the initial weights and moments) and this update's
 * gradients, whose absolute values are all below CNN_TAME_GRADIENT (cnn_gradients_are_tame); v must
 * be finite and not negative, as a finite update leaves it. Returns 1 and moves the bound on if no
 * weight or moment can become infinite or NaN; else 0, and the bound stays: try it out. A caller
 * that then makes the update restarts the bound from the new weights and moments. The argument is
 * in update_bound.c. */
#define CNN_TAME_GRADIENT 1e15f
typedef struct {
  double weight; /* no weight is larger than this */
  double moment; /* no first moment or velocity is larger than this */
} cnn_bound;
cnn_bound cnn_bound_of(const float *w, const float *m, size_t count); /* infinite for NaN */
int cnn_bound_holds(cnn_bound *bound, const cnn_update *update);
int cnn_gradients_are_tame(const float *g, size_t count); /* 0 for NaN */

/* Sum of squares in double: four sums over the indices that are 0, 1, 2, 3 modulo 4, each
 * ascending, added in this order. Where the caller cuts is part of its sum. */
double cnn_square_sum(const float *g, size_t count);
/* g += 2 l2 w, with 2 l2 rounded to float; returns cnn_square_sum of w. */
double cnn_l2_add(float *g, const float *w, double l2, size_t count);
/* min(1, limit / norm) of the norm's square; 1 for limit 0; NaN for NaN. */
double cnn_clip_scale(double square_sum, double limit);

#endif
