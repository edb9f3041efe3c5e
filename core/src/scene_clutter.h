/* 1/f clutter: bilinear value noise in five octaves of equal power, which in two dimensions is an
 * amplitude spectrum like 1/f, as natural pictures have (Field 1987). Every octave's nodes are
 * nodes of the finest lattice, so their sum is one bilinear function on that, made coarse to fine
 * by halving cells. The lattice is shifted at random against the picture, so that no pixel is
 * special. */
#ifndef CNN_SCENE_CLUTTER_H
#define CNN_SCENE_CLUTTER_H

#include <stdint.h>

/* 32 finest cells cross the picture, 16 more allow for the shift by up to one coarsest cell. */
enum { CNN_CLUTTER_CELLS = 32, CNN_CLUTTER_NODES = 49 };
enum { CNN_CLUTTER_FLOATS = CNN_CLUTTER_NODES * CNN_CLUTTER_NODES };

typedef struct {
  float *nodes;    /* [CNN_CLUTTER_NODES][CNN_CLUTTER_NODES] */
  int32_t cell;    /* reference pixels */
  int32_t shift_x; /* of the picture's corner in the lattice, pixels */
  int32_t shift_y;
} cnn_clutter;

/* Draws the lattice for one picture: mean 0 and this rms over pixels and pictures. */
void cnn_clutter_begin(cnn_clutter *clutter, float *nodes, uint64_t key, double rms,
                       int32_t reference);

/* row[x * channels + c] = flat[c] + clutter of pixel x in row y, in units of 1/one_level levels. */
void cnn_clutter_row(int32_t *row, const cnn_clutter *clutter, const int32_t *flat, int32_t y,
                     int32_t channels, float one_level);

#endif
