/* See loss.h. */
#include "loss.h"

#include "exact_math.h"

static float gradient_of(double difference, double batch) {
  const double value = difference / batch;
  return (value < 0.0 ? -value : value) < CNN_LOSS_FLUSH ? 0.0f : (float)value;
}

/* 1 / (1 + e^-z) without overflow. */
static double sigmoid(double z) {
  const double e = cnn_exp(z < 0.0 ? z : -z);
  return z < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

/* loss = max(z,0) - z*target + log(1 + e^-|z|) */
static double sigmoid_loss(float *dlogits, int *correct, double z, int label, double batch,
                           double smoothing) {
  const double target = (1.0 - smoothing) * label + smoothing / 2.0;
  if (dlogits != NULL) {
    *dlogits = gradient_of(sigmoid(z) - target, batch);
  }
  *correct = (z > 0.0) == (label != 0);
  return (z > 0.0 ? z : 0.0) - z * target + cnn_log(1.0 + cnn_exp(z < 0.0 ? z : -z));
}

/* 0, or not finite if a logit is not: a sum, because NaN and infinity survive in it. */
static double fault_of(const float *logits, size_t outputs) {
  double fault = 0.0;
  for (size_t j = 0; j < outputs; j++) {
    fault += (double)logits[j] - (double)logits[j];
  }
  return fault;
}

static size_t first_largest(const float *logits, size_t outputs) {
  size_t best = 0;
  for (size_t j = 1; j < outputs; j++) {
    best = logits[j] > logits[best] ? j : best;
  }
  return best;
}

int32_t cnn_predicted_class(const float *logits, size_t outputs) {
  return outputs == 1 ? logits[0] > 0.0f : (int32_t)first_largest(logits, outputs);
}

static double share_sum(const float *logits, double largest, size_t outputs) {
  double sum = 0.0;
  for (size_t j = 0; j < outputs; j++) {
    sum += cnn_exp((double)logits[j] - largest);
  }
  return sum;
}

double cnn_loss_image(float *dlogits, int *correct, const float *logits, uint8_t label,
                      size_t outputs, double batch, double smoothing) {
  const double fault = fault_of(logits, outputs);
  if (fault != 0.0) {
    *correct = 0;
    return fault;
  }
  if (outputs == 1) {
    return sigmoid_loss(dlogits, correct, (double)logits[0], label, batch, smoothing);
  }
  const size_t best = first_largest(logits, outputs);
  const double largest = (double)logits[best];
  const double sum = share_sum(logits, largest, outputs);
  const double everyone = smoothing / (double)outputs;
  double below = 0.0; /* of all logits, to the largest */
  for (size_t j = 0; j < outputs; j++) {
    below += largest - (double)logits[j];
    if (dlogits != NULL) {
      const double probability = cnn_exp((double)logits[j] - largest) / sum;
      const double target = (j == label ? 1.0 - smoothing : 0.0) + everyone;
      dlogits[j] = gradient_of(probability - target, batch);
    }
  }
  *correct = best == label;
  const double own = (1.0 - smoothing) * (largest - (double)logits[label]);
  return cnn_log(sum) + (own + everyone * below);
}

void cnn_probabilities(float *probabilities, const float *logits, size_t outputs) {
  if (outputs == 1) {
    probabilities[0] = (float)sigmoid(-(double)logits[0]);
    probabilities[1] = (float)sigmoid((double)logits[0]);
    return;
  }
  const double largest = (double)logits[first_largest(logits, outputs)];
  const double sum = share_sum(logits, largest, outputs);
  for (size_t j = 0; j < outputs; j++) {
    probabilities[j] = (float)(cnn_exp((double)logits[j] - largest) / sum);
  }
}
