/* Which setting made the numbers run away. Rules of thumb in the order of their certainty: those
 * that must diverge come first, and what is left is the learning rate. */
#include "trainer_state.h"

/* An Adam step moves every weight by about the learning rate, whatever the gradient (Kingma & Ba
 * 2015, section 2.1), and weights start below 1: a rate above 1 throws all of them away at once.
 * SGD on inputs of variance 1 diverges somewhere below that. */
#define MOST_RATE 1.0
/* The last value of a sum of gradients counts 1 / (1 - momentum) times: a hundredfold rate. */
#define MOST_MOMENTUM 0.99
/* Keras' and PyTorch's usual 0.01 with momentum 0.9. A rate at most this large is no reason to
 * diverge, so single gradients must have been: clipping cuts those. */
#define USUAL_SUMMED_RATE 0.1

static const char *sgd_suspect(const cnn_config *c) {
  /* The penalty alone is a parabola of curvature 2 l2, on which gradient descent with momentum
   * diverges above 2 (1 + momentum) / curvature (Polyak 1964). */
  if (c->learning_rate * 2.0 * c->l2 > 2.0 * (1.0 + c->momentum)) {
    return "l2";
  }
  if (c->momentum >= MOST_MOMENTUM) {
    return "momentum";
  }
  if (c->clip_norm == 0.0 && c->learning_rate / (1.0 - c->momentum) <= USUAL_SUMMED_RATE * 1.0001) {
    return "clip_norm";
  }
  return "learning_rate";
}

static const char *adam_suspect(const cnn_config *c) {
  /* m / sqrt(v) is bounded only for beta1^2 < beta2 (by Cauchy-Schwarz on the two sums): otherwise
   * a gradient that becomes small leaves an old m over a new, small v. Epsilon is no suspect: the
   * bound does not contain it. */
  return c->beta1 * c->beta1 >= c->beta2 ? "beta2" : "learning_rate";
}

const char *cnn_trainer_suspect(const cnn_trainer *t) {
  if (t == NULL || t->progress.phase != CNN_PHASE_STOPPED) {
    return NULL;
  }
  const cnn_config *c = &t->config;
  if (c->learning_rate > MOST_RATE) {
    return "learning_rate";
  }
  /* w is multiplied by 1 - rate * decay in each update: below -1 it grows. */
  if (c->learning_rate * c->weight_decay > 2.0) {
    return "weight_decay";
  }
  return c->optimiser == CNN_OPTIMISER_SGD ? sgd_suspect(c) : adam_suspect(c);
}
