/* Attention pooling; see head.h. The scores are computed twice, because a caller keeps floats per
 * position and they are wanted in double. */
#include "exact_math.h"
#include "head.h"
#include "simd_double.h"

enum { MAX_FILTERS = 64 };

static double product(const float *a, const float *b, size_t count) {
  sum_of_four sum = {{0.0}, {0.0}};
  double tail[4];
  size_t f = 0;
  for (; f + 4 <= count; f += 4) {
    sum.low += f64x2_widen(a + f) * f64x2_widen(b + f);
    sum.high += f64x2_widen(a + f + 2) * f64x2_widen(b + f + 2);
  }
  for (size_t i = f; i < count; i++) {
    tail[i - f] = (double)a[i] * (double)b[i];
  }
  sum_of_four_tail(&sum, tail, count - f);
  return sum_of_four_total(sum);
}

static double largest_score(const float *map, const float *query, size_t positions,
                            size_t filters) {
  double largest = product(query, map, filters);
  for (size_t i = 1; i < positions; i++) {
    const double score = product(query, map + i * filters, filters);
    largest = score > largest ? score : largest;
  }
  return largest;
}

void cnn_attention(float *features, float *weights, const float *map, const float *query,
                   size_t positions, size_t filters) {
  const double largest = largest_score(map, query, positions, filters);
  double mean[MAX_FILTERS] = {0.0};
  double sum = 0.0;
  for (size_t i = 0; i < positions; i++) {
    const double share = cnn_exp(product(query, map + i * filters, filters) - largest);
    weights[i] = share < CNN_ATTENTION_FLUSH ? 0.0f : (float)share;
    sum += share;
  }
  for (size_t i = 0; i < positions; i++) {
    weights[i] = (float)((double)weights[i] / sum);
    for (size_t f = 0; f < filters; f++) {
      mean[f] += (double)weights[i] * (double)map[i * filters + f];
    }
  }
  for (size_t f = 0; f < filters; f++) {
    features[f] = (float)mean[f];
  }
}

void cnn_attention_gradient(float *dmap, double *dquery, const float *dfeatures, const float *map,
                            const float *weights, const float *features, const float *query,
                            size_t positions, size_t filters) {
  double own[MAX_FILTERS] = {0.0};
  const double along = product(dfeatures, features, filters);
  for (size_t i = 0; i < positions; i++) {
    const float *from = map + i * filters;
    const float weight = weights[i];
    const double dscore = (double)weight * (product(dfeatures, from, filters) - along);
    const float share = (float)dscore;
    for (size_t f = 0; f < filters; f++) {
      own[f] += dscore * (double)from[f];
    }
    for (size_t f = 0; f < filters; f++) {
      dmap[i * filters + f] = weight * dfeatures[f] + share * query[f];
    }
  }
  for (size_t f = 0; f < filters; f++) {
    dquery[f] += own[f];
  }
}
