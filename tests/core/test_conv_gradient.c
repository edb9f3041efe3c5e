/* The weight gradient of a convolution: equal bits with its plain twin over kernels, strides, pools
 * and widths; a direct sum in double over the padded picture; dead units; the sums' way back to the
 * kernel's layout. */
#include "conv.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "simd.h"

typedef struct {
  cnn_conv_shape shape;
  int winners; /* dout of the pooled units with winners, or dz of all positions */
  size_t side, image_floats, units;
  guarded image, dout, winner, list, sums, ref_sums;
} layer;

static float *floats(const guarded *g) {
  return guarded_float(g);
}

static layer layer_new(size_t side, size_t channels, const cnn_block *block, int winners) {
  layer l = {.shape = cnn_conv_shape_of(side, channels, block), .winners = winners};
  const size_t filters = l.shape.filters;
  l.side = winners ? l.shape.out_side : l.shape.conv_side;
  l.image_floats = l.shape.image_side * l.shape.image_side * channels;
  l.units = l.side * l.side * filters;
  l.image = guarded_floats(l.image_floats, CNN_PAD_FLOATS);
  l.dout = guarded_floats(l.units, 0);
  l.winner = guarded_new(GUARD_BYTES, l.units, 0);
  l.list = guarded_new(GUARD_BYTES, cnn_conv_list_bytes(l.shape), 0);
  l.sums = guarded_floats(cnn_conv_sum_floats(l.shape), 0);
  l.ref_sums = guarded_floats(cnn_conv_sum_floats(l.shape), 0);
  return l;
}

static void layer_end(layer *l) {
  guarded *all[] = {&l->image, &l->dout, &l->winner, &l->list, &l->sums, &l->ref_sums};
  int intact = 1;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    intact = guarded_end(all[i]) && intact;
  }
  CHECK(intact, "side %zu C %zu F %zu kernel %zu: wrote outside an array", l->shape.in_side,
        l->shape.channels, l->shape.filters, l->shape.kernel);
}

/* About half the units dead, some gradients zero; a dead unit's gradient is never looked at. */
static void layer_fill(layer *l, uint64_t seed) {
  noise random = noise_of(seed);
  noise_fill(floats(&l->image), &random, l->image_floats);
  noise_fill(floats(&l->dout), &random, l->units);
  for (size_t i = 0; i < l->units; i++) {
    const uint32_t draw = noise_below(&random, 16);
    const uint32_t positions = l->shape.pool == CNN_POOL_MAX2 ? 4 : 1;
    if (draw < 3) {
      floats(&l->dout)[i] = draw == 0 ? -0.0f : 0.0f;
    }
    guarded_byte(&l->winner)[i] =
        draw % 2 ? (uint8_t)noise_below(&random, positions) : (uint8_t)CNN_WINNER_DEAD;
    if (l->winners && draw == 14) {
      floats(&l->dout)[i] = NAN;
    }
  }
}

static const uint8_t *winners_of(const layer *l) {
  return l->winners ? guarded_byte(&l->winner) : NULL;
}

static void layer_run(layer *l) {
  memset(guarded_byte(&l->list), 0xff, l->list.bytes);
  memset(guarded_byte(&l->sums), 0xff, l->sums.bytes);
  cnn_conv_weight_gradient(floats(&l->sums), floats(&l->dout), winners_of(l), floats(&l->image),
                           guarded_byte(&l->list), l->shape);
  cnn_conv_weight_gradient_ref(floats(&l->ref_sums), floats(&l->dout), winners_of(l),
                               floats(&l->image), l->shape);
}

/* Where the sums of kernel row ky of filter f begin; the tail of a row is scratch. */
static size_t row_at(const layer *l, size_t f, size_t ky) {
  return (f * l->shape.kernel + ky) * ((l->shape.kernel * l->shape.channels + 3) / 4 * 4);
}

static void check_twin(const layer *l) {
  const size_t used = l->shape.kernel * l->shape.channels, filters = l->shape.filters;
  size_t wrong = 0;
  for (size_t r = 0; r < filters * l->shape.kernel; r++) {
    const size_t at = row_at(l, r / l->shape.kernel, r % l->shape.kernel);
    wrong += memcmp(floats(&l->sums) + at, floats(&l->ref_sums) + at, used * sizeof(float)) != 0;
  }
  CHECK(wrong == 0,
        "side %zu C %zu F %zu kernel %zu stride %zu pool %d winners %d: %zu rows differ",
        l->shape.in_side, l->shape.channels, filters, l->shape.kernel, l->shape.stride,
        l->shape.pool, l->winners, wrong);
  const size_t bias = row_at(l, filters, 0);
  CHECK(memcmp(floats(&l->sums) + bias, floats(&l->ref_sums) + bias, filters * sizeof(float)) == 0,
        "side %zu C %zu F %zu kernel %zu stride %zu pool %d winners %d: bias sums differ",
        l->shape.in_side, l->shape.channels, filters, l->shape.kernel, l->shape.stride,
        l->shape.pool, l->winners);
}

/* ---- The textbook gradient in double --------------------------------------------------------- */

/* The gradient at conv position (y, x) of filter f: of the pooled unit whose winner it is. */
static double gradient_at(const layer *l, size_t y, size_t x, size_t f) {
  const size_t filters = l->shape.filters, pool = l->winners && l->shape.pool == CNN_POOL_MAX2;
  if (!pool) {
    const size_t unit = (y * l->side + x) * filters + f;
    const int dead = l->winners && guarded_byte(&l->winner)[unit] == CNN_WINNER_DEAD;
    return dead ? 0.0 : (double)floats(&l->dout)[unit];
  }
  if (y / 2 >= l->side || x / 2 >= l->side) {
    return 0.0;
  }
  const size_t unit = (y / 2 * l->side + x / 2) * filters + f;
  const int won = guarded_byte(&l->winner)[unit] == 2 * (y % 2) + x % 2;
  return won ? (double)floats(&l->dout)[unit] : 0.0;
}

static double pixel_at(const layer *l, size_t row, size_t column, size_t c) {
  return (double)floats(&l->image)[(row * l->shape.image_side + column) * l->shape.channels + c];
}

/* n terms of float products and additions: n + 1 half ulps of the sum of their sizes. */
static void check_double(const layer *l) {
  const cnn_conv_shape s = l->shape;
  double worst = 0.0;
  for (size_t at = 0; at < s.kernel * s.kernel * s.channels * s.filters; at++) {
    const size_t f = at % s.filters, c = at / s.filters % s.channels;
    const size_t ky = at / s.filters / s.channels / s.kernel;
    const size_t kx = at / s.filters / s.channels % s.kernel;
    double sum = 0.0, size = 0.0, terms = 0.0;
    for (size_t i = 0; i < s.conv_side * s.conv_side; i++) {
      const size_t y = i / s.conv_side, x = i % s.conv_side;
      const double g = gradient_at(l, y, x, f);
      const double term = g * pixel_at(l, s.stride * y + ky, s.stride * x + kx, c);
      sum += term;
      size += fabs(term);
      terms += g != 0.0;
    }
    const double got = (double)floats(&l->sums)[row_at(l, f, ky) + kx * s.channels + c];
    worst = fmax(worst, fabs(got - sum) - ldexp((terms + 1.0) * size, -24));
  }
  CHECK(worst <= 0.0, "side %zu C %zu F %zu kernel %zu stride %zu winners %d: off by %g", s.in_side,
        s.channels, s.filters, s.kernel, s.stride, l->winners, worst);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void check_shape(size_t side, size_t channels, cnn_block block, int winners, uint64_t seed) {
  layer l = layer_new(side, channels, &block, winners);
  if (l.side > 0) {
    layer_fill(&l, seed);
    layer_run(&l);
    check_twin(&l);
    if (channels * (size_t)block.filters < 200) {
      check_double(&l);
    }
  }
  layer_end(&l);
}

/* Kernels, strides, paddings and pools, each with sides around the strips of 64 cells. */
static void check_shapes(void) {
  const size_t sides[] = {5, 10, 18, 19, 37}; /* pooled valid 3x3: 1, 4x4, 8x8, 8x8, 17x17 cells */
  const int32_t filters[] = {1, 4, 7, 8, 13};
  uint64_t seed = 0;
  for (size_t i = 0; i < 2 * 2 * 2 * 3 * 5; i++) {
    cnn_block block = {.kernel = i % 2 ? 5 : 3,
                       .stride = i / 2 % 2 ? 2 : 1,
                       .padding = i / 4 % 2 ? CNN_PADDING_SAME : CNN_PADDING_VALID,
                       .pool = (int32_t)(i / 8 % 3),
                       .filters = filters[i / 24]};
    for (size_t channels = 1; channels <= 3; channels++) {
      const size_t side = sides[(i + channels) % 5];
      check_shape(side, channels, block, 0, seed++);
      if (block.pool != CNN_POOL_AVERAGE2) {
        check_shape(side, channels, block, 1, seed++);
      }
    }
  }
}

/* Every number of vectors in a kernel row, so every division into blocks. */
static void check_widths(void) {
  for (size_t channels = 1; channels <= 64; channels++) {
    cnn_block block = {
        .kernel = channels % 2 ? 3 : 5, .stride = 1, .filters = 3, .pool = CNN_POOL_MAX2};
    check_shape(12, channels, block, 1, channels);
    block.kernel = 8 - block.kernel;
    check_shape(9, channels, block, 0, channels);
  }
}

/* dkernel and dbias grow by the sums, HWIO from [F][k][k*C]. */
static void check_add_sums(void) {
  cnn_block block = {.kernel = 3, .stride = 1, .filters = 5, .pool = CNN_POOL_MAX2};
  layer l = layer_new(9, 3, &block, 1);
  layer_fill(&l, 3);
  layer_run(&l);
  guarded dkernel = guarded_floats(27 * 5, 0), dbias = guarded_floats(5, 0);
  memset(guarded_byte(&dkernel), 0, dkernel.bytes);
  memset(guarded_byte(&dbias), 0, dbias.bytes);
  cnn_conv_add_sums(floats(&dkernel), floats(&dbias), floats(&l.sums), l.shape);
  cnn_conv_add_sums(floats(&dkernel), floats(&dbias), floats(&l.sums), l.shape);
  size_t wrong = 0;
  for (size_t at = 0; at < 27 * 5; at++) {
    const size_t f = at % 5, k = at / 5;
    wrong += floats(&dkernel)[at] != 2.0f * floats(&l.sums)[row_at(&l, f, k / 9) + k % 9];
  }
  for (size_t f = 0; f < 5; f++) {
    wrong += floats(&dbias)[f] != 2.0f * floats(&l.sums)[row_at(&l, 5, 0) + f];
  }
  CHECK(wrong == 0, "%zu gradients are not twice the sums", wrong);
  const int intact = guarded_end(&dkernel) + guarded_end(&dbias);
  CHECK(intact == 2, "add_sums wrote outside its arrays");
  layer_end(&l);
}

/* A gradient that is not a number belongs in the sums unless its unit is dead, and a pixel that is
 * not finite unless no gradient reaches it. */
static void check_nan(void) {
  cnn_block block = {.kernel = 3, .stride = 1, .filters = 8, .pool = CNN_POOL_MAX2};
  layer l = layer_new(8, 3, &block, 1);
  layer_fill(&l, 1);
  for (size_t i = 0; i < l.units; i++) {
    floats(&l.dout)[i] = i == 8 + 2 || i == 8 + 3 ? NAN : 1.0f;
    guarded_byte(&l.winner)[i] = i == 8 + 3 ? CNN_WINNER_DEAD : 1;
  }
  layer_run(&l);
  const float *bias = floats(&l.sums) + row_at(&l, 8, 0);
  CHECK(isnan(bias[2]) && isnan(floats(&l.sums)[row_at(&l, 2, 1)]), "a live NaN is lost: %g",
        (double)bias[2]);
  CHECK(bias[3] == 8.0f, "a dead NaN reaches the sums: %g", (double)bias[3]);
  CHECK(bias[0] == 9.0f, "nine ones add up to %g", (double)bias[0]);
  memset(guarded_byte(&l.dout), 0, l.dout.bytes);
  floats(&l.image)[0] = INFINITY;
  for (size_t i = 0; i < l.units; i++) {
    guarded_byte(&l.winner)[i] = 0;
  }
  layer_run(&l);
  check_twin(&l);
  CHECK(floats(&l.sums)[0] == 0.0f, "zero gradients of an infinite pixel give %g",
        (double)floats(&l.sums)[0]);
  layer_end(&l);
}

int main(void) {
  check_shapes();
  check_widths();
  check_add_sums();
  check_nan();
  return check_finish("conv_gradient");
}
