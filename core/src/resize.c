/* Exact area average of a square u8 image between any two sides of 1..4096. Lengths are counted in
 * units of 1/(in*out) of the side: an input pixel is `out` units wide, an output pixel `in` units,
 * so every overlap is an integer and every position fits 2^24 units. Refuses channels other than
 * 1..4. */
#include "cnn.h"

enum { SIDE_MAX = 4096, CHANNELS_MAX = 4 };

/* Sums one output pixel's overlap with input row `row` ([in][channels]) into sums[channels].
 * The output pixel spans units [from, from + in_side). */
static void add_row(uint64_t *sums, const uint8_t *row, int32_t from, int32_t row_weight,
                    int32_t out_side, int32_t in_side, int32_t channels) {
  const int32_t to = from + in_side;
  for (int32_t i = from / out_side; i * out_side < to; i++) {
    const int32_t left = i * out_side > from ? i * out_side : from;
    const int32_t right = (i + 1) * out_side < to ? (i + 1) * out_side : to;
    const uint64_t weight = (uint64_t)((right - left) * row_weight);
    for (int32_t c = 0; c < channels; c++) {
      sums[c] += weight * row[i * channels + c];
    }
  }
}

cnn_status cnn_image_resize(uint8_t *output, const uint8_t *input, int32_t out_side,
                            int32_t in_side, int32_t channels) {
  if (output == NULL || input == NULL || channels < 1 || channels > CHANNELS_MAX) {
    return CNN_ERROR_ARGUMENT;
  }
  if (out_side < 1 || out_side > SIDE_MAX || in_side < 1 || in_side > SIDE_MAX) {
    return CNN_ERROR_SIZE;
  }
  const uint64_t area = (uint64_t)in_side * (uint64_t)in_side; /* sum of weights, at most 2^24 */
  const int64_t row_values = (int64_t)in_side * channels;
  for (int32_t oy = 0; oy < out_side; oy++) {
    const int32_t top = oy * in_side;
    const int32_t bottom = top + in_side;
    for (int32_t ox = 0; ox < out_side; ox++) {
      uint64_t sums[CHANNELS_MAX] = {0};
      for (int32_t i = top / out_side; i * out_side < bottom; i++) {
        const int32_t upper = i * out_side > top ? i * out_side : top;
        const int32_t lower = (i + 1) * out_side < bottom ? (i + 1) * out_side : bottom;
        add_row(sums, input + i * row_values, ox * in_side, lower - upper, out_side, in_side,
                channels);
      }
      for (int32_t c = 0; c < channels; c++) {
        *output++ = (uint8_t)((2 * sums[c] + area) / (2 * area)); /* half up */
      }
    }
  }
  return CNN_OK;
}
