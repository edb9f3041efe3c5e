/* What the tests of saved bytes share: settings that together have every kind of state, and bytes
 * between guards. Tests only. */
#ifndef SAVED_HELP_H
#define SAVED_HELP_H

#include "cnn.h"

#include "rig.h"

#include "rng.h"

enum { CASES = 6, TRAIN = 13, VALIDATION = 7 };

/* Together they have every kind of state: moving averages, both moments, one, a best copy, a random
 * stream that counts updates, a schedule. All end an epoch with a partial batch. */
static inline cnn_config save_config(int i) {
  cnn_config c = cnn_config_default();
  c.resolution = 8;
  c.classes = 3;
  c.filters = 3;
  c.batch = 5;
  c.epochs = 3;
  c.seed = 11 + i;
  switch (i) {
  case 1:
    c.blocks = 2;
    c.norm = CNN_NORM_BATCH;
    c.filters2 = 4;
    c.pool2 = CNN_POOL_NONE;
    c.norm2 = CNN_NORM_LAYER;
    c.hidden = 6;
    break;
  case 2:
    c.channels = 3;
    c.head = CNN_HEAD_GRID;
    c.dropout = 0.3;
    c.shift = 2;
    c.flip = 1;
    c.pixel_noise = 9.0;
    c.schedule = CNN_SCHEDULE_COSINE;
    c.warmup = 1;
    c.label_smoothing = 0.1;
    c.weight_decay = 0.01;
    c.l2 = 0.001;
    c.clip_norm = 0.5;
    break;
  case 3: /* learns noise by heart, so the second epoch or so is the best */
    c.norm = CNN_NORM_BATCH;
    c.learning_rate = 0.05;
    c.epochs = 40;
    c.patience = 2;
    break;
  case 4:
    c.head = CNN_HEAD_ATTENTION;
    c.pool = CNN_POOL_AVERAGE2;
    c.optimiser = CNN_OPTIMISER_SGD;
    c.nesterov = 1;
    c.learning_rate = 0.02;
    break;
  case 5:
    c.blocks = 0;
    c.classes = 2;
    c.output = CNN_OUTPUT_SIGMOID;
    c.optimiser = CNN_OPTIMISER_ADAM_TORCH;
    c.scaling = CNN_SCALING_UNIT;
    break;
  default:
    break;
  }
  return c;
}

/* ---- Bytes between guards -------------------------------------------------------------------- */

static inline guarded save(rig *r, int32_t kind) {
  const guarded g = guarded_new(GUARD_BYTES, cnn_trainer_save_bytes(r->trainer, kind), 0);
  CHECK(cnn_trainer_save(guarded_byte(&g), r->trainer, kind) == CNN_OK, "save");
  return g;
}

static inline cnn_status load(rig *r, const guarded *g) {
  return cnn_trainer_load(r->trainer, guarded_byte(g), g->bytes);
}

static inline void drop(guarded *g) {
  CHECK(guarded_end(g), "wrote outside the bytes");
}

/* The first `count` bytes in a place of their own, so that reading further is seen. */
static inline guarded cut(const guarded *g, size_t count) {
  const guarded part = guarded_new(GUARD_BYTES, count, 0);
  memcpy(guarded_byte(&part), guarded_byte(g), count);
  return part;
}

/* The last hash, written down once more from its description. */
static inline void seal(const guarded *g) {
  const size_t count = g->bytes - 8;
  unsigned char *bytes = guarded_byte(g);
  uint64_t hash = cnn_rng_mix(count);
  for (size_t i = 0; i < count; i += 8) {
    uint64_t word = 0;
    for (size_t j = 0; j < 8 && i + j < count; j++) {
      word += (uint64_t)bytes[i + j] << 8 * j;
    }
    hash = cnn_rng_mix((hash ^ word) * UINT64_C(0x9e3779b97f4a7c15) + 1);
  }
  for (size_t j = 0; j < 8; j++) {
    bytes[count + j] = (unsigned char)(hash >> 8 * j);
  }
}

#endif
