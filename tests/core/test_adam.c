/* Adam against its plain twin (equal bits), against the Keras formula in double, and away from
 * PyTorch's; the flush of small moments; the detection of values that are not finite. */
#include "adam.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"

enum { MAX_COUNT = 19 };

static const double rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7;

static void check_twin(size_t count) {
  guarded arrays[7]; /* w, m, v twice, then g */
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
  double power1 = 1.0, power2 = 1.0;
  for (int t = 0; t < 20; t++) {
    power1 *= beta1;
    power2 *= beta2;
    const cnn_adam adam = cnn_adam_at(rate, beta1, beta2, epsilon, power1, power2);
    for (size_t j = 0; j < count; j++) {
      guarded_float(&arrays[6])[j] = ldexpf(noise_float(&random), -5 * (int)(j + (size_t)t) % 60);
    }
    cnn_adam_update(guarded_float(&arrays[0]), guarded_float(&arrays[1]), guarded_float(&arrays[2]),
                    guarded_float(&arrays[6]), &adam, count);
    cnn_adam_update_ref(guarded_float(&arrays[3]), guarded_float(&arrays[4]),
                        guarded_float(&arrays[5]), guarded_float(&arrays[6]), &adam, count);
  }
  for (size_t i = 0; i < 3; i++) {
    CHECK(memcmp(guarded_float(&arrays[i]), guarded_float(&arrays[3 + i]), count * 4) == 0,
          "count %zu: array %zu differs from the twin", count, i);
  }
  int intact = 0;
  for (size_t i = 0; i < 7; i++) {
    intact += guarded_end(&arrays[i]);
  }
  CHECK(intact == 7, "count %zu: wrote outside", count);
}

/* One weight's path in double. keras: epsilon beside sqrt(v); else beside sqrt(v / (1-beta2^t)). */
static double path(double size, int steps, int keras) {
  double w = 0.5, m = 0.0, v = 0.0, power1 = 1.0, power2 = 1.0;
  for (int t = 1; t <= steps; t++) {
    const double g = size * (double)(1 + t % 3);
    m = beta1 * m + (1.0 - beta1) * g;
    v = beta2 * v + (1.0 - beta2) * g * g;
    power1 *= beta1;
    power2 *= beta2;
    if (keras) {
      w -= rate * sqrt(1.0 - power2) / (1.0 - power1) * m / (sqrt(v) + epsilon);
    } else {
      w -= rate * (m / (1.0 - power1)) / (sqrt(v / (1.0 - power2)) + epsilon);
    }
  }
  return w;
}

static double core_path(double size, int steps) {
  float w[5] = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f}, m[5] = {0}, v[5] = {0}, g[5];
  double power1 = 1.0, power2 = 1.0;
  for (int t = 1; t <= steps; t++) {
    for (size_t i = 0; i < 5; i++) {
      g[i] = (float)(size * (double)(1 + t % 3));
    }
    power1 *= beta1;
    power2 *= beta2;
    const cnn_adam adam = cnn_adam_at(rate, beta1, beta2, epsilon, power1, power2);
    cnn_adam_update(w, m, v, g, &adam, 5);
  }
  CHECK(w[0] == w[4] && w[0] == w[3], "the vector part and the rest differ");
  return (double)w[0];
}

/* Steps of 1e-3 near 0.5 are rounded to 2^-25 each, so t steps agree to t times 3e-8 and a little.
 * Where gradients are as small as epsilon the two forms part: after one step of g = 2e-7
 * Keras moves 6 % of the rate (sqrt(0.001) g / (sqrt(0.001) g + 1e-7)), PyTorch 67 %. */
static void check_formula(void) {
  static const double sizes[] = {1e-9, 1e-7, 1e-5, 1e-2, 1.0, 1e4};
  static const int steps[] = {1, 2, 3, 10, 100};
  for (size_t i = 0; i < 6 * 5; i++) {
    const double size = sizes[i % 6];
    const int t = steps[i / 6];
    const double keras = path(size, t, 1), torch = path(size, t, 0);
    const double got = core_path(size, t);
    const double gate = t * 4e-8;
    CHECK(fabs(got - keras) <= gate, "g %g, %d steps: %.9f not %.9f", size, t, got, keras);
    if (size <= 1e-7) {
      CHECK(fabs(torch - keras) > 100.0 * gate && fabs(got - torch) > 100.0 * gate,
            "g %g, %d steps: not told from PyTorch's form", size, t);
    }
  }
  const double moved = (0.5 - core_path(1e-7, 1)) / rate;
  CHECK(fabs(moved - 0.05948) < 1e-4, "first step of g = 2e-7 moves %.4f of the rate", moved);
}

/* The coefficients, so that a wrong power or a float rounding of 1 - beta shows. */
static void check_coefficients(void) {
  const cnn_adam first = cnn_adam_at(rate, beta1, beta2, epsilon, beta1, beta2);
  CHECK(fabs((double)first.step_size - 1e-3 * sqrt(0.001) / 0.1) < 1e-10, "step size at t = 1: %g",
        (double)first.step_size);
  CHECK(first.one_minus_beta2 == (float)0.001 && first.one_minus_beta1 == (float)0.1,
        "1 - beta: %.9g and %.9g", (double)first.one_minus_beta1, (double)first.one_minus_beta2);
  const cnn_adam late = cnn_adam_at(rate, beta1, beta2, epsilon, 0.0, 0.0);
  CHECK(late.step_size == (float)1e-3, "step size at the end: %g", (double)late.step_size);
}

/* Without a gradient the moments end at exactly zero instead of sticking among the denormals. */
static void check_flush(void) {
  float w[5] = {1, 1, 1, 1, 1}, m[5] = {1e-3f, -1e-3f, 1e-29f, -1e-29f, 1e-3f};
  float v[5] = {1e-6f, 1e-6f, 1e-29f, 1e-29f, 1e-6f}, g[5] = {0};
  const cnn_adam adam = cnn_adam_at(rate, beta1, beta2, epsilon, 0.0, 0.0);
  int denormal = 0;
  for (int t = 0; t < 60000; t++) { /* 1e-6 * 0.999^t < 1e-30 from t = 55,234 on */
    cnn_adam_update(w, m, v, g, &adam, 5);
    for (size_t i = 0; i < 5; i++) {
      const float a = fabsf(m[i]);
      denormal += (a > 0.0f && a < 1e-30f) || (v[i] > 0.0f && v[i] < 1e-30f);
    }
  }
  CHECK(denormal == 0, "%d moments between 0 and 1e-30", denormal);
  for (size_t i = 0; i < 5; i++) {
    CHECK(m[i] == 0.0f && v[i] == 0.0f, "moments of weight %zu stuck at %g and %g", i, (double)m[i],
          (double)v[i]);
  }
  const float above[1] = {1.001e-30f};
  float one[1] = {0}, first[1] = {above[0] / 0.9f}, second[1] = {0};
  cnn_adam_update(one, first, second, g, &adam, 1);
  CHECK(first[0] > 0.0f, "a moment just above 1e-30 must stay");
}

/* Whether one update of these values is called finite, at every place of arrays of every length. */
static int stays_finite(float w, float m, float v, float g, const cnn_adam *adam) {
  int all = 1, any = 0;
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    for (size_t at = 0; at < count; at++) {
      float ws[MAX_COUNT] = {0}, ms[MAX_COUNT] = {0}, vs[MAX_COUNT] = {0}, gs[MAX_COUNT] = {0};
      ws[at] = w;
      ms[at] = m;
      vs[at] = v;
      gs[at] = g;
      const int finite = cnn_adam_stays_finite(ws, ms, vs, gs, adam, count);
      all = all && finite;
      any = any || finite;
      CHECK(memcmp(&ws[at], &w, 4) == 0 && memcmp(&ms[at], &m, 4) == 0,
            "the check changed a value");
    }
  }
  CHECK(all == any, "w %g m %g v %g g %g: the answer depends on the place", (double)w, (double)m,
        (double)v, (double)g);
  return all;
}

static void check_finite(void) {
  const cnn_adam usual = cnn_adam_at(rate, beta1, beta2, epsilon, beta1, beta2);
  const cnn_adam fast = cnn_adam_at(1e30, beta1, beta2, epsilon, beta1, beta2);
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    CHECK(!stays_finite(0, 0, 0, bad[i], &usual), "gradient %g", (double)bad[i]);
    CHECK(!stays_finite(0, bad[i], 1, 0, &usual), "first moment %g", (double)bad[i]);
    CHECK(!stays_finite(bad[i], 0, 0, 0, &usual), "weight %g", (double)bad[i]);
  }
  CHECK(!stays_finite(0, 0, INFINITY, 0, &usual), "an infinite second moment");
  CHECK(!stays_finite(0, 0, NAN, 0, &usual), "a NaN second moment");
  CHECK(stays_finite(-3e38f, 1e18f, 3e38f, -1.8e19f, &usual), "large but finite");
  CHECK(!stays_finite(0, 0, 0, 1.9e19f, &usual), "the square of a finite gradient is infinite");
  CHECK(stays_finite(0, 0, 0, 1e8f, &fast), "a step of 1e30");
  CHECK(!stays_finite(0, 0, 0, 1e11f, &fast), "the rate times the moment is infinite");
  const cnn_adam faster = cnn_adam_at(1e33, beta1, beta2, epsilon, beta1, beta2);
  CHECK(stays_finite(3.402823e38f, 0, 0, 1, &faster), "the weight steps back from the edge");
  CHECK(!stays_finite(3.402823e38f, 0, 0, -1, &faster), "the weight steps over the edge");
}

int main(void) {
  for (size_t count = 1; count <= MAX_COUNT; count++) {
    check_twin(count);
  }
  check_formula();
  check_coefficients();
  check_flush();
  check_finite();
  return check_finish("adam");
}
