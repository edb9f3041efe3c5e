/* Clutter: mean 0 and the stated rms at every pixel, a power spectrum like 1/f^2, the same in all
 * channels, and nothing that goes with the class, the index, the split or the white noise. */
#include "check.h"
#include "scene_help.h"

enum { SIDE = 48, VALUES = SIDE * SIDE, PICTURES = 100 };
static const double pi = 3.14159265358979323846;

/* Clutter alone: signs without contrast or noise. */
static cnn_scene clutter_scene(int32_t reference, int32_t channels) {
  cnn_scene scene = scene_of(CNN_SCENE_SIGNS, 4, reference, channels);
  scene.amplitude = 0.0;
  scene.noise = 0.0;
  scene.clutter = 20.0;
  return scene;
}

/* Pixels of the reference picture, every fourth: the stated rms is theirs, before averaging. */
static void test_rms(int32_t reference) {
  cnn_scene scene = clutter_scene(reference, 1);
  scene.downsample = CNN_DOWNSAMPLE_NEAREST;
  const int32_t side = reference / 4;
  const int32_t values = side * side;
  uint8_t *pixels = must_allocate((size_t)values);
  double *squares = must_allocate(sizeof(double) * (size_t)values);
  double sum = 0.0;
  double square = 0.0;
  for (int32_t i = 0; i < PICTURES; i++) {
    draw_picture(pixels, &scene, side, CNN_SPLIT_TRAIN, i % 4, i / 4);
    for (int32_t v = 0; v < values; v++) {
      const double level = pixels[v] - 128.0;
      sum += level;
      square += level * level;
      squares[v] = (i == 0 ? 0.0 : squares[v]) + level * level;
    }
  }
  const double n = (double)PICTURES * values;
  CHECK(fabs(sum / n) < 1.5, "mean %.3f", sum / n);
  CHECK(fabs(sqrt(square / n) / 20.0 - 1.0) < 0.04, "rms %.3f", sqrt(square / n));
  double least = 1e9;
  double most = 0.0;
  for (int32_t v = 0; v < values; v++) {
    least = fmin(least, sqrt(squares[v] / PICTURES));
    most = fmax(most, sqrt(squares[v] / PICTURES));
  }
  CHECK(least > 13.0 && most < 27.0, "pixels from %.2f to %.2f", least, most);
  free(squares);
  free(pixels);
}

/* Power of the mean over y at f waves per picture side, summed over pictures. */
static void test_spectrum(void) {
  const cnn_scene scene = clutter_scene(192, 1);
  static uint8_t pixels[VALUES];
  double power[4] = {0.0};
  for (int32_t i = 0; i < PICTURES; i++) {
    draw_picture(pixels, &scene, SIDE, CNN_SPLIT_TRAIN, i % 4, i / 4);
    double columns[SIDE] = {0.0};
    for (int32_t v = 0; v < VALUES; v++) {
      columns[v % SIDE] += pixels[v] - 128.0;
    }
    for (int32_t octave = 0; octave < 4; octave++) {
      double c = 0.0;
      double s = 0.0;
      for (int32_t x = 0; x < SIDE; x++) {
        c += columns[x] * cos(2.0 * pi * (1 << octave) * x / SIDE);
        s += columns[x] * sin(2.0 * pi * (1 << octave) * x / SIDE);
      }
      power[octave] += c * c + s * s;
    }
  }
  for (int32_t octave = 0; octave < 3; octave++) {
    const double ratio = power[octave] / power[octave + 1];
    CHECK(ratio > 2.4 && ratio < 6.6, "octave %d: %.2f times the next", (int)octave, ratio);
  }
}

static void test_grey(void) {
  const cnn_scene grey = clutter_scene(192, 1);
  const cnn_scene colour = clutter_scene(192, 3);
  static uint8_t one[VALUES];
  static uint8_t three[VALUES * 3];
  draw_picture(one, &grey, SIDE, CNN_SPLIT_TRAIN, 1, 1);
  draw_picture(three, &colour, SIDE, CNN_SPLIT_TRAIN, 1, 1);
  for (int32_t i = 0; i < VALUES * 3; i++) {
    CHECK(three[i] == one[i / 3], "value %d", (int)i);
  }
}

/* Mean product of two clutter fields over pictures and pixels. Each pair of pictures counts about
 * as 4 independent values, because the coarse octaves fill them. */
static void test_unrelated(const char *name, int32_t split, int32_t pattern, int32_t index,
                           int32_t seed) {
  cnn_scene scene = clutter_scene(192, 1);
  static uint8_t a[144];
  static uint8_t b[144];
  double product = 0.0;
  double square = 0.0;
  for (int32_t i = 0; i < PICTURES; i++) {
    scene.seed = 1;
    draw_picture(a, &scene, 12, CNN_SPLIT_TRAIN, 0, i);
    scene.seed = seed;
    draw_picture(b, &scene, 12, split, pattern, i + index);
    for (int32_t v = 0; v < 144; v++) {
      product += (a[v] - 128.0) * (b[v] - 128.0);
      square += (a[v] - 128.0) * (a[v] - 128.0);
    }
  }
  CHECK(fabs(product / square) < 5.0 / sqrt(4.0 * PICTURES), "%s: %.3f", name, product / square);
}

int main(void) {
  test_rms(192);
  test_rms(256);
  test_spectrum();
  test_grey();
  test_unrelated("another class", CNN_SPLIT_TRAIN, 1, 0, 1);
  test_unrelated("the test split", CNN_SPLIT_TEST, 0, 0, 1);
  test_unrelated("the next picture", CNN_SPLIT_TRAIN, 0, 1, 1);
  test_unrelated("another seed", CNN_SPLIT_TRAIN, 0, 0, 2);
  return check_finish("test_scene_clutter");
}
