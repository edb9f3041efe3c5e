/* See exact_math.h. Range reduction with constants split in two so that the product with a small
 * integer is exact (Cody & Waite 1980), then Taylor series summed from the smallest term. */
#include "exact_math.h"

#include <stdint.h>
#include <string.h>

/* ln 2 = HIGH + LOW; HIGH has 32 trailing zero bits, so n * HIGH is exact for |n| < 2^11.
 * Values as in FreeBSD msun e_exp.c. */
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define INV_LN2 1.44269504088896338700e+00

/* pi/2 in three parts of 33 bits each (FreeBSD msun e_rem_pio2.c: pio2_1, pio2_2, pio2_3). */
#define HALF_PI_1 1.57079632673412561417e+00
#define HALF_PI_2 6.07710050630396597660e-11
#define HALF_PI_3 2.02226624871116645580e-21
#define TWO_OVER_PI 6.36619772367581382433e-01

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint64_t to_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* 2^n for n in -1022..1023 */
static double power_of_two(int n) {
  return from_bits((uint64_t)(n + 1023) << 52);
}

static int round_to_int(double x) {
  return (int)(x < 0.0 ? x - 0.5 : x + 0.5);
}

double cnn_exp(double x) {
  if (x != x) {
    return x;
  }
  if (x > 709.78) {
    return from_bits(UINT64_C(0x7ff0000000000000));
  }
  if (x < -745.0) {
    return 0.0;
  }
  const int n = round_to_int(x * INV_LN2);
  const double r = (x - n * LN2_HIGH) - n * LN2_LOW; /* |r| <= 0.347 */
  double sum = 1.0;
  for (int i = 14; i >= 1; i--) { /* next term 0.347^15/15! < 1e-19 */
    sum = 1.0 + sum * r / i;
  }
  /* two factors, because 2^n alone leaves the range of normal numbers at both ends */
  const int half = n / 2;
  return sum * power_of_two(half) * power_of_two(n - half);
}

double cnn_log(double x) {
  int n = 0;
  if (x < 0x1p-1022) { /* subnormal */
    x *= 0x1p54;
    n = -54;
  }
  const uint64_t bits = to_bits(x);
  n += (int)(bits >> 52) - 1023;
  double m = from_bits((bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000));
  if (m > 1.4142135623730951) {
    m *= 0.5;
    n++;
  }
  /* log m = 2 atanh(s), s = (m-1)/(m+1), |s| <= 0.1716 */
  const double s = (m - 1.0) / (m + 1.0);
  const double s2 = s * s;
  double sum = 0.0;
  for (int i = 23; i >= 3; i -= 2) { /* next term 2 * 0.1716^25/25 < 1e-20 */
    sum = (sum + 1.0 / i) * s2;
  }
  return n * LN2_HIGH + (2.0 * s + (2.0 * s * sum + n * LN2_LOW));
}

/* sin (odd = 1) or cos (odd = 0) of |r| <= pi/4 by Taylor series. */
static double sin_series(double r) {
  const double r2 = r * r;
  double sum = 1.0;
  for (int i = 18; i >= 2; i -= 2) { /* next term 0.785^21/21! < 1e-21 */
    sum = 1.0 - sum * r2 / (i * (i + 1));
  }
  return r * sum;
}

static double cos_series(double r) {
  const double r2 = r * r;
  double sum = 1.0;
  for (int i = 17; i >= 1; i -= 2) {
    sum = 1.0 - sum * r2 / (i * (i + 1));
  }
  return sum;
}

/* x = quadrant * pi/2 + r */
static double reduce(double x, int *quadrant) {
  const int n = round_to_int(x * TWO_OVER_PI);
  *quadrant = n & 3;
  return ((x - n * HALF_PI_1) - n * HALF_PI_2) - n * HALF_PI_3;
}

double cnn_sin(double x) {
  int quadrant;
  const double r = reduce(x, &quadrant);
  const double value = (quadrant & 1) != 0 ? cos_series(r) : sin_series(r);
  return (quadrant & 2) != 0 ? -value : value;
}

double cnn_cos(double x) {
  int quadrant;
  const double r = reduce(x, &quadrant);
  const double value = (quadrant & 1) != 0 ? sin_series(r) : cos_series(r);
  return quadrant == 1 || quadrant == 2 ? -value : value;
}
