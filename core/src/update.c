/* See update.h. One pass over weights, moments and gradients. Where the factors keep,
 * gradient_scale and root_scale are all 1 (Keras' Adam without decay and clipping), a loop without
 * them makes the same bits in three quarters of the time. */
#include "update.h"

#include "simd.h"

static float beyond_flush(float moment) {
  return (moment < 0.0f ? -moment : moment) < CNN_MOMENT_FLUSH ? 0.0f : moment;
}

static inline void adam_scalar(float *w, float *m, float *v, float g, const cnn_update *u) {
  g *= u->gradient_scale;
  const float first = beyond_flush(u->beta1 * *m + u->one_minus_beta1 * g);
  const float second = beyond_flush(u->beta2 * *v + u->one_minus_beta2 * (g * g));
  const float root = __builtin_sqrtf(second) * u->root_scale + u->epsilon;
  *m = first;
  *v = second;
  *w = u->keep * *w - u->step_size * first / root;
}

static inline void sgd_scalar(float *w, float *m, float g, const cnn_update *u) {
  const float step = u->step_size * (u->gradient_scale * g);
  const float velocity = beyond_flush(u->momentum * *m - step);
  const float move = u->nesterov ? u->momentum * velocity - step : velocity;
  *m = velocity;
  *w = u->keep * *w + move;
}

void cnn_update_apply_ref(float *w, float *m, float *v, const float *g, const cnn_update *update,
                          size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (update->optimiser == CNN_OPTIMISER_SGD) {
      sgd_scalar(w + i, m + i, g[i], update);
    } else {
      adam_scalar(w + i, m + i, v + i, g[i], update);
    }
  }
}

static inline f32x4 size_of(f32x4 x) {
  const i32x4 no_sign = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
  return (f32x4)((i32x4)x & no_sign);
}

static inline f32x4 beyond_flush_vector(f32x4 moment) {
  const f32x4 zero = {0};
  return f32x4_select(size_of(moment) < f32x4_splat(CNN_MOMENT_FLUSH), zero, moment);
}

/* There is no vector square root in C. Lane by lane native compilers still make it one instruction;
 * for WebAssembly it must be named. */
static inline f32x4 square_root(f32x4 x) {
#ifdef __wasm_simd128__
  return __builtin_wasm_sqrt_f32x4(x);
#else
  return (f32x4){__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]),
                 __builtin_sqrtf(x[3])};
#endif
}

/* Four weights with their moments: the same operations in the same order as the scalars above.
 * `scaled` is a constant in each call; 0 says that the three factors are 1. */
static inline void adam_vector(f32x4 *w, f32x4 *m, f32x4 *v, f32x4 g, const cnn_update *u,
                               int scaled) {
  g = scaled ? f32x4_splat(u->gradient_scale) * g : g;
  *m = beyond_flush_vector(f32x4_splat(u->beta1) * *m + f32x4_splat(u->one_minus_beta1) * g);
  *v = beyond_flush_vector(f32x4_splat(u->beta2) * *v + f32x4_splat(u->one_minus_beta2) * (g * g));
  f32x4 root = square_root(*v);
  root = (scaled ? root * f32x4_splat(u->root_scale) : root) + f32x4_splat(u->epsilon);
  const f32x4 kept = scaled ? f32x4_splat(u->keep) * *w : *w;
  *w = kept - f32x4_splat(u->step_size) * *m / root;
}

static inline size_t adam_vectors(float *w, float *m, float *v, const float *g, const cnn_update *u,
                                  size_t count, int scaled) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 weight = f32x4_load(w + i), first = f32x4_load(m + i), second = f32x4_load(v + i);
    adam_vector(&weight, &first, &second, f32x4_load(g + i), u, scaled);
    f32x4_store(m + i, first);
    f32x4_store(v + i, second);
    f32x4_store(w + i, weight);
  }
  return i;
}

static inline void sgd_vector(f32x4 *w, f32x4 *m, f32x4 g, const cnn_update *u) {
  const f32x4 step = f32x4_splat(u->step_size) * (f32x4_splat(u->gradient_scale) * g);
  *m = beyond_flush_vector(f32x4_splat(u->momentum) * *m - step);
  const f32x4 move = u->nesterov ? f32x4_splat(u->momentum) * *m - step : *m;
  *w = f32x4_splat(u->keep) * *w + move;
}

static inline size_t sgd_vectors(float *w, float *m, const float *g, const cnn_update *u,
                                 size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 weight = f32x4_load(w + i), velocity = f32x4_load(m + i);
    sgd_vector(&weight, &velocity, f32x4_load(g + i), u);
    f32x4_store(m + i, velocity);
    f32x4_store(w + i, weight);
  }
  return i;
}

void cnn_update_apply(float *w, float *m, float *v, const float *g, const cnn_update *update,
                      size_t count) {
  const cnn_update u = *update; /* a copy that no store through w, m or v can alias */
  size_t done;
  if (u.optimiser == CNN_OPTIMISER_SGD) {
    done = sgd_vectors(w, m, g, &u, count);
  } else if (u.keep == 1.0f && u.gradient_scale == 1.0f && u.root_scale == 1.0f) {
    done = adam_vectors(w, m, v, g, &u, count, 0);
  } else {
    done = adam_vectors(w, m, v, g, &u, count, 1);
  }
  cnn_update_apply_ref(w + done, m + done, v + done, g + done, &u, count - done);
}

/* x - x is zero, or NaN for NaN and infinity, and NaN survives in a sum. */
int cnn_update_stays_finite(const float *w, const float *m, const float *v, const float *g,
                            const cnn_update *update, size_t count) {
  const int sgd = update->optimiser == CNN_OPTIMISER_SGD;
  f32x4 sums = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 weight = f32x4_load(w + i), first = f32x4_load(m + i), second = {0};
    if (sgd) {
      sgd_vector(&weight, &first, f32x4_load(g + i), update);
    } else {
      second = f32x4_load(v + i);
      adam_vector(&weight, &first, &second, f32x4_load(g + i), update, 1);
    }
    sums += (weight - weight) + (first - first) + (second - second);
  }
  float sum = sums[0] + sums[1] + sums[2] + sums[3];
  for (; i < count; i++) {
    float weight = w[i], first = m[i], second = sgd ? 0.0f : v[i];
    cnn_update_apply_ref(&weight, &first, &second, g + i, update, 1);
    sum += (weight - weight) + (first - first) + (second - second);
  }
  return sum == 0.0f;
}
