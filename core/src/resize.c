/* Exact area average of a square u8 image between any two sides of 1..4096. Lengths are counted in
 * units of 1/(in*out) of the side: an input pixel is `out` units wide, an output pixel `in` units,
 * so every overlap is an integer and every position fits 2^24 units. Refuses channels other than
 * 1..4. */
#include "cnn.h"

enum { SIDE_MAX = 4096, CHANNELS_MAX = 4 };

/* The input pixels that one output pixel overlaps along one axis: first..last, of which the first
 * and the last count with their own weights and those between with `out` units each. */
typedef struct {
  int32_t first;
  int32_t last;
  uint32_t first_weight;
  uint32_t last_weight; /* 0 if first == last */
} overlap;

static overlap overlap_of(int32_t out_index, int32_t out_side, int32_t in_side) {
  const int32_t from = out_index * in_side;
  const int32_t to = from + in_side;
  overlap o;
  o.first = from / out_side;
  o.last = (to - 1) / out_side;
  const int32_t first_end = (o.first + 1) * out_side;
  o.first_weight = (uint32_t)((first_end < to ? first_end : to) - from);
  o.last_weight = o.last > o.first ? (uint32_t)(to - o.last * out_side) : 0;
  return o;
}

/* Weighted sum of one channel along a row; at most 255 * 4096. */
static uint32_t row_sum(const uint8_t *row, const overlap *x, uint32_t out_side, int32_t channels) {
  uint32_t middle = 0;
#ifdef __wasm__ /* vectorised with a stride, this loop takes twice as long there */
#pragma clang loop vectorize(disable)
#endif
  for (int32_t i = (x->first + 1) * channels; i < x->last * channels; i += channels) {
    middle += row[i];
  }
  const ptrdiff_t first = (ptrdiff_t)x->first * channels;
  const ptrdiff_t last = (ptrdiff_t)x->last * channels;
  return x->first_weight * row[first] + out_side * middle + x->last_weight * row[last];
}

/* Weighted sum of one channel over the output pixel; at most 255 * 4096^2. */
static uint64_t area_sum(const uint8_t *input, const overlap *y, const overlap *x,
                         uint32_t out_side, int32_t in_side, int32_t channels) {
  const int64_t row_values = (int64_t)in_side * channels;
  uint64_t sum =
      (uint64_t)y->first_weight * row_sum(input + y->first * row_values, x, out_side, channels);
  for (int32_t i = y->first + 1; i < y->last; i++) {
    sum += (uint64_t)out_side * row_sum(input + i * row_values, x, out_side, channels);
  }
  if (y->last > y->first) {
    sum += (uint64_t)y->last_weight * row_sum(input + y->last * row_values, x, out_side, channels);
  }
  return sum;
}

cnn_status cnn_image_resize(uint8_t *output, const uint8_t *input, int32_t out_side,
                            int32_t in_side, int32_t channels) {
  if (output == NULL || input == NULL || channels < 1 || channels > CHANNELS_MAX) {
    return CNN_ERROR_ARGUMENT;
  }
  if (out_side < 1 || out_side > SIDE_MAX || in_side < 1 || in_side > SIDE_MAX) {
    return CNN_ERROR_SIZE;
  }
  const uint64_t area = (uint64_t)in_side * (uint64_t)in_side; /* sum of weights */
  for (int32_t oy = 0; oy < out_side; oy++) {
    const overlap y = overlap_of(oy, out_side, in_side);
    for (int32_t ox = 0; ox < out_side; ox++) {
      const overlap x = overlap_of(ox, out_side, in_side);
      for (int32_t c = 0; c < channels; c++) {
        const uint64_t sum = area_sum(input + c, &y, &x, (uint32_t)out_side, in_side, channels);
        *output++ = (uint8_t)((2 * sum + area) / (2 * area)); /* half up */
      }
    }
  }
  return CNN_OK;
}
