/* Checks a configuration and plans its memory and work. Counts are 64-bit, because a plan may be
 * far larger than a 32-bit address space and the page wants to say so rather than fail. */
#include <stddef.h>

#include "augment.h"
#include "dense.h"
#include "fields.h"
#include "simd.h"
#include "stages.h"

enum { MAX_IMAGES = 1000000, ALIGNMENT = 16 };

static cnn_status fail(const char **field, const char *name, cnn_status status) {
  if (field != NULL) {
    *field = name;
  }
  return status;
}

/* Values inside a field's range that stand for nothing. */
static const char *field_without_meaning(const cnn_config *c) {
  static const char *const kernels[] = {"kernel", "kernel2", "kernel3", "kernel4"};
  if (c->channels == 2) {
    return "channels";
  }
  for (int32_t b = 0; b < CNN_MAX_BLOCKS; b++) {
    if (cnn_config_block(c, b).kernel == 4) {
      return kernels[b];
    }
  }
  return NULL;
}

cnn_status cnn_config_check(const char **field, const cnn_config *config) {
  if (config == NULL) {
    return fail(field, "config", CNN_ERROR_ARGUMENT);
  }
  const char *wrong = cnn_config_field_outside(config);
  wrong = wrong == NULL ? field_without_meaning(config) : wrong;
  if (wrong != NULL) {
    return fail(field, wrong, CNN_ERROR_CONFIG);
  }
  if (config->output == CNN_OUTPUT_SIGMOID && config->classes != 2) {
    return fail(field, "output", CNN_ERROR_OUTPUT);
  }
  if (config->blocks == 0 && config->head != CNN_HEAD_FLATTEN) {
    return fail(field, "head", CNN_ERROR_CONFIG);
  }
  cnn_network network;
  if (!cnn_network_of(&network, &wrong, config)) {
    return fail(field, wrong, CNN_ERROR_CONFIG);
  }
  return CNN_OK;
}

static int64_t conv_macs(const cnn_network *n) {
  int64_t macs = 0;
  for (int32_t b = 0; b < n->block_count; b++) {
    macs += cnn_block_macs(&n->blocks[b]);
  }
  return macs;
}

static cnn_plan plan_of(const cnn_network *n) {
  const size_t first_side = n->block_count > 0 ? n->blocks[0].conv.conv_side : n->map_side;
  const cnn_plan plan = {.conv_side = (int32_t)first_side,
                         .pool_side = (int32_t)n->map_side,
                         .features = (int32_t)n->features,
                         .outputs = (int32_t)n->outputs,
                         .conv_parameters = n->conv_parameters,
                         .head_parameters = n->parameters - n->conv_parameters,
                         .parameters = n->parameters,
                         .statistics = n->statistics,
                         .conv_macs = conv_macs(n),
                         .head_macs = (int64_t)(n->features * n->hidden) +
                                      (int64_t)(n->dense_inputs * n->outputs)};
  return plan;
}

cnn_status cnn_config_plan(cnn_plan *plan, const cnn_config *config, int32_t train_count,
                           int32_t validation_count) {
  if (plan == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  const cnn_status status = cnn_config_check(NULL, config);
  if (status != CNN_OK) {
    return status;
  }
  if (train_count < 1 || validation_count < 1) {
    return CNN_ERROR_EMPTY;
  }
  if (train_count > MAX_IMAGES || validation_count > MAX_IMAGES) {
    return CNN_ERROR_ARGUMENT;
  }
  cnn_trainer counted = {.config = *config};
  const char *field = NULL;
  (void)cnn_network_of(&counted.network, &field, config);
  counted.train.count = train_count;
  counted.validation.count = validation_count;
  *plan = plan_of(&counted.network);
  plan->epoch_work = cnn_work_of_epoch(&counted);
  plan->bytes = cnn_trainer_layout(&counted, NULL);
  return CNN_OK;
}

/* ---- Layout ---------------------------------------------------------------------------------- */

/* The block that is handed out, or only counted (base NULL). */
typedef struct {
  unsigned char *base;
  int64_t used;
} arena;

/* Next `count` items of `size` bytes in the block, with a readable tail. */
static void *take(arena *a, int64_t count, size_t size) {
  void *at = a->base == NULL ? NULL : a->base + a->used;
  const int64_t bytes = count * (int64_t)size + CNN_PAD_FLOATS * (int64_t)sizeof(float);
  a->used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return at;
}

static float *take_floats(arena *a, int64_t count) {
  return take(a, count, sizeof(float));
}

static double *take_doubles(arena *a, int64_t count) {
  return take(a, count, sizeof(double));
}

/* What only some networks have: NULL without `wanted`. */
static float *take_floats_if(arena *a, int wanted, int64_t count) {
  return wanted ? take_floats(a, count) : NULL;
}

static void layout_block(arena *a, cnn_block_state *state, const cnn_network_block *block,
                         int64_t batch, int is_first) {
  const cnn_conv_shape shape = block->conv;
  const int64_t filters = (int64_t)shape.filters;
  const int has_norm = block->norm != CNN_NORM_NONE;
  state->panels = take_floats(a, (int64_t)cnn_conv_panel_floats(shape));
  state->turned = take_floats_if(a, !is_first, (int64_t)cnn_conv_turned_floats(shape));
  state->image = take_floats(a, (int64_t)cnn_conv_image_floats(shape));
  state->map = take_floats(a, batch * (int64_t)block->map_floats);
  state->winner = take(a, batch * (int64_t)block->winner_bytes, 1);
  state->z = take_floats_if(a, has_norm, batch * (int64_t)block->positions * filters);
  if (has_norm) {
    state->mean = take_floats(a, filters);
    state->scale = take_floats(a, filters);
    state->batch_mean = take_doubles(a, filters);
    state->batch_variance = take_doubles(a, filters);
    state->dgamma = take_doubles(a, filters);
    state->dbeta = take_doubles(a, filters);
  }
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static void layout_scratch(arena *a, cnn_trainer *t) {
  const cnn_network *n = &t->network;
  size_t maps = 0, image = 0, sums = 0, list = 0;
  size_t work = larger(cnn_dense_work_floats(n->outputs),
                       n->hidden != 0 ? cnn_dense_work_floats(n->hidden) : 0);
  for (int32_t b = 0; b < n->block_count; b++) {
    const cnn_conv_shape shape = n->blocks[b].conv;
    maps = larger(maps, shape.fused ? 0 : n->blocks[b].positions * shape.filters);
    image = larger(image, b > 0 ? cnn_conv_image_floats(shape) : 0);
    sums = larger(sums, cnn_conv_sum_floats(shape));
    list = larger(list, cnn_conv_list_bytes(shape));
    work = larger(work, cnn_conv_work_floats(shape));
  }
  t->maps = take_floats(a, (int64_t)maps);
  t->dimage = take_floats(a, (int64_t)image);
  t->sums = take_floats(a, (int64_t)sums);
  t->work = take_floats(a, (int64_t)work);
  t->list = take(a, (int64_t)list, 1);
}

static void layout_head(arena *a, cnn_trainer *t) {
  const cnn_network *n = &t->network;
  const int64_t batch = t->config.batch;
  const int64_t channels = (int64_t)n->map_channels;
  const int64_t cells = (int64_t)(n->map_side * n->map_side);
  const int is_map = n->head == CNN_HEAD_FLATTEN && n->block_count > 0;
  const int attends = n->head == CNN_HEAD_ATTENTION;
  t->features =
      is_map ? t->blocks[n->block_count - 1].map : take_floats(a, batch * (int64_t)n->features);
  t->place = n->head == CNN_HEAD_GLOBAL_MAX ? take(a, batch * channels, sizeof(int32_t)) : NULL;
  t->attention = take_floats_if(a, attends, batch * cells);
  t->attended = take_floats_if(a, attends, batch * channels);
  t->dquery = attends ? take_doubles(a, channels) : NULL;
  t->hidden = take_floats_if(a, n->hidden != 0, batch * (int64_t)n->hidden);
  t->dhidden = take_floats_if(a, n->hidden != 0, batch * (int64_t)n->hidden);
  t->logits = take_floats(a, batch * (int64_t)n->outputs);
  t->dlogits = take_floats(a, batch * (int64_t)n->outputs);
}

int64_t cnn_trainer_layout(cnn_trainer *t, void *block) {
  const cnn_config *c = &t->config;
  const cnn_network *n = &t->network;
  const int64_t pixels = (int64_t)cnn_values_per_image(c);
  arena a = {block, 0};
  (void)take(&a, 1, sizeof(cnn_trainer));
  t->parameters = take_floats(&a, n->parameters);
  t->gradients = take_floats(&a, n->parameters);
  t->moment1 = take_floats(&a, n->parameters);
  t->moment2 = take_floats(&a, n->parameters);
  t->statistics = take_floats(&a, n->statistics);
  t->best = take_floats_if(&a, c->patience > 0, n->parameters + n->statistics);
  t->order = take(&a, t->train.count, sizeof(int32_t));
  for (int32_t b = 0; b < n->block_count; b++) {
    layout_block(&a, &t->blocks[b], &n->blocks[b], c->batch, b == 0);
  }
  t->augmented = cnn_augments(c) ? take(&a, c->batch * pixels, 1) : NULL;
  t->probe = take(&a, pixels, 1);
  layout_head(&a, t);
  layout_scratch(&a, t);
  return a.used;
}
