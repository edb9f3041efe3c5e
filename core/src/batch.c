/* One batch, forward and (when learning) backward and update, cut into units, so that the caller
 * can stop anywhere within it. This file knows the order of the stages; stages.h says who does
 * them. */
#include "stages.h"

int32_t cnn_batch_size(const cnn_trainer *t, int32_t first, int32_t count) {
  const int32_t left = count - first;
  return left < t->config.batch ? left : t->config.batch;
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
  for (int32_t b = 0; b < t->network.block_count; b++) {
    const cnn_network_block *block = &t->network.blocks[b];
    cnn_conv_pack(t->blocks[b].panels, t->parameters + block->kernel, t->parameters + block->bias,
                  block->conv);
    if (learn && b > 0) {
      cnn_conv_turn(t->blocks[b].turned, t->parameters + block->kernel, block->conv);
    }
  }
  cnn_begin_norms(t);
  cnn_begin_dense(t);
}

static void enter(cnn_trainer *t, cnn_stage stage, int32_t block) {
  t->batch.stage = stage;
  t->batch.block = block;
  t->batch.at = 0;
}

static void enter_after_block(cnn_trainer *t) {
  const int32_t next = t->batch.block + 1;
  if (next < t->network.block_count) {
    enter(t, CNN_STAGE_FORWARD, next);
  } else {
    enter(t, t->network.hidden != 0 ? CNN_STAGE_HIDDEN : CNN_STAGE_OUTPUT, 0);
  }
}

/* Backward through block b, or on to the update below the first one. */
static void enter_backward(cnn_trainer *t, int32_t b) {
  if (b >= 0) {
    enter(t, cnn_norms_by_batch(t, b) ? CNN_STAGE_NORM_BACKWARD : CNN_STAGE_BACKWARD, b);
  } else {
    cnn_begin_step(t);
    enter(t, CNN_STAGE_CHECK, 0);
  }
}

static void leave_forward_stage(cnn_trainer *t) {
  const int32_t block = t->batch.block;
  switch (t->batch.stage) {
  case CNN_STAGE_NORM_MEAN:
    cnn_finish_norm_mean(t);
    enter(t, CNN_STAGE_NORM_VARIANCE, block);
    break;
  case CNN_STAGE_NORM_VARIANCE:
    cnn_finish_norm_variance(t);
    enter(t, CNN_STAGE_NORM_APPLY, block);
    break;
  case CNN_STAGE_FORWARD:
    if (t->network.block_count > 0 && cnn_norms_by_batch(t, block)) {
      enter(t, CNN_STAGE_NORM_MEAN, block);
      break;
    }
    enter_after_block(t);
    break;
  default: /* CNN_STAGE_NORM_APPLY */
    enter_after_block(t);
    break;
  }
}

static void leave_backward_stage(cnn_trainer *t) {
  switch (t->batch.stage) {
  case CNN_STAGE_OUTPUT_BACKWARD:
    cnn_finish_output_backward(t);
    if (t->network.hidden != 0) {
      enter(t, CNN_STAGE_HIDDEN_BACKWARD, 0);
      break;
    }
    enter_backward(t, t->network.block_count - 1);
    break;
  case CNN_STAGE_NORM_BACKWARD:
    enter(t, CNN_STAGE_BACKWARD, t->batch.block);
    break;
  case CNN_STAGE_BACKWARD:
    cnn_finish_block_backward(t);
    enter_backward(t, t->batch.block - 1);
    break;
  default: /* CNN_STAGE_HIDDEN_BACKWARD */
    enter_backward(t, t->network.block_count - 1);
    break;
  }
}

/* From a stage that is done to the next one that this network and this batch need. */
static void leave_stage(cnn_status *status, cnn_trainer *t) {
  switch (t->batch.stage) {
  case CNN_STAGE_HIDDEN:
    cnn_finish_hidden(t);
    enter(t, CNN_STAGE_OUTPUT, 0);
    break;
  case CNN_STAGE_OUTPUT:
    enter(t, t->batch.labels == NULL ? CNN_STAGE_IDLE : CNN_STAGE_LOSS, 0);
    break;
  case CNN_STAGE_LOSS:
    if (t->batch.learn) {
      cnn_begin_backward(t);
    }
    enter(t, t->batch.learn ? CNN_STAGE_OUTPUT_BACKWARD : CNN_STAGE_IDLE, 0);
    break;
  case CNN_STAGE_CHECK:
    enter(t, cnn_finish_check(status, t) ? CNN_STAGE_UPDATE : CNN_STAGE_TRY, 0);
    break;
  case CNN_STAGE_TRY:
    enter(t, CNN_STAGE_UPDATE, 0);
    break;
  case CNN_STAGE_UPDATE:
    cnn_finish_update(t);
    enter(t, CNN_STAGE_IDLE, 0);
    break;
  case CNN_STAGE_OUTPUT_BACKWARD:
  case CNN_STAGE_HIDDEN_BACKWARD:
  case CNN_STAGE_NORM_BACKWARD:
  case CNN_STAGE_BACKWARD:
    leave_backward_stage(t);
    break;
  default:
    leave_forward_stage(t);
    break;
  }
}

/* Where the stage ends: images, inputs of a dense layer, or parameters. */
static int64_t stage_end(const cnn_trainer *t) {
  switch (t->batch.stage) {
  case CNN_STAGE_HIDDEN:
  case CNN_STAGE_HIDDEN_BACKWARD:
    return (int64_t)t->network.features;
  case CNN_STAGE_OUTPUT:
  case CNN_STAGE_OUTPUT_BACKWARD:
    return (int64_t)t->network.dense_inputs;
  case CNN_STAGE_CHECK:
  case CNN_STAGE_TRY:
  case CNN_STAGE_UPDATE:
    return t->network.parameters;
  default:
    return t->batch.count;
  }
}

static int64_t unit(cnn_status *status, cnn_trainer *t) {
  switch (t->batch.stage) {
  case CNN_STAGE_FORWARD:
    return cnn_unit_forward(t);
  case CNN_STAGE_NORM_MEAN:
    return cnn_unit_norm_mean(t);
  case CNN_STAGE_NORM_VARIANCE:
    return cnn_unit_norm_variance(t);
  case CNN_STAGE_NORM_APPLY:
    return cnn_unit_norm_apply(t);
  case CNN_STAGE_HIDDEN:
    return cnn_unit_hidden(t);
  case CNN_STAGE_OUTPUT:
    return cnn_unit_output(t);
  case CNN_STAGE_LOSS:
    return cnn_unit_loss(status, t);
  case CNN_STAGE_OUTPUT_BACKWARD:
    return cnn_unit_output_backward(t);
  case CNN_STAGE_HIDDEN_BACKWARD:
    return cnn_unit_hidden_backward(t);
  case CNN_STAGE_NORM_BACKWARD:
    return cnn_unit_norm_backward(t);
  case CNN_STAGE_BACKWARD:
    return cnn_unit_backward(t);
  case CNN_STAGE_CHECK:
    return cnn_unit_check(status, t);
  case CNN_STAGE_TRY:
    return cnn_unit_try(status, t);
  case CNN_STAGE_UPDATE:
    return cnn_unit_update(t);
  case CNN_STAGE_IDLE:
    break;
  }
  return 0;
}

int64_t cnn_batch_unit(cnn_status *status, cnn_trainer *t) {
  if (t->batch.stage == CNN_STAGE_IDLE) {
    return 0;
  }
  const int64_t work = unit(status, t);
  if (*status == CNN_OK && t->batch.at >= stage_end(t)) {
    leave_stage(status, t);
  }
  if (*status != CNN_OK) {
    enter(t, CNN_STAGE_IDLE, 0);
  }
  return work;
}

cnn_status cnn_batch_finish(cnn_trainer *t) {
  cnn_status status = CNN_OK;
  while (t->batch.stage != CNN_STAGE_IDLE && status == CNN_OK) {
    (void)cnn_batch_unit(&status, t);
  }
  return status;
}
