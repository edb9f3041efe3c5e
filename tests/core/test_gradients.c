/* Every parameter's gradient, for every head, padding, pool, output and channel count, against
 * central differences of an independent double precision network. */
#include "cnn.h"

#include "check.h"
#include "net_double.h"
#include "rig.h"
#include "worse.h"

enum { IMAGES = 5, MAX_PARAMETERS = 28 * NET_MAX_FILTERS + (NET_MAX_FEATURES + 1) * 3 };

/* The batch under test: out of order, with a repetition, and smaller than config.batch. */
static const int32_t batch[] = {3, 0, 4, 4, 1};
enum { BATCH = sizeof batch / sizeof batch[0] };

typedef struct {
  net n;
  const cnn_images *images;
  double w[MAX_PARAMETERS];
  double features[BATCH][NET_MAX_FEATURES];
} problem;

static const uint8_t *image_of(const problem *p, int i) {
  return p->images->pixels + (size_t)batch[i] * rig_values(&p->n.config);
}

/* Mean loss from the features in store. */
static double head_loss(const problem *p) {
  double sum = 0.0;
  for (int i = 0; i < BATCH; i++) {
    double logits[NET_MAX_OUTPUTS];
    net_logits(logits, &p->n, p->w, p->features[i]);
    sum += net_loss(&p->n, logits, p->images->labels[batch[i]]);
  }
  return sum / BATCH;
}

/* The same after recomputing filter f, the only one that its convolution weights change. */
static double filter_loss(uint64_t *pattern, problem *p, int f) {
  *pattern = 1;
  for (int i = 0; i < BATCH; i++) {
    net_filter(p->features[i], pattern, &p->n, p->w, image_of(p, i), f);
  }
  return head_loss(p);
}

/* Step 1e-5: the truncation is near h^2 = 1e-10, the rounding near 1e-16 / h = 1e-11. */
static double head_slope(problem *p, int64_t at) {
  const double h = 1e-5, kept = p->w[at];
  p->w[at] = kept + h;
  const double above = head_loss(p);
  p->w[at] = kept - h;
  const double below = head_loss(p);
  p->w[at] = kept;
  return (above - below) / (2.0 * h);
}

/* With a step that crosses no kink of ReLU or max: the convolution is linear in a weight, so equal
 * choices at both ends hold in between. NAN if there is none. */
static double conv_slope(problem *p, int64_t at) {
  const double kept = p->w[at];
  const int f = (int)(at % p->n.config.filters); /* kernel [..][F], then bias [F] */
  double slope = NAN;
  for (double h = 1e-5; h > 1e-9 && slope != slope; h /= 30.0) {
    uint64_t above_pattern, below_pattern;
    p->w[at] = kept + h;
    const double above = filter_loss(&above_pattern, p, f);
    p->w[at] = kept - h;
    const double below = filter_loss(&below_pattern, p, f);
    slope = above_pattern == below_pattern ? (above - below) / (2.0 * h) : NAN;
  }
  p->w[at] = kept;
  uint64_t pattern;
  (void)filter_loss(&pattern, p, f);
  return slope;
}

/* Largest error over every `stride`th of one layer's parameters as a share of their largest. */
static double layer_error(problem *p, const float *gradients, int64_t first, int64_t count,
                          int in_head, int64_t stride) {
  double largest = 1e-12, worst = 0.0;
  for (int64_t i = first; i < first + count; i += stride) {
    const double expected = in_head ? head_slope(p, i) : conv_slope(p, i);
    const double error = fabs((double)gradients[i] - expected);
    CHECK(error == error, "parameter %d sits on a kink", (int)i);
    worst = worse(worst, error);
    largest = fabs(expected) > largest ? fabs(expected) : largest;
  }
  CHECK(largest > 1e-6, "a layer without gradients tests nothing");
  return worst / largest;
}

/* Gate 2e-5 of the layer's largest: a gradient adds up to a few hundred float products, and where
 * they nearly cancel the sum keeps the error of its parts. Measured: at most 1.4e-6, and 9e-6 for
 * two conv biases of the average head whose largest gradient is 0.006. */
static void check_layers(problem *p, const rig *r, int64_t stride) {
  const float *gradients = cnn_trainer_gradients(r->trainer);
  const int64_t filters = r->config.filters, conv = r->plan.conv_parameters;
  const int64_t starts[] = {0, conv - filters, conv, conv + r->plan.head_macs, r->plan.parameters};
  static const char *const names[] = {"conv kernel", "conv bias", "dense kernel", "dense bias"};
  for (int layer = 0; layer < 4; layer++) {
    const double error = layer_error(p, gradients, starts[layer], starts[layer + 1] - starts[layer],
                                     layer >= 2, layer == 2 ? stride : 1);
    CHECK(error <= 2e-5, "R %d C %d F %d padding %d pool %d head %d output %d, %s: %g",
          r->config.resolution, r->config.channels, r->config.filters, r->config.padding,
          r->config.pool, r->config.head, r->config.output, names[layer], error);
  }
}

/* stride: of the dense kernel's parameters, which one in how many is checked */
static void check_config(const cnn_config *config, uint64_t seed, int64_t stride) {
  static problem p;
  rig r = rig_new(config, IMAGES, 1, seed);
  float *w = cnn_trainer_parameters(r.trainer);
  noise random = noise_of(seed + 7);
  for (int64_t i = 0; i < r.plan.parameters; i++) {
    w[i] = 0.4f * noise_float(&random);
    p.w[i] = (double)w[i];
  }
  p.n = net_of(config, &r.train);
  p.images = &r.train;
  double loss = 0.0; /* of a first step elsewhere, whose gradients must not linger */
  cnn_status status = cnn_trainer_step(&loss, r.trainer, batch + 1, 2);
  CHECK(status == CNN_OK, "first step: %s", cnn_status_text(status));
  for (int64_t i = 0; i < r.plan.parameters; i++) {
    w[i] = (float)p.w[i];
  }
  status = cnn_trainer_step(&loss, r.trainer, batch, BATCH);
  CHECK(status == CNN_OK, "step: %s", cnn_status_text(status));
  for (int i = 0; i < BATCH; i++) {
    net_features(p.features[i], &p.n, p.w, image_of(&p, i));
  }
  const double expected = head_loss(&p);
  CHECK(fabs(loss - expected) <= 1e-6 * (1.0 + expected), "loss %.9g not %.9g", loss, expected);
  check_layers(&p, &r, stride);
  rig_end(&r);
}

int main(void) {
  static const int32_t few[] = {3, 5}, more[] = {3, 9}; /* 9 is two panels, and slow unpooled */
  uint64_t seed = 100;
  for (int32_t mode = 0; mode < 2 * 2 * 2 * 2 * 3; mode++) {
    for (int32_t i = 0; i < 2; i++) {
      const int32_t resolution = (mode + mode / 2) % 2 == 0 ? 6 + 3 * i : 7 + i; /* 6, 9 or 7, 8 */
      cnn_config config = cnn_config_default();
      config.resolution = resolution;
      config.channels = (mode & 1) != 0 ? 3 : 1;
      config.padding = (mode & 2) != 0 ? CNN_PADDING_SAME : CNN_PADDING_VALID;
      config.pool = (mode & 4) != 0 ? CNN_POOL_MAX2 : CNN_POOL_NONE;
      config.output = (mode & 8) != 0 ? CNN_OUTPUT_SIGMOID : CNN_OUTPUT_SOFTMAX;
      config.classes = (mode & 8) != 0 ? 2 : 3;
      config.head = mode / 16;
      config.filters = config.pool == CNN_POOL_NONE ? few[seed % 2] : more[seed / 2 % 2];
      config.scaling = (resolution & 1) != 0 ? CNN_SCALING_UNIT : CNN_SCALING_STANDARDISE;
      config.batch = BATCH + 2;
      check_config(&config, seed++, 1);
    }
  }
  cnn_config config = cnn_config_default(); /* 2,704 features: two units of the head */
  config.resolution = 13;
  config.classes = 3;
  config.filters = 16;
  config.padding = CNN_PADDING_SAME;
  config.pool = CNN_POOL_NONE;
  config.batch = BATCH + 2;
  check_config(&config, seed, 131);
  return check_finish("gradients");
}
