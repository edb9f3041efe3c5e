/* exact_math.h against the C library within the errors it promises, at the ends of its ranges too;
 * and rng.h: published SplitMix64 values, uniformity, and keys that differ in any part. */
#include "check.h"
#include "exact_math.h"
#include "rng.h"

#include <float.h>

enum { POINTS = 20000 };

/* POINTS values from low to high with a jitter, so that no special grid hides an error. */
static double point(double low, double high, int32_t i) {
  return low + (high - low) * (i + cnn_rng_unit(1, (uint64_t)i)) / POINTS;
}

static void test_exp(void) {
  double worst = 0.0;
  for (int32_t i = 0; i < POINTS; i++) {
    const double x = point(-708.0, 709.0, i);
    const double want = exp(x);
    const double error = fabs(cnn_exp(x) - want) / want;
    worst = error > worst ? error : worst;
  }
  CHECK(worst < 1e-15, "exp: worst relative error %g", worst);
  CHECK(cnn_exp(0.0) == 1.0, "exp(0) = %.17g", cnn_exp(0.0));
  CHECK(cnn_exp(-745.5) == 0.0, "exp(-745.5) = %g", cnn_exp(-745.5));
  CHECK(fabs(cnn_exp(-744.0) - exp(-744.0)) <= 1e-323, "exp(-744) = %g", cnn_exp(-744.0));
  CHECK(isinf(cnn_exp(709.79)) && isinf(cnn_exp(1e300)), "exp overflows to infinity");
  CHECK(isnan(cnn_exp(NAN)), "exp(NaN) = %g", cnn_exp(NAN));
}

static void test_log(void) {
  double worst = 0.0;
  for (int32_t i = 0; i < POINTS; i++) {
    const double x = i % 2 == 0 ? point(0.25, 4.0, i) : exp(point(-700.0, 700.0, i));
    const double want = log(x);
    const double scale = fabs(want) > 1.0 ? fabs(want) : 1.0;
    const double error = fabs(cnn_log(x) - want) / scale;
    worst = error > worst ? error : worst;
  }
  CHECK(worst < 1e-15, "log: worst scaled error %g", worst);
  CHECK(cnn_log(1.0) == 0.0, "log(1) = %g", cnn_log(1.0));
  CHECK(fabs(cnn_log(5e-324) - log(5e-324)) < 1e-12, "log(smallest) = %g", cnn_log(5e-324));
  CHECK(fabs(cnn_log(DBL_MAX) - log(DBL_MAX)) < 1e-12, "log(DBL_MAX) = %g", cnn_log(DBL_MAX));
}

static void test_waves(void) {
  double worst = 0.0;
  for (int32_t i = 0; i < POINTS; i++) {
    const double x = point(-1000.0, 1000.0, i);
    const double sin_error = fabs(cnn_sin(x) - sin(x));
    const double cos_error = fabs(cnn_cos(x) - cos(x));
    worst = sin_error > worst ? sin_error : worst;
    worst = cos_error > worst ? cos_error : worst;
  }
  CHECK(worst < 1e-13, "sin, cos: worst error %g", worst);
  CHECK(cnn_cos(0.0) == 1.0 && cnn_sin(0.0) == 0.0, "at 0: %g %g", cnn_cos(0.0), cnn_sin(0.0));
  CHECK(fabs(cnn_sin(1e6) - sin(1e6)) < 1e-9, "sin(1e6) = %.17g", cnn_sin(1e6));
}

/* First outputs of SplitMix64 from state 1234567, as its author's C program prints them. */
static void test_rng_values(void) {
  static const uint64_t want[5] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                   UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                   UINT64_C(16408922859458223821)};
  for (uint64_t i = 0; i < 5; i++) {
    CHECK(cnn_rng_at(1234567, i) == want[i], "value %d is %llu", (int)i,
          (unsigned long long)cnn_rng_at(1234567, i));
  }
}

static void test_rng_uniform(void) {
  const double n = 100000.0;
  const uint64_t key = cnn_rng_key(7, CNN_STREAM_SCENE_NOISE, 3, 4);
  int32_t bits[64] = {0};
  int32_t bins[10] = {0};
  double sum = 0.0;
  for (uint64_t i = 0; i < 100000; i++) {
    const uint64_t value = cnn_rng_at(key, i);
    for (int32_t b = 0; b < 64; b++) {
      bits[b] += (int32_t)(value >> b & 1);
    }
    const double unit = cnn_rng_unit(key, i);
    sum += unit;
    CHECK(unit >= 0.0 && unit < 1.0, "unit %g", unit);
    const uint32_t below = cnn_rng_below(key, i, 10);
    CHECK(below < 10, "below 10: %u", (unsigned)below);
    bins[below < 10 ? below : 0]++;
  }
  for (int32_t b = 0; b < 64; b++) { /* 5 sd of a fair coin */
    CHECK(fabs(bits[b] - n / 2.0) < 2.5 * sqrt(n), "bit %d set %d times", (int)b, (int)bits[b]);
  }
  for (int32_t b = 0; b < 10; b++) {
    CHECK(fabs(bins[b] - n / 10.0) < 5.0 * sqrt(n * 0.09), "bin %d: %d", (int)b, (int)bins[b]);
  }
  CHECK(fabs(sum / n - 0.5) < 5.0 / sqrt(12.0 * n), "mean %g", sum / n);
  CHECK(cnn_rng_below(key, 0, 1) == 0, "below 1 is 0");
}

/* Keys that differ in one part, also swapped, must differ in about half of their bits. */
static void test_rng_keys(void) {
  const uint64_t keys[] = {cnn_rng_key(1, 3, 5, 9), cnn_rng_key(2, 3, 5, 9),
                           cnn_rng_key(1, 4, 5, 9), cnn_rng_key(1, 3, 6, 9),
                           cnn_rng_key(1, 3, 5, 8), cnn_rng_key(1, 3, 9, 5),
                           cnn_rng_key(3, 1, 5, 9), cnn_rng_key(1, 3, UINT64_C(5) << 32, 9)};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    for (size_t j = 0; j < i; j++) {
      int32_t differing = 0;
      for (uint64_t bits = keys[i] ^ keys[j]; bits != 0; bits &= bits - 1) {
        differing++;
      }
      CHECK(differing >= 14 && differing <= 50, "keys %d and %d differ in %d bits", (int)i, (int)j,
            (int)differing);
    }
  }
}

int main(void) {
  test_exp();
  test_log();
  test_waves();
  test_rng_values();
  test_rng_uniform();
  test_rng_keys();
  return check_finish("test_exact_math");
}
