/* See loss.h. */
#include "loss.h"

#include "exact_math.h"

static float gradient_of(double difference, double batch) {
  const double value = difference / batch;
  return (value < 0.0 ? -value : value) < CNN_LOSS_FLUSH ? 0.0f : (float)value;
}

/* loss = max(z,0) - z*y + log(1 + e^-|z|) */
static double sigmoid_loss(float *dlogits, int *correct, double z, int label, double batch) {
  const double e = cnn_exp(z < 0.0 ? z : -z);
  const double probability = z < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
  if (dlogits != NULL) {
    *dlogits = gradient_of(probability - label, batch);
  }
  *correct = (z > 0.0) == (label != 0);
  return (z > 0.0 ? z : 0.0) - z * label + cnn_log(1.0 + e);
}

double cnn_loss_image(float *dlogits, int *correct, const float *logits, uint8_t label,
                      size_t outputs, double batch) {
  double sum = 0.0;
  size_t best = 0;
  for (size_t j = 0; j < outputs; j++) { /* a sum, because NaN and infinity survive in it */
    sum += (double)logits[j] - (double)logits[j];
    best = logits[j] > logits[best] ? j : best;
  }
  if (sum != 0.0) {
    *correct = 0;
    return sum;
  }
  if (outputs == 1) {
    return sigmoid_loss(dlogits, correct, (double)logits[0], label, batch);
  }
  const double largest = (double)logits[best];
  for (size_t j = 0; j < outputs; j++) {
    sum += cnn_exp((double)logits[j] - largest);
  }
  if (dlogits != NULL) {
    for (size_t j = 0; j < outputs; j++) {
      const double probability = cnn_exp((double)logits[j] - largest) / sum;
      dlogits[j] = gradient_of(probability - (j == label ? 1.0 : 0.0), batch);
    }
  }
  *correct = best == label;
  return cnn_log(sum) + (largest - (double)logits[label]);
}
