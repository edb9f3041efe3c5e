/* The run: the same bits however it is cut, what an epoch consists of, where it stops, and what it
 * refuses. Numbers inside a step are checked in test_gradients.c and test_trainer_numbers.c. */
#include "cnn.h"

#include "rig.h"
#include "trainer_state.h"

#include "rng.h"

enum { CONFIGS = 6 };

/* Different shapes, all with a partial last batch: 33 = 16 + 16 + 1. */
static cnn_config config_of(int i) {
  cnn_config config = cnn_config_default();
  config.resolution = 8 + i;
  config.channels = i % 2 == 0 ? 1 : 3;
  config.classes = i == 3 ? 2 : 3 + i;
  config.output = i == 3 ? CNN_OUTPUT_SIGMOID : CNN_OUTPUT_SOFTMAX;
  config.filters = 3 + 2 * i;
  config.padding = i / 2 % 2;
  config.pool = i % 3 != 1;
  config.head = i % 3;
  config.scaling = i != 4;
  config.batch = 16;
  config.epochs = 3;
  return config;
}

static uint64_t run_fingerprint(rig *r, int64_t budget) {
  rig_start(r);
  const cnn_status status = rig_run(r, budget);
  CHECK(status == CNN_OK, "run: %s", cnn_status_text(status));
  return rig_fingerprint(r);
}

/* ---- Slices and epochs ----------------------------------------------------------------------- */

static void check_slicing(void) {
  static const int64_t budgets[] = {1, 7, 1000, 123457, -5, 0};
  for (int i = 0; i < CONFIGS; i++) {
    const cnn_config config = config_of(i);
    rig r = rig_new(&config, 33, 19, 50);
    const uint64_t whole = run_fingerprint(&r, INT64_MAX);
    for (size_t b = 0; b < sizeof budgets / sizeof budgets[0]; b++) {
      CHECK(run_fingerprint(&r, budgets[b]) == whole, "config %d in slices of %lld differs", i,
            (long long)budgets[b]);
    }
    rig_end(&r);
  }
}

/* Phases come in order, an epoch is announced once, and its work is the planned one. */
static void check_phases(void) {
  const cnn_config config = config_of(0);
  rig r = rig_new(&config, 33, 19, 51);
  int32_t phase = CNN_PHASE_TRAIN, epochs = 0, calls = 0;
  while (phase != CNN_PHASE_FINISHED && calls++ < 100000) {
    CHECK(cnn_trainer_run(r.trainer, 1) == CNN_OK, "run");
    const cnn_progress p = rig_progress(&r);
    const int next = p.phase == phase || p.phase == phase + 1 ||
                     (phase == CNN_PHASE_EVALUATE && p.phase == CNN_PHASE_FINISHED) ||
                     (phase == CNN_PHASE_EPOCH_DONE && p.phase == CNN_PHASE_TRAIN);
    CHECK(next, "phase %d after %d", p.phase, phase);
    phase = p.phase;
    if (phase == CNN_PHASE_EPOCH_DONE || phase == CNN_PHASE_FINISHED) {
      epochs++;
      CHECK(p.epoch == epochs && p.step == 3 * epochs, "epoch %d, step %d", p.epoch, p.step);
      CHECK(p.epoch_work == r.plan.epoch_work, "%lld units of %lld", (long long)p.epoch_work,
            (long long)r.plan.epoch_work);
      CHECK(p.train.count == 33 && p.validation.count == 19, "scores of the wrong sets");
    }
  }
  CHECK(epochs == 3, "%d epochs", epochs);
  const uint64_t before = rig_fingerprint(&r);
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run after the end");
  CHECK(rig_fingerprint(&r) == before && rig_progress(&r).step == 9, "a finished run went on");
  rig_end(&r);
}

/* Fisher-Yates from the identity, keyed by (seed, epoch). */
static void order_of(int32_t *order, int32_t count, int32_t seed, int32_t epoch) {
  const uint64_t key = cnn_rng_key((uint32_t)seed, CNN_STREAM_ORDER, (uint64_t)epoch, 0);
  for (int32_t i = 0; i < count; i++) {
    order[i] = i;
  }
  for (int32_t i = count - 1; i > 0; i--) {
    const uint32_t j = cnn_rng_below(key, (uint64_t)i, (uint32_t)(i + 1));
    const int32_t kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

/* A run is its steps: all images once an epoch in the keyed order, the last batch of one image too,
 * and after each epoch the scores that evaluate gives with those weights. */
static void check_run_is_steps(int index) {
  enum { N = 33 };
  const cnn_config config = config_of(index);
  rig run = rig_new(&config, N, 19, 52), steps = rig_new(&config, N, 19, 52);
  for (int32_t epoch = 0; epoch < config.epochs; epoch++) {
    int32_t order[N];
    order_of(order, N, config.seed, epoch);
    for (int32_t at = 0; at < N; at += config.batch) {
      double loss;
      const int32_t count = N - at < config.batch ? N - at : config.batch;
      CHECK(cnn_trainer_step(&loss, steps.trainer, order + at, count) == CNN_OK, "step");
    }
    CHECK(cnn_trainer_run(run.trainer, INT64_MAX) == CNN_OK, "run");
    const cnn_progress p = rig_progress(&run);
    CHECK(p.epoch == epoch + 1 && p.step == rig_progress(&steps).step, "epoch %d, step %d", p.epoch,
          p.step);
    CHECK(memcmp(cnn_trainer_parameters(run.trainer), cnn_trainer_parameters(steps.trainer),
                 (size_t)run.plan.parameters * sizeof(float)) == 0,
          "config %d: epoch %d is not its steps", index, epoch);
    cnn_score train, validation;
    CHECK(cnn_trainer_evaluate(&train, run.trainer, &run.train) == CNN_OK, "evaluate");
    CHECK(cnn_trainer_evaluate(&validation, run.trainer, &run.validation) == CNN_OK, "evaluate");
    CHECK(train.loss == p.train.loss && train.correct == p.train.correct &&
              train.count == p.train.count,
          "config %d: training score %.17g, evaluated %.17g", index, p.train.loss, train.loss);
    CHECK(validation.loss == p.validation.loss && validation.correct == p.validation.correct,
          "config %d: test score %.17g, evaluated %.17g", index, p.validation.loss,
          validation.loss);
  }
  rig_end(&run);
  rig_end(&steps);
}

/* It learns: the stripes are told apart, and far better than at the start. */
static void check_learning(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 12;
  config.classes = 3;
  config.head = CNN_HEAD_GLOBAL_AVERAGE;
  config.learning_rate = 1e-2;
  config.epochs = 60;
  rig r = rig_new(&config, 90, 90, 53);
  cnn_score before;
  CHECK(cnn_trainer_evaluate(&before, r.trainer, &r.validation) == CNN_OK, "evaluate");
  CHECK(rig_run(&r, INT64_MAX) == CNN_OK, "run");
  const cnn_progress p = rig_progress(&r);
  CHECK(p.train.correct >= 81 && p.validation.correct >= 75, "only %d and %d of 90 right",
        p.train.correct, p.validation.correct);
  CHECK(p.train.loss < 0.5 * before.loss, "loss %g from %g", p.train.loss, before.loss);
  rig_end(&r);
}

/* ---- Seeds and fingerprints ------------------------------------------------------------------ */

static void check_seeds(void) {
  for (int i = 0; i < CONFIGS; i++) {
    cnn_config config = config_of(i);
    rig a = rig_new(&config, 33, 19, 54), b = rig_new(&config, 33, 19, 54);
    config.seed = 2147483647;
    rig other_seed = rig_new(&config, 33, 19, 54);
    config.seed = 1;
    rig other_data = rig_new(&config, 33, 19, 55);
    const uint64_t f = run_fingerprint(&a, INT64_MAX);
    CHECK(f == run_fingerprint(&b, INT64_MAX), "config %d: same seed, other bits", i);
    CHECK(f != run_fingerprint(&other_seed, INT64_MAX), "config %d: the seed does nothing", i);
    CHECK(f != run_fingerprint(&other_data, INT64_MAX), "config %d: the data do nothing", i);
    rig_end(&a);
    rig_end(&b);
    rig_end(&other_seed);
    rig_end(&other_data);
  }
}

static void check_fingerprint(void) {
  const cnn_config config = config_of(0);
  rig r = rig_new(&config, 33, 19, 56);
  const uint64_t start = rig_fingerprint(&r);
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run");
  const uint64_t first = rig_fingerprint(&r);
  CHECK(first != start, "an epoch leaves no trace");
  float *w = cnn_trainer_parameters(r.trainer);
  for (int64_t i = 0; i < r.plan.parameters; i++) {
    uint32_t bits;
    memcpy(&bits, w + i, 4);
    bits ^= 1;
    memcpy(w + i, &bits, 4);
    CHECK(rig_fingerprint(&r) != first, "the last bit of weight %d does not count", (int)i);
    bits ^= 1;
    memcpy(w + i, &bits, 4);
  }
  CHECK(rig_fingerprint(&r) == first, "fingerprint is not a function of the weights");
  r.trainer->history ^= 1;
  CHECK(rig_fingerprint(&r) != first, "the scores do not count");
  r.trainer->history ^= 1;
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    const float kept = w[7];
    uint64_t fingerprint = 1234;
    w[7] = bad[i];
    CHECK(cnn_trainer_fingerprint(&fingerprint, r.trainer) == CNN_ERROR_NOT_FINITE &&
              fingerprint == 1234,
          "a fingerprint of %g", (double)bad[i]);
    w[7] = kept;
  }
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
  for (int i = 0; i < 31 * 6; i++) {
    cnn_config config = config_of(i % 6);
    config.resolution = 8;
    config.filters = 3;
    config.batch = 8;
    config.epochs = 8;
    config.learning_rate = pow(10.0, i / 6);
    rig r = rig_new(&config, 20, 5, 3);
    const cnn_status status = rig_run(&r, INT64_MAX);
    const cnn_progress p = rig_progress(&r);
    CHECK(status == CNN_OK || status == CNN_ERROR_NOT_FINITE, "%s", cnn_status_text(status));
    CHECK((status == CNN_OK) == (p.phase == CNN_PHASE_FINISHED) &&
              (status != CNN_OK) == (p.phase == CNN_PHASE_STOPPED),
          "status %d in phase %d", (int)status, p.phase);
    CHECK(all_finite(r.trainer->parameters, r.plan.parameters), "rate 1e%d, config %d: weights",
          i / 6, i % 6);
    CHECK(all_finite(r.trainer->moment1, r.plan.parameters) &&
              all_finite(r.trainer->moment2, r.plan.parameters),
          "rate 1e%d, config %d: moments", i / 6, i % 6);
    const uint64_t fingerprint = rig_fingerprint(&r);
    CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == status, "another answer when asked again");
    CHECK(rig_fingerprint(&r) == fingerprint && rig_progress(&r).step == p.step, "it went on");
    stopped += status != CNN_OK;
    rig_end(&r);
  }
  CHECK(stopped > 20, "only %d of 186 runs stopped: the test is empty", stopped);
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

int main(void) {
  check_slicing();
  check_phases();
  for (int i = 0; i < CONFIGS; i++) {
    check_run_is_steps(i);
  }
  check_learning();
  check_seeds();
  check_fingerprint();
  check_runaway();
  check_stop();
  check_refused_step();
  return check_finish("trainer");
}
