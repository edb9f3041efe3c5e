/* What stands between the P x P x F map (F = 1..64) and the dense layers, forward and backward, one
 * image. Loops over contiguous filters, which compilers vectorise lane-wise: they are their own
 * twins. */
#ifndef CNN_HEAD_H
#define CNN_HEAD_H

#include <stddef.h>
#include <stdint.h>

/* features [F] = strongest value of each filter over the map [positions][F]; place [F] = the first
 * position that holds it (row-major); a NaN wins, so it stays visible. */
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

/* Rows (or columns) span[0] .. span[1]-1 of the map are those of cell i of G in that direction. */
void cnn_grid_span(size_t span[2], size_t i, size_t grid, size_t side);
/* features [G][G][F] = means over cells floor(i*side/G) .. ceil((i+1)*side/G) in both directions
 * (cells overlap where G does not divide the side; PyTorch's adaptive average pool). G <= side. */
void cnn_grid_average(float *features, const float *map, size_t grid, size_t side, size_t filters);
/* dmap [side][side][F], overwritten. */
void cnn_grid_average_gradient(float *dmap, const float *dfeatures, size_t grid, size_t side,
                               size_t filters);

/* Weights e^(score - largest score) smaller than this become zero, before they are divided by their
 * sum. Part of the definition: nobody can feel them, and denormal products would be slow. */
#define CNN_ATTENTION_FLUSH 1e-20

/* weights [positions] = softmax over positions of (query . map[position]); features [F] = sum of
 * weights * map. Scores (four sums of every fourth filter), softmax and sums in double; a weight is
 * rounded before and after the division by their sum. */
void cnn_attention(float *features, float *weights, const float *map, const float *query,
                   size_t positions, size_t filters);
/* With a = weight of position p: dscore = a * (dfeatures . (map_p - features)), dmap_p = a *
 * dfeatures + dscore * query, dquery [F] (doubles) += this image's sum of dscore * map_p. dmap
 * [positions][F] may be map. weights and features are the forward pass's. */
void cnn_attention_gradient(float *dmap, double *dquery, const float *dfeatures, const float *map,
                            const float *weights, const float *features, const float *query,
                            size_t positions, size_t filters);

#endif
