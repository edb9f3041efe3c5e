/* The run: epochs of batches, both sets scored after each, a history that is hashed, early
 * stopping. Draws nothing from a clock and allocates nothing. */
#include <string.h>

#include "rng.h"
#include "trainer_state.h"

/* Fisher-Yates from the identity, so that an epoch's order depends on (seed, epoch) alone. */
void cnn_trainer_shuffle(cnn_trainer *t) {
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

void cnn_trainer_begin_epoch(cnn_trainer *t) {
  cnn_trainer_shuffle(t);
  begin_pass(t, CNN_PASS_LEARN);
  t->progress.epoch_work = 0;
}

static const cnn_images *pass_images(const cnn_trainer *t) {
  return t->pass == CNN_PASS_SCORE_VALIDATION ? &t->validation : &t->train;
}

static uint64_t hash_score(uint64_t hash, const cnn_score *score) {
  uint64_t bits;
  memcpy(&bits, &score->loss, sizeof bits);
  return cnn_rng_fold(cnn_rng_fold(hash, bits), (uint64_t)(uint32_t)score->correct);
}

/* ---- Ends of epochs, passes, batches --------------------------------------------------------- */

static void keep_best(cnn_trainer *t) {
  const size_t parameters = (size_t)t->network.parameters;
  if (t->progress.best_epoch != 0 && !(t->progress.validation.loss < t->best_loss)) {
    return;
  }
  t->progress.best_epoch = t->progress.epoch;
  t->best_loss = t->progress.validation.loss;
  if (t->best != NULL) {
    memcpy(t->best, t->parameters, parameters * sizeof(float));
    memcpy(t->best + parameters, t->statistics, (size_t)t->network.statistics * sizeof(float));
  }
}

static void restore_best(cnn_trainer *t) {
  const size_t parameters = (size_t)t->network.parameters;
  memcpy(t->parameters, t->best, parameters * sizeof(float));
  memcpy(t->statistics, t->best + parameters, (size_t)t->network.statistics * sizeof(float));
}

static void end_epoch(cnn_trainer *t) {
  const int32_t patience = t->config.patience;
  t->progress.epoch++;
  t->history = hash_score(hash_score(t->history, &t->progress.train), &t->progress.validation);
  keep_best(t);
  const int is_last = t->progress.epoch >= t->config.epochs ||
                      (patience > 0 && t->progress.epoch - t->progress.best_epoch >= patience);
  t->progress.phase = is_last ? CNN_PHASE_FINISHED : CNN_PHASE_EPOCH_DONE;
  if (is_last && patience > 0) {
    restore_best(t);
  }
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
  const int learn = t->pass == CNN_PASS_LEARN;
  cnn_batch_begin(t, images, learn ? t->order : NULL, t->cursor,
                  cnn_batch_size(t, t->cursor, images->count), learn);
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

/* ---- Run ------------------------------------------------------------------------------------- */

/* One unit of the batch in flight; whether an update must be tried out is no part of the plan. */
static cnn_status run_unit(int64_t *work, cnn_trainer *t) {
  cnn_status status = CNN_OK;
  const int is_planned = t->batch.stage != CNN_STAGE_TRY;
  *work = cnn_batch_unit(&status, t);
  t->progress.epoch_work += is_planned ? *work : 0;
  if (status != CNN_OK) {
    t->progress.phase = CNN_PHASE_STOPPED;
  } else if (t->batch.stage == CNN_STAGE_IDLE) {
    end_batch(t);
  }
  return status;
}

static int is_running(const cnn_trainer *t) {
  return t->progress.phase == CNN_PHASE_TRAIN || t->progress.phase == CNN_PHASE_EVALUATE;
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
    cnn_trainer_begin_epoch(t);
  }
  int64_t spent = 0;
  do {
    if (t->batch.stage == CNN_STAGE_IDLE) {
      begin_batch(t);
    }
    int64_t work;
    const cnn_status status = run_unit(&work, t);
    if (status != CNN_OK) {
      return status;
    }
    spent += work;
  } while (spent < budget && is_running(t));
  return CNN_OK;
}

cnn_status cnn_trainer_finish_batch(cnn_trainer *t) {
  cnn_status status = CNN_OK;
  while (t->batch.stage != CNN_STAGE_IDLE && status == CNN_OK) {
    int64_t work;
    status = run_unit(&work, t);
  }
  return status;
}

cnn_status cnn_trainer_progress(cnn_progress *progress, const cnn_trainer *t) {
  if (progress == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  *progress = t->progress;
  return CNN_OK;
}

/* ---- Outside the run ------------------------------------------------------------------------- */

int cnn_trainer_is_busy(const cnn_trainer *t) {
  const int untouched = t->pass == CNN_PASS_LEARN && t->cursor == 0;
  return is_running(t) && (!untouched || t->batch.stage != CNN_STAGE_IDLE);
}

cnn_status cnn_trainer_step(double *loss, cnn_trainer *t, const int32_t *indices, int32_t count) {
  if (loss == NULL || t == NULL || indices == NULL || count < 1 || count > t->config.batch) {
    return CNN_ERROR_ARGUMENT;
  }
  if (cnn_trainer_is_busy(t)) {
    return CNN_ERROR_BUSY;
  }
  for (int32_t i = 0; i < count; i++) {
    if (indices[i] < 0 || indices[i] >= t->train.count) {
      return CNN_ERROR_ARGUMENT;
    }
  }
  t->bound_known = t->bound_known && !t->lent;
  cnn_batch_begin(t, &t->train, indices, 0, count, 1);
  const cnn_status status = cnn_batch_finish(t);
  *loss = t->batch.loss_sum / count + t->config.l2 * t->batch.kernel_squares;
  t->progress.step += status == CNN_OK;
  return status;
}

cnn_status cnn_trainer_evaluate(cnn_score *score, cnn_trainer *t, const cnn_images *images) {
  if (score == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  if (cnn_trainer_is_busy(t)) {
    return CNN_ERROR_BUSY;
  }
  cnn_status status = cnn_images_check(images, t->config.classes);
  cnn_score tally = {0};
  while (status == CNN_OK && tally.count < images->count) {
    cnn_batch_begin(t, images, NULL, tally.count, cnn_batch_size(t, tally.count, images->count), 0);
    status = cnn_batch_finish(t);
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
  if (cnn_trainer_is_busy(t)) {
    return CNN_ERROR_BUSY;
  }
  const cnn_images images = {pixels, NULL, count};
  const size_t outputs = t->network.outputs;
  for (int32_t done = 0; done < count; done += t->batch.count) {
    cnn_batch_begin(t, &images, NULL, done, cnn_batch_size(t, done, count), 0);
    const cnn_status status = cnn_batch_finish(t);
    if (status != CNN_OK) {
      return status;
    }
    memcpy(logits + (size_t)done * outputs, t->logits,
           (size_t)t->batch.count * outputs * sizeof(float));
  }
  return CNN_OK;
}

float *cnn_trainer_parameters(cnn_trainer *t) {
  if (t == NULL) {
    return NULL;
  }
  t->bound_known = 0; /* the caller may write anything, at any time between steps */
  t->lent = 1;
  return t->parameters;
}

const float *cnn_trainer_gradients(const cnn_trainer *t) {
  return t == NULL ? NULL : t->gradients;
}

float *cnn_trainer_statistics(cnn_trainer *t) {
  return t == NULL ? NULL : t->statistics;
}

/* 0 if one of them is not finite. */
static int hash_floats(uint64_t *hash, const float *values, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    if ((bits & UINT32_C(0x7f800000)) == UINT32_C(0x7f800000)) {
      return 0;
    }
    *hash = cnn_rng_fold(*hash, bits);
  }
  return 1;
}

cnn_status cnn_trainer_fingerprint(uint64_t *fingerprint, const cnn_trainer *t) {
  if (fingerprint == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  uint64_t hash = t->history;
  if (!hash_floats(&hash, t->parameters, t->network.parameters) ||
      !hash_floats(&hash, t->statistics, t->network.statistics)) {
    return CNN_ERROR_NOT_FINITE;
  }
  *fingerprint = hash;
  return CNN_OK;
}
