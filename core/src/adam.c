/* See adam.h. One pass over parameters, gradients and both moments. */
#include "adam.h"

#include "simd.h"

cnn_adam cnn_adam_at(double learning_rate, double beta1, double beta2, double epsilon,
                     double beta1_power, double beta2_power) {
  const cnn_adam adam = {
      .beta1 = (float)beta1,
      .one_minus_beta1 = (float)(1.0 - beta1),
      .beta2 = (float)beta2,
      .one_minus_beta2 = (float)(1.0 - beta2),
      .epsilon = (float)epsilon,
      .step_size = (float)(learning_rate * __builtin_sqrt(1.0 - beta2_power) / (1.0 - beta1_power)),
  };
  return adam;
}

static inline void next_scalar(float *w, float *m, float *v, float g, const cnn_adam *adam) {
  float first = adam->beta1 * *m + adam->one_minus_beta1 * g;
  float second = adam->beta2 * *v + adam->one_minus_beta2 * (g * g);
  first = (first < 0.0f ? -first : first) < CNN_ADAM_FLUSH ? 0.0f : first;
  second = second < CNN_ADAM_FLUSH ? 0.0f : second;
  *m = first;
  *v = second;
  *w -= adam->step_size * first / (__builtin_sqrtf(second) + adam->epsilon);
}

void cnn_adam_update_ref(float *w, float *m, float *v, const float *g, const cnn_adam *adam,
                         size_t count) {
  for (size_t i = 0; i < count; i++) {
    next_scalar(w + i, m + i, v + i, g[i], adam);
  }
}

/* There is no vector square root in C; lane by lane compilers still make it one instruction. */
static inline f32x4 square_root(f32x4 x) {
  return (f32x4){__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]),
                 __builtin_sqrtf(x[3])};
}

/* Four weights with their moments: the same operations in the same order as next_scalar. */
static inline void next_vector(f32x4 *w, f32x4 *m, f32x4 *v, f32x4 g, const cnn_adam *adam) {
  const f32x4 flush = f32x4_splat(CNN_ADAM_FLUSH), zero = {0};
  f32x4 first = f32x4_splat(adam->beta1) * *m + f32x4_splat(adam->one_minus_beta1) * g;
  f32x4 second = f32x4_splat(adam->beta2) * *v + f32x4_splat(adam->one_minus_beta2) * (g * g);
  const f32x4 size = f32x4_select(first < zero, -first, first);
  first = f32x4_select(size < flush, zero, first);
  second = f32x4_select(second < flush, zero, second);
  *m = first;
  *v = second;
  *w -= f32x4_splat(adam->step_size) * first / (square_root(second) + f32x4_splat(adam->epsilon));
}

void cnn_adam_update(float *w, float *m, float *v, const float *g, const cnn_adam *adam,
                     size_t count) {
  const cnn_adam a = *adam; /* a copy that no store through w, m or v can alias */
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 weight = f32x4_load(w + i), first = f32x4_load(m + i), second = f32x4_load(v + i);
    next_vector(&weight, &first, &second, f32x4_load(g + i), &a);
    f32x4_store(m + i, first);
    f32x4_store(v + i, second);
    f32x4_store(w + i, weight);
  }
  cnn_adam_update_ref(w + i, m + i, v + i, g + i, &a, count - i);
}

int cnn_adam_stays_finite(const float *w, const float *m, const float *v, const float *g,
                          const cnn_adam *adam, size_t count) {
  f32x4 sums = {0}; /* x - x is zero, or NaN for NaN and infinity, and NaN survives in a sum */
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    f32x4 weight = f32x4_load(w + i), first = f32x4_load(m + i), second = f32x4_load(v + i);
    next_vector(&weight, &first, &second, f32x4_load(g + i), adam);
    sums += (weight - weight) + (first - first) + (second - second);
  }
  float sum = sums[0] + sums[1] + sums[2] + sums[3];
  for (; i < count; i++) {
    float weight = w[i], first = m[i], second = v[i];
    next_scalar(&weight, &first, &second, g[i], adam);
    sum += (weight - weight) + (first - first) + (second - second);
  }
  return sum == 0.0f;
}
