/* A trainer on random pictures, in a block of exactly plan.bytes between guard bytes. Tests only.
 */
#ifndef RIG_H
#define RIG_H

#include "cnn.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"

typedef struct {
  cnn_config config;
  cnn_plan plan;
  cnn_images train, validation;
  guarded train_pixels, train_labels, validation_pixels, validation_labels;
  guarded block;
  cnn_trainer *trainer;
} rig;

static inline size_t rig_values(const cnn_config *config) {
  return (size_t)config->resolution * (size_t)config->resolution * (size_t)config->channels;
}

/* Noise and, faintly, diagonal stripes whose period is the label + 2: something to learn. */
static inline cnn_images rig_images(guarded *pixels, guarded *labels, const cnn_config *config,
                                    int32_t count, uint64_t seed) {
  const size_t values = rig_values(config), total = (size_t)count * values;
  noise random = noise_of(seed);
  *pixels = guarded_new(GUARD_BYTES, total, 0);
  *labels = guarded_new(GUARD_BYTES, (size_t)count, 0);
  for (size_t i = 0; i < (size_t)count; i++) {
    const uint32_t label = noise_below(&random, (uint32_t)config->classes);
    guarded_byte(labels)[i] = (uint8_t)label;
    for (size_t j = 0; j < values; j++) {
      const size_t pixel = j / (size_t)config->channels;
      const size_t diagonal =
          pixel / (size_t)config->resolution + pixel % (size_t)config->resolution;
      const uint32_t bright = diagonal % (label + 2) == 0 ? 80 : 0;
      guarded_byte(pixels)[i * values + j] = (uint8_t)(noise_below(&random, 176) + bright);
    }
  }
  const cnn_images images = {guarded_byte(pixels), guarded_byte(labels), count};
  return images;
}

/* (Re)creates the trainer in the same block on the same pictures: a run from the start. */
static inline void rig_start(rig *r) {
  const cnn_status status = cnn_trainer_create(&r->trainer, &r->config, &r->train, &r->validation,
                                               guarded_byte(&r->block), r->block.bytes);
  CHECK(status == CNN_OK, "create: %s", cnn_status_text(status));
}

static inline rig rig_new(const cnn_config *config, int32_t train, int32_t validation,
                          uint64_t seed) {
  rig r = {.config = *config};
  const cnn_status status = cnn_config_plan(&r.plan, config, train, validation);
  CHECK(status == CNN_OK, "plan: %s", cnn_status_text(status));
  r.train = rig_images(&r.train_pixels, &r.train_labels, config, train, seed);
  r.validation =
      rig_images(&r.validation_pixels, &r.validation_labels, config, validation, seed + 1000);
  r.block = guarded_new(GUARD_BYTES, (size_t)r.plan.bytes, 0);
  rig_start(&r);
  return r;
}

static inline cnn_progress rig_progress(const rig *r) {
  cnn_progress progress = {0};
  const cnn_status status = cnn_trainer_progress(&progress, r->trainer);
  CHECK(status == CNN_OK, "progress: %s", cnn_status_text(status));
  return progress;
}

/* Runs to the end in slices of `budget`; the status that ended it. */
static inline cnn_status rig_run(rig *r, int64_t budget) {
  cnn_status status = CNN_OK;
  while (status == CNN_OK && rig_progress(r).phase != CNN_PHASE_FINISHED) {
    status = cnn_trainer_run(r->trainer, budget);
  }
  return status;
}

static inline uint64_t rig_fingerprint(const rig *r) {
  uint64_t fingerprint = 0;
  const cnn_status status = cnn_trainer_fingerprint(&fingerprint, r->trainer);
  CHECK(status == CNN_OK, "fingerprint: %s", cnn_status_text(status));
  return fingerprint;
}

static inline void rig_end(rig *r) {
  const int intact = guarded_end(&r->train_pixels) + guarded_end(&r->train_labels) +
                     guarded_end(&r->validation_pixels) + guarded_end(&r->validation_labels) +
                     guarded_end(&r->block);
  CHECK(intact == 5, "R %d C %d K %d F %d: wrote outside the block", r->config.resolution,
        r->config.channels, r->config.classes, r->config.filters);
}

#endif
