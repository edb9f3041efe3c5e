/* Family T before noise: every template has the norm snr * noise, every pair the same distance,
 * and the coefficients on a DCT basis made with the C library's cosine are +-norm/B inside the
 * band and 0 outside. */
#include "check.h"
#include "scene_help.h"
#include "scene_signal.h"

static const double pi = 3.14159265358979323846;

/* templates [K][reference][reference] */
static float *all_templates(const cnn_scene *scene) {
  const size_t pixels = (size_t)(scene->reference * scene->reference);
  float *templates = must_allocate((size_t)scene->classes * pixels * sizeof(float));
  float *work = must_allocate(cnn_scene_signal_floats(scene) * sizeof(float));
  for (int32_t k = 0; k < scene->classes; k++) {
    cnn_scene_signal signal;
    cnn_scene_signal_begin(&signal, work, scene, CNN_SPLIT_TRAIN, k, 0);
    for (int32_t y = 0; y < scene->reference; y++) {
      int32_t first;
      int32_t last;
      cnn_scene_signal_row(templates + (size_t)k * pixels + (size_t)(y * scene->reference), &first,
                           &last, &signal, y);
      CHECK(first == 0 && last == scene->reference, "a template fills the frame");
    }
  }
  free(work);
  return templates;
}

static void test_distances(int32_t band_low, int32_t band_width, int32_t classes,
                           int32_t reference) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, classes, reference, 1);
  scene.band_low = band_low;
  scene.band_width = band_width;
  CHECK(cnn_scene_check(NULL, &scene, reference) == CNN_OK, "scene");
  const double norm = scene.snr * scene.noise;
  const size_t pixels = (size_t)(reference * reference);
  float *templates = all_templates(&scene);
  double worst_norm = 0.0;
  double worst_distance = 0.0;
  for (int32_t a = 0; a < classes; a++) {
    const float *first = templates + (size_t)a * pixels;
    double square = 0.0;
    for (size_t i = 0; i < pixels; i++) {
      square += (double)first[i] * first[i];
    }
    worst_norm = fmax(worst_norm, fabs(sqrt(square) / norm - 1.0));
    for (int32_t b = 0; b < a; b++) {
      const float *second = templates + (size_t)b * pixels;
      double distance = 0.0;
      for (size_t i = 0; i < pixels; i++) {
        const double d = (double)first[i] - second[i];
        distance += d * d;
      }
      worst_distance = fmax(worst_distance, fabs(sqrt(distance / 2.0) / norm - 1.0));
    }
  }
  CHECK(worst_norm < 1e-4, "u0 %d, B %d: norm off by %g", (int)band_low, (int)band_width,
        worst_norm);
  CHECK(worst_distance < 1e-4, "u0 %d, B %d: distance off by %g", (int)band_low, (int)band_width,
        worst_distance);
  free(templates);
}

static double basis(int32_t u, int32_t x, int32_t reference) {
  return sqrt((u == 0 ? 1.0 : 2.0) / reference) * cos(pi * u * (x + 0.5) / reference);
}

/* Signs [B*B] of the coefficients of a scene's first template; checks their sizes. */
static void coefficient_signs(int *signs, const cnn_scene *scene) {
  enum { REFERENCE = 192, MOST = 40 };
  const int32_t count = scene->band_low + scene->band_width + 4;
  const double want = scene->snr * scene->noise / scene->band_width;
  static double rows[REFERENCE][MOST];
  float *template = all_templates(scene);
  for (int32_t y = 0; y < REFERENCE; y++) {
    for (int32_t u = 0; u < count; u++) {
      rows[y][u] = 0.0;
      for (int32_t x = 0; x < REFERENCE; x++) {
        rows[y][u] += template[y * REFERENCE + x] * basis(u, x, REFERENCE);
      }
    }
  }
  double worst = 0.0;
  for (int32_t v = 0; v < count; v++) {
    for (int32_t u = 0; u < count; u++) {
      double c = 0.0;
      for (int32_t y = 0; y < REFERENCE; y++) {
        c += rows[y][u] * basis(v, y, REFERENCE);
      }
      const int32_t i = (v - scene->band_low) * scene->band_width + u - scene->band_low;
      const int inside =
          u >= scene->band_low && v >= scene->band_low && u < count - 4 && v < count - 4;
      worst = fmax(worst, fabs(fabs(c) - (inside ? want : 0.0)));
      if (inside) {
        signs[i] = c > 0.0 ? 1 : -1;
      }
    }
  }
  CHECK(worst < 1e-4 * want, "u0 %d: coefficients off by %g of %g", (int)scene->band_low, worst,
        want);
  free(template);
}

/* Signs common to all classes come from the seed, fair and different for another seed. */
static void test_coefficients(int32_t band_low) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 2, 192, 1);
  scene.band_low = band_low;
  int first[64] = {0};
  int second[64] = {0};
  coefficient_signs(first, &scene);
  scene.seed = 2;
  coefficient_signs(second, &scene);
  int differing = 0;
  for (int i = 0; i < 64; i++) {
    differing += first[i] != second[i];
  }
  CHECK(differing > 12 && differing < 52, "%d of 64 signs differ between seeds", differing);
}

/* 255 classes on 16 x 16 basis functions: every pair of coefficient rows at right angles, which on
 * an orthonormal basis makes all distances equal, and the last class really drawn. */
static void test_most_classes(void) {
  enum { CLASSES = 255, TERMS = 256, SMALL = 24 * 24 };
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, CLASSES, 192, 1);
  scene.band_width = 16;
  scene.snr = 16.0;
  static double weights[CLASSES][TERMS];
  for (int32_t k = 0; k < CLASSES; k++) {
    for (int32_t i = 0; i < TERMS; i++) {
      weights[k][i] = cnn_scene_template_weight(&scene, k, i);
      CHECK(fabs(weights[k][i]) == 40.0, "norm 640 / 16: %f", weights[k][i]);
    }
    for (int32_t other = 0; other < k; other++) {
      double product = 0.0;
      for (int32_t i = 0; i < TERMS; i++) {
        product += weights[k][i] * weights[other][i];
      }
      CHECK(product == 0.0, "classes %d and %d: %f", (int)k, (int)other, product);
    }
  }
  static uint8_t pixels[CLASSES * SMALL];
  uint8_t labels[CLASSES];
  CHECK(draw_set(pixels, labels, &scene, 24, CNN_SPLIT_TEST, 0, CLASSES) == CNN_OK, "drawn");
  for (int32_t k = 0; k < CLASSES; k++) {
    CHECK(labels[k] == k, "label %d of class %d", labels[k], (int)k);
  }
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  float row[192];
  double products[3] = {0.0}; /* of the last picture with the templates of 0, 253 and 254 */
  const int32_t others[3] = {0, 253, 254};
  for (int32_t i = 0; i < 3; i++) {
    cnn_scene_signal signal;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TEST, others[i], 0);
    for (int32_t y = 0; y < 192; y++) {
      int32_t first;
      int32_t last;
      cnn_scene_signal_row(row, &first, &last, &signal, y);
      for (int32_t x = 0; x < 192; x++) {
        products[i] += row[x] * (pixels[254 * SMALL + y / 8 * 24 + x / 8] - 128.0);
      }
    }
  }
  CHECK(products[2] > 2.0 * fabs(products[0]) && products[2] > 2.0 * fabs(products[1]),
        "%.0f of %.0f and %.0f", products[2], products[0], products[1]);
  free(work);
}

int main(void) {
  test_most_classes();
  test_distances(0, 8, 63, 192);
  test_distances(16, 8, 20, 256);
  test_distances(184, 8, 5, 192);
  test_distances(32, 16, 12, 192);
  test_coefficients(0);
  test_coefficients(16);
  return check_finish("test_scene_templates");
}
