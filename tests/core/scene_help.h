/* What several scene tests share: scratch memory, drawing without ceremony, a picture hash. */
#ifndef SCENE_HELP_H
#define SCENE_HELP_H

#include "cnn.h"
#include "rng.h"

#include <stdlib.h>
#include <string.h>

/* Ends the program: a test cannot go on without memory. */
static inline void *must_allocate(size_t bytes) {
  void *block = malloc(bytes > 0 ? bytes : 1);
  if (block == NULL) {
    abort();
  }
  return block;
}

/* Draws with scratch of exactly the promised size, filled with rubbish, so that a sanitizer sees
 * every byte beyond it and a forgotten initialisation changes the picture. */
static inline cnn_status draw_picture(uint8_t *pixels, const cnn_scene *scene, int32_t resolution,
                                      int32_t split, int32_t class_index, int32_t index) {
  const size_t bytes = cnn_scene_work_bytes(scene);
  void *work = must_allocate(bytes);
  memset(work, 0xa5, bytes);
  const cnn_status status =
      cnn_scene_draw(pixels, scene, resolution, split, class_index, index, work);
  free(work);
  return status;
}

static inline cnn_status draw_set(uint8_t *pixels, uint8_t *labels, const cnn_scene *scene,
                                  int32_t resolution, int32_t split, int32_t first, int32_t count) {
  const size_t bytes = cnn_scene_work_bytes(scene);
  void *work = must_allocate(bytes);
  memset(work, 0x5a, bytes);
  const cnn_status status =
      cnn_scene_draw_set(pixels, labels, scene, resolution, split, first, count, work);
  free(work);
  return status;
}

static inline cnn_scene scene_of(int32_t family, int32_t classes, int32_t reference,
                                 int32_t channels) {
  cnn_scene scene = cnn_scene_default();
  scene.family = family;
  scene.classes = classes;
  scene.reference = reference;
  scene.channels = channels;
  return scene;
}

/* A scene with every nuisance on at once; three channels, because C needs them. */
static inline cnn_scene busy_scene(int32_t family, int32_t classes, int32_t reference) {
  cnn_scene scene = scene_of(family, classes, reference, 3);
  scene.jitter = 0.1;
  scene.rotation = 30.0;
  scene.scale_jitter = 0.25;
  scene.phase = 0;
  scene.clutter = 15.0;
  scene.cue = 25.0;
  scene.cue_train = 0.75;
  scene.cue_test = 0.5;
  scene.patterns = classes + 2;
  scene.relabel = CNN_RELABEL_ARBITRARY;
  return scene;
}

static inline uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    hash = cnn_rng_mix(hash + bytes[i] + 1);
  }
  return hash;
}

#endif
