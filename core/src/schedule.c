/* What comes before an update: its learning rate and coefficients, the L2 penalty, the norm. */
#include "exact_math.h"
#include "update.h"

#define PI 3.14159265358979323846

double cnn_learning_rate(const cnn_config *config, int64_t t, int64_t updates_per_epoch) {
  const int64_t warmup = config->warmup * updates_per_epoch;
  const int64_t total = config->epochs * updates_per_epoch;
  if (t <= warmup) {
    return config->learning_rate * (double)t / (double)warmup;
  }
  if (config->schedule == CNN_SCHEDULE_CONSTANT) {
    return config->learning_rate;
  }
  if (t >= total) {
    return 0.0;
  }
  const double done = (double)(t - warmup) / (double)(total - warmup);
  return config->learning_rate * (1.0 + cnn_cos(PI * done)) / 2.0;
}

cnn_update cnn_update_at(const cnn_config *config, double rate, double beta1_power,
                         double beta2_power, double clip) {
  const double unbias1 = 1.0 - beta1_power, root_unbias2 = __builtin_sqrt(1.0 - beta2_power);
  double step_size = rate, root_scale = 1.0;
  if (config->optimiser == CNN_OPTIMISER_ADAM) {
    step_size = rate * root_unbias2 / unbias1;
  } else if (config->optimiser == CNN_OPTIMISER_ADAM_TORCH) {
    step_size = rate / unbias1;
    root_scale = 1.0 / root_unbias2;
  }
  const cnn_update update = {
      .optimiser = config->optimiser,
      .nesterov = config->nesterov,
      .beta1 = (float)config->beta1,
      .one_minus_beta1 = (float)(1.0 - config->beta1),
      .beta2 = (float)config->beta2,
      .one_minus_beta2 = (float)(1.0 - config->beta2),
      .epsilon = (float)config->epsilon,
      .step_size = (float)step_size,
      .root_scale = (float)root_scale,
      .momentum = (float)config->momentum,
      .keep = (float)(1.0 - rate * config->weight_decay),
      .gradient_scale = (float)clip,
  };
  return update;
}

/* Four chains, because a single one would wait for each of its additions. */
double cnn_square_sum(const float *g, size_t count) {
  double sums[4] = {0.0, 0.0, 0.0, 0.0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const double a = (double)g[i], b = (double)g[i + 1], c = (double)g[i + 2], d = (double)g[i + 3];
    sums[0] += a * a;
    sums[1] += b * b;
    sums[2] += c * c;
    sums[3] += d * d;
  }
  for (; i < count; i++) {
    sums[i % 4] += (double)g[i] * (double)g[i];
  }
  return ((sums[0] + sums[1]) + sums[2]) + sums[3];
}

double cnn_l2_add(float *g, const float *w, double l2, size_t count) {
  const float slope = (float)(2.0 * l2);
  for (size_t i = 0; i < count; i++) {
    g[i] += slope * w[i];
  }
  return cnn_square_sum(w, count);
}

double cnn_clip_scale(double square_sum, double limit) {
  const double norm = __builtin_sqrt(square_sum);
  return limit == 0.0 || norm <= limit ? 1.0 : limit / norm;
}
