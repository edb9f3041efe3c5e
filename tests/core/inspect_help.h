/* What the tests of inspection share: eight networks that have learned a little. */
#ifndef INSPECT_HELP_H
#define INSPECT_HELP_H

#include "cnn.h"
#include "rig.h"

enum { CASES = 8, TRAIN = 23, VALIDATION = 11, MOST_VALUES = 4096 };

/* Every head, norm and pool, both kinds of padding, kernel and stride, no blocks at all. */
static inline cnn_config config_of(int i) {
  cnn_config c = cnn_config_default();
  c.resolution = 12;
  c.classes = 3;
  c.filters = 5;
  c.batch = 8;
  c.epochs = 3;
  c.seed = 31 + i;
  switch (i) {
  case 1:
    c.blocks = 2;
    c.channels = 3;
    c.kernel = 5;
    c.padding = CNN_PADDING_SAME;
    c.norm = CNN_NORM_BATCH;
    c.filters2 = 4;
    c.norm2 = CNN_NORM_LAYER;
    c.pool2 = CNN_POOL_AVERAGE2;
    c.head = CNN_HEAD_GRID;
    c.grid = 1;
    break;
  case 2:
    c.padding = CNN_PADDING_SAME;
    c.stride = 2;
    c.pool = CNN_POOL_NONE;
    c.head = CNN_HEAD_GRID;
    c.grid = 4; /* does not divide 6: cells overlap */
    c.dropout = 0.4;
    break;
  case 3:
    c.blocks = 0;
    c.hidden = 7;
    break;
  case 4:
    c.blocks = 2;
    c.kernel2 = 3;
    c.filters2 = 6;
    c.pool2 = CNN_POOL_NONE;
    c.head = CNN_HEAD_ATTENTION;
    c.classes = 2;
    c.output = CNN_OUTPUT_SIGMOID;
    break;
  case 5:
    c.pool = CNN_POOL_AVERAGE2;
    c.head = CNN_HEAD_GLOBAL_MAX;
    c.scaling = CNN_SCALING_UNIT;
    break;
  case 6:
    c.norm = CNN_NORM_BATCH;
    c.head = CNN_HEAD_GLOBAL_AVERAGE;
    c.classes = 2;
    c.output = CNN_OUTPUT_SIGMOID;
    break;
  case 7:
    c.head = CNN_HEAD_GLOBAL_AVERAGE;
    c.hidden = 9;
    c.dropout = 0.2;
    c.shift = 1;
    break;
  default:
    break;
  }
  return c;
}

/* After two epochs, so that moving averages, biases and the query are not what they began as. */
static inline rig trained_rig(int i) {
  const cnn_config config = config_of(i);
  rig r = rig_new(&config, TRAIN, VALIDATION, 700);
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run");
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run");
  return r;
}

static inline const uint8_t *picture(const rig *r, int i) {
  return r->validation.pixels + (size_t)i * rig_values(&r->config);
}

/* Floats that were summed in another order, or in double. */
static inline int close_to(double value, double want) {
  return fabs(value - want) <= 2e-5 * (1.0 + fabs(want));
}

/* One layer's values, in exactly as much memory as the layer has. */
static inline void values_of(float *values, rig *r, int image, int32_t number,
                             const cnn_layer *layer) {
  const size_t count = (size_t)layer->side * (size_t)layer->side * (size_t)layer->channels;
  guarded g = guarded_floats(count, 0);
  CHECK(cnn_trainer_activations(guarded_float(&g), r->trainer, picture(r, image), number) == CNN_OK,
        "activations of layer %d", number);
  CHECK(count <= MOST_VALUES, "%zu values", count);
  memcpy(values, guarded_float(&g), count * sizeof(float));
  CHECK(guarded_end(&g), "layer %d: wrote outside", number);
}

static inline void want_probabilities(double *want, const float *logits, size_t outputs) {
  double total = 0.0;
  if (outputs == 1) {
    want[1] = 1.0 / (1.0 + exp(-(double)logits[0]));
    want[0] = 1.0 - want[1];
    return;
  }
  for (size_t j = 0; j < outputs; j++) {
    want[j] = exp((double)logits[j]);
    total += want[j];
  }
  for (size_t j = 0; j < outputs; j++) {
    want[j] /= total;
  }
}

#endif
