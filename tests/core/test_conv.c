/* Convolution, linear and fused with max pool, bias and ReLU: equal bits with the plain twins, and
 * agreement with a double precision computation from the unpadded picture that adds the bias,
 * applies ReLU and only then pools, the textbook order. Exact small integers settle the ties.
 * Same padding's numbers are written out by hand. */
#include "conv_layer.h"
#include "worse.h"

/* ---- Shapes ---------------------------------------------------------------------------------- */

static void check_shape_row(const int row[7]) {
  const cnn_block block = block_of(row[1], row[2], row[3], CNN_POOL_AVERAGE2);
  const cnn_conv_shape s = cnn_conv_shape_of((size_t)row[0], 5, &block);
  CHECK(s.before == (size_t)row[4] && s.image_side == (size_t)row[5] &&
            s.conv_side == (size_t)row[6] && s.out_side == (size_t)row[6] / 2,
        "side %d kernel %d stride %d padding %d: before %zu image %zu conv %zu out %zu", row[0],
        row[1], row[2], row[3], s.before, s.image_side, s.conv_side, s.out_side);
  CHECK(cnn_conv_image_floats(s) == (size_t)(5 * row[5] * row[5] + CNN_PAD_FLOATS),
        "side %d: %zu floats", row[0], cnn_conv_image_floats(s));
}

static void check_shapes(void) {
  /* in_side, kernel, stride, same | before, image_side, conv_side */
  static const int rows[][7] = {
      {5, 3, 2, 1, 1, 7, 3},  {6, 3, 2, 1, 0, 7, 3}, {7, 3, 2, 1, 1, 9, 4},  {8, 3, 2, 1, 0, 9, 4},
      {5, 5, 2, 1, 2, 9, 3},  {6, 5, 2, 1, 1, 9, 3}, {7, 5, 2, 1, 2, 11, 4}, {8, 5, 2, 1, 1, 11, 4},
      {1, 3, 2, 1, 1, 3, 1},  {1, 5, 1, 1, 2, 5, 1}, {2, 5, 2, 1, 1, 5, 1},  {5, 3, 1, 1, 1, 7, 5},
      {8, 5, 1, 1, 2, 12, 8}, {5, 3, 1, 0, 0, 5, 3}, {8, 5, 2, 0, 0, 8, 2},  {9, 5, 2, 0, 0, 9, 3},
      {6, 3, 2, 0, 0, 6, 2},  {3, 3, 2, 0, 0, 3, 1}, {2, 3, 1, 0, 0, 2, 0},  {4, 5, 1, 0, 0, 4, 0},
      {4, 5, 2, 0, 0, 4, 0},  {0, 3, 1, 1, 0, 0, 0}, {0, 5, 2, 0, 0, 0, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    check_shape_row(rows[i]);
  }
  for (int norm = CNN_NORM_NONE; norm <= CNN_NORM_LAYER; norm++) {
    for (int pool = CNN_POOL_NONE; pool <= CNN_POOL_AVERAGE2; pool++) {
      const cnn_block block = {16, 3, 1, 0, norm, pool};
      const cnn_conv_shape s = cnn_conv_shape_of(9, 4, &block);
      CHECK(s.fused == (norm == CNN_NORM_NONE && pool != CNN_POOL_AVERAGE2), "norm %d pool %d",
            norm, pool);
      CHECK(!s.winograd || (s.fused && pool == CNN_POOL_MAX2), "norm %d pool %d", norm, pool);
      CHECK(s.out_side == (pool == CNN_POOL_NONE ? 7 : 3) && s.pool == pool && s.filters == 16 &&
                s.channels == 4 && s.in_side == 9,
            "norm %d pool %d", norm, pool);
    }
  }
}

/* Every value of the picture at its place, zeros around it, and back out. */
static void check_framing(layer *l) {
  const cnn_conv_shape s = l->shape;
  guarded framed = guarded_floats(s.image_side * s.image_side * s.channels, 0);
  guarded back = guarded_floats(s.in_side * s.in_side * s.channels, 0);
  memset(floats(&framed), 0, framed.bytes);
  cnn_conv_frame(floats(&framed), floats(&l->map), s);
  CHECK(memcmp(floats(&framed), floats(&l->image), framed.bytes) == 0, "%s: widen and frame differ",
        layer_name(l));
  size_t wrong = 0;
  for (size_t i = 0; i < framed.bytes / sizeof(float); i++) {
    const long y = (long)(i / s.channels / s.image_side) - (long)l->before;
    const long x = (long)(i / s.channels % s.image_side) - (long)l->before;
    wrong += (double)floats(&framed)[i] != layer_pixel(l, y, x, i % s.channels);
  }
  CHECK(wrong == 0, "%s: %zu values of the padded image are wrong", layer_name(l), wrong);
  cnn_conv_unframe(floats(&back), floats(&framed), s);
  CHECK(memcmp(floats(&back), floats(&l->map), back.bytes) == 0, "%s: unframe", layer_name(l));
  CHECK(guarded_end(&framed) && guarded_end(&back), "%s: framing wrote outside", layer_name(l));
}

/* ---- Twins ----------------------------------------------------------------------------------- */

static void check_twins(const layer *l) {
  CHECK(memcmp(floats(&l->z), floats(&l->ref_z), l->z.bytes) == 0, "%s: linear differs",
        layer_name(l));
  if (!l->shape.fused) {
    return;
  }
  CHECK(memcmp(floats(&l->out), floats(&l->ref_out), l->out.bytes) == 0, "%s: values differ",
        layer_name(l));
  CHECK(memcmp(bytes(&l->winner), bytes(&l->ref_winner), l->units) == 0, "%s: winners differ",
        layer_name(l));
}

/* ---- The textbook computation in double ------------------------------------------------------ */

enum { MAX_SIDE = 35 };

/* convolution + bias of the filter in work, and the sum of the sizes of its terms */
static double plane[MAX_SIDE * MAX_SIDE];
static double plane_size[MAX_SIDE * MAX_SIDE];

static void build_plane(const layer *l, size_t f) {
  const cnn_conv_shape s = l->shape;
  for (size_t i = 0; i < l->positions; i++) {
    const long top = (long)(i / s.conv_side * s.stride) - (long)l->before;
    const long left = (long)(i % s.conv_side * s.stride) - (long)l->before;
    plane[i] = (double)floats(&l->bias)[f];
    plane_size[i] = fabs(plane[i]);
    for (size_t k = 0; k < l->depth; k++) {
      const long ky = (long)(k / s.channels / s.kernel), kx = (long)(k / s.channels % s.kernel);
      const double product = layer_pixel(l, top + ky, left + kx, k % s.channels) *
                             (double)floats(&l->kernel)[k * s.filters + f];
      plane[i] += product;
      plane_size[i] += fabs(product);
    }
  }
}

static double relu(double z) {
  return z > 0.0 ? z : 0.0;
}

/* The four positions of a cell, or the one of a unit without pooling. */
typedef struct {
  size_t count, at[4];
} cell;

static cell cell_of(const layer *l, size_t unit) {
  const size_t side = l->shape.conv_side, out_side = l->shape.out_side;
  const size_t scale = l->shape.pool == CNN_POOL_NONE ? 1 : 2;
  cell c = {scale * scale, {0}};
  for (size_t i = 0; i < c.count; i++) {
    c.at[i] = (scale * (unit / out_side) + i / 2) * side + scale * (unit % out_side) + i % 2;
  }
  return c;
}

/* A direct sum of k*k*C products and a bias rounds each term at most k*k*C + 1 times. Winograd's
 * transforms add 4 + 4 roundings on either side and their absolute sums are up to 2*2 (input), 2.25
 * (kernel) and 9 (output) times the patch's: no more than 100 times in all, taken over the cell. */
static double rounding(const layer *l) {
  const double unit = 1.01 * 0x1p-24;
  return l->shape.winograd ? 100.0 * unit * (double)(l->shape.channels + 8)
                           : unit * (double)(l->depth + 1);
}

static double linear_share(const layer *l, size_t f) {
  const double unit = 1.01 * 0x1p-24 * (double)(l->depth + 1);
  double worst = 0.0;
  for (size_t i = 0; i < l->positions; i++) {
    const double error = fabs((double)floats(&l->z)[i * l->shape.filters + f] - plane[i]);
    worst = worse(worst, error / (unit * plane_size[i] + 1e-300));
  }
  return worst;
}

/* Worst value error as a share of its bound, and winners that are wrong although the runner-up
 * was further away than the bound. */
static double forward_share(const layer *l, size_t f, size_t *wrong) {
  double worst = 0.0;
  for (size_t unit = 0; unit < l->units / l->shape.filters; unit++) {
    const cell c = cell_of(l, unit);
    double value = 0.0, second = -1e300, best = -1e300, size = 0.0;
    size_t position = 0;
    for (size_t i = 0; i < c.count; i++) {
      const double z = plane[c.at[i]];
      value = relu(z) > value ? relu(z) : value;
      size = l->shape.winograd ? size + plane_size[c.at[i]]
                               : (plane_size[c.at[i]] > size ? plane_size[c.at[i]] : size);
      position = z > best ? i : position;
      second = z > best ? best : (z > second ? z : second);
      best = z > best ? z : best;
    }
    const size_t index = unit * l->shape.filters + f;
    const double bound = rounding(l) * size + 1e-300;
    worst = worse(worst, fabs((double)floats(&l->out)[index] - value) / bound);
    const uint8_t winner = bytes(&l->winner)[index];
    *wrong += best < -bound && winner != CNN_WINNER_DEAD;
    *wrong += best > bound && best - second > 2 * bound && winner != position;
  }
  return worst;
}

/* The twins cover every filter; three are enough here. */
static size_t sample_filters(const layer *l, size_t sample[3]) {
  const size_t filters = l->shape.filters;
  sample[0] = filters - 1;
  sample[1] = 0;
  sample[2] = filters / 2;
  return filters < 3 ? filters : 3;
}

static void check_double(const layer *l) {
  double linear = 0.0, values = 0.0;
  size_t wrong = 0, sample[3];
  const size_t count = sample_filters(l, sample);
  for (size_t i = 0; i < count; i++) {
    build_plane(l, sample[i]);
    linear = worse(linear, linear_share(l, sample[i]));
    if (l->shape.fused) {
      const double value = forward_share(l, sample[i], &wrong);
      values = worse(values, value);
    }
  }
  CHECK(linear <= 1.0, "%s: linear error %g times its bound", layer_name(l), linear);
  CHECK(values <= 1.0, "%s: value error %g times its bound", layer_name(l), values);
  CHECK(wrong == 0, "%s: %zu winners wrong", layer_name(l), wrong);
}

/* ---- Ties, zero and NaN ---------------------------------------------------------------------- */

/* Small integers are exact in float: the first maximum must win and a zero must be dead. */
static void check_ties(const layer *l) {
  size_t wrong = 0, ties = 0, zeros = 0, sample[3];
  const size_t count = sample_filters(l, sample);
  for (size_t j = 0; j < count; j++) {
    const size_t f = sample[j];
    build_plane(l, f);
    for (size_t i = 0; i < l->positions; i++) {
      wrong += (double)floats(&l->z)[i * l->shape.filters + f] != plane[i];
    }
    for (size_t unit = 0; l->shape.fused && unit < l->units / l->shape.filters; unit++) {
      const cell c = cell_of(l, unit);
      double best = -1e300;
      size_t position = 0;
      int tied = 0;
      for (size_t i = 0; i < c.count; i++) {
        const double z = plane[c.at[i]];
        tied = z > best ? 0 : (tied || z == best);
        position = z > best ? i : position;
        best = z > best ? z : best;
      }
      const size_t index = unit * l->shape.filters + f;
      wrong += bytes(&l->winner)[index] != (best > 0.0 ? position : CNN_WINNER_DEAD);
      wrong += (double)floats(&l->out)[index] != relu(best);
      ties += tied && best > 0.0;
      zeros += best == 0.0;
    }
  }
  CHECK(wrong == 0, "%s: %zu of the exact units are wrong", layer_name(l), wrong);
  if (l->shape.fused && l->shape.conv_side >= 12 && l->shape.channels <= 3 && count == 3) {
    CHECK(zeros > 0 && (ties > 0 || l->shape.pool == CNN_POOL_NONE), "%s: no tie and no zero",
          layer_name(l));
  }
}

/* A NaN weight shows in every unit of its filter and in no other; NaN is never dead. */
static void check_nan(cnn_block block) {
  enum { FILTERS = 9, BROKEN = 8 };
  layer l = layer_new(9, 1, FILTERS, block);
  noise random = noise_of(5);
  layer_fill(&l, &random, 0);
  floats(&l.kernel)[4 * FILTERS + BROKEN] = NAN;
  layer_run(&l);
  size_t wrong = 0, dead = 0;
  for (size_t i = 0; i < l.units; i++) {
    const float value = floats(&l.out)[i];
    wrong += (value != value) != (i % FILTERS == BROKEN);
    dead += value != value && bytes(&l.winner)[i] == CNN_WINNER_DEAD;
  }
  CHECK(wrong == 0 && dead == 0, "%s: %zu NaNs misplaced, %zu dead", layer_name(&l), wrong, dead);
  layer_end(&l);
}

/* A NaN pixel shows in every unit that has it in one of its patches, and in no other. */
static void check_nan_pixel(cnn_block block) {
  enum { FILTERS = 9 };
  layer l = layer_new(11, 2, FILTERS, block);
  const cnn_conv_shape s = l.shape;
  noise random = noise_of(8);
  layer_fill(&l, &random, 0);
  for (size_t pixel = 0; !s.winograd && pixel < s.image_side * s.image_side; pixel++) {
    const size_t row = pixel / s.image_side, column = pixel % s.image_side;
    const float before = floats(&l.image)[pixel * 2 + 1];
    floats(&l.image)[pixel * 2 + 1] = NAN;
    layer_run(&l);
    size_t wrong = 0;
    for (size_t i = 0; i < l.units; i++) {
      const cell c = cell_of(&l, i / FILTERS);
      const size_t first = c.at[0], last = c.at[c.count - 1];
      const int seen = row >= first / s.conv_side * s.stride &&
                       row < last / s.conv_side * s.stride + s.kernel &&
                       column >= first % s.conv_side * s.stride &&
                       column < last % s.conv_side * s.stride + s.kernel;
      const float value = floats(&l.out)[i], ref = floats(&l.ref_out)[i];
      wrong += (value != value) != seen || (ref != ref) != seen;
      wrong += value != value && bytes(&l.winner)[i] == CNN_WINNER_DEAD;
      wrong += bytes(&l.winner)[i] != bytes(&l.ref_winner)[i];
    }
    CHECK(wrong == 0, "%s pixel %zu: %zu units wrong", layer_name(&l), pixel, wrong);
    floats(&l.image)[pixel * 2 + 1] = before;
  }
  layer_end(&l);
}

/* ---- The sweep ------------------------------------------------------------------------------- */

static void check_layer(size_t in_side, size_t channels, size_t filters, cnn_block block,
                        noise *random) {
  layer l = layer_new(in_side, channels, filters, block);
  if (l.shape.conv_side > 0) {
    layer_fill(&l, random, 0);
    check_framing(&l);
    layer_run(&l);
    check_twins(&l);
    check_double(&l);
    layer_fill(&l, random, 1);
    layer_run(&l);
    check_twins(&l);
    check_ties(&l);
  }
  layer_end(&l);
}

/* Kernel, stride, padding and pool from the bits of 0..15; average pooling instead of max now and
 * then. */
static cnn_block block_number(size_t number, size_t turn) {
  const int pooled = turn % 5 == 4 ? CNN_POOL_AVERAGE2 : CNN_POOL_MAX2;
  return block_of(number & 1 ? 5 : 3, number & 2 ? 2 : 1, number & 4 ? 1 : 0,
                  number & 8 ? pooled : CNN_POOL_NONE);
}

int main(void) {
  static const size_t sides[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 34};
  static const size_t channels[] = {1, 2, 3, 4, 5, 8, 16, 31, 64};
  static const size_t filters[] = {1, 7, 8, 9, 16, 33, 64};
  enum { SIDES = sizeof sides / sizeof sides[0] };
  noise random = noise_of(7);
  size_t turn = 0;
  check_shapes();
  for (size_t number = 0; number < 16; number++) {
    for (size_t s = 0; s < SIDES; s++) { /* every side with few channels and filters */
      check_layer(sides[s], 1 + s % 3, 9, block_number(number, turn), &random);
      check_layer(sides[s], 1 + s % 2 * 2, 4, block_number(number, ++turn), &random);
    }
    for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
      for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) { /* the others in turn */
        const size_t side = channels[c] * filters[f] > 500 ? 5 + turn % 5 : sides[turn % 13];
        check_layer(side, channels[c], filters[f], block_number(number, turn / 3), &random);
        turn++;
      }
    }
    check_nan(block_number(number, 0));
    check_nan_pixel(block_number(number, 0));
  }
  return check_finish("conv");
}
