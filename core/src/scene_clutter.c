/* See scene_clutter.h. */
#include "scene_clutter.h"

#include "rng.h"

#include <math.h> /* sqrt only: IEEE-exact everywhere */
#include <stddef.h>

enum { NODES = CNN_CLUTTER_NODES, COARSEST = 16, OCTAVES = 5 };
/* Counters: shifts first, then the nodes of all octaves. */
enum { DRAW_SHIFT_X = 0, DRAW_SHIFT_Y = 1, DRAW_NODE = 2 };

/* Fills the nodes halfway between those `step` apart, along rows and then along columns. */
static void halve(float *nodes, int32_t step) {
  const int32_t half = step / 2;
  for (int32_t y = 0; y < NODES; y += step) {
    for (int32_t x = half; x < NODES; x += step) {
      float *node = nodes + (ptrdiff_t)y * NODES + x;
      *node = 0.5f * (node[-half] + node[half]);
    }
  }
  for (int32_t y = half; y < NODES; y += step) {
    for (int32_t x = 0; x < NODES; x += half) {
      float *node = nodes + (ptrdiff_t)y * NODES + x;
      *node = 0.5f * (node[-(ptrdiff_t)half * NODES] + node[(ptrdiff_t)half * NODES]);
    }
  }
}

void cnn_clutter_begin(cnn_clutter *clutter, float *nodes, uint64_t key, double rms,
                       int32_t reference) {
  const int32_t cell = reference / CNN_CLUTTER_CELLS;
  clutter->nodes = nodes;
  clutter->cell = cell;
  clutter->shift_x = (int32_t)cnn_rng_below(key, DRAW_SHIFT_X, (uint32_t)(COARSEST * cell));
  clutter->shift_y = (int32_t)cnn_rng_below(key, DRAW_SHIFT_Y, (uint32_t)(COARSEST * cell));
  uint64_t counter = DRAW_NODE;
  for (int32_t i = 0; i < CNN_CLUTTER_FLOATS; i++) {
    nodes[i] = 0.0f;
  }
  for (int32_t step = COARSEST; step >= 1; step /= 2) {
    /* Uniform nodes in -most..most have the variance most^2/3; between them, weights 1-t and t at
     * pixel centres keep on average 2/3 - 1/(6 n^2) of it per axis, n the cell in pixels. */
    const double pixels = step * cell;
    const double kept = 2.0 / 3.0 - 1.0 / (6.0 * pixels * pixels);
    const double most = rms * sqrt(3.0 / OCTAVES) / kept;
    if (step < COARSEST) {
      halve(nodes, 2 * step);
    }
    for (int32_t y = 0; y < NODES; y += step) {
      for (int32_t x = 0; x < NODES; x += step) {
        nodes[(ptrdiff_t)y * NODES + x] +=
            (float)(most * (2.0 * cnn_rng_unit(key, counter++) - 1.0));
      }
    }
  }
}

void cnn_clutter_row(int32_t *row, const cnn_clutter *clutter, const int32_t *flat, int32_t y,
                     int32_t channels, float one_level) {
  const int32_t cell = clutter->cell;
  const int32_t down = y + clutter->shift_y;
  const float *node = clutter->nodes + (ptrdiff_t)(down / cell) * NODES + clutter->shift_x / cell;
  const float t = ((float)(down % cell) + 0.5f) / (float)cell;
  const float half_step = 0.5f * one_level / (float)cell;
  int32_t *const end = row + (ptrdiff_t)CNN_CLUTTER_CELLS * cell * channels;
  int32_t skipped = clutter->shift_x % cell; /* pixels of the first cell left of the picture */
  float left = node[0] + (node[NODES] - node[0]) * t;
  while (row < end) {
    node++;
    const float right = node[0] + (node[NODES] - node[0]) * t;
    const int32_t half = (int32_t)((right - left) * half_step);
    int32_t level = (int32_t)(left * one_level) + half + 2 * half * skipped;
    const int32_t *const cell_end = row + (ptrdiff_t)(cell - skipped) * channels;
    for (const int32_t *stop = cell_end < end ? cell_end : end; row < stop; row += channels) {
      row[0] = flat[0] + level;
      if (channels == 3) {
        row[1] = flat[1] + level;
        row[2] = flat[2] + level;
      }
      level += 2 * half;
    }
    skipped = 0;
    left = right;
  }
}
