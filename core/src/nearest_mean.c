/* Nearest class mean, the baseline of the lesson: no training, no tuning, and its score on the
 * template scenes has a closed form (tests/core/test_slow_nearest_mean_law.c). Sums of bytes are
 * exact in double; distances are added in eight fixed lanes, so the bits do not depend on the
 * compiler. It has no probabilities: score->loss is 0. */
#include "cnn.h"

enum { LANES = 8 };

/* sum over i of (image[i] - mean[i])^2 */
static double squared_distance(const uint8_t *image, const double *mean, int32_t values) {
  double lanes[LANES] = {0};
  int32_t i = 0;
  for (; i + LANES <= values; i += LANES) {
    for (int32_t lane = 0; lane < LANES; lane++) {
      const double d = (double)image[i + lane] - mean[i + lane];
      lanes[lane] += d * d;
    }
  }
  for (int32_t lane = 0; i < values; i++, lane++) {
    const double d = (double)image[i] - mean[i];
    lanes[lane] += d * d;
  }
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
         ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

static cnn_status check_images(const cnn_images *images, int32_t classes) {
  if (images == NULL || images->pixels == NULL || images->labels == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  if (images->count < 1) {
    return CNN_ERROR_EMPTY;
  }
  for (int32_t n = 0; n < images->count; n++) {
    if (images->labels[n] >= classes) {
      return CNN_ERROR_LABEL;
    }
  }
  return CNN_OK;
}

/* means [K][values], counts [K] */
static void class_means(double *means, double *counts, const cnn_images *train, int32_t classes,
                        int32_t values) {
  for (int64_t i = 0; i < (int64_t)classes * values; i++) {
    means[i] = 0.0;
  }
  for (int32_t k = 0; k < classes; k++) {
    counts[k] = 0.0;
  }
  for (int32_t n = 0; n < train->count; n++) {
    const uint8_t *image = train->pixels + (int64_t)n * values;
    double *mean = means + (int64_t)train->labels[n] * values;
    for (int32_t i = 0; i < values; i++) {
      mean[i] += image[i];
    }
    counts[train->labels[n]] += 1.0;
  }
  for (int32_t k = 0; k < classes; k++) {
    for (int32_t i = 0; i < values && counts[k] > 0.0; i++) {
      means[(int64_t)k * values + i] /= counts[k];
    }
  }
}

cnn_status cnn_nearest_mean(cnn_score *score, const cnn_images *train, const cnn_images *test,
                            double *work, int32_t classes, int32_t values_per_image) {
  if (score == NULL || work == NULL || classes < 1 || classes > 255 || values_per_image < 1) {
    return CNN_ERROR_ARGUMENT;
  }
  cnn_status status = check_images(train, classes);
  if (status == CNN_OK) {
    status = check_images(test, classes);
  }
  if (status != CNN_OK) {
    return status;
  }
  double *counts = work + (int64_t)classes * values_per_image;
  class_means(work, counts, train, classes, values_per_image);

  score->loss = 0.0;
  score->correct = 0;
  score->count = test->count;
  for (int32_t n = 0; n < test->count; n++) {
    const uint8_t *image = test->pixels + (int64_t)n * values_per_image;
    int32_t best = -1;
    double best_distance = 0.0;
    for (int32_t k = 0; k < classes; k++) {
      if (counts[k] == 0.0) {
        continue;
      }
      const double distance =
          squared_distance(image, work + (int64_t)k * values_per_image, values_per_image);
      if (best < 0 || distance < best_distance) {
        best = k;
        best_distance = distance;
      }
    }
    score->correct += best == test->labels[n];
  }
  return CNN_OK;
}
