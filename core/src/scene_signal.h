/* What the scene families paint before noise: a real-valued picture at the reference size, in grey
 * levels around 0. Private to the core; tests look at it for noiseless templates. */
#ifndef CNN_SCENE_SIGNAL_H
#define CNN_SCENE_SIGNAL_H

#include "cnn.h"

/* One picture's signal, ready to be evaluated row by row: a sum of `terms` products
 * across[i][x] * down[i][y], seen through a disc. A grating is two such products
 * (cos(a+b) = cos a cos b - sin a sin b), a DCT template one per row of its band. */
typedef struct {
  const float *across; /* [terms][reference] */
  const float *down;   /* [terms][reference] */
  int32_t terms;       /* even */
  int32_t reference;
  double centre_x; /* disc in pixels at the reference size; pixel x spans [x, x+1) */
  double centre_y;
  double radius; /* 0 = no disc, the signal fills the frame */
} cnn_scene_signal;

/* Floats of the work array that cnn_scene_signal_begin fills; scene checked. */
size_t cnn_scene_signal_floats(const cnn_scene *scene);

/* Prepares picture (split, class, index); scene checked, family S, T or X. */
void cnn_scene_signal_begin(cnn_scene_signal *signal, float *work, const cnn_scene *scene,
                            int32_t split, int32_t class_index, int32_t index);

/* Writes row[first..last) for reference row y and leaves the rest of row alone; first = last when
 * the row misses the disc. */
void cnn_scene_signal_row(float *row, int32_t *first, int32_t *last, const cnn_scene_signal *signal,
                          int32_t y);

#endif
