/* Loss, every parameter's gradient and the moving averages of one training step, for networks of
 * every kind, against an independent double precision network that is differentiated by a tape of
 * elementary operations; and that tape against central differences. */
#include "cnn.h"

#include "check.h"
#include "configs.h"
#include "twin.h"
#include "worse.h"

enum { IMAGES = 5 };

/* The batch under test: out of order, with a repetition, and smaller than config.batch. */
static const int32_t batch[] = {3, 0, 4, 4, 1};
enum { BATCH = sizeof batch / sizeof batch[0] };

static double worst_error; /* of all layers, for the report */
static int dead_layers, all_layers;

static void describe(char *text, size_t size, const cnn_config *c) {
  int used =
      snprintf(text, size, "R %d C %d K %d head %d grid %d hidden %d output %d:", c->resolution,
               c->channels, c->classes, c->head, c->grid, c->hidden, c->output);
  for (int32_t b = 0; b < c->blocks; b++) {
    const cnn_block k = cnn_config_block(c, b);
    used += snprintf(text + used, size - (size_t)used, " [F %d k %d s %d same %d norm %d pool %d]",
                     k.filters, k.kernel, k.stride, k.padding, k.norm, k.pool);
  }
}

/* Gate 2e-5 of the layer's largest: a gradient adds up to a few hundred float products, and where
 * they nearly cancel the sum keeps the error of its parts. (A bias in front of a batch norm changes
 * nothing: its gradient is zero, and what floats make of it is measured by the kernel's.) */
static void check_layer(const char *text, int32_t layer, double worst, double largest) {
  all_layers++;
  if (largest <= 1e-6) { /* for example every unit before it dead: must be dead here too */
    dead_layers++;
    CHECK(worst <= 1e-6, "%s: layer %d: %g of nothing", text, (int)layer, worst);
    return;
  }
  CHECK(worst <= 2e-5 * largest, "%s: layer %d: %g of %g", text, (int)layer, worst, largest);
  worst_error = worse(worst_error, worst / largest);
}

static void check_gradients(const rig *r, const net_result *expected, const char *text) {
  cnn_tensor tensors[CNN_MAX_TENSORS];
  int32_t count = 0;
  CHECK(cnn_config_tensors(tensors, &count, &r->config) == CNN_OK, "tensors");
  const float *gradients = cnn_trainer_gradients(r->trainer);
  double largest = 0.0, worst = 0.0;
  for (int32_t i = 0; i < count && tensors[i].kind < CNN_TENSOR_MOVING_MEAN; i++) {
    const cnn_tensor *t = &tensors[i];
    const int64_t size = (int64_t)t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3];
    for (int64_t j = t->offset; j < t->offset + size; j++) {
      worst = worse(worst, fabs((double)gradients[j] - expected->gradients[j]));
      largest = worse(largest, fabs(expected->gradients[j]));
    }
    if (i + 1 == count || tensors[i + 1].layer != t->layer) {
      check_layer(text, t->layer, worst, largest);
      largest = worst = 0.0;
    }
  }
}

/* Keras: moving = 0.99 moving + 0.01 batch, the variance biased. */
static void check_statistics(const rig *r, const float *before, const net_result *expected,
                             const char *text) {
  const float *after = cnn_trainer_statistics(r->trainer);
  for (int64_t i = 0; i < r->plan.statistics; i++) {
    const double moving = 0.99 * (double)before[i] + 0.01 * expected->moments[i];
    CHECK(fabs((double)after[i] - moving) <= 1e-6 * (1.0 + fabs(moving)),
          "%s: statistic %d is %.9g, not %.9g", text, (int)i, (double)after[i], moving);
  }
}

static float *copy_of(const float *values, int64_t count) {
  float *copy = malloc((size_t)(count + 1) * sizeof *copy);
  if (copy == NULL) {
    abort();
  }
  memcpy(copy, values, (size_t)count * sizeof *copy);
  return copy;
}

static void check_config(const cnn_config *config, uint64_t seed) {
  rig r = rig_new(config, IMAGES, 1, seed);
  char text[400];
  describe(text, sizeof text, config);
  twin_disturb(&r, seed + 7);
  float *w = copy_of(cnn_trainer_parameters(r.trainer), r.plan.parameters);
  double loss = 0.0; /* of a first step elsewhere, whose gradients must not linger */
  cnn_status status = cnn_trainer_step(&loss, r.trainer, batch + 1, 2);
  CHECK(status == CNN_OK, "%s: first step: %s", text, cnn_status_text(status));
  memcpy(cnn_trainer_parameters(r.trainer), w, (size_t)r.plan.parameters * sizeof(float));
  float *statistics = copy_of(cnn_trainer_statistics(r.trainer), r.plan.statistics);
  net_result expected = twin_step(&r, batch, BATCH, 1);
  status = cnn_trainer_step(&loss, r.trainer, batch, BATCH);
  CHECK(status == CNN_OK, "%s: step: %s", text, cnn_status_text(status));
  CHECK(fabs(loss - expected.loss) <= 1e-6 * (1.0 + expected.loss), "%s: loss %.9g not %.9g", text,
        loss, expected.loss);
  check_gradients(&r, &expected, text);
  check_statistics(&r, statistics, &expected, text);
  net_end(&expected);
  free(w);
  free(statistics);
  rig_end(&r);
}

/* The tape itself: slopes of the loss by central differences; a few of them meet a kink of ReLU or
 * max. */
static void check_tape(const cnn_config *config, uint64_t seed) {
  rig r = rig_new(config, IMAGES, 1, seed);
  twin_disturb(&r, seed + 7);
  float *w = cnn_trainer_parameters(r.trainer);
  net_result middle = twin_step(&r, batch, BATCH, 0);
  int agreed = 0, asked = 0;
  for (int64_t i = 0; i < r.plan.parameters; i += 1 + r.plan.parameters / 40) {
    const float kept = w[i];
    double ends[2], at[2];
    for (int side = 0; side < 2; side++) {
      w[i] = side == 0 ? kept - 1e-5f : kept + 1e-5f;
      at[side] = (double)w[i];
      net_result end = twin_step(&r, batch, BATCH, 0);
      ends[side] = end.loss;
      net_end(&end);
    }
    w[i] = kept;
    const double slope = (ends[1] - ends[0]) / (at[1] - at[0]);
    asked++;
    agreed += fabs(slope - middle.gradients[i]) <= 1e-5 * (0.1 + fabs(slope));
  }
  CHECK(agreed >= asked - asked / 8, "only %d of %d slopes agree", agreed, asked);
  net_end(&middle);
  rig_end(&r);
}

/* Every head, padding, pool, output and channel count of the lesson's one-block networks. */
static void check_one_block(void) {
  uint64_t seed = 100;
  for (int32_t mode = 0; mode < 2 * 2 * 2 * 2 * 5; mode++) {
    const int32_t resolution = (mode + mode / 2) % 2 == 0 ? 6 + mode % 4 : 7 + mode % 3;
    cnn_config config = cnn_config_default();
    config.resolution = resolution;
    config.channels = (mode & 1) != 0 ? 3 : 1;
    config.padding = (mode & 2) != 0 ? CNN_PADDING_SAME : CNN_PADDING_VALID;
    config.pool = (mode & 4) != 0 ? CNN_POOL_MAX2 : CNN_POOL_NONE;
    config.output = (mode & 8) != 0 ? CNN_OUTPUT_SIGMOID : CNN_OUTPUT_SOFTMAX;
    config.classes = (mode & 8) != 0 ? 2 : 3;
    config.head = mode / 16;
    config.filters = mode % 3 == 0 ? 9 : 5; /* 9 is two panels */
    config.scaling = (resolution & 1) != 0 ? CNN_SCALING_UNIT : CNN_SCALING_STANDARDISE;
    config.batch = BATCH + 2;
    check_config(&config, seed++);
  }
  cnn_config config = cnn_config_default(); /* 2,704 features: two units of the head */
  config.resolution = 13;
  config.classes = 3;
  config.padding = CNN_PADDING_SAME;
  config.pool = CNN_POOL_NONE;
  config.batch = BATCH + 2;
  check_config(&config, seed);
  config.hidden = 6; /* and two of the hidden layer */
  config.dropout = 0.4;
  check_config(&config, seed + 1);
}

static void check_random(void) {
  noise random = noise_of(4);
  int seen[CNN_MAX_BLOCKS + 1] = {0}, heads[5] = {0}, hidden = 0, dropped = 0, changed = 0;
  for (uint64_t i = 0; i < 150; i++) {
    cnn_config config = configs_next(&random, 60000);
    config.batch = BATCH + (int32_t)(i % 2);
    config.optimiser = CNN_OPTIMISER_ADAM;
    check_config(&config, 500 + i);
    seen[config.blocks]++;
    heads[config.head]++;
    hidden += config.hidden > 0;
    dropped += config.dropout > 0.0;
    changed += cnn_augments(&config);
  }
  for (int i = 0; i < 5; i++) {
    CHECK(seen[i] >= 5 && heads[i] >= 5, "%d nets of %d blocks, %d of head %d", seen[i], i,
          heads[i], i);
  }
  CHECK(hidden >= 20 && dropped >= 20 && changed >= 20, "%d hidden, %d dropped, %d augmented",
        hidden, dropped, changed);
}

static void check_tapes(void) {
  noise random = noise_of(5);
  for (uint64_t i = 0; i < 6; i++) {
    cnn_config config = configs_next(&random, 20000);
    config.batch = BATCH;
    check_tape(&config, 800 + i);
  }
}

int main(void) {
  check_tapes();
  check_one_block();
  check_random();
  CHECK(dead_layers * 20 < all_layers, "%d of %d layers without gradients test nothing",
        dead_layers, all_layers);
  printf("largest error: %.2g of its layer's largest gradient\n", worst_error);
  return check_finish("gradients");
}
