/* No label can be read from anything but the declared signal and cue. Every family, all nuisances
 * on: with the signal off and a cue that tells nothing, or with all labels shuffled, a nearest mean
 * of the pixels, one of their distance from grey (which sees contrast and place), and a small
 * network all guess. With the signal on they do not, and the background agrees with the class as
 * often as the cue declares. Optimised builds only. */
#include "check.h"
#include "scene_laws.h"

enum { SIDE = 16, CLASSES = 4, TRAIN = 320, TEST = 800, LONGEST = SIDE * SIDE * 3 };

typedef struct {
  const char *name;
  int32_t family, channels;
} family_row;

static const family_row families[] = {
    {"striped ball", CNN_SCENE_STRIPED_BALL, 1},
    {"templates", CNN_SCENE_TEMPLATES, 3},
    {"textures", CNN_SCENE_TEXTURES, 1},
    {"noise", CNN_SCENE_NOISE, 1},
    {"signs", CNN_SCENE_SIGNS, 1},
    {"polygons", CNN_SCENE_POLYGONS, 1},
    {"hues", CNN_SCENE_HUES, 3},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

/* Test pictures that each reader names rightly. */
typedef struct {
  int32_t pixels, contrast, network;
} readings;

typedef struct {
  uint8_t pixels[(TRAIN + TEST) * LONGEST];
  uint8_t labels[TRAIN + TEST];
  double work[CLASSES * LONGEST + CLASSES];
} pictures;

static int32_t nearest_mean(pictures *p, int32_t values) {
  const cnn_images train = {p->pixels, p->labels, TRAIN};
  const cnn_images test = {p->pixels + TRAIN * values, p->labels + TRAIN, TEST};
  cnn_score score = {0};
  CHECK(cnn_nearest_mean(&score, &train, &test, p->work, CLASSES, values) == CNN_OK, "nearest");
  return score.correct;
}

/* One block of 8 filters, flatten head, 10 epochs. */
static int32_t network(const pictures *p, int32_t channels, int32_t seed) {
  const int32_t values = SIDE * SIDE * channels;
  const cnn_images train = {p->pixels, p->labels, TRAIN};
  const cnn_images test = {p->pixels + TRAIN * values, p->labels + TRAIN, TEST};
  cnn_config config = cnn_config_default();
  config.resolution = SIDE;
  config.channels = channels;
  config.classes = CLASSES;
  config.filters = 8;
  config.epochs = 10;
  config.seed = seed;
  cnn_plan plan = {0};
  CHECK(cnn_config_plan(&plan, &config, TRAIN, TEST) == CNN_OK, "plan");
  void *block = must_allocate((size_t)plan.bytes);
  cnn_trainer *trainer = NULL;
  cnn_status status =
      cnn_trainer_create(&trainer, &config, &train, &test, block, (size_t)plan.bytes);
  cnn_progress progress = {0};
  while (status == CNN_OK && progress.phase != CNN_PHASE_FINISHED) {
    status = cnn_trainer_run(trainer, INT64_MAX);
    cnn_trainer_progress(&progress, trainer);
  }
  CHECK(status == CNN_OK, "%s", cnn_status_text(status));
  free(block);
  return progress.validation.correct;
}

static void draw_all(pictures *p, const cnn_scene *scene) {
  const int32_t values = SIDE * SIDE * scene->channels;
  const char *field = NULL;
  CHECK(cnn_scene_check(&field, scene, SIDE) == CNN_OK, "family %d: %s", (int)scene->family, field);
  draw_set(p->pixels, p->labels, scene, SIDE, CNN_SPLIT_TRAIN, 0, TRAIN);
  draw_set(p->pixels + TRAIN * values, p->labels + TRAIN, scene, SIDE, CNN_SPLIT_TEST, 0, TEST);
}

static readings read_all(const cnn_scene *scene, const char *name, const char *what) {
  static pictures p;
  const int32_t values = SIDE * SIDE * scene->channels;
  draw_all(&p, scene);
  readings found = {0};
  found.network = network(&p, scene->channels, scene->seed);
  found.pixels = nearest_mean(&p, values);
  for (int32_t i = 0; i < (TRAIN + TEST) * values; i++) {
    const int32_t level = p.pixels[i] - 128;
    p.pixels[i] = (uint8_t)(level < 0 ? -level : level);
  }
  found.contrast = nearest_mean(&p, values);
  printf("%-12s %-10s  pixels %3d, contrast %3d, network %3d of %d\n", name, what,
         (int)found.pixels, (int)found.contrast, (int)found.network, (int)TEST);
  return found;
}

static void check_guessing(const cnn_scene *scene, const char *name, const char *what) {
  const readings found = read_all(scene, name, what);
  const double expected = TEST / (double)CLASSES;
  const double stray = stray_of(TEST, 1.0 / CLASSES);
  CHECK(fabs(found.pixels - expected) < stray, "%s, %s: pixels", name, what);
  CHECK(fabs(found.contrast - expected) < stray, "%s, %s: contrast", name, what);
  CHECK(fabs(found.network - expected) < stray, "%s, %s: network", name, what);
}

static cnn_scene scene_for(const family_row *row) {
  cnn_scene scene = scene_of(row->family, CLASSES, 192, row->channels);
  scene.seed = row->family + 1;
  return scene;
}

static void turn_signal_off(cnn_scene *scene) {
  scene->amplitude = 0.0;
  scene->snr = 0.0;
}

static cnn_scene with_nuisances(const family_row *row) {
  cnn_scene scene = scene_for(row);
  scene.radius = 0.3;
  scene.jitter = 0.1;
  scene.rotation = 20.0;
  scene.scale_jitter = 0.2;
  scene.clutter = 12.0;
  return scene;
}

static void test_shuffled(const family_row *row) {
  cnn_scene scene = with_nuisances(row);
  scene.amplitude = 70.0;
  scene.snr = 8.0;
  scene.label_noise = 1.0;
  scene.shuffle_test_labels = 1;
  check_guessing(&scene, row->name, "shuffled");
}

/* Nothing but white noise, in which a tenth of a grey level would show. */
static void test_bare(const family_row *row) {
  cnn_scene scene = scene_for(row);
  turn_signal_off(&scene);
  check_guessing(&scene, row->name, "bare");
}

/* Signs and polygons stay without a cue: it would show their outline, which is their signal. */
static void test_silent(const family_row *row) {
  cnn_scene scene = with_nuisances(row);
  const int is_outline = row->family == CNN_SCENE_SIGNS || row->family == CNN_SCENE_POLYGONS;
  turn_signal_off(&scene);
  scene.cue = is_outline ? 0.0 : 60.0;
  scene.cue_train = 1.0 / CLASSES;
  scene.cue_test = 1.0 / CLASSES;
  check_guessing(&scene, row->name, "silent");
}

/* The same readers do read what is declared, or the guesses above would prove nothing. */
static void test_signal(const family_row *row) {
  cnn_scene scene = scene_for(row);
  scene.radius = row->family == CNN_SCENE_TEXTURES ? 0.0 : 0.4;
  scene.phase = row->family != CNN_SCENE_TEXTURES;
  scene.amplitude = 70.0;
  scene.snr = 8.0;
  scene.stripes = 3.0;
  scene.frequency_low = 1.0;
  scene.frequency_high = 3.0;
  const readings found = read_all(&scene, row->name, "signal");
  CHECK(found.network > 0.8 * TEST, "%s: %d", row->name, (int)found.network);
}

/* A reader of the top left pixel, taught with cues that always agree, says which class the cue of a
 * test picture stands for: the picture's own as often as declared. */
static void test_cue(const family_row *row, double share) {
  static pictures p;
  cnn_scene scene = scene_for(row);
  turn_signal_off(&scene);
  scene.cue = 60.0;
  scene.cue_test = share;
  draw_all(&p, &scene);
  const int32_t values = SIDE * SIDE * scene.channels;
  for (int32_t n = 0; n < TRAIN + TEST; n++) {
    memmove(p.pixels + n * scene.channels, p.pixels + n * values, (size_t)scene.channels);
  }
  const int32_t agree = nearest_mean(&p, scene.channels);
  printf("%-12s cue agrees in %d of %d, declared %.2f\n", row->name, (int)agree, (int)TEST, share);
  CHECK(fabs(agree - share * TEST) <= stray_of(TEST, share), "%s: %d", row->name, (int)agree);
}

int main(void) {
  for (size_t i = 0; i < FAMILIES; i++) {
    const family_row *row = &families[i];
    test_bare(row);
    if (row->family == CNN_SCENE_NOISE) {
      continue; /* it has no signal and knows no knob */
    }
    test_shuffled(row);
    test_silent(row);
    test_signal(row);
    test_cue(row, i % 3 == 0 ? 0.0 : i % 3 == 1 ? 0.4 : 1.0);
  }
  return check_finish("test_slow_scene_leaks");
}
