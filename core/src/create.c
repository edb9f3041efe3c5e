/* A new trainer: laid out in the caller's block, input scaling measured, initial weights drawn. */
#include <string.h>

#include "norm.h"
#include "rng.h"
#include "trainer_state.h"

/* Layers of the weight stream. The first block and the output layer have the numbers that they had
 * when there was nothing else, so that deeper networks share their first filters with the lesson's.
 */
enum { LAYER_BLOCK1 = 0, LAYER_OUTPUT = 1, LAYER_BLOCK2 = 2, LAYER_HIDDEN = 5 };

/* Sums of pixel values and of their squares. Short runs in 32 bits (4096 * 255^2 < 2^32), because
 * compilers vectorise those and this is the longest piece of create that cannot be cut. */
static void sum_pixels(uint64_t *sum, uint64_t *squares, const uint8_t *pixels, size_t count) {
  enum { RUN = 4096 };
  *sum = 0;
  *squares = 0;
  for (size_t first = 0; first < count; first += RUN) {
    const size_t end = count - first < RUN ? count : first + RUN;
    uint32_t run_sum = 0;
    uint32_t run_squares = 0;
    for (size_t i = first; i < end; i++) {
      const uint32_t u = pixels[i];
      run_sum += u;
      run_squares += u * u;
    }
    *sum += run_sum;
    *squares += run_squares;
  }
}

/* Table of scaled pixel values. standardise: mean and standard deviation of all training pixels
 * from integer sums; a constant training set is only centred. */
static void fill_scaling(cnn_trainer *t) {
  if (t->config.scaling == CNN_SCALING_UNIT) {
    for (int u = 0; u < 256; u++) {
      t->scaling[u] = (float)u / 255.0f; /* a division: times 1/255 differs for 126 of 256 values */
    }
    return;
  }
  const size_t side = (size_t)t->config.resolution;
  const size_t count = (size_t)t->train.count * side * side * (size_t)t->config.channels;
  uint64_t sum;
  uint64_t squares;
  sum_pixels(&sum, &squares, t->train.pixels, count);
  const double mean = (double)sum / (double)count;
  const double variance = (double)squares / (double)count - mean * mean;
  const double deviation = variance > 0.0 ? __builtin_sqrt(variance) : 1.0;
  for (int u = 0; u < 256; u++) {
    t->scaling[u] = (float)((u - mean) / deviation);
  }
}

/* Uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16). Weight (i, j) is number
 * i * 256 + j of its layer's key, so it does not depend on the layer's other sides. */
static void draw_glorot(float *kernel, const cnn_trainer *t, uint64_t layer, size_t rows,
                        size_t columns, double fans) {
  const uint64_t key = cnn_rng_key((uint32_t)t->config.seed, CNN_STREAM_WEIGHTS, layer, 0);
  const double limit = __builtin_sqrt(6.0 / fans);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++) {
      const double u = cnn_rng_unit(key, (uint64_t)i * 256 + j);
      kernel[i * columns + j] = (float)((2.0 * u - 1.0) * limit);
    }
  }
}

static void fill(float *values, float value, size_t count) {
  for (size_t i = 0; i < count; i++) {
    values[i] = value;
  }
}

static void draw_block(cnn_trainer *t, int32_t b) {
  const cnn_network_block *block = &t->network.blocks[b];
  const cnn_conv_shape shape = block->conv;
  const size_t area = shape.kernel * shape.kernel;
  const size_t depth = area * shape.channels;
  const uint64_t layer = b == 0 ? LAYER_BLOCK1 : LAYER_BLOCK2 + (uint64_t)b - 1;
  draw_glorot(t->parameters + block->kernel, t, layer, depth, shape.filters,
              (double)(depth + area * shape.filters));
  if (block->norm != CNN_NORM_NONE) {
    fill(t->parameters + block->gamma, 1.0f, shape.filters);
  }
  if (block->norm == CNN_NORM_BATCH) {
    fill(t->statistics + block->moving_variance, 1.0f, shape.filters);
  }
}

/* Biases, betas, moving means and attention's query start at zero. A zero query weighs every
 * position alike, so attention starts as the global average and learns where to look from there
 * (its gradient is not zero). */
static void draw_weights(cnn_trainer *t) {
  const cnn_network *n = &t->network;
  const size_t bytes = (size_t)n->parameters * sizeof(float);
  memset(t->parameters, 0, bytes);
  memset(t->gradients, 0, bytes);
  memset(t->moment1, 0, bytes);
  memset(t->moment2, 0, bytes);
  memset(t->statistics, 0, (size_t)n->statistics * sizeof(float));
  for (int32_t b = 0; b < n->block_count; b++) {
    draw_block(t, b);
  }
  if (n->hidden != 0) {
    draw_glorot(t->parameters + n->hidden_kernel, t, LAYER_HIDDEN, n->features, n->hidden,
                (double)(n->features + n->hidden));
  }
  draw_glorot(t->parameters + n->dense_kernel, t, LAYER_OUTPUT, n->dense_inputs, n->outputs,
              (double)(n->dense_inputs + n->outputs));
}

/* The borders of framed inputs are zero for ever. */
static void clear_images(cnn_trainer *t) {
  for (int32_t b = 0; b < t->network.block_count; b++) {
    const size_t floats = cnn_conv_image_floats(t->network.blocks[b].conv);
    memset(t->blocks[b].image, 0, floats * sizeof(float));
  }
}

cnn_status cnn_images_check(const cnn_images *images, int32_t classes) {
  if (images == NULL || images->pixels == NULL || images->labels == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  if (images->count < 1) {
    return CNN_ERROR_EMPTY;
  }
  for (int32_t i = 0; i < images->count; i++) {
    if (images->labels[i] >= classes) {
      return CNN_ERROR_LABEL;
    }
  }
  return CNN_OK;
}

cnn_status cnn_trainer_create(cnn_trainer **trainer, const cnn_config *config,
                              const cnn_images *train, const cnn_images *validation, void *block,
                              size_t block_bytes) {
  if (trainer == NULL || config == NULL || block == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  *trainer = NULL;
  cnn_status status = cnn_config_check(NULL, config);
  status = status == CNN_OK ? cnn_images_check(train, config->classes) : status;
  status = status == CNN_OK ? cnn_images_check(validation, config->classes) : status;
  cnn_plan plan;
  status =
      status == CNN_OK ? cnn_config_plan(&plan, config, train->count, validation->count) : status;
  if (status != CNN_OK) {
    return status;
  }
  if (block_bytes < (uint64_t)plan.bytes) {
    return CNN_ERROR_MEMORY;
  }
  cnn_trainer *t = block;
  const char *field = NULL;
  memset(t, 0, sizeof *t);
  t->config = *config;
  t->plan = plan;
  t->train = *train;
  t->validation = *validation;
  (void)cnn_network_of(&t->network, &field, config);
  (void)cnn_trainer_layout(t, block);
  t->beta1_power = 1.0;
  t->beta2_power = 1.0;
  clear_images(t);
  fill_scaling(t);
  draw_weights(t);
  cnn_trainer_begin_epoch(t);
  *trainer = t;
  return CNN_OK;
}
