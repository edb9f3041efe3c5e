/* The dense layers' three products: equal bits with their plain twins and within the rounding bound
 * of double precision, over the edges of batch, inputs and outputs, between guards; layers cut into
 * blocks of inputs; the hidden layer's ReLU. */
#include "dense.h"

#include "check.h"
#include "gemm.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

typedef struct {
  size_t n, rows, outputs;
  size_t ldx;
} dense_case;

/* x [n][ldx], w [rows][K], y and dy [n][K], and twins of what is written. The last row of x ends
 * with its last input. */
typedef struct {
  guarded x, w, y, y_twin, y_before, dy, dw, dw_twin, dx, dx_twin, work;
} dense_arrays;

enum { ARRAYS = 11 };

static size_t x_count(dense_case c) {
  return (c.n - 1) * c.ldx + c.rows;
}

static guarded filled(noise *random, size_t count) {
  const guarded g = guarded_floats(count, 0);
  noise_fill(guarded_float(&g), random, count);
  return g;
}

static guarded all_nan(size_t count) {
  const guarded g = guarded_floats(count, 0);
  for (size_t i = 0; i < count; i++) {
    guarded_float(&g)[i] = NAN;
  }
  return g;
}

static guarded copy_of(const guarded *from) {
  const guarded g = guarded_floats(from->bytes / sizeof(float), 0);
  memcpy(guarded_float(&g), guarded_float(from), from->bytes);
  return g;
}

static dense_arrays arrays_new(dense_case c, noise *random) {
  dense_arrays a = {.x = filled(random, x_count(c)), .w = filled(random, c.rows * c.outputs)};
  a.y = filled(random, c.n * c.outputs);
  a.y_twin = copy_of(&a.y);
  a.y_before = copy_of(&a.y);
  a.dy = filled(random, c.n * c.outputs);
  a.dw = all_nan(c.rows * c.outputs); /* old contents must not be read */
  a.dw_twin = all_nan(c.rows * c.outputs);
  a.dx = copy_of(&a.x); /* what lies between the rows must stay */
  a.dx_twin = copy_of(&a.x);
  a.work = guarded_floats(cnn_dense_work_floats(c.outputs), 0);
  return a;
}

static int arrays_end(dense_arrays *a) {
  return guarded_end(&a->x) + guarded_end(&a->w) + guarded_end(&a->y) + guarded_end(&a->y_twin) +
         guarded_end(&a->y_before) + guarded_end(&a->dy) + guarded_end(&a->dw) +
         guarded_end(&a->dw_twin) + guarded_end(&a->dx) + guarded_end(&a->dx_twin) +
         guarded_end(&a->work);
}

static int same(const guarded *a, const guarded *b) {
  return memcmp(guarded_float(a), guarded_float(b), a->bytes) == 0;
}

/* |got - sum| as a share of its bound: each product is rounded once and takes part in at most
 * `additions` additions of relative error 2^-24 (Higham 2002, section 3.1; 1 % for the rest). */
static double share(float got, double sum, double size, size_t additions) {
  const double bound = 1.01 * 0x1p-24 * (double)(additions + 1) * size;
  return fabs((double)got - sum) / (bound + 1e-300);
}

static double forward_share(const dense_arrays *a, dense_case c) {
  const float *x = guarded_float(&a->x), *w = guarded_float(&a->w);
  const size_t block = c.rows < CNN_GEMM_BLOCK ? c.rows : CNN_GEMM_BLOCK;
  double worst = 0.0;
  for (size_t at = 0; at < c.n * c.outputs; at++) {
    const size_t i = at / c.outputs, j = at % c.outputs;
    double sum = (double)guarded_float(&a->y_before)[at], size = fabs(sum);
    for (size_t r = 0; r < c.rows; r++) {
      const double product = (double)x[i * c.ldx + r] * (double)w[r * c.outputs + j];
      sum += product;
      size += fabs(product);
    }
    const size_t additions = block + c.rows / CNN_GEMM_BLOCK + 1;
    worst = worse(worst, share(guarded_float(&a->y)[at], sum, size, additions));
  }
  return worst;
}

static double weight_share(const dense_arrays *a, dense_case c) {
  const float *x = guarded_float(&a->x), *dy = guarded_float(&a->dy);
  double worst = 0.0;
  for (size_t at = 0; at < c.rows * c.outputs; at++) {
    const size_t r = at / c.outputs, j = at % c.outputs;
    double sum = 0.0, size = 0.0;
    for (size_t i = 0; i < c.n; i++) {
      const double product = (double)x[i * c.ldx + r] * (double)dy[i * c.outputs + j];
      sum += product;
      size += fabs(product);
    }
    worst = worse(worst, share(guarded_float(&a->dw)[at], sum, size, c.n));
  }
  return worst;
}

static double input_share(const dense_arrays *a, dense_case c) {
  const float *w = guarded_float(&a->w), *dy = guarded_float(&a->dy);
  double worst = 0.0;
  for (size_t at = 0; at < c.n * c.rows; at++) {
    const size_t i = at / c.rows, r = at % c.rows;
    double sum = 0.0, size = 0.0;
    for (size_t j = 0; j < c.outputs; j++) {
      const double product = (double)dy[i * c.outputs + j] * (double)w[r * c.outputs + j];
      sum += product;
      size += fabs(product);
    }
    worst = worse(worst, share(guarded_float(&a->dx)[i * c.ldx + r], sum, size, c.outputs));
  }
  return worst;
}

static void check_case(dense_case c, noise *random) {
  dense_arrays a = arrays_new(c, random);
  float *x = guarded_float(&a.x), *w = guarded_float(&a.w), *dy = guarded_float(&a.dy);
  float *work = guarded_float(&a.work);
  cnn_dense_forward(guarded_float(&a.y), x, w, work, c.ldx, c.n, c.rows, c.outputs);
  cnn_dense_forward_ref(guarded_float(&a.y_twin), x, w, c.ldx, c.n, c.rows, c.outputs);
  cnn_dense_weight_gradient(guarded_float(&a.dw), x, dy, work, c.ldx, c.n, c.rows, c.outputs);
  cnn_dense_weight_gradient_ref(guarded_float(&a.dw_twin), x, dy, c.ldx, c.n, c.rows, c.outputs);
  cnn_dense_input_gradient(guarded_float(&a.dx), dy, w, work, c.ldx, c.n, c.rows, c.outputs);
  cnn_dense_input_gradient_ref(guarded_float(&a.dx_twin), dy, w, c.ldx, c.n, c.rows, c.outputs);

  CHECK(same(&a.y, &a.y_twin), "n %zu rows %zu K %zu: forward", c.n, c.rows, c.outputs);
  CHECK(same(&a.dw, &a.dw_twin), "n %zu rows %zu K %zu: weight gradient", c.n, c.rows, c.outputs);
  CHECK(same(&a.dx, &a.dx_twin), "n %zu rows %zu K %zu: input gradient", c.n, c.rows, c.outputs);
  const double shares[3] = {forward_share(&a, c), weight_share(&a, c), input_share(&a, c)};
  for (size_t i = 0; i < 3; i++) {
    CHECK(shares[i] <= 1.0, "n %zu rows %zu K %zu: product %zu at %g times the rounding bound", c.n,
          c.rows, c.outputs, i, shares[i]);
  }
  CHECK(arrays_end(&a) == ARRAYS, "n %zu rows %zu K %zu: wrote outside", c.n, c.rows, c.outputs);
}

/* Every combination of the edges that costs little, and the largest of each. */
static void check_shapes(void) {
  static const size_t images[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 255, 256};
  static const size_t inputs[] = {1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 513, 2047, 2048};
  static const size_t outputs[] = {1, 2, 3, 4, 5, 7, 8, 9, 19, 20, 21, 64, 255, 256};
  noise random = noise_of(11);
  for (size_t at = 0; at < 13 * 14 * 14; at++) {
    const size_t n = images[at % 13], rows = inputs[at / 13 % 14], k = outputs[at / 13 / 14];
    if (n * rows * k <= 40000 || (n == 32 && rows >= 2047 && k <= 2)) {
      const dense_case c = {n, rows, k, rows + at % 3};
      check_case(c, &random);
    }
  }
  static const dense_case large[] = {
      {32, 2048, 20, 2048}, {33, 2047, 21, 2050}, {256, 513, 5, 513}, {5, 300, 256, 301}};
  for (size_t i = 0; i < 4; i++) {
    check_case(large[i], &random);
  }
}

/* A layer in blocks of CNN_DENSE_ROWS has the bits of the whole, and dx may take x's place. */
static void check_cut_in_place(void) {
  enum { N = 6, ROWS = 2 * CNN_DENSE_ROWS + 301, K = 3 };
  static float x[N * ROWS], w[ROWS * K], y[N * K], whole[N * K], dy[N * K];
  static float dw[ROWS * K], dw_whole[ROWS * K], dx_whole[N * ROWS], work[CNN_GEMM_PACK];
  noise random = noise_of(12);
  noise_fill(x, &random, N * ROWS);
  noise_fill(w, &random, ROWS * K);
  noise_fill(y, &random, N * K);
  noise_fill(dy, &random, N * K);
  memcpy(whole, y, sizeof whole);
  cnn_dense_forward_ref(whole, x, w, ROWS, N, ROWS, K);
  cnn_dense_weight_gradient_ref(dw_whole, x, dy, ROWS, N, ROWS, K);
  cnn_dense_input_gradient_ref(dx_whole, dy, w, ROWS, N, ROWS, K);
  CHECK(cnn_dense_work_floats(K) <= CNN_GEMM_PACK, "scratch");
  for (size_t at = 0; at < ROWS; at += CNN_DENSE_ROWS) {
    const size_t rows = ROWS - at < CNN_DENSE_ROWS ? ROWS - at : CNN_DENSE_ROWS;
    cnn_dense_forward(y, x + at, w + at * K, work, ROWS, N, rows, K);
  }
  for (size_t at = 0; at < ROWS; at += CNN_DENSE_ROWS) {
    const size_t rows = ROWS - at < CNN_DENSE_ROWS ? ROWS - at : CNN_DENSE_ROWS;
    cnn_dense_weight_gradient(dw + at * K, x + at, dy, work, ROWS, N, rows, K);
    cnn_dense_input_gradient(x + at, dy, w + at * K, work, ROWS, N, rows, K);
  }
  CHECK(memcmp(y, whole, sizeof y) == 0, "forward in blocks differs");
  CHECK(memcmp(dw, dw_whole, sizeof dw) == 0, "weight gradient in blocks differs");
  CHECK(memcmp(x, dx_whole, sizeof x) == 0, "input gradient in place of x differs");
}

/* By hand: two images, three inputs, two outputs. */
static void check_by_hand(void) {
  const float x[6] = {1, 2, 3, -1, 0, 4}, w[6] = {1, 10, 2, 20, 3, 30}, dy[4] = {1, -2, 3, 5};
  float y[4] = {100, 200, 300, 400}, dw[6], dx[6], work[CNN_GEMM_PACK];
  const float y_want[4] = {114, 340, 311, 510}, dw_want[6] = {-2, -7, 2, -4, 15, 14};
  const float dx_want[6] = {-19, -38, -57, 53, 106, 159};
  cnn_dense_forward(y, x, w, work, 3, 2, 3, 2);
  cnn_dense_weight_gradient(dw, x, dy, work, 3, 2, 3, 2);
  cnn_dense_input_gradient(dx, dy, w, work, 3, 2, 3, 2);
  for (size_t i = 0; i < 6; i++) {
    CHECK(i >= 4 || y[i] == y_want[i], "y[%zu] = %g", i, (double)y[i % 4]);
    CHECK(dw[i] == dw_want[i], "dw[%zu] = %g", i, (double)dw[i]);
    CHECK(dx[i] == dx_want[i], "dx[%zu] = %g", i, (double)dx[i]);
  }
}

/* NaN of one image stays with that image, of one output with that output. */
static void check_nan(void) {
  enum { N = 5, ROWS = 9, K = 3, IMAGE = 4, OUTPUT = 1 };
  static float x[N * ROWS], w[ROWS * K], y[N * K], dx[N * ROWS], work[CNN_GEMM_PACK];
  noise random = noise_of(13);
  noise_fill(x, &random, N * ROWS);
  noise_fill(w, &random, ROWS * K);
  x[IMAGE * ROWS + 8] = NAN;
  cnn_dense_forward(y, x, w, work, ROWS, N, ROWS, K);
  for (size_t i = 0; i < N * K; i++) {
    CHECK((y[i] != y[i]) == (i / K == IMAGE), "y[%zu] = %g", i, (double)y[i]);
  }
  noise_fill(y, &random, N * K);
  y[IMAGE * K + OUTPUT] = NAN;
  cnn_dense_input_gradient(dx, y, w, work, ROWS, N, ROWS, K);
  for (size_t i = 0; i < N * ROWS; i++) {
    CHECK((dx[i] != dx[i]) == (i / ROWS == IMAGE), "dx[%zu] = %g", i, (double)dx[i]);
  }
}

/* Every length up to 9, so that compiled vector code has all its remainders. */
static void check_relu(void) {
  static const float in[9] = {1.5f, -2.0f, 0.0f, -0.0f, NAN, INFINITY, -INFINITY, 1e-45f, -1e-45f};
  static const float out[9] = {1.5f, 0.0f, 0.0f, 0.0f, NAN, INFINITY, 0.0f, 1e-45f, 0.0f};
  for (size_t count = 1; count <= 9; count++) {
    guarded x = guarded_floats(count, 0), dx = guarded_floats(count, 0);
    for (size_t i = 0; i < count; i++) {
      guarded_float(&x)[i] = in[i];
      guarded_float(&dx)[i] = 7.0f;
    }
    cnn_dense_relu(guarded_float(&x), count);
    cnn_dense_relu_gradient(guarded_float(&dx), guarded_float(&x), count);
    for (size_t i = 0; i < count; i++) {
      const float got = guarded_float(&x)[i], gradient = guarded_float(&dx)[i];
      CHECK(got == out[i] || (got != got && out[i] != out[i]), "relu(%g) = %g", (double)in[i],
            (double)got);
      CHECK(gradient == (in[i] > 0.0f ? 7.0f : 0.0f), "relu'(%g): %g", (double)in[i],
            (double)gradient);
    }
    CHECK(guarded_end(&x) + guarded_end(&dx) == 2, "relu of %zu wrote outside", count);
  }
}

int main(void) {
  check_by_hand();
  check_shapes();
  check_cut_in_place();
  check_nan();
  check_relu();
  return check_finish("dense");
}
