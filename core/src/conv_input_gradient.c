/* See conv.h. A row of patches is taken kernel row by kernel row: the filters' slices of one kernel
 * row stay in the first-level cache for many patches, and a block of the image's row stays in
 * registers while all live filters of its patch are added. No order of additions changes by it,
 * because the kernel rows of one row of patches write to different rows of the image. */
#include "conv.h"

#include "simd.h"

enum {
  PATCHES = 16,     /* patches whose live units are listed at a time; even */
  MAX_FILTERS = 64, /* cnn.h: filters' range */
  BLOCK = 32        /* floats of an image row in registers: 8 vectors; with 12 they spill */
};

/* Live units of a patch: gradient, and offset of the filter among the slices. */
typedef struct {
  size_t count;
  float gradient[MAX_FILTERS];
  uint32_t slice[MAX_FILTERS];
} live_list;

/* Floats of one kernel row of one filter, whole vectors. */
static size_t turned_row(cnn_conv_shape shape) {
  return (shape.kernel * shape.channels + 3) / 4 * 4;
}

size_t cnn_conv_turned_floats(cnn_conv_shape shape) {
  return shape.kernel * shape.filters * turned_row(shape);
}

void cnn_conv_turn(float *turned, const float *kernel, cnn_conv_shape shape) {
  const size_t row = turned_row(shape), used = shape.kernel * shape.channels;
  for (size_t ky = 0; ky < shape.kernel; ky++) {
    for (size_t f = 0; f < shape.filters; f++) {
      float *to = turned + (ky * shape.filters + f) * row;
      for (size_t i = 0; i < row; i++) {
        to[i] = i < used ? kernel[(ky * used + i) * shape.filters + f] : 0.0f;
      }
    }
  }
}

/* Lists the units of position (y, x) that have a gradient, without max pooling. Without branches:
 * which units live is noise to the processor. */
static void list_position(live_list *list, const float *dout, const uint8_t *winner,
                          cnn_conv_shape shape, size_t y, size_t x) {
  const size_t first = (y * shape.conv_side + x) * shape.filters;
  const size_t row = turned_row(shape);
  size_t count = 0;
  for (size_t f = 0; f < shape.filters; f++) {
    const float g = dout[first + f];
    list->gradient[count] = g;
    list->slice[count] = (uint32_t)(f * row);
    count += (g != 0.0f) & (winner == NULL || winner[first + f] != CNN_WINNER_DEAD);
  }
  list->count = count;
}

/* The same for both positions that row y of the convolution has in the cell of (y, x), x even. */
static void list_cell_row(live_list list[2], const float *dout, const uint8_t *winner,
                          cnn_conv_shape shape, size_t y, size_t x) {
  const size_t first = (y / 2 * shape.out_side + x / 2) * shape.filters;
  const size_t row = turned_row(shape), position = y % 2 * 2;
  size_t left = 0, right = 0;
  for (size_t f = 0; f < shape.filters; f++) {
    const float g = dout[first + f];
    const size_t won = winner[first + f];
    list[0].gradient[left] = g;
    list[0].slice[left] = (uint32_t)(f * row);
    list[1].gradient[right] = g;
    list[1].slice[right] = (uint32_t)(f * row);
    left += (g != 0.0f) & (won == position);
    right += (g != 0.0f) & (won == position + 1);
  }
  list[0].count = left;
  list[1].count = right;
}

/* Adds all listed filters to `vectors` vectors of the image. */
static inline void add_block(float *image, const float *slices, const live_list *list,
                             size_t vectors) {
  f32x4 sum[BLOCK / 4];
  for (size_t i = 0; i < vectors; i++) {
    sum[i] = f32x4_load(image + 4 * i);
  }
  for (size_t j = 0; j < list->count; j++) {
    const f32x4 gradient = f32x4_splat(list->gradient[j]);
    const float *slice = slices + list->slice[j];
    for (size_t i = 0; i < vectors; i++) {
      sum[i] += gradient * f32x4_load(slice + 4 * i);
    }
  }
  for (size_t i = 0; i < vectors; i++) {
    f32x4_store(image + 4 * i, sum[i]);
  }
}

/* Constant trip counts keep the block in registers; fewer than 8 vectors. */
static inline void add_rest(float *image, const float *slices, const live_list *list,
                            size_t vectors) {
  switch (vectors) {
  case 7:
    add_block(image, slices, list, 7);
    break;
  case 6:
    add_block(image, slices, list, 6);
    break;
  case 5:
    add_block(image, slices, list, 5);
    break;
  case 4:
    add_block(image, slices, list, 4);
    break;
  case 3:
    add_block(image, slices, list, 3);
    break;
  case 2:
    add_block(image, slices, list, 2);
    break;
  case 1:
    add_block(image, slices, list, 1);
    break;
  default:
    break;
  }
}

/* Adds all listed filters' slices to `used` floats of an image row. */
static void add_slices(float *image, const float *slices, size_t used, const live_list *list) {
  size_t i = 0;
  for (; i + BLOCK <= used; i += BLOCK) {
    add_block(image + i, slices + i, list, BLOCK / 4);
  }
  add_rest(image + i, slices + i, list, (used - i) / 4);
  i = used / 4 * 4;
  if (i < used) { /* not a float of the neighbour may be touched: a NaN would spread */
    float tail[4] = {0};
    memcpy(tail, image + i, (used - i) * sizeof *tail);
    add_block(tail, slices + i, list, 1);
    memcpy(image + i, tail, (used - i) * sizeof *tail);
  }
}

void cnn_conv_input_gradient(float *dimage, const float *dout, const uint8_t *winner,
                             const float *turned, cnn_conv_shape shape) {
  const int pooled = winner != NULL && shape.pool == CNN_POOL_MAX2;
  const size_t side = pooled ? 2 * shape.out_side : shape.conv_side; /* what pooling kept */
  const size_t row = shape.image_side * shape.channels, used = shape.kernel * shape.channels;
  live_list lists[PATCHES];
  memset(dimage, 0, shape.image_side * row * sizeof *dimage);
  for (size_t y = 0; y < side; y++) {
    for (size_t first = 0; first < side; first += PATCHES) {
      const size_t count = side - first < PATCHES ? side - first : PATCHES;
      for (size_t i = 0; i < count; i += pooled ? 2 : 1) {
        if (pooled) {
          list_cell_row(lists + i, dout, winner, shape, y, first + i);
        } else {
          list_position(lists + i, dout, winner, shape, y, first + i);
        }
      }
      for (size_t ky = 0; ky < shape.kernel; ky++) {
        const float *slices = turned + ky * shape.filters * turned_row(shape);
        float *image = dimage + (y * shape.stride + ky) * row;
        for (size_t i = 0; i < count; i++) {
          add_slices(image + (first + i) * shape.stride * shape.channels, slices, used, lists + i);
        }
      }
    }
  }
}

void cnn_conv_input_gradient_ref(float *dimage, const float *dout, const uint8_t *winner,
                                 const float *kernel, cnn_conv_shape shape) {
  const size_t scale = winner != NULL && shape.pool == CNN_POOL_MAX2 ? 2 : 1;
  const size_t used = shape.kernel * shape.channels;
  memset(dimage, 0, shape.image_side * shape.image_side * shape.channels * sizeof *dimage);
  for (size_t place = 0; place < shape.conv_side * shape.conv_side * shape.filters; place++) {
    const size_t f = place % shape.filters;
    const size_t y = place / shape.filters / shape.conv_side;
    const size_t x = place / shape.filters % shape.conv_side;
    const size_t side = winner == NULL ? shape.conv_side : shape.out_side;
    if (y / scale >= side || x / scale >= side) {
      continue; /* dropped by the pooling */
    }
    const size_t unit = (y / scale * side + x / scale) * shape.filters + f;
    const float g = dout[unit];
    if (g == 0.0f || (winner != NULL && winner[unit] != y % scale * 2 + x % scale)) {
      continue;
    }
    for (size_t ky = 0; ky < shape.kernel; ky++) {
      const size_t corner = (y * shape.stride + ky) * shape.image_side + x * shape.stride;
      for (size_t i = 0; i < used; i++) {
        dimage[corner * shape.channels + i] += g * kernel[(ky * used + i) * shape.filters + f];
      }
    }
  }
}
