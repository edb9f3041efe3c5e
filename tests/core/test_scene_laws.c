/* Laws of the scenes in numbers: the ideal observer's ceiling as SCIENCE tabulates it and the
 * strengths it starts from, the noise that each size keeps, places that do not go with the class,
 * and pure noise whose labels nothing in the picture knows. Laws that need many pictures:
 * test_slow_scene_laws.c, test_slow_scene_leaks.c. */
#include "check.h"
#include "scene_laws.h"

/* ---- The ceiling ----------------------------------------------------------------------------- */

typedef struct {
  int32_t classes;
  double s, share;
} ceiling_row;

/* Closed form against published figures, to the digits they have; K = 2 has a shorter form. */
static void test_ceiling(void) {
  static const ceiling_row rows[] = {{2, 4.0, 0.998},  {5, 4.0, 0.992},   {10, 4.0, 0.983},
                                     {20, 4.0, 0.970}, {50, 4.0, 0.943},  {100, 4.0, 0.915},
                                     {2, 5.0, 0.9998}, {100, 5.0, 0.988}, {5, 0.0, 0.2}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const double share = ceiling_of(rows[i].classes, rows[i].s);
    CHECK(fabs(share - rows[i].share) <= 5.1e-4, "K %d, s %.0f: %.5f", (int)rows[i].classes,
          rows[i].s, share);
  }
  for (double s = 0.5; s < 6.0; s += 0.5) {
    CHECK(fabs(ceiling_of(2, s) - normal_cdf(s / sqrt(2.0))) < 1e-10, "two classes at s %.1f", s);
  }
}

static cnn_scene templates_of(int32_t classes, int32_t band_low, int32_t band_width) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, classes, 192, 1);
  scene.band_low = band_low;
  scene.band_width = band_width;
  return scene;
}

/* The core's strength is the root mean square distance of noiseless pictures over the noise. */
static void test_strength(void) {
  static const int32_t bands[][3] = {{0, 8, 2}, {0, 8, 12}, {16, 8, 5}, {32, 16, 3}};
  static const int32_t sides[] = {8, 16, 32, 96, 192};
  for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
    for (size_t j = 0; j < sizeof sides / sizeof sides[0]; j++) {
      const int32_t side = sides[j];
      const cnn_scene scene = templates_of(bands[i][2], bands[i][0], bands[i][1]);
      double *templates = clean_templates(&scene, scene.classes, side);
      const pair_span span = spans_of(templates, scene.classes, side * side);
      const double want = sqrt(span.mean_square) / (scene.noise * side / scene.reference);
      const double strength = strength_of(&scene, side);
      CHECK(fabs(strength - want) <= 1e-5 * want, "u0 %d, R %d: %.6f, want %.6f", (int)bands[i][0],
            (int)side, strength, want);
      free(templates);
    }
  }
  const cnn_scene pair = templates_of(2, 0, 8);
  CHECK(fabs(strength_of(&pair, 8) - 3.255) < 5e-4, "%.4f at 8 px", strength_of(&pair, 8));
  CHECK(fabs(strength_of(&pair, 192) - 4.0) < 1e-4, "%.4f at 192 px", strength_of(&pair, 192));
}

/* The ceilings at 16 px that SCIENCE's fifth experiment lists. */
static void test_ceiling_at_16(void) {
  static const ceiling_row rows[] = {{2, 0, 0.996},  {4, 0, 0.990},  {8, 0, 0.979},
                                     {16, 0, 0.962}, {32, 0, 0.938}, {63, 0, 0.907}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const cnn_scene scene = templates_of(rows[i].classes, 0, 8);
    const double share = ceiling_of(rows[i].classes, strength_of(&scene, 16));
    CHECK(fabs(share - rows[i].share) <= 1.5e-3, "K %d: %.4f", (int)rows[i].classes, share);
  }
}

/* ---- Noise ----------------------------------------------------------------------------------- */

/* sd over the channels of pictures without any signal; 5 sd of the estimate is the tolerance. */
static void test_noise(int32_t reference, int32_t side, int32_t downsample) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 2, reference, 3);
  scene.snr = 0.0;
  scene.downsample = downsample;
  const int32_t values = side * side * 3;
  const int32_t pictures = 30000 / values + 1;
  uint8_t *pixels = must_allocate((size_t)(pictures * values));
  uint8_t *labels = must_allocate((size_t)pictures);
  CHECK(draw_set(pixels, labels, &scene, side, CNN_SPLIT_TRAIN, 0, pictures) == CNN_OK, "draw");
  double sum = 0.0;
  double squares = 0.0;
  const double count = (double)pictures * values;
  for (int32_t i = 0; i < pictures * values; i++) {
    sum += pixels[i] - 128.0;
    squares += (pixels[i] - 128.0) * (pixels[i] - 128.0);
  }
  const int32_t block = reference / side;
  const int32_t single = downsample == CNN_DOWNSAMPLE_NEAREST ||
                         (downsample == CNN_DOWNSAMPLE_BILINEAR && block % 2 == 1);
  const double shrunk = single ? 1.0 : downsample == CNN_DOWNSAMPLE_BILINEAR ? 2.0 : block;
  const double want = sqrt(1600.0 / (shrunk * shrunk) + 1.0 / 12.0);
  const double sd = sqrt(squares / count - sum / count * (sum / count));
  CHECK(fabs(sd / want - 1.0) < 5.0 / sqrt(2.0 * count), "%d -> %d by %d: sd %.4f, want %.4f",
        (int)reference, (int)side, (int)downsample, sd, want);
  free(labels);
  free(pixels);
}

/* ---- Pure noise ------------------------------------------------------------------------------ */

enum { SIDE = 8, VALUES = SIDE * SIDE, PICTURES = 20000 };

/* Largest |z| over statistics of `count` pictures that would be independent coins: how often bit b
 * of value i, or the order of two neighbours, goes with the label. */
static double largest_z(const uint8_t *pixels, const uint8_t *labels) {
  double largest = 0.0;
  for (int32_t i = 0; i < VALUES; i++) {
    int32_t agree[9] = {0};
    for (int32_t n = 0; n < PICTURES; n++) {
      const uint8_t *picture = pixels + (ptrdiff_t)n * VALUES;
      for (int32_t bit = 0; bit < 8; bit++) {
        agree[bit] += (picture[i] >> bit & 1) == labels[n];
      }
      agree[8] += (picture[i] >> 7 ^ picture[(i + 1) % VALUES] >> 7) == labels[n];
    }
    for (int32_t j = 0; j < 9; j++) {
      largest = fmax(largest, fabs(agree[j] - PICTURES / 2.0) / sqrt(PICTURES / 4.0));
    }
  }
  return largest;
}

/* Labels are coins that agree with nothing: not with the pixels, the declared class, the label
 * before, or another seed's. So every classifier is right in half of all cases. */
static void test_pure_noise(void) {
  cnn_scene scene = scene_of(CNN_SCENE_NOISE, 2, 192, 1);
  uint8_t *pixels = must_allocate((size_t)PICTURES * VALUES);
  uint8_t *labels = must_allocate(PICTURES);
  uint8_t *others = must_allocate(PICTURES);
  const double stray = stray_of(PICTURES, 0.5);
  for (int32_t split = CNN_SPLIT_TRAIN; split <= CNN_SPLIT_TEST; split++) {
    scene.seed = 7;
    draw_set(pixels, others, &scene, SIDE, split, 0, PICTURES);
    scene.seed = 1;
    draw_set(pixels, labels, &scene, SIDE, split, 0, PICTURES);
    int32_t ones = 0;
    int32_t declared = 0;
    int32_t before = 0;
    int32_t other = 0;
    int32_t bright = 0;
    for (int32_t n = 0; n < PICTURES; n++) {
      int32_t sum = 0;
      for (int32_t i = 0; i < VALUES; i++) {
        sum += pixels[n * VALUES + i];
      }
      ones += labels[n];
      declared += labels[n] == n % 2;
      before += labels[n] == labels[(n + 1) % PICTURES];
      other += labels[n] == others[n];
      bright += labels[n] == (2 * sum > 255 * VALUES);
    }
    const int32_t counts[] = {ones, declared, before, other, bright};
    for (size_t i = 0; i < 5; i++) {
      CHECK(fabs(counts[i] - PICTURES / 2.0) < stray, "statistic %zu: %d", i, (int)counts[i]);
    }
    const double z = largest_z(pixels, labels); /* 576 of them: above 5 once in 3,000 */
    CHECK(z < 5.0, "a bit goes with the label: z = %.2f", z);
  }
  free(others);
  free(labels);
  free(pixels);
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* Where an object lies does not go with its class: the mean centre of every class is that of all,
 * within 4.5 sd (40 statistics: once in 3,700). Uniform over a range, sd = range / sqrt 12. */
static void test_places(int32_t family, double range) {
  enum { CLASSES = 4, EACH = 400 };
  cnn_scene scene = scene_of(family, CLASSES, 192, family == CNN_SCENE_HUES ? 3 : 1);
  scene.radius = 0.2;
  scene.jitter = 0.25;
  float *work = must_allocate(4 * cnn_scene_signal_floats(&scene));
  cnn_scene_signal_prepare(work, &scene, CLASSES);
  const double most = 4.5 * range * 192.0 / sqrt(12.0 * EACH);
  for (int32_t k = 0; k < CLASSES; k++) {
    double x = 0.0;
    double y = 0.0;
    for (int32_t i = 0; i < EACH; i++) {
      cnn_scene_signal signal;
      cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TEST, k, i);
      x += signal.centre_x / EACH;
      y += signal.centre_y / EACH;
    }
    CHECK(fabs(x - 96.0) < most && fabs(y - 96.0) < most, "family %d, class %d: %.2f, %.2f",
          (int)family, (int)k, x, y);
  }
  free(work);
}

int main(void) {
  test_ceiling();
  test_strength();
  test_ceiling_at_16();
  for (int32_t side = 8; side <= 256; side *= 2) {
    test_noise(256, side, CNN_DOWNSAMPLE_AREA);
  }
  test_noise(192, 12, CNN_DOWNSAMPLE_AREA);
  test_noise(192, 24, CNN_DOWNSAMPLE_NEAREST);
  test_noise(192, 24, CNN_DOWNSAMPLE_BILINEAR);
  test_noise(192, 64, CNN_DOWNSAMPLE_BILINEAR);
  test_pure_noise();
  test_places(CNN_SCENE_STRIPED_BALL, 0.6); /* the side less the disc's width */
  test_places(CNN_SCENE_TEXTURES, 0.6);
  test_places(CNN_SCENE_SIGNS, 0.5); /* jitter either way */
  test_places(CNN_SCENE_POLYGONS, 0.5);
  test_places(CNN_SCENE_HUES, 0.5);
  return check_finish("test_scene_laws");
}
