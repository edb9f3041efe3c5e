/* What cnn_scene_check refuses and how it names it, what drawing refuses, and that drawing writes
 * its own bytes only. */
#include "check.h"
#include "scene_help.h"

static void expect(const cnn_scene *scene, int32_t resolution, const char *want) {
  const char *field = "unset";
  const cnn_status status = cnn_scene_check(&field, scene, resolution);
  if (want == NULL) {
    CHECK(status == CNN_OK && field == NULL, "refused: %s", field == NULL ? "(none)" : field);
  } else {
    CHECK(status == CNN_ERROR_SCENE, "%s: status %d", want, (int)status);
    CHECK(field != NULL && strcmp(field, want) == 0, "named %s instead of %s",
          field == NULL ? "nothing" : field, want);
  }
  CHECK(cnn_scene_check(NULL, scene, resolution) == status, "same without a name");
}

static void test_sizes(void) {
  cnn_scene scene = cnn_scene_default();
  for (int32_t reference = 192; reference <= 256; reference += 64) {
    scene.reference = reference;
    for (int32_t side = -1; side <= 260; side++) {
      const int fits = side >= 4 && side <= reference && reference % side == 0;
      expect(&scene, side, fits ? NULL : "resolution");
    }
  }
  scene.reference = 224;
  expect(&scene, 56, "reference");
  scene.reference = 128;
  expect(&scene, 64, "reference");
  scene = scene_of(CNN_SCENE_NOISE, 2, 256, 2);
  expect(&scene, 64, "channels");
}

static void test_templates(void) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 63, 192, 1);
  expect(&scene, 8, NULL);
  scene.classes = 64;
  expect(&scene, 8, "classes");
  scene.band_width = 16;
  scene.classes = 255;
  expect(&scene, 8, NULL);
  scene.band_width = 12;
  expect(&scene, 8, "band_width");
  scene.band_width = 16;
  scene.band_low = 176;
  expect(&scene, 96, NULL);
  scene.band_low = 177;
  expect(&scene, 96, "band_low");
  scene.reference = 256;
  expect(&scene, 64, NULL);
  scene.snr = 200.0; /* times noise 40: above 7680 */
  expect(&scene, 64, "snr");
  scene.noise = 8.0;
  expect(&scene, 64, NULL);
}

static void test_textures(void) {
  cnn_scene scene = scene_of(CNN_SCENE_TEXTURES, 7, 192, 1);
  expect(&scene, 24, NULL);
  scene.classes = 8;
  expect(&scene, 24, "classes");
  scene.gratings = 16;
  expect(&scene, 24, NULL);
  scene.gratings = 12;
  expect(&scene, 24, "gratings");
  scene.gratings = 64;
  scene.classes = 63;
  scene.radius = 0.0;
  expect(&scene, 24, NULL);
  scene.radius = 0.01;
  expect(&scene, 24, "radius");
  scene.radius = 0.5;
  expect(&scene, 24, NULL);
  scene.frequency_low = 9.0;
  expect(&scene, 24, "frequency_high");
  scene.frequency_low = 8.0;
  expect(&scene, 24, NULL);
}

static void test_shapes(void) {
  cnn_scene scene = scene_of(CNN_SCENE_HUES, 255, 192, 1);
  expect(&scene, 24, "channels");
  scene.channels = 3;
  expect(&scene, 24, NULL);
  for (int32_t family = CNN_SCENE_SIGNS; family <= CNN_SCENE_HUES; family++) {
    scene.family = family;
    scene.radius = 0.02;
    expect(&scene, 24, NULL);
    scene.radius = 0.01;
    expect(&scene, 24, "radius");
  }
}

static void test_patterns(void) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 5, 192, 1);
  scene.patterns = 5;
  expect(&scene, 24, NULL);
  scene.patterns = 4;
  expect(&scene, 24, "patterns");
  scene.patterns = 63;
  expect(&scene, 24, NULL);
  scene.patterns = 64; /* the limit that classes has alone */
  expect(&scene, 24, "patterns");
  scene.family = CNN_SCENE_TEXTURES;
  scene.patterns = 7;
  expect(&scene, 24, NULL);
  scene.patterns = 8;
  expect(&scene, 24, "patterns");
  scene.family = CNN_SCENE_SIGNS;
  scene.patterns = 255;
  expect(&scene, 24, NULL);
}

/* Values beyond each nuisance's range, refused whatever the family. */
static void test_nuisances(void) {
  static const struct {
    const char *name;
    double most;
  } ranges[] = {{"jitter", 0.5},    {"rotation", 180.0}, {"scale_jitter", 0.5}, {"phase", 1.0},
                {"clutter", 127.0}, {"cue", 127.0},      {"cue_train", 1.0},    {"cue_test", 1.0},
                {"patterns", 255},  {"relabel", 1.0},    {"downsample", 2.0}};
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    cnn_scene scene = scene_of(CNN_SCENE_NOISE, 2, 192, 1);
    CHECK(cnn_scene_set(&scene, ranges[i].name, ranges[i].most) == CNN_OK, "%s", ranges[i].name);
    expect(&scene, 24, NULL);
    CHECK(cnn_scene_set(&scene, ranges[i].name, ranges[i].most + 1.0) == CNN_ERROR_SCENE, "%s",
          ranges[i].name);
    CHECK(cnn_scene_set(&scene, ranges[i].name, -0.5) == CNN_ERROR_SCENE, "%s", ranges[i].name);
  }
  cnn_scene scene = cnn_scene_default();
  scene.clutter = -1.0;
  expect(&scene, 24, "clutter");
  scene.clutter = 0.0;
  scene.downsample = 3;
  expect(&scene, 24, "downsample");
}

/* Other families' fields do not matter, but every field stays inside its own range. */
static void test_others(void) {
  cnn_scene scene = scene_of(CNN_SCENE_STRIPED_BALL, 255, 192, 3);
  scene.band_width = 9;
  scene.gratings = 5;
  scene.frequency_low = 90.0;
  expect(&scene, 24, NULL);
  scene.radius = 0.0;
  expect(&scene, 24, "radius");
  scene.family = CNN_SCENE_NOISE;
  expect(&scene, 24, NULL);
  scene.family = 7;
  expect(&scene, 24, "family");
  scene.family = CNN_SCENE_NOISE;
  scene.label_noise = NAN;
  expect(&scene, 24, "label_noise");
  scene.label_noise = 0.0;
  scene.seed = -5;
  expect(&scene, 24, "seed");
  CHECK(cnn_scene_work_bytes(&scene) == 0, "no bytes for a refused scene");
  CHECK(cnn_scene_work_bytes(NULL) == 0, "no bytes for no scene");
  CHECK(cnn_scene_check(NULL, NULL, 24) == CNN_ERROR_ARGUMENT, "no scene");
}

static void test_question_refusals(void) {
  const cnn_scene scene = cnn_scene_default();
  cnn_scene wrong = scene;
  wrong.noise = -1.0;
  double strength = 0.0;
  int32_t distance = 0;
  void *work = must_allocate(cnn_scene_work_bytes(&scene));
  CHECK(cnn_scene_strength(NULL, &scene, 12, work) == CNN_ERROR_ARGUMENT, "no place");
  CHECK(cnn_scene_strength(&strength, NULL, 12, work) == CNN_ERROR_ARGUMENT, "no scene");
  CHECK(cnn_scene_strength(&strength, &scene, 12, NULL) == CNN_ERROR_ARGUMENT, "no work");
  CHECK(cnn_scene_strength(&strength, &scene, 13, work) == CNN_ERROR_SCENE, "13 pixels");
  CHECK(cnn_scene_sign_distance(NULL, &scene, work) == CNN_ERROR_ARGUMENT, "no place");
  CHECK(cnn_scene_sign_distance(&distance, NULL, work) == CNN_ERROR_ARGUMENT, "no scene");
  CHECK(cnn_scene_sign_distance(&distance, &scene, NULL) == CNN_ERROR_ARGUMENT, "no work");
  CHECK(cnn_scene_sign_distance(&distance, &wrong, work) == CNN_ERROR_SCENE, "noise -1");
  CHECK(cnn_scene_sign_distance(&distance, &scene, work) == CNN_OK && distance == -1, "stripes");
  free(work);
}

static void test_draw_refusals(void) {
  cnn_scene scene = cnn_scene_default();
  uint8_t pixels[12 * 12];
  uint8_t label;
  void *work = must_allocate(cnn_scene_work_bytes(&scene));
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, 4, 0, work) == CNN_OK, "the last class");
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, 5, 0, work) == CNN_ERROR_ARGUMENT, "class 5 of 5");
  scene.patterns = 7;
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, 6, 0, work) == CNN_OK, "the last pattern");
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, 7, 0, work) == CNN_ERROR_ARGUMENT, "pattern 7 of 7");
  scene.patterns = 0;
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, -1, 0, work) == CNN_ERROR_ARGUMENT, "class -1");
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, 0, -1, work) == CNN_ERROR_ARGUMENT, "index -1");
  CHECK(cnn_scene_draw(pixels, &scene, 12, 2, 0, 0, work) == CNN_ERROR_ARGUMENT, "split 2");
  CHECK(cnn_scene_draw(NULL, &scene, 12, 0, 0, 0, work) == CNN_ERROR_ARGUMENT, "no pixels");
  CHECK(cnn_scene_draw(pixels, NULL, 12, 0, 0, 0, work) == CNN_ERROR_ARGUMENT, "no scene");
  CHECK(cnn_scene_draw(pixels, &scene, 12, 0, 0, 0, NULL) == CNN_ERROR_ARGUMENT, "no work");
  CHECK(cnn_scene_draw(pixels, &scene, 13, 0, 0, 0, work) == CNN_ERROR_SCENE, "13 pixels");
  CHECK(cnn_scene_draw_set(pixels, NULL, &scene, 12, 0, 0, 1, work) == CNN_ERROR_ARGUMENT,
        "no labels");
  CHECK(cnn_scene_draw_set(pixels, &label, &scene, 12, 0, -1, 1, work) == CNN_ERROR_ARGUMENT,
        "first -1");
  CHECK(cnn_scene_draw_set(pixels, &label, &scene, 12, 0, 0, -1, work) == CNN_ERROR_ARGUMENT,
        "count -1");
  CHECK(cnn_scene_draw_set(pixels, &label, &scene, 12, 0, INT32_MAX, 1, work) == CNN_ERROR_ARGUMENT,
        "beyond the last index");
  CHECK(cnn_scene_draw_set(pixels, &label, &scene, 12, 0, INT32_MAX - 1, 1, work) == CNN_OK,
        "the last index");
  CHECK(cnn_scene_draw_set(pixels, &label, &scene, 12, 0, 0, 0, work) == CNN_OK, "none");
  free(work);
}

/* Guard bytes behind the picture and the scratch. */
static void test_guard(const cnn_scene *scene, int32_t side) {
  const size_t bytes = (size_t)(side * side * scene->channels);
  const size_t work_bytes = cnn_scene_work_bytes(scene);
  uint8_t *pixels = must_allocate(bytes + 16);
  uint8_t *work = must_allocate(work_bytes + 16);
  memset(pixels, 0xc3, bytes + 16);
  memset(work, 0xc3, work_bytes + 16);
  double strength = 0.0;
  int32_t distance = 0;
  CHECK(cnn_scene_draw(pixels, scene, side, CNN_SPLIT_TEST, 3, 1, work) == CNN_OK,
        "family %d, side %d", (int)scene->family, (int)side);
  CHECK(cnn_scene_strength(&strength, scene, side, work) == CNN_OK, "strength");
  CHECK(cnn_scene_sign_distance(&distance, scene, work) == CNN_OK, "distance");
  for (size_t i = 0; i < 16; i++) {
    CHECK(pixels[bytes + i] == 0xc3 && work[work_bytes + i] == 0xc3, "wrote beyond the end");
  }
  free(work);
  free(pixels);
}

static void test_guards(void) {
  for (int32_t family = 0; family <= CNN_SCENE_HUES; family++) {
    for (int32_t side = 6; side <= 192; side *= 2) { /* 6, 12, ..., 192 */
      cnn_scene scene = scene_of(family, 5, 192, 3);
      test_guard(&scene, side);
      scene.channels = family == CNN_SCENE_HUES ? 3 : 1;
      test_guard(&scene, side);
      scene = busy_scene(family, 5, 192);
      test_guard(&scene, side);
    }
  }
}

int main(void) {
  test_sizes();
  test_templates();
  test_textures();
  test_shapes();
  test_patterns();
  test_nuisances();
  test_others();
  test_question_refusals();
  test_draw_refusals();
  test_guards();
  return check_finish("test_scene_check");
}
