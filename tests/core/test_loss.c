/* Cross-entropy from logits against closed forms (libm in double), at rest and saturated, with and
 * without label smoothing, and its gradient against central differences. */
#include "loss.h"

#include "bits.h"
#include "check.h"
#include "noise.h"
#include "worse.h"

enum { MAX_OUTPUTS = 255 };

static double loss_of(float *dlogits, int *correct, const float *logits, int label,
                      size_t outputs) {
  return cnn_loss_image(dlogits, correct, logits, (uint8_t)label, outputs, 1.0, 0.0);
}

/* Probabilities and loss by the C library's exp and log, shifted by the largest logit. */
static double closed_form(double *probabilities, const float *logits, int label, size_t outputs) {
  double largest = (double)logits[0];
  for (size_t j = 1; j < outputs; j++) {
    largest = (double)logits[j] > largest ? (double)logits[j] : largest;
  }
  double sum = 0.0;
  for (size_t j = 0; j < outputs; j++) {
    sum += exp((double)logits[j] - largest);
  }
  for (size_t j = 0; j < outputs; j++) {
    probabilities[j] = exp((double)logits[j] - largest) / sum;
  }
  return log(sum) + largest - (double)logits[label];
}

/* exp and log of the core are good to 1e-15 of their value, so 255 terms stay below 1e-12. The
 * gradient is rounded to float once: half a unit of 2^-24 of at most 1. */
static void check_softmax(void) {
  noise random = noise_of(21);
  for (size_t outputs = 2; outputs <= MAX_OUTPUTS; outputs += 1 + outputs / 5) {
    for (int scale = 1; scale <= 100; scale *= 10) {
      float logits[MAX_OUTPUTS], dlogits[MAX_OUTPUTS];
      double p[MAX_OUTPUTS], sum = 0.0, worst = 0.0;
      for (size_t j = 0; j < outputs; j++) {
        logits[j] = (float)scale * noise_float(&random);
      }
      const int label = (int)noise_below(&random, (uint32_t)outputs);
      int correct = 0;
      size_t best = 0;
      const double loss = loss_of(dlogits, &correct, logits, label, outputs);
      const double expected = closed_form(p, logits, label, outputs);
      for (size_t j = 0; j < outputs; j++) {
        const double gradient = p[j] - ((int)j == label ? 1.0 : 0.0);
        const double error = fabs((double)dlogits[j] - gradient);
        worst = worse(worst, error);
        sum += (double)dlogits[j];
        best = logits[j] > logits[best] ? j : best;
      }
      CHECK(fabs(loss - expected) <= 1e-12 * (1.0 + fabs(expected)), "K %zu x%d: %.17g not %.17g",
            outputs, scale, loss, expected);
      CHECK(worst <= 0x1p-24, "K %zu x%d: gradient off by %g", outputs, scale, worst);
      CHECK(fabs(sum) <= 0x1p-24 * 2.0, "K %zu x%d: gradients sum to %g", outputs, scale, sum);
      CHECK(correct == ((int)best == label), "K %zu x%d: hit is %d", outputs, scale, correct);
    }
  }
}

static void check_known_values(void) {
  int correct = 0;
  float d[4];
  const float flat[4] = {2.5f, 2.5f, 2.5f, 2.5f};
  CHECK(fabs(loss_of(d, &correct, flat, 0, 4) - log(4.0)) < 1e-15, "equal logits are not ln K");
  CHECK(correct == 1, "the first of equal logits must win");
  CHECK(d[0] == -0.75f && d[1] == 0.25f && d[2] == 0.25f && d[3] == 0.25f, "gradient of ln K");
  (void)loss_of(d, &correct, flat, 3, 4);
  CHECK(correct == 0, "a later equal logit must not win");
  const float two[2] = {0.0f, 1.0f};
  CHECK(fabs(loss_of(NULL, &correct, two, 1, 2) - log(1.0 + exp(-1.0))) < 1e-15, "softmax of 0, 1");
  const float zero[1] = {0.0f};
  CHECK(fabs(loss_of(d, &correct, zero, 0, 1) - log(2.0)) < 1e-15, "sigmoid at 0");
  CHECK(correct == 1 && d[0] == 0.5f, "logit 0 means class 0");
  (void)loss_of(d, &correct, zero, 1, 1);
  CHECK(correct == 0 && d[0] == -0.5f, "logit 0 is not class 1");
}

/* A sigmoid of z is a softmax of {0, z}, in loss, gradient and hit. */
static void check_sigmoid(void) {
  static const float sizes[] = {0.0f, 1e-6f, 0.3f, 1.0f, 7.0f, 30.0f, 300.0f, 1e30f};
  for (size_t i = 0; i < 4 * (sizeof sizes / sizeof sizes[0]); i++) {
    const float z = (i & 1) != 0 ? -sizes[i / 4] : sizes[i / 4];
    const int label = (i & 2) != 0;
    const float pair[2] = {0.0f, z};
    float one[1], two[2];
    int correct = 0, expected = 0;
    const double loss = loss_of(one, &correct, &z, label, 1);
    const double softmax = loss_of(two, &expected, pair, label, 2);
    CHECK(fabs(loss - softmax) <= 1e-15 * (1.0 + softmax), "z %g label %d: %.17g not %.17g",
          (double)z, label, loss, softmax);
    CHECK(fabs((double)one[0] - (double)two[1]) <= 0x1p-25, "z %g label %d: gradient %g not %g",
          (double)z, label, (double)one[0], (double)two[1]);
    CHECK(correct == expected, "z %g label %d: hit %d", (double)z, label, correct);
  }
}

/* Hundreds and 1e30 neither overflow nor lose the loss. */
static void check_saturated(void) {
  static const float sizes[] = {200.0f, 800.0f, 1e5f, 1e30f, 3e38f};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    const float z = sizes[i], pair[3] = {z, -z, 0.0f};
    float d[3];
    int correct = 0;
    CHECK(loss_of(d, &correct, pair, 0, 3) == 0.0 && correct == 1, "right by %g", (double)z);
    CHECK(d[0] == 0.0f && d[1] == 0.0f && d[2] == 0.0f, "gradient when right by %g", (double)z);
    CHECK(loss_of(d, &correct, pair, 1, 3) == 2.0 * (double)z && correct == 0, "wrong by %g",
          (double)z);
    CHECK(d[0] == 1.0f && d[1] == -1.0f && d[2] == 0.0f, "gradient when wrong by %g", (double)z);
    CHECK(loss_of(d, &correct, &z, 1, 1) == 0.0 && correct == 1, "sigmoid right by %g", (double)z);
    CHECK(loss_of(d, &correct, &z, 0, 1) == (double)z && correct == 0 && d[0] == 1.0f,
          "sigmoid wrong by %g", (double)z);
  }
}

/* Gradients below 1e-20 are zero, those above are kept: e^-46 = 1.05e-20, e^-46.1 = 9.5e-21. */
static void check_flush(void) {
  const float kept[2] = {0.0f, -46.0f}, flushed[2] = {0.0f, -46.1f};
  float d[2];
  int correct = 0;
  (void)loss_of(d, &correct, kept, 0, 2);
  CHECK(fabs((double)d[1] - exp(-46.0)) < 1e-26, "gradient %g just above the limit", (double)d[1]);
  (void)loss_of(d, &correct, flushed, 0, 2);
  CHECK(d[1] == 0.0f, "gradient %g just below the limit", (double)d[1]);
  (void)cnn_loss_image(d, &correct, kept, 0, 2, 2.0, 0.0);
  CHECK(d[1] == 0.0f, "gradient %g of a batch of 2", (double)d[1]);
  (void)loss_of(d, &correct, &kept[1], 0, 1);
  CHECK(fabs((double)d[0] - exp(-46.0)) < 1e-26, "sigmoid gradient %g", (double)d[0]);
  (void)loss_of(d, &correct, &flushed[1], 0, 1);
  CHECK(d[0] == 0.0f, "sigmoid gradient %g", (double)d[0]);
}

static void check_not_finite(void) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    for (size_t at = 0; at < 3; at++) {
      float logits[3] = {1.0f, 2.0f, 3.0f}, d[3];
      int correct = 1;
      logits[at] = bad[i];
      const double loss = loss_of(d, &correct, logits, 2, 3);
      CHECK(loss - loss != 0.0 && correct == 0, "logit %zu = %g gives loss %g", at, (double)bad[i],
            loss);
    }
    float d[1];
    int correct = 1;
    const double loss = loss_of(d, &correct, &bad[i], 1, 1);
    CHECK(loss - loss != 0.0 && correct == 0, "sigmoid of %g gives loss %g", (double)bad[i], loss);
  }
}

/* dlogits is the derivative of loss / batch. h = 2^-10 is exact in float; the truncation is
 * h^2/6 times a third derivative below 1, 1.6e-7. */
static void check_derivative(size_t outputs, double smoothing) {
  noise random = noise_of(23 + outputs);
  float logits[8], dlogits[8];
  const float h = 0x1p-10f;
  const double batch = 7.0;
  for (int label = 0; label < (outputs == 1 ? 2 : (int)outputs); label++) {
    for (size_t j = 0; j < outputs; j++) {
      logits[j] = (float)(int)(noise_float(&random) * 512.0f) / 128.0f;
    }
    int correct = 0;
    (void)cnn_loss_image(dlogits, &correct, logits, (uint8_t)label, outputs, batch, smoothing);
    for (size_t j = 0; j < outputs; j++) {
      const float at = logits[j];
      logits[j] = at + h;
      const double above =
          cnn_loss_image(NULL, &correct, logits, (uint8_t)label, outputs, 1.0, smoothing);
      logits[j] = at - h;
      const double below =
          cnn_loss_image(NULL, &correct, logits, (uint8_t)label, outputs, 1.0, smoothing);
      logits[j] = at;
      const double slope = (above - below) / (2.0 * (double)h) / batch;
      CHECK(fabs((double)dlogits[j] - slope) < 3e-7, "K %zu s %g label %d logit %zu: %g not %g",
            outputs, smoothing, label, j, (double)dlogits[j], slope);
    }
  }
}

/* ---- Label smoothing --------------------------------------------------------------------------
 */

/* The cross-entropy of target (1-s) * one-hot + s/K: (1-s) * loss of the label + s * mean loss of
 * all labels. The gradient likewise; hits do not change. */
static void check_smoothing(void) {
  static const size_t sizes[] = {1, 2, 3, 20, MAX_OUTPUTS};
  noise random = noise_of(27);
  for (size_t i = 0; i < 4 * sizeof sizes / sizeof sizes[0]; i++) {
    const size_t outputs = sizes[i / 4], labels = outputs == 1 ? 2 : outputs;
    const double s = 0.33 * (double)(i % 4);
    float logits[MAX_OUTPUTS], d[MAX_OUTPUTS], part[MAX_OUTPUTS];
    double gradient[MAX_OUTPUTS] = {0.0}, expected = 0.0, worst = 0.0;
    for (size_t j = 0; j < outputs; j++) {
      logits[j] = 5.0f * noise_float(&random);
    }
    const int label = (int)noise_below(&random, (uint32_t)labels);
    int correct = 0, plain = 0, other = 0;
    for (size_t k = 0; k < labels; k++) {
      const double share = ((int)k == label ? 1.0 - s : 0.0) + s / (double)labels;
      expected += share * loss_of(part, (int)k == label ? &plain : &other, logits, (int)k, outputs);
      for (size_t j = 0; j < outputs; j++) {
        gradient[j] += share * (double)part[j];
      }
    }
    const double loss = cnn_loss_image(d, &correct, logits, (uint8_t)label, outputs, 1.0, s);
    for (size_t j = 0; j < outputs; j++) {
      worst = worse(worst, fabs((double)d[j] - gradient[j]));
    }
    CHECK(fabs(loss - expected) <= 1e-12 * (1.0 + expected), "K %zu s %g: %.17g not %.17g", outputs,
          s, loss, expected);
    CHECK(worst <= 0x1p-23, "K %zu s %g: gradient off by %g", outputs, s, worst);
    CHECK(correct == plain, "K %zu s %g: hit is %d", outputs, s, correct);
  }
}

/* Equal logits: ln K whatever s; the gradient shrinks by 1-s. Saturated: s/2 of the distance. */
static void check_known_smoothing(void) {
  const float flat[4] = {0.0f}, far[2] = {1000.0f, -1000.0f};
  float d[4];
  int correct = 0;
  double loss = cnn_loss_image(d, &correct, flat, 2, 4, 1.0, 0.5);
  CHECK(fabs(loss - log(4.0)) < 1e-15, "equal logits: %.17g", loss);
  CHECK(d[2] == -0.375f && d[0] == 0.125f, "equal logits: gradient %g, %g", (double)d[2],
        (double)d[0]);
  loss = cnn_loss_image(d, &correct, far, 0, 2, 1.0, 0.5);
  CHECK(loss == 500.0 && correct == 1, "saturated: %.17g", loss);
  CHECK(d[0] == 0.25f && d[1] == -0.25f, "saturated: gradient %g", (double)d[0]);
  loss = cnn_loss_image(d, &correct, far, 1, 1, 1.0, 0.5);
  CHECK(loss == 250.0 && correct == 1 && d[0] == 0.25f, "sigmoid, saturated: %.17g", loss);
}

/* ---- Probabilities ----------------------------------------------------------------------------
 */

static void check_probabilities(void) {
  noise random = noise_of(29);
  float logits[MAX_OUTPUTS], p[MAX_OUTPUTS], d[MAX_OUTPUTS];
  int correct = 0;
  for (size_t outputs = 1; outputs <= MAX_OUTPUTS; outputs += 1 + outputs / 2) {
    double worst = 0.0, sum = 0.0;
    for (size_t j = 0; j < outputs; j++) {
      logits[j] = 8.0f * noise_float(&random);
    }
    cnn_probabilities(p, logits, outputs);
    (void)loss_of(d, &correct, logits, 0, outputs); /* gradient = probability - target */
    for (size_t j = 0; j < outputs; j++) {
      const double target = outputs > 1 && j == 0 ? 1.0 : 0.0;
      const size_t at = outputs == 1 ? 1 : j;
      worst = worse(worst, fabs((double)p[at] - target - (double)d[j]));
    }
    for (size_t j = 0; j < (outputs == 1 ? 2 : outputs); j++) {
      sum += (double)p[j];
    }
    CHECK(worst < 1e-7 && fabs(sum - 1.0) < 1e-6, "K %zu: off by %g, sum %g", outputs, worst, sum);
  }
  const float far[3] = {3e38f, -3e38f, 3e38f};
  cnn_probabilities(p, far, 3);
  CHECK(p[0] == 0.5f && p[1] == 0.0f && p[2] == 0.5f, "saturated: %g, %g", (double)p[0],
        (double)p[1]);
  cnn_probabilities(p, &far[1], 1);
  CHECK(p[0] == 1.0f && p[1] == 0.0f, "sigmoid, saturated: %g, %g", (double)p[0], (double)p[1]);
  const float minus = -40.0f; /* small ones keep their digits on either side */
  cnn_probabilities(p, &minus, 1);
  CHECK(fabs((double)p[1] - exp(-40.0)) < 1e-24 && p[0] == 1.0f, "sigmoid of -40: %g",
        (double)p[1]);
  const float plus = 40.0f;
  cnn_probabilities(p, &plus, 1);
  CHECK(fabs((double)p[0] - exp(-40.0)) < 1e-24 && p[1] == 1.0f, "sigmoid of 40: %g", (double)p[0]);
}

static void check_same_bits(void) {
  noise random = noise_of(30);
  float logits[MAX_OUTPUTS], d[MAX_OUTPUTS], p[MAX_OUTPUTS];
  uint64_t hash = BITS_START;
  for (size_t outputs = 1; outputs <= MAX_OUTPUTS; outputs++) {
    int correct = 0;
    for (size_t j = 0; j < outputs; j++) {
      logits[j] = 30.0f * noise_float(&random);
    }
    const double loss = cnn_loss_image(d, &correct, logits, 1, outputs, 32.0, 0.1);
    hash = bits_of(hash, &loss, sizeof loss);
    hash = bits_of(hash, d, outputs * sizeof(float));
    cnn_probabilities(p, logits, outputs);
    hash = bits_of(hash, p, (outputs == 1 ? 2 : outputs) * sizeof(float));
    outputs += outputs / 8;
  }
  check_bits("loss", hash, UINT64_C(0x06c3f0f09b03b91b));
}

int main(void) {
  check_softmax();
  check_known_values();
  check_sigmoid();
  check_saturated();
  check_flush();
  check_not_finite();
  for (int tenths = 0; tenths <= 9; tenths += 3) {
    check_derivative(1, tenths / 10.0);
    check_derivative(2, tenths / 10.0);
    check_derivative(5, tenths / 10.0);
  }
  check_smoothing();
  check_known_smoothing();
  check_probabilities();
  check_same_bits();
  return check_finish("loss");
}
