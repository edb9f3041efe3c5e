/* What comes before an update: learning rate at the joints of the schedule, L2 penalty, norm and
 * clipping. */
#include "update.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"

enum { MAX_COUNT = 19 };

static cnn_config config_of(int schedule, int epochs, int warmup) {
  cnn_config config = cnn_config_default();
  config.learning_rate = 0.5;
  config.schedule = schedule;
  config.epochs = epochs;
  config.warmup = warmup;
  return config;
}

static void check_rate(const cnn_config *config, int64_t t, int64_t per_epoch, double want) {
  const double got = cnn_learning_rate(config, t, per_epoch);
  CHECK(fabs(got - want) <= 1e-15, "schedule %d warmup %d epochs %d, t %lld: %.17g not %.17g",
        config->schedule, config->warmup, config->epochs, (long long)t, got, want);
}

static void check_schedule(void) {
  const cnn_config constant = config_of(CNN_SCHEDULE_CONSTANT, 10, 0);
  check_rate(&constant, 1, 7, 0.5);
  check_rate(&constant, 1000, 7, 0.5);
  const cnn_config rising = config_of(CNN_SCHEDULE_CONSTANT, 10, 2); /* 8 updates of warm-up */
  check_rate(&rising, 1, 4, 0.0625);
  check_rate(&rising, 7, 4, 0.4375);
  check_rate(&rising, 8, 4, 0.5);
  check_rate(&rising, 9, 4, 0.5);
  check_rate(&rising, 1000, 4, 0.5);
  const cnn_config falling = config_of(CNN_SCHEDULE_COSINE, 3, 0); /* over 12 updates */
  check_rate(&falling, 1, 4, 0.25 * (1.0 + cos(acos(-1.0) / 12.0)));
  check_rate(&falling, 4, 4, 0.375);
  check_rate(&falling, 6, 4, 0.25);
  check_rate(&falling, 8, 4, 0.125);
  const cnn_config both = config_of(CNN_SCHEDULE_COSINE, 3, 1); /* up in 4, down in 8 */
  check_rate(&both, 1, 4, 0.125);
  check_rate(&both, 4, 4, 0.5);
  check_rate(&both, 5, 4, 0.25 * (1.0 + cos(acos(-1.0) / 8.0)));
  check_rate(&both, 8, 4, 0.25);
  check_rate(&both, 11, 4, 0.25 * (1.0 + cos(acos(-1.0) * 7.0 / 8.0)));
  for (int64_t t = 12; t < 2000; t += 11) { /* exactly 0, also far beyond the end */
    CHECK(cnn_learning_rate(&both, t, 4) == 0.0, "t %lld: not 0", (long long)t);
    CHECK(cnn_learning_rate(&falling, t, 4) == 0.0, "t %lld: not 0", (long long)t);
  }
  const cnn_config all_warm = config_of(CNN_SCHEDULE_COSINE, 3, 3);
  check_rate(&all_warm, 12, 4, 0.5);
  check_rate(&all_warm, 13, 4, 0.0);
  const cnn_config too_warm = config_of(CNN_SCHEDULE_COSINE, 3, 100000); /* never gets there */
  check_rate(&too_warm, 12, 4, 0.5 * 12.0 / 400000.0);
  const cnn_config slow = config_of(CNN_SCHEDULE_CONSTANT, 100000, 100000);
  check_rate(&slow, INT64_C(50000000000), 1000000, 0.25);
  const cnn_config long_run = config_of(CNN_SCHEDULE_COSINE, 100000, 0); /* beyond 2^31 updates */
  check_rate(&long_run, INT64_C(50000000000), 1000000, 0.25);
}

/* Sums against plain double ones, at every length; values whose squares are exact in double. */
static void check_square_sum(void) {
  noise random = noise_of(21);
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    guarded g = guarded_floats(count, 0);
    noise_fill(guarded_float(&g), &random, count);
    double want = 0.0;
    for (size_t i = 0; i < count; i++) {
      want += (double)guarded_float(&g)[i] * (double)guarded_float(&g)[i];
    }
    const double got = cnn_square_sum(guarded_float(&g), count);
    CHECK(fabs(got - want) <= 1e-14, "%zu values: %.17g not %.17g", count, got, want);
    CHECK(guarded_end(&g), "%zu values: wrote", count);
  }
  const float large[5] = {3e38f, 0, 0, 0, 3e38f}, bad[3] = {0, NAN, 0};
  CHECK(fabs(cnn_square_sum(large, 5) / 1.8e77 - 1.0) < 1e-6, "large squares");
  CHECK(cnn_square_sum(bad, 3) != cnn_square_sum(bad, 3), "NaN is lost");
}

/* The definition of the order: four chains by index modulo 4, each ascending, then their sum from
 * the first to the last. Beside 1, a square of 2^-54 or 2^-53 is lost, three of 2^-54 are not. */
static void check_sum_order(void) {
  float g[16] = {[0] = 1.0f, [4] = 0x1p-27f, [8] = 0x1p-27f, [12] = 0x1p-27f};
  CHECK(cnn_square_sum(g, 16) == 1.0, "the small squares are lost one by one in the first chain");
  g[5] = g[9] = g[13] = 0x1p-27f;
  CHECK(cnn_square_sum(g, 16) == 1.0 + 0x1p-52, "they meet in a chain of their own");
  const float apart[7] = {[0] = 1.0f, [1] = 0x1p-27f, [2] = 0x1p-27f, [6] = 0x1p-27f};
  CHECK(cnn_square_sum(apart, 7) == 1.0, "the chains are added from the first to the last");
}

static void check_clip(void) {
  const float g[4] = {3.0f, 0.0f, -4.0f, 0.0f}, none[4] = {0};
  const double square = cnn_square_sum(g, 4);
  CHECK(square == 25.0, "%g", square);
  CHECK(cnn_clip_scale(square, 6.0) == 1.0, "norm below the limit");
  CHECK(cnn_clip_scale(square, 5.0) == 1.0, "norm at the limit");
  CHECK(cnn_clip_scale(square, 2.5) == 0.5, "norm above the limit");
  CHECK(cnn_clip_scale(square, 0.0) == 1.0, "off");
  CHECK(cnn_clip_scale(1e300, 0.0) == 1.0, "off");
  CHECK(cnn_clip_scale(cnn_square_sum(none, 4), 1.0) == 1.0, "no gradient at all");
  CHECK(cnn_clip_scale((double)NAN, 1.0) != cnn_clip_scale((double)NAN, 1.0), "NaN is lost");
}

static void check_l2(void) {
  noise random = noise_of(22);
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    guarded g = guarded_floats(count, 0), w = guarded_floats(count, 0);
    float before[MAX_COUNT];
    noise_fill(guarded_float(&g), &random, count);
    noise_fill(guarded_float(&w), &random, count);
    memcpy(before, guarded_float(&g), count * sizeof(float));
    const double squares = cnn_l2_add(guarded_float(&g), guarded_float(&w), 0.25, count);
    CHECK(squares == cnn_square_sum(guarded_float(&w), count), "%zu: %g", count, squares);
    for (size_t i = 0; i < count; i++) { /* 2 * 0.25 * w is exact */
      CHECK(guarded_float(&g)[i] == before[i] + 0.5f * guarded_float(&w)[i], "%zu of %zu", i,
            count);
    }
    CHECK(guarded_end(&g) + guarded_end(&w) == 2, "%zu: wrote outside", count);
  }
}

int main(void) {
  check_schedule();
  check_square_sum();
  check_sum_order();
  check_clip();
  check_l2();
  return check_finish("schedule");
}
