/* Random small networks that between them have every option, for tests that want all of them. */
#ifndef CONFIGS_H
#define CONFIGS_H

#include "cnn.h"

#include "check.h"
#include "noise.h"

/* X(name, exclusive top): drawn evenly from 0..top-1. */
/* clang-format off */
#define CONFIGS_CHOICES(X) \
  X(stride, 2) X(stride2, 2) X(stride3, 2) X(stride4, 2) \
  X(padding, 2) X(padding2, 2) X(padding3, 2) X(padding4, 2) \
  X(norm, 3) X(norm2, 3) X(norm3, 3) X(norm4, 3) \
  X(pool, 3) X(pool2, 3) X(pool3, 3) X(pool4, 3) \
  X(blocks, 5) X(head, 5) X(output, 2) X(scaling, 2) \
  X(optimiser, 3) X(nesterov, 2) X(schedule, 2) X(shift_edge, 2)
/* clang-format on */

static inline int32_t *configs_strides(cnn_config *c, int32_t b) {
  int32_t *const strides[] = {&c->stride, &c->stride2, &c->stride3, &c->stride4};
  return strides[b];
}

static inline void configs_block(cnn_config *c, noise *random, int32_t b) {
  int32_t *const filters[] = {&c->filters, &c->filters2, &c->filters3, &c->filters4};
  int32_t *const kernels[] = {&c->kernel, &c->kernel2, &c->kernel3, &c->kernel4};
  /* At least 3: layer norm over two values leaves +-1 and gradients of epsilon's size. */
  *filters[b] = 3 + (int32_t)noise_below(random, 7);
  *kernels[b] = noise_below(random, 3) == 0 ? 5 : 3;
  *configs_strides(c, b) = noise_below(random, 4) == 0 ? 2 : 1;
}

static inline int configs_sometimes(noise *random) {
  return noise_below(random, 4) == 0;
}

static inline cnn_config configs_draw(noise *random) {
  cnn_config c = cnn_config_default();
#define CONFIGS_DRAW(name, top) c.name = (int32_t)noise_below(random, top);
  CONFIGS_CHOICES(CONFIGS_DRAW)
#undef CONFIGS_DRAW
  c.resolution = 6 + (int32_t)noise_below(random, 11);
  c.channels = noise_below(random, 2) == 0 ? 1 : 3;
  c.classes = c.output == CNN_OUTPUT_SIGMOID ? 2 : 2 + (int32_t)noise_below(random, 5);
  for (int32_t b = 0; b < CNN_MAX_BLOCKS; b++) {
    configs_block(&c, random, b);
  }
  if (noise_below(random, 2) == 0) { /* otherwise few deep ones fit */
    c.padding = c.padding2 = c.padding3 = c.padding4 = CNN_PADDING_SAME;
  }
  c.grid = 1 + (int32_t)noise_below(random, 3);
  c.hidden = noise_below(random, 3) == 0 ? 3 + (int32_t)noise_below(random, 9) : 0;
  c.l2 = configs_sometimes(random) ? 0.02 : 0.0;
  c.weight_decay = configs_sometimes(random) ? 0.01 : 0.0;
  c.dropout = configs_sometimes(random) ? 0.3 : 0.0;
  c.label_smoothing = configs_sometimes(random) ? 0.1 : 0.0;
  c.clip_norm = configs_sometimes(random) ? 0.5 : 0.0;
  c.shift = configs_sometimes(random) ? 2 : 0;
  c.flip = configs_sometimes(random);
  c.pixel_noise = configs_sometimes(random) ? 6.0 : 0.0;
  c.warmup = configs_sometimes(random);
  return c;
}

/* The next one that cnn_config_check accepts and whose forward pass is small enough for the double
 * network. */
static inline cnn_config configs_next(noise *random, int64_t most_macs) {
  for (int tries = 0; tries < 10000; tries++) {
    const cnn_config c = configs_draw(random);
    cnn_plan plan = {0};
    if (cnn_config_plan(&plan, &c, 1, 1) == CNN_OK &&
        plan.conv_macs + plan.head_macs <= most_macs) {
      return c;
    }
  }
  CHECK(0, "no configuration is accepted");
  return cnn_config_default();
}

#endif
