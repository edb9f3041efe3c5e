/* Saved bytes that nobody saved: cut, flipped, or made up with a hash that is right. All of them
 * are refused and change nothing, or are harmless; the sanitizers watch the reading. */
#include "cnn.h"

#include "rig.h"
#include "saved_help.h"
#include "trainer_state.h"

/* The smallest trainer that has everything, in the middle of its second epoch. */
static rig small_rig(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 4;
  config.classes = 2;
  config.output = CNN_OUTPUT_SIGMOID;
  config.filters = 1;
  config.norm = CNN_NORM_BATCH;
  config.batch = 2;
  config.epochs = 4;
  config.patience = 3;
  rig r = rig_new(&config, 5, 3, 907);
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK && cnn_trainer_run(r.trainer, 1) == CNN_OK,
        "run");
  return r;
}

/* A place after which everything of the trainer can be seen to be unchanged. */
typedef struct {
  guarded before;
} snapshot;

static snapshot snap(const rig *r) {
  const snapshot s = {cut(&r->block, r->block.bytes)};
  return s;
}

static int unchanged(const snapshot *s, const rig *r) {
  return memcmp(guarded_byte(&s->before), guarded_byte(&r->block), r->block.bytes) == 0;
}

static int both_refuse(rig *r, const guarded *bytes) {
  cnn_config config;
  int32_t kind;
  return load(r, bytes) == CNN_ERROR_SAVED &&
         cnn_saved_config(&config, &kind, guarded_byte(bytes), bytes->bytes) == CNN_ERROR_SAVED;
}

/* Every shorter length, with its hash in place too, and one byte too many. */
static void check_truncation(int32_t kind) {
  rig r = small_rig();
  guarded bytes = save(&r, kind);
  snapshot before = snap(&r);
  int passed = 0, sealed = 0;
  for (size_t count = 0; count < bytes.bytes; count++) {
    guarded part = cut(&bytes, count);
    passed += !both_refuse(&r, &part);
    if (count >= 8) {
      seal(&part);
      sealed += load(&r, &part) != CNN_ERROR_SAVED;
    }
    (void)guarded_end(&part);
  }
  CHECK(passed == 0, "kind %d: %d lengths of %zu passed", kind, passed, bytes.bytes);
  CHECK(sealed == 0, "kind %d: %d sealed lengths passed", kind, sealed);
  guarded longer = guarded_new(GUARD_BYTES, bytes.bytes + 1, 0);
  memset(guarded_byte(&longer), 0, longer.bytes);
  memcpy(guarded_byte(&longer), guarded_byte(&bytes), bytes.bytes - 8);
  CHECK(both_refuse(&r, &longer), "a byte more passed");
  seal(&longer);
  CHECK(load(&r, &longer) == CNN_ERROR_SAVED, "a sealed byte more passed");
  CHECK(unchanged(&before, &r), "refused bytes changed the trainer");
  CHECK(load(&r, &bytes) == CNN_OK, "the whole was refused");
  drop(&longer);
  drop(&bytes);
  drop(&before.before);
  rig_end(&r);
}

static void check_flipped_bits(int32_t kind) {
  rig r = small_rig();
  guarded bytes = save(&r, kind);
  snapshot before = snap(&r);
  int passed = 0;
  for (size_t i = 0; i < bytes.bytes * 8; i++) {
    guarded_byte(&bytes)[i / 8] ^= (unsigned char)(1 << i % 8);
    passed += !both_refuse(&r, &bytes);
    guarded_byte(&bytes)[i / 8] ^= (unsigned char)(1 << i % 8);
  }
  CHECK(passed == 0, "kind %d: %d flipped bits passed", kind, passed);
  CHECK(unchanged(&before, &r), "refused bytes changed the trainer");
  drop(&bytes);
  drop(&before.before);
  rig_end(&r);
}

/* Whatever a trainer took in, it can be used up to the end. */
static void use_up(rig *r) {
  float values[64];
  uint64_t fingerprint;
  cnn_score score;
  for (int i = 0; i < 40 && rig_progress(r).phase != CNN_PHASE_FINISHED; i++) {
    (void)cnn_trainer_run(r->trainer, 500);
  }
  (void)cnn_trainer_run(r->trainer, INT64_MAX);
  (void)cnn_trainer_evaluate(&score, r->trainer, &r->validation);
  (void)cnn_trainer_logits(values, r->trainer, r->validation.pixels, 3);
  (void)cnn_trainer_class_map(values, r->trainer, r->validation.pixels, 1);
  (void)cnn_trainer_fingerprint(&fingerprint, r->trainer);
}

/* Every byte set to the values that hurt most, the hash made right again: refused without a trace,
 * or taken in and harmless (the sanitizers watch). */
static void check_sealed_bytes(int32_t kind) {
  static const unsigned char values[] = {0x00, 0xff, 0x7f, 0x80};
  rig r = small_rig(), victim = small_rig();
  guarded bytes = save(&r, kind), trial = cut(&bytes, bytes.bytes);
  snapshot before = snap(&victim);
  int taken = 0, refused = 0;
  for (size_t i = 0; i < bytes.bytes - 8; i++) {
    for (size_t j = 0; j < 4 + 2; j++) {
      const unsigned char kept = guarded_byte(&bytes)[i];
      guarded_byte(&trial)[i] = j < 4 ? values[j] : (unsigned char)(kept ^ (j == 4 ? 0x01 : 0x40));
      seal(&trial);
      if (load(&victim, &trial) == CNN_OK) {
        taken++;
        use_up(&victim);
        memcpy(guarded_byte(&victim.block), guarded_byte(&before.before), victim.block.bytes);
      } else {
        refused++;
        CHECK(i % 7 != 0 || unchanged(&before, &victim), "byte %zu: refused, but changed", i);
      }
      guarded_byte(&trial)[i] = kept;
    }
  }
  CHECK(unchanged(&before, &victim), "refused bytes changed the trainer");
  CHECK(taken > 1000 && refused > 1000, "kind %d: %d taken, %d refused", kind, taken, refused);
  drop(&bytes);
  drop(&trial);
  drop(&before.before);
  rig_end(&r);
  rig_end(&victim);
}

/* ---- Hostile fields -------------------------------------------------------------------------- */

static size_t find(const guarded *g, const char *text) {
  const size_t length = strlen(text);
  for (size_t i = 0; i + length <= g->bytes; i++) {
    if (memcmp(guarded_byte(g) + i, text, length) == 0) {
      return i;
    }
  }
  CHECK(0, "%s is not in the bytes", text);
  return 0;
}

static void put(const guarded *g, size_t at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    guarded_byte(g)[at + i] = (unsigned char)(value >> 8 * i);
  }
}

/* Bytes of the header and of the settings' number, and where the last setting, seed, ends. */
enum { HEADER = 8 + 4 + 4, COUNT_AT = HEADER };

static void refuse_with(rig *r, const guarded *bytes, size_t at, uint64_t value, size_t size,
                        const char *what) {
  guarded trial = cut(bytes, bytes->bytes);
  put(&trial, at, value, size);
  seal(&trial);
  CHECK(load(r, &trial) == CNN_ERROR_SAVED, "%s passed", what);
  drop(&trial);
}

static void check_hostile(void) {
  rig r = small_rig();
  guarded bytes = save(&r, CNN_SAVE_STATE);
  snapshot before = snap(&r);
  const size_t arrays = find(&bytes, "seed") + 4 + 8;
  const uint64_t counts[] = {UINT64_MAX, UINT64_MAX - 3,    UINT64_C(1) << 62, UINT64_C(1) << 61,
                             0,          UINT64_C(1) << 32, UINT32_MAX};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    refuse_with(&r, &bytes, arrays, counts[i], 8, "a false number of parameters");
    refuse_with(&r, &bytes, arrays + 8, counts[i] + (counts[i] == 0), 8, "of statistics");
    refuse_with(&r, &bytes, COUNT_AT, counts[i], 4, "of settings");
  }
  refuse_with(&r, &bytes, 0, 'X', 1, "another magic");
  refuse_with(&r, &bytes, 8, 2, 4, "another version");
  refuse_with(&r, &bytes, 8, 0, 4, "version 0");
  refuse_with(&r, &bytes, 12, 2, 4, "another kind");
  refuse_with(&r, &bytes, 12, UINT32_MAX, 4, "kind -1");
  refuse_with(&r, &bytes, COUNT_AT + 4, 255, 1, "a name of 255 letters");
  refuse_with(&r, &bytes, COUNT_AT + 4, 0, 1, "a name of no letters");
  refuse_with(&r, &bytes, find(&bytes, "seed"), 'S', 1, "an unknown name");
  refuse_with(&r, &bytes, find(&bytes, "seed") + 3, 0, 1, "a name that ends early");
  refuse_with(&r, &bytes, find(&bytes, "kernel2") + 6, 0, 1, "a known name and a zero");
  refuse_with(&r, &bytes, find(&bytes, "dropout") + 7, UINT64_C(0x7ff8000000000000), 8, "NaN");
  refuse_with(&r, &bytes, find(&bytes, "classes") + 7, UINT64_C(0x4004000000000000), 8, "2.5");
  refuse_with(&r, &bytes, arrays + 16, UINT32_C(0x7f800000), 4, "an infinite weight");
  refuse_with(&r, &bytes, arrays + 16, UINT32_C(0xffc00000), 4, "a weight that is no number");
  CHECK(unchanged(&before, &r), "refused bytes changed the trainer");
  drop(&bytes);
  drop(&before.before);
  rig_end(&r);
}

/* Where the numbers of a run stand behind the arrays and the pictures' hash. */
enum {
  PHASE_AT = 0,
  EPOCH_AT = 4,
  STEP_AT = 8,
  WORK_AT = 12,
  TRAIN_AT = 20, /* loss 8, count 4, correct 4 */
  VALIDATION_AT = 36,
  BEST_AT = 52,
  PASS_AT = 56,
  CURSOR_AT = 60,
  TALLY_AT = 64,
  POWERS_AT = 80,
  MOMENTS_AT = 80 + 8 + 8 + 8 + 8
};

/* Each number of the run that cannot be, with everything else as it was. */
static void check_hostile_run(void) {
  rig r = small_rig();
  CHECK(cnn_trainer_run(r.trainer, 1) == CNN_OK, "run");
  guarded bytes = save(&r, CNN_SAVE_STATE);
  const cnn_trainer *t = r.trainer;
  CHECK(t->cursor == 2 && t->pass == CNN_PASS_LEARN && t->progress.epoch == 1, "another place");
  snapshot before = snap(&r);
  const size_t floats = (size_t)(r.plan.parameters + r.plan.statistics) + 256;
  const size_t run = find(&bytes, "seed") + 4 + 8 + 16 + 4 * floats + 8;
  const struct {
    size_t at;
    uint64_t value;
    size_t bytes;
    const char *what;
  } lies[] = {{PHASE_AT, 5, 4, "phase 5"},
              {PHASE_AT, UINT32_MAX, 4, "phase -1"},
              {PHASE_AT, CNN_PHASE_EVALUATE, 4, "evaluating while it learns"},
              {EPOCH_AT, 5, 4, "more epochs than there are"},
              {EPOCH_AT, UINT32_MAX, 4, "epoch -1"},
              {STEP_AT, INT32_MAX, 4, "more steps than can be counted on"},
              {STEP_AT, UINT32_MAX, 4, "step -1"},
              {WORK_AT, (uint64_t)r.plan.epoch_work + 1, 8, "more work than an epoch has"},
              {WORK_AT, UINT64_MAX, 8, "work -1"},
              {TRAIN_AT + 8, 6, 4, "a score of more images than there are"},
              {TRAIN_AT + 12, 6, 4, "more hits than images"},
              {VALIDATION_AT + 8, 4, 4, "a validation score of more images than there are"},
              {VALIDATION_AT + 12, UINT32_MAX, 4, "-1 hits"},
              {BEST_AT, 2, 4, "a best epoch that has not been"},
              {PASS_AT, 3, 4, "pass 3"},
              {PASS_AT, CNN_PASS_SCORE_TRAIN, 4, "scoring while it trains"},
              {CURSOR_AT, 4, 4, "a cursor without its tally"},
              {CURSOR_AT, UINT32_MAX, 4, "cursor -1"},
              {CURSOR_AT, 1000000, 4, "a cursor beyond the images"},
              {TALLY_AT + 8, 3, 4, "a tally without its cursor"},
              {TALLY_AT + 12, 3, 4, "a tally of more hits than images"},
              {POWERS_AT, UINT64_C(0x7ff8000000000000), 8, "a power that is no number"},
              {POWERS_AT + 8, UINT64_C(0x3ff8000000000000), 8, "a power of 1.5"},
              {MOMENTS_AT, UINT32_C(0x7fc00000), 4, "a moment that is no number"},
              {MOMENTS_AT + 4 * (size_t)r.plan.parameters, UINT32_C(0xbf800000), 4,
               "a second moment below zero"}};
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    refuse_with(&r, &bytes, run + lies[i].at, lies[i].value, lies[i].bytes, lies[i].what);
  }
  guarded trial = cut(&bytes, bytes.bytes); /* all images done, and the epoch not over */
  put(&trial, run + CURSOR_AT, 5, 4);
  put(&trial, run + TALLY_AT + 8, 5, 4);
  seal(&trial);
  CHECK(load(&r, &trial) == CNN_ERROR_SAVED, "a cursor at the end passed");
  put(&trial, run + CURSOR_AT, 4, 4); /* but these two are a place like any other */
  put(&trial, run + TALLY_AT + 8, 4, 4);
  seal(&trial);
  CHECK(unchanged(&before, &r), "refused bytes changed the trainer");
  CHECK(load(&r, &trial) == CNN_OK, "a possible cursor was refused");
  drop(&trial);
  drop(&bytes);
  drop(&before.before);
  rig_end(&r);
}

/* Before there is a best epoch its copy is memory that nobody wrote: zeros are saved. */
static void check_no_best(void) {
  const cnn_config config = save_config(3);
  rig r = rig_new(&config, TRAIN, VALIDATION, 911);
  memset(r.trainer->best, 0xff, (size_t)r.plan.parameters * sizeof(float));
  guarded bytes = save(&r, CNN_SAVE_STATE);
  CHECK(load(&r, &bytes) == CNN_OK, "a state without a best epoch was refused");
  drop(&bytes);
  rig_end(&r);
}

/* Bytes from before a setting existed: without its pair they mean its default. */
static void check_missing_setting(void) {
  cnn_config config = save_config(0);
  config.shift = 1;
  rig r = rig_new(&config, TRAIN, VALIDATION, 908);
  guarded bytes = save(&r, CNN_SAVE_MODEL);
  const struct {
    const char *name;
    cnn_status status;
  } without[] = {{"flip", CNN_OK}, {"shift", CNN_ERROR_SAVED}}; /* shift is not at its default */
  for (size_t i = 0; i < 2; i++) {
    const size_t length = strlen(without[i].name), pair = 1 + length + 8;
    const size_t at = find(&bytes, without[i].name) - 1;
    guarded trial = cut(&bytes, bytes.bytes - pair);
    memcpy(guarded_byte(&trial) + at, guarded_byte(&bytes) + at + pair, trial.bytes - at);
    guarded_byte(&trial)[COUNT_AT]--;
    seal(&trial);
    CHECK(load(&r, &trial) == without[i].status, "without %s", without[i].name);
    drop(&trial);
  }
  drop(&bytes);
  rig_end(&r);
}

int main(void) {
  for (int32_t kind = CNN_SAVE_MODEL; kind <= CNN_SAVE_STATE; kind++) {
    check_truncation(kind);
    check_flipped_bits(kind);
    check_sealed_bytes(kind);
  }
  check_hostile();
  check_hostile_run();
  check_no_best();
  check_missing_setting();
  return check_finish("save_damage");
}
