/* The network a second time, in double and in the textbook order (convolution, bias, ReLU, pool,
 * head, softmax), written from the definition and not from the core. Tests only, small sizes. */
#ifndef NET_DOUBLE_H
#define NET_DOUBLE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "cnn.h"

enum { NET_MAX_SIDE = 13, NET_MAX_FILTERS = 17, NET_MAX_OUTPUTS = 8 };
enum { NET_MAX_FEATURES = NET_MAX_SIDE * NET_MAX_SIDE * NET_MAX_FILTERS };

typedef struct {
  cnn_config config;
  int conv_side, pool_side, features, outputs;
  double mean, deviation; /* input = (u - mean) / deviation */
} net;

static inline net net_of(const cnn_config *config, const cnn_images *train) {
  net n = {.config = *config, .mean = 0.0, .deviation = 255.0};
  n.conv_side = config->padding == CNN_PADDING_SAME ? config->resolution : config->resolution - 2;
  n.pool_side = config->pool == CNN_POOL_MAX2 ? n.conv_side / 2 : n.conv_side;
  n.features = config->filters * (config->head == CNN_HEAD_FLATTEN ? n.pool_side * n.pool_side : 1);
  n.outputs = config->output == CNN_OUTPUT_SIGMOID ? 1 : config->classes;
  if (config->scaling == CNN_SCALING_STANDARDISE) { /* two passes: no cancellation */
    const size_t count = (size_t)train->count * (size_t)config->resolution *
                         (size_t)config->resolution * (size_t)config->channels;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
      sum += train->pixels[i];
    }
    n.mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) {
      squares += (train->pixels[i] - n.mean) * (train->pixels[i] - n.mean);
    }
    n.deviation = squares > 0.0 ? sqrt(squares / (double)count) : 1.0;
  }
  return n;
}

/* Convolution + bias of filter f at (y, x); zero beyond the picture. */
static inline double net_conv(const net *n, const double *w, const uint8_t *image, int y, int x,
                              int f) {
  const int side = n->config.resolution, channels = n->config.channels;
  const int border = n->config.padding == CNN_PADDING_SAME ? 1 : 0;
  double sum = w[9 * channels * n->config.filters + f];
  for (int c = 0; c < channels; c++) {
    for (int ky = 0; ky < 3; ky++) {
      for (int kx = 0; kx < 3; kx++) {
        const int row = y + ky - border, column = x + kx - border;
        if (row >= 0 && row < side && column >= 0 && column < side) {
          const double u = image[(row * side + column) * channels + c];
          sum += (u - n->mean) / n->deviation *
                 w[((ky * 3 + kx) * channels + c) * n->config.filters + f];
        }
      }
    }
  }
  return sum;
}

/* One unit after pool: value, and in *choice which input won (0 = none above zero). */
static inline double net_unit(int *choice, const net *n, const double *w, const uint8_t *image,
                              int cell, int f) {
  const int scale = n->config.pool == CNN_POOL_MAX2 ? 2 : 1;
  double best = 0.0;
  *choice = 0;
  for (int i = 0; i < scale * scale; i++) {
    const double z = net_conv(n, w, image, scale * (cell / n->pool_side) + i / scale,
                              scale * (cell % n->pool_side) + i % scale, f);
    if (z > best) {
      best = z;
      *choice = i + 1;
    }
  }
  return best;
}

/* Features of filter f of one image, in features [D]. *pattern hashes every choice made (ReLU,
 * pool, global max): while it is the same, the network is smooth between two sets of weights. */
static inline void net_filter(double *features, uint64_t *pattern, const net *n, const double *w,
                              const uint8_t *image, int f) {
  const int filters = n->config.filters, cells = n->pool_side * n->pool_side;
  double sum = 0.0, largest = -1.0;
  int place = 0;
  for (int cell = 0; cell < cells; cell++) {
    int choice;
    const double value = net_unit(&choice, n, w, image, cell, f);
    *pattern = (*pattern ^ (uint64_t)choice) * UINT64_C(0x100000001b3);
    if (n->config.head == CNN_HEAD_FLATTEN) {
      features[cell * filters + f] = value;
    }
    sum += value;
    place = value > largest ? cell : place;
    largest = value > largest ? value : largest;
  }
  if (n->config.head == CNN_HEAD_GLOBAL_MAX) {
    features[f] = largest;
    *pattern = (*pattern ^ (uint64_t)place) * UINT64_C(0x100000001b3);
  } else if (n->config.head == CNN_HEAD_GLOBAL_AVERAGE) {
    features[f] = sum / cells;
  }
}

static inline void net_features(double *features, const net *n, const double *w,
                                const uint8_t *image) {
  uint64_t pattern = 0;
  for (int f = 0; f < n->config.filters; f++) {
    net_filter(features, &pattern, n, w, image, f);
  }
}

static inline void net_logits(double *logits, const net *n, const double *w,
                              const double *features) {
  const double *kernel = w + (9 * n->config.channels + 1) * n->config.filters;
  const double *bias = kernel + n->features * n->outputs;
  for (int j = 0; j < n->outputs; j++) {
    logits[j] = bias[j];
    for (int d = 0; d < n->features; d++) {
      logits[j] += features[d] * kernel[d * n->outputs + j];
    }
  }
}

/* Cross-entropy in nats of one image; moderate logits only. */
static inline double net_loss(const net *n, const double *logits, int label) {
  if (n->outputs == 1) {
    return log1p(exp(label != 0 ? -logits[0] : logits[0]));
  }
  double sum = 0.0;
  for (int j = 0; j < n->outputs; j++) {
    sum += exp(logits[j]);
  }
  return log(sum) - logits[label];
}

#endif
