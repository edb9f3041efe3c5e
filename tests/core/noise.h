/* Random numbers for test data: xorshift64* (Vigna 2016), on purpose not the core's generator. */
#ifndef NOISE_H
#define NOISE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t state; /* never 0 */
} noise;

static inline noise noise_of(uint64_t seed) {
  const noise n = {seed * UINT64_C(2862933555777941757) + UINT64_C(3037000493)};
  return n;
}

static inline uint32_t noise_bits(noise *n) {
  n->state ^= n->state >> 12;
  n->state ^= n->state << 25;
  n->state ^= n->state >> 27;
  return (uint32_t)((n->state * UINT64_C(2685821657736338717)) >> 32);
}

static inline uint32_t noise_below(noise *n, uint32_t bound) {
  return noise_bits(n) % bound;
}

/* [-1, 1) on a grid of 2^-23: every value is an exact float. */
static inline float noise_float(noise *n) {
  return (float)((int32_t)(noise_bits(n) >> 8) - (1 << 23)) / (float)(1 << 23);
}

static inline void noise_fill(float *values, noise *n, size_t count) {
  for (size_t i = 0; i < count; i++) {
    values[i] = noise_float(n);
  }
}

static inline void noise_fill_bytes(uint8_t *values, noise *n, size_t count) {
  for (size_t i = 0; i < count; i++) {
    values[i] = (uint8_t)(noise_bits(n) & 255);
  }
}

#endif
