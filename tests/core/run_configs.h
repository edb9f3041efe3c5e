/* A fixed set of small runs that between them pass through every stage. Tests only. */
#ifndef RUN_CONFIGS_H
#define RUN_CONFIGS_H

#include "cnn.h"

/* One block without extras, then networks that between them pass through every stage. */
enum { PLAIN = 6, CONFIGS = 13 };

static inline cnn_config plain_config(int i) {
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
  return config;
}

static inline void add_regularisers(cnn_config *config) {
  config->dropout = 0.25;
  config->l2 = 1e-3;
  config->weight_decay = 1e-3;
  config->label_smoothing = 0.1;
  config->clip_norm = 1.0;
  config->shift = 2;
  config->flip = 1;
  config->pixel_noise = 4.0;
}

/* Two to four blocks of every kind. */
static inline cnn_config deep_config(int i) {
  cnn_config config = cnn_config_default();
  config.resolution = 12;
  config.blocks = 2 + i % 3;
  config.classes = 4;
  config.filters = 6;
  config.filters2 = 5;
  config.filters3 = 9;
  config.filters4 = 4;
  config.padding = config.padding2 = config.padding3 = config.padding4 = CNN_PADDING_SAME;
  config.pool2 = CNN_POOL_NONE;
  config.pool3 = CNN_POOL_AVERAGE2;
  config.pool4 = CNN_POOL_NONE;
  config.norm = i % 3;
  config.norm2 = (i + 1) % 3;
  config.norm3 = (i + 2) % 3;
  config.kernel2 = i % 2 == 0 ? 5 : 3;
  config.stride2 = 1 + i % 2;
  config.head = i % 5;
  config.grid = 1;
  config.hidden = i % 2 == 0 ? 7 : 0;
  config.optimiser = i % 3;
  config.schedule = i % 2;
  config.warmup = i % 2;
  return config;
}

/* All with a partial last batch: 33 = 16 + 16 + 1. */
static inline cnn_config config_of(int i) {
  cnn_config config = i < PLAIN ? plain_config(i) : deep_config(i - PLAIN);
  if (i == CONFIGS - 2 || i == CONFIGS - 1) { /* no blocks: a regression, a perceptron */
    config = cnn_config_default();
    config.resolution = 8;
    config.blocks = 0;
    config.hidden = i == CONFIGS - 1 ? 7 : 0;
  }
  if (i >= PLAIN && i % 2 == 0) {
    add_regularisers(&config);
  }
  config.batch = 16;
  config.epochs = 3;
  return config;
}

#endif
