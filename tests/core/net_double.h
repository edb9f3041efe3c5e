/* The network a second time, in double and in the textbook order (convolution, bias, norm, ReLU,
 * pool, head, dense layers, loss), written from the definitions in cnn.h and not from the core; its
 * gradients come from a tape of elementary operations. Tests only, small sizes. */
#ifndef NET_DOUBLE_H
#define NET_DOUBLE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "cnn.h"

#include "net_blocks.h"

typedef struct {
  double *logits;    /* [count][outputs] */
  double *gradients; /* [parameters], of an evaluation all 0 */
  double *moments;   /* [statistics] of the batch */
  double loss;
} net_result;

/* ---- Head ------------------------------------------------------------------------------------ */

/* Mean over rows y0..y1-1 and columns x0..x1-1. */
static inline int net_mean(tape *t, const net_map *map, int i, int f, const int rows[2],
                           const int columns[2]) {
  int sum = tape_constant(t, 0.0);
  for (int y = rows[0]; y < rows[1]; y++) {
    for (int x = columns[0]; x < columns[1]; x++) {
      sum = tape_add(t, sum, net_at(map, i, y, x)[f]);
    }
  }
  return tape_scale(t, sum, 1.0 / ((rows[1] - rows[0]) * (columns[1] - columns[0])));
}

static inline void net_grid(tape *t, int *features, const net_map *map, int i, int grid) {
  const int side = map->side;
  for (int gy = 0; gy < grid; gy++) {
    for (int gx = 0; gx < grid; gx++) {
      const int rows[2] = {gy * side / grid, ((gy + 1) * side + grid - 1) / grid};
      const int columns[2] = {gx * side / grid, ((gx + 1) * side + grid - 1) / grid};
      for (int f = 0; f < map->channels; f++) {
        features[(gy * grid + gx) * map->channels + f] = net_mean(t, map, i, f, rows, columns);
      }
    }
  }
}

static inline void net_attention(tape *t, int *features, const net_map *map, int i, int query) {
  const int cells = map->side * map->side, filters = map->channels;
  const int *values = net_at(map, i, 0, 0);
  int total = tape_constant(t, 0.0);
  for (int f = 0; f < filters; f++) {
    features[f] = tape_constant(t, 0.0);
  }
  for (int p = 0; p < cells; p++) {
    int score = tape_constant(t, 0.0);
    for (int f = 0; f < filters; f++) {
      score = tape_multiply_add(t, score, values[p * filters + f], query + f);
    }
    const int weight = tape_exp(t, score); /* moderate scores only */
    total = tape_add(t, total, weight);
    for (int f = 0; f < filters; f++) {
      features[f] = tape_multiply_add(t, features[f], weight, values[p * filters + f]);
    }
  }
  for (int f = 0; f < filters; f++) {
    features[f] = tape_divide(t, features[f], total);
  }
}

static inline void net_global_max(tape *t, int *features, const net_map *map, int i) {
  for (int f = 0; f < map->channels; f++) {
    features[f] = net_at(map, i, 0, 0)[f];
    for (int p = 1; p < map->side * map->side; p++) {
      const int value = net_at(map, i, 0, 0)[p * map->channels + f];
      features[f] = tape_value(t, value) > tape_value(t, features[f]) ? value : features[f];
    }
  }
}

/* The map becomes a "map" of side 1 with the features as its channels. */
static inline void net_head(net_run *r, net_map *map) {
  const cnn_config *c = &r->n->config;
  const int cells = map->side * map->side;
  const int grid = c->head == CNN_HEAD_GRID ? c->grid : 1;
  if (c->head == CNN_HEAD_FLATTEN) {
    map->channels *= cells;
    map->side = 1;
    return;
  }
  const int query = c->head == CNN_HEAD_ATTENTION ? net_take(r, map->channels, 0) : 0;
  const net_map out = net_map_new(r->n->count, 1, map->channels * grid * grid);
  for (int i = 0; i < r->n->count; i++) {
    int *features = net_at(&out, i, 0, 0);
    if (c->head == CNN_HEAD_ATTENTION) {
      net_attention(&r->t, features, map, i, query);
    } else if (c->head == CNN_HEAD_GLOBAL_MAX) {
      net_global_max(&r->t, features, map, i);
    } else { /* the global average is a grid of one cell */
      net_grid(&r->t, features, map, i, grid);
    }
  }
  free(map->at);
  *map = out;
}

/* ---- Dense layers and loss ------------------------------------------------------------------- */

static inline void net_dense(net_run *r, net_map *map, int outputs) {
  const int kernel = net_take(r, map->channels * outputs, 1), bias = net_take(r, outputs, 0);
  const net_map out = net_map_new(r->n->count, 1, outputs);
  for (int i = 0; i < r->n->count; i++) {
    for (int j = 0; j < outputs; j++) {
      int sum = bias + j;
      for (int d = 0; d < map->channels; d++) {
        sum =
            tape_multiply_add(&r->t, sum, map->at[i * map->channels + d], kernel + d * outputs + j);
      }
      out.at[i * outputs + j] = sum;
    }
  }
  free(map->at);
  *map = out;
}

/* Cross-entropy of one image in nats; moderate logits only. */
static inline int net_loss(tape *t, const int *logits, int label, int outputs, double smoothing) {
  const int is_sigmoid = outputs == 1;
  int sum = tape_constant(t, is_sigmoid ? 1.0 : 0.0), target = tape_constant(t, 0.0);
  for (int j = 0; j < outputs; j++) {
    const double hot = is_sigmoid ? label : label == j;
    const double share = (1.0 - smoothing) * hot + smoothing / (is_sigmoid ? 2.0 : outputs);
    sum = tape_add(t, sum, tape_exp(t, logits[j]));
    target = tape_add(t, target, tape_scale(t, logits[j], share));
  }
  return tape_subtract(t, tape_log(t, sum), target);
}

static inline int net_mean_loss(net_run *r, const net_map *logits) {
  const net *n = r->n;
  int sum = tape_constant(&r->t, 0.0);
  for (int i = 0; i < n->count; i++) {
    const double smoothing = n->learn ? n->config.label_smoothing : 0.0;
    sum = tape_add(&r->t, sum,
                   net_loss(&r->t, logits->at + i * logits->channels, n->labels[i],
                            logits->channels, smoothing));
  }
  const int mean = tape_scale(&r->t, sum, 1.0 / n->count);
  return tape_add(&r->t, mean, tape_scale(&r->t, r->squares, n->learn ? n->config.l2 : 0.0));
}

static inline net_map net_forward(net_run *r, int parameters) {
  const net *n = r->n;
  const cnn_config *c = &n->config;
  for (int i = 0; i < parameters; i++) {
    (void)tape_constant(&r->t, (double)n->parameters[i]);
  }
  r->squares = tape_constant(&r->t, 0.0);
  net_map map = net_map_new(n->count, c->resolution, c->channels);
  for (int i = 0; i < n->count * c->resolution * c->resolution * c->channels; i++) {
    map.at[i] = tape_constant(&r->t, n->inputs[i]);
  }
  for (int b = 0; b < c->blocks; b++) {
    const cnn_block block = cnn_config_block(c, b);
    net_block(r, &map, &block);
  }
  net_head(r, &map);
  if (c->hidden > 0) {
    net_dense(r, &map, c->hidden);
    net_relu(&r->t, map.at, n->count * map.channels);
  }
  for (int i = 0; n->dropout != NULL && i < n->count * map.channels; i++) {
    map.at[i] = tape_scale(&r->t, map.at[i], n->dropout[i]);
  }
  net_dense(r, &map, c->output == CNN_OUTPUT_SIGMOID ? 1 : c->classes);
  return map;
}

static inline double *net_values(const tape *t, const int *at, int64_t count) {
  double *values = malloc((size_t)(count + 1) * sizeof *values);
  if (values == NULL) {
    abort();
  }
  for (int64_t i = 0; i < count; i++) {
    values[i] = at == NULL ? t->nodes[i].slope : tape_value(t, at[i]);
  }
  return values;
}

static inline net_result net_compute(const net *n, const cnn_plan *plan) {
  net_run r = {.n = n, .moments = malloc((size_t)(plan->statistics + 1) * sizeof(int))};
  if (r.moments == NULL) {
    abort();
  }
  net_map logits = net_forward(&r, (int)plan->parameters);
  net_result result = {.loss = 0.0};
  if (n->labels != NULL) {
    const int loss = net_mean_loss(&r, &logits);
    result.loss = tape_value(&r.t, loss);
    tape_sweep(&r.t, loss);
  }
  result.logits = net_values(&r.t, logits.at, (int64_t)n->count * plan->outputs);
  result.gradients = net_values(&r.t, NULL, plan->parameters);
  result.moments = net_values(&r.t, r.moments, plan->statistics);
  free(logits.at);
  free(r.moments);
  tape_end(&r.t);
  return result;
}

static inline void net_end(net_result *result) {
  free(result->logits);
  free(result->gradients);
  free(result->moments);
}

/* Mean and deviation of the input scaling, in two passes: no cancellation. */
static inline void net_scaling(double scaling[2], const cnn_config *config,
                               const cnn_images *train) {
  const size_t count = (size_t)train->count * (size_t)config->resolution *
                       (size_t)config->resolution * (size_t)config->channels;
  double sum = 0.0, squares = 0.0;
  for (size_t i = 0; i < count; i++) {
    sum += train->pixels[i];
  }
  scaling[0] = config->scaling == CNN_SCALING_STANDARDISE ? sum / (double)count : 0.0;
  for (size_t i = 0; i < count; i++) {
    squares += (train->pixels[i] - scaling[0]) * (train->pixels[i] - scaling[0]);
  }
  const int scales = config->scaling == CNN_SCALING_STANDARDISE;
  scaling[1] = !scales ? 255.0 : squares > 0.0 ? sqrt(squares / (double)count) : 1.0;
}

#endif
