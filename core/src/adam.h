/* Adam in the form of Keras and TensorFlow ("epsilon hat"). */
#ifndef CNN_ADAM_H
#define CNN_ADAM_H

#include <stddef.h>

typedef struct {
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float epsilon;
  float step_size; /* learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t) */
} cnn_adam;

/* Moments smaller than this become zero. Part of the definition: a decaying first moment would
 * otherwise stick at the smallest denormals for ever, which some CPUs multiply slowly. The square
 * root of such a second moment is 8 decades below the default epsilon and cannot be felt. */
#define CNN_ADAM_FLUSH 1e-30f

/* betaN_power = betaN^t for the update about to be made, t = 1, 2, ... */
cnn_adam cnn_adam_at(double learning_rate, double beta1, double beta2, double epsilon,
                     double beta1_power, double beta2_power);

/* m = beta1 m + (1-beta1) g; v = beta2 v + (1-beta2) g^2; w -= step_size m / (sqrt(v) + epsilon).
 * All arrays [count]. */
void cnn_adam_update(float *w, float *m, float *v, const float *g, const cnn_adam *adam,
                     size_t count);
void cnn_adam_update_ref(float *w, float *m, float *v, const float *g, const cnn_adam *adam,
                         size_t count);

/* Whether the update would leave every weight and moment finite; changes nothing. Finite gradients
 * are not enough: above 1.8e19 their square is infinite, and so can step_size m be. */
int cnn_adam_stays_finite(const float *w, const float *m, const float *v, const float *g,
                          const cnn_adam *adam, size_t count);

#endif
