/* Labels of scene pictures: which class a pattern belongs to, what label noise and shuffling make
 * of it, and which class the background's cue points at. None of it moves another random draw. */
#include "rng.h"
#include "scene_parts.h"
#include "scene_signal.h"

/* Counters of the label stream, and of the cue's. */
enum { DRAW_NOISE_COIN = 0, DRAW_NOISE_LABEL = 1, DRAW_TEST_LABEL = 2, DRAW_FREE_LABEL = 3 };
enum { DRAW_CUE_COIN = 0, DRAW_CUE_CLASS = 1 };
/* First word of the family stream's key for the arbitrary relabelling. */
enum { DRAW_ORDER = 3 };

uint64_t cnn_scene_picture_key(const cnn_scene *scene, uint32_t stream, int32_t split,
                               int32_t pattern, int32_t index) {
  return cnn_rng_key((uint32_t)scene->seed, stream, (uint64_t)split << 32 | (uint32_t)pattern,
                     (uint64_t)index);
}

/* A pattern's place in the seed's permutation: how many others have a smaller random number. */
static int32_t shuffled_place(const cnn_scene *scene, int32_t pattern) {
  const uint64_t key = cnn_rng_key((uint32_t)scene->seed, CNN_STREAM_SCENE_FAMILY, DRAW_ORDER, 0);
  const uint64_t own = cnn_rng_at(key, (uint64_t)pattern);
  int32_t place = 0;
  for (int32_t i = 0; i < cnn_scene_patterns(scene); i++) {
    place += cnn_rng_at(key, (uint64_t)i) < own; /* all differ: cnn_rng_at is a bijection */
  }
  return place;
}

int32_t cnn_scene_class(const cnn_scene *scene, int32_t pattern) {
  if (scene->patterns == 0) {
    return pattern;
  }
  if (scene->relabel == CNN_RELABEL_NESTED) {
    return pattern * scene->classes / scene->patterns;
  }
  return shuffled_place(scene, pattern) % scene->classes;
}

/* A larger label_noise redraws a superset of the pictures that a smaller one does. */
uint8_t cnn_scene_label(const cnn_scene *scene, int32_t split, int32_t pattern, int32_t index) {
  const uint64_t key = cnn_scene_picture_key(scene, CNN_STREAM_SCENE_LABELS, split, pattern, index);
  const uint32_t classes = (uint32_t)scene->classes;
  if (scene->family == CNN_SCENE_NOISE) {
    return (uint8_t)cnn_rng_below(key, DRAW_FREE_LABEL, classes);
  }
  if (split == CNN_SPLIT_TEST && scene->shuffle_test_labels == 1) {
    return (uint8_t)cnn_rng_below(key, DRAW_TEST_LABEL, classes);
  }
  if (split == CNN_SPLIT_TRAIN && cnn_rng_unit(key, DRAW_NOISE_COIN) < scene->label_noise) {
    return (uint8_t)cnn_rng_below(key, DRAW_NOISE_LABEL, classes);
  }
  return (uint8_t)cnn_scene_class(scene, pattern);
}

/* A stronger cue keeps the backgrounds that agree under a weaker one. */
int32_t cnn_scene_cue_class(const cnn_scene *scene, int32_t split, int32_t pattern, int32_t index) {
  const uint64_t key = cnn_scene_picture_key(scene, CNN_STREAM_SCENE_CUE, split, pattern, index);
  const int32_t own = cnn_scene_class(scene, pattern);
  const double strength = split == CNN_SPLIT_TRAIN ? scene->cue_train : scene->cue_test;
  if (cnn_rng_unit(key, DRAW_CUE_COIN) < strength) {
    return own;
  }
  const uint32_t others = (uint32_t)scene->classes - 1;
  return (own + 1 + (int32_t)cnn_rng_below(key, DRAW_CUE_CLASS, others)) % scene->classes;
}
