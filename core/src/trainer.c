/* The run: epochs of batches, both sets scored after each, a history that is hashed. Draws nothing
 * from a clock and allocates nothing; refuses labels outside the classes before it starts. */
#include <string.h>

#include "exact_math.h"
#include "rng.h"
#include "simd.h"
#include "trainer_state.h"

/* Layers of the weight stream. */
enum { LAYER_CONV = 0, LAYER_DENSE = 1 };

static size_t values_per_image(const cnn_config *c) {
  return (size_t)c->resolution * (size_t)c->resolution * (size_t)c->channels;
}

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
  const size_t count = (size_t)t->train.count * values_per_image(&t->config);
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

static void draw_weights(cnn_trainer *t) {
  const size_t area = (size_t)CNN_KERNEL_SIDE * CNN_KERNEL_SIDE;
  const size_t depth = area * t->shape.channels;
  const size_t filters = t->shape.filters;
  const size_t features = (size_t)t->plan.features;
  const size_t outputs = (size_t)t->plan.outputs;
  memset(t->parameters, 0, (size_t)t->plan.parameters * sizeof(float));
  memset(t->gradients, 0, (size_t)t->plan.parameters * sizeof(float));
  memset(t->moment1, 0, (size_t)t->plan.parameters * sizeof(float));
  memset(t->moment2, 0, (size_t)t->plan.parameters * sizeof(float));
  draw_glorot(t->parameters, t, LAYER_CONV, depth, filters, (double)(depth + area * filters));
  draw_glorot(t->parameters + t->plan.conv_parameters, t, LAYER_DENSE, features, outputs,
              (double)(features + outputs));
}

static cnn_status check_images(const cnn_images *images, int32_t classes) {
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

/* Fisher-Yates from the identity, so that an epoch's order depends on (seed, epoch) alone. */
static void shuffle(cnn_trainer *t) {
  const uint64_t key =
      cnn_rng_key((uint32_t)t->config.seed, CNN_STREAM_ORDER, (uint64_t)t->progress.epoch, 0);
  for (int32_t i = 0; i < t->train.count; i++) {
    t->order[i] = i;
  }
  for (int32_t i = t->train.count - 1; i > 0; i--) {
    const uint32_t j = cnn_rng_below(key, (uint64_t)i, (uint32_t)i + 1);
    const int32_t swapped = t->order[i];
    t->order[i] = t->order[j];
    t->order[j] = swapped;
  }
}

static void begin_pass(cnn_trainer *t, cnn_pass pass) {
  const cnn_score none = {0};
  t->pass = pass;
  t->cursor = 0;
  t->tally = none;
  t->progress.phase = pass == CNN_PASS_LEARN ? CNN_PHASE_TRAIN : CNN_PHASE_EVALUATE;
}

static void begin_epoch(cnn_trainer *t) {
  shuffle(t);
  begin_pass(t, CNN_PASS_LEARN);
  t->progress.epoch_work = 0;
}

cnn_status cnn_trainer_create(cnn_trainer **trainer, const cnn_config *config,
                              const cnn_images *train, const cnn_images *validation, void *block,
                              size_t block_bytes) {
  if (trainer == NULL || config == NULL || block == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  *trainer = NULL;
  cnn_status status = cnn_config_check(NULL, config);
  status = status == CNN_OK ? check_images(train, config->classes) : status;
  status = status == CNN_OK ? check_images(validation, config->classes) : status;
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
  memset(t, 0, sizeof *t);
  t->config = *config;
  t->plan = plan;
  t->train = *train;
  t->validation = *validation;
  t->shape = cnn_config_shape(config);
  (void)cnn_trainer_layout(t, block);
  t->beta1_power = 1.0;
  t->beta2_power = 1.0;
  memset(t->image, 0, cnn_conv_image_floats(t->shape) * sizeof(float));
  fill_scaling(t);
  draw_weights(t);
  begin_epoch(t);
  *trainer = t;
  return CNN_OK;
}

static const cnn_images *pass_images(const cnn_trainer *t) {
  return t->pass == CNN_PASS_SCORE_VALIDATION ? &t->validation : &t->train;
}

static uint64_t hash_word(uint64_t hash, uint64_t word) {
  return cnn_rng_mix((hash ^ word) * UINT64_C(0x9e3779b97f4a7c15) + 1);
}

static uint64_t hash_score(uint64_t hash, const cnn_score *score) {
  uint64_t bits;
  memcpy(&bits, &score->loss, sizeof bits);
  return hash_word(hash_word(hash, bits), (uint64_t)(uint32_t)score->correct);
}

static void end_epoch(cnn_trainer *t) {
  t->progress.epoch++;
  t->history = hash_score(hash_score(t->history, &t->progress.train), &t->progress.validation);
  t->progress.phase =
      t->progress.epoch >= t->config.epochs ? CNN_PHASE_FINISHED : CNN_PHASE_EPOCH_DONE;
}

static void end_pass(cnn_trainer *t) {
  if (t->pass != CNN_PASS_LEARN) {
    t->tally.loss /= t->tally.count;
  }
  switch (t->pass) {
  case CNN_PASS_LEARN:
    begin_pass(t, CNN_PASS_SCORE_TRAIN);
    break;
  case CNN_PASS_SCORE_TRAIN:
    t->progress.train = t->tally;
    begin_pass(t, CNN_PASS_SCORE_VALIDATION);
    break;
  case CNN_PASS_SCORE_VALIDATION:
    t->progress.validation = t->tally;
    end_epoch(t);
    break;
  }
}

static void begin_batch(cnn_trainer *t) {
  const cnn_images *images = pass_images(t);
  const int32_t left = images->count - t->cursor;
  const int learn = t->pass == CNN_PASS_LEARN;
  cnn_batch_begin(t, images, learn ? t->order : NULL, t->cursor,
                  left < t->config.batch ? left : t->config.batch, learn);
}

static void end_batch(cnn_trainer *t) {
  t->cursor += t->batch.count;
  t->tally.loss += t->batch.loss_sum;
  t->tally.correct += t->batch.correct;
  t->tally.count += t->batch.count;
  t->progress.step += t->batch.learn;
  if (t->cursor >= pass_images(t)->count) {
    end_pass(t);
  }
}

cnn_status cnn_trainer_run(cnn_trainer *t, int64_t budget) {
  if (t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  if (t->progress.phase == CNN_PHASE_FINISHED) {
    return CNN_OK;
  }
  if (t->progress.phase == CNN_PHASE_STOPPED) {
    return CNN_ERROR_NOT_FINITE;
  }
  if (t->progress.phase == CNN_PHASE_EPOCH_DONE) {
    begin_epoch(t);
  }
  int64_t spent = 0;
  do {
    if (t->batch.stage == CNN_STAGE_IDLE) {
      begin_batch(t);
    }
    cnn_status status = CNN_OK;
    const int64_t work = cnn_batch_unit(&status, t);
    if (status != CNN_OK) {
      t->progress.phase = CNN_PHASE_STOPPED;
      return status;
    }
    spent += work;
    t->progress.epoch_work += work;
    if (t->batch.stage == CNN_STAGE_IDLE) {
      end_batch(t);
    }
  } while (spent < budget &&
           (t->progress.phase == CNN_PHASE_TRAIN || t->progress.phase == CNN_PHASE_EVALUATE));
  return CNN_OK;
}

cnn_status cnn_trainer_progress(cnn_progress *progress, const cnn_trainer *t) {
  if (progress == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  *progress = t->progress;
  return CNN_OK;
}

/* Whether an epoch has begun and not ended: its batch and tallies would be overwritten. */
static int is_busy(const cnn_trainer *t) {
  const int between =
      t->progress.phase != CNN_PHASE_TRAIN && t->progress.phase != CNN_PHASE_EVALUATE;
  const int untouched = t->pass == CNN_PASS_LEARN && t->cursor == 0;
  return !between && (!untouched || t->batch.stage != CNN_STAGE_IDLE);
}

static cnn_status finish_batch(cnn_trainer *t) {
  cnn_status status = CNN_OK;
  while (t->batch.stage != CNN_STAGE_IDLE && status == CNN_OK) {
    (void)cnn_batch_unit(&status, t);
  }
  return status;
}

cnn_status cnn_trainer_step(double *loss, cnn_trainer *t, const int32_t *indices, int32_t count) {
  if (loss == NULL || t == NULL || indices == NULL || count < 1 || count > t->config.batch) {
    return CNN_ERROR_ARGUMENT;
  }
  if (is_busy(t)) {
    return CNN_ERROR_BUSY;
  }
  for (int32_t i = 0; i < count; i++) {
    if (indices[i] < 0 || indices[i] >= t->train.count) {
      return CNN_ERROR_ARGUMENT;
    }
  }
  cnn_batch_begin(t, &t->train, indices, 0, count, 1);
  const cnn_status status = finish_batch(t);
  *loss = t->batch.loss_sum / count;
  t->progress.step += status == CNN_OK;
  return status;
}

cnn_status cnn_trainer_evaluate(cnn_score *score, cnn_trainer *t, const cnn_images *images) {
  if (score == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  if (is_busy(t)) {
    return CNN_ERROR_BUSY;
  }
  cnn_status status = check_images(images, t->config.classes);
  cnn_score tally = {0};
  while (status == CNN_OK && tally.count < images->count) {
    const int32_t left = images->count - tally.count;
    cnn_batch_begin(t, images, NULL, tally.count, left < t->config.batch ? left : t->config.batch,
                    0);
    status = finish_batch(t);
    tally.loss += t->batch.loss_sum;
    tally.correct += t->batch.correct;
    tally.count += t->batch.count;
  }
  if (status == CNN_OK) {
    tally.loss /= tally.count;
    *score = tally;
  }
  return status;
}

cnn_status cnn_trainer_logits(float *logits, cnn_trainer *t, const uint8_t *pixels, int32_t count) {
  if (logits == NULL || t == NULL || pixels == NULL || count < 1) {
    return CNN_ERROR_ARGUMENT;
  }
  if (is_busy(t)) {
    return CNN_ERROR_BUSY;
  }
  const cnn_images images = {pixels, NULL, count};
  const size_t outputs = (size_t)t->plan.outputs;
  for (int32_t done = 0; done < count; done += t->batch.count) {
    const int32_t left = count - done;
    cnn_batch_begin(t, &images, NULL, done, left < t->config.batch ? left : t->config.batch, 0);
    const cnn_status status = finish_batch(t);
    if (status != CNN_OK) {
      return status;
    }
    memcpy(logits + (size_t)done * outputs, t->logits,
           (size_t)t->batch.count * outputs * sizeof(float));
  }
  return CNN_OK;
}

float *cnn_trainer_parameters(cnn_trainer *t) {
  return t == NULL ? NULL : t->parameters;
}

const float *cnn_trainer_gradients(const cnn_trainer *t) {
  return t == NULL ? NULL : t->gradients;
}

cnn_status cnn_trainer_fingerprint(uint64_t *fingerprint, const cnn_trainer *t) {
  if (fingerprint == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  uint64_t hash = t->history;
  for (int64_t i = 0; i < t->plan.parameters; i++) {
    uint32_t bits;
    memcpy(&bits, t->parameters + i, sizeof bits);
    if ((bits & UINT32_C(0x7f800000)) == UINT32_C(0x7f800000)) {
      return CNN_ERROR_NOT_FINITE;
    }
    hash = hash_word(hash, bits);
  }
  *fingerprint = hash;
  return CNN_OK;
}
