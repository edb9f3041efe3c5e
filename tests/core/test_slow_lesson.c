/* The lesson's default pair over five seeds (data seed = network seed): 24 px beats 48 px with the
 * flatten head, and the global max head at 48 px gets everything. Minutes without optimisation. */
#include "cnn.h"

#include "check.h"
#include "guarded.h"

enum { SEEDS = 5, TRAIN = 200, TEST = 500 };

/* Final scores in percent. */
typedef struct {
  double train, test;
} outcome;

static cnn_images draw(guarded *pixels, guarded *labels, const cnn_scene *scene, int32_t resolution,
                       int32_t split, int32_t count) {
  guarded work = guarded_new(GUARD_BYTES, cnn_scene_work_bytes(scene), 0);
  *pixels = guarded_new(GUARD_BYTES, (size_t)(count * resolution * resolution), 0);
  *labels = guarded_new(GUARD_BYTES, (size_t)count, 0);
  CHECK(cnn_scene_draw_set(guarded_byte(pixels), guarded_byte(labels), scene, resolution, split, 0,
                           count, guarded_byte(&work)) == CNN_OK,
        "draw");
  CHECK(guarded_end(&work), "drawing wrote outside its scratch");
  const cnn_images images = {guarded_byte(pixels), guarded_byte(labels), count};
  return images;
}

/* The defaults of cnn.h are the lesson's settings, but for size, head and seed. */
static outcome run(int32_t resolution, int32_t head, int32_t seed) {
  cnn_config config = cnn_config_default();
  cnn_scene scene = cnn_scene_default();
  config.resolution = resolution;
  config.head = head;
  config.seed = seed;
  scene.seed = seed;
  guarded arrays[5];
  const cnn_images train = draw(&arrays[0], &arrays[1], &scene, resolution, CNN_SPLIT_TRAIN, TRAIN);
  const cnn_images test = draw(&arrays[2], &arrays[3], &scene, resolution, CNN_SPLIT_TEST, TEST);
  cnn_plan plan = {0};
  CHECK(cnn_config_plan(&plan, &config, TRAIN, TEST) == CNN_OK, "plan");
  arrays[4] = guarded_new(GUARD_BYTES, (size_t)plan.bytes, 0);
  cnn_trainer *trainer = NULL;
  cnn_status status = cnn_trainer_create(&trainer, &config, &train, &test, guarded_byte(&arrays[4]),
                                         arrays[4].bytes);
  cnn_progress progress = {0};
  while (status == CNN_OK && progress.phase != CNN_PHASE_FINISHED) {
    status = cnn_trainer_run(trainer, INT64_MAX);
    CHECK(cnn_trainer_progress(&progress, trainer) == CNN_OK, "progress");
  }
  CHECK(status == CNN_OK && progress.epoch == 30, "run: %s", cnn_status_text(status));
  for (size_t i = 0; i < 5; i++) {
    CHECK(guarded_end(&arrays[i]), "wrote outside array %zu", i);
  }
  const outcome result = {100.0 * progress.train.correct / TRAIN,
                          100.0 * progress.validation.correct / TEST};
  return result;
}

/* Prints every seed and the mean with its standard deviation; returns the mean of test. */
static double report(const char *name, const outcome *outcomes) {
  double mean = 0.0, squares = 0.0, train = 0.0;
  printf("%-16s new pictures", name);
  for (int i = 0; i < SEEDS; i++) {
    mean += outcomes[i].test / SEEDS;
    train += outcomes[i].train / SEEDS;
    printf(" %5.1f", outcomes[i].test);
  }
  for (int i = 0; i < SEEDS; i++) {
    squares += (outcomes[i].test - mean) * (outcomes[i].test - mean);
  }
  printf("  mean %5.1f +- %.1f, training %5.1f\n", mean, sqrt(squares / (SEEDS - 1)), train);
  return mean;
}

int main(void) {
  outcome small[SEEDS], large[SEEDS], pooled[SEEDS], tiny[SEEDS];
  for (int32_t i = 0; i < SEEDS; i++) {
    tiny[i] = run(12, CNN_HEAD_FLATTEN, i + 1);
    small[i] = run(24, CNN_HEAD_FLATTEN, i + 1);
    large[i] = run(48, CNN_HEAD_FLATTEN, i + 1);
    pooled[i] = run(48, CNN_HEAD_GLOBAL_MAX, i + 1);
  }
  const double at12 = report("12 px", tiny);
  const double at24 = report("24 px", small);
  const double at48 = report("48 px", large);
  const double at48_max = report("48 px global max", pooled);
  CHECK(at24 >= 93.0, "24 px: %.1f %%", at24);
  CHECK(at48 >= 58.0 && at48 <= 78.0, "48 px: %.1f %%", at48);
  CHECK(at48_max >= 97.0, "48 px, global max: %.1f %%", at48_max);
  CHECK(at24 - at12 >= 10.0, "24 minus 12 px: %.1f points", at24 - at12);
  for (int i = 0; i < SEEDS; i++) {
    CHECK(large[i].test - small[i].test <= -15.0, "seed %d: %.1f points", i + 1,
          large[i].test - small[i].test);
    CHECK(small[i].train >= 99.0 && large[i].train >= 99.0, "seed %d: training %.1f and %.1f %%",
          i + 1, small[i].train, large[i].train);
  }
  return check_finish("lesson");
}
