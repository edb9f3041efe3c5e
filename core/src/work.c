/* What a unit of work costs, for budgets and for the plan's epoch_work: multiply-adds of the direct
 * convolution, and everything else in as many of them as take the same time. */
#include "augment.h"
#include "stages.h"

/* What one value costs: of a map when it is written or visited, in a pass over a map, in dropout;
 * of a pixel when it is scaled, moved, made noisy. */
enum {
  COST_OF_UNIT = 6,
  COST_OF_PASS = 6,
  COST_OF_DROPPED = 12,
  COST_OF_PIXEL = 5,
  COST_OF_MOVED = 8,
  COST_OF_NOISY = 44
};

static int64_t values_of(const cnn_network_block *b) {
  return (int64_t)(b->positions * b->conv.filters);
}

static int64_t forward_of(const cnn_network_block *b, int by_batch) {
  const int64_t macs = b->conv.winograd ? cnn_block_macs(b) / 2 : cnn_block_macs(b);
  int64_t passes = b->conv.fused || by_batch ? 0 : 1;
  passes += b->norm == CNN_NORM_LAYER ? 2 : b->norm == CNN_NORM_BATCH && !by_batch ? 1 : 0;
  return macs + values_of(b) * (COST_OF_UNIT + passes * COST_OF_PASS);
}

/* Both gradients visit what has a gradient: a quarter of the positions behind a max pool, about
 * half of the values behind ReLU alone, everything behind a norm, one value a filter in front of a
 * global maximum. */
static int64_t backward_of(const cnn_network_block *b, int32_t number, int is_sparse) {
  const int64_t macs = cnn_block_macs(b);
  int64_t weights = macs, input = macs / 2, passes = b->conv.fused ? 0 : 1;
  if (b->norm != CNN_NORM_NONE) {
    weights = 2 * macs;
    input = macs;
    passes += b->norm == CNN_NORM_LAYER ? 9 : 3;
  } else if (is_sparse) {
    weights = 0;
    input = 0;
  } else if (b->conv.pool == CNN_POOL_MAX2) {
    weights = macs / 3;
    input = macs / 4;
  }
  return weights + (number > 0 ? input : 0) + values_of(b) * (COST_OF_UNIT + passes * COST_OF_PASS);
}

/* Head and dropout of one image, either way. */
static int64_t head_of(const cnn_trainer *t, int learn) {
  const cnn_network *n = &t->network;
  const int64_t map = (int64_t)(n->map_side * n->map_side * n->map_channels);
  const int64_t head = n->head == CNN_HEAD_FLATTEN ? 0 : map * COST_OF_PASS / 2;
  const int64_t dropout = learn && t->config.dropout > 0.0 && n->hidden == 0
                              ? (int64_t)n->features * COST_OF_DROPPED
                              : 0;
  return head + dropout;
}

static int64_t input_of(const cnn_trainer *t, int learn) {
  const int64_t side = t->config.resolution;
  const int augments = learn && cnn_augments(&t->config);
  const int64_t change = !augments                     ? 0
                         : t->config.pixel_noise > 0.0 ? COST_OF_NOISY
                                                       : COST_OF_MOVED;
  return side * side * t->config.channels * (COST_OF_PIXEL + change);
}

/* The kernels compute whole vectors of 4 outputs. */
static int64_t outputs_of(size_t outputs) {
  return ((int64_t)outputs + 3) / 4 * 4;
}

static int64_t image_work(const cnn_trainer *t, cnn_stage stage, int32_t number, int learn) {
  const cnn_network *n = &t->network;
  if (n->block_count == 0) {
    return input_of(t, learn) + head_of(t, learn);
  }
  const cnn_network_block *b = &n->blocks[number];
  const int by_batch = learn && b->norm == CNN_NORM_BATCH;
  const int is_last = number + 1 == n->block_count;
  const int64_t head = is_last ? head_of(t, learn) : 0;
  switch (stage) {
  case CNN_STAGE_FORWARD:
    return forward_of(b, by_batch) + (number == 0 ? input_of(t, learn) : 0) + (by_batch ? 0 : head);
  case CNN_STAGE_NORM_APPLY:
    return COST_OF_PASS * values_of(b) + head;
  case CNN_STAGE_BACKWARD:
    return backward_of(b, number, is_last && n->head == CNN_HEAD_GLOBAL_MAX) +
           (by_batch ? 0 : head);
  case CNN_STAGE_NORM_BACKWARD:
    return COST_OF_PASS * values_of(b) * 6 + head;
  default: /* the mean, the variance */
    return COST_OF_PASS * values_of(b);
  }
}

int64_t cnn_work_of(const cnn_trainer *t, cnn_stage stage, int32_t block, int learn) {
  const cnn_network *n = &t->network;
  switch (stage) {
  case CNN_STAGE_HIDDEN:
    return outputs_of(n->hidden);
  case CNN_STAGE_OUTPUT:
    return outputs_of(n->outputs);
  case CNN_STAGE_HIDDEN_BACKWARD:
    return (n->block_count > 0 ? 2 : 1) * outputs_of(n->hidden); /* no dX for pixels */
  case CNN_STAGE_OUTPUT_BACKWARD:
    return (n->block_count > 0 || n->hidden != 0 ? 2 : 1) * outputs_of(n->outputs);
  case CNN_STAGE_CHECK:
    return 3;
  case CNN_STAGE_TRY:
  case CNN_STAGE_UPDATE:
    return 12; /* memory bound: seven streams of floats */
  default:
    return image_work(t, stage, block, learn);
  }
}

/* One image through a pass, forward and (when learning) backward. */
static int64_t work_of_pass(const cnn_trainer *t, int learn) {
  const cnn_network *n = &t->network;
  int64_t work = n->block_count == 0 ? cnn_work_of(t, CNN_STAGE_FORWARD, 0, learn) : 0;
  for (int32_t b = 0; b < n->block_count; b++) {
    work += cnn_work_of(t, CNN_STAGE_FORWARD, b, learn);
    work += learn ? cnn_work_of(t, CNN_STAGE_BACKWARD, b, 1) : 0;
    if (learn && n->blocks[b].norm == CNN_NORM_BATCH) {
      work += cnn_work_of(t, CNN_STAGE_NORM_MEAN, b, 1);
      work += cnn_work_of(t, CNN_STAGE_NORM_VARIANCE, b, 1);
      work += cnn_work_of(t, CNN_STAGE_NORM_APPLY, b, 1);
      work += cnn_work_of(t, CNN_STAGE_NORM_BACKWARD, b, 1);
    }
  }
  const int64_t features = n->hidden != 0 ? (int64_t)n->features : 0;
  const int64_t inputs = (int64_t)n->dense_inputs;
  work += features * cnn_work_of(t, CNN_STAGE_HIDDEN, 0, learn);
  work += inputs * cnn_work_of(t, CNN_STAGE_OUTPUT, 0, learn);
  if (learn) {
    work += features * cnn_work_of(t, CNN_STAGE_HIDDEN_BACKWARD, 0, 1);
    work += inputs * cnn_work_of(t, CNN_STAGE_OUTPUT_BACKWARD, 0, 1);
  }
  return work;
}

int64_t cnn_work_of_epoch(const cnn_trainer *t) {
  const int64_t train = t->train.count;
  const int64_t updates = (train + t->config.batch - 1) / t->config.batch;
  const int64_t update =
      cnn_work_of(t, CNN_STAGE_CHECK, 0, 1) + cnn_work_of(t, CNN_STAGE_UPDATE, 0, 1);
  return train * work_of_pass(t, 1) + (train + t->validation.count) * work_of_pass(t, 0) +
         updates * update * t->network.parameters;
}
