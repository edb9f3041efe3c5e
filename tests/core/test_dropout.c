/* Dropout: the share that is zeroed, what the others are scaled by, that any cut of a layer gives
 * the same mask, and that masks depend on seed, update and image and on nothing else. */
#include "augment.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"

enum { COUNT = 1000000 };
static float values[COUNT];

static void fill_ones(size_t count) {
  for (size_t i = 0; i < count; i++) {
    values[i] = 1.0f;
  }
}

/* A share of 10^6 draws has sd sqrt(rate (1-rate)) / 1000; gate 4.5, 7e-6 by chance. The same for
 * values 4 n + lane alone, which share a hash, and for two values both dropped, up to 8 apart. */
static void check_share(double rate) {
  const double sd = sqrt(rate * (1.0 - rate)) / 1000.0;
  const float scale = (float)(1.0 / (1.0 - rate));
  double zeros = 0.0, pairs[9] = {0.0}, lanes[4] = {0.0};
  size_t wrong = 0;
  fill_ones(COUNT);
  cnn_dropout(values, rate, 1, 2, 3, 0, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    const int dropped = values[i] == 0.0f;
    wrong += !dropped && values[i] != scale;
    zeros += dropped;
    lanes[i % 4] += dropped;
    for (size_t apart = 1; apart <= 8 && apart <= i; apart++) {
      pairs[apart] += dropped && values[i - apart] == 0.0f;
    }
  }
  CHECK(wrong == 0, "rate %g: %zu values are neither 0 nor %.9g", rate, wrong, (double)scale);
  CHECK(fabs(zeros / COUNT - rate) <= 4.5 * sd, "rate %g: share %g", rate, zeros / COUNT);
  for (size_t lane = 0; lane < 4; lane++) {
    CHECK(fabs(4.0 * lanes[lane] / COUNT - rate) <= 4.5 * 2.0 * sd, "rate %g lane %zu: share %g",
          rate, lane, 4.0 * lanes[lane] / COUNT);
  }
  /* pairs overlap, so the variance is at most three times that of independent ones */
  const double both = rate * rate, pair_sd = sqrt(3.0 * both * (1.0 - both)) / 1000.0;
  for (size_t apart = 1; apart <= 8; apart++) {
    CHECK(fabs(pairs[apart] / COUNT - both) <= 4.5 * pair_sd, "rate %g: pairs %zu apart %g", rate,
          apart, pairs[apart] / COUNT);
  }
}

/* No rate, no change, of any value. */
static void check_none(void) {
  noise random = noise_of(81);
  float kept[100];
  noise_fill(kept, &random, 100);
  memcpy(values, kept, sizeof kept);
  cnn_dropout(values, 0.0, 1, 2, 3, 0, 100);
  CHECK(memcmp(values, kept, sizeof kept) == 0, "rate 0 changes values");
}

/* Pieces of any length give the mask of the whole, inside guarded arrays. */
static void check_cuts(void) {
  enum { TOTAL = 203 };
  float whole[TOTAL];
  noise random = noise_of(82);
  for (size_t i = 0; i < TOTAL; i++) {
    whole[i] = 1.0f;
  }
  cnn_dropout(whole, 0.4, 5, 6, 7, 0, TOTAL);
  for (int round = 0; round < 200; round++) {
    for (size_t first = 0; first < TOTAL;) {
      const size_t rest = TOTAL - first, wanted = noise_below(&random, 11);
      const size_t count = wanted < rest ? wanted : rest;
      guarded piece = guarded_floats(count, 0);
      for (size_t i = 0; i < count; i++) {
        guarded_float(&piece)[i] = 1.0f;
      }
      cnn_dropout(guarded_float(&piece), 0.4, 5, 6, 7, first, count);
      CHECK(memcmp(guarded_float(&piece), whole + first, count * sizeof(float)) == 0,
            "values %zu..%zu differ from the whole", first, first + count);
      CHECK(guarded_end(&piece), "wrote outside");
      first += count;
    }
  }
}

/* Another seed, update or image: another mask. Two masks of rate 1/2 agree in half of 1,000 values,
 * sd 16. */
static void check_keys(void) {
  static const int64_t keys[][3] = {{1, 2, 3}, {2, 2, 3}, {1, 3, 3},
                                    {1, 2, 4}, {1, 3, 2}, {1, 2 + (INT64_C(1) << 32), 3}};
  static float masks[6][1000];
  for (size_t k = 0; k < 6; k++) {
    for (size_t i = 0; i < 1000; i++) {
      masks[k][i] = 1.0f;
    }
    cnn_dropout(masks[k], 0.5, (int32_t)keys[k][0], keys[k][1], (int32_t)keys[k][2], 0, 1000);
    for (size_t before = 0; before < k; before++) {
      int agree = 0;
      for (size_t i = 0; i < 1000; i++) {
        agree += masks[k][i] == masks[before][i];
      }
      CHECK(agree > 420 && agree < 580, "masks %zu and %zu agree in %d of 1000", before, k, agree);
    }
  }
}

/* A dropped NaN is still NaN. */
static void check_not_a_number(void) {
  float nan[64];
  size_t lost = 0;
  for (size_t i = 0; i < 64; i++) {
    nan[i] = NAN;
  }
  cnn_dropout(nan, 0.5, 1, 1, 1, 0, 64);
  for (size_t i = 0; i < 64; i++) {
    lost += nan[i] == nan[i];
  }
  CHECK(lost == 0, "%zu NaN were dropped", lost);
}

int main(void) {
  static const double rates[] = {0.1, 0.25, 1.0 / 3.0, 0.5, 0.9, 0.95};
  uint64_t hash = BITS_START;
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    check_share(rates[i]);
    hash = bits_of(hash, values, sizeof values);
  }
  check_bits("dropout", hash, UINT64_C(0x72c83fc7fa0990ed));
  check_none();
  check_cuts();
  check_keys();
  check_not_a_number();
  return check_finish("dropout");
}
