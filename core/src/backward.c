/* Backward through the head and the blocks, one image a unit. A block's map holds its values until
 * the block after it has used them for its own weight gradient, and its gradient from then on. */
#include <string.h>

#include "augment.h"
#include "head.h"
#include "norm.h"
#include "stages.h"

void cnn_begin_backward(cnn_trainer *t) {
  const cnn_network *n = &t->network;
  memset(t->gradients, 0, (size_t)n->conv_parameters * sizeof(float));
  for (int32_t b = 0; b < n->block_count; b++) {
    if (n->blocks[b].norm != CNN_NORM_NONE) {
      memset(t->blocks[b].dgamma, 0, n->blocks[b].conv.filters * sizeof(double));
      memset(t->blocks[b].dbeta, 0, n->blocks[b].conv.filters * sizeof(double));
    }
  }
  if (n->head == CNN_HEAD_ATTENTION) {
    memset(t->dquery, 0, n->map_channels * sizeof(double));
  }
}

/* Gradient of image i's features -> of the last map. */
static void head_gradient(cnn_trainer *t, size_t i) {
  const cnn_network *n = &t->network;
  const size_t cells = n->map_side * n->map_side;
  const size_t filters = n->map_channels;
  float *features = t->features + i * n->features;
  float *map = t->blocks[n->block_count - 1].map + i * cells * filters;
  if (t->config.dropout > 0.0 && n->hidden == 0) {
    cnn_dropout(features, t->config.dropout, t->config.seed, t->progress.step,
                (int32_t)cnn_batch_index(&t->batch, (int64_t)i), 0, n->features);
  }
  switch (n->head) {
  case CNN_HEAD_GLOBAL_MAX:
    cnn_global_max_gradient(map, features, t->place + i * filters, cells, filters);
    break;
  case CNN_HEAD_GLOBAL_AVERAGE:
    cnn_global_average_gradient(map, features, cells, filters);
    break;
  case CNN_HEAD_GRID:
    cnn_grid_average_gradient(map, features, n->grid, n->map_side, filters);
    break;
  case CNN_HEAD_ATTENTION:
    cnn_attention_gradient(map, t->dquery, features, map, t->attention + i * cells,
                           t->attended + i * filters, t->parameters + n->query, cells, filters);
    break;
  default:
    break;
  }
}

/* Gradient of image i's map -> of what went into ReLU, in t->maps. */
static void unpool(cnn_trainer *t, int32_t b, size_t i) {
  const cnn_network_block *block = &t->network.blocks[b];
  cnn_activate_pool_gradient(t->maps, t->blocks[b].map + i * block->map_floats,
                             t->blocks[b].winner + i * block->winner_bytes, block->conv.pool,
                             block->conv.conv_side, block->conv.filters);
}

static const float *z_of(const cnn_trainer *t, int32_t b, size_t i) {
  const cnn_network_block *block = &t->network.blocks[b];
  return t->blocks[b].z + i * block->positions * block->conv.filters;
}

int64_t cnn_unit_norm_backward(cnn_trainer *t) {
  const int32_t b = t->batch.block;
  const cnn_network_block *block = &t->network.blocks[b];
  const cnn_block_state *state = &t->blocks[b];
  const size_t i = (size_t)t->batch.at++;
  if (b + 1 == t->network.block_count) {
    head_gradient(t, i);
  }
  unpool(t, b, i);
  cnn_batch_norm_add_gradient(state->dgamma, state->dbeta, t->maps, z_of(t, b, i), state->mean,
                              state->scale, block->positions, block->conv.filters);
  return cnn_work_of(t, CNN_STAGE_NORM_BACKWARD, b, 1);
}

/* t->maps: gradient of the norm's output -> of its input. */
static void norm_gradient(cnn_trainer *t, int32_t b, size_t i) {
  const cnn_network_block *block = &t->network.blocks[b];
  const cnn_block_state *state = &t->blocks[b];
  const float *gamma = t->parameters + block->gamma;
  const size_t filters = block->conv.filters;
  if (block->norm == CNN_NORM_BATCH) {
    const double count = (double)t->batch.count * (double)block->positions;
    cnn_batch_norm_gradient(t->maps, t->maps, z_of(t, b, i), state->mean, state->scale, gamma,
                            state->dgamma, state->dbeta, count, block->positions, filters);
  } else if (block->norm == CNN_NORM_LAYER) {
    cnn_layer_norm_gradient(t->maps, state->dgamma, state->dbeta, t->maps, z_of(t, b, i), gamma,
                            block->positions, filters);
  }
}

int64_t cnn_unit_backward(cnn_trainer *t) {
  const int32_t b = t->batch.block;
  const cnn_network_block *block = &t->network.blocks[b];
  const cnn_conv_shape shape = block->conv;
  const size_t i = (size_t)t->batch.at++;
  if (b + 1 == t->network.block_count && block->norm != CNN_NORM_BATCH) {
    head_gradient(t, i); /* with batch norm the pass before did it */
  }
  const float *gradient = t->blocks[b].map + i * block->map_floats;
  const uint8_t *winner = t->blocks[b].winner + i * block->winner_bytes;
  if (!shape.fused) {
    unpool(t, b, i);
    norm_gradient(t, b, i);
    gradient = t->maps;
    winner = NULL;
  }
  const float *image = cnn_batch_input(t, b, (int64_t)i);
  cnn_conv_weight_gradient(t->sums, gradient, winner, image, t->list, shape);
  cnn_conv_add_sums(t->gradients + block->kernel, t->gradients + block->bias, t->sums, shape);
  if (b > 0) {
    cnn_conv_input_gradient(t->dimage, gradient, winner, t->blocks[b].turned, shape);
    cnn_conv_unframe(t->blocks[b - 1].map + i * t->network.blocks[b - 1].map_floats, t->dimage,
                     shape);
  }
  return cnn_work_of(t, CNN_STAGE_BACKWARD, b, 1);
}

static void round_to_float(float *to, const double *from, size_t count) {
  for (size_t i = 0; i < count; i++) {
    to[i] = (float)from[i];
  }
}

void cnn_finish_block_backward(cnn_trainer *t) {
  const cnn_network *n = &t->network;
  const cnn_network_block *block = &n->blocks[t->batch.block];
  const cnn_block_state *state = &t->blocks[t->batch.block];
  if (block->norm != CNN_NORM_NONE) {
    round_to_float(t->gradients + block->gamma, state->dgamma, block->conv.filters);
    round_to_float(t->gradients + block->beta, state->dbeta, block->conv.filters);
  }
  if (n->head == CNN_HEAD_ATTENTION && t->batch.block + 1 == n->block_count) {
    round_to_float(t->gradients + n->query, t->dquery, n->map_channels);
  }
}
