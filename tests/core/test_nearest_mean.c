/* cnn_nearest_mean: hand-made sets whose answer is known, ties, empty classes, refusals, and a
 * plain second implementation on random pictures. The law of its score: test_slow_*. */
#include "check.h"
#include "scene_help.h"

static cnn_score score_of(const uint8_t *train, const uint8_t *train_labels, int32_t train_count,
                          const uint8_t *test, const uint8_t *test_labels, int32_t test_count,
                          int32_t classes, int32_t values) {
  double *work = must_allocate((size_t)(classes * values + classes) * sizeof(double));
  const cnn_images train_set = {train, train_labels, train_count};
  const cnn_images test_set = {test, test_labels, test_count};
  cnn_score score = {-1.0, -1, -1};
  const cnn_status status = cnn_nearest_mean(&score, &train_set, &test_set, work, classes, values);
  CHECK(status == CNN_OK, "status %d", (int)status);
  free(work);
  return score;
}

/* Means 10 and 20: 15 is a tie and goes to class 0; class 2 has no pictures and is never chosen,
 * though an untouched mean of 0 would be nearest to 1. */
static void test_by_hand(void) {
  const uint8_t train[] = {8, 12, 18, 22};
  const uint8_t train_labels[] = {0, 0, 1, 1};
  const uint8_t test[] = {14, 15, 16, 1, 15};
  const uint8_t test_labels[] = {0, 0, 1, 0, 2};
  const cnn_score score = score_of(train, train_labels, 4, test, test_labels, 5, 3, 1);
  CHECK(score.correct == 4, "%d of 5", (int)score.correct);
  CHECK(score.count == 5, "count %d", (int)score.count);
  CHECK(score.loss == 0.0, "loss %g", score.loss);
}

/* Sizes around the eight lanes, against one plain sum per distance. */
static void test_against_plain(int32_t values) {
  enum { TRAIN = 60, TEST = 200, CLASSES = 7 };
  uint8_t *train = must_allocate((size_t)(TRAIN * values));
  uint8_t *test = must_allocate((size_t)(TEST * values));
  double *means = must_allocate((size_t)(CLASSES * values) * sizeof(double));
  uint8_t train_labels[TRAIN];
  uint8_t test_labels[TEST];
  for (int32_t i = 0; i < TRAIN * values; i++) {
    train[i] = (uint8_t)cnn_rng_at(11, (uint64_t)i);
  }
  for (int32_t i = 0; i < TEST * values; i++) {
    test[i] = (uint8_t)cnn_rng_at(12, (uint64_t)i);
  }
  for (int32_t i = 0; i < CLASSES * values; i++) {
    means[i] = 0.0;
  }
  for (int32_t n = 0; n < TRAIN; n++) {
    train_labels[n] = (uint8_t)(n % CLASSES);
    const int32_t in_class = (TRAIN - 1 - n % CLASSES) / CLASSES + 1;
    for (int32_t i = 0; i < values; i++) {
      means[n % CLASSES * values + i] += train[n * values + i] / (double)in_class;
    }
  }
  int32_t correct = 0;
  for (int32_t n = 0; n < TEST; n++) {
    test_labels[n] = (uint8_t)cnn_rng_below(13, (uint64_t)n, CLASSES);
    int32_t best = 0;
    double best_distance = INFINITY;
    for (int32_t k = 0; k < CLASSES; k++) {
      double distance = 0.0;
      for (int32_t i = 0; i < values; i++) {
        const double d = test[n * values + i] - means[k * values + i];
        distance += d * d;
      }
      if (distance < best_distance) {
        best = k;
        best_distance = distance;
      }
    }
    correct += best == test_labels[n];
  }
  const cnn_score score =
      score_of(train, train_labels, TRAIN, test, test_labels, TEST, CLASSES, values);
  CHECK(score.correct == correct, "%d values: %d, plain %d", (int)values, (int)score.correct,
        (int)correct);
  free(means);
  free(test);
  free(train);
}

static void test_refusals(void) {
  const uint8_t pixels[2] = {1, 2};
  const uint8_t labels[2] = {0, 1};
  double work[4];
  cnn_score score;
  const cnn_images good = {pixels, labels, 2};
  const cnn_images empty = {pixels, labels, 0};
  const cnn_images missing = {NULL, labels, 2};
  CHECK(cnn_nearest_mean(NULL, &good, &good, work, 2, 1) == CNN_ERROR_ARGUMENT, "score");
  CHECK(cnn_nearest_mean(&score, NULL, &good, work, 2, 1) == CNN_ERROR_ARGUMENT, "train");
  CHECK(cnn_nearest_mean(&score, &good, &missing, work, 2, 1) == CNN_ERROR_ARGUMENT, "pixels");
  CHECK(cnn_nearest_mean(&score, &good, &good, NULL, 2, 1) == CNN_ERROR_ARGUMENT, "work");
  CHECK(cnn_nearest_mean(&score, &good, &good, work, 2, 0) == CNN_ERROR_ARGUMENT, "no values");
  CHECK(cnn_nearest_mean(&score, &good, &empty, work, 2, 1) == CNN_ERROR_EMPTY, "empty test");
  CHECK(cnn_nearest_mean(&score, &empty, &good, work, 2, 1) == CNN_ERROR_EMPTY, "empty train");
  CHECK(cnn_nearest_mean(&score, &good, &good, work, 1, 1) == CNN_ERROR_LABEL, "label 1 of 1");
}

int main(void) {
  test_by_hand();
  for (int32_t values = 1; values <= 26; values++) {
    test_against_plain(values);
  }
  test_refusals();
  return check_finish("test_nearest_mean");
}
