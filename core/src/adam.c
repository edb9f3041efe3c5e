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

void cnn_adam_update_ref(float *w, float *m, float *v, const float *g, const cnn_adam *adam,
                         size_t count) {
  for (size_t i = 0; i < count; i++) {
    float first = adam->beta1 * m[i] + adam->one_minus_beta1 * g[i];
    float second = adam->beta2 * v[i] + adam->one_minus_beta2 * (g[i] * g[i]);
    first = (first < 0.0f ? -first : first) < CNN_ADAM_FLUSH ? 0.0f : first;
    second = second < CNN_ADAM_FLUSH ? 0.0f : second;
    m[i] = first;
    v[i] = second;
    w[i] -= adam->step_size * first / (__builtin_sqrtf(second) + adam->epsilon);
  }
}

/* There is no vector square root in C; lane by lane compilers still make it one instruction. */
static inline f32x4 square_root(f32x4 x) {
  return (f32x4){__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]),
                 __builtin_sqrtf(x[3])};
}

void cnn_adam_update(float *w, float *m, float *v, const float *g, const cnn_adam *adam,
                     size_t count) {
  const f32x4 beta1 = f32x4_splat(adam->beta1),
              one_minus_beta1 = f32x4_splat(adam->one_minus_beta1);
  const f32x4 beta2 = f32x4_splat(adam->beta2),
              one_minus_beta2 = f32x4_splat(adam->one_minus_beta2);
  const f32x4 epsilon = f32x4_splat(adam->epsilon), step = f32x4_splat(adam->step_size);
  const f32x4 flush = f32x4_splat(CNN_ADAM_FLUSH), zero = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const f32x4 gradient = f32x4_load(g + i);
    f32x4 first = beta1 * f32x4_load(m + i) + one_minus_beta1 * gradient;
    f32x4 second = beta2 * f32x4_load(v + i) + one_minus_beta2 * (gradient * gradient);
    const f32x4 size = f32x4_select(first < zero, -first, first);
    first = f32x4_select(size < flush, zero, first);
    second = f32x4_select(second < flush, zero, second);
    f32x4_store(m + i, first);
    f32x4_store(v + i, second);
    f32x4_store(w + i, f32x4_load(w + i) - step * first / (square_root(second) + epsilon));
  }
  cnn_adam_update_ref(w + i, m + i, v + i, g + i, adam, count - i);
}

int cnn_all_finite(const float *values, size_t count) {
  f32x4 sums = {0}; /* x - x is zero, or NaN for NaN and infinity, and NaN survives in a sum */
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const f32x4 x = f32x4_load(values + i);
    sums += x - x;
  }
  float sum = sums[0] + sums[1] + sums[2] + sums[3];
  for (; i < count; i++) {
    sum += values[i] - values[i];
  }
  return sum == 0.0f;
}
