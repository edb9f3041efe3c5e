/* Update after update through the trainer, against the formulas of cnn.h in double: learning-rate
 * schedule, bias correction, clipping by the norm of all gradients, decay, momentum. The gradients
 * are the trainer's own, before clipping (test_gradients.c is about those). */
#include "cnn.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "rig.h"
#include "worse.h"

enum { STEPS = 7, IMAGES = 10, PER_EPOCH = 3 };
#define PI 3.14159265358979323846

typedef struct {
  double *w, *m, *v;
} state;

static state state_of(const rig *r) {
  const size_t count = (size_t)r->plan.parameters;
  const state s = {calloc(count, sizeof(double)), calloc(count, sizeof(double)),
                   calloc(count, sizeof(double))};
  if (s.w == NULL || s.m == NULL || s.v == NULL) {
    abort();
  }
  for (size_t i = 0; i < count; i++) {
    s.w[i] = (double)cnn_trainer_parameters(r->trainer)[i];
  }
  return s;
}

static void state_end(state s) {
  free(s.w);
  free(s.m);
  free(s.v);
}

static double rate_of(const cnn_config *c, int t) {
  const double warm = (double)c->warmup * PER_EPOCH;
  const double total = (double)c->epochs * PER_EPOCH;
  if (t <= warm) {
    return c->learning_rate * t / warm;
  }
  if (c->schedule == CNN_SCHEDULE_CONSTANT) {
    return c->learning_rate;
  }
  return t >= total ? 0.0 : c->learning_rate * (1.0 + cos(PI * (t - warm) / (total - warm))) / 2.0;
}

static double move_of(const cnn_config *c, state s, size_t i, double g, double rate, int t) {
  if (c->optimiser == CNN_OPTIMISER_SGD) {
    s.m[i] = c->momentum * s.m[i] - rate * g;
    return c->nesterov ? c->momentum * s.m[i] - rate * g : s.m[i];
  }
  s.m[i] = c->beta1 * s.m[i] + (1.0 - c->beta1) * g;
  s.v[i] = c->beta2 * s.v[i] + (1.0 - c->beta2) * g * g;
  const double first = 1.0 - pow(c->beta1, t), second = 1.0 - pow(c->beta2, t);
  if (c->optimiser == CNN_OPTIMISER_ADAM) {
    return -rate * sqrt(second) / first * s.m[i] / (sqrt(s.v[i]) + c->epsilon);
  }
  return -rate * (s.m[i] / first) / (sqrt(s.v[i] / second) + c->epsilon);
}

static void update(const cnn_config *c, state s, const float *g, size_t count, int t) {
  double squares = 0.0;
  for (size_t i = 0; i < count; i++) {
    squares += (double)g[i] * (double)g[i];
  }
  const double norm = sqrt(squares), rate = rate_of(c, t);
  const double scale = c->clip_norm > 0.0 && norm > c->clip_norm ? c->clip_norm / norm : 1.0;
  for (size_t i = 0; i < count; i++) {
    const double move = move_of(c, s, i, scale * (double)g[i], rate, t);
    s.w[i] = s.w[i] - rate * c->weight_decay * s.w[i] + move;
  }
}

static void check_steps(const char *name, const cnn_config *config) {
  rig r = rig_new(config, IMAGES, 2, 5);
  state s = state_of(&r);
  const size_t count = (size_t)r.plan.parameters;
  double worst = 0.0;
  for (int t = 1; t <= STEPS; t++) {
    const int32_t indices[3] = {t % IMAGES, (3 * t + 1) % IMAGES, 7};
    double loss = 0.0;
    CHECK(cnn_trainer_step(&loss, r.trainer, indices, 3) == CNN_OK, "%s: step %d", name, t);
    update(config, s, cnn_trainer_gradients(r.trainer), count, t);
    for (size_t i = 0; i < count; i++) {
      worst = worse(worst, fabs((double)cnn_trainer_parameters(r.trainer)[i] - s.w[i]));
    }
  }
  /* Weights are below 1 and steps below 0.1, with a float's rounding each. */
  CHECK(worst < 2e-6, "%s: weights off by %g", name, worst);
  state_end(s);
  rig_end(&r);
}

/* With a rounded gradient of nearly 0, Adam's step may be anything: an epsilon that is felt. */
static cnn_config small(int32_t optimiser) {
  cnn_config c = cnn_config_default();
  c.resolution = 6;
  c.classes = 3;
  c.filters = 5;
  c.batch = 4;
  c.epochs = 30;
  c.optimiser = optimiser;
  c.learning_rate = 0.02;
  c.epsilon = 1e-3;
  c.beta1 = 0.8;
  c.beta2 = 0.95;
  return c;
}

static void check_optimisers(void) {
  cnn_config c = small(CNN_OPTIMISER_ADAM);
  check_steps("adam", &c);
  c.weight_decay = 0.3;
  check_steps("adam with decay", &c);
  c = small(CNN_OPTIMISER_ADAM_TORCH);
  check_steps("adam_torch", &c);
  c.weight_decay = 0.3;
  check_steps("adam_torch with decay", &c);
  c = small(CNN_OPTIMISER_SGD);
  check_steps("momentum", &c);
  c.nesterov = 1;
  c.weight_decay = 0.3;
  check_steps("nesterov with decay", &c);
}

static void check_before_updates(void) {
  cnn_config c = small(CNN_OPTIMISER_ADAM);
  c.clip_norm = 0.05;
  check_steps("clipped", &c);
  c.clip_norm = 1e6;
  check_steps("far from clipped", &c);
  c.clip_norm = 0.1;
  c.l2 = 0.05;
  check_steps("clipped with the penalty", &c);
  c = small(CNN_OPTIMISER_SGD);
  c.epochs = 3;
  c.warmup = 1;
  c.schedule = CNN_SCHEDULE_COSINE;
  c.weight_decay = 0.5;
  check_steps("warm-up and cosine", &c);
  c.epochs = 2; /* the last step is behind the end */
  check_steps("cosine to the end", &c);
}

/* More parameters than a unit of work has: the norm is that of all of them. */
static void check_large(void) {
  cnn_config c = small(CNN_OPTIMISER_SGD);
  c.resolution = 150;
  c.blocks = 0;
  c.clip_norm = 0.2;
  check_steps("67,503 parameters clipped", &c);
  c.weight_decay = 0.3;
  c.optimiser = CNN_OPTIMISER_ADAM_TORCH;
  check_steps("67,503 parameters clipped, adam_torch", &c);
}

int main(void) {
  check_optimisers();
  check_before_updates();
  check_large();
  return check_finish("trainer updates");
}
