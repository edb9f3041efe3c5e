/* Sets and labels: slices are the whole, picture j is index j/K of class j%K, label noise and
 * shuffling touch the share they say and nothing else, family N's labels are fair and its bytes
 * uniform. Tolerances are 3 sd of the count in question: seeds are fixed, so luck is too. */
#include "check.h"
#include "scene_help.h"

enum { SIDE = 4, VALUES = SIDE * SIDE, COUNT = 1500, FEW = 100 };

static int within(double share, double expected, int32_t count) {
  return fabs(share - expected) < 3.0 * sqrt(expected * (1.0 - expected) / count);
}

static void test_slices(int32_t family, int is_busy) {
  enum { TOTAL = 17, BIG = 12 * 12 * 3 };
  cnn_scene scene = is_busy ? busy_scene(family, 5, 192) : scene_of(family, 5, 192, 3);
  const int32_t patterns = is_busy ? scene.patterns : 5;
  scene.label_noise = 0.5;
  static uint8_t whole[TOTAL * BIG];
  static uint8_t slice[TOTAL * BIG];
  static uint8_t single[BIG];
  uint8_t labels[TOTAL];
  uint8_t slice_labels[TOTAL];
  draw_set(whole, labels, &scene, 12, CNN_SPLIT_TRAIN, 0, TOTAL);
  const int32_t cuts[] = {0, 3, 4, 4, 11, TOTAL};
  for (size_t i = 0; i + 1 < sizeof cuts / sizeof cuts[0]; i++) {
    draw_set(slice + (size_t)(cuts[i] * BIG), slice_labels + cuts[i], &scene, 12, CNN_SPLIT_TRAIN,
             cuts[i], cuts[i + 1] - cuts[i]);
  }
  CHECK(memcmp(whole, slice, sizeof whole) == 0, "family %d: pictures", (int)family);
  CHECK(memcmp(labels, slice_labels, sizeof labels) == 0, "family %d: labels", (int)family);
  for (int32_t j = 0; j < TOTAL; j++) {
    draw_picture(single, &scene, 12, CNN_SPLIT_TRAIN, j % patterns, j / patterns);
    CHECK(memcmp(whole + (size_t)(j * BIG), single, BIG) == 0, "family %d: picture %d", (int)family,
          (int)j);
  }
}

/* The share of the first count labels that differ from j % K. */
static double wrong_share(const uint8_t *labels, int32_t classes, int32_t count) {
  int32_t wrong = 0;
  for (int32_t j = 0; j < count; j++) {
    CHECK(labels[j] < classes, "label %d of %d", labels[j], (int)classes);
    wrong += labels[j] != j % classes;
  }
  return wrong / (double)count;
}

static void test_label_noise(void) {
  static uint8_t pixels[COUNT * VALUES];
  uint8_t clean[FEW];
  static uint8_t some[COUNT];
  static uint8_t more[COUNT];
  cnn_scene scene = scene_of(CNN_SCENE_STRIPED_BALL, 5, 192, 1);
  draw_set(pixels, clean, &scene, SIDE, CNN_SPLIT_TRAIN, 0, FEW);
  CHECK(wrong_share(clean, 5, FEW) == 0.0, "clean labels");
  scene.label_noise = 0.4; /* a redrawn label is right by chance 1 time in 5 */
  draw_set(pixels, some, &scene, SIDE, CNN_SPLIT_TRAIN, 0, COUNT);
  CHECK(within(wrong_share(some, 5, COUNT), 0.4 * 0.8, COUNT), "wrong: %.3f",
        wrong_share(some, 5, COUNT));
  scene.label_noise = 1.0;
  draw_set(pixels, more, &scene, SIDE, CNN_SPLIT_TRAIN, 0, COUNT);
  CHECK(within(wrong_share(more, 5, COUNT), 0.8, COUNT), "wrong: %.3f",
        wrong_share(more, 5, COUNT));
  for (int32_t j = 0; j < COUNT; j++) {
    CHECK(some[j] == j % 5 || some[j] == more[j], "more noise keeps the labels of less");
  }
  draw_set(pixels, some, &scene, SIDE, CNN_SPLIT_TEST, 0, FEW);
  CHECK(wrong_share(some, 5, FEW) == 0.0, "label noise leaves the test labels alone");
  scene.shuffle_test_labels = 1;
  draw_set(pixels, some, &scene, SIDE, CNN_SPLIT_TEST, 0, COUNT);
  CHECK(within(wrong_share(some, 5, COUNT), 0.8, COUNT), "wrong: %.3f",
        wrong_share(some, 5, COUNT));
  int32_t same = 0;
  for (int32_t j = 0; j < COUNT; j++) {
    same += some[j] == more[j];
  }
  CHECK(within(same / (double)COUNT, 0.2, COUNT), "train and test labels agree: %d", (int)same);
  scene.label_noise = 0.0;
  draw_set(pixels, some, &scene, SIDE, CNN_SPLIT_TRAIN, 0, FEW);
  CHECK(wrong_share(some, 5, FEW) == 0.0, "shuffling leaves the training labels alone");
}

/* N: the label tells nothing about the declared class and is the same at every R; train and test
 * labels are separate draws. */
static void test_free_labels(int32_t classes) {
  static uint8_t pixels[COUNT * 36];
  static uint8_t train[COUNT];
  static uint8_t test[COUNT];
  static uint8_t larger[COUNT];
  cnn_scene scene = scene_of(CNN_SCENE_NOISE, classes, 192, 1);
  draw_set(pixels, train, &scene, SIDE, CNN_SPLIT_TRAIN, 0, COUNT);
  draw_set(pixels, test, &scene, SIDE, CNN_SPLIT_TEST, 0, COUNT);
  draw_set(pixels, larger, &scene, 6, CNN_SPLIT_TRAIN, 0, COUNT);
  CHECK(memcmp(train, larger, COUNT) == 0, "the same labels at 4 and 6 pixels");
  const double right = 1.0 - wrong_share(train, classes, COUNT);
  CHECK(within(right, 1.0 / classes, COUNT), "agree with the class: %.3f", right);
  int32_t same = 0;
  int32_t histogram[8] = {0};
  for (int32_t j = 0; j < COUNT; j++) {
    same += train[j] == test[j];
    histogram[train[j]]++;
  }
  CHECK(within(same / (double)COUNT, 1.0 / classes, COUNT), "train and test: %d", (int)same);
  for (int32_t k = 0; k < classes; k++) {
    CHECK(within(histogram[k] / (double)COUNT, 1.0 / classes, COUNT), "label %d: %d", (int)k,
          (int)histogram[k]);
  }
}

/* N: uniform bytes over the whole range, chi-square with 255 degrees of freedom (mean 255, sd
 * 22.6), unrelated between sizes. */
static void test_uniform_bytes(void) {
  static uint8_t large[256 * 256 * 3];
  static uint8_t small[128 * 128 * 3];
  cnn_scene scene = scene_of(CNN_SCENE_NOISE, 2, 256, 3);
  draw_picture(large, &scene, 256, CNN_SPLIT_TRAIN, 0, 0);
  draw_picture(small, &scene, 128, CNN_SPLIT_TRAIN, 0, 0);
  int32_t histogram[256] = {0};
  for (size_t i = 0; i < sizeof large; i++) {
    histogram[large[i]]++;
  }
  double chi_square = 0.0;
  for (int32_t b = 0; b < 256; b++) {
    const double expected = sizeof large / 256.0;
    chi_square += (histogram[b] - expected) * (histogram[b] - expected) / expected;
  }
  CHECK(chi_square > 255.0 - 113.0 && chi_square < 255.0 + 113.0, "chi-square %.1f", chi_square);
  int32_t equal = 0;
  for (size_t i = 0; i < sizeof small; i++) {
    equal += small[i] == large[i];
  }
  CHECK(within(equal / (double)sizeof small, 1.0 / 256.0, (int32_t)sizeof small),
        "%d equal bytes at two sizes", (int)equal);
}

int main(void) {
  for (int32_t family = 0; family <= CNN_SCENE_HUES; family++) {
    test_slices(family, 1);
    if (family <= CNN_SCENE_NOISE) {
      test_slices(family, 0);
    }
  }
  test_label_noise();
  test_free_labels(2);
  test_free_labels(5);
  test_uniform_bytes();
  return check_finish("test_scene_set");
}
