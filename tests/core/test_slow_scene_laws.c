/* Laws of the template scenes that need many pictures or many classes: every pair at the same
 * distance up to 255 classes, and an observer who knows the noiseless templates scores what the
 * closed form says at every size. Optimised builds only. */
#include "check.h"
#include "scene_laws.h"

/* ---- Equal distances ------------------------------------------------------------------------- */

static void test_distances(int32_t band_low, int32_t band_width, int32_t reference) {
  const int32_t classes = band_width * band_width - 1;
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, classes, reference, 1);
  scene.band_low = band_low;
  scene.band_width = band_width;
  double *templates = clean_templates(&scene, classes, reference);
  const pair_span span = spans_of(templates, classes, reference * reference);
  const double want = scene.snr * scene.noise;
  printf("u0 %d, B %d, %d px: %d classes, pairs %.8f to %.8f of the stated distance\n",
         (int)band_low, (int)band_width, (int)reference, (int)classes, span.least / want,
         span.most / want);
  CHECK(span.least > (1.0 - 1e-4) * want && span.most < (1.0 + 1e-4) * want, "u0 %d, B %d, %d px",
        (int)band_low, (int)band_width, (int)reference);
  free(templates);
}

/* ---- The ideal observer ---------------------------------------------------------------------- */

enum { MOST_CLASSES = 255, MOST_SIDES = 6, REFERENCE = 192, CHUNK = 250 };

typedef struct {
  int32_t band_low, band_width, classes, pictures;
  int32_t sides[MOST_SIDES]; /* 0 ends the list */
} observer_case;

/* The observer at one size: score of class k for picture x is t_k . x - |t_k|^2 / 2, the log
 * likelihood in white noise but for what all classes share. */
typedef struct {
  int32_t side;
  int32_t right;
  double strength;
  float *matched; /* [side*side][classes] */
  float half_energy[MOST_CLASSES];
} observer;

static void make_observer(observer *o, const cnn_scene *scene, int32_t side) {
  const int32_t values = side * side;
  const int32_t classes = scene->classes;
  double *templates = clean_templates(scene, classes, side);
  o->side = side;
  o->right = 0;
  o->matched = must_allocate((size_t)(values * classes) * sizeof(float));
  for (int32_t k = 0; k < classes; k++) {
    double energy = 0.0;
    for (int32_t i = 0; i < values; i++) {
      const double level = templates[k * values + i];
      o->matched[i * classes + k] = (float)level;
      energy += level * level;
    }
    o->half_energy[k] = (float)(0.5 * energy);
  }
  o->strength = strength_of(scene, side);
  free(templates);
}

/* The exact area average by whole blocks, as cnn_scene_draw makes it (test_scene_picture.c). */
static void shrink(uint8_t *small, const uint8_t *picture, int32_t side) {
  const int32_t block = REFERENCE / side;
  const int32_t area = block * block;
  uint16_t columns[REFERENCE]; /* at most 24 * 255 */
  for (int32_t y = 0; y < side; y++) {
    memset(columns, 0, sizeof columns);
    for (int32_t row = y * block; row < (y + 1) * block; row++) {
      for (int32_t x = 0; x < REFERENCE; x++) {
        columns[x] = (uint16_t)(columns[x] + picture[row * REFERENCE + x]);
      }
    }
    for (int32_t x = 0; x < side; x++) {
      int32_t sum = 0;
      for (int32_t i = 0; i < block; i++) {
        sum += columns[x * block + i];
      }
      small[y * side + x] = (uint8_t)((2 * sum + area) / (2 * area));
    }
  }
}

static void observe(observer *o, const uint8_t *picture, int32_t truth, int32_t classes) {
  float scores[MOST_CLASSES];
  for (int32_t k = 0; k < classes; k++) {
    scores[k] = -o->half_energy[k];
  }
  for (int32_t i = 0; i < o->side * o->side; i++) {
    const float level = (float)(picture[i] - 128);
    const float *matched = o->matched + (ptrdiff_t)i * classes;
    for (int32_t k = 0; k < classes; k++) {
      scores[k] += level * matched[k];
    }
  }
  int32_t best = 0;
  for (int32_t k = 1; k < classes; k++) {
    best = scores[k] > scores[best] ? k : best;
  }
  o->right += best == truth;
}

static void observe_set(observer *observers, int32_t sides, const cnn_scene *scene,
                        int32_t pictures) {
  enum { VALUES = REFERENCE * REFERENCE };
  uint8_t *pixels = must_allocate((size_t)CHUNK * VALUES);
  uint8_t labels[CHUNK];
  uint8_t small[VALUES] = {0};
  for (int32_t first = 0; first < pictures; first += CHUNK) {
    CHECK(draw_set(pixels, labels, scene, REFERENCE, CNN_SPLIT_TEST, first, CHUNK) == CNN_OK,
          "draw");
    for (int32_t n = 0; n < CHUNK; n++) {
      for (int32_t i = 0; i < sides; i++) {
        shrink(small, pixels + (ptrdiff_t)n * VALUES, observers[i].side);
        observe(&observers[i], small, labels[n], scene->classes);
      }
    }
  }
  free(pixels);
}

static void test_observer(const observer_case *test) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, test->classes, REFERENCE, 1);
  scene.band_low = test->band_low;
  scene.band_width = test->band_width;
  static observer observers[MOST_SIDES];
  int32_t sides = 0;
  for (; sides < MOST_SIDES && test->sides[sides] > 0; sides++) {
    make_observer(&observers[sides], &scene, test->sides[sides]);
  }
  observe_set(observers, sides, &scene, test->pictures);
  for (int32_t i = 0; i < sides; i++) {
    const observer *o = &observers[i];
    const double measured = o->right / (double)test->pictures;
    const double ceiling = ceiling_of(test->classes, o->strength);
    printf("u0 %2d, B %2d, K %3d, R %2d: s_R %.3f, ceiling %.4f, observer %.4f, %+.4f\n",
           (int)test->band_low, (int)test->band_width, (int)test->classes, (int)o->side,
           o->strength, ceiling, measured, measured - ceiling);
    CHECK(fabs(measured - ceiling) <= 0.03, "u0 %d, K %d, R %d", (int)test->band_low,
          (int)test->classes, (int)o->side);
    free(o->matched);
  }
}

int main(void) {
  test_distances(0, 8, 192);
  test_distances(32, 8, 256);
  test_distances(0, 16, 192);
  const observer_case cases[] = {
      /* s = 4, the default */
      {0, 8, 2, 3000, {8, 16, 48}},
      {0, 8, 20, 3000, {8, 12, 16, 24, 48, 96}},
      {0, 8, 63, 3000, {8, 16, 48}},
      {16, 8, 2, 3000, {16, 24, 48}}, /* 16 px folds the band */
      {16, 8, 32, 3000, {16, 24, 32, 48}},
      {0, 16, 255, 2000, {16, 24, 48}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    test_observer(&cases[i]);
  }
  return check_finish("test_slow_scene_laws");
}
