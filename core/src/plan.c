/* Checks a configuration and plans its memory and work. Counts are 64-bit, because a plan may be
 * far larger than a 32-bit address space and the page wants to say so rather than fail. */
#include <stddef.h>

#include "fields.h"
#include "gemm.h"
#include "simd.h"
#include "trainer_state.h"

enum { MAX_IMAGES = 1000000, ALIGNMENT = 16 };

static cnn_status fail(const char **field, const char *name, cnn_status status) {
  if (field != NULL) {
    *field = name;
  }
  return status;
}

cnn_status cnn_config_check(const char **field, const cnn_config *config) {
  if (config == NULL) {
    return fail(field, "config", CNN_ERROR_ARGUMENT);
  }
  const char *outside = cnn_config_field_outside(config);
  if (outside != NULL) {
    return fail(field, outside, CNN_ERROR_CONFIG);
  }
  if (config->channels == 2) {
    return fail(field, "channels", CNN_ERROR_CONFIG);
  }
  if (config->output == CNN_OUTPUT_SIGMOID && config->classes != 2) {
    return fail(field, "output", CNN_ERROR_OUTPUT);
  }
  return CNN_OK;
}

cnn_conv_shape cnn_config_shape(const cnn_config *config) {
  return cnn_conv_shape_of((size_t)config->resolution, (size_t)config->channels,
                           (size_t)config->filters, config->padding == CNN_PADDING_SAME,
                           config->pool == CNN_POOL_MAX2);
}

int64_t cnn_work_forward(const cnn_plan *plan) {
  return plan->conv_macs;
}

/* Winners only: a quarter of the positions, at about half the speed of the forward kernel. */
int64_t cnn_work_backward(const cnn_plan *plan) {
  return plan->conv_macs / 2;
}

/* The micro-kernel computes whole panels of 8 outputs. */
int64_t cnn_work_head(const cnn_plan *plan, int64_t rows, int64_t images) {
  return images * rows * (((int64_t)plan->outputs + 7) / 8 * 8);
}

/* Memory bound: seven streams of floats, one square root and one division. */
int64_t cnn_work_update(int64_t parameters) {
  return 12 * parameters;
}

static void plan_network(cnn_plan *plan, const cnn_config *config) {
  const cnn_conv_shape shape = cnn_config_shape(config);
  const int64_t positions = (int64_t)shape.conv_side * (int64_t)shape.conv_side;
  const int64_t cells = (int64_t)shape.out_side * (int64_t)shape.out_side;
  const int64_t kernel = (int64_t)CNN_KERNEL_SIDE * CNN_KERNEL_SIDE * config->channels;
  plan->conv_side = (int32_t)shape.conv_side;
  plan->pool_side = (int32_t)shape.out_side;
  plan->features = config->filters * (config->head == CNN_HEAD_FLATTEN ? (int32_t)cells : 1);
  plan->outputs = config->output == CNN_OUTPUT_SIGMOID ? 1 : config->classes;
  plan->conv_parameters = (kernel + 1) * config->filters;
  plan->head_parameters = ((int64_t)plan->features + 1) * plan->outputs;
  plan->parameters = plan->conv_parameters + plan->head_parameters;
  plan->conv_macs = kernel * config->filters * positions;
  plan->head_macs = (int64_t)plan->features * plan->outputs;
}

static int64_t plan_epoch_work(const cnn_plan *plan, const cnn_config *config, int64_t train,
                               int64_t validation) {
  const int64_t updates = (train + config->batch - 1) / config->batch;
  const int64_t forward = cnn_work_forward(plan) + cnn_work_head(plan, plan->features, 1);
  const int64_t backward = cnn_work_backward(plan) + 2 * cnn_work_head(plan, plan->features, 1);
  return train * (forward + backward) + updates * cnn_work_update(plan->parameters) +
         (train + validation) * forward;
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
  cnn_trainer counted = {.config = *config, .shape = cnn_config_shape(config)};
  counted.train.count = train_count;
  plan_network(&counted.plan, config);
  counted.plan.epoch_work = plan_epoch_work(&counted.plan, config, train_count, validation_count);
  counted.plan.bytes = cnn_trainer_layout(&counted, NULL);
  *plan = counted.plan;
  return CNN_OK;
}

/* Next `count` items of `size` bytes in the block, with a readable tail. */
static void *take(int64_t *used, unsigned char *block, int64_t count, size_t size) {
  void *at = block == NULL ? NULL : block + *used;
  const int64_t bytes = count * (int64_t)size + CNN_PAD_FLOATS * (int64_t)sizeof(float);
  *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return at;
}

int64_t cnn_trainer_layout(cnn_trainer *t, void *block) {
  const int64_t batch = t->config.batch;
  const int64_t parameters = t->plan.parameters;
  const int64_t cells = (int64_t)t->shape.out_side * (int64_t)t->shape.out_side;
  const int64_t units = batch * cells * t->config.filters;
  const int global = t->config.head != CNN_HEAD_FLATTEN;
  unsigned char *base = block;
  int64_t used = 0;
  (void)take(&used, base, 1, sizeof(cnn_trainer));
  t->parameters = take(&used, base, parameters, sizeof(float));
  t->gradients = take(&used, base, parameters, sizeof(float));
  t->moment1 = take(&used, base, parameters, sizeof(float));
  t->moment2 = take(&used, base, parameters, sizeof(float));
  t->panels = take(&used, base, (int64_t)cnn_conv_panel_floats(t->shape), sizeof(float));
  t->image = take(&used, base, (int64_t)cnn_conv_image_floats(t->shape), sizeof(float));
  t->sums = take(&used, base, (int64_t)cnn_conv_sum_floats(t->shape), sizeof(float));
  t->pack = take(&used, base, CNN_GEMM_PACK, sizeof(float));
  t->map = take(&used, base, units, sizeof(float));
  t->winner = take(&used, base, units, sizeof(uint8_t));
  t->features = global ? take(&used, base, batch * t->plan.features, sizeof(float)) : t->map;
  t->place = take(&used, base, global ? batch * t->config.filters : 0, sizeof(int32_t));
  t->logits = take(&used, base, batch * t->plan.outputs, sizeof(float));
  t->dlogits = take(&used, base, batch * t->plan.outputs, sizeof(float));
  t->order = take(&used, base, t->train.count, sizeof(int32_t));
  return used;
}
