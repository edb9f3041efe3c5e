/* What the parts of the scene generator share. Private to the core. */
#ifndef CNN_SCENE_PARTS_H
#define CNN_SCENE_PARTS_H

#include "cnn.h"

/* The pixels of a block that a downsampler averages, in both directions: first..first+count-1 of
 * `block`. */
typedef struct {
  int32_t block;
  int32_t first;
  int32_t count;
} cnn_scene_window;

static inline cnn_scene_window cnn_scene_window_of(const cnn_scene *scene, int32_t resolution) {
  const int32_t block = scene->reference / resolution;
  switch (scene->downsample) {
  case CNN_DOWNSAMPLE_NEAREST:
    return (cnn_scene_window){block, block / 2, 1};
  case CNN_DOWNSAMPLE_BILINEAR:
    return (cnn_scene_window){block, (block - 1) / 2, 2 - block % 2};
  default:
    return (cnn_scene_window){block, 0, block};
  }
}

/* Key of one picture's random numbers in a stream of the scenes. */
uint64_t cnn_scene_picture_key(const cnn_scene *scene, uint32_t stream, int32_t split,
                               int32_t pattern, int32_t index);

/* Picture (split, pattern, index)'s label; the same at every R. */
uint8_t cnn_scene_label(const cnn_scene *scene, int32_t split, int32_t pattern, int32_t index);

/* The class whose colour the picture's background has. */
int32_t cnn_scene_cue_class(const cnn_scene *scene, int32_t split, int32_t pattern, int32_t index);

#endif
