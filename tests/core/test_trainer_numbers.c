/* Numbers of the trainer that need no gradient: initial weights, input scaling, logits, scores. */
#include "cnn.h"

#include "configs.h"
#include "twin.h"
#include "worse.h"

/* ---- Initial weights ------------------------------------------------------------------------- */

/* Glorot-uniform: within +-limit, nearly reaching it, mean 0 and variance limit^2/3, each to four
 * standard errors of its estimate. */
static void check_glorot(const char *name, const float *w, int64_t count, double fans) {
  const double limit = sqrt(6.0 / fans), n = (double)count;
  double sum = 0.0, squares = 0.0, largest = 0.0;
  for (int64_t i = 0; i < count; i++) {
    sum += (double)w[i];
    squares += (double)w[i] * (double)w[i];
    largest = fabs((double)w[i]) > largest ? fabs((double)w[i]) : largest;
  }
  CHECK(largest <= limit * 1.0000001 && largest > 0.98 * limit, "%s: reaches %g of %g", name,
        largest, limit);
  CHECK(fabs(sum / n) < 4.0 * limit / sqrt(3.0 * n), "%s: mean %g", name, sum / n);
  const double variance = limit * limit / 3.0; /* its estimate has sd 2/sqrt(5) variance/sqrt(n) */
  CHECK(fabs(squares / n - variance) < 4.0 * 0.9 * variance / sqrt(n), "%s: variance %g not %g",
        name, squares / n, variance);
}

static void check_initial_weights(void) {
  cnn_config config = cnn_config_default();
  config.channels = 3;
  config.filters = 64;
  config.classes = 7;
  rig r = rig_new(&config, 7, 7, 60);
  const float *w = cnn_trainer_parameters(r.trainer);
  const int64_t conv = r.plan.conv_parameters;
  check_glorot("convolution", w, 27 * 64, 27.0 + 9.0 * 64.0);
  check_glorot("dense", w + conv, r.plan.head_macs, (double)r.plan.features + 7.0);
  int zero = 1;
  for (int64_t i = 0; i < 64; i++) {
    zero = zero && w[conv - 64 + i] == 0.0f;
  }
  for (int64_t i = 0; i < 7; i++) {
    zero = zero && w[r.plan.parameters - 7 + i] == 0.0f;
  }
  CHECK(zero, "a bias is not zero");
  rig_end(&r);
}

/* Every tensor of a network with everything: kernels Glorot-uniform and no two alike; scales and
 * moving variances one; the rest, attention's query too, zero. */
static void check_initial_tensors(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 32;
  config.blocks = 4;
  config.filters = config.filters2 = config.filters3 = config.filters4 = 32;
  config.padding = config.padding2 = config.padding3 = config.padding4 = CNN_PADDING_SAME;
  config.norm = config.norm3 = CNN_NORM_BATCH;
  config.norm2 = CNN_NORM_LAYER;
  config.kernel3 = 5;
  config.head = CNN_HEAD_ATTENTION;
  config.hidden = 40;
  config.classes = 40;
  rig r = rig_new(&config, 5, 5, 67);
  cnn_tensor tensors[CNN_MAX_TENSORS];
  int32_t count = 0;
  float firsts[CNN_MAX_TENSORS];
  int kernels = 0;
  CHECK(cnn_config_tensors(tensors, &count, &config) == CNN_OK, "tensors");
  for (int32_t i = 0; i < count; i++) {
    const cnn_tensor *t = &tensors[i];
    const int64_t size = (int64_t)t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3];
    const int is_moving = t->kind >= CNN_TENSOR_MOVING_MEAN;
    const float *values = is_moving ? cnn_trainer_statistics(r.trainer) + t->offset
                                    : cnn_trainer_parameters(r.trainer) + t->offset;
    if (t->kind == CNN_TENSOR_KERNEL) {
      const int64_t area = t->rank == 4 ? (int64_t)t->shape[0] * t->shape[1] : 1;
      const double in = t->rank == 4 ? t->shape[2] : t->shape[0];
      const double out = t->rank == 4 ? t->shape[3] : t->shape[1];
      check_glorot("a kernel", values, size, (double)area * (in + out));
      firsts[kernels] = values[0] * (float)sqrt((double)area * (in + out));
      for (int k = 0; k < kernels; k++) {
        CHECK(fabsf(firsts[k] - firsts[kernels]) > 1e-5f, "kernels %d and %d are alike", k,
              kernels);
      }
      kernels++;
      continue;
    }
    const int is_one = t->kind == CNN_TENSOR_GAMMA || t->kind == CNN_TENSOR_MOVING_VARIANCE;
    for (int64_t j = 0; j < size; j++) {
      CHECK(values[j] == (is_one ? 1.0f : 0.0f), "tensor %d starts at %g", i, (double)values[j]);
    }
  }
  CHECK(kernels == 6 && count == 6 * 2 + 2 * 3 + 1 + 2 * 2, "%d tensors, %d kernels", count,
        kernels);
  rig_end(&r);
}

/* Runs that differ in size, classes, head, padding, depth or data start from the same filters. */
static void check_shared_filters(void) {
  enum { OTHER_SEED = 9 };
  const cnn_config config = cnn_config_default();
  rig base = rig_new(&config, 5, 5, 61);
  for (int i = 0; i <= OTHER_SEED; i++) {
    cnn_config other = config;
    other.resolution = i == 0 ? 48 : 24;
    other.classes = i == 1 ? 20 : 5;
    other.head = i == 2 ? CNN_HEAD_GLOBAL_MAX : i == 6 ? CNN_HEAD_ATTENTION : CNN_HEAD_FLATTEN;
    other.padding = i == 3 ? CNN_PADDING_SAME : CNN_PADDING_VALID;
    other.pool = i == 4 ? CNN_POOL_NONE : CNN_POOL_MAX2;
    other.stride = i == 5 ? 2 : 1;
    other.blocks = i == 7 ? 2 : 1;
    other.hidden = i == 8 ? 10 : 0;
    other.seed = i == OTHER_SEED ? 2 : 1;
    rig r = rig_new(&other, 5, 5, 62);
    const int same = memcmp(cnn_trainer_parameters(base.trainer), cnn_trainer_parameters(r.trainer),
                            (size_t)base.plan.conv_parameters * sizeof(float)) == 0;
    CHECK(same == (i != OTHER_SEED), "variant %d: filters %s", i, same ? "equal" : "differ");
    rig_end(&r);
  }
  rig_end(&base);
}

/* Weight (i, j) is one number times its layer's limit, whatever the layer's other sides. */
static void check_shared_numbers(void) {
  cnn_config config = cnn_config_default();
  rig base = rig_new(&config, 5, 5, 61);
  config.filters = 9;
  config.classes = 12;
  config.head = CNN_HEAD_GLOBAL_MAX;
  rig other = rig_new(&config, 5, 5, 61);
  const float *a = cnn_trainer_parameters(base.trainer);
  const float *b = cnn_trainer_parameters(other.trainer);
  double worst = 0.0;
  for (int i = 0; i < 9; i++) {
    for (int j = 0; j < 9; j++) { /* fans 9 + 9 F */
      worst = worse(worst, fabs((double)a[i * 16 + j] * sqrt(9.0 + 9.0 * 16.0) -
                                (double)b[i * 9 + j] * sqrt(9.0 + 9.0 * 9.0)));
    }
    for (int j = 0; j < 5; j++) { /* fans D + K */
      worst =
          worse(worst, fabs((double)a[base.plan.conv_parameters + i * 5 + j] *
                                sqrt(base.plan.features + 5.0) -
                            (double)b[other.plan.conv_parameters + i * 12 + j] * sqrt(9.0 + 12.0)));
    }
  }
  CHECK(worst < 1e-6, "weights of another shape are other numbers: %g", worst);
  rig_end(&base);
  rig_end(&other);
}

/* ---- Scaling --------------------------------------------------------------------------------- */

/* A network that hands its input through: R = 4, valid, unpooled, filters +centre and -centre, and
 * a dense layer that takes their difference: logit j = scaled pixel j of the inner 2 x 2. */
static void make_identity(rig *r) {
  float *w = cnn_trainer_parameters(r->trainer);
  memset(w, 0, (size_t)r->plan.parameters * sizeof(float));
  w[4 * 2] = 1.0f;
  w[4 * 2 + 1] = -1.0f;
  float *dense = w + r->plan.conv_parameters;
  for (size_t cell = 0; cell < 4; cell++) {
    dense[2 * cell * 4 + cell] = 1.0f;
    dense[(2 * cell + 1) * 4 + cell] = -1.0f;
  }
}

static const size_t inner[4] = {5, 6, 9, 10};

/* The scaled value of every byte 0..255, from a trainer whose training set is given. */
static void scaled_bytes(float *scaled, int32_t scaling, const uint8_t *pixels, int32_t count) {
  cnn_config config = cnn_config_default();
  config.resolution = 4;
  config.classes = 4;
  config.filters = 2;
  config.pool = CNN_POOL_NONE;
  config.scaling = scaling;
  rig r = rig_new(&config, count, 64, 63);
  memcpy(guarded_byte(&r.train_pixels), pixels, (size_t)count * 16);
  rig_start(&r);
  make_identity(&r);
  uint8_t asked[64 * 16] = {0};
  for (size_t u = 0; u < 256; u++) {
    asked[u / 4 * 16 + inner[u % 4]] = (uint8_t)u;
  }
  CHECK(cnn_trainer_logits(scaled, r.trainer, asked, 64) == CNN_OK, "logits");
  rig_end(&r);
}

static void check_unit(void) {
  uint8_t pixels[16] = {9};
  float scaled[256];
  scaled_bytes(scaled, CNN_SCALING_UNIT, pixels, 1);
  int reciprocal = 0;
  for (int u = 0; u < 256; u++) {
    CHECK(scaled[u] == (float)u / 255.0f, "unit scale of %d is %.9g", u, (double)scaled[u]);
    reciprocal += scaled[u] != (float)u * (1.0f / 255.0f);
  }
  CHECK(reciprocal == 126, "%d values tell a division from a product", reciprocal);
}

/* Half black, half white: mean and deviation 127.5, so the ends are exactly -1 and 1. */
static void check_standardise(void) {
  uint8_t pixels[3 * 16];
  float scaled[256];
  for (size_t i = 0; i < 16; i++) {
    pixels[i] = i % 2 == 0 ? 0 : 255;
  }
  scaled_bytes(scaled, CNN_SCALING_STANDARDISE, pixels, 1);
  CHECK(scaled[0] == -1.0f && scaled[255] == 1.0f, "ends at %g and %g", (double)scaled[0],
        (double)scaled[255]);
  noise random = noise_of(64);
  noise_fill_bytes(pixels, &random, sizeof pixels);
  scaled_bytes(scaled, CNN_SCALING_STANDARDISE, pixels, 3);
  double sum = 0.0, squares = 0.0;
  for (size_t i = 0; i < 48; i++) { /* the training set itself has mean 0 and deviation 1 */
    sum += (double)scaled[pixels[i]];
    squares += (double)scaled[pixels[i]] * (double)scaled[pixels[i]];
  }
  CHECK(fabs(sum / 48) < 1e-6 && fabs(squares / 48 - 1.0) < 1e-6, "mean %g, mean square %g",
        sum / 48, squares / 48);
  for (int u = 1; u < 255; u++) {
    const double bend = (double)scaled[u - 1] - 2.0 * (double)scaled[u] + (double)scaled[u + 1];
    CHECK(fabs(bend) < 1e-6, "not a straight line at %d", u);
  }
}

/* A constant training set is only centred, and nothing divides by zero. */
static void check_constant(void) {
  static const uint8_t levels[] = {0, 77, 255};
  for (size_t i = 0; i < 3; i++) {
    uint8_t pixels[2 * 16];
    float scaled[256];
    memset(pixels, levels[i], sizeof pixels);
    scaled_bytes(scaled, CNN_SCALING_STANDARDISE, pixels, 2);
    for (int u = 0; u < 256; u++) {
      CHECK(scaled[u] == (float)(u - levels[i]), "level %d: %d becomes %g", levels[i], u,
            (double)scaled[u]);
    }
  }
  cnn_config config = cnn_config_default();
  config.epochs = 3;
  rig r = rig_new(&config, 33, 10, 65);
  memset(guarded_byte(&r.train_pixels), 200, r.train_pixels.bytes);
  memset(guarded_byte(&r.validation_pixels), 200, r.validation_pixels.bytes);
  rig_start(&r);
  CHECK(rig_run(&r, INT64_MAX) == CNN_OK, "a run on constant pictures");
  CHECK(fabs(rig_progress(&r).train.loss - log(5.0)) < 0.1, "loss %g", rig_progress(&r).train.loss);
  rig_end(&r);
}

/* ---- Logits and scores ----------------------------------------------------------------------- */

/* Float logits against the double network with moving averages, no dropout and no augmentation. A
 * logit is a sum of D products and of convolutions of k*k*C: 1e-5 of the largest is some twenty
 * units of 2^-24. */
static void check_network(const cnn_config *config, uint64_t seed) {
  enum { N = 11 }; /* more than a batch */
  rig r = rig_new(config, N, 5, seed);
  twin_disturb(&r, seed + 1);
  const int outputs = r.plan.outputs;
  float *logits = malloc((size_t)(N * outputs) * sizeof *logits);
  CHECK(logits != NULL && cnn_trainer_logits(logits, r.trainer, r.train.pixels, N) == CNN_OK,
        "logits");
  net_result expected = twin_evaluate(&r, &r.train, N);
  double worst = 0.0, largest = 0.0;
  int32_t correct = 0;
  for (int i = 0; logits != NULL && i < N; i++) {
    const double *row = expected.logits + i * outputs;
    int best = 0;
    for (int j = 0; j < outputs; j++) {
      worst = worse(worst, fabs((double)logits[i * outputs + j] - row[j]));
      largest = worse(largest, fabs(row[j]));
      best = row[j] > row[best] ? j : best;
    }
    best = outputs == 1 ? row[0] > 0.0 : best;
    correct += best == r.train.labels[i];
  }
  CHECK(worst <= 1e-5 * largest, "blocks %d head %d output %d: logits off by %g of %g",
        config->blocks, config->head, config->output, worst, largest);
  cnn_score score;
  CHECK(cnn_trainer_evaluate(&score, r.trainer, &r.train) == CNN_OK, "evaluate");
  CHECK(score.count == N && score.correct == correct,
        "blocks %d head %d output %d: %d hits, not %d", config->blocks, config->head,
        config->output, score.correct, correct);
  CHECK(fabs(score.loss - expected.loss) <= 1e-5 * (1.0 + expected.loss),
        "blocks %d head %d output %d: loss %.9g, not %.9g", config->blocks, config->head,
        config->output, score.loss, expected.loss);
  CHECK(rig_progress(&r).step == 0, "looking counts as a step");
  free(logits);
  net_end(&expected);
  rig_end(&r);
}

static void check_networks(void) {
  noise random = noise_of(70);
  for (uint64_t i = 0; i < 80; i++) {
    cnn_config config = configs_next(&random, 40000);
    config.batch = 8;
    check_network(&config, 70 + i);
  }
  cnn_config config = cnn_config_default(); /* 2,704 features: two units of the head */
  config.resolution = 13;
  config.padding = CNN_PADDING_SAME;
  config.pool = CNN_POOL_NONE;
  check_network(&config, 69);
}

int main(void) {
  check_initial_weights();
  check_initial_tensors();
  check_shared_filters();
  check_shared_numbers();
  check_unit();
  check_standardise();
  check_constant();
  check_networks();
  return check_finish("trainer numbers");
}
