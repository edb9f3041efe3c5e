/* Convolution + pool + bias + ReLU and its weight gradient: equal bits with the plain twins, and
 * agreement with a double precision computation that builds the patch matrix, adds the bias,
 * applies ReLU and only then pools, the textbook order. Exact small integers settle the ties. */
#include "conv.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "simd.h"
#include "worse.h"

/* One layer with its data; every array is exactly as long as conv.h says it must be. */
typedef struct {
  size_t resolution;
  int same;
  cnn_conv_shape shape;
  size_t depth; /* 9C */
  size_t units; /* P*P*F */
  float table[256];
  guarded pixels, image, kernel, bias, panels, out, winner, dout, sums;
  guarded ref_out, ref_winner, ref_sums;
} layer;

static float *floats(const guarded *g) {
  return guarded_float(g);
}

static layer layer_new(size_t resolution, size_t channels, size_t filters, int same, int pooled) {
  layer l = {.resolution = resolution, .same = same};
  l.shape = cnn_conv_shape_of(resolution, channels, filters, same, pooled);
  l.depth = 9 * channels;
  l.units = l.shape.out_side * l.shape.out_side * filters;
  const size_t image = l.shape.image_side * l.shape.image_side * channels;
  l.pixels = guarded_new(GUARD_BYTES, resolution * resolution * channels, 0);
  l.image = guarded_floats(image, CNN_PAD_FLOATS);
  l.kernel = guarded_floats(l.depth * filters, 0);
  l.bias = guarded_floats(filters, 0);
  l.panels = guarded_floats(cnn_conv_panel_floats(l.shape), 0);
  l.out = guarded_floats(l.units, 0);
  l.winner = guarded_new(GUARD_BYTES, l.units, 0);
  l.dout = guarded_floats(l.units, 0);
  l.sums = guarded_floats(cnn_conv_sum_floats(l.shape), 0);
  l.ref_out = guarded_floats(l.units, 0);
  l.ref_winner = guarded_new(GUARD_BYTES, l.units, 0);
  l.ref_sums = guarded_floats(cnn_conv_sum_floats(l.shape), 0);
  memset(floats(&l.image), 0, image * sizeof(float));
  return l;
}

static void layer_end(layer *l) {
  guarded *all[] = {&l->pixels, &l->image, &l->kernel, &l->bias,    &l->panels,     &l->out,
                    &l->winner, &l->dout,  &l->sums,   &l->ref_out, &l->ref_winner, &l->ref_sums};
  int intact = 1;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    intact = guarded_end(all[i]) && intact;
  }
  CHECK(intact, "R %zu C %zu F %zu same %d pooled %d: wrote outside an array", l->resolution,
        l->shape.channels, l->shape.filters, l->same, l->shape.pooled);
}

/* integers = 0: anything; 1: weights in {-1,0,1}, biases 0 and pixels 0 or 1, full of ties. */
static void layer_fill(layer *l, noise *random, int integers) {
  noise_fill(floats(&l->kernel), random, l->depth * l->shape.filters);
  noise_fill(floats(&l->bias), random, l->shape.filters);
  noise_fill(floats(&l->dout), random, l->units);
  noise_fill_bytes(guarded_byte(&l->pixels), random, l->pixels.bytes);
  for (size_t u = 0; u < 256; u++) {
    l->table[u] = integers ? (float)(u / 128) : ((float)u - 99.5f) / 61.3f;
  }
  for (size_t i = 0; integers && i < l->depth * l->shape.filters; i++) {
    floats(&l->kernel)[i] = (float)noise_below(random, 3) - 1.0f;
  }
  for (size_t f = 0; integers && f < l->shape.filters; f++) {
    floats(&l->bias)[f] = 0.0f;
  }
  for (size_t i = 0; i < l->units; i += 5) {
    floats(&l->dout)[i] = 0.0f;
  }
}

static void layer_run(layer *l) {
  float *image = floats(&l->image);
  cnn_conv_widen(image, guarded_byte(&l->pixels), l->table, l->shape, l->resolution);
  cnn_conv_pack(floats(&l->panels), floats(&l->kernel), floats(&l->bias), l->shape);
  cnn_conv_forward(floats(&l->out), guarded_byte(&l->winner), image, floats(&l->panels), l->shape);
  cnn_conv_forward_ref(floats(&l->ref_out), guarded_byte(&l->ref_winner), image, floats(&l->kernel),
                       floats(&l->bias), l->shape);
  cnn_conv_weight_gradient(floats(&l->sums), floats(&l->dout), guarded_byte(&l->winner), image,
                           l->shape);
  cnn_conv_weight_gradient_ref(floats(&l->ref_sums), floats(&l->dout), guarded_byte(&l->winner),
                               image, l->shape);
}

/* Whether the sums agree where they mean something; the tail of each kernel row is scratch. */
static int same_sums(const layer *l) {
  const size_t used = 3 * l->shape.channels;
  const size_t row = (used + 3) / 4 * 4;
  const size_t rows = 3 * l->shape.filters;
  int same = 1;
  for (size_t r = 0; r < rows; r++) {
    same = same && memcmp(floats(&l->sums) + r * row, floats(&l->ref_sums) + r * row,
                          used * sizeof(float)) == 0;
  }
  return same && memcmp(floats(&l->sums) + rows * row, floats(&l->ref_sums) + rows * row,
                        l->shape.filters * sizeof(float)) == 0;
}

static void check_twins(const layer *l) {
  const cnn_conv_shape s = l->shape;
  CHECK(memcmp(floats(&l->out), floats(&l->ref_out), l->units * sizeof(float)) == 0,
        "R %zu C %zu F %zu same %d pooled %d: values differ", l->resolution, s.channels, s.filters,
        l->same, s.pooled);
  CHECK(memcmp(guarded_byte(&l->winner), guarded_byte(&l->ref_winner), l->units) == 0,
        "R %zu C %zu F %zu same %d pooled %d: winners differ", l->resolution, s.channels, s.filters,
        l->same, s.pooled);
  CHECK(same_sums(l), "R %zu C %zu F %zu same %d pooled %d: gradients differ", l->resolution,
        s.channels, s.filters, l->same, s.pooled);
}

/* ---- The textbook computation in double, from the bytes -------------------------------------- */

enum { MAX_SIDE = 17, MAX_DEPTH = 27, MAX_FILTERS = 32 };

/* patches[y*side + x][(ky*3 + kx)*C + c], zero outside the picture */
static double patches[MAX_SIDE * MAX_SIDE][MAX_DEPTH];
/* convolution + bias of the filter in work, and the sum of the sizes of its terms */
static double plane[MAX_SIDE * MAX_SIDE];
static double plane_size[MAX_SIDE * MAX_SIDE];

static void build_patches(const layer *l) {
  const int side = (int)l->shape.conv_side;
  const int channels = (int)l->shape.channels;
  const int resolution = (int)l->resolution;
  for (int column = 0; column < (int)l->depth; column++) {
    const int ky = column / channels / 3 - l->same;
    const int kx = column / channels % 3 - l->same;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        const int row = y + ky, at = x + kx;
        const int inside = row >= 0 && row < resolution && at >= 0 && at < resolution;
        const int index = (row * resolution + at) * channels + column % channels;
        patches[y * side + x][column] =
            inside ? (double)l->table[guarded_byte(&l->pixels)[index]] : 0.0;
      }
    }
  }
}

static void build_plane(const layer *l, size_t f) {
  for (size_t i = 0; i < l->shape.conv_side * l->shape.conv_side; i++) {
    plane[i] = (double)floats(&l->bias)[f];
    plane_size[i] = fabs(plane[i]);
    for (size_t k = 0; k < l->depth; k++) {
      const double product = patches[i][k] * (double)floats(&l->kernel)[k * l->shape.filters + f];
      plane[i] += product;
      plane_size[i] += fabs(product);
    }
  }
}

static double relu(double z) {
  return z > 0.0 ? z : 0.0;
}

/* Worst value error as a share of its bound, and winners that are wrong although the runner-up
 * was further away than the bound. A sum of 9C products and a bias rounds at most 9C + 1 times. */
static double forward_share(const layer *l, size_t f, size_t *wrong) {
  const size_t side = l->shape.conv_side, out_side = l->shape.out_side;
  const size_t scale = l->shape.pooled ? 2 : 1;
  const double unit = 1.01 * 0x1p-24 * (double)(l->depth + 1);
  double worst = 0.0;
  for (size_t cell = 0; cell < out_side * out_side; cell++) {
    double value = 0.0, second = -1e300, best = -1e300, size = 0.0;
    size_t position = 0;
    for (size_t i = 0; i < scale * scale; i++) {
      const size_t at =
          (scale * (cell / out_side) + i / 2) * side + scale * (cell % out_side) + i % 2;
      value = relu(plane[at]) > value ? relu(plane[at]) : value;
      size = plane_size[at] > size ? plane_size[at] : size;
      position = plane[at] > best ? i : position;
      second = plane[at] > best ? best : (plane[at] > second ? plane[at] : second);
      best = plane[at] > best ? plane[at] : best;
    }
    const size_t index = cell * l->shape.filters + f;
    const double bound = unit * size;
    const double share = fabs((double)floats(&l->out)[index] - value) / bound;
    worst = worse(worst, share);
    const uint8_t winner = guarded_byte(&l->winner)[index];
    *wrong += best < -bound && winner != CNN_WINNER_DEAD;
    *wrong += best > bound && best - second > 2 * bound && winner != position;
  }
  return worst;
}

/* The gradient the dense way: spread dout over the whole convolution, then patches^T spread. Each
 * product rounds once and joins at most `cells` additions. */
static double gradient_share(const layer *l, size_t f, const float *dkernel, float dbias) {
  const size_t side = l->shape.conv_side, out_side = l->shape.out_side;
  const size_t scale = l->shape.pooled ? 2 : 1;
  static double spread[MAX_SIDE * MAX_SIDE];
  memset(spread, 0, sizeof spread);
  for (size_t cell = 0; cell < out_side * out_side; cell++) {
    const uint8_t winner = guarded_byte(&l->winner)[cell * l->shape.filters + f];
    if (winner != CNN_WINNER_DEAD) {
      spread[(scale * (cell / out_side) + winner / 2) * side + scale * (cell % out_side) +
             winner % 2] = (double)floats(&l->dout)[cell * l->shape.filters + f];
    }
  }
  const double unit = 1.01 * 0x1p-24 * (double)(out_side * out_side + 1);
  double worst = 0.0;
  for (size_t k = 0; k <= l->depth; k++) { /* k = depth is the bias */
    double sum = 0.0, size = 1e-300;
    for (size_t i = 0; i < side * side; i++) {
      const double product = spread[i] * (k < l->depth ? patches[i][k] : 1.0);
      sum += product;
      size += fabs(product);
    }
    const float got = k < l->depth ? dkernel[k * l->shape.filters + f] : dbias;
    const double share = fabs((double)got - sum) / (unit * size);
    worst = worse(worst, share);
  }
  return worst;
}

static void check_double(const layer *l) {
  static float dkernel[MAX_DEPTH * MAX_FILTERS], dbias[MAX_FILTERS];
  memset(dkernel, 0, sizeof dkernel);
  memset(dbias, 0, sizeof dbias);
  cnn_conv_add_sums(dkernel, dbias, floats(&l->sums), l->shape);
  build_patches(l);
  double values = 0.0, gradients = 0.0;
  size_t wrong = 0;
  for (size_t f = 0; f < l->shape.filters; f++) {
    build_plane(l, f);
    const double value = forward_share(l, f, &wrong);
    const double gradient = gradient_share(l, f, dkernel, dbias[f]);
    values = worse(values, value);
    gradients = worse(gradients, gradient);
  }
  const cnn_conv_shape s = l->shape;
  CHECK(values <= 1.0, "R %zu C %zu F %zu same %d pooled %d: value error %g times its bound",
        l->resolution, s.channels, s.filters, l->same, s.pooled, values);
  CHECK(gradients <= 1.0, "R %zu C %zu F %zu same %d pooled %d: gradient error %g times its bound",
        l->resolution, s.channels, s.filters, l->same, s.pooled, gradients);
  CHECK(wrong == 0, "R %zu C %zu F %zu same %d pooled %d: %zu winners wrong", l->resolution,
        s.channels, s.filters, l->same, s.pooled, wrong);
}

/* ---- Ties, zero and NaN ---------------------------------------------------------------------- */

/* Small integers are exact in float: the first maximum must win and a zero must be dead. */
static void check_ties(const layer *l) {
  build_patches(l);
  const size_t side = l->shape.conv_side, out_side = l->shape.out_side;
  const size_t scale = l->shape.pooled ? 2 : 1;
  size_t wrong = 0, ties = 0, zeros = 0;
  for (size_t f = 0; f < l->shape.filters; f++) {
    build_plane(l, f);
    for (size_t cell = 0; cell < out_side * out_side; cell++) {
      double best = -1e300;
      size_t position = 0;
      int tied = 0;
      for (size_t i = 0; i < scale * scale; i++) {
        const double z =
            plane[(scale * (cell / out_side) + i / 2) * side + scale * (cell % out_side) + i % 2];
        tied = z > best ? 0 : (tied || z == best);
        position = z > best ? i : position;
        best = z > best ? z : best;
      }
      const size_t index = cell * l->shape.filters + f;
      const size_t expected = best > 0.0 ? position : CNN_WINNER_DEAD;
      wrong += guarded_byte(&l->winner)[index] != expected;
      wrong += (double)floats(&l->out)[index] != relu(best);
      ties += tied && best > 0.0;
      zeros += best == 0.0;
    }
  }
  CHECK(wrong == 0, "R %zu C %zu F %zu same %d pooled %d: %zu of the exact units are wrong",
        l->resolution, l->shape.channels, l->shape.filters, l->same, l->shape.pooled, wrong);
  if (l->shape.conv_side >= 8 && l->shape.filters >= 3) {
    CHECK(zeros > 0 && (ties > 0 || !l->shape.pooled), "no tie and no zero: the test is empty");
  }
}

/* A NaN weight shows in every unit of its filter and in no other; NaN is never dead. */
static void check_nan(int pooled) {
  enum { FILTERS = 9, BROKEN = 8 };
  layer l = layer_new(9, 1, FILTERS, 1, pooled);
  noise random = noise_of(5);
  layer_fill(&l, &random, 0);
  floats(&l.kernel)[4 * FILTERS + BROKEN] = NAN;
  layer_run(&l);
  size_t wrong = 0, dead = 0;
  for (size_t i = 0; i < l.units; i++) {
    const float value = floats(&l.out)[i];
    wrong += (value != value) != (i % FILTERS == BROKEN);
    dead += value != value && guarded_byte(&l.winner)[i] == CNN_WINNER_DEAD;
  }
  CHECK(wrong == 0 && dead == 0, "pooled %d: %zu NaNs misplaced, %zu dead", pooled, wrong, dead);
  layer_end(&l);
}

/* add_sums adds, and dout = 0 or a dead unit adds nothing. */
static void check_accumulation(void) {
  layer l = layer_new(8, 3, 5, 0, 1);
  noise random = noise_of(6);
  layer_fill(&l, &random, 0);
  layer_run(&l);
  static float once[MAX_DEPTH * 5 + 5], twice[MAX_DEPTH * 5 + 5];
  cnn_conv_add_sums(once, once + MAX_DEPTH * 5, floats(&l.sums), l.shape);
  memcpy(twice, once, sizeof twice);
  cnn_conv_add_sums(twice, twice + MAX_DEPTH * 5, floats(&l.sums), l.shape);
  size_t wrong = 0, nonzero = 0;
  for (size_t i = 0; i < MAX_DEPTH * 5 + 5; i++) {
    wrong += twice[i] != once[i] + once[i];
    nonzero += once[i] != 0.0f;
  }
  CHECK(wrong == 0 && nonzero > 100, "%zu of the doubled sums are wrong", wrong);
  memset(guarded_byte(&l.winner), CNN_WINNER_DEAD, l.units);
  cnn_conv_weight_gradient(floats(&l.sums), floats(&l.dout), guarded_byte(&l.winner),
                           floats(&l.image), l.shape);
  size_t alive = 0;
  for (size_t i = 0; i < cnn_conv_sum_floats(l.shape); i++) {
    alive += floats(&l.sums)[i] != 0.0f;
  }
  CHECK(alive == 0, "%zu gradients of a layer whose units are all dead", alive);
  layer_end(&l);
}

static void check_shape(size_t resolution, size_t channels, size_t filters, int mode,
                        noise *random) {
  layer l = layer_new(resolution, channels, filters, mode & 1, mode >> 1);
  layer_fill(&l, random, 0);
  layer_run(&l);
  check_twins(&l);
  check_double(&l);
  layer_fill(&l, random, 1);
  layer_run(&l);
  check_twins(&l);
  check_ties(&l);
  layer_end(&l);
}

int main(void) {
  static const size_t resolutions[] = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17};
  static const size_t filters[] = {1, 3, 7, 8, 9, 16, 17, 32};
  noise random = noise_of(7);
  for (size_t r = 0; r < sizeof resolutions / sizeof resolutions[0]; r++) {
    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
      for (int mode = 0; mode < 4; mode++) {
        check_shape(resolutions[r], 1, filters[f], mode, &random);
        check_shape(resolutions[r], 3, filters[f], mode, &random);
      }
    }
  }
  check_nan(0);
  check_nan(1);
  check_accumulation();
  return check_finish("conv");
}
