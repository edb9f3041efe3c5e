/* The fused forward pass by Winograd's filtering: equal bits with its plain twin; exact integers
 * with their ties against a direct integer convolution; the error against a direct convolution in
 * double; even pictures, dead units and NaN. */
#include "conv_winograd.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "simd.h"

typedef struct {
  cnn_conv_shape shape;
  size_t image_floats, weights, units;
  guarded image, kernel, bias, panels, work, out, winner, ref_out, ref_winner;
} layer;

static float *floats(const guarded *g) {
  return guarded_float(g);
}

/* Scratch that must be written before it is read. */
static void fill_nan(const guarded *g) {
  memset(guarded_byte(g), 0xff, g->bytes);
}

static layer layer_new(size_t side, size_t channels, size_t filters) {
  cnn_block block = {.filters = (int32_t)filters,
                     .kernel = 3,
                     .stride = 1,
                     .padding = CNN_PADDING_VALID,
                     .norm = CNN_NORM_NONE,
                     .pool = CNN_POOL_MAX2};
  layer l = {.shape = cnn_conv_shape_of(side, channels, &block)};
  l.image_floats = side * side * channels;
  l.weights = 9 * channels * filters;
  l.units = l.shape.out_side * l.shape.out_side * filters;
  l.image = guarded_floats(l.image_floats, CNN_PAD_FLOATS);
  l.kernel = guarded_floats(l.weights, 0);
  l.bias = guarded_floats(filters, 0);
  l.panels = guarded_floats(cnn_winograd_panel_floats(l.shape), 0);
  l.work = guarded_floats(cnn_winograd_work_floats(l.shape), 0);
  l.out = guarded_floats(l.units, 0);
  l.winner = guarded_new(GUARD_BYTES, l.units, 0);
  l.ref_out = guarded_floats(l.units, 0);
  l.ref_winner = guarded_new(GUARD_BYTES, l.units, 0);
  return l;
}

static void layer_end(layer *l) {
  guarded *all[] = {&l->image, &l->kernel, &l->bias,    &l->panels,    &l->work,
                    &l->out,   &l->winner, &l->ref_out, &l->ref_winner};
  int intact = 1;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    intact = guarded_end(all[i]) && intact;
  }
  CHECK(intact, "side %zu C %zu F %zu: wrote outside an array", l->shape.image_side,
        l->shape.channels, l->shape.filters);
}

static void layer_fill(layer *l, uint64_t seed) {
  noise random = noise_of(seed);
  noise_fill(floats(&l->image), &random, l->image_floats);
  noise_fill(floats(&l->kernel), &random, l->weights);
  noise_fill(floats(&l->bias), &random, l->shape.filters);
}

/* Whole numbers -bound..bound. */
static void fill_integers(const guarded *g, noise *random, size_t count, uint32_t bound) {
  for (size_t i = 0; i < count; i++) {
    floats(g)[i] = (float)noise_below(random, 2 * bound + 1) - (float)bound;
  }
}

static void layer_run(layer *l) {
  fill_nan(&l->panels);
  fill_nan(&l->work);
  cnn_winograd_pack(floats(&l->panels), floats(&l->kernel), floats(&l->bias), l->shape);
  cnn_winograd_forward(floats(&l->out), guarded_byte(&l->winner), floats(&l->image),
                       floats(&l->panels), floats(&l->work), l->shape);
}

static void check_twin(const layer *l) {
  cnn_winograd_forward_ref(floats(&l->ref_out), guarded_byte(&l->ref_winner), floats(&l->image),
                           floats(&l->kernel), floats(&l->bias), l->shape);
  CHECK(memcmp(floats(&l->out), floats(&l->ref_out), l->units * sizeof(float)) == 0,
        "side %zu C %zu F %zu: values differ", l->shape.image_side, l->shape.channels,
        l->shape.filters);
  CHECK(memcmp(guarded_byte(&l->winner), guarded_byte(&l->ref_winner), l->units) == 0,
        "side %zu C %zu F %zu: winners differ", l->shape.image_side, l->shape.channels,
        l->shape.filters);
}

/* ---- The direct convolution in double -------------------------------------------------------- */

/* One position of one filter, without bias. */
static double direct(const layer *l, size_t y, size_t x, size_t f) {
  const size_t channels = l->shape.channels, side = l->shape.image_side;
  double sum = 0.0;
  for (size_t k = 0; k < 9 * channels; k++) {
    const size_t row = y + k / channels / 3, column = x + k / channels % 3;
    const float pixel = floats(&l->image)[(row * side + column) * channels + k % channels];
    sum += (double)pixel * (double)floats(&l->kernel)[k * l->shape.filters + f];
  }
  return sum;
}

/* Sum over the channels of max |pixel of the 4x4 patch| * sum |weight|. */
static double size_of(const layer *l, size_t y, size_t x, size_t f) {
  const size_t channels = l->shape.channels, side = l->shape.image_side;
  double size = 0.0;
  for (size_t c = 0; c < channels; c++) {
    double largest = 0.0, weights = 0.0;
    for (size_t i = 0; i < 16; i++) {
      const size_t at = ((y + i / 4) * side + x + i % 4) * channels + c;
      largest = fmax(largest, fabs((double)floats(&l->image)[at]));
    }
    for (size_t i = 0; i < 9; i++) {
      weights += fabs((double)floats(&l->kernel)[(i * channels + c) * l->shape.filters + f]);
    }
    size += largest * weights;
  }
  return size;
}

/* First maximum of a cell. */
static double direct_maximum(size_t *position, const layer *l, size_t unit) {
  const size_t f = unit % l->shape.filters, cell = unit / l->shape.filters;
  const size_t y = 2 * (cell / l->shape.out_side), x = 2 * (cell % l->shape.out_side);
  double best = direct(l, y, x, f);
  *position = 0;
  for (size_t i = 1; i < 4; i++) {
    const double sum = direct(l, y + i / 2, x + i % 2, f);
    if (sum > best) {
      best = sum;
      *position = i;
    }
  }
  return best;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void check_twins(size_t side, size_t channels, size_t filters) {
  layer l = layer_new(side, channels, filters);
  layer_fill(&l, side + channels + filters);
  layer_run(&l);
  check_twin(&l);
  layer_end(&l);
}

static void check_all_twins(void) {
  const size_t sides[] = {3, 4, 5, 6, 17, 35, 70}; /* no cell, 1, 1, 2, 7, 16 and 34 a row */
  const size_t channels[] = {1, 2, 3, 4, 5, 16, 33, 64};
  const size_t filters[] = {1, 4, 7, 8, 9, 32, 61};
  for (size_t i = 0; i < 7 * 8 * 7; i++) {
    const size_t side = sides[i % 7], c = channels[i / 7 % 8], f = filters[i / 56];
    if (side <= 17 || c * f <= 300) {
      check_twins(side, c, f);
    }
  }
  check_twins(134, 1, 9); /* 66 a row: more than a strip */
  check_twins(134, 3, 8);
}

/* Small whole numbers have no rounding, so every tie is a true one: the first position wins, and
 * z = 0 is dead. */
static void check_integers(size_t channels, size_t filters) {
  layer l = layer_new(21, channels, filters);
  noise random = noise_of(channels * 100 + filters);
  fill_integers(&l.image, &random, l.image_floats, 1);
  fill_integers(&l.kernel, &random, l.weights, 2);
  fill_integers(&l.bias, &random, filters, 3);
  layer_run(&l);
  check_twin(&l);
  size_t wrong = 0, ties = 0, zeros = 0;
  for (size_t unit = 0; unit < l.units; unit++) {
    size_t position;
    const double z = direct_maximum(&position, &l, unit) + (double)floats(&l.bias)[unit % filters];
    const size_t code = z <= 0.0 ? CNN_WINNER_DEAD : position;
    wrong += (double)floats(&l.out)[unit] != fmax(z, 0.0) || guarded_byte(&l.winner)[unit] != code;
    const size_t cell = unit / filters, y = 2 * (cell / l.shape.out_side);
    const size_t x = 2 * (cell % l.shape.out_side), f = unit % filters;
    ties += position < 3 &&
            direct(&l, y + 1, x + 1, f) == direct(&l, y + position / 2, x + position % 2, f);
    zeros += z == 0.0;
  }
  CHECK(wrong == 0, "C %zu F %zu: %zu of %zu units differ from whole numbers", channels, filters,
        wrong, l.units);
  CHECK(ties > 20 || channels > 4, "C %zu: only %zu ties", channels, ties);
  CHECK(zeros > 5 || channels > 4, "C %zu: only %zu zeros", channels, zeros);
  layer_end(&l);
}

/* To first order: |V| <= 4 max|d|, the |U| of one output add up to at most 4 sum|g|, and a term
 * meets 2 roundings in V, 4 in U, 1 as a product, C - 1 in the sum and 4 in the output: 16 (10 + C)
 * half ulps of size_of. It must hold for the patch's maximum, not for sum |x||w|: a large pixel
 * beside the window cancels only up to rounding. Errors add up at random, so the mean one is far
 * below and near direct summation's. */
static void check_error(size_t channels, double offset) {
  const size_t filters = 8;
  layer l = layer_new(34, channels, filters);
  layer_fill(&l, channels);
  for (size_t i = 0; i < l.image_floats; i++) {
    floats(&l.image)[i] += (float)offset;
  }
  layer_run(&l);
  check_twin(&l);
  const double half_ulp = ldexp(1.0, -24);
  double worst = 0.0, squares = 0.0, direct_squares = 0.0;
  size_t live = 0;
  for (size_t unit = 0; unit < l.units; unit++) {
    const size_t f = unit % filters, cell = unit / filters, code = guarded_byte(&l.winner)[unit];
    if (code == CNN_WINNER_DEAD) {
      continue;
    }
    const size_t y = 2 * (cell / l.shape.out_side), x = 2 * (cell % l.shape.out_side);
    const double bias = (double)floats(&l.bias)[f];
    const double z = direct(&l, y + code / 2, x + code % 2, f) + bias;
    const double size = size_of(&l, y, x, f) * half_ulp;
    const double error = fabs((double)floats(&l.out)[unit] - z);
    float sum = 0.0f;
    for (size_t k = 0; k < 9 * channels; k++) {
      const size_t row = y + code / 2 + k / channels / 3, column = x + code % 2 + k / channels % 3;
      sum += floats(&l.image)[(row * l.shape.image_side + column) * channels + k % channels] *
             floats(&l.kernel)[k * filters + f];
    }
    const double direct_error = fabs((double)(sum + floats(&l.bias)[f]) - z);
    worst = fmax(worst, (error - fabs(z) * half_ulp) / size);
    squares += error * error;
    direct_squares += direct_error * direct_error;
    live++;
  }
  CHECK(worst <= 16.0 * (10.0 + (double)channels), "C %zu: worst error %.1f half ulps", channels,
        worst);
  const double ratio = sqrt(squares / direct_squares);
  CHECK(live > 100 && ratio < 1.5, "C %zu offset %.0f: rms error %.2f times direct's", channels,
        offset, ratio);
  layer_end(&l);
}

/* Pictures that are even in one direction: outputs along it are equal bits, so the first one wins.
 * even = 1: all rows alike, 2: all columns alike, 3: one colour. */
static void check_even(size_t channels, int even) {
  layer l = layer_new(20, channels, 12);
  layer_fill(&l, 77);
  for (size_t i = 0; i < l.image_floats; i++) {
    const size_t c = i % channels, x = i / channels % 20, y = i / channels / 20;
    const size_t from_y = even & 1 ? 0 : y, from_x = even & 2 ? 0 : x;
    floats(&l.image)[i] = floats(&l.image)[(from_y * 20 + from_x) * channels + c];
  }
  layer_run(&l);
  check_twin(&l);
  size_t wrong = 0, live = 0;
  for (size_t unit = 0; unit < l.units; unit++) {
    const int code = guarded_byte(&l.winner)[unit];
    live += code != CNN_WINNER_DEAD;
    wrong +=
        code != CNN_WINNER_DEAD && (((even & 1) && code >= 2) || ((even & 2) && code % 2 == 1));
  }
  CHECK(wrong == 0, "C %zu even %d: %zu units do not take the first of equals", channels, even,
        wrong);
  CHECK(live > 0, "C %zu even %d: all dead", channels, even);
  layer_end(&l);
}

/* NaN has many bit patterns, so only where it stands is compared. */
static void check_nan_twin(layer *l, size_t pixel) {
  cnn_winograd_forward_ref(floats(&l->ref_out), guarded_byte(&l->ref_winner), floats(&l->image),
                           floats(&l->kernel), floats(&l->bias), l->shape);
  size_t wrong = 0, visible = 0;
  for (size_t unit = 0; unit < l->units; unit++) {
    const float a = floats(&l->out)[unit], b = floats(&l->ref_out)[unit];
    wrong += isnan(a) != isnan(b) || (!isnan(a) && a != b) ||
             guarded_byte(&l->winner)[unit] != guarded_byte(&l->ref_winner)[unit];
    visible += isnan(a) != 0;
  }
  CHECK(wrong == 0, "C %zu: %zu units differ for NaN in pixel %zu", l->shape.channels, wrong,
        pixel);
  CHECK(visible > 0 || pixel != 0, "C %zu: NaN in pixel %zu is lost", l->shape.channels, pixel);
}

/* NaN is not <= 0: it must reach the loss and stop the run, in any of the four outputs. */
static void check_nan(size_t channels) {
  layer l = layer_new(8, channels, 8);
  layer_fill(&l, 5);
  floats(&l.bias)[3] = NAN;
  layer_run(&l);
  size_t visible = 0;
  for (size_t cell = 0; cell < 9; cell++) {
    visible += isnan(floats(&l.out)[cell * 8 + 3]) && guarded_byte(&l.winner)[cell * 8 + 3] < 4;
  }
  CHECK(visible == 9, "C %zu: %zu of 9 NaN units visible", channels, visible);
  floats(&l.bias)[3] = 0.0f;
  for (size_t i = 0; i < 64; i++) { /* in each place of the patches */
    const float kept = floats(&l.image)[i * channels];
    floats(&l.image)[i * channels] = NAN;
    layer_run(&l);
    check_nan_twin(&l, i);
    floats(&l.image)[i * channels] = kept;
  }
  layer_end(&l);
}

int main(void) {
  check_all_twins();
  const size_t channels[] = {1, 2, 3, 4, 16};
  for (size_t i = 0; i < 5; i++) {
    check_integers(channels[i], 8);
    check_integers(channels[i], 13);
    check_error(channels[i], 0.0);
    check_error(channels[i], 1.0);
    check_nan(channels[i]);
    for (int even = 1; even <= 3; even++) {
      check_even(channels[i], even);
    }
  }
  return check_finish("conv_winograd");
}
