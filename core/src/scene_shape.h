/* Shapes of families G, P and C: unions of convex pieces, each the points (x, y) in reference
 * pixels with a x + b y <= c for all of its sides (a, b, c). */
#ifndef CNN_SCENE_SHAPE_H
#define CNN_SCENE_SHAPE_H

#include "scene_signal.h"

enum {
  CNN_SIGN_MOST_STROKES = 5,
  CNN_STROKE_SIDES = 4,
  CNN_BLOB_SIDES = 64 /* off a circle by 1 part in 800 of the radius */
};

/* Fills pieces, sides and edges [cnn_scene_shape_floats]: the pattern's shape around the signal's
 * centre, in the circle of this radius in pixels, turned clockwise by `turn`. code: G's. */
void cnn_scene_shape_begin(cnn_scene_signal *signal, float *edges, const cnn_scene *scene,
                           int32_t pattern, uint32_t code, double radius, double turn);
size_t cnn_scene_shape_floats(const cnn_scene *scene);

/* row[first..last) = share of each pixel of row y that the shape covers: exact along x at four
 * heights. Where pieces overlap on the edge of one, the sum of their shares cut at 1. */
void cnn_scene_shape_row(float *row, int32_t *first, int32_t *last, const cnn_scene_signal *signal,
                         int32_t y);

/* ---- G: signs on a 5x5 grid of points ---------------------------------------------------------
 */

/* A stroke of 2 to 4 unit strokes from (x, y) in one of four directions. */
typedef struct {
  int8_t x, y, dx, dy, length;
} cnn_stroke;

enum { CNN_SIGN_ALPHABET = 24 };

/* The seed's alphabet: 24 of the 88 strokes that the grid has. */
void cnn_sign_alphabet(cnn_stroke *alphabet, uint32_t seed);

/* codes[0..count-1]: which strokes of the alphabet each sign has, one bit each. Greedy max-min
 * (farthest point) over 1024 random signs of 3 to 5 strokes that share no unit stroke: each next
 * sign is the one whose nearest chosen sign is farthest, the first of equals. So a sign does not
 * depend on how many follow. Returns the smallest distance of two, in unit strokes. */
int32_t cnn_sign_codes(uint32_t *codes, uint32_t seed, int32_t count);

#endif
