/* The convolution blocks of net_double.h: a map of tape values in, one out. Tests only. */
#ifndef NET_BLOCKS_H
#define NET_BLOCKS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "cnn.h"

#include "tape.h"

/* What goes in. */
typedef struct {
  cnn_config config;
  const float *parameters;
  const float *statistics; /* of an evaluation */
  const double *inputs;    /* [count][R][R][C], scaled */
  const uint8_t *labels;   /* NULL: logits only */
  const double *dropout;   /* factors [count][inputs of the output layer]; NULL: none */
  int count;
  int learn; /* norms by the batch, label smoothing, L2 */
} net;

/* A map of the whole batch: numbers of tape values. */
typedef struct {
  int *at; /* [count][side][side][channels] */
  int side, channels;
} net_map;

typedef struct {
  tape t; /* its first values are the parameters */
  const net *n;
  int next_parameter, next_statistic;
  int *moments; /* tape values of batch means and variances, in the order of the statistics */
  int squares;  /* sum of squares of all kernels */
} net_run;

static inline net_map net_map_new(int count, int side, int channels) {
  const size_t values = (size_t)(count * side * side * channels);
  const net_map map = {calloc(values, sizeof(int)), side, channels};
  if (map.at == NULL) {
    abort();
  }
  return map;
}

static inline int *net_at(const net_map *map, int i, int y, int x) {
  return map->at + ((i * map->side + y) * map->side + x) * map->channels;
}

/* Takes the next `count` parameters; kernels count for the penalty. */
static inline int net_take(net_run *r, int count, int is_kernel) {
  const int first = r->next_parameter;
  r->next_parameter += count;
  for (int i = first; is_kernel && i < first + count; i++) {
    r->squares = tape_multiply_add(&r->t, r->squares, i, i);
  }
  return first;
}

/* ---- Block ----------------------------------------------------------------------------------- */

static inline int net_position(net_run *r, const net_map *in, const cnn_block *b, int kernel,
                               int bias, int i, int top, int left, int f) {
  int sum = bias + f;
  for (int ky = 0; ky < b->kernel; ky++) {
    for (int kx = 0; kx < b->kernel; kx++) {
      const int y = top + ky, x = left + kx;
      if (y < 0 || y >= in->side || x < 0 || x >= in->side) {
        continue;
      }
      const int *from = net_at(in, i, y, x);
      for (int c = 0; c < in->channels; c++) {
        const int weight = kernel + ((ky * b->kernel + kx) * in->channels + c) * b->filters + f;
        sum = tape_multiply_add(&r->t, sum, from[c], weight);
      }
    }
  }
  return sum;
}

static inline net_map net_conv(net_run *r, const net_map *in, const cnn_block *b) {
  const int kernel = net_take(r, b->kernel * b->kernel * in->channels * b->filters, 1);
  const int bias = net_take(r, b->filters, 0);
  int side = (in->side - b->kernel) / b->stride + 1, before = 0;
  if (b->padding == CNN_PADDING_SAME) {
    side = (in->side + b->stride - 1) / b->stride;
    const int total = (side - 1) * b->stride + b->kernel - in->side;
    before = total > 0 ? total / 2 : 0;
  }
  const net_map out = net_map_new(r->n->count, side, b->filters);
  for (int i = 0; i < r->n->count; i++) {
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        for (int f = 0; f < b->filters; f++) {
          net_at(&out, i, y, x)[f] = net_position(r, in, b, kernel, bias, i, y * b->stride - before,
                                                  x * b->stride - before, f);
        }
      }
    }
  }
  return out;
}

/* Mean and biased variance of `count` values at[0], at[step], ... */
static inline void net_moments(int moments[2], net_run *r, const int *at, int count, int step) {
  tape *t = &r->t;
  int sum = tape_constant(t, 0.0), squares = tape_constant(t, 0.0);
  for (int i = 0; i < count; i++) {
    sum = tape_add(t, sum, at[i * step]);
  }
  const int mean = tape_scale(t, sum, 1.0 / count);
  for (int i = 0; i < count; i++) {
    const int distance = tape_subtract(t, at[i * step], mean);
    squares = tape_multiply_add(t, squares, distance, distance);
  }
  moments[0] = mean;
  moments[1] = tape_scale(t, squares, 1.0 / count);
}

static inline int net_normal(net_run *r, int z, const int moments[2], int gamma, int beta) {
  tape *t = &r->t;
  const int epsilon = tape_constant(t, 1e-3);
  const int deviation = tape_root(t, tape_add(t, moments[1], epsilon));
  const int unit = tape_divide(t, tape_subtract(t, z, moments[0]), deviation);
  return tape_multiply_add(t, beta, unit, gamma);
}

static inline void net_batch_norm(net_run *r, net_map *map, int gamma, int beta) {
  const int values = r->n->count * map->side * map->side, filters = map->channels;
  for (int f = 0; f < filters; f++) {
    int moments[2];
    if (r->n->learn) {
      net_moments(moments, r, map->at + f, values, filters);
    } else {
      const float *moving = r->n->statistics + r->next_statistic;
      moments[0] = tape_constant(&r->t, (double)moving[f]);
      moments[1] = tape_constant(&r->t, (double)moving[filters + f]);
    }
    r->moments[r->next_statistic + f] = moments[0];
    r->moments[r->next_statistic + filters + f] = moments[1];
    for (int i = 0; i < values; i++) {
      int *z = map->at + i * filters + f;
      *z = net_normal(r, *z, moments, gamma + f, beta + f);
    }
  }
  r->next_statistic += 2 * filters;
}

static inline void net_layer_norm(net_run *r, net_map *map, int gamma, int beta) {
  const int values = r->n->count * map->side * map->side, filters = map->channels;
  for (int i = 0; i < values; i++) {
    int *z = map->at + i * filters;
    int moments[2];
    net_moments(moments, r, z, filters, 1);
    for (int f = 0; f < filters; f++) {
      z[f] = net_normal(r, z[f], moments, gamma + f, beta + f);
    }
  }
}

/* A dead unit is a constant: it has no gradient. */
static inline void net_relu(tape *t, int *values, int count) {
  for (int i = 0; i < count; i++) {
    values[i] = tape_value(t, values[i]) > 0.0 ? values[i] : tape_constant(t, 0.0);
  }
}

static inline int net_pool_cell(tape *t, const int cell[4], int pool) {
  if (pool == CNN_POOL_AVERAGE2) {
    const int top = tape_add(t, cell[0], cell[1]), bottom = tape_add(t, cell[2], cell[3]);
    return tape_scale(t, tape_add(t, top, bottom), 0.25);
  }
  int best = cell[0];
  for (int i = 1; i < 4; i++) {
    best = tape_value(t, cell[i]) > tape_value(t, best) ? cell[i] : best;
  }
  return best;
}

static inline net_map net_pool(net_run *r, const net_map *in, int pool) {
  const net_map out = net_map_new(r->n->count, in->side / 2, in->channels);
  for (int i = 0; i < r->n->count; i++) {
    for (int y = 0; y < out.side; y++) {
      for (int x = 0; x < out.side; x++) {
        const int *top = net_at(in, i, 2 * y, 2 * x), *bottom = net_at(in, i, 2 * y + 1, 2 * x);
        for (int f = 0; f < in->channels; f++) {
          const int cell[4] = {top[f], top[in->channels + f], bottom[f], bottom[in->channels + f]};
          net_at(&out, i, y, x)[f] = net_pool_cell(&r->t, cell, pool);
        }
      }
    }
  }
  return out;
}

/* Replaces *map by the block's output. */
static inline void net_block(net_run *r, net_map *map, const cnn_block *b) {
  net_map out = net_conv(r, map, b);
  free(map->at);
  if (b->norm != CNN_NORM_NONE) {
    const int gamma = net_take(r, b->filters, 0), beta = net_take(r, b->filters, 0);
    if (b->norm == CNN_NORM_BATCH) {
      net_batch_norm(r, &out, gamma, beta);
    } else {
      net_layer_norm(r, &out, gamma, beta);
    }
  }
  net_relu(&r->t, out.at, r->n->count * out.side * out.side * out.channels);
  if (b->pool != CNN_POOL_NONE) {
    const net_map pooled = net_pool(r, &out, b->pool);
    free(out.at);
    out = pooled;
  }
  *map = out;
}

#endif
