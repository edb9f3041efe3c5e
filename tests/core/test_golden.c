/* The same bits as ever, on every compiler: short runs on scenes, from drawing to fingerprint,
 * whose hashes are committed. A mismatch prints the new hash; tests/golden/README.md says when and
 * how to replace it. */
#include "../golden/goldens.h"

#include "cnn.h"

#include "check.h"
#include "guarded.h"

enum { RUNS = sizeof golden_runs / sizeof golden_runs[0] };

/* One split of a scene at the network's size. */
static cnn_images draw(guarded *pixels, guarded *labels, const cnn_scene *scene, int32_t resolution,
                       int32_t split, int32_t count) {
  const size_t values = (size_t)resolution * (size_t)resolution * (size_t)scene->channels;
  guarded work = guarded_new(GUARD_BYTES, cnn_scene_work_bytes(scene), 0);
  *pixels = guarded_new(GUARD_BYTES, (size_t)count * values, 0);
  *labels = guarded_new(GUARD_BYTES, (size_t)count, 0);
  const cnn_status status = cnn_scene_draw_set(guarded_byte(pixels), guarded_byte(labels), scene,
                                               resolution, split, 0, count, guarded_byte(&work));
  CHECK(status == CNN_OK, "draw: %s", cnn_status_text(status));
  CHECK(guarded_end(&work), "drawing wrote outside its scratch");
  const cnn_images images = {guarded_byte(pixels), guarded_byte(labels), count};
  return images;
}

static uint64_t run_of(const golden_run *golden, int64_t budget) {
  cnn_config config = cnn_config_default();
  cnn_scene scene = cnn_scene_default();
  for (const golden_field *f = golden->network; f->name != NULL; f++) {
    CHECK(cnn_config_set(&config, f->name, f->value) == CNN_OK, "network %s", f->name);
  }
  for (const golden_field *f = golden->scene; f->name != NULL; f++) {
    CHECK(cnn_scene_set(&scene, f->name, f->value) == CNN_OK, "scene %s", f->name);
  }
  guarded arrays[5];
  const cnn_images train =
      draw(&arrays[0], &arrays[1], &scene, config.resolution, CNN_SPLIT_TRAIN, golden->train_count);
  const cnn_images test =
      draw(&arrays[2], &arrays[3], &scene, config.resolution, CNN_SPLIT_TEST, golden->test_count);
  cnn_plan plan = {0};
  CHECK(cnn_config_plan(&plan, &config, train.count, test.count) == CNN_OK, "plan");
  arrays[4] = guarded_new(GUARD_BYTES, (size_t)plan.bytes, 0);
  cnn_trainer *trainer = NULL;
  cnn_status status = cnn_trainer_create(&trainer, &config, &train, &test, guarded_byte(&arrays[4]),
                                         arrays[4].bytes);
  cnn_progress progress = {0};
  while (status == CNN_OK && progress.phase != CNN_PHASE_FINISHED) {
    status = cnn_trainer_run(trainer, budget);
    CHECK(cnn_trainer_progress(&progress, trainer) == CNN_OK, "progress");
  }
  uint64_t fingerprint = 0;
  status = status == CNN_OK ? cnn_trainer_fingerprint(&fingerprint, trainer) : status;
  CHECK(status == CNN_OK, "%s: %s", golden->name, cnn_status_text(status));
  for (size_t i = 0; i < 5; i++) {
    CHECK(guarded_end(&arrays[i]), "%s: wrote outside array %zu", golden->name, i);
  }
  return fingerprint;
}

int main(void) {
  CHECK(RUNS >= 18, "only %d golden runs", (int)RUNS);
  for (size_t i = 0; i < RUNS; i++) {
    const golden_run *golden = &golden_runs[i];
    const uint64_t fingerprint = run_of(golden, 1 + (int64_t)i * 1000000); /* and any slices */
    CHECK(fingerprint == golden->fingerprint, "%s: %016llx, not %016llx", golden->name,
          (unsigned long long)fingerprint, (unsigned long long)golden->fingerprint);
  }
  return check_finish("golden");
}
