/* Two doubles at a time, as simd.h does four floats: for sums of floats that are wanted in double.
 */
#ifndef CNN_SIMD_DOUBLE_H
#define CNN_SIMD_DOUBLE_H

#include <stddef.h>

#include "simd.h"

typedef double f64x2 __attribute__((vector_size(16)));
typedef float f32x2 __attribute__((vector_size(8)));

static inline f64x2 f64x2_load(const double *from) {
  f64x2 value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline void f64x2_store(double *to, f64x2 value) {
  memcpy(to, &value, sizeof value);
}

/* Two floats as doubles. */
static inline f64x2 f64x2_widen(const float *from) {
  f32x2 value;
  memcpy(&value, from, sizeof value);
  return __builtin_convertvector(value, f64x2);
}

/* The first and the last two of four floats as doubles. */
static inline f64x2 f64x2_low(f32x4 value) {
  return __builtin_convertvector((f32x2){value[0], value[1]}, f64x2);
}

static inline f64x2 f64x2_high(f32x4 value) {
  return __builtin_convertvector((f32x2){value[2], value[3]}, f64x2);
}

/* Four partial sums of every fourth term: a single chain of additions would wait for each one's
 * latency. The sums over a position's filters, in this order by definition. */
typedef struct {
  f64x2 low, high;
} sum_of_four;

static inline double sum_of_four_total(sum_of_four sum) {
  return (sum.low[0] + sum.low[1]) + (sum.high[0] + sum.high[1]);
}

/* Adds the last terms, fewer than four; often there are none. */
static inline void sum_of_four_tail(sum_of_four *sum, const double *terms, size_t count) {
  if (count > 0) {
    sum->low[0] += terms[0];
    sum->low[1] += count > 1 ? terms[1] : 0.0;
    sum->high[0] += count > 2 ? terms[2] : 0.0;
  }
}

#endif
