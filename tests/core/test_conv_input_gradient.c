/* The convolution's gradient with respect to its input: equal bits with the plain twin; agreement
 * with a double precision computation that gathers, for every pixel, the units that saw it; and the
 * adjoint law <dz, conv(x)> = <dx, x>, exact on small integers, which ties it to cnn_conv_linear.
 */
#include "conv_layer.h"
#include "worse.h"

/* A layer's gradient arrays; sparse as ReLU and pooling leave them. */
typedef struct {
  layer l;
  int fused; /* dout and winner of a fused layer; else dz and no winner */
  size_t units;
  guarded dout, turned, dimage, ref_dimage;
} backward;

static backward backward_new(size_t in_side, size_t channels, size_t filters, cnn_block block,
                             int fused) {
  backward b = {.l = layer_new(in_side, channels, filters, block), .fused = fused};
  const cnn_conv_shape s = b.l.shape;
  const size_t image = s.image_side * s.image_side * channels;
  b.units = fused ? b.l.units : b.l.positions * filters;
  b.dout = guarded_floats(b.units, 0);
  b.turned = guarded_floats(cnn_conv_turned_floats(s), 0);
  b.dimage = guarded_floats(image, 0);
  b.ref_dimage = guarded_floats(image, 0);
  return b;
}

static void backward_end(backward *b) {
  const int intact = guarded_end(&b->dout) + guarded_end(&b->turned) + guarded_end(&b->dimage) +
                     guarded_end(&b->ref_dimage);
  CHECK(intact == 4, "%s fused %d: wrote outside an array", layer_name(&b->l), b->fused);
  layer_end(&b->l);
}

static const uint8_t *winners(const backward *b) {
  return b->fused ? bytes(&b->l.winner) : NULL;
}

/* Random gradients with exact zeros among them, random winners of which half are dead. */
static void backward_fill(backward *b, noise *random, int integers) {
  layer_fill(&b->l, random, integers);
  for (size_t i = 0; i < b->units; i++) {
    const float value = integers ? (float)noise_below(random, 7) - 3.0f : noise_float(random);
    floats(&b->dout)[i] = noise_below(random, 5) == 0 ? 0.0f : value;
  }
  const uint32_t positions = b->l.shape.pool == CNN_POOL_MAX2 ? 4 : 1;
  for (size_t i = 0; b->fused && i < b->units; i++) {
    const uint32_t position = noise_below(random, positions);
    bytes(&b->l.winner)[i] =
        noise_below(random, 2) == 0 ? (uint8_t)CNN_WINNER_DEAD : (uint8_t)position;
  }
}

static void backward_run(backward *b) {
  memset(floats(&b->dimage), 0x7f, b->dimage.bytes); /* must be overwritten */
  memset(floats(&b->ref_dimage), 0x7f, b->ref_dimage.bytes);
  cnn_conv_turn(floats(&b->turned), floats(&b->l.kernel), b->l.shape);
  cnn_conv_input_gradient(floats(&b->dimage), floats(&b->dout), winners(b), floats(&b->turned),
                          b->l.shape);
  cnn_conv_input_gradient_ref(floats(&b->ref_dimage), floats(&b->dout), winners(b),
                              floats(&b->l.kernel), b->l.shape);
}

static void check_twins(const backward *b) {
  CHECK(memcmp(floats(&b->dimage), floats(&b->ref_dimage), b->dimage.bytes) == 0,
        "%s fused %d: twins differ", layer_name(&b->l), b->fused);
}

/* ---- In double ------------------------------------------------------------------------------- */

enum { MAX_UNITS = 40 * 40 * 64 };

static double dz[MAX_UNITS]; /* dout spread over the whole convolution */

static void spread(const backward *b) {
  const cnn_conv_shape s = b->l.shape;
  const size_t scale = b->fused && s.pool == CNN_POOL_MAX2 ? 2 : 1;
  const size_t side = b->fused ? s.out_side : s.conv_side;
  memset(dz, 0, b->l.positions * s.filters * sizeof *dz);
  for (size_t i = 0; i < b->units; i++) {
    const size_t winner = b->fused ? bytes(&b->l.winner)[i] : 0;
    const size_t y = i / s.filters / side * scale + winner / 2;
    const size_t x = i / s.filters % side * scale + winner % 2;
    if (winner != CNN_WINNER_DEAD) {
      dz[(y * s.conv_side + x) * s.filters + i % s.filters] = (double)floats(&b->dout)[i];
    }
  }
}

/* d/d image[y][x][c]: every position whose patch holds the pixel, every filter. */
static double gather(const backward *b, size_t y, size_t x, size_t c, double *size) {
  const cnn_conv_shape s = b->l.shape;
  double sum = 0.0;
  *size = 0.0;
  for (size_t tap = 0; tap < s.kernel * s.kernel; tap++) {
    const size_t ky = tap / s.kernel, kx = tap % s.kernel;
    if (y < ky || x < kx || (y - ky) % s.stride != 0 || (x - kx) % s.stride != 0 ||
        (y - ky) / s.stride >= s.conv_side || (x - kx) / s.stride >= s.conv_side) {
      continue;
    }
    const size_t position = (y - ky) / s.stride * s.conv_side + (x - kx) / s.stride;
    for (size_t f = 0; f < s.filters; f++) {
      const double product = dz[position * s.filters + f] *
                             (double)floats(&b->l.kernel)[(tap * s.channels + c) * s.filters + f];
      sum += product;
      *size += fabs(product);
    }
  }
  return sum;
}

/* Each of at most k*k*F terms rounds once as a product and joins at most k*k*F additions. */
static void check_double(const backward *b) {
  const cnn_conv_shape s = b->l.shape;
  const size_t values = s.image_side * s.image_side * s.channels;
  const double unit = 1.01 * 0x1p-24 * (double)(s.kernel * s.kernel * s.filters);
  const size_t step = values * s.filters > 40000 ? 7 : 1; /* the twins cover every value */
  double worst = 0.0;
  spread(b);
  for (size_t i = 0; i < values; i += step) {
    const size_t pixel = i / s.channels;
    double size = 0.0;
    const double expected =
        gather(b, pixel / s.image_side, pixel % s.image_side, i % s.channels, &size);
    const double error = fabs((double)floats(&b->dimage)[i] - expected);
    worst = worse(worst, error / (unit * size + 1e-300));
  }
  CHECK(worst <= 1.0, "%s fused %d: error %g times its bound", layer_name(&b->l), b->fused, worst);
}

/* Small integers: every sum is exact, so both sides of the law are equal numbers. */
static void check_adjoint(backward *b) {
  layer *l = &b->l;
  cnn_conv_pack_direct(floats(&l->panels), floats(&l->kernel), floats(&l->bias), l->shape);
  cnn_conv_linear(floats(&l->z), floats(&l->image), floats(&l->panels), l->shape);
  double forward = 0.0, back = 0.0;
  spread(b);
  for (size_t i = 0; i < l->positions * l->shape.filters; i++) {
    forward += dz[i] * (double)floats(&l->z)[i];
  }
  for (size_t i = 0; i < b->dimage.bytes / sizeof(float); i++) {
    back += (double)floats(&b->dimage)[i] * (double)floats(&l->image)[i];
  }
  CHECK(forward == back, "%s fused %d: <dz, conv(x)> = %g, <dx, x> = %g", layer_name(l), b->fused,
        forward, back);
}

/* ---- Zeros and NaN --------------------------------------------------------------------------- */

/* An infinite gradient shows in its own patch and nowhere else; its neighbours keep their bits. */
static void check_containment(size_t channels, int stride) {
  backward b = backward_new(11, channels, 3, block_of(3, stride, 0, CNN_POOL_NONE), 0);
  const cnn_conv_shape s = b.l.shape;
  noise random = noise_of(9);
  backward_fill(&b, &random, 0);
  memset(floats(&b.dout), 0, b.dout.bytes);
  const size_t y = 1, x = 2;
  floats(&b.dout)[(y * s.conv_side + x) * 3 + 1] = INFINITY;
  backward_run(&b);
  size_t wrong = 0;
  for (size_t i = 0; i < b.dimage.bytes / sizeof(float); i++) {
    const size_t row = i / channels / s.image_side, column = i / channels % s.image_side;
    const int inside = row >= y * s.stride && row < y * s.stride + 3 && column >= x * s.stride &&
                       column < x * s.stride + 3;
    const float value = floats(&b.dimage)[i];
    wrong += inside ? value > -INFINITY && value < INFINITY : value != 0.0f;
  }
  CHECK(wrong == 0, "C %zu stride %d: %zu values wrong", channels, stride, wrong);
  check_twins(&b);
  backward_end(&b);
}

/* Dead units and exact zeros give nothing, whatever stands in dout or in the kernel. */
static void check_nothing(int pool, int fused) {
  enum { BROKEN = 4 };
  backward b = backward_new(9, 5, 7, block_of(3, 1, 1, pool), fused);
  noise random = noise_of(10);
  backward_fill(&b, &random, 0);
  for (size_t i = 0; i < b.l.depth; i++) {
    floats(&b.l.kernel)[i * 7 + BROKEN] = NAN;
  }
  for (size_t i = 0; i < b.units; i++) {
    floats(&b.dout)[i] = 0.0f;
    if (fused) {
      const uint8_t position = pool == CNN_POOL_MAX2 ? (uint8_t)noise_below(&random, 4) : 0;
      bytes(&b.l.winner)[i] = i % 2 == 0 ? position : (uint8_t)CNN_WINNER_DEAD;
      floats(&b.dout)[i] = i % 2 == 0 ? 0.0f : NAN;
    }
  }
  backward_run(&b);
  size_t alive = 0;
  for (size_t i = 0; i < b.dimage.bytes / sizeof(float); i++) {
    alive += floats(&b.dimage)[i] != 0.0f;
  }
  CHECK(alive == 0, "%s fused %d: %zu gradients of a layer that has none", layer_name(&b.l), fused,
        alive);
  check_twins(&b);
  backward_end(&b);
}

/* turned [k][F][row], the tail of a row zeros. */
static void check_turned(size_t channels, int kernel) {
  enum { FILTERS = 3 };
  backward b = backward_new(9, channels, FILTERS, block_of(kernel, 1, 0, CNN_POOL_NONE), 0);
  noise random = noise_of(12);
  backward_fill(&b, &random, 0);
  backward_run(&b);
  const size_t used = (size_t)kernel * channels, row = (used + 3) / 4 * 4;
  size_t wrong = 0;
  for (size_t i = 0; i < b.turned.bytes / sizeof(float); i++) {
    const size_t ky = i / row / FILTERS, f = i / row % FILTERS, at = i % row;
    const float expected = at < used ? floats(&b.l.kernel)[(ky * used + at) * FILTERS + f] : 0.0f;
    wrong += floats(&b.turned)[i] != expected;
  }
  CHECK(wrong == 0 && b.turned.bytes == (size_t)kernel * FILTERS * row * sizeof(float),
        "C %zu kernel %d: %zu of the turned kernel's values are wrong", channels, kernel, wrong);
  backward_end(&b);
}

/* ---- The sweep ------------------------------------------------------------------------------- */

static void check_layer(size_t in_side, size_t channels, size_t filters, cnn_block block, int fused,
                        noise *random) {
  backward b = backward_new(in_side, channels, filters, block, fused);
  if (b.l.shape.conv_side > 0) {
    backward_fill(&b, random, 0);
    backward_run(&b);
    check_twins(&b);
    check_double(&b);
    backward_fill(&b, random, 1);
    backward_run(&b);
    check_twins(&b);
    check_adjoint(&b);
  }
  backward_end(&b);
}

/* Kernel, stride and padding from the bits of 0..7; modes: no pool and max pool, each fused or as a
 * linear layer with dz, as in front of a norm. */
static void check_number(size_t in_side, size_t channels, size_t filters, size_t number,
                         size_t mode, noise *random) {
  const cnn_block block = block_of(number & 1 ? 5 : 3, number & 2 ? 2 : 1, number & 4 ? 1 : 0,
                                   mode & 1 ? CNN_POOL_MAX2 : CNN_POOL_NONE);
  check_layer(in_side, channels, filters, block, mode < 2, random);
}

int main(void) {
  static const size_t sides[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 18, 37};
  static const size_t channels[] = {1, 2, 3, 4, 5, 8, 16, 31, 64};
  static const size_t filters[] = {1, 7, 8, 9, 16, 33, 64};
  noise random = noise_of(11);
  size_t turn = 0;
  for (size_t number = 0; number < 8; number++) {
    for (size_t mode = 0; mode < 4; mode++) {
      for (size_t s = 0; s < sizeof sides / sizeof sides[0]; s++) {
        check_number(sides[s], 1 + turn++ % 5, 6, number, mode, &random);
      }
    }
    for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
      for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++, turn++) {
        const size_t side = channels[c] * filters[f] > 500 ? 5 + turn % 5 : 3 + turn % 11;
        check_number(side, channels[c], filters[f], number, turn % 4, &random);
      }
    }
  }
  for (size_t c = 1; c <= 9; c++) {
    check_containment(c, 1);
    check_containment(c, 2);
    check_turned(c, 3);
    check_turned(c, 5);
  }
  check_nothing(CNN_POOL_MAX2, 1);
  check_nothing(CNN_POOL_NONE, 1);
  check_nothing(CNN_POOL_NONE, 0);
  return check_finish("conv_input_gradient");
}
