/* The bookkeeping of updates over several steps, for every optimiser, schedule, decay and clipping,
 * and the L2 penalty, from the gradients that each step reports. */
#include "cnn.h"

#include "rig.h"
#include "worse.h"

/* ---- Optimisers over steps ------------------------------------------------------------------- */

/* Rate of update t of a run of 5 updates an epoch, 2 epochs, from the words in cnn.h. */
static double rate_at(const cnn_config *c, int t) {
  const double warm = 5.0 * c->warmup, total = 5.0 * c->epochs;
  if (t <= warm) {
    return c->learning_rate * t / warm;
  }
  if (c->schedule == CNN_SCHEDULE_CONSTANT) {
    return c->learning_rate;
  }
  const double share = t >= total ? 1.0 : (t - warm) / (total - warm);
  return c->learning_rate * 0.5 * (1.0 + cos(acos(-1.0) * share));
}

/* One weight of the update in double, by the formulas in cnn.h. */
static void optimise(double *w, double *m, double *v, double g, const cnn_config *c, int t) {
  const double rate = rate_at(c, t);
  *w -= rate * c->weight_decay * *w;
  if (c->optimiser == CNN_OPTIMISER_SGD) {
    *m = c->momentum * *m - rate * g;
    *w += c->nesterov ? c->momentum * *m - rate * g : *m;
    return;
  }
  const double root1 = 1.0 - pow(c->beta1, t), root2 = sqrt(1.0 - pow(c->beta2, t));
  *m = c->beta1 * *m + (1.0 - c->beta1) * g;
  *v = c->beta2 * *v + (1.0 - c->beta2) * g * g;
  *w -= c->optimiser == CNN_OPTIMISER_ADAM ? rate * root2 / root1 * *m / (sqrt(*v) + c->epsilon)
                                           : rate / root1 * *m / (sqrt(*v) / root2 + c->epsilon);
}

/* Twelve steps from the gradients that each step reports, epsilon so large that its place and the
 * powers of beta both show. Weights are rounded to 2^-25 of at most 1 a step. */
static void check_steps(const cnn_config *given) {
  enum { STEPS = 12, BATCH = 6 };
  cnn_config config = *given;
  config.beta1 = 0.8;
  config.beta2 = 0.95;
  config.epsilon = 1e-3;
  config.batch = BATCH;
  config.epochs = 2;
  rig r = rig_new(&config, 5 * BATCH, 5, 66);
  const size_t count = (size_t)r.plan.parameters;
  double *w = calloc(3 * count, sizeof *w), total = 0.0;
  CHECK(w != NULL, "no memory");
  for (size_t i = 0; w != NULL && i < count; i++) {
    w[i] = (double)cnn_trainer_parameters(r.trainer)[i];
  }
  for (int t = 1; w != NULL && t <= STEPS; t++) {
    int32_t batch[BATCH];
    for (int32_t i = 0; i < BATCH; i++) {
      batch[i] = (7 * t + 5 * i) % 30;
    }
    double loss, worst = 0.0, moved = 0.0, squares = 0.0;
    CHECK(cnn_trainer_step(&loss, r.trainer, batch, BATCH) == CNN_OK, "step");
    const float *g = cnn_trainer_gradients(r.trainer);
    for (size_t i = 0; i < count; i++) {
      squares += (double)g[i] * (double)g[i];
    }
    const double norm = sqrt(squares), limit = config.clip_norm;
    const double clip = limit > 0.0 && norm > limit ? limit / norm : 1.0;
    for (size_t i = 0; i < count; i++) {
      const double before = w[i];
      optimise(w + i, w + count + i, w + 2 * count + i, clip * (double)g[i], &config, t);
      worst = worse(worst, fabs((double)cnn_trainer_parameters(r.trainer)[i] - w[i]));
      moved = worse(moved, fabs(w[i] - before));
    }
    CHECK(worst <= t * 6e-8, "optimiser %d, step %d: off by %g", config.optimiser, t, worst);
    total += moved;
  }
  CHECK(total > 5e-3, "optimiser %d moved by %g only", config.optimiser, total);
  free(w);
  rig_end(&r);
}

static void check_optimisers(void) {
  for (int i = 0; i < 3 * 2 * 2 * 2; i++) {
    cnn_config config = cnn_config_default();
    config.resolution = 9;
    config.learning_rate = 0.02;
    config.optimiser = i % 3;
    config.nesterov = i / 3 % 2;
    config.schedule = i / 6 % 2;
    config.warmup = i / 6 % 2;
    config.weight_decay = i / 12 % 2 != 0 ? 0.1 : 0.0;
    config.clip_norm = i / 12 % 2 != 0 ? 0.7 : 0.0;
    check_steps(&config);
  }
  cnn_config config = cnn_config_default(); /* 115,700 weights: two units of the update */
  config.resolution = 40;
  config.classes = 20;
  config.learning_rate = 0.02;
  config.clip_norm = 0.5;
  check_steps(&config);
  config.hidden = 12;
  config.l2 = 0.01;
  check_steps(&config);
}

/* The loss of a step has the penalty, the scores have not; a step's gradient gains 2 l2 w for
 * kernels alone, in every unit of the update. */
static void check_penalty(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 40;
  config.classes = 20;
  config.hidden = 12;
  config.norm = CNN_NORM_LAYER;
  rig plain = rig_new(&config, 8, 8, 68);
  config.l2 = 0.25;
  rig r = rig_new(&config, 8, 8, 68);
  static const int32_t batch[] = {0, 1, 2, 3, 4, 5, 6, 7};
  cnn_score a, b;
  CHECK(cnn_trainer_evaluate(&a, plain.trainer, &plain.train) == CNN_OK, "evaluate");
  CHECK(cnn_trainer_evaluate(&b, r.trainer, &r.train) == CNN_OK, "evaluate");
  CHECK(a.loss == b.loss, "the score has a penalty");
  cnn_tensor tensors[CNN_MAX_TENSORS];
  int32_t count = 0;
  CHECK(cnn_config_tensors(tensors, &count, &config) == CNN_OK, "tensors");
  float *w = malloc((size_t)r.plan.parameters * sizeof *w);
  CHECK(w != NULL, "no memory");
  if (w == NULL) {
    return;
  }
  memcpy(w, cnn_trainer_parameters(r.trainer), (size_t)r.plan.parameters * sizeof *w);
  double loss = 0.0, with_penalty = 0.0, squares = 0.0, worst = 0.0;
  CHECK(cnn_trainer_step(&loss, plain.trainer, batch, 8) == CNN_OK, "step");
  CHECK(cnn_trainer_step(&with_penalty, r.trainer, batch, 8) == CNN_OK, "step");
  for (int32_t i = 0; i < count; i++) {
    const cnn_tensor *t = &tensors[i];
    const int64_t size = (int64_t)t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3];
    const int is_kernel = t->kind == CNN_TENSOR_KERNEL;
    for (int64_t j = t->offset; j < t->offset + size; j++) {
      const double penalty = is_kernel ? 0.5 * (double)w[j] : 0.0;
      squares += is_kernel ? (double)w[j] * (double)w[j] : 0.0;
      worst = worse(worst, fabs((double)cnn_trainer_gradients(r.trainer)[j] -
                                (double)cnn_trainer_gradients(plain.trainer)[j] - penalty));
    }
  }
  CHECK(worst < 1e-7, "gradients off by %g", worst);
  CHECK(fabs(with_penalty - loss - 0.25 * squares) < 1e-9 * (1.0 + squares), "penalty %g, not %g",
        with_penalty - loss, 0.25 * squares);
  free(w);
  rig_end(&plain);
  rig_end(&r);
}

int main(void) {
  check_optimisers();
  check_penalty();
  return check_finish("trainer steps");
}
