/* Finite or not: the exact try-out at every place of arrays of every length, and the cheap proof,
 * which may be silent but must never be wrong. */
#include "update.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"

enum { MAX_COUNT = 11, FORMS = 4 };

/* Form 0: adam, 1: adam_torch, 2: sgd, 3: sgd with nesterov. */
static cnn_config config_of(int form) {
  cnn_config config = cnn_config_default();
  config.optimiser = form < 2 ? form : CNN_OPTIMISER_SGD;
  config.nesterov = form == 3;
  return config;
}

static cnn_update update_of(const cnn_config *config, int t, double clip) {
  return cnn_update_at(config, config->learning_rate, pow(config->beta1, t), pow(config->beta2, t),
                       clip);
}

/* Whether one update of these values is called finite, wherever they stand. */
static int stays_finite(float w, float m, float v, float g, const cnn_update *update) {
  int all = 1, any = 0;
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    for (size_t at = 0; at < count; at++) {
      float ws[MAX_COUNT] = {0}, ms[MAX_COUNT] = {0}, vs[MAX_COUNT] = {0}, gs[MAX_COUNT] = {0};
      ws[at] = w;
      ms[at] = m;
      vs[at] = v;
      gs[at] = g;
      const int finite = cnn_update_stays_finite(ws, ms, vs, gs, update, count);
      all = all && finite;
      any = any || finite;
      CHECK(memcmp(&ws[at], &w, 4) == 0 && memcmp(&ms[at], &m, 4) == 0 &&
                memcmp(&vs[at], &v, 4) == 0,
            "the check changed a value");
    }
  }
  CHECK(all == any, "w %g m %g v %g g %g: the answer depends on the place", (double)w, (double)m,
        (double)v, (double)g);
  return all;
}

static void check_any_form(int form) {
  const cnn_config config = config_of(form);
  const cnn_update usual = update_of(&config, 1, 1.0);
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    CHECK(!stays_finite(0, 0, 0, bad[i], &usual), "form %d: gradient %g", form, (double)bad[i]);
    CHECK(!stays_finite(0, bad[i], 1, 0, &usual), "form %d: moment %g", form, (double)bad[i]);
    CHECK(!stays_finite(bad[i], 0, 0, 0, &usual), "form %d: weight %g", form, (double)bad[i]);
  }
  CHECK(stays_finite(1, 0.5f, 0.25f, -2, &usual), "form %d: usual numbers", form);
  cnn_update off = usual;
  off.gradient_scale = NAN;
  CHECK(!stays_finite(1, 0, 0, 1, &off), "form %d: clipping by NaN", form);
}

static void check_adam(void) {
  cnn_config config = config_of(0);
  const cnn_update usual = update_of(&config, 1, 1.0);
  CHECK(!stays_finite(0, 0, INFINITY, 0, &usual), "an infinite second moment");
  CHECK(!stays_finite(0, 0, NAN, 0, &usual), "a NaN second moment");
  CHECK(stays_finite(-3e38f, 1e18f, 3e38f, -1.8e19f, &usual), "large but finite");
  CHECK(!stays_finite(0, 0, 0, 1.9e19f, &usual), "the square of a finite gradient is infinite");
  config.learning_rate = 1e30;
  const cnn_update fast = update_of(&config, 1, 1.0);
  CHECK(stays_finite(0, 0, 0, 1e8f, &fast), "a step of 1e30");
  CHECK(!stays_finite(0, 0, 0, 1e11f, &fast), "the rate times the moment is infinite");
  config.learning_rate = 1e33;
  const cnn_update faster = update_of(&config, 1, 1.0);
  CHECK(stays_finite(3.402823e38f, 0, 0, 1, &faster), "the weight steps back from the edge");
  CHECK(!stays_finite(3.402823e38f, 0, 0, -1, &faster), "the weight steps over the edge");
  config = config_of(0);
  config.learning_rate = 1e30;
  config.weight_decay = 10.0;
  const cnn_update shrinking = update_of(&config, 1, 1.0);
  CHECK(!stays_finite(1e8f, 0, 0, 0, &shrinking), "a decay of -1e31");
}

static void check_sgd(void) {
  cnn_config config = config_of(2);
  config.learning_rate = 1.0;
  const cnn_update plain = update_of(&config, 1, 1.0);
  CHECK(stays_finite(0, 0, NAN, 3e38f, &plain), "sgd has no second moment");
  CHECK(!stays_finite(3e38f, 0, 0, -3e38f, &plain), "the weight steps over the edge");
  CHECK(!stays_finite(0, -3e38f, 0, 3e38f, &plain), "the velocity grows over the edge");
  config.nesterov = 1; /* 0.9 * (-0.9 * 2e38 - 1.5e38) - 1.5e38 = -4.5e38 */
  const cnn_update nesterov = update_of(&config, 1, 1.0);
  CHECK(stays_finite(0, -2e38f, 0, 1.5e38f, &plain), "-3.3e38");
  CHECK(!stays_finite(0, -2e38f, 0, 1.5e38f, &nesterov), "-4.5e38");
}

static void check_tame(void) {
  static const float wild[] = {1e15f, -1e15f, 3e38f, INFINITY, -INFINITY, NAN};
  const float edge = nextafterf(1e15f, 0.0f);
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    float g[MAX_COUNT] = {0};
    for (size_t at = 0; at < count; at++) {
      for (size_t i = 0; i < 6; i++) {
        g[at] = wild[i];
        CHECK(!cnn_gradients_are_tame(g, count), "%g at %zu of %zu", (double)wild[i], at, count);
      }
      g[at] = at % 2 == 0 ? edge : -edge;
      CHECK(cnn_gradients_are_tame(g, count), "the edge at %zu of %zu", at, count);
    }
  }
}

static void check_bound_of(void) {
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    for (size_t at = 0; at < count; at++) {
      float w[MAX_COUNT] = {0.5f, -0.5f}, m[MAX_COUNT] = {0.25f};
      w[at] = -3.0f;
      m[count - 1 - at] = 2.0f;
      cnn_bound bound = cnn_bound_of(w, m, count);
      CHECK(bound.weight == 3.0 && bound.moment == 2.0, "%zu of %zu: %g %g", at, count,
            bound.weight, bound.moment);
      const cnn_config config = config_of(0);
      const cnn_update update = update_of(&config, 1, 1.0);
      CHECK(cnn_bound_holds(&bound, &update), "%zu of %zu: usual numbers", at, count);
      w[at] = NAN;
      bound = cnn_bound_of(w, m, count);
      CHECK(!cnn_bound_holds(&bound, &update), "%zu of %zu: NaN holds", at, count);
      w[at] = 1.0f;
      m[at] = -INFINITY;
      bound = cnn_bound_of(w, m, count);
      CHECK(!cnn_bound_holds(&bound, &update), "%zu of %zu: infinity holds", at, count);
    }
  }
}

/* Usual settings need the exact try-out never: a million updates without a fresh bound. */
static void check_lasting(int form, double rate, double decay) {
  cnn_config config = config_of(form);
  config.learning_rate = rate;
  config.weight_decay = decay;
  cnn_bound bound = {1.0, 0.0};
  int t = 1;
  while (t <= 1000000) {
    const cnn_update update = update_of(&config, t, 1.0);
    if (!cnn_bound_holds(&bound, &update)) {
      break;
    }
    t++;
  }
  CHECK(t == 1000001, "form %d rate %g decay %g: silent after %d updates", form, rate, decay, t);
}

static double pick(noise *random, double low, double high) { /* log-uniform */
  const double share = 0.5 + 0.5 * (double)noise_float(random);
  return exp(log(low) + share * (log(high) - log(low)));
}

static cnn_config adversary(noise *random) {
  cnn_config config = config_of((int)noise_below(random, FORMS));
  static const double beta1[] = {0.0, 0.5, 0.9, 0.9999}, beta2[] = {0.0, 0.5, 0.999, 0.999999};
  static const double momentum[] = {0.0, 0.5, 0.9, 0.9999}, decay[] = {0.0, 0.0, 1e-3, 10.0};
  config.learning_rate = pick(random, 1e-7, noise_below(random, 2) == 0 ? 1e30 : 1e22);
  config.epsilon = pick(random, 1e-12, 1.0);
  config.beta1 = beta1[noise_below(random, 4)];
  config.beta2 = beta2[noise_below(random, 4)];
  config.momentum = momentum[noise_below(random, 4)];
  config.weight_decay = decay[noise_below(random, 4)];
  return config;
}

/* Where the proof holds, the try-out agrees and the bound is kept, for gradients that push always
 * the same way, turn round, or vanish (so that v does and epsilon is all that is left). */
static int run_adversary(noise *random) {
  const cnn_config config = adversary(random);
  float w[4], m[4], v[4], g[4];
  for (size_t i = 0; i < 4; i++) {
    w[i] = (float)pick(random, 1e-3, 3e37) * (i % 2 == 0 ? 1.0f : -1.0f);
    m[i] = (float)pick(random, 1e-30, 1e36) * (noise_below(random, 2) == 0 ? 1.0f : -1.0f);
    v[i] = noise_below(random, 4) == 0 ? 3.402823e38f : noise_below(random, 2) == 0 ? 0.0f : 1e30f;
    w[i] *= noise_below(random, 2) == 0 ? 1e-30f : 1.0f;
    m[i] *= noise_below(random, 2) == 0 ? 0.0f : 1e-20f;
  }
  const float size = noise_below(random, 2) == 0 ? nextafterf(1e15f, 0) : 1e-25f;
  cnn_bound bound = cnn_bound_of(w, m, 4);
  const int first = noise_below(random, 2) == 0 ? 1 : 1000;
  int t = first;
  for (; t < first + 300; t++) {
    const cnn_update update = update_of(&config, t, noise_below(random, 2) == 0 ? 1.0 : 0.01);
    for (size_t i = 0; i < 4; i++) {
      const int turned = i == 3 && (t & 1) == 1;
      g[i] = i == 2 && t % 50 != 0 ? 0.0f : turned ? -size : size;
      g[i] = i == 1 && w[i] < 0.0f ? size : g[i];
    }
    if (!cnn_bound_holds(&bound, &update)) {
      break;
    }
    const int finite = cnn_update_stays_finite(w, m, v, g, &update, 4);
    CHECK(finite, "form %d/%d rate %g epsilon %g momentum %g, t %d: held, but not finite",
          config.optimiser, config.nesterov, config.learning_rate, config.epsilon, config.momentum,
          t);
    cnn_update_apply(w, m, v, g, &update, 4);
    const cnn_bound now = cnn_bound_of(w, m, 4);
    CHECK(now.weight <= bound.weight && now.moment <= bound.moment,
          "form %d/%d rate %g, t %d: %g above %g or %g above %g", config.optimiser, config.nesterov,
          config.learning_rate, t, now.weight, bound.weight, now.moment, bound.moment);
    if (!finite) {
      break;
    }
  }
  return t > first;
}

static void check_adversaries(void) {
  noise random = noise_of(41);
  int held = 0, silent = 0;
  for (int i = 0; i < 4000; i++) {
    const int any = run_adversary(&random);
    held += any;
    silent += !any;
  }
  CHECK(held > 500 && silent > 500, "one-sided: %d held, %d were silent", held, silent);
}

/* A clipping factor above 1 or NaN is outside the proof; the bound stays where it was. */
static void check_refusal(void) {
  const cnn_config config = config_of(0);
  cnn_update update = update_of(&config, 1, 1.0);
  cnn_bound bound = {1.0, 2.0};
  update.gradient_scale = 1.5f;
  CHECK(!cnn_bound_holds(&bound, &update), "a factor above 1");
  update.gradient_scale = NAN;
  CHECK(!cnn_bound_holds(&bound, &update), "a factor of NaN");
  CHECK(bound.weight == 1.0 && bound.moment == 2.0, "moved on: %g %g", bound.weight, bound.moment);
}

int main(void) {
  for (int form = 0; form < FORMS; form++) {
    check_any_form(form);
    check_lasting(form, 1e-3, 0.0);
    check_lasting(form, 1.0, 0.01);
  }
  check_adam();
  check_sgd();
  check_tame();
  check_bound_of();
  check_adversaries();
  check_refusal();
  return check_finish("update_bound");
}
