/* White noise on u8 pixels, the same for scenes and augmentation: a sum of 8 uniform bytes of one
 * hash, nearly normal, in integer arithmetic, u8 = clamp(round(level + noise)). */
#ifndef CNN_PIXEL_NOISE_H
#define CNN_PIXEL_NOISE_H

#include <stdint.h>

enum {
  CNN_LEVEL_BITS = 16, /* grey levels are int32 in units of 2^-16 */
  CNN_LEVEL_LIFT =
      4096, /* added so that no fixed-point value is negative: |level + noise| < 4096 */
  CNN_BYTE_SUM_MEAN = 1020
};
/* Variance of a sum of 8 uniform bytes: 8 * (256^2 - 1)/12. */
#define CNN_BYTE_SUM_VARIANCE (8.0 * 65535.0 / 12.0)

/* Sum of the 8 bytes of a hash, 0..2040: pairs of bytes in four 16-bit lanes, then the lanes by one
 * multiplication whose top lane is their sum. */
static inline int32_t cnn_byte_sum(uint64_t hash) {
  const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
  const uint64_t pairs = (hash & even) + ((hash >> 8) & even);
  return (int32_t)((pairs * UINT64_C(0x0001000100010001)) >> 48);
}

/* What a byte sum's unit is worth for noise of this sd in grey levels, fixed point. */
static inline int32_t cnn_noise_scale(double sd) {
  const double one_level = (double)(1 << CNN_LEVEL_BITS);
  return (int32_t)(sd / __builtin_sqrt(CNN_BYTE_SUM_VARIANCE) * one_level + 0.5);
}

/* Fixed-point LIFT + level + 1/2 - mean of the noise: add byte sum * scale, then clamp. */
static inline int32_t cnn_noise_base(double level, int32_t scale) {
  const double one_level = (double)(1 << CNN_LEVEL_BITS);
  return (int32_t)((CNN_LEVEL_LIFT + 0.5 + level) * one_level) - CNN_BYTE_SUM_MEAN * scale;
}

/* Lifted fixed point, half already added, to 0..255. */
static inline int32_t cnn_level_clamp(int32_t lifted) {
  const int32_t level = lifted >> CNN_LEVEL_BITS; /* never negative */
  const int32_t floored = level < CNN_LEVEL_LIFT ? CNN_LEVEL_LIFT : level;
  return (floored > CNN_LEVEL_LIFT + 255 ? CNN_LEVEL_LIFT + 255 : floored) - CNN_LEVEL_LIFT;
}

#endif
