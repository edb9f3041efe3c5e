/* The weight update, one block of parameters a unit: first everything that could make it fail, then
 * the update, so that a run that stops keeps its last finite weights. */
#include <string.h>

#include "norm.h"
#include "stages.h"

/* Block b's moving averages after this batch, into two arrays [F]. */
static void moved_statistics(float *mean, float *variance, const cnn_trainer *t, int32_t b) {
  const cnn_network_block *block = &t->network.blocks[b];
  const size_t filters = block->conv.filters;
  memcpy(mean, t->statistics + block->moving_mean, filters * sizeof *mean);
  memcpy(variance, t->statistics + block->moving_variance, filters * sizeof *variance);
  cnn_batch_norm_move(mean, variance, t->blocks[b].batch_mean, t->blocks[b].batch_variance,
                      filters);
}

/* Whether the moving averages stay finite. */
static int statistics_hold(const cnn_trainer *t) {
  float mean[CNN_NORM_FILTERS], variance[CNN_NORM_FILTERS];
  float sum = 0.0f;
  for (int32_t b = 0; b < t->network.block_count; b++) {
    if (t->network.blocks[b].norm != CNN_NORM_BATCH) {
      continue;
    }
    moved_statistics(mean, variance, t, b);
    for (size_t f = 0; f < t->network.blocks[b].conv.filters; f++) {
      sum += (mean[f] - mean[f]) + (variance[f] - variance[f]);
    }
  }
  return sum == 0.0f;
}

static void move_statistics(cnn_trainer *t) {
  for (int32_t b = 0; b < t->network.block_count; b++) {
    const cnn_network_block *block = &t->network.blocks[b];
    if (block->norm == CNN_NORM_BATCH) {
      cnn_batch_norm_move(t->statistics + block->moving_mean,
                          t->statistics + block->moving_variance, t->blocks[b].batch_mean,
                          t->blocks[b].batch_variance, block->conv.filters);
    }
  }
}

void cnn_begin_step(cnn_trainer *t) {
  t->batch.kernel_squares = 0.0;
  t->batch.gradient_squares = 0.0;
  t->batch.tame = 1;
}

/* L2 for the part of a kernel [kernel, end) that lies in [first, last). */
static void add_l2(cnn_trainer *t, int64_t kernel, int64_t end, int64_t first, int64_t last) {
  const int64_t from = kernel > first ? kernel : first;
  const int64_t to = end < last ? end : last;
  if (from < to) {
    t->batch.kernel_squares +=
        cnn_l2_add(t->gradients + from, t->parameters + from, t->config.l2, (size_t)(to - from));
  }
}

/* Every kernel ends where its bias starts. */
static void add_penalty(cnn_trainer *t, int64_t first, int64_t last) {
  const cnn_network *n = &t->network;
  for (int32_t b = 0; b < n->block_count; b++) {
    add_l2(t, n->blocks[b].kernel, n->blocks[b].bias, first, last);
  }
  if (n->hidden != 0) {
    add_l2(t, n->hidden_kernel, n->hidden_bias, first, last);
  }
  add_l2(t, n->dense_kernel, n->dense_bias, first, last);
}

static int64_t parameter_work(const cnn_trainer *t, size_t rows) {
  return (int64_t)rows * cnn_work_of(t, t->batch.stage, 0, 1);
}

int64_t cnn_unit_check(cnn_status *status, cnn_trainer *t) {
  cnn_batch *b = &t->batch;
  const int64_t at = b->at;
  const size_t rows = cnn_unit_rows(at, (size_t)t->network.parameters, CNN_UPDATE_ROWS);
  const float *g = t->gradients + at;
  if (t->config.l2 > 0.0) {
    add_penalty(t, at, at + (int64_t)rows);
  }
  if (t->config.clip_norm > 0.0) {
    b->gradient_squares += cnn_square_sum(g, rows);
  }
  b->tame = b->tame && cnn_gradients_are_tame(g, rows);
  b->at += (int64_t)rows;
  *status = b->gradient_squares - b->gradient_squares == 0.0 ? CNN_OK : CNN_ERROR_NOT_FINITE;
  return parameter_work(t, rows);
}

int cnn_finish_check(cnn_status *status, cnn_trainer *t) {
  cnn_batch *b = &t->batch;
  const cnn_config *c = &t->config;
  if (!statistics_hold(t)) {
    *status = CNN_ERROR_NOT_FINITE;
    return 0;
  }
  const int64_t updates = ((int64_t)t->train.count + c->batch - 1) / c->batch;
  const double rate = cnn_learning_rate(c, (int64_t)t->progress.step + 1, updates);
  b->beta1_power = t->beta1_power * c->beta1;
  b->beta2_power = t->beta2_power * c->beta2;
  b->update = cnn_update_at(c, rate, b->beta1_power, b->beta2_power,
                            cnn_clip_scale(b->gradient_squares, c->clip_norm));
  b->restart_bound = !(t->bound_known && b->tame && cnn_bound_holds(&t->bound, &b->update));
  return !b->restart_bound;
}

int64_t cnn_unit_try(cnn_status *status, cnn_trainer *t) {
  const int64_t at = t->batch.at;
  const size_t rows = cnn_unit_rows(at, (size_t)t->network.parameters, CNN_UPDATE_ROWS);
  if (!cnn_update_stays_finite(t->parameters + at, t->moment1 + at, t->moment2 + at,
                               t->gradients + at, &t->batch.update, rows)) {
    *status = CNN_ERROR_NOT_FINITE;
  }
  t->batch.at += (int64_t)rows;
  return parameter_work(t, rows);
}

int64_t cnn_unit_update(cnn_trainer *t) {
  const int64_t at = t->batch.at;
  const size_t rows = cnn_unit_rows(at, (size_t)t->network.parameters, CNN_UPDATE_ROWS);
  cnn_update_apply(t->parameters + at, t->moment1 + at, t->moment2 + at, t->gradients + at,
                   &t->batch.update, rows);
  if (t->batch.restart_bound) {
    const cnn_bound bound = cnn_bound_of(t->parameters + at, t->moment1 + at, rows);
    t->bound.weight = at > 0 && t->bound.weight > bound.weight ? t->bound.weight : bound.weight;
    t->bound.moment = at > 0 && t->bound.moment > bound.moment ? t->bound.moment : bound.moment;
  }
  t->batch.at += (int64_t)rows;
  return parameter_work(t, rows);
}

void cnn_finish_update(cnn_trainer *t) {
  t->beta1_power = t->batch.beta1_power;
  t->beta2_power = t->batch.beta2_power;
  t->bound_known = 1;
  move_statistics(t);
}
