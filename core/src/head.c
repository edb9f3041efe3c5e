/* See head.h. Plain loops over contiguous filters; compilers vectorise them lane-wise. */
#include "head.h"

#include <string.h>

#include "cnn.h"

void cnn_global_max(float *features, int32_t *place, const float *map, size_t positions,
                    size_t filters) {
  memcpy(features, map, filters * sizeof *features);
  memset(place, 0, filters * sizeof *place);
  for (size_t i = 1; i < positions; i++) {
    for (size_t f = 0; f < filters; f++) {
      if (map[i * filters + f] > features[f]) {
        features[f] = map[i * filters + f];
        place[f] = (int32_t)i;
      }
    }
  }
}

void cnn_global_max_gradient(float *dmap, const float *dfeatures, const int32_t *place,
                             size_t positions, size_t filters) {
  memset(dmap, 0, positions * filters * sizeof *dmap);
  for (size_t f = 0; f < filters; f++) {
    dmap[(size_t)place[f] * filters + f] = dfeatures[f];
  }
}

void cnn_global_average(float *features, const float *map, size_t side, size_t filters) {
  float row[64]; /* F <= 64 */
  memset(features, 0, filters * sizeof *features);
  for (size_t y = 0; y < side; y++) {
    memset(row, 0, filters * sizeof *row);
    for (size_t x = 0; x < side; x++) {
      for (size_t f = 0; f < filters; f++) {
        row[f] += map[(y * side + x) * filters + f];
      }
    }
    for (size_t f = 0; f < filters; f++) {
      features[f] += row[f];
    }
  }
  for (size_t f = 0; f < filters; f++) {
    features[f] /= (float)(side * side);
  }
}

void cnn_global_average_gradient(float *dmap, const float *dfeatures, size_t positions,
                                 size_t filters) {
  for (size_t f = 0; f < filters; f++) {
    dmap[f] = dfeatures[f] / (float)positions;
  }
  for (size_t i = 1; i < positions; i++) {
    memcpy(dmap + i * filters, dmap, filters * sizeof *dmap);
  }
}
