/* Patterns, classes and the background's cue: which label a pattern gets, that pictures do not
 * depend on it, and how often the background agrees with the class in training and in test. */
#include "check.h"
#include "scene_help.h"
#include "scene_signal.h"

enum { SIDE = 12, VALUES = SIDE * SIDE, MOST = 2000 };

/* Share p of n coins is within 3 sd of what it should be. */
static int within(int32_t hits, int32_t count, double expected) {
  return fabs(hits - count * expected) <= 3.0 * sqrt(count * expected * (1.0 - expected));
}

static void test_nested(int32_t patterns, int32_t classes) {
  cnn_scene scene = scene_of(CNN_SCENE_SIGNS, classes, 192, 1);
  scene.patterns = patterns;
  int32_t last = 0;
  for (int32_t p = 0; p < patterns; p++) {
    const int32_t label = cnn_scene_class(&scene, p);
    CHECK(label == p * classes / patterns, "%d of %d: %d", (int)p, (int)patterns, (int)label);
    CHECK(label == last || label == last + 1, "neighbours merge");
    last = label;
  }
  CHECK(last == classes - 1, "the last pattern has the last class");
}

/* Every class holds floor or ceil of P/K patterns, and as many of the first as divide. */
static void test_arbitrary(int32_t patterns, int32_t classes) {
  cnn_scene scene = scene_of(CNN_SCENE_SIGNS, classes, 192, 1);
  scene.patterns = patterns;
  scene.relabel = CNN_RELABEL_ARBITRARY;
  int32_t sizes[255] = {0};
  int32_t nested = 0;
  int32_t kept = 0;
  for (int32_t p = 0; p < patterns; p++) {
    const int32_t label = cnn_scene_class(&scene, p);
    sizes[label]++;
    nested += label == p * classes / patterns;
    scene.seed = 2;
    kept += label == cnn_scene_class(&scene, p);
    scene.seed = 1;
  }
  for (int32_t k = 0; k < classes; k++) {
    CHECK(sizes[k] == patterns / classes + (k < patterns % classes), "class %d: %d", (int)k,
          (int)sizes[k]);
  }
  CHECK(within(nested, patterns, 1.0 / classes), "%d labels are the nested ones", (int)nested);
  CHECK(within(kept, patterns, 1.0 / classes), "%d labels are another seed's", (int)kept);
}

static void test_identity(void) {
  cnn_scene scene = scene_of(CNN_SCENE_SIGNS, 9, 192, 1);
  scene.relabel = CNN_RELABEL_ARBITRARY; /* without patterns there is nothing to merge */
  for (int32_t p = 0; p < 9; p++) {
    CHECK(cnn_scene_class(&scene, p) == p, "class %d", (int)p);
  }
  scene.patterns = 9; /* one pattern each: renamed, none lost */
  int32_t seen = 0;
  for (int32_t p = 0; p < 9; p++) {
    seen |= 1 << cnn_scene_class(&scene, p);
  }
  CHECK(seen == 511, "classes %x", (unsigned)seen);
}

/* The same pictures under 8, 4 and 2 classes; set picture j is index j/P of pattern j%P. */
static void test_pictures_stay(int32_t family) {
  enum { COUNT = 20 };
  static uint8_t fine[COUNT * VALUES * 3];
  static uint8_t coarse[COUNT * VALUES * 3];
  uint8_t labels[COUNT];
  cnn_scene scene = scene_of(family, 7, 192, 3);
  scene.patterns = 7;
  draw_set(fine, labels, &scene, SIDE, CNN_SPLIT_TRAIN, 0, COUNT);
  for (int32_t classes = 2; classes <= 4; classes += 2) {
    scene.classes = classes;
    scene.relabel = classes == 2;
    draw_set(coarse, labels, &scene, SIDE, CNN_SPLIT_TRAIN, 0, COUNT);
    CHECK(memcmp(fine, coarse, sizeof fine) == 0, "family %d: %d classes", (int)family,
          (int)classes);
    for (int32_t j = 0; j < COUNT && family != CNN_SCENE_NOISE; j++) {
      CHECK(labels[j] == cnn_scene_class(&scene, j % 7), "label %d", (int)j);
    }
  }
}

/* Which class's level the top left pixel has: 128 + cue * (2k/(K-1) - 1), without noise. */
static int32_t shown_class(const uint8_t *picture, const cnn_scene *scene) {
  const double share = (picture[0] - 128.0) / scene->cue * 0.5 + 0.5;
  return (int32_t)floor(share * (scene->classes - 1) + 0.5);
}

static cnn_scene cued_scene(double train, double test) {
  cnn_scene scene = scene_of(CNN_SCENE_SIGNS, 5, 192, 1);
  scene.noise = 0.0;
  scene.cue = 100.0;
  scene.cue_train = train;
  scene.cue_test = test;
  return scene;
}

/* Draws one split, counts agreement and where the others go, and stores the shown classes. */
static void count_cue(uint8_t *shown, const cnn_scene *scene, int32_t split, double expected) {
  static uint8_t pixels[MOST * 16];
  static uint8_t labels[MOST];
  int32_t agree = 0;
  int32_t offsets[5] = {0};
  draw_set(pixels, labels, scene, 4, split, 0, MOST);
  for (int32_t j = 0; j < MOST; j++) {
    shown[j] = (uint8_t)shown_class(pixels + (ptrdiff_t)j * 16, scene);
    const int32_t declared = cnn_scene_class(scene, j % cnn_scene_patterns(scene));
    agree += shown[j] == declared;
    offsets[(shown[j] - declared + 5) % 5]++;
  }
  CHECK(within(agree, MOST, expected), "split %d: %d of %d agree, want %.2f", (int)split,
        (int)agree, MOST, expected);
  for (int32_t i = 1; i < 5; i++) {
    CHECK(within(offsets[i], MOST, (1.0 - expected) / 4.0), "split %d: %d by %d", (int)split,
          (int)offsets[i], (int)i);
  }
}

static void test_cue_rates(void) {
  static uint8_t strong[MOST];
  static uint8_t weak[MOST];
  cnn_scene scene = cued_scene(0.9, 0.2);
  scene.downsample = CNN_DOWNSAMPLE_NEAREST;
  scene.patterns = 8;
  scene.relabel = CNN_RELABEL_ARBITRARY;
  scene.label_noise = 0.5; /* the cue goes with the declared class */
  scene.shuffle_test_labels = 1;
  count_cue(strong, &scene, CNN_SPLIT_TRAIN, 0.9);
  count_cue(weak, &scene, CNN_SPLIT_TEST, 0.2);
  scene.cue_train = 0.3;
  count_cue(weak, &scene, CNN_SPLIT_TRAIN, 0.3);
  for (int32_t j = 0; j < MOST; j++) {
    const int32_t declared = cnn_scene_class(&scene, j % 8);
    CHECK(weak[j] != declared || strong[j] == declared, "picture %d lost its cue", (int)j);
  }
  scene.cue_train = 1.0;
  count_cue(strong, &scene, CNN_SPLIT_TRAIN, 1.0);
  scene.cue_train = 0.0;
  count_cue(strong, &scene, CNN_SPLIT_TRAIN, 0.0);
}

/* Colour: every class's background has luma 128 and its own hue, as far as u8 goes. */
static void test_cue_colour(void) {
  cnn_scene scene = cued_scene(1.0, 1.0);
  scene.channels = 3;
  uint8_t picture[16 * 3];
  for (int32_t k = 0; k < 5; k++) {
    double want[3];
    draw_picture(picture, &scene, 4, CNN_SPLIT_TRAIN, k, 3);
    cnn_scene_hue(want, 2.0 * 3.14159265358979323846 * k / 5.0, 100.0);
    for (int32_t c = 0; c < 3; c++) {
      CHECK(fabs(picture[c] - 128.0 - want[c]) <= 0.51, "class %d, channel %d: %d, want %.2f",
            (int)k, (int)c, picture[c], 128.0 + want[c]);
    }
  }
}

/* The object hides its background: discs, polygons and blobs keep their middle. */
static void test_cue_outside(int32_t family) {
  static uint8_t plain[192 * 192 * 3];
  static uint8_t cued[192 * 192 * 3];
  cnn_scene scene = cued_scene(1.0, 1.0);
  scene.family = family;
  scene.channels = 3;
  scene.radius = 0.5; /* in the middle, wherever else it may lie */
  draw_picture(cued, &scene, 192, CNN_SPLIT_TEST, 1, 0);
  scene.cue = 0.0;
  draw_picture(plain, &scene, 192, CNN_SPLIT_TEST, 1, 0);
  const int32_t middle = (96 * 192 + 96) * 3;
  CHECK(memcmp(plain + middle, cued + middle, 3) == 0, "family %d: the middle", (int)family);
  CHECK(memcmp(plain, cued, 3) != 0, "family %d: the corner", (int)family);
}

int main(void) {
  test_nested(32, 4);
  test_nested(10, 4);
  test_nested(255, 254);
  test_arbitrary(32, 4);
  test_arbitrary(255, 2);
  test_arbitrary(10, 4);
  test_identity();
  for (int32_t family = 0; family <= CNN_SCENE_HUES; family++) {
    test_pictures_stay(family);
  }
  test_cue_rates();
  test_cue_colour();
  test_cue_outside(CNN_SCENE_STRIPED_BALL);
  test_cue_outside(CNN_SCENE_TEXTURES);
  test_cue_outside(CNN_SCENE_POLYGONS);
  test_cue_outside(CNN_SCENE_HUES);
  return check_finish("test_scene_relabel");
}
