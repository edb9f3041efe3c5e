/* How runs end: early stopping and the weights it restores, runs that stop because numbers ran away
 * and what they keep, and which setting is suspected. */
#include "cnn.h"

#include "rig.h"
#include "run_configs.h"
#include "trainer_state.h"

/* Weights and moving averages. */
static size_t kept_bytes(const rig *r) {
  return (size_t)(r->plan.parameters + r->plan.statistics) * sizeof(float);
}

static float *kept_new(const rig *r) {
  float *kept = malloc(kept_bytes(r));
  if (kept == NULL) {
    abort();
  }
  return kept;
}

static void keep(float *kept, const rig *r) {
  memcpy(kept, r->trainer->parameters, (size_t)r->plan.parameters * sizeof(float));
  memcpy(kept + r->plan.parameters, r->trainer->statistics,
         (size_t)r->plan.statistics * sizeof(float));
}

static int is_kept(const float *kept, const rig *r) {
  float *now = kept_new(r);
  keep(now, r);
  const int same = memcmp(now, kept, kept_bytes(r)) == 0;
  free(now);
  return same;
}

static cnn_config normed_config(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 10;
  config.blocks = 2;
  config.filters = 5;
  config.filters2 = 4;
  config.padding2 = CNN_PADDING_SAME;
  config.norm = CNN_NORM_BATCH;
  config.norm2 = CNN_NORM_LAYER;
  config.head = CNN_HEAD_GLOBAL_MAX;
  config.batch = 8;
  return config;
}

/* ---- Early stopping -------------------------------------------------------------------------- */

/* Runs with patience beside one without: the same epochs until patience runs out, which is
 * `patience` epochs after the best one or with the last epoch, and then the best epoch's weights.
 */
static void check_patience(int32_t patience, int32_t epochs, double rate, int ends_early) {
  cnn_config config = normed_config();
  config.epochs = epochs;
  config.learning_rate = rate;
  rig plain = rig_new(&config, 24, 16, 31);
  config.patience = patience;
  rig r = rig_new(&config, 24, 16, 31);
  float *best = kept_new(&r);
  double lowest = INFINITY;
  int32_t best_epoch = 0;
  cnn_progress p = {0};
  while (p.phase != CNN_PHASE_FINISHED && p.epoch < epochs) {
    CHECK(cnn_trainer_run(plain.trainer, INT64_MAX) == CNN_OK, "plain run");
    do {
      CHECK(cnn_trainer_run(r.trainer, 3000) == CNN_OK, "run");
    } while (rig_progress(&r).phase <= CNN_PHASE_EVALUATE);
    p = rig_progress(&r);
    const cnn_progress q = rig_progress(&plain);
    CHECK(p.epoch == q.epoch && p.validation.loss == q.validation.loss, "another epoch %d",
          p.epoch);
    if (p.validation.loss < lowest) {
      lowest = p.validation.loss;
      best_epoch = p.epoch;
      keep(best, &plain);
    }
    CHECK(p.best_epoch == best_epoch && q.best_epoch == best_epoch, "best epoch %d and %d, not %d",
          p.best_epoch, q.best_epoch, best_epoch);
    const int ends = p.epoch - best_epoch >= patience || p.epoch == epochs;
    CHECK((p.phase == CNN_PHASE_FINISHED) == ends, "epoch %d, best %d: phase %d", p.epoch,
          best_epoch, p.phase);
  }
  CHECK((p.epoch < epochs) == ends_early, "ended after %d of %d epochs", p.epoch, epochs);
  CHECK(best_epoch < p.epoch, "the best epoch is the last: nothing to restore");
  CHECK(is_kept(best, &r), "not the weights of epoch %d", best_epoch);
  cnn_score score;
  CHECK(cnn_trainer_evaluate(&score, r.trainer, &r.validation) == CNN_OK && score.loss == lowest,
        "validation loss %.17g, not %.17g", score.loss, lowest);
  free(best);
  rig_end(&plain);
  rig_end(&r);
}

/* An epoch that is as good as the best one is not better: at a rate that moves no weight by a bit
 * that counts, the first epoch stays the best. */
static void check_ties(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 8;
  config.learning_rate = 1e-7;
  config.warmup = 100000;
  config.patience = 3;
  rig r = rig_new(&config, 24, 16, 36);
  CHECK(rig_run(&r, INT64_MAX) == CNN_OK, "run");
  const cnn_progress p = rig_progress(&r);
  CHECK(p.best_epoch == 1 && p.epoch == 4, "best epoch %d, ended after %d", p.best_epoch, p.epoch);
  rig_end(&r);
}

/* ---- Runs that stop -------------------------------------------------------------------------- */

/* Weights that grow eightfold with each update until something overflows: what is left are the bits
 * after the last whole update. */
static void check_kept_weights(int32_t norm, int32_t blocks, double clip_norm) {
  cnn_config config = normed_config();
  config.norm = norm;
  config.blocks = blocks;
  config.learning_rate = 0.9;
  config.weight_decay = 10.0;
  config.clip_norm = clip_norm;
  config.epochs = 1000;
  rig r = rig_new(&config, 24, 16, 32);
  float *kept = kept_new(&r);
  keep(kept, &r);
  cnn_status status = CNN_OK;
  int32_t step = 0;
  while (status == CNN_OK && rig_progress(&r).phase != CNN_PHASE_FINISHED) {
    status = cnn_trainer_run(r.trainer, 1);
    if (rig_progress(&r).step != step) {
      step = rig_progress(&r).step;
      keep(kept, &r);
    }
  }
  CHECK(status == CNN_ERROR_NOT_FINITE && step >= 5, "norm %d: %s after %d steps", norm,
        cnn_status_text(status), step);
  CHECK(rig_progress(&r).phase == CNN_PHASE_STOPPED, "phase %d", rig_progress(&r).phase);
  CHECK(is_kept(kept, &r), "norm %d, %d blocks: other weights than after step %d", norm, blocks,
        step);
  uint64_t fingerprint;
  CHECK(cnn_trainer_fingerprint(&fingerprint, r.trainer) == CNN_OK, "not finite");
  free(kept);
  rig_end(&r);
}

/* A weight written from outside between epochs: no cheap proof from before it may be believed. The
 * unit is dead, so the loss is finite, and the decay would make the weight infinite. */
static void check_written_weight(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 8;
  config.filters = 3;
  config.batch = 20;
  config.epochs = 5;
  config.learning_rate = 0.9;
  config.weight_decay = 10.0;
  rig r = rig_new(&config, 20, 5, 33);
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "first epoch");
  cnn_trainer_parameters(r.trainer)[r.plan.conv_parameters - 1] = -1e38f;
  CHECK(rig_run(&r, INT64_MAX) == CNN_ERROR_NOT_FINITE, "an infinite weight went unseen");
  CHECK(rig_progress(&r).step == 1, "%d steps", rig_progress(&r).step);
  CHECK(r.trainer->parameters[r.plan.conv_parameters - 1] == -1e38f, "it moved");
  rig_end(&r);
}

/* The same through a pointer that was handed out before an earlier step. */
static void check_weight_written_between_steps(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 8;
  config.filters = 3;
  config.learning_rate = 0.9;
  config.weight_decay = 10.0;
  rig r = rig_new(&config, 20, 5, 33);
  float *w = cnn_trainer_parameters(r.trainer);
  static const int32_t batch[] = {0, 1, 2, 3};
  double loss;
  CHECK(cnn_trainer_step(&loss, r.trainer, batch, 4) == CNN_OK, "first step");
  w[r.plan.conv_parameters - 1] = -1e38f;
  CHECK(cnn_trainer_step(&loss, r.trainer, batch, 4) == CNN_ERROR_NOT_FINITE, "it went unseen");
  CHECK(w[r.plan.conv_parameters - 1] == -1e38f, "it moved");
  rig_end(&r);
}

/* A large weight in the first of three units of the update: it reads a black colour channel, so it
 * grows eightfold with each update and is felt nowhere, 1e36, -8e36, 6.4e37, until it would
 * overflow. What proves the later updates must have seen all units. */
static void check_bound_of_all_units(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 48;
  config.channels = 3;
  config.classes = 20;
  config.scaling = CNN_SCALING_UNIT;
  config.batch = 8;
  config.learning_rate = 0.9;
  config.weight_decay = 10.0;
  config.epochs = 10;
  rig r = rig_new(&config, 8, 5, 37);
  for (size_t i = 2; i < r.train_pixels.bytes; i += 3) {
    guarded_byte(&r.train_pixels)[i] = 0;
  }
  for (size_t i = 2; i < r.validation_pixels.bytes; i += 3) {
    guarded_byte(&r.validation_pixels)[i] = 0;
  }
  rig_start(&r);
  cnn_trainer_parameters(r.trainer)[2 * 16] = 1e36f;
  CHECK(rig_run(&r, INT64_MAX) == CNN_ERROR_NOT_FINITE, "it went unseen");
  CHECK(rig_progress(&r).step == 2, "%d steps", rig_progress(&r).step);
  CHECK(fabsf(r.trainer->parameters[2 * 16] - 6.4e37f) < 1e33f, "%g",
        (double)r.trainer->parameters[2 * 16]);
  rig_end(&r);
}

/* Moving averages that would overflow stop the run too, with finite weights and gradients. */
static void check_statistics_overflow(void) {
  const cnn_config config = normed_config();
  rig r = rig_new(&config, 24, 16, 34);
  float *w = cnn_trainer_parameters(r.trainer);
  for (int64_t i = 0; i < 9 * 5; i++) {
    w[i] *= 1e21f; /* batch variance near 1e42, normalised values near 1 */
  }
  float *kept = kept_new(&r);
  keep(kept, &r);
  double loss;
  static const int32_t batch[] = {0, 1, 2, 3};
  CHECK(cnn_trainer_step(&loss, r.trainer, batch, 4) == CNN_ERROR_NOT_FINITE, "it went through");
  CHECK(is_kept(kept, &r), "something moved");
  free(kept);
  rig_end(&r);
}

/* ---- Runs that run away ---------------------------------------------------------------------- */

static int all_finite(const float *values, int64_t count) {
  int finite = 1;
  for (int64_t i = 0; i < count; i++) {
    finite = finite && values[i] - values[i] == 0.0f;
  }
  return finite;
}

/* Whatever the rate, weights and moments stay finite; a stopped run says so again and again. */
static void check_runaway(void) {
  int stopped = 0;
  for (int i = 0; i < 31 * CONFIGS; i++) {
    cnn_config config = config_of(i % CONFIGS);
    config.resolution = i % CONFIGS < PLAIN ? 8 : config.resolution;
    config.filters = 3;
    config.batch = 8;
    config.epochs = 8;
    config.learning_rate = pow(10.0, i / CONFIGS);
    rig r = rig_new(&config, 20, 5, 3);
    const cnn_status status = rig_run(&r, INT64_MAX);
    const cnn_progress p = rig_progress(&r);
    CHECK(status == CNN_OK || status == CNN_ERROR_NOT_FINITE, "%s", cnn_status_text(status));
    CHECK((status == CNN_OK) == (p.phase == CNN_PHASE_FINISHED) &&
              (status != CNN_OK) == (p.phase == CNN_PHASE_STOPPED),
          "status %d in phase %d", (int)status, p.phase);
    CHECK(all_finite(r.trainer->parameters, r.plan.parameters) &&
              all_finite(r.trainer->statistics, r.plan.statistics),
          "rate 1e%d, config %d: weights", i / CONFIGS, i % CONFIGS);
    CHECK(all_finite(r.trainer->moment1, r.plan.parameters) &&
              all_finite(r.trainer->moment2, r.plan.parameters),
          "rate 1e%d, config %d: moments", i / CONFIGS, i % CONFIGS);
    const char *suspect = cnn_trainer_suspect(r.trainer);
    CHECK((suspect != NULL) == (status != CNN_OK), "suspects %s after %s",
          suspect == NULL ? "nothing" : suspect, cnn_status_text(status));
    const uint64_t fingerprint = rig_fingerprint(&r);
    CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == status, "another answer when asked again");
    CHECK(rig_fingerprint(&r) == fingerprint && rig_progress(&r).step == p.step, "it went on");
    stopped += status != CNN_OK;
    rig_end(&r);
  }
  CHECK(stopped > 60, "only %d of %d runs stopped: the test is empty", stopped, 31 * CONFIGS);
}

/* Rate 1e30 stops at once and keeps the weights of before the failing update. */
static void check_stop(void) {
  cnn_config config = config_of(0);
  config.learning_rate = 1e30;
  rig r = rig_new(&config, 33, 19, 57);
  CHECK(rig_run(&r, 1) == CNN_ERROR_NOT_FINITE, "1e30 did not stop it");
  const cnn_progress p = rig_progress(&r);
  CHECK(p.phase == CNN_PHASE_STOPPED && p.epoch == 0 && p.step >= 1, "phase %d, step %d", p.phase,
        p.step);
  cnn_score score = {.count = -1};
  CHECK(cnn_trainer_evaluate(&score, r.trainer, &r.train) == CNN_ERROR_NOT_FINITE &&
            score.count == -1,
        "a score of infinite logits");
  rig_end(&r);
}

/* Finite gradients whose squares are not: the step is refused and nothing has moved. */
static void check_refused_step(void) {
  const cnn_config config = config_of(0);
  rig r = rig_new(&config, 33, 19, 58);
  const size_t bytes = (size_t)r.plan.parameters * sizeof(float);
  float *w = r.trainer->parameters;
  for (int64_t i = r.plan.conv_parameters; i < r.plan.parameters; i++) {
    w[i] *= 1e25f;
  }
  float *kept = malloc(bytes);
  CHECK(kept != NULL, "no memory");
  if (kept == NULL) {
    rig_end(&r);
    return;
  }
  memcpy(kept, w, bytes);
  static const int32_t batch[] = {0, 1, 2, 3, 4, 5, 6, 7};
  double loss = 0.0;
  const cnn_status status = cnn_trainer_step(&loss, r.trainer, batch, 8);
  CHECK(status == CNN_ERROR_NOT_FINITE, "step: %s", cnn_status_text(status));
  CHECK(all_finite(r.trainer->gradients, r.plan.parameters), "the gradients were to be finite");
  CHECK(memcmp(kept, w, bytes) == 0, "the weights moved");
  CHECK(r.trainer->beta1_power == 1.0 && rig_progress(&r).step == 0, "the step was counted");
  for (int64_t i = 0; i < r.plan.parameters; i++) {
    CHECK(r.trainer->moment1[i] == 0.0f && r.trainer->moment2[i] == 0.0f, "moment %d", (int)i);
  }
  free(kept);
  rig_end(&r);
}

/* ---- Suspects -------------------------------------------------------------------------------- */

typedef struct {
  const char *suspect;
  int32_t optimiser;
  double learning_rate, momentum, beta1, beta2, weight_decay, l2, clip_norm;
} suspicion;

/* Each rule at its edge and just inside it. */
static const suspicion suspicions[] = {
    {"learning_rate", CNN_OPTIMISER_ADAM, 1e-3, 0.9, 0.9, 0.999, 0.0, 0.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_ADAM, 1e30, 0.9, 0.99, 0.5, 10.0, 10.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_SGD, 1.001, 0.999, 0.9, 0.999, 10.0, 10.0, 0.0},
    {"weight_decay", CNN_OPTIMISER_ADAM, 1.0, 0.9, 0.99, 0.5, 2.001, 0.0, 0.0},
    {"weight_decay", CNN_OPTIMISER_SGD, 0.3, 0.999, 0.9, 0.999, 7.0, 9.0, 0.0},
    {"l2", CNN_OPTIMISER_SGD, 1.0, 0.5, 0.9, 0.999, 2.0, 1.501, 0.0},
    {"learning_rate", CNN_OPTIMISER_SGD, 1.0, 0.5, 0.9, 0.999, 2.0, 1.499, 0.0},
    {"learning_rate", CNN_OPTIMISER_ADAM_TORCH, 1.0, 0.5, 0.9, 0.999, 2.0, 10.0, 0.0},
    {"momentum", CNN_OPTIMISER_SGD, 0.01, 0.99, 0.9, 0.999, 0.0, 0.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_SGD, 0.01, 0.98, 0.9, 0.999, 0.0, 0.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_ADAM, 0.01, 0.9999, 0.9, 0.999, 0.0, 0.0, 0.0},
    {"beta2", CNN_OPTIMISER_ADAM, 0.01, 0.9, 0.9, 0.81, 0.0, 0.0, 0.0},
    {"beta2", CNN_OPTIMISER_ADAM_TORCH, 0.01, 0.9, 0.9, 0.5, 0.0, 0.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_ADAM, 0.01, 0.9, 0.9, 0.82, 0.0, 0.0, 0.0},
    {"clip_norm", CNN_OPTIMISER_SGD, 0.01, 0.9, 0.9, 0.5, 0.0, 0.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_SGD, 0.02, 0.9, 0.9, 0.5, 0.0, 0.0, 0.0},
    {"learning_rate", CNN_OPTIMISER_SGD, 0.01, 0.9, 0.9, 0.5, 0.0, 0.0, 1.0}};

static void check_suspects(void) {
  for (size_t i = 0; i < sizeof suspicions / sizeof suspicions[0]; i++) {
    const suspicion *s = &suspicions[i];
    cnn_config config = cnn_config_default();
    config.optimiser = s->optimiser;
    config.learning_rate = s->learning_rate;
    config.momentum = s->momentum;
    config.beta1 = s->beta1;
    config.beta2 = s->beta2;
    config.weight_decay = s->weight_decay;
    config.l2 = s->l2;
    config.clip_norm = s->clip_norm;
    rig r = rig_new(&config, 5, 5, 35);
    CHECK(cnn_trainer_suspect(r.trainer) == NULL, "case %zu: suspects a trainer that runs", i);
    r.trainer->progress.phase = CNN_PHASE_STOPPED;
    const char *suspect = cnn_trainer_suspect(r.trainer);
    CHECK(suspect != NULL && strcmp(suspect, s->suspect) == 0, "case %zu: %s, not %s", i,
          suspect == NULL ? "NULL" : suspect, s->suspect);
    cnn_config copy = config;
    CHECK(suspect != NULL && cnn_config_set(&copy, suspect, 0.5) == CNN_OK, "no setting");
    rig_end(&r);
  }
  CHECK(cnn_trainer_suspect(NULL) == NULL, "suspects nothing");
}

int main(void) {
  check_patience(2, 60, 0.03, 1);
  check_patience(5, 60, 0.03, 1);
  check_patience(1000, 25, 0.03, 0);
  check_ties();
  check_kept_weights(CNN_NORM_NONE, 1, 0.0);
  check_kept_weights(CNN_NORM_BATCH, 1, 0.0);
  check_kept_weights(CNN_NORM_BATCH, 2, 1.0);
  check_kept_weights(CNN_NORM_LAYER, 2, 0.0);
  check_written_weight();
  check_weight_written_between_steps();
  check_bound_of_all_units();
  check_statistics_overflow();
  check_runaway();
  check_stop();
  check_refused_step();
  check_suspects();
  return check_finish("trainer ends");
}
