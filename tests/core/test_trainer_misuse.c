/* What the trainer refuses, with which status, and that a refusal changes nothing. */
#include "cnn.h"

#include "rig.h"

static cnn_config small_config(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 8;
  config.classes = 4;
  config.filters = 3;
  config.batch = 8;
  config.epochs = 2;
  return config;
}

/* cnn_trainer_create with one thing wrong; the trainer pointer must come back NULL. */
static void check_create(const char *what, cnn_status expected, rig *r, const cnn_config *config,
                         const cnn_images *train, const cnn_images *validation, void *block) {
  cnn_trainer *trainer = r->trainer;
  const cnn_status status =
      cnn_trainer_create(&trainer, config, train, validation, block, r->block.bytes);
  CHECK(status == expected, "%s: %s", what, cnn_status_text(status));
  CHECK(trainer == NULL || block == NULL || config == NULL, "%s: a trainer all the same", what);
}

static void check_create_arguments(void) {
  const cnn_config config = small_config();
  rig r = rig_new(&config, 20, 10, 90);
  void *block = guarded_byte(&r.block);
  const cnn_images *train = &r.train, *validation = &r.validation;
  check_create("no config", CNN_ERROR_ARGUMENT, &r, NULL, train, validation, block);
  check_create("no training set", CNN_ERROR_ARGUMENT, &r, &config, NULL, validation, block);
  check_create("no test set", CNN_ERROR_ARGUMENT, &r, &config, train, NULL, block);
  check_create("no block", CNN_ERROR_ARGUMENT, &r, &config, train, validation, NULL);
  CHECK(cnn_trainer_create(NULL, &config, train, validation, block, r.block.bytes) ==
            CNN_ERROR_ARGUMENT,
        "nowhere to put the trainer");
  cnn_images broken = r.train;
  broken.pixels = NULL;
  check_create("no pixels", CNN_ERROR_ARGUMENT, &r, &config, &broken, validation, block);
  check_create("no test pixels", CNN_ERROR_ARGUMENT, &r, &config, train, &broken, block);
  broken = r.train;
  broken.labels = NULL;
  check_create("no labels", CNN_ERROR_ARGUMENT, &r, &config, &broken, validation, block);
  broken = r.train;
  broken.count = 0;
  check_create("empty training set", CNN_ERROR_EMPTY, &r, &config, &broken, validation, block);
  check_create("empty test set", CNN_ERROR_EMPTY, &r, &config, train, &broken, block);
  broken.count = -1;
  check_create("negative count", CNN_ERROR_EMPTY, &r, &config, &broken, validation, block);
  cnn_config wrong = config;
  wrong.filters = 65;
  check_create("65 filters", CNN_ERROR_CONFIG, &r, &wrong, train, validation, block);
  wrong = config;
  wrong.output = CNN_OUTPUT_SIGMOID;
  check_create("sigmoid of 4", CNN_ERROR_OUTPUT, &r, &wrong, train, validation, block);
  rig_end(&r);
}

/* Any label from K on is refused wherever it stands, and K - 1 is not. */
static void check_labels(void) {
  const cnn_config config = small_config();
  rig r = rig_new(&config, 20, 10, 91);
  void *block = guarded_byte(&r.block);
  static const int32_t places[] = {0, 7, 19};
  for (size_t i = 0; i < 3; i++) {
    uint8_t *label = guarded_byte(&r.train_labels) + places[i];
    const uint8_t kept = *label;
    *label = 4;
    check_create("label 4", CNN_ERROR_LABEL, &r, &config, &r.train, &r.validation, block);
    *label = 255;
    check_create("label 255", CNN_ERROR_LABEL, &r, &config, &r.train, &r.validation, block);
    *label = 3;
    rig_start(&r);
    *label = kept;
  }
  guarded_byte(&r.validation_labels)[9] = 4;
  check_create("test label 4", CNN_ERROR_LABEL, &r, &config, &r.train, &r.validation, block);
  guarded_byte(&r.validation_labels)[9] = 0;
  rig_start(&r);
  guarded_byte(&r.validation_labels)[9] = 4;
  cnn_score score = {.count = -1};
  CHECK(cnn_trainer_evaluate(&score, r.trainer, &r.validation) == CNN_ERROR_LABEL &&
            score.count == -1,
        "a score with label 4");
  rig_end(&r);
}

static void check_calls(void) {
  const cnn_config config = small_config();
  rig r = rig_new(&config, 20, 10, 92);
  const uint64_t before = rig_fingerprint(&r);
  cnn_trainer *t = r.trainer;
  cnn_score score;
  cnn_progress progress;
  uint64_t fingerprint;
  double loss;
  float logits[4];
  int32_t indices[9] = {0};
  CHECK(cnn_trainer_run(NULL, 1) == CNN_ERROR_ARGUMENT, "run");
  CHECK(cnn_trainer_progress(NULL, t) == CNN_ERROR_ARGUMENT, "progress");
  CHECK(cnn_trainer_progress(&progress, NULL) == CNN_ERROR_ARGUMENT, "progress");
  CHECK(cnn_trainer_fingerprint(NULL, t) == CNN_ERROR_ARGUMENT, "fingerprint");
  CHECK(cnn_trainer_fingerprint(&fingerprint, NULL) == CNN_ERROR_ARGUMENT, "fingerprint");
  CHECK(cnn_trainer_parameters(NULL) == NULL && cnn_trainer_gradients(NULL) == NULL &&
            cnn_trainer_statistics(NULL) == NULL,
        "arrays");
  CHECK(cnn_trainer_step(NULL, t, indices, 1) == CNN_ERROR_ARGUMENT, "step");
  CHECK(cnn_trainer_step(&loss, NULL, indices, 1) == CNN_ERROR_ARGUMENT, "step");
  CHECK(cnn_trainer_step(&loss, t, NULL, 1) == CNN_ERROR_ARGUMENT, "step");
  CHECK(cnn_trainer_step(&loss, t, indices, 0) == CNN_ERROR_ARGUMENT, "step of none");
  CHECK(cnn_trainer_step(&loss, t, indices, 9) == CNN_ERROR_ARGUMENT, "step over the batch");
  indices[2] = 20;
  CHECK(cnn_trainer_step(&loss, t, indices, 3) == CNN_ERROR_ARGUMENT, "image 20 of 20");
  indices[2] = -1;
  CHECK(cnn_trainer_step(&loss, t, indices, 3) == CNN_ERROR_ARGUMENT, "image -1");
  CHECK(cnn_trainer_evaluate(NULL, t, &r.train) == CNN_ERROR_ARGUMENT, "evaluate");
  CHECK(cnn_trainer_evaluate(&score, NULL, &r.train) == CNN_ERROR_ARGUMENT, "evaluate");
  CHECK(cnn_trainer_evaluate(&score, t, NULL) == CNN_ERROR_ARGUMENT, "evaluate");
  CHECK(cnn_trainer_logits(NULL, t, r.train.pixels, 1) == CNN_ERROR_ARGUMENT, "logits");
  CHECK(cnn_trainer_logits(logits, NULL, r.train.pixels, 1) == CNN_ERROR_ARGUMENT, "logits");
  CHECK(cnn_trainer_logits(logits, t, NULL, 1) == CNN_ERROR_ARGUMENT, "logits");
  CHECK(cnn_trainer_logits(logits, t, r.train.pixels, 0) == CNN_ERROR_ARGUMENT, "logits of none");
  CHECK(rig_fingerprint(&r) == before && rig_progress(&r).step == 0, "a refusal left a trace");
  rig_end(&r);
}

/* Until the epoch ends its batch and tallies are in use: looking and stepping are refused, and the
 * run goes on as if nobody had asked; at its ends they are allowed and leave no trace either. */
static void check_busy(void) {
  const cnn_config config = small_config();
  rig plain = rig_new(&config, 20, 10, 93), asked = rig_new(&config, 20, 10, 93);
  CHECK(rig_run(&plain, INT64_MAX) == CNN_OK, "run");
  static const int32_t indices[1] = {0};
  int refused = 0, answered = 0;
  cnn_progress p = {0};
  for (int calls = 0; p.phase != CNN_PHASE_FINISHED && calls < 10000; calls++) {
    CHECK(cnn_trainer_run(asked.trainer, 1) == CNN_OK, "run");
    p = rig_progress(&asked);
    const int between = p.phase == CNN_PHASE_EPOCH_DONE || p.phase == CNN_PHASE_FINISHED;
    const cnn_status expected = between ? CNN_OK : CNN_ERROR_BUSY;
    cnn_score score;
    float logits[10 * 4];
    double loss;
    CHECK(cnn_trainer_evaluate(&score, asked.trainer, &asked.validation) == expected, "evaluate");
    CHECK(cnn_trainer_logits(logits, asked.trainer, asked.validation.pixels, 10) == expected,
          "logits");
    if (!between) {
      CHECK(cnn_trainer_step(&loss, asked.trainer, indices, 1) == CNN_ERROR_BUSY, "step");
    }
    refused += !between;
    answered += between;
  }
  CHECK(refused > 50 && answered == 2, "%d refused, %d answered", refused, answered);
  CHECK(rig_fingerprint(&plain) == rig_fingerprint(&asked), "asking changed the run");
  rig_end(&plain);
  rig_end(&asked);
}

int main(void) {
  check_create_arguments();
  check_labels();
  check_calls();
  check_busy();
  return check_finish("trainer misuse");
}
