/* Global pooling between the P x P x F map and the dense layer, forward and backward. */
#ifndef CNN_HEAD_H
#define CNN_HEAD_H

#include <stddef.h>
#include <stdint.h>

/* features [F] = strongest value of each filter over the map [positions][F]; place [F] = the first
 * position that holds it (row-major). */
void cnn_global_max(float *features, int32_t *place, const float *map, size_t positions,
                    size_t filters);
/* dmap [positions][F], overwritten: the gradient goes to `place`, zero elsewhere. */
void cnn_global_max_gradient(float *dmap, const float *dfeatures, const int32_t *place,
                             size_t positions, size_t filters);

/* features [F] = mean of each filter over the map; float sums per row of `side` positions, then
 * over rows, so that the rounding error does not grow with the whole map. */
void cnn_global_average(float *features, const float *map, size_t side, size_t filters);
/* dmap [positions][F], overwritten: every position gets dfeature / positions. */
void cnn_global_average_gradient(float *dmap, const float *dfeatures, size_t positions,
                                 size_t filters);

#endif
