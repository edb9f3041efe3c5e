/* s of family T at a resolution, see cnn_scene_strength. The templates are sums of products of
 * basis functions, and so are their pictures at R; inner products of those are sums over the Gram
 * matrix of the basis functions at R along one axis. Where the band folds it is not diagonal. */
#include "cnn.h"
#include "scene_parts.h"
#include "scene_signal.h"

#include <math.h> /* sqrt only: IEEE-exact everywhere */

enum { MOST_BAND = 16, MOST_TERMS = MOST_BAND * MOST_BAND };

/* gram[i][j] = sum over X of (mean over the pixels of block X of phi_i) * (the same of phi_j) */
static void fill_gram(double *gram, const float *basis, const cnn_scene *scene,
                      cnn_scene_window window) {
  const int32_t band = scene->band_width;
  for (int32_t i = 0; i < band * band; i++) {
    gram[i] = 0.0;
  }
  for (int32_t block = 0; block < scene->reference; block += window.block) {
    double mean[MOST_BAND] = {0.0};
    for (int32_t u = 0; u < band; u++) {
      const float *phi = basis + (ptrdiff_t)u * scene->reference + block + window.first;
      mean[u] = 0.0;
      for (int32_t x = 0; x < window.count; x++) {
        mean[u] += phi[x];
      }
      mean[u] /= window.count;
    }
    for (int32_t i = 0; i < band * band; i++) {
      gram[i] += mean[i / band] * mean[i % band];
    }
  }
}

/* |picture at R of the template with these coefficients|^2 = trace(W G W^T G) */
static double energy_of(const double *weights, const double *gram, int32_t band) {
  double product[MOST_TERMS] = {0.0}; /* W G */
  double energy = 0.0;
  for (int32_t i = 0; i < band * band; i++) {
    product[i] = 0.0;
    for (int32_t u = 0; u < band; u++) {
      product[i] += weights[i / band * band + u] * gram[u * band + i % band];
    }
  }
  for (int32_t i = 0; i < band * band; i++) { /* (W G W^T)[v][w] * G[v][w] */
    double inner = 0.0;
    for (int32_t u = 0; u < band; u++) {
      inner += product[i / band * band + u] * weights[i % band * band + u];
    }
    energy += inner * gram[i];
  }
  return energy;
}

cnn_status cnn_scene_strength(double *strength, const cnn_scene *scene, int32_t resolution,
                              void *work) {
  if (strength == NULL || work == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  const cnn_status status = cnn_scene_check(NULL, scene, resolution);
  if (status != CNN_OK) {
    return status;
  }
  *strength = (double)NAN;
  if (scene->family != CNN_SCENE_TEMPLATES || scene->clutter > 0.0 || scene->jitter > 0.0 ||
      scene->cue > 0.0) {
    return CNN_OK;
  }
  const int32_t band = scene->band_width;
  const int32_t patterns = cnn_scene_patterns(scene);
  const cnn_scene_window window = cnn_scene_window_of(scene, resolution);
  double gram[MOST_TERMS];
  double weights[MOST_TERMS];
  double sum[MOST_TERMS] = {0.0};
  cnn_scene_template_basis(work, scene);
  fill_gram(gram, work, scene, window);
  double energy = 0.0;
  for (int32_t k = 0; k < patterns; k++) {
    for (int32_t i = 0; i < band * band; i++) {
      weights[i] = cnn_scene_template_weight(scene, k, i);
      sum[i] += weights[i];
    }
    energy += energy_of(weights, gram, band);
  }
  /* Sum over pairs of |a - b|^2 = K * sum of |a|^2 - |sum of a|^2. */
  const double pairs = 0.5 * patterns * (patterns - 1.0);
  const double square = (patterns * energy - energy_of(sum, gram, band)) / pairs;
  const double sd = scene->noise / window.count;
  *strength = sd > 0.0 && square > 0.0 ? sqrt(square / 2.0) / sd : 0.0;
  return CNN_OK;
}
