/* The run: the same bits however it is cut, what an epoch consists of, that it learns, what its
 * fingerprint covers. How runs end is checked in test_trainer_ends.c, numbers inside a step in
 * test_gradients.c and test_trainer_steps.c. */
#include "cnn.h"

#include "configs.h"
#include "rig.h"
#include "run_configs.h"
#include "trainer_state.h"

#include "rng.h"

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

/* The same for networks of every kind, one unit at a time; batches of one image too. */
static void check_slicing_everywhere(void) {
  noise random = noise_of(59);
  for (int i = 0; i < 60; i++) {
    cnn_config config = configs_next(&random, 200000);
    config.batch = i % 5 == 0 ? 1 : 4; /* 7 = 4 + 3 */
    config.epochs = 2;
    rig r = rig_new(&config, 7, 5, 60 + (uint64_t)i);
    const uint64_t whole = run_fingerprint(&r, INT64_MAX);
    CHECK(run_fingerprint(&r, 1) == whole, "random network %d: slices differ", i);
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

/* Networks of every kind get better at their own training images. */
static void check_all_learn(void) {
  for (int i = 0; i < CONFIGS; i++) {
    cnn_config config = config_of(i);
    config.learning_rate = config.optimiser == CNN_OPTIMISER_SGD ? 0.03 : 5e-3;
    config.epochs = 40;
    rig r = rig_new(&config, 40, 20, 61);
    cnn_score before;
    CHECK(cnn_trainer_evaluate(&before, r.trainer, &r.train) == CNN_OK, "evaluate");
    CHECK(rig_run(&r, INT64_MAX) == CNN_OK, "run");
    const cnn_score after = rig_progress(&r).train;
    CHECK(after.loss < 0.85 * before.loss, "config %d: loss %g from %g", i, after.loss,
          before.loss);
    rig_end(&r);
  }
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

/* Moving averages count too. */
static void check_fingerprint_of_statistics(void) {
  cnn_config config = config_of(0);
  config.norm = CNN_NORM_BATCH;
  rig r = rig_new(&config, 33, 19, 56);
  const uint64_t start = rig_fingerprint(&r);
  float *s = cnn_trainer_statistics(r.trainer);
  for (int64_t i = 0; i < r.plan.statistics; i++) {
    const float kept = s[i];
    s[i] += 0.5f;
    CHECK(rig_fingerprint(&r) != start, "statistic %d does not count", (int)i);
    s[i] = NAN;
    uint64_t fingerprint;
    CHECK(cnn_trainer_fingerprint(&fingerprint, r.trainer) == CNN_ERROR_NOT_FINITE, "NaN");
    s[i] = kept;
  }
  CHECK(rig_fingerprint(&r) == start, "fingerprint is not a function of the statistics");
  rig_end(&r);
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

int main(void) {
  check_slicing();
  check_slicing_everywhere();
  check_phases();
  for (int i = 0; i < CONFIGS; i++) {
    check_run_is_steps(i);
  }
  check_learning();
  check_all_learn();
  check_seeds();
  check_fingerprint();
  check_fingerprint_of_statistics();
  return check_finish("trainer");
}
