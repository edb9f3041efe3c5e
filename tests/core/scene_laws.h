/* What the tests of the scenes' laws share: the ideal observer's ceiling, noiseless templates at
 * any size, and bounds on guessing. Ordinary double arithmetic with the C library, apart from the
 * core's. */
#ifndef SCENE_LAWS_H
#define SCENE_LAWS_H

#include "scene_help.h"
#include "scene_signal.h"

#include <math.h>

static inline double normal_cdf(double x) {
  return 0.5 * erfc(-x / sqrt(2.0));
}

/* Share of right answers of the ideal observer among K orthogonal signals of equal energy in white
 * noise (Green & Dai 1991): the integral of phi(t - s) Phi(t)^(K-1) dt, by Simpson's rule over 9 sd
 * either way. */
static inline double ceiling_of(int32_t classes, double s) {
  enum { INTERVALS = 1800 };
  const double step = 18.0 / INTERVALS;
  double sum = 0.0;
  for (int32_t i = 0; i <= INTERVALS; i++) {
    const double z = -9.0 + i * step;
    const double density = exp(-0.5 * z * z) / sqrt(2.0 * 3.14159265358979323846);
    const double weight = i == 0 || i == INTERVALS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    sum += weight * density * pow(normal_cdf(z + s), classes - 1);
  }
  return sum * step / 3.0;
}

/* Noiseless picture of a class of family T at a size that divides the reference, in grey levels
 * around 0: means over blocks, [side][side]. */
static inline void clean_template(double *picture, const cnn_scene *scene, int32_t class_index,
                                  int32_t side) {
  float *work = must_allocate(cnn_scene_signal_floats(scene) * sizeof(float));
  float *row = must_allocate((size_t)scene->reference * sizeof(float));
  cnn_scene_signal signal;
  cnn_scene_signal_begin(&signal, work, scene, CNN_SPLIT_TRAIN, class_index, 0);
  const int32_t block = scene->reference / side;
  for (int32_t i = 0; i < side * side; i++) {
    picture[i] = 0.0;
  }
  for (int32_t y = 0; y < scene->reference; y++) {
    int32_t first;
    int32_t last;
    cnn_scene_signal_row(row, &first, &last, &signal, y);
    for (int32_t x = first; x < last; x++) {
      picture[(y / block) * side + x / block] += row[x] / (double)(block * block);
    }
  }
  free(row);
  free(work);
}

/* [classes][side][side] */
static inline double *clean_templates(const cnn_scene *scene, int32_t classes, int32_t side) {
  double *all = must_allocate((size_t)(classes * side * side) * sizeof(double));
  for (int32_t k = 0; k < classes; k++) {
    clean_template(all + (ptrdiff_t)k * side * side, scene, k, side);
  }
  return all;
}

/* s of family T at a size as the core says it; NaN where it refuses. */
static inline double strength_of(const cnn_scene *scene, int32_t side) {
  void *work = must_allocate(cnn_scene_work_bytes(scene));
  double strength = 0.0;
  const cnn_status status = cnn_scene_strength(&strength, scene, side, work);
  free(work);
  return status == CNN_OK ? strength : (double)NAN;
}

/* Distances between all pairs of pictures, over sqrt 2: the norms of orthogonal ones. */
typedef struct {
  double least, most, mean_square;
} pair_span;

static inline pair_span spans_of(const double *pictures, int32_t classes, int32_t values) {
  pair_span span = {HUGE_VAL, 0.0, 0.0};
  const double pairs = 0.5 * classes * (classes - 1);
  for (int32_t a = 0; a < classes; a++) {
    for (int32_t b = 0; b < a; b++) {
      const double *first = pictures + (ptrdiff_t)a * values;
      const double *second = pictures + (ptrdiff_t)b * values;
      double square = 0.0;
      for (int32_t i = 0; i < values; i++) {
        square += (first[i] - second[i]) * (first[i] - second[i]);
      }
      const double distance = sqrt(0.5 * square);
      span.least = fmin(span.least, distance);
      span.most = fmax(span.most, distance);
      span.mean_square += 0.5 * square / pairs;
    }
  }
  return span;
}

/* How far a count of guesses may stray: 4 standard deviations of a binomial, which happens by
 * chance once in 16,000. Seeds are fixed, so a test that passes goes on passing. */
static inline double stray_of(int32_t count, double share) {
  return 4.0 * sqrt(count * share * (1.0 - share));
}

#endif
