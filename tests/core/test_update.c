/* The weight update of every optimiser: equal bits with its plain twin, two steps by hand, fifty
 * against the formulas of cnn.h in double, the Keras and PyTorch forms of Adam told apart, decay,
 * and the flush of small moments. */
#include "update.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

enum { MAX_COUNT = 19, FORMS = 4 };

/* Form 0: adam, 1: adam_torch, 2: sgd, 3: sgd with nesterov. */
static cnn_config config_of(int form) {
  cnn_config config = {.learning_rate = 0.1, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 0.1};
  config.momentum = 0.5;
  config.optimiser = form < 2 ? form : CNN_OPTIMISER_SGD;
  config.nesterov = form == 3;
  return config;
}

static cnn_update update_of(const cnn_config *config, int t, double clip) {
  return cnn_update_at(config, config->learning_rate, pow(config->beta1, t), pow(config->beta2, t),
                       clip);
}

/* w, m, v twice, then g, in guards. Gradients over 60 powers of two, so that some moments flush. */
static void check_twin(int form, size_t count, double decay, double clip) {
  cnn_config config = config_of(form);
  config.weight_decay = decay;
  guarded arrays[7];
  noise random = noise_of(31 + count);
  for (size_t i = 0; i < 7; i++) {
    arrays[i] = guarded_floats(count, 0);
  }
  for (size_t i = 0; i < 3; i++) {
    noise_fill(guarded_float(&arrays[i]), &random, count);
    for (size_t j = 0; i == 2 && j < count; j++) {
      guarded_float(&arrays[2])[j] *= guarded_float(&arrays[2])[j];
    }
    memcpy(guarded_float(&arrays[3 + i]), guarded_float(&arrays[i]), count * sizeof(float));
  }
  float *g = guarded_float(&arrays[6]);
  for (int t = 1; t <= 20; t++) {
    const cnn_update update = update_of(&config, t, clip);
    for (size_t j = 0; j < count; j++) {
      g[j] = ldexpf(noise_float(&random), -5 * (int)(j + (size_t)t) % 60);
    }
    cnn_update_apply(guarded_float(&arrays[0]), guarded_float(&arrays[1]),
                     guarded_float(&arrays[2]), g, &update, count);
    cnn_update_apply_ref(guarded_float(&arrays[3]), guarded_float(&arrays[4]),
                         guarded_float(&arrays[5]), g, &update, count);
  }
  for (size_t i = 0; i < 3; i++) {
    CHECK(memcmp(guarded_float(&arrays[i]), guarded_float(&arrays[3 + i]), count * 4) == 0,
          "form %d count %zu: array %zu differs from the twin", form, count, i);
  }
  int intact = 0;
  for (size_t i = 0; i < 7; i++) {
    intact += guarded_end(&arrays[i]);
  }
  CHECK(intact == 7, "form %d count %zu: wrote outside", form, count);
}

/* From w = 1 with g = 1, then g = -2; rate 0.1, beta 0.9 and 0.99, epsilon 0.1, momentum 0.5:
 * adam  m = 0.1, v = 0.01, sqrt(0.01)/0.1 * 0.1/(0.1+0.1) = 0.5 rates; then m = -0.11, v = 0.0499,
 *       sqrt(0.0199)/0.19 * -0.11/(sqrt(0.0499)+0.1) = -0.252551 rates
 * torch 1/(1+0.1) = 0.909091 rates; then -0.11/0.19 / (sqrt(0.0499/0.0199)+0.1) = -0.343891
 * sgd   v = -0.1, then -0.05+0.2; nesterov moves -0.05-0.1, then 0.075+0.2 */
static void check_by_hand(void) {
  static const double after_one[FORMS] = {0.95, 0.9090909091, 0.9, 0.85};
  static const double after_two[FORMS] = {0.9752550557, 0.9434799951, 1.05, 1.125};
  for (int form = 0; form < FORMS; form++) {
    const cnn_config config = config_of(form);
    float w[5] = {1, 1, 1, 1, 1}, m[5] = {0}, v[5] = {0};
    const float g1[5] = {1, 1, 1, 1, 1}, g2[5] = {-2, -2, -2, -2, -2};
    const cnn_update first = update_of(&config, 1, 1.0), second = update_of(&config, 2, 1.0);
    cnn_update_apply(w, m, v, g1, &first, 5);
    CHECK(fabs((double)w[0] - after_one[form]) < 2e-7 && w[4] == w[0], "form %d: %.9f", form,
          (double)w[0]);
    cnn_update_apply(w, m, v, g2, &second, 5);
    CHECK(fabs((double)w[0] - after_two[form]) < 3e-7 && w[4] == w[0], "form %d: %.9f", form,
          (double)w[0]);
    const double moment = form < 2 ? -0.11 : 0.15, square = form < 2 ? 0.0499 : 0.0;
    CHECK(fabs((double)m[0] - moment) < 1e-7, "form %d: m %.9f", form, (double)m[0]);
    CHECK(fabs((double)v[0] - square) < 1e-8, "form %d: v %.9f", form, (double)v[0]);
  }
}

/* One weight in double, straight from the formulas at CNN_CONFIG_FIELDS. */
typedef struct {
  double w, m, v;
} exact_weight;

static void exact_step(exact_weight *x, double g, int t, int form, const cnn_config *c) {
  const double unbias1 = 1.0 - pow(c->beta1, t), unbias2 = 1.0 - pow(c->beta2, t);
  x->w -= c->learning_rate * c->weight_decay * x->w;
  if (form >= 2) {
    x->v = c->momentum * x->v - c->learning_rate * g;
    x->w += form == 3 ? c->momentum * x->v - c->learning_rate * g : x->v;
    return;
  }
  x->m = c->beta1 * x->m + (1.0 - c->beta1) * g;
  x->v = c->beta2 * x->v + (1.0 - c->beta2) * g * g;
  x->w -= form == 0 ? c->learning_rate * sqrt(unbias2) / unbias1 * x->m / (sqrt(x->v) + c->epsilon)
                    : c->learning_rate / unbias1 * x->m / (sqrt(x->v / unbias2) + c->epsilon);
}

/* Fifty steps of random gradients. A step rounds the weight three times (decay, step, difference),
 * 2^-24 each, and its own relative error is below 1e-6. */
static void check_fifty(int form, double size, double decay, double clip, double epsilon) {
  cnn_config config = config_of(form);
  config.learning_rate = 1e-3;
  config.epsilon = epsilon;
  config.weight_decay = decay;
  noise random = noise_of((uint64_t)(7 + form));
  exact_weight exact = {0.5, 0.0, 0.0};
  float w[6], m[6] = {0}, v[6] = {0}, g[6];
  double gate = 0.0, worst = 0.0;
  for (size_t i = 0; i < 6; i++) {
    w[i] = 0.5f;
  }
  for (int t = 1; t <= 50; t++) {
    const float gradient = (float)size * noise_float(&random);
    for (size_t i = 0; i < 6; i++) {
      g[i] = gradient;
    }
    const double before = exact.w;
    const cnn_update update = update_of(&config, t, clip);
    exact_step(&exact, (double)gradient * clip, t, form, &config);
    cnn_update_apply(w, m, v, g, &update, 6);
    gate += 0x3p-24 * fabs(exact.w) + 1e-6 * (fabs(exact.w - before) + 1e-3 * decay);
    worst = worse(worst, fabs((double)w[0] - exact.w) / gate);
    CHECK(w[5] == w[0], "form %d: the vector part and the rest differ", form);
  }
  CHECK(worst <= 1.0, "form %d, g %g, decay %g, clip %g: %g times the gate", form, size, decay,
        clip, worst);
}

static void check_formulas(void) {
  static const double sizes[] = {1e-7, 1e-2, 1.0, 1e3};
  for (int form = 0; form < FORMS; form++) {
    for (size_t i = 0; i < 4; i++) {
      check_fifty(form, sizes[i], 0.0, 1.0, 1e-7);
      check_fifty(form, sizes[i], 0.0, 0.25, 1e-3);
      check_fifty(form, sizes[i], 10.0, 1.0, 1e-7);
      check_fifty(form, sizes[i], 1.5, 0.03, 1e-2);
    }
  }
}

/* Where gradients are as small as epsilon the forms of Adam part: the first step of g = 2e-7 is
 * sqrt(0.001) g / (sqrt(0.001) g + 1e-7) = 6 % of the rate in Keras', 67 % in PyTorch's. */
static void check_forms_apart(void) {
  static const double moved[2] = {0.05948, 0.66667};
  for (int form = 0; form < 2; form++) {
    cnn_config config = cnn_config_default();
    config.optimiser = form;
    float w[1] = {0}, m[1] = {0}, v[1] = {0};
    const float g[1] = {2e-7f};
    const cnn_update update = update_of(&config, 1, 1.0);
    cnn_update_apply(w, m, v, g, &update, 1);
    CHECK(fabs(-(double)w[0] / 1e-3 - moved[form]) < 1e-4, "form %d moves %.5f of the rate", form,
          -(double)w[0] / 1e-3);
  }
}

/* The coefficients, so that a wrong power or a float rounding of 1 - beta shows. */
static void check_coefficients(void) {
  cnn_config config = cnn_config_default();
  cnn_update u = update_of(&config, 1, 1.0);
  CHECK(fabs((double)u.step_size - 1e-3 * sqrt(0.001) / 0.1) < 1e-10, "%g", (double)u.step_size);
  CHECK(u.one_minus_beta2 == (float)0.001 && u.one_minus_beta1 == (float)0.1, "1 - beta: %.9g %.9g",
        (double)u.one_minus_beta1, (double)u.one_minus_beta2);
  CHECK(u.keep == 1.0f && u.gradient_scale == 1.0f && u.root_scale == 1.0f, "not exactly 1");
  u = cnn_update_at(&config, 1e-3, 0.0, 0.0, 1.0);
  CHECK(u.step_size == (float)1e-3, "step size at the end: %g", (double)u.step_size);
  config.optimiser = CNN_OPTIMISER_ADAM_TORCH;
  config.weight_decay = 0.01;
  u = cnn_update_at(&config, 5e-4, 0.5, 0.75, 0.125);
  CHECK(u.step_size == (float)1e-3 && u.root_scale == 2.0f, "torch: %g %g", (double)u.step_size,
        (double)u.root_scale);
  CHECK(u.keep == (float)(1.0 - 5e-6) && u.gradient_scale == 0.125f, "%.9g", (double)u.keep);
  config.optimiser = CNN_OPTIMISER_SGD;
  config.nesterov = 1;
  u = cnn_update_at(&config, 0.25, 0.5, 0.75, 1.0);
  CHECK(u.step_size == 0.25f && u.nesterov == 1 && u.momentum == 0.9f, "sgd");
}

/* The decay takes its share of the old weight, not of the new one; without a gradient it is all
 * that happens. 0.5 * (1 - 0.1*2) = 0.4, and 0.5 * 0.8 - 0.1 = 0.3, not (0.5 - 0.1) * 0.8. */
static void check_decay_first(void) {
  for (int form = 0; form < FORMS; form++) {
    cnn_config config = config_of(form);
    config.weight_decay = 2.0;
    config.momentum = 0.0;
    config.epsilon = 1e-12;
    const cnn_update update = update_of(&config, 1, 1.0);
    float w[5] = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f}, m[5] = {0}, v[5] = {0};
    const float g[5] = {1, 0, 1, 1, 0};
    cnn_update_apply(w, m, v, g, &update, 5);
    CHECK(fabs((double)w[0] - 0.3) < 1e-7, "form %d: %.9f", form, (double)w[0]);
    CHECK(fabs((double)w[4] - 0.4) < 1e-7 && w[1] == w[4], "form %d: %.9f", form, (double)w[4]);
  }
}

/* Without a gradient the moments end at exactly zero instead of sticking among the denormals. */
static void check_flush(int form) {
  cnn_config config = config_of(form);
  config.beta2 = 0.999;
  float w[5] = {1, 1, 1, 1, 1}, m[5] = {1e-3f, -1e-3f, 1e-29f, -1e-29f, 1e-3f};
  float v[5] = {1e-6f, 1e-6f, 1e-29f, 1e-29f, 1e-6f};
  const float g[5] = {0};
  const cnn_update update = update_of(&config, 1000000, 1.0);
  int denormal = 0;
  for (int t = 0; t < 60000; t++) { /* 1e-6 * 0.999^t < 1e-30 from t = 55,234 on */
    cnn_update_apply(w, m, v, g, &update, 5);
    for (size_t i = 0; i < 5; i++) {
      const float a = fabsf(m[i]);
      denormal += (a > 0.0f && a < 1e-30f) || (v[i] > 0.0f && v[i] < 1e-30f);
    }
  }
  CHECK(denormal == 0, "form %d: %d moments between 0 and 1e-30", form, denormal);
  for (size_t i = 0; i < 5; i++) {
    CHECK(m[i] == 0.0f && (form >= 2 || v[i] == 0.0f),
          "form %d: moments of weight %zu at %g and %g", form, i, (double)m[i], (double)v[i]);
  }
  const float above = 1.001e-30f / (form < 2 ? update.beta1 : update.momentum);
  float one[1] = {0}, first[1] = {-above}, second[1] = {0};
  cnn_update_apply(one, first, second, g, &update, 1);
  CHECK(first[0] < 0.0f, "form %d: a moment just above 1e-30 must stay", form);
}

int main(void) {
  for (int form = 0; form < FORMS; form++) {
    for (size_t count = 1; count <= MAX_COUNT; count++) {
      check_twin(form, count, 0.0, 1.0);
      check_twin(form, count, 0.3, 0.7);
    }
    check_flush(form);
  }
  check_by_hand();
  check_formulas();
  check_forms_apart();
  check_coefficients();
  check_decay_first();
  return check_finish("update");
}
