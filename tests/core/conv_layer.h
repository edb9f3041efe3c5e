/* One convolution layer with its data for the tests of conv.h; every array is exactly as long as
 * conv.h says it must be. Tests only. */
#ifndef CONV_LAYER_H
#define CONV_LAYER_H

#include "conv.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "simd.h"

typedef struct {
  cnn_block block;
  cnn_conv_shape shape;
  size_t depth;     /* k*k*C */
  size_t positions; /* conv_side^2 */
  size_t units;     /* P*P*F */
  size_t before;    /* zero rows above, by TensorFlow's own words rather than conv.h's */
  float table[256];
  guarded pixels, map, image, kernel, bias, panels, work;
  guarded z, out, winner, ref_z, ref_out, ref_winner;
} layer;

static inline float *floats(const guarded *g) {
  return guarded_float(g);
}

static inline uint8_t *bytes(const guarded *g) {
  return guarded_byte(g);
}

/* Kernel, stride, padding, pool; F and norm are set apart. */
static inline cnn_block block_of(int kernel, int stride, int padding, int pool) {
  return (cnn_block){1, kernel, stride, padding, CNN_NORM_NONE, pool};
}

/* "If the side is a multiple of the stride, kernel - stride zeros, else kernel - side % stride":
 * TensorFlow's wording of same padding (tf.nn, Padding). */
static inline size_t zeros_before(size_t in_side, const cnn_block *block) {
  const int rest = (int)in_side % block->stride;
  const int zeros = block->kernel - (rest == 0 ? block->stride : rest);
  return block->padding == CNN_PADDING_SAME && zeros > 0 ? (size_t)zeros / 2 : 0;
}

static inline layer layer_new(size_t in_side, size_t channels, size_t filters, cnn_block block) {
  block.filters = (int32_t)filters;
  layer l = {.block = block, .shape = cnn_conv_shape_of(in_side, channels, &block)};
  const cnn_conv_shape s = l.shape;
  l.depth = s.kernel * s.kernel * channels;
  l.positions = s.conv_side * s.conv_side;
  l.units = s.out_side * s.out_side * filters;
  l.before = zeros_before(in_side, &block);
  const size_t image = s.image_side * s.image_side * channels;
  l.pixels = guarded_new(GUARD_BYTES, in_side * in_side * channels, 0);
  l.map = guarded_floats(in_side * in_side * channels, 0);
  l.image = guarded_floats(image, CNN_PAD_FLOATS);
  l.kernel = guarded_floats(l.depth * filters, 0);
  l.bias = guarded_floats(filters, 0);
  l.panels = guarded_floats(cnn_conv_panel_floats(s), 0);
  l.work = guarded_floats(cnn_conv_work_floats(s), 0);
  l.z = guarded_floats(l.positions * filters, 0);
  l.out = guarded_floats(l.units, 0);
  l.winner = guarded_new(GUARD_BYTES, l.units, 0);
  l.ref_z = guarded_floats(l.positions * filters, 0);
  l.ref_out = guarded_floats(l.units, 0);
  l.ref_winner = guarded_new(GUARD_BYTES, l.units, 0);
  memset(floats(&l.image), 0, image * sizeof(float));
  return l;
}

/* Which layer a failed check speaks of. */
static inline const char *layer_name(const layer *l) {
  static char name[128];
  const cnn_conv_shape s = l->shape;
  snprintf(name, sizeof name, "side %zu C %zu F %zu kernel %zu stride %zu padding %d pool %d%s",
           s.in_side, s.channels, s.filters, s.kernel, s.stride, l->block.padding, s.pool,
           s.winograd ? " winograd" : "");
  return name;
}

static inline void layer_end(layer *l) {
  guarded *all[] = {&l->pixels, &l->map,     &l->image,     &l->kernel, &l->bias,
                    &l->panels, &l->work,    &l->z,         &l->out,    &l->winner,
                    &l->ref_z,  &l->ref_out, &l->ref_winner};
  int intact = 1;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    intact = guarded_end(all[i]) && intact;
  }
  CHECK(intact, "%s: wrote outside an array", layer_name(l));
}

/* integers = 0: anything; 1: weights in {-1,0,1}, biases 0 and pixels 0 or 1, full of ties. */
static inline void layer_fill(layer *l, noise *random, int integers) {
  const size_t filters = l->shape.filters;
  noise_fill(floats(&l->kernel), random, l->depth * filters);
  noise_fill(floats(&l->bias), random, filters);
  noise_fill_bytes(bytes(&l->pixels), random, l->pixels.bytes);
  for (size_t u = 0; u < 256; u++) {
    l->table[u] = integers ? (float)(u / 128) : ((float)u - 99.5f) / 61.3f;
  }
  for (size_t i = 0; integers && i < l->depth * filters; i++) {
    floats(&l->kernel)[i] = (float)noise_below(random, 3) - 1.0f;
  }
  for (size_t f = 0; integers && f < filters; f++) {
    floats(&l->bias)[f] = 0.0f;
  }
  for (size_t i = 0; i < l->pixels.bytes; i++) {
    floats(&l->map)[i] = l->table[bytes(&l->pixels)[i]];
  }
  cnn_conv_widen(floats(&l->image), bytes(&l->pixels), l->table, l->shape);
}

/* The forward passes and their twins. */
static inline void layer_run(layer *l) {
  const float *image = floats(&l->image), *kernel = floats(&l->kernel), *bias = floats(&l->bias);
  cnn_conv_pack_direct(floats(&l->panels), kernel, bias, l->shape);
  cnn_conv_linear(floats(&l->z), image, floats(&l->panels), l->shape);
  cnn_conv_linear_ref(floats(&l->ref_z), image, kernel, bias, l->shape);
  if (l->shape.fused) {
    cnn_conv_pack(floats(&l->panels), kernel, bias, l->shape);
    cnn_conv_forward(floats(&l->out), bytes(&l->winner), image, floats(&l->panels),
                     floats(&l->work), l->shape);
    cnn_conv_forward_ref(floats(&l->ref_out), bytes(&l->ref_winner), image, kernel, bias, l->shape);
  }
}

/* Pixel (y, x) counted from the unpadded picture's corner, zero outside. */
static inline double layer_pixel(const layer *l, long y, long x, size_t c) {
  const long side = (long)l->shape.in_side;
  if (y < 0 || y >= side || x < 0 || x >= side) {
    return 0.0;
  }
  return (double)floats(&l->map)[((size_t)y * (size_t)side + (size_t)x) * l->shape.channels + c];
}

#endif
