/* Saved bytes: a resumed run ends in the bits of one that never stopped, wherever it was cut; a
 * model brings its weights, moving averages and input scaling; bytes of other settings or pictures
 * are refused. Damaged and hostile bytes: test_save_damage.c. */
#include "cnn.h"

#include "rig.h"
#include "saved_help.h"
#include "trainer_state.h"

#include "rng.h"

/* ---- Resuming -------------------------------------------------------------------------------- */

static int same_floats(const float *a, const float *b, int64_t count) {
  return memcmp(a, b, (size_t)count * sizeof(float)) == 0;
}

static void check_same_state(const cnn_trainer *a, const cnn_trainer *b, int index) {
  const int64_t n = a->network.parameters;
  CHECK(same_floats(a->parameters, b->parameters, n), "config %d: weights", index);
  CHECK(same_floats(a->statistics, b->statistics, a->network.statistics),
        "config %d: moving averages", index);
  CHECK(same_floats(a->moment1, b->moment1, n), "config %d: first moments", index);
  CHECK(same_floats(a->moment2, b->moment2, n), "config %d: second moments", index);
  CHECK(a->history == b->history, "config %d: history", index);
  CHECK(a->best_loss == b->best_loss && a->progress.best_epoch == b->progress.best_epoch,
        "config %d: best epoch", index);
  CHECK(a->progress.step == b->progress.step && a->progress.epoch_work == b->progress.epoch_work &&
            a->progress.phase == b->progress.phase,
        "config %d: progress", index);
  CHECK(a->progress.train.loss == b->progress.train.loss &&
            a->progress.validation.correct == b->progress.validation.correct &&
            a->progress.validation.count == b->progress.validation.count,
        "config %d: last scores", index);
}

/* Cuts a run after `units` units, goes on from the bytes in another trainer, which was elsewhere,
 * and in the one that was saved. Returns the phase at the cut, CNN_PHASE_FINISHED at the end. */
static int32_t check_cut(rig *first, rig *second, int units, uint64_t whole, int index,
                         int *in_flight) {
  rig_start(first);
  for (int i = 0; i < units; i++) {
    CHECK(cnn_trainer_run(first->trainer, 1) == CNN_OK, "run");
  }
  const int32_t phase = rig_progress(first).phase;
  *in_flight += first->trainer->batch.stage != CNN_STAGE_IDLE;
  guarded bytes = save(first, CNN_SAVE_STATE);
  CHECK(first->trainer->batch.stage == CNN_STAGE_IDLE, "a batch is still in flight");
  CHECK(cnn_trainer_run(second->trainer, 50000) == CNN_OK, "run");
  CHECK(load(second, &bytes) == CNN_OK, "config %d, cut after %d units: refused", index, units);
  CHECK(!second->trainer->bound_known, "a bound of other weights is still believed");
  check_same_state(first->trainer, second->trainer, index);
  guarded again = save(second, CNN_SAVE_STATE);
  CHECK(again.bytes == bytes.bytes &&
            memcmp(guarded_byte(&again), guarded_byte(&bytes), bytes.bytes) == 0,
        "config %d: saving what was loaded gives other bytes", index);
  CHECK(rig_run(second, INT64_MAX) == CNN_OK && rig_fingerprint(second) == whole,
        "config %d, cut after %d units in phase %d: other bits", index, units, phase);
  CHECK(rig_run(first, 12345) == CNN_OK && rig_fingerprint(first) == whole,
        "config %d: saving after %d units changed the run", index, units);
  drop(&again);
  drop(&bytes);
  return phase;
}

static void check_resume(int index) {
  enum { CUTS = 24 };
  const cnn_config config = save_config(index);
  rig first = rig_new(&config, TRAIN, VALIDATION, 900);
  rig second = rig_new(&config, TRAIN, VALIDATION, 900);
  int units = 0;
  int done_at[100] = {0}, epochs = 0; /* units at the ends of epochs */
  while (rig_progress(&first).phase != CNN_PHASE_FINISHED) {
    CHECK(cnn_trainer_run(first.trainer, 1) == CNN_OK, "run");
    units++;
    if (rig_progress(&first).epoch > epochs && epochs < 100) {
      done_at[epochs++] = units;
    }
  }
  const uint64_t whole = rig_fingerprint(&first);
  const cnn_progress end = rig_progress(&first);
  CHECK(index != 3 || (end.best_epoch >= 1 && end.epoch == end.best_epoch + config.patience &&
                       end.epoch < config.epochs),
        "no early stop: epoch %d, best %d", end.epoch, end.best_epoch);
  int seen[CNN_PHASE_STOPPED + 1] = {0}, in_flight = 0;
  for (int i = 0; i < CUTS; i++) {
    seen[check_cut(&first, &second, i * units / (CUTS - 1), whole, index, &in_flight)]++;
  }
  for (int i = 0; i < epochs; i++) {
    seen[check_cut(&first, &second, done_at[i], whole, index, &in_flight)]++;
  }
  CHECK(seen[CNN_PHASE_TRAIN] > 3 && seen[CNN_PHASE_EVALUATE] > 1 &&
            seen[CNN_PHASE_EPOCH_DONE] > 1 && seen[CNN_PHASE_FINISHED] > 0 && in_flight > 3,
        "config %d: cut in phases %d %d %d %d", index, seen[0], seen[1], seen[2], seen[3]);
  rig_end(&first);
  rig_end(&second);
}

/* A run that ran away is saved as what it is: stopped, with the last good weights. */
static void check_stopped(void) {
  cnn_config config = save_config(0);
  config.learning_rate = 1e25;
  rig r = rig_new(&config, TRAIN, VALIDATION, 901),
      other = rig_new(&config, TRAIN, VALIDATION, 901);
  CHECK(rig_run(&r, 1000) == CNN_ERROR_NOT_FINITE, "did not run away");
  guarded bytes = save(&r, CNN_SAVE_STATE);
  CHECK(load(&other, &bytes) == CNN_OK, "a stopped run was refused");
  CHECK(cnn_trainer_run(other.trainer, 1) == CNN_ERROR_NOT_FINITE, "a stopped run goes on");
  CHECK(rig_fingerprint(&r) == rig_fingerprint(&other), "other weights");
  drop(&bytes);
  rig_end(&r);
  rig_end(&other);
}

/* ---- Models ---------------------------------------------------------------------------------- */

/* A model says of any picture what the trained network said, on whatever pictures its new trainer
 * stands; on the same pictures its run is that of a new trainer that was given its weights. */
static void check_model(int index) {
  const cnn_config config = save_config(index);
  rig trained = rig_new(&config, TRAIN, VALIDATION, 902);
  rig elsewhere = rig_new(&config, 9, 5, 903), fresh = rig_new(&config, TRAIN, VALIDATION, 902);
  CHECK(rig_run(&trained, INT64_MAX) == CNN_OK, "run");
  guarded bytes = save(&trained, CNN_SAVE_MODEL);
  CHECK(cnn_trainer_run(elsewhere.trainer, INT64_MAX) == CNN_OK, "run");
  CHECK(load(&elsewhere, &bytes) == CNN_OK, "config %d: the model was refused", index);
  const cnn_progress p = rig_progress(&elsewhere);
  CHECK(p.phase == CNN_PHASE_TRAIN && p.epoch == 0 && p.step == 0 && p.epoch_work == 0 &&
            p.best_epoch == 0 && elsewhere.trainer->history == 0,
        "config %d: a model brought a history", index);
  for (int64_t i = 0; i < elsewhere.plan.parameters; i++) {
    CHECK(cnn_trainer_gradients(elsewhere.trainer)[i] == 0.0f, "an old gradient is left");
  }
  float ours[VALIDATION * 3], theirs[VALIDATION * 3];
  CHECK(cnn_trainer_logits(ours, trained.trainer, trained.validation.pixels, VALIDATION) == CNN_OK,
        "logits");
  CHECK(cnn_trainer_logits(theirs, elsewhere.trainer, trained.validation.pixels, VALIDATION) ==
            CNN_OK,
        "logits");
  CHECK(same_floats(ours, theirs, VALIDATION * trained.plan.outputs),
        "config %d: the model says something else", index);
  memcpy(cnn_trainer_parameters(fresh.trainer), cnn_trainer_parameters(trained.trainer),
         (size_t)fresh.plan.parameters * sizeof(float));
  memcpy(cnn_trainer_statistics(fresh.trainer), cnn_trainer_statistics(trained.trainer),
         (size_t)fresh.plan.statistics * sizeof(float));
  CHECK(load(&trained, &bytes) == CNN_OK, "config %d: its own model was refused", index);
  CHECK(rig_run(&fresh, INT64_MAX) == CNN_OK && rig_run(&trained, INT64_MAX) == CNN_OK, "run");
  CHECK(rig_fingerprint(&fresh) == rig_fingerprint(&trained),
        "config %d: a run from a model is not one from its weights", index);
  drop(&bytes);
  rig_end(&trained);
  rig_end(&elsewhere);
  rig_end(&fresh);
}

/* ---- Settings -------------------------------------------------------------------------------- */

static void check_saved_config(void) {
  for (int i = 0; i < CASES; i++) {
    for (int32_t kind = CNN_SAVE_MODEL; kind <= CNN_SAVE_STATE; kind++) {
      const cnn_config config = save_config(i);
      rig r = rig_new(&config, TRAIN, VALIDATION, 904);
      guarded bytes = save(&r, kind);
      cnn_config read;
      memset(&read, 0xee, sizeof read);
      int32_t read_kind = -1;
      CHECK(cnn_saved_config(&read, &read_kind, guarded_byte(&bytes), bytes.bytes) == CNN_OK,
            "config %d", i);
      CHECK(read_kind == kind, "kind %d, read %d", kind, read_kind);
#define EQUAL(type, name, initial, low, high)                                                      \
  CHECK(read.name == config.name, "config %d: " #name " is %g", i, (double)read.name);
      CNN_CONFIG_FIELDS(EQUAL)
#undef EQUAL
      drop(&bytes);
      rig_end(&r);
    }
  }
}

/* Any single setting that differs is refused, though the network has the same shape. */
static void check_other_settings(void) {
  const struct {
    const char *name;
    double value;
  } changes[] = {{"learning_rate", 2e-3}, {"seed", 5},  {"epochs", 4},  {"batch", 4},
                 {"scaling", 0},          {"l2", 1e-3}, {"patience", 1}};
  cnn_config config = save_config(0);
  rig r = rig_new(&config, TRAIN, VALIDATION, 905);
  guarded model = save(&r, CNN_SAVE_MODEL), state = save(&r, CNN_SAVE_STATE);
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    cnn_config other = config;
    CHECK(cnn_config_set(&other, changes[i].name, changes[i].value) == CNN_OK, "set");
    rig foreign = rig_new(&other, TRAIN, VALIDATION, 905);
    CHECK(load(&foreign, &model) == CNN_ERROR_SAVED, "a model of another %s", changes[i].name);
    CHECK(load(&foreign, &state) == CNN_ERROR_SAVED, "a state of another %s", changes[i].name);
    rig_end(&foreign);
  }
  drop(&model);
  drop(&state);
  rig_end(&r);
}

static void check_other_images(void) {
  const cnn_config config = save_config(0);
  rig r = rig_new(&config, TRAIN, TRAIN, 906);
  guarded state = save(&r, CNN_SAVE_STATE);
  unsigned char *const bytes[] = {guarded_byte(&r.train_pixels), guarded_byte(&r.validation_pixels),
                                  guarded_byte(&r.train_labels),
                                  guarded_byte(&r.validation_labels)};
  for (int i = 0; i < 4; i++) {
    for (int last = 0; last < 2; last++) {
      const size_t count = i < 2 ? TRAIN * 64u : TRAIN;
      unsigned char *byte = bytes[i] + (last ? count - 1 : 0);
      const unsigned char kept = *byte;
      *byte = i < 2 ? kept ^ 1 : (unsigned char)((kept + 1) % 3);
      CHECK(load(&r, &state) == CNN_ERROR_SAVED, "array %d: a changed byte passed", i);
      *byte = kept;
    }
  }
  CHECK(load(&r, &state) == CNN_OK, "its own pictures were refused");
  rig other = r; /* the two sets exchanged, in a block of its own */
  other.train = r.validation;
  other.validation = r.train;
  other.block = guarded_new(GUARD_BYTES, r.block.bytes, 0);
  rig_start(&other);
  CHECK(load(&other, &state) == CNN_ERROR_SAVED, "exchanged sets passed");
  CHECK(guarded_end(&other.block), "wrote outside");
  drop(&state);
  rig_end(&r);
}

/* ---- The bytes themselves -------------------------------------------------------------------- */

static uint64_t hash_of(const guarded *g) {
  uint64_t hash = 0;
  for (size_t i = 0; i < g->bytes; i++) {
    hash = cnn_rng_mix(hash + guarded_byte(g)[i] + 1);
  }
  return hash;
}

/* Numbers of every size and both signs. */
static void fill(float *values, int64_t count, float scale) {
  for (int64_t i = 0; i < count; i++) {
    values[i] = (float)(i % 17 - 8) * scale;
  }
}

static void check_golden_hash(rig *r, int32_t kind, uint64_t want) {
  guarded bytes = save(r, kind);
  CHECK(hash_of(&bytes) == want, "kind %d: 0x%llx", kind, (unsigned long long)hash_of(&bytes));
  drop(&bytes);
}

/* Every build writes the same bytes, and goes on writing them: a change of the format wants a new
 * version. Of numbers that no training made, so that these are about the format alone. */
static void check_golden(void) {
  static const unsigned char start[] = {'P', 'v', 's', 'L', 's', 'a', 'v', 'e', 1,  0,   0,   0,
                                        0,   0,   0,   0,   55,  0,   0,   0,   10, 'r', 'e', 's'};
  cnn_config config = save_config(3);
  rig r = rig_new(&config, TRAIN, VALIDATION, 909);
  cnn_trainer *t = r.trainer;
  fill(t->parameters, r.plan.parameters, 0.0625f);
  fill(t->statistics, r.plan.statistics, 3e-20f);
  fill(t->moment1, r.plan.parameters, -7e10f);
  fill(t->best, r.plan.parameters + r.plan.statistics, 1e-41f);
  for (int64_t i = 0; i < r.plan.parameters; i++) {
    t->moment2[i] = (float)i;
  }
  const cnn_score train = {1.0 / 3.0, 5, TRAIN}, validation = {-1e300, 2, VALIDATION};
  const cnn_progress progress = {CNN_PHASE_EVALUATE, 7, 123456, 99, train, validation, 4};
  t->progress = progress;
  t->pass = CNN_PASS_SCORE_TRAIN;
  t->cursor = 5;
  t->tally.count = 5;
  t->beta1_power = 0.1;
  t->beta2_power = 0.7;
  t->best_loss = 0.3;
  t->history = UINT64_C(0x8123456789abcdef);
  check_golden_hash(&r, CNN_SAVE_MODEL, UINT64_C(0xd3639e860de0a314));
  check_golden_hash(&r, CNN_SAVE_STATE, UINT64_C(0x185bae940538a6d9));
  guarded model = save(&r, CNN_SAVE_MODEL);
  CHECK(memcmp(guarded_byte(&model), start, sizeof start) == 0, "another beginning");
  drop(&model);
  rig_end(&r);
}

static void check_misuse(void) {
  const cnn_config config = save_config(0);
  rig r = rig_new(&config, TRAIN, VALIDATION, 910);
  uint8_t byte = 0;
  cnn_config read;
  int32_t kind;
  CHECK(cnn_trainer_save_bytes(NULL, CNN_SAVE_MODEL) == 0, "bytes of NULL");
  CHECK(cnn_trainer_save_bytes(r.trainer, 2) == 0 && cnn_trainer_save_bytes(r.trainer, -1) == 0,
        "bytes of an unknown kind");
  CHECK(cnn_trainer_save(NULL, r.trainer, 0) == CNN_ERROR_ARGUMENT, "save to NULL");
  CHECK(cnn_trainer_save(&byte, NULL, 0) == CNN_ERROR_ARGUMENT, "save NULL");
  CHECK(cnn_trainer_save(&byte, r.trainer, 2) == CNN_ERROR_ARGUMENT, "save an unknown kind");
  CHECK(cnn_trainer_load(NULL, &byte, 1) == CNN_ERROR_ARGUMENT, "load into NULL");
  CHECK(cnn_trainer_load(r.trainer, NULL, 0) == CNN_ERROR_ARGUMENT, "load NULL");
  CHECK(cnn_trainer_load(r.trainer, &byte, 0) == CNN_ERROR_SAVED, "load nothing");
  CHECK(cnn_saved_config(NULL, &kind, &byte, 1) == CNN_ERROR_ARGUMENT, "no config");
  CHECK(cnn_saved_config(&read, NULL, &byte, 1) == CNN_ERROR_ARGUMENT, "no kind");
  CHECK(cnn_saved_config(&read, &kind, NULL, 1) == CNN_ERROR_ARGUMENT, "no bytes");
  rig_end(&r);
}

int main(void) {
  for (int i = 0; i < CASES; i++) {
    check_resume(i);
    check_model(i);
  }
  check_stopped();
  check_saved_config();
  check_other_settings();
  check_other_images();
  check_golden();
  check_misuse();
  return check_finish("save");
}
