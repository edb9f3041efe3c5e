/* The rig's trainer and the double network side by side: the same weights, images and dropout.
 * Tests only. */
#ifndef TWIN_H
#define TWIN_H

#include "augment.h"
#include "cnn.h"

#include "net_double.h"
#include "rig.h"

/* Weights that exercise every tensor: kernels as drawn, everything else moved off its start. */
static inline void twin_disturb(const rig *r, uint64_t seed) {
  cnn_tensor tensors[CNN_MAX_TENSORS];
  int32_t count = 0;
  noise random = noise_of(seed);
  float *w = cnn_trainer_parameters(r->trainer), *s = cnn_trainer_statistics(r->trainer);
  CHECK(cnn_config_tensors(tensors, &count, &r->config) == CNN_OK, "tensors");
  for (int32_t i = 0; i < count; i++) {
    const cnn_tensor *t = &tensors[i];
    const int is_moving =
        t->kind == CNN_TENSOR_MOVING_MEAN || t->kind == CNN_TENSOR_MOVING_VARIANCE;
    float *values = (is_moving ? s : w) + t->offset;
    const int64_t size = (int64_t)t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3];
    for (int64_t j = 0; j < size && t->kind != CNN_TENSOR_KERNEL; j++) {
      const float start =
          t->kind == CNN_TENSOR_GAMMA || t->kind == CNN_TENSOR_MOVING_VARIANCE ? 1.0f : 0.0f;
      values[j] = start + 0.5f * noise_float(&random);
    }
  }
}

/* Scaled inputs of `count` images (by number, or the first ones); learn: augmented for `update`. */
static inline double *twin_inputs(const rig *r, const cnn_images *images, const int32_t *order,
                                  int count, int learn, int64_t update) {
  const size_t values = rig_values(&r->config);
  double *inputs = malloc((size_t)count * values * sizeof *inputs), scaling[2];
  uint8_t *changed = malloc(values);
  if (inputs == NULL || changed == NULL) {
    abort();
  }
  net_scaling(scaling, &r->config, &r->train);
  for (int i = 0; i < count; i++) {
    const int32_t index = order == NULL ? i : order[i];
    const uint8_t *pixels = images->pixels + (size_t)index * values;
    if (learn && cnn_augments(&r->config)) {
      cnn_augment(changed, pixels, &r->config, update, index);
      pixels = changed;
    }
    for (size_t j = 0; j < values; j++) {
      inputs[(size_t)i * values + j] = (pixels[j] - scaling[0]) / scaling[1];
    }
  }
  free(changed);
  return inputs;
}

/* Dropout's factors [count][inputs of the output layer]. */
static inline double *twin_dropout(const rig *r, const int32_t *order, int count, int64_t update) {
  const size_t width = (size_t)(r->config.hidden > 0 ? r->config.hidden : r->plan.features);
  double *factors = malloc((size_t)count * width * sizeof *factors);
  float *ones = malloc(width * sizeof *ones);
  if (factors == NULL || ones == NULL) {
    abort();
  }
  for (int i = 0; i < count; i++) {
    for (size_t j = 0; j < width; j++) {
      ones[j] = 1.0f;
    }
    cnn_dropout(ones, r->config.dropout, r->config.seed, update, order[i], 0, width);
    for (size_t j = 0; j < width; j++) {
      factors[(size_t)i * width + j] = (double)ones[j];
    }
  }
  free(ones);
  return factors;
}

/* What update number `update` on these training images computes before it changes anything. */
static inline net_result twin_step(const rig *r, const int32_t *order, int count, int64_t update) {
  uint8_t labels[256];
  for (int i = 0; i < count; i++) {
    labels[i] = r->train.labels[order[i]];
  }
  double *inputs = twin_inputs(r, &r->train, order, count, 1, update);
  double *dropout =
      r->config.dropout > 0.0 ? twin_dropout(r, order, count, update) : (double *)NULL;
  const net n = {.config = r->config,
                 .parameters = cnn_trainer_parameters(r->trainer),
                 .inputs = inputs,
                 .labels = labels,
                 .dropout = dropout,
                 .count = count,
                 .learn = 1};
  const net_result result = net_compute(&n, &r->plan);
  free(inputs);
  free(dropout);
  return result;
}

/* Logits and mean loss of the first `count` images of a set, as in evaluation. */
static inline net_result twin_evaluate(const rig *r, const cnn_images *images, int count) {
  double *inputs = twin_inputs(r, images, NULL, count, 0, 0);
  const net n = {.config = r->config,
                 .parameters = cnn_trainer_parameters(r->trainer),
                 .statistics = cnn_trainer_statistics(r->trainer),
                 .inputs = inputs,
                 .labels = images->labels,
                 .count = count};
  const net_result result = net_compute(&n, &r->plan);
  free(inputs);
  return result;
}

#endif
