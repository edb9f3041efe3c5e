/* What the scene families paint before noise: a real-valued picture at the reference size. Private
 * to the core; tests look at it for noiseless templates. */
#ifndef CNN_SCENE_SIGNAL_H
#define CNN_SCENE_SIGNAL_H

#include "cnn.h"

/* One picture's signal, ready to be evaluated row by row. S, T, X: a sum of `terms` products
 * across[i][x] * down[i][y] in grey levels, seen through a disc. A grating is two such products
 * (cos(a+b) = cos a cos b - sin a sin b), a DCT template one per row of its band. G, P, C: the
 * share of each pixel that a shape covers, see scene_shape.h. */
typedef struct {
  const float *across; /* [terms][reference] */
  const float *down;   /* [terms][reference] */
  int32_t terms;       /* even; 0 for a shape */
  int32_t roll;        /* T: row y is that of down[y + roll], around the edge */
  int32_t reference;
  double centre_x; /* disc or shape in pixels at the reference size; pixel x spans [x, x+1) */
  double centre_y;
  double radius; /* 0 = no disc, the signal fills the frame */
  int32_t pieces;
  int32_t sides;
  const float *edges; /* [pieces][sides][3] */
  double colour[3];   /* grey levels of each channel per unit of the row */
} cnn_scene_signal;

/* K_fine: `patterns`, or `classes` where that is 0. */
static inline int32_t cnn_scene_patterns(const cnn_scene *scene) {
  return scene->patterns > 0 ? scene->patterns : scene->classes;
}

/* Four-byte cells of the work array that the two calls below fill; scene checked. */
size_t cnn_scene_signal_floats(const cnn_scene *scene);

/* What pictures of patterns 0..count-1 have in common, once for a work array; only G needs it. */
void cnn_scene_signal_prepare(float *work, const cnn_scene *scene, int32_t count);

/* Prepares picture (split, pattern, index); scene checked, not family N. */
void cnn_scene_signal_begin(cnn_scene_signal *signal, float *work, const cnn_scene *scene,
                            int32_t split, int32_t pattern, int32_t index);

/* Writes row[first..last) for reference row y and leaves the rest of row alone; first = last when
 * the row misses the disc or shape. */
void cnn_scene_signal_row(float *row, int32_t *first, int32_t *last, const cnn_scene_signal *signal,
                          int32_t y);

/* rgb = length * (the unit vector of hue `angle`) in the plane of equal luma (ITU-R BT.601). */
void cnn_scene_hue(double *rgb, double angle, double length);

/* T: the band's basis functions phi_u along one axis, down [B][reference]. */
void cnn_scene_template_basis(float *down, const cnn_scene *scene);

/* T: coefficient of phi_u(x) phi_v(y) in a pattern's template, i = v*B + u. */
double cnn_scene_template_weight(const cnn_scene *scene, int32_t pattern, int32_t i);

#endif
