/* Counter-based random numbers: a value is a pure function of (seed, stream, a, b), so nothing
 * depends on the order in which values are drawn. Not for cryptography. */
#ifndef CNN_RNG_H
#define CNN_RNG_H

#include <stdint.h>

/* Separate streams, so that changing how one part draws never moves another. */
enum {
  CNN_STREAM_WEIGHTS = 1,
  CNN_STREAM_ORDER = 2,
  CNN_STREAM_SCENE_GEOMETRY = 3,
  CNN_STREAM_SCENE_NOISE = 4,
  CNN_STREAM_SCENE_LABELS = 5,
  CNN_STREAM_SCENE_FAMILY = 6,
  CNN_STREAM_DROPOUT = 7,
  CNN_STREAM_AUGMENT = 8,
  CNN_STREAM_SCENE_CLUTTER = 9,
  CNN_STREAM_SCENE_CUE = 10
};

/* Finaliser of SplitMix64 (Steele, Lea, Flood 2014; variant 13 of Stafford's mixers): a bijection
 * of 64 bits whose output passes BigCrush when fed a counter times an odd constant. */
static inline uint64_t cnn_rng_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* A hash with one more word: a bijection of either for a fixed other. */
static inline uint64_t cnn_rng_fold(uint64_t hash, uint64_t word) {
  return cnn_rng_mix((hash ^ word) * UINT64_C(0x9e3779b97f4a7c15) + 1);
}

/* Key of a family of values; feed the result to cnn_rng_at. */
static inline uint64_t cnn_rng_key(uint32_t seed, uint32_t stream, uint64_t a, uint64_t b) {
  uint64_t key = cnn_rng_mix(((uint64_t)seed << 32 | stream) + UINT64_C(0x9e3779b97f4a7c15));
  key = cnn_rng_mix(key ^ cnn_rng_mix(a + UINT64_C(0x9e3779b97f4a7c15)));
  return cnn_rng_mix(key ^ cnn_rng_mix(b + UINT64_C(0x3c6ef372fe94f82a)));
}

/* 64 random bits number `counter` of a key. */
static inline uint64_t cnn_rng_at(uint64_t key, uint64_t counter) {
  return cnn_rng_mix(key + (counter + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

/* Uniform in [0, 1) on a grid of 2^-53. */
static inline double cnn_rng_unit(uint64_t key, uint64_t counter) {
  return (double)(cnn_rng_at(key, counter) >> 11) * 0x1p-53;
}

/* Uniform integer in 0..bound-1, bound >= 1; bias below 2^-32 * bound (multiply-shift). */
static inline uint32_t cnn_rng_below(uint64_t key, uint64_t counter, uint32_t bound) {
  return (uint32_t)(((cnn_rng_at(key, counter) >> 32) * bound) >> 32);
}

#endif
