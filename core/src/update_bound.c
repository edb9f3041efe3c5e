/* The cheap proof that an update stays finite. By induction over updates: every |w| <= W and every
 * |m| <= M before, every |g| <= G = CNN_TAME_GRADIENT, gradient_scale s <= 1, and v is finite and
 * not negative. A float operation's result is at most the exact one times (1 + 2^-24), plus 2^-150
 * where it is denormal; SLACK covers seven of them and TINY the denormals.
 *   adam  |m'| <= beta1 M + (1-beta1) G. g^2 <= 1e30 and beta2 <= 1 - 1e-6, so v' is at most the
 *         larger of v and 2e30: never infinite. The denominator is at least epsilon > 0 and below
 *         1e23 (sqrt v < 2e19, root_scale < 2e3), so |step| <= step_size M' / epsilon, and the
 *         product in it is no larger, as epsilon <= 1.
 *   sgd   |m'| <= momentum M + step_size G; |step| <= M', or momentum M' + step_size G (nesterov).
 *   both  |w'| <= |keep| W + |step|.
 * No intermediate value is larger than one of these; so where M' and the bound of w' are
 * below LIMIT < FLT_MAX, every value is finite and no NaN can arise (there is no 0/0, inf-inf or
 * 0*inf among finite values with a positive denominator). */
#include "update.h"

#include "simd.h"

#define LIMIT 1e38
#define SLACK (1.0 + 0x1p-21)
#define TINY 1e-30

static i32x4 sizes_below(f32x4 x, float limit) {
  const i32x4 no_sign = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
  return (f32x4)((i32x4)x & no_sign) < f32x4_splat(limit);
}

int cnn_gradients_are_tame(const float *g, size_t count) {
  i32x4 tame = {-1, -1, -1, -1};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    tame &= sizes_below(f32x4_load(g + i), CNN_TAME_GRADIENT);
  }
  int all = tame[0] & tame[1] & tame[2] & tame[3];
  for (; i < count; i++) {
    all &= -(g[i] > -CNN_TAME_GRADIENT && g[i] < CNN_TAME_GRADIENT);
  }
  return all != 0;
}

/* Infinity if one is NaN. */
static double largest(const float *x, size_t count) {
  float most = 0.0f;
  int number = 1;
  for (size_t i = 0; i < count; i++) {
    const float size = x[i] < 0.0f ? -x[i] : x[i];
    most = size > most ? size : most;
    number &= size == size;
  }
  return number ? (double)most : (double)__builtin_inff();
}

cnn_bound cnn_bound_of(const float *w, const float *m, size_t count) {
  const cnn_bound bound = {largest(w, count), largest(m, count)};
  return bound;
}

int cnn_bound_holds(cnn_bound *bound, const cnn_update *u) {
  const double gradient = (double)CNN_TAME_GRADIENT, step_size = (double)u->step_size;
  const double keep = u->keep < 0.0f ? -(double)u->keep : (double)u->keep;
  double moment, step;
  if (u->optimiser == CNN_OPTIMISER_SGD) {
    const double pull = step_size * gradient;
    moment = ((double)u->momentum * bound->moment + pull) * SLACK + TINY;
    step = u->nesterov ? (double)u->momentum * moment + pull : moment;
  } else {
    moment =
        ((double)u->beta1 * bound->moment + (double)u->one_minus_beta1 * gradient) * SLACK + TINY;
    step = step_size * moment / (double)u->epsilon;
  }
  const double weight = (keep * bound->weight + step) * SLACK + TINY;
  if (!(u->gradient_scale <= 1.0f && moment < LIMIT && weight < LIMIT)) {
    return 0;
  }
  bound->weight = weight;
  bound->moment = moment;
  return 1;
}
