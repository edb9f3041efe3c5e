/* One batch, forward and (when learning) backward and update, cut into units of one image or one
 * block of the head or of the parameters, so that the caller can stop anywhere within it.
 * Every sum runs in an order fixed by the batch alone, never by where the work was cut. */
#include <string.h>

#include "adam.h"
#include "gemm.h"
#include "head.h"
#include "loss.h"
#include "simd.h"
#include "trainer_state.h"

static size_t cells_of(const cnn_trainer *t) {
  return t->shape.out_side * t->shape.out_side;
}

static size_t map_floats(const cnn_trainer *t) {
  return cells_of(t) * t->shape.filters;
}

static size_t image_index(const cnn_batch *b, int64_t i) {
  const int64_t at = b->first + i;
  return b->order == NULL ? (size_t)at : (size_t)b->order[at];
}

static void widen(cnn_trainer *t, int64_t i) {
  const size_t side = (size_t)t->config.resolution;
  const size_t values = side * side * t->shape.channels;
  cnn_conv_widen(t->image, t->batch.pixels + image_index(&t->batch, i) * values, t->scaling,
                 t->shape, side);
}

static float *dense_kernel(const cnn_trainer *t, float *flat) {
  return flat + t->plan.conv_parameters;
}

static float *dense_bias(const cnn_trainer *t, float *flat) {
  return dense_kernel(t, flat) + t->plan.head_macs;
}

static float *conv_bias(const cnn_trainer *t, float *flat) {
  return flat + t->plan.conv_parameters - (ptrdiff_t)t->shape.filters;
}

void cnn_batch_begin(cnn_trainer *t, const cnn_images *images, const int32_t *order, int32_t first,
                     int32_t count, int learn) {
  const cnn_batch batch = {.pixels = images->pixels,
                           .labels = images->labels,
                           .order = order,
                           .first = first,
                           .count = count,
                           .learn = learn,
                           .stage = CNN_STAGE_FORWARD};
  t->batch = batch;
  cnn_conv_pack(t->panels, t->parameters, conv_bias(t, t->parameters), t->shape);
  const size_t outputs = (size_t)t->plan.outputs;
  for (size_t i = 0; i < (size_t)count; i++) { /* the bias starts the accumulators */
    memcpy(t->logits + i * outputs, dense_bias(t, t->parameters), outputs * sizeof(float));
  }
}

/* Moves to the next stage when this one's `end` is reached. */
static void advance(cnn_batch *b, int64_t step, int64_t end, cnn_stage next) {
  b->at += step;
  if (b->at >= end) {
    b->at = 0;
    b->stage = next;
  }
}

static int64_t unit_forward(cnn_trainer *t) {
  const size_t i = (size_t)t->batch.at;
  const size_t filters = t->shape.filters;
  float *map = t->map + i * map_floats(t);
  widen(t, t->batch.at);
  cnn_conv_forward(map, t->winner + i * map_floats(t), t->image, t->panels, t->shape);
  if (t->config.head == CNN_HEAD_GLOBAL_MAX) {
    cnn_global_max(t->features + i * filters, t->place + i * filters, map, cells_of(t), filters);
  } else if (t->config.head == CNN_HEAD_GLOBAL_AVERAGE) {
    cnn_global_average(t->features + i * filters, map, t->shape.out_side, filters);
  }
  advance(&t->batch, 1, t->batch.count, CNN_STAGE_HEAD);
  return cnn_work_forward(&t->plan);
}

static size_t block_rows(int64_t at, int64_t end, int64_t rows) {
  return (size_t)(end - at < rows ? end - at : rows);
}

/* logits += features[:, block] kernel[block, :] */
static int64_t unit_head(cnn_trainer *t) {
  const size_t features = (size_t)t->plan.features;
  const size_t outputs = (size_t)t->plan.outputs;
  const size_t row = (size_t)t->batch.at;
  const size_t rows = block_rows(t->batch.at, t->plan.features, CNN_HEAD_ROWS);
  const cnn_matrix x = {t->features + row, features, 1};
  const cnn_matrix w = {dense_kernel(t, t->parameters) + row * outputs, outputs, 1};
  cnn_gemm(t->logits, x, w, t->pack, 1, outputs, (size_t)t->batch.count, outputs, rows);
  const cnn_stage next = t->batch.labels == NULL ? CNN_STAGE_IDLE : CNN_STAGE_LOSS;
  advance(&t->batch, (int64_t)rows, t->plan.features, next);
  return cnn_work_head(&t->plan, (int64_t)rows, t->batch.count);
}

static int64_t unit_loss(cnn_status *status, cnn_trainer *t) {
  const size_t outputs = (size_t)t->plan.outputs;
  float *dbias = dense_bias(t, t->gradients);
  cnn_batch *b = &t->batch;
  for (int64_t i = 0; i < b->count; i++) {
    int correct = 0;
    float *dlogits = b->learn ? t->dlogits + (size_t)i * outputs : NULL;
    b->loss_sum += cnn_loss_image(dlogits, &correct, t->logits + (size_t)i * outputs,
                                  b->labels[image_index(b, i)], outputs, (double)b->count);
    b->correct += correct;
  }
  b->at = 0;
  b->stage = b->learn ? CNN_STAGE_HEAD_BACKWARD : CNN_STAGE_IDLE;
  if (b->loss_sum - b->loss_sum != 0.0) {
    *status = CNN_ERROR_NOT_FINITE;
    b->stage = CNN_STAGE_IDLE;
  } else if (b->learn) {
    memset(t->gradients, 0, (size_t)t->plan.conv_parameters * sizeof(float));
    memset(dbias, 0, outputs * sizeof(float));
    for (size_t i = 0; i < (size_t)b->count; i++) {
      for (size_t j = 0; j < outputs; j++) {
        dbias[j] += t->dlogits[i * outputs + j];
      }
    }
  }
  return 0;
}

/* dkernel[block, :] = features[:, block]^T dlogits, then features[:, block] becomes its gradient
 * dlogits kernel[block, :]^T. ReLU's mask is kept in `winner`, so nothing of the value is missed.
 */
static int64_t unit_head_backward(cnn_trainer *t) {
  const size_t features = (size_t)t->plan.features;
  const size_t outputs = (size_t)t->plan.outputs;
  const size_t images = (size_t)t->batch.count;
  const size_t row = (size_t)t->batch.at;
  const size_t rows = block_rows(t->batch.at, t->plan.features, CNN_HEAD_ROWS);
  const cnn_matrix x_transposed = {t->features + row, 1, features};
  const cnn_matrix dlogits = {t->dlogits, outputs, 1};
  const cnn_matrix w_transposed = {dense_kernel(t, t->parameters) + row * outputs, 1, outputs};
  cnn_gemm(dense_kernel(t, t->gradients) + row * outputs, x_transposed, dlogits, t->pack, 0,
           outputs, rows, outputs, images);
  cnn_gemm(t->features + row, dlogits, w_transposed, t->pack, 0, features, images, rows, outputs);
  advance(&t->batch, (int64_t)rows, t->plan.features, CNN_STAGE_BACKWARD);
  return 2 * cnn_work_head(&t->plan, (int64_t)rows, t->batch.count);
}

static int64_t unit_backward(cnn_trainer *t) {
  const size_t i = (size_t)t->batch.at;
  const size_t filters = t->shape.filters;
  float *dmap = t->map + i * map_floats(t);
  if (t->config.head == CNN_HEAD_GLOBAL_MAX) {
    cnn_global_max_gradient(dmap, t->features + i * filters, t->place + i * filters, cells_of(t),
                            filters);
  } else if (t->config.head == CNN_HEAD_GLOBAL_AVERAGE) {
    cnn_global_average_gradient(dmap, t->features + i * filters, cells_of(t), filters);
  }
  widen(t, t->batch.at);
  cnn_conv_weight_gradient(t->sums, dmap, t->winner + i * map_floats(t), t->image, t->shape);
  cnn_conv_add_sums(t->gradients, conv_bias(t, t->gradients), t->sums, t->shape);
  advance(&t->batch, 1, t->batch.count, CNN_STAGE_CHECK);
  return cnn_work_backward(&t->plan);
}

static cnn_adam adam_of(const cnn_trainer *t, double beta1_power, double beta2_power) {
  const cnn_config *c = &t->config;
  return cnn_adam_at(c->learning_rate, c->beta1, c->beta2, c->epsilon, beta1_power, beta2_power);
}

/* The whole update is tried out before any of it is made, so that a run that stops keeps the last
 * finite weights. */
static int64_t unit_check(cnn_status *status, cnn_trainer *t) {
  const size_t at = (size_t)t->batch.at;
  const size_t rows = block_rows(t->batch.at, t->plan.parameters, CNN_UPDATE_ROWS);
  const double beta1_power = t->beta1_power * t->config.beta1;
  const double beta2_power = t->beta2_power * t->config.beta2;
  const cnn_adam adam = adam_of(t, beta1_power, beta2_power);
  if (!cnn_adam_stays_finite(t->parameters + at, t->moment1 + at, t->moment2 + at,
                             t->gradients + at, &adam, rows)) {
    *status = CNN_ERROR_NOT_FINITE;
    t->batch.stage = CNN_STAGE_IDLE;
    return 0;
  }
  advance(&t->batch, (int64_t)rows, t->plan.parameters, CNN_STAGE_UPDATE);
  if (t->batch.stage == CNN_STAGE_UPDATE) {
    t->beta1_power = beta1_power;
    t->beta2_power = beta2_power;
  }
  return cnn_work_update((int64_t)rows) / 2;
}

static int64_t unit_update(cnn_trainer *t) {
  const size_t at = (size_t)t->batch.at;
  const size_t rows = block_rows(t->batch.at, t->plan.parameters, CNN_UPDATE_ROWS);
  const cnn_adam adam = adam_of(t, t->beta1_power, t->beta2_power);
  cnn_adam_update(t->parameters + at, t->moment1 + at, t->moment2 + at, t->gradients + at, &adam,
                  rows);
  advance(&t->batch, (int64_t)rows, t->plan.parameters, CNN_STAGE_IDLE);
  return cnn_work_update((int64_t)rows) - cnn_work_update((int64_t)rows) / 2;
}

int64_t cnn_batch_unit(cnn_status *status, cnn_trainer *t) {
  switch (t->batch.stage) {
  case CNN_STAGE_FORWARD:
    return unit_forward(t);
  case CNN_STAGE_HEAD:
    return unit_head(t);
  case CNN_STAGE_LOSS:
    return unit_loss(status, t);
  case CNN_STAGE_HEAD_BACKWARD:
    return unit_head_backward(t);
  case CNN_STAGE_BACKWARD:
    return unit_backward(t);
  case CNN_STAGE_CHECK:
    return unit_check(status, t);
  case CNN_STAGE_UPDATE:
    return unit_update(t);
  case CNN_STAGE_IDLE:
    break;
  }
  return 0;
}
