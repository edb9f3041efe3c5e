/* The core's private kernels for timing: bench_kernels.wasm, which ships with nothing. Each
 * bench_*_open makes one problem with its buffers, each other function does the work `repeats`
 * times, so that a call from JavaScript costs nothing. Nothing is freed: every problem gets an
 * instance of its own. */
#include <stdlib.h>

#include "conv.h"
#include "dense.h"
#include "gemm.h"
#include "simd.h"

/* The module's memory is fixed; a problem that is too large for it ends as a trap. */
static void *room_for(size_t bytes) {
  void *block = aligned_alloc(16, (bytes + 16u) / 16u * 16u);
  if (block == NULL) {
    __builtin_trap();
  }
  return block;
}

/* Numbers of a linear congruence (Knuth's constants) in -0.5..0.5: any that are not denormal. */
static float *filled(size_t count) {
  const size_t padded = count + CNN_PAD_FLOATS;
  float *values = room_for(padded * sizeof *values);
  uint64_t state = 1;
  for (size_t i = 0; i < padded; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    values[i] = (float)(state >> 40) * 0x1p-24f - 0.5f;
  }
  return values;
}

/* ---- Multiply-add peak ----------------------------------------------------------------------- */

enum { PEAK_CHAINS = 12 }; /* with two constants they fill x86-64's 16 registers but two */

/* Independent chains of a multiplication and an addition on four lanes; 8 * PEAK_CHAINS operations
 * a round. The sum keeps a compiler from leaving it out. */
float bench_peak(size_t rounds, float scale, float step) {
  const f32x4 factor = f32x4_splat(scale);
  const f32x4 summand = f32x4_splat(step);
  f32x4 chain[PEAK_CHAINS];
  for (size_t i = 0; i < PEAK_CHAINS; i++) {
    chain[i] = f32x4_splat((float)i);
  }
  for (size_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < PEAK_CHAINS; i++) {
      chain[i] = chain[i] * factor + summand;
    }
  }
  f32x4 sum = chain[0];
  for (size_t i = 1; i < PEAK_CHAINS; i++) {
    sum += chain[i];
  }
  return sum[0] + sum[1] + sum[2] + sum[3];
}

size_t bench_peak_operations(void) {
  return (size_t)8 * PEAK_CHAINS;
}

/* ---- Matrix product -------------------------------------------------------------------------- */

typedef struct {
  size_t m, n, k;
  float *c, *a, *b, *pack;
} bench_product;

bench_product *bench_gemm_open(size_t m, size_t n, size_t k) {
  bench_product *it = room_for(sizeof *it);
  *it =
      (bench_product){m, n, k, filled(m * n), filled(m * k), filled(k * n), filled(CNN_GEMM_PACK)};
  return it;
}

void bench_gemm(const bench_product *it, size_t repeats) {
  const cnn_matrix a = {it->a, it->k, 1};
  const cnn_matrix b = {it->b, it->n, 1};
  for (size_t i = 0; i < repeats; i++) {
    cnn_gemm(it->c, a, b, it->pack, 0, it->n, it->m, it->n, it->k);
  }
}

/* ---- Convolution block of the seed CNN ------------------------------------------------------- */

typedef struct {
  cnn_conv_shape shape;
  float *out, *dout, *image, *panels, *work, *sums;
  uint8_t *winner;
  void *list;
} bench_conv;

/* Noise in, weights of both signs, and a bias so large that every unit is alive: the most work that
 * the weight gradient can have. */
bench_conv *bench_conv_open(size_t side, size_t channels, int32_t filters) {
  const cnn_block block = {filters, 3, 1, CNN_PADDING_VALID, CNN_NORM_NONE, CNN_POOL_MAX2};
  bench_conv *it = room_for(sizeof *it);
  const cnn_conv_shape shape = cnn_conv_shape_of(side, channels, &block);
  const size_t units = shape.out_side * shape.out_side * shape.filters;
  float *kernel = filled(9 * channels * shape.filters);
  float *bias = filled(shape.filters);
  *it = (bench_conv){shape,
                     filled(units),
                     filled(units),
                     filled(cnn_conv_image_floats(shape)),
                     filled(cnn_conv_panel_floats(shape)),
                     filled(cnn_conv_work_floats(shape)),
                     filled(cnn_conv_sum_floats(shape)),
                     room_for(units),
                     room_for(cnn_conv_list_bytes(shape))};
  for (size_t f = 0; f < shape.filters; f++) {
    bias[f] = 100.0f;
  }
  cnn_conv_pack(it->panels, kernel, bias, shape);
  cnn_conv_forward(it->out, it->winner, it->image, it->panels, it->work, shape);
  return it;
}

void bench_conv_forward(const bench_conv *it, size_t repeats) {
  for (size_t i = 0; i < repeats; i++) {
    cnn_conv_forward(it->out, it->winner, it->image, it->panels, it->work, it->shape);
  }
}

void bench_conv_gradient(const bench_conv *it, size_t repeats) {
  for (size_t i = 0; i < repeats; i++) {
    cnn_conv_weight_gradient(it->sums, it->dout, it->winner, it->image, it->list, it->shape);
  }
}

/* ---- Dense layer ----------------------------------------------------------------------------- */

typedef struct {
  size_t images, inputs, outputs;
  float *y, *x, *w, *dx, *dw, *work;
} bench_dense;

bench_dense *bench_dense_open(size_t images, size_t inputs, size_t outputs) {
  bench_dense *it = room_for(sizeof *it);
  *it = (bench_dense){images,
                      inputs,
                      outputs,
                      filled(images * outputs),
                      filled(images * inputs),
                      filled(inputs * outputs),
                      filled(images * inputs),
                      filled(inputs * outputs),
                      filled(cnn_dense_work_floats(outputs))};
  return it;
}

static size_t rows_from(const bench_dense *it, size_t first) {
  const size_t left = it->inputs - first;
  return left < CNN_DENSE_ROWS ? left : CNN_DENSE_ROWS;
}

void bench_dense_forward(const bench_dense *it, size_t repeats) {
  for (size_t i = 0; i < repeats; i++) {
    memset(it->y, 0, it->images * it->outputs * sizeof *it->y);
    for (size_t row = 0; row < it->inputs; row += CNN_DENSE_ROWS) {
      cnn_dense_forward(it->y, it->x + row, it->w + row * it->outputs, it->work, it->inputs,
                        it->images, rows_from(it, row), it->outputs);
    }
  }
}

void bench_dense_weights(const bench_dense *it, size_t repeats) {
  for (size_t i = 0; i < repeats; i++) {
    for (size_t row = 0; row < it->inputs; row += CNN_DENSE_ROWS) {
      cnn_dense_weight_gradient(it->dw + row * it->outputs, it->x + row, it->y, it->work,
                                it->inputs, it->images, rows_from(it, row), it->outputs);
    }
  }
}

void bench_dense_inputs(const bench_dense *it, size_t repeats) {
  for (size_t i = 0; i < repeats; i++) {
    for (size_t row = 0; row < it->inputs; row += CNN_DENSE_ROWS) {
      cnn_dense_input_gradient(it->dx + row, it->y, it->w + row * it->outputs, it->work, it->inputs,
                               it->images, rows_from(it, row), it->outputs);
    }
  }
}
