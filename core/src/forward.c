/* Forward through the blocks and the head, one image a unit. Batch norm in training needs all
 * images' convolutions before the first normalised value, hence its three passes. */
#include <string.h>

#include "augment.h"
#include "head.h"
#include "norm.h"
#include "stages.h"

/* Pixels of image i: in training with augmentation the changed copy, which the forward pass made.
 */
static const uint8_t *pixels_of(const cnn_trainer *t, int64_t i) {
  const size_t values = cnn_values_per_image(&t->config);
  if (t->batch.learn && t->augmented != NULL) {
    return t->augmented + (size_t)i * values;
  }
  return t->batch.pixels + cnn_batch_index(&t->batch, i) * values;
}

static void augment(cnn_trainer *t, int64_t i) {
  const size_t values = cnn_values_per_image(&t->config);
  const size_t index = cnn_batch_index(&t->batch, i);
  if (t->batch.learn && t->augmented != NULL) {
    cnn_augment(t->augmented + (size_t)i * values, t->batch.pixels + index * values, &t->config,
                t->progress.step, (int32_t)index);
  }
}

const float *cnn_batch_input(cnn_trainer *t, int32_t b, int64_t i) {
  const cnn_conv_shape shape = t->network.blocks[b].conv;
  float *image = t->blocks[b].image;
  if (b == 0) {
    cnn_conv_widen(image, pixels_of(t, i), t->scaling, shape);
  } else {
    const size_t floats = t->network.blocks[b - 1].map_floats;
    cnn_conv_frame(image, t->blocks[b - 1].map + (size_t)i * floats, shape);
  }
  return image;
}

void cnn_batch_normalise(float *y, const cnn_trainer *t, int32_t b, const float *z) {
  const cnn_network_block *block = &t->network.blocks[b];
  const size_t filters = block->conv.filters;
  const float *gamma = t->parameters + block->gamma;
  const float *beta = t->parameters + block->beta;
  if (block->norm == CNN_NORM_BATCH) {
    cnn_batch_norm_apply(y, z, t->blocks[b].mean, t->blocks[b].scale, gamma, beta, block->positions,
                         filters);
  } else if (block->norm == CNN_NORM_LAYER) {
    cnn_layer_norm(y, z, gamma, beta, block->positions, filters);
  } else if (y != z) {
    memcpy(y, z, block->positions * filters * sizeof(float));
  }
}

/* Map of image i -> its features, where they are not the map or the pixels themselves. */
static void head(cnn_trainer *t, size_t i) {
  if (t->network.head == CNN_HEAD_FLATTEN) {
    return;
  }
  const cnn_network *n = &t->network;
  const size_t cells = n->map_side * n->map_side;
  const size_t filters = n->map_channels;
  float *features = t->features + i * n->features;
  const float *map = t->blocks[n->block_count - 1].map + i * cells * filters;
  switch (n->head) {
  case CNN_HEAD_GLOBAL_MAX:
    cnn_global_max(features, t->place + i * filters, map, cells, filters);
    break;
  case CNN_HEAD_GLOBAL_AVERAGE:
    cnn_global_average(features, map, n->map_side, filters);
    break;
  case CNN_HEAD_GRID:
    cnn_grid_average(features, map, n->grid, n->map_side, filters);
    break;
  case CNN_HEAD_ATTENTION:
    cnn_attention(features, t->attention + i * cells, map, t->parameters + n->query, cells,
                  filters);
    memcpy(t->attended + i * filters, features, filters * sizeof(float));
    break;
  default:
    break;
  }
}

/* After the last block: head, and dropout where no hidden layer follows. */
static void finish_image(cnn_trainer *t, size_t i) {
  const cnn_network *n = &t->network;
  head(t, i);
  if (t->batch.learn && t->config.dropout > 0.0 && n->hidden == 0) {
    cnn_dropout(t->features + i * n->features, t->config.dropout, t->config.seed, t->progress.step,
                (int32_t)cnn_batch_index(&t->batch, (int64_t)i), 0, n->features);
  }
}

/* Norm, ReLU and pool of image i from its z; then the head if this was the last block. */
static void activate(cnn_trainer *t, int32_t b, size_t i, const float *z) {
  const cnn_network_block *block = &t->network.blocks[b];
  const float *y = z;
  if (block->norm != CNN_NORM_NONE) {
    cnn_batch_normalise(t->maps, t, b, z);
    y = t->maps;
  }
  cnn_activate_pool(t->blocks[b].map + i * block->map_floats,
                    t->blocks[b].winner + i * block->winner_bytes, y, block->conv.pool,
                    block->conv.conv_side, block->conv.filters);
  if (b + 1 == t->network.block_count) {
    finish_image(t, i);
  }
}

static float *z_of(const cnn_trainer *t, int32_t b, size_t i) {
  const cnn_network_block *block = &t->network.blocks[b];
  return t->blocks[b].z == NULL ? t->maps
                                : t->blocks[b].z + i * block->positions * block->conv.filters;
}

static void forward_pixels(cnn_trainer *t, size_t i) {
  const size_t values = cnn_values_per_image(&t->config);
  const uint8_t *pixels = pixels_of(t, (int64_t)i);
  float *features = t->features + i * values;
  for (size_t j = 0; j < values; j++) {
    features[j] = t->scaling[pixels[j]];
  }
  finish_image(t, i);
}

static void forward_block(cnn_trainer *t, int32_t b, size_t i) {
  const cnn_network_block *block = &t->network.blocks[b];
  const cnn_block_state *state = &t->blocks[b];
  const float *image = cnn_batch_input(t, b, (int64_t)i);
  if (block->conv.fused) {
    cnn_conv_forward(state->map + i * block->map_floats, state->winner + i * block->winner_bytes,
                     image, state->panels, t->work, block->conv);
    if (b + 1 == t->network.block_count) {
      finish_image(t, i);
    }
    return;
  }
  float *z = z_of(t, b, i);
  cnn_conv_linear(z, image, state->panels, block->conv);
  if (!cnn_norms_by_batch(t, b)) {
    activate(t, b, i, z);
  }
}

int64_t cnn_unit_forward(cnn_trainer *t) {
  const int32_t b = t->batch.block;
  const int64_t i = t->batch.at++;
  if (b == 0) {
    augment(t, i);
  }
  if (t->network.block_count == 0) {
    forward_pixels(t, (size_t)i);
  } else {
    forward_block(t, b, (size_t)i);
  }
  return cnn_work_of(t, CNN_STAGE_FORWARD, b, t->batch.learn);
}

/* ---- Batch norm ------------------------------------------------------------------------------ */

void cnn_begin_norms(cnn_trainer *t) {
  for (int32_t b = 0; b < t->network.block_count; b++) {
    const cnn_network_block *block = &t->network.blocks[b];
    const cnn_block_state *state = &t->blocks[b];
    const size_t filters = block->conv.filters;
    if (block->norm != CNN_NORM_BATCH) {
      continue;
    }
    if (t->batch.learn) {
      memset(state->batch_mean, 0, filters * sizeof(double));
      memset(state->batch_variance, 0, filters * sizeof(double));
      continue;
    }
    for (size_t f = 0; f < filters; f++) {
      state->mean[f] = t->statistics[block->moving_mean + (int64_t)f];
      state->batch_variance[f] = (double)t->statistics[block->moving_variance + (int64_t)f];
    }
    cnn_batch_norm_scale(state->scale, state->batch_variance, filters);
  }
}

static double values_per_filter(const cnn_trainer *t) {
  return (double)t->batch.count * (double)t->network.blocks[t->batch.block].positions;
}

int64_t cnn_unit_norm_mean(cnn_trainer *t) {
  const int32_t b = t->batch.block;
  const cnn_network_block *block = &t->network.blocks[b];
  const size_t i = (size_t)t->batch.at++;
  cnn_batch_norm_add_sum(t->blocks[b].batch_mean, z_of(t, b, i), block->positions,
                         block->conv.filters);
  return cnn_work_of(t, CNN_STAGE_NORM_MEAN, b, 1);
}

void cnn_finish_norm_mean(cnn_trainer *t) {
  const cnn_block_state *state = &t->blocks[t->batch.block];
  const size_t filters = t->network.blocks[t->batch.block].conv.filters;
  for (size_t f = 0; f < filters; f++) {
    state->batch_mean[f] /= values_per_filter(t);
    state->mean[f] = (float)state->batch_mean[f];
  }
}

int64_t cnn_unit_norm_variance(cnn_trainer *t) {
  const int32_t b = t->batch.block;
  const cnn_network_block *block = &t->network.blocks[b];
  const size_t i = (size_t)t->batch.at++;
  cnn_batch_norm_add_square(t->blocks[b].batch_variance, z_of(t, b, i), t->blocks[b].batch_mean,
                            block->positions, block->conv.filters);
  return cnn_work_of(t, CNN_STAGE_NORM_VARIANCE, b, 1);
}

void cnn_finish_norm_variance(cnn_trainer *t) {
  const cnn_block_state *state = &t->blocks[t->batch.block];
  const size_t filters = t->network.blocks[t->batch.block].conv.filters;
  for (size_t f = 0; f < filters; f++) {
    state->batch_variance[f] /= values_per_filter(t);
  }
  cnn_batch_norm_scale(state->scale, state->batch_variance, filters);
}

int64_t cnn_unit_norm_apply(cnn_trainer *t) {
  const int32_t b = t->batch.block;
  const size_t i = (size_t)t->batch.at++;
  activate(t, b, i, z_of(t, b, i));
  return cnn_work_of(t, CNN_STAGE_NORM_APPLY, b, 1);
}
