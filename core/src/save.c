/* Saved bytes: one description of the format for counting, writing, checking and reading
 * (byte_tape.h). Everything is little-endian, byte by byte; nothing of a struct's layout gets out.
 *
 *   8 bytes "PvsLsave", version u32, kind u32
 *   settings: their number u32, then of each: length of its name u8, name, value f64
 *   number of parameters u64, of statistics u64
 *   parameters, statistics, input scaling of the 256 pixel values: f32
 *   a state goes on: hash of both image sets u64; the run between two batches; both moments f32;
 *     with patience the best epoch's parameters and statistics f32 (zeros before there is one)
 *   hash of all bytes before u64
 */
#include <string.h>

#include "byte_tape.h"
#include "trainer_state.h"

enum { VERSION = 1, MAGIC_BYTES = 8, HASH_BYTES = 8, NAME_BYTES = 32 };
/* More updates than a run can make in years; leaves room for the rest of the run in 31 bits. */
enum { MOST_STEPS = INT32_MAX / 2 };

static const char magic[MAGIC_BYTES] = {'P', 'v', 's', 'L', 's', 'a', 'v', 'e'};

/* ---- The format ------------------------------------------------------------------------------ */

static void pass_header(cnn_tape *s, int32_t *kind) {
  char letters[MAGIC_BYTES];
  memcpy(letters, magic, sizeof letters);
  cnn_tape_text(s, letters, sizeof letters);
  s->bad = s->bad || memcmp(letters, magic, sizeof letters) != 0;
  int32_t version = VERSION;
  cnn_tape_int(s, &version, VERSION, VERSION);
  cnn_tape_int(s, kind, CNN_SAVE_MODEL, CNN_SAVE_STATE);
}

#define NAME(type, name, initial, low, high) #name,
static const char *const names[] = {CNN_CONFIG_FIELDS(NAME)};
enum { SETTINGS = sizeof names / sizeof names[0] };

static void write_settings(cnn_tape *s, const cnn_config *config) {
#define VALUE(type, name, initial, low, high) (double)config->name,
  const double values[] = {CNN_CONFIG_FIELDS(VALUE)};
#undef VALUE
  for (int32_t i = 0; i < SETTINGS; i++) {
    char name[NAME_BYTES] = {0};
    double value = values[i];
    const size_t length = strlen(names[i]);
    uint64_t word = length;
    memcpy(name, names[i], length);
    cnn_tape_word(s, &word, 1);
    cnn_tape_text(s, name, length);
    cnn_tape_double(s, &value);
  }
}

static void read_setting(cnn_tape *s, cnn_config *config) {
  char name[NAME_BYTES] = {0};
  uint64_t length = 0;
  double value = 0.0;
  cnn_tape_word(s, &length, 1);
  s->bad = s->bad || length >= NAME_BYTES;
  cnn_tape_text(s, name, s->bad ? 0 : (size_t)length);
  cnn_tape_double(s, &value);
  s->bad = s->bad || strlen(name) != length || cnn_config_set(config, name, value) != CNN_OK;
}

/* Reading: *config holds the defaults. A setting that the bytes do not name has its default, so
 * that bytes from before it existed keep their meaning; an unknown name is refused. */
static void pass_settings(cnn_tape *s, cnn_config *config) {
  int32_t count = SETTINGS;
  cnn_tape_int(s, &count, 0, SETTINGS);
  if (!cnn_tape_reads(s)) {
    write_settings(s, config);
    return;
  }
  for (int32_t i = 0; i < count && !s->bad; i++) {
    read_setting(s, config);
  }
  s->bad = s->bad || cnn_config_check(NULL, config) != CNN_OK;
}

/* A number that must be what the trainer has. */
static void pass_same(cnn_tape *s, uint64_t value) {
  uint64_t word = value;
  cnn_tape_word(s, &word, 8);
  s->bad = s->bad || word != value;
}

/* What a trainer is between two batches besides its large arrays; a model has the scaling only. */
typedef struct {
  float scaling[256];
  cnn_progress progress;
  int32_t pass, cursor;
  cnn_score tally;
  double beta1_power, beta2_power, best_loss;
  uint64_t history;
} run_state;

/* Of at most `images` images. */
static void pass_score(cnn_tape *s, cnn_score *score, int32_t images) {
  cnn_tape_double(s, &score->loss);
  cnn_tape_int(s, &score->count, 0, images);
  cnn_tape_int(s, &score->correct, 0, score->count);
}

static void pass_share(cnn_tape *s, double *value) {
  cnn_tape_double(s, value);
  s->bad = s->bad || !(*value >= 0.0 && *value <= 1.0);
}

static void pass_run(cnn_tape *s, run_state *r, const cnn_trainer *t) {
  cnn_progress *p = &r->progress;
  cnn_tape_int(s, &p->phase, CNN_PHASE_TRAIN, CNN_PHASE_STOPPED);
  cnn_tape_int(s, &p->epoch, 0, t->config.epochs);
  cnn_tape_int(s, &p->step, 0, MOST_STEPS);
  uint64_t work = (uint64_t)p->epoch_work;
  cnn_tape_word(s, &work, 8);
  s->bad = s->bad || work > (uint64_t)t->plan.epoch_work;
  p->epoch_work = (int64_t)work;
  pass_score(s, &p->train, t->train.count);
  pass_score(s, &p->validation, t->validation.count);
  cnn_tape_int(s, &p->best_epoch, 0, p->epoch);
  cnn_tape_int(s, &r->pass, CNN_PASS_LEARN, CNN_PASS_SCORE_VALIDATION);
  const int32_t images =
      r->pass == CNN_PASS_SCORE_VALIDATION ? t->validation.count : t->train.count;
  cnn_tape_int(s, &r->cursor, 0, images);
  pass_score(s, &r->tally, images);
  pass_share(s, &r->beta1_power);
  pass_share(s, &r->beta2_power);
  cnn_tape_double(s, &r->best_loss);
  cnn_tape_word(s, &r->history, 8);
  /* Inside an epoch there is an image left to do, and the tally is of the ones before it. */
  const int inside = p->phase == CNN_PHASE_TRAIN || p->phase == CNN_PHASE_EVALUATE;
  s->bad = s->bad || (p->phase == CNN_PHASE_TRAIN && r->pass != CNN_PASS_LEARN) ||
           (p->phase == CNN_PHASE_EVALUATE && r->pass == CNN_PASS_LEARN) ||
           (inside && (r->cursor >= images || r->tally.count != r->cursor));
}

static uint64_t hash_images(const cnn_trainer *t) {
  const size_t values = cnn_values_per_image(&t->config);
  const cnn_images *const sets[] = {&t->train, &t->validation};
  uint64_t hash = 0;
  for (size_t i = 0; i < 2; i++) {
    const size_t count = (size_t)sets[i]->count;
    hash = cnn_hash_bytes(hash, sets[i]->pixels, count * values);
    hash = cnn_hash_bytes(hash, sets[i]->labels, count);
  }
  return hash;
}

/* Everything between the settings and the last hash. `run` goes in or out by the tape's direction,
 * the trainer's arrays change in CNN_TAPE_READ alone. */
static void walk(cnn_tape *s, const cnn_trainer *t, int32_t kind, run_state *run) {
  const int64_t parameters = t->network.parameters;
  const int64_t statistics = t->network.statistics;
  pass_same(s, (uint64_t)parameters);
  pass_same(s, (uint64_t)statistics);
  cnn_tape_floats(s, t->parameters, parameters, 0);
  cnn_tape_floats(s, t->statistics, statistics, 0);
  cnn_tape_floats(s, run->scaling, 256, 0);
  if (kind != CNN_SAVE_STATE) {
    return;
  }
  if (s->mode == CNN_TAPE_WRITE || s->mode == CNN_TAPE_CHECK) {
    pass_same(s, hash_images(t));
  } else {
    s->at += HASH_BYTES; /* counted, or checked before */
  }
  pass_run(s, run, t);
  cnn_tape_floats(s, t->moment1, parameters, 0);
  cnn_tape_floats(s, t->moment2, parameters, 1);
  if (t->best != NULL) {
    cnn_tape_floats(s, run->progress.best_epoch > 0 ? t->best : NULL, parameters + statistics, 0);
  }
}

/* Header, settings and the rest of a trainer, without the last hash. */
static void write_all(cnn_tape *s, const cnn_trainer *t, int32_t kind) {
  cnn_config config = t->config;
  run_state run = {.progress = t->progress,
                   .pass = (int32_t)t->pass,
                   .cursor = t->cursor,
                   .tally = t->tally,
                   .beta1_power = t->beta1_power,
                   .beta2_power = t->beta2_power,
                   .best_loss = t->best_loss,
                   .history = t->history};
  memcpy(run.scaling, t->scaling, sizeof run.scaling);
  pass_header(s, &kind);
  pass_settings(s, &config);
  walk(s, t, kind, &run);
}

/* ---- Public ---------------------------------------------------------------------------------- */

static int is_kind(int32_t kind) {
  return kind == CNN_SAVE_MODEL || kind == CNN_SAVE_STATE;
}

size_t cnn_trainer_save_bytes(const cnn_trainer *t, int32_t kind) {
  if (t == NULL || !is_kind(kind)) {
    return 0;
  }
  cnn_tape s = {.mode = CNN_TAPE_COUNT};
  write_all(&s, t, kind);
  return s.at + HASH_BYTES;
}

cnn_status cnn_trainer_save(uint8_t *out, cnn_trainer *t, int32_t kind) {
  if (out == NULL || t == NULL || !is_kind(kind)) {
    return CNN_ERROR_ARGUMENT;
  }
  /* If its numbers ran away the run is now stopped, which is a state like any other. */
  (void)cnn_trainer_finish_batch(t);
  cnn_tape s = {.mode = CNN_TAPE_WRITE, .out = out};
  write_all(&s, t, kind);
  cnn_put_word(out + s.at, cnn_hash_bytes(0, out, s.at), HASH_BYTES);
  return CNN_OK;
}

/* Checks the hash, reads header and settings; 0 if they are damaged. */
static int open_saved(cnn_tape *s, cnn_config *config, int32_t *kind, const uint8_t *bytes,
                      size_t count) {
  if (count < HASH_BYTES) {
    return 0;
  }
  const cnn_tape opened = {.mode = CNN_TAPE_CHECK, .in = bytes, .count = count - HASH_BYTES};
  *s = opened;
  if (cnn_hash_bytes(0, bytes, s->count) != cnn_get_word(bytes + s->count, HASH_BYTES)) {
    return 0;
  }
  *kind = CNN_SAVE_MODEL;
  pass_header(s, kind);
  *config = cnn_config_default();
  pass_settings(s, config);
  return !s->bad;
}

cnn_status cnn_saved_config(cnn_config *config, int32_t *kind, const uint8_t *bytes, size_t count) {
  if (config == NULL || kind == NULL || bytes == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  cnn_tape s;
  cnn_config read;
  int32_t read_kind;
  if (!open_saved(&s, &read, &read_kind, bytes, count)) {
    return CNN_ERROR_SAVED;
  }
  *config = read;
  *kind = read_kind;
  return CNN_OK;
}

static int same_settings(const cnn_config *a, const cnn_config *b) {
  int same = 1;
#define SAME(type, name, initial, low, high) same = same && a->name == b->name;
  CNN_CONFIG_FIELDS(SAME)
#undef SAME
  return same;
}

/* The arrays are there; what stands between two batches, and what follows from it. */
static void take_over(cnn_trainer *t, int32_t kind, const run_state *run) {
  const size_t bytes = (size_t)t->network.parameters * sizeof(float);
  const cnn_batch none = {0};
  if (kind == CNN_SAVE_MODEL) {
    memset(t->moment1, 0, bytes);
    memset(t->moment2, 0, bytes);
  }
  memset(t->gradients, 0, bytes);
  memcpy(t->scaling, run->scaling, sizeof t->scaling);
  t->progress = run->progress;
  t->pass = (cnn_pass)run->pass;
  t->cursor = run->cursor;
  t->tally = run->tally;
  t->beta1_power = run->beta1_power;
  t->beta2_power = run->beta2_power;
  t->best_loss = run->best_loss;
  t->history = run->history;
  t->bound_known = 0;
  t->batch = none;
  cnn_trainer_shuffle(t);
}

cnn_status cnn_trainer_load(cnn_trainer *t, const uint8_t *bytes, size_t count) {
  if (t == NULL || bytes == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  cnn_tape s;
  cnn_config config;
  int32_t kind;
  if (!open_saved(&s, &config, &kind, bytes, count) || !same_settings(&config, &t->config)) {
    return CNN_ERROR_SAVED;
  }
  /* What a model leaves as it is here: the start of a run. */
  run_state run = {.beta1_power = 1.0, .beta2_power = 1.0};
  const size_t start = s.at;
  walk(&s, t, kind, &run);
  if (s.bad || s.at != s.count) {
    return CNN_ERROR_SAVED;
  }
  s.mode = CNN_TAPE_READ;
  s.at = start;
  walk(&s, t, kind, &run);
  take_over(t, kind, &run);
  return CNN_OK;
}
