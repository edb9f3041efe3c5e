/* One scene, three downsamplers: what is drawn at R is, byte for byte, what plain code makes of the
 * picture drawn at the reference size, with every nuisance on. And the strength that follows. */
#include "check.h"
#include "scene_help.h"
#include "scene_signal.h"

enum { LARGEST = 256 * 256 * 3 };

static uint8_t level_at(const uint8_t *picture, const cnn_scene *scene, int32_t x, int32_t y,
                        int32_t c) {
  return picture[(y * scene->reference + x) * scene->channels + c];
}

/* Mean of the block, rounded half up. */
static double plain_area(const uint8_t *picture, const cnn_scene *scene, int32_t block, int32_t x,
                         int32_t y, int32_t c) {
  double sum = 0.0;
  for (int32_t i = 0; i < block * block; i++) {
    sum += level_at(picture, scene, x * block + i % block, y * block + i / block, c);
  }
  return floor(sum / (block * block) + 0.5);
}

/* The pixel [i, i+1) that holds the centre of the output pixel. */
static double plain_nearest(const uint8_t *picture, const cnn_scene *scene, int32_t block,
                            int32_t x, int32_t y, int32_t c) {
  return level_at(picture, scene, (int32_t)floor((x + 0.5) * block),
                  (int32_t)floor((y + 0.5) * block), c);
}

/* Linear interpolation between pixel centres (half-pixel convention, no antialiasing). */
static double plain_bilinear(const uint8_t *picture, const cnn_scene *scene, int32_t block,
                             int32_t x, int32_t y, int32_t c) {
  const double at_x = (x + 0.5) * block - 0.5;
  const double at_y = (y + 0.5) * block - 0.5;
  const int32_t left = (int32_t)floor(at_x);
  const int32_t upper = (int32_t)floor(at_y);
  double sum = 0.0;
  for (int32_t i = 0; i < 4; i++) {
    const double weight = (i % 2 == 1 ? at_x - left : left + 1 - at_x) *
                          (i / 2 == 1 ? at_y - upper : upper + 1 - at_y);
    if (weight > 0.0) {
      sum += weight * level_at(picture, scene, left + i % 2, upper + i / 2, c);
    }
  }
  return floor(sum + 0.5);
}

static void compare(const uint8_t *drawn, const uint8_t *picture, const cnn_scene *scene,
                    int32_t side) {
  static double (*const plain[])(const uint8_t *, const cnn_scene *, int32_t, int32_t, int32_t,
                                 int32_t) = {plain_area, plain_nearest, plain_bilinear};
  int32_t wrong = 0;
  for (int32_t i = 0; i < side * side * scene->channels; i++) {
    const int32_t pixel = i / scene->channels;
    wrong += drawn[i] != plain[scene->downsample](picture, scene, scene->reference / side,
                                                  pixel % side, pixel / side, i % scene->channels);
  }
  CHECK(wrong == 0, "family %d, downsampler %d, %d -> %d: %d bytes differ", (int)scene->family,
        (int)scene->downsample, (int)scene->reference, (int)side, (int)wrong);
}

static void test_sides(cnn_scene scene, const int32_t *sides, int32_t count) {
  static uint8_t picture[LARGEST];
  static uint8_t drawn[LARGEST];
  draw_picture(picture, &scene, scene.reference, CNN_SPLIT_TEST, 2, 7);
  for (int32_t i = 0; i < count; i++) {
    for (int32_t method = 0; method <= CNN_DOWNSAMPLE_BILINEAR; method++) {
      scene.downsample = method;
      draw_picture(drawn, &scene, sides[i], CNN_SPLIT_TEST, 2, 7);
      compare(drawn, picture, &scene, sides[i]);
    }
  }
}

/* s from noiseless pictures at R, averaged by hand. */
static double plain_strength(const cnn_scene *scene, int32_t side) {
  const int32_t block = scene->reference / side;
  const int32_t count = scene->downsample == CNN_DOWNSAMPLE_NEAREST ? 1 : 2; /* block is even */
  const int32_t first = scene->downsample == CNN_DOWNSAMPLE_NEAREST ? block / 2 : block / 2 - 1;
  const int32_t pixels = side * side;
  double *pictures = must_allocate(sizeof(double) * (size_t)(scene->classes * pixels));
  float *work = must_allocate(cnn_scene_signal_floats(scene) * sizeof(float));
  float row[256];
  for (int32_t k = 0; k < scene->classes; k++) {
    cnn_scene_signal signal;
    cnn_scene_signal_begin(&signal, work, scene, CNN_SPLIT_TRAIN, k, 0);
    for (int32_t i = 0; i < pixels; i++) {
      pictures[k * pixels + i] = 0.0;
    }
    for (int32_t y = 0; y < scene->reference; y++) {
      int32_t from;
      int32_t to;
      cnn_scene_signal_row(row, &from, &to, &signal, y);
      for (int32_t x = 0; x < scene->reference; x++) {
        const int is_seen = x % block >= first && x % block < first + count && y % block >= first &&
                            y % block < first + count;
        const int32_t i = y / block * side + x / block;
        pictures[k * pixels + i] += is_seen ? row[x] / (double)(count * count) : 0.0;
      }
    }
  }
  double square = 0.0;
  int32_t pairs = 0;
  for (int32_t a = 0; a < scene->classes; a++) {
    for (int32_t b = 0; b < a; b++, pairs++) {
      for (int32_t i = 0; i < pixels; i++) {
        const double d = pictures[a * pixels + i] - pictures[b * pixels + i];
        square += d * d;
      }
    }
  }
  free(work);
  free(pictures);
  return sqrt(square / pairs / 2.0) / (scene->noise / count);
}

/* The sampled band folds at 16 and 24 pixels and does not at 96. */
static void test_strength(int32_t method) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 6, 192, 1);
  scene.band_low = 16;
  scene.downsample = method;
  const int32_t sides[] = {16, 24, 96};
  for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
    double strength = 0.0;
    uint8_t *work = must_allocate(cnn_scene_work_bytes(&scene));
    CHECK(cnn_scene_strength(&strength, &scene, sides[i], work) == CNN_OK, "strength");
    const double want = plain_strength(&scene, sides[i]);
    CHECK(fabs(strength / want - 1.0) < 1e-5, "downsampler %d, R %d: %.6f, want %.6f", (int)method,
          (int)sides[i], strength, want);
    free(work);
  }
}

/* NaN where the law of the ideal observer does not rule; 0 where there is nothing to see. */
static void test_no_strength(void) {
  static const char *const names[] = {"clutter", "jitter", "cue", "family", "noise"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 6, 192, 1);
    const double value = strcmp(names[i], "family") == 0  ? CNN_SCENE_SIGNS
                         : strcmp(names[i], "noise") == 0 ? 0.0
                                                          : 0.25;
    double strength = -1.0;
    CHECK(cnn_scene_set(&scene, names[i], value) == CNN_OK, "%s", names[i]);
    uint8_t *work = must_allocate(cnn_scene_work_bytes(&scene));
    CHECK(cnn_scene_strength(&strength, &scene, 24, work) == CNN_OK, "%s", names[i]);
    CHECK(i == 4 ? strength == 0.0 : isnan(strength), "%s: %f", names[i], strength);
    free(work);
  }
}

int main(void) {
  const int32_t all[] = {4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 192};
  const int32_t some[] = {4, 12, 64, 96};
  const int32_t powers[] = {16, 64, 256};
  test_sides(busy_scene(CNN_SCENE_STRIPED_BALL, 5, 192), all, 11);
  test_sides(busy_scene(CNN_SCENE_POLYGONS, 5, 256), powers, 3);
  for (int32_t family = 0; family <= CNN_SCENE_HUES; family++) {
    if (family != CNN_SCENE_NOISE) {
      cnn_scene scene = busy_scene(family, 5, 192);
      scene.channels = family == CNN_SCENE_HUES ? 3 : 1;
      test_sides(scene, some, 4);
    }
  }
  test_strength(CNN_DOWNSAMPLE_NEAREST);
  test_strength(CNN_DOWNSAMPLE_BILINEAR);
  test_no_strength();
  return check_finish("test_scene_downsample");
}
