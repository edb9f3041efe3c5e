/* Reverse-mode differentiation in double: every elementary operation is written down with its
 * partial derivatives, and one sweep backwards gives the gradient of the last value with respect to
 * all. Nothing here knows about networks. Tests only. */
#ifndef TAPE_H
#define TAPE_H

#include <math.h>
#include <stdlib.h>

enum { TAPE_PARENTS = 3 };

typedef struct {
  double value, slope; /* slope: derivative of the result by this value, after tape_sweep */
  double partial[TAPE_PARENTS];
  int parent[TAPE_PARENTS]; /* -1 = none */
} tape_node;

typedef struct {
  tape_node *nodes;
  int count, capacity;
} tape;

/* Aborts without memory: a test has nothing better to do. */
static inline int tape_push(tape *t, tape_node node) {
  if (t->count == t->capacity) {
    t->capacity = t->capacity == 0 ? 1 << 16 : 2 * t->capacity;
    t->nodes = realloc(t->nodes, (size_t)t->capacity * sizeof *t->nodes);
    if (t->nodes == NULL) {
      abort();
    }
  }
  t->nodes[t->count] = node;
  return t->count++;
}

static inline double tape_value(const tape *t, int a) {
  return t->nodes[a].value;
}

static inline int tape_constant(tape *t, double value) {
  const tape_node node = {.value = value, .parent = {-1, -1, -1}};
  return tape_push(t, node);
}

static inline int tape_unary(tape *t, int a, double value, double partial) {
  const tape_node node = {.value = value, .partial = {partial}, .parent = {a, -1, -1}};
  return tape_push(t, node);
}

static inline int tape_binary(tape *t, int a, int b, double value, double by_a, double by_b) {
  const tape_node node = {.value = value, .partial = {by_a, by_b}, .parent = {a, b, -1}};
  return tape_push(t, node);
}

static inline int tape_add(tape *t, int a, int b) {
  return tape_binary(t, a, b, tape_value(t, a) + tape_value(t, b), 1.0, 1.0);
}

static inline int tape_subtract(tape *t, int a, int b) {
  return tape_binary(t, a, b, tape_value(t, a) - tape_value(t, b), 1.0, -1.0);
}

static inline int tape_multiply(tape *t, int a, int b) {
  const double x = tape_value(t, a), y = tape_value(t, b);
  return tape_binary(t, a, b, x * y, y, x);
}

static inline int tape_divide(tape *t, int a, int b) {
  const double x = tape_value(t, a), y = tape_value(t, b);
  return tape_binary(t, a, b, x / y, 1.0 / y, -x / (y * y));
}

/* sum + a * b */
static inline int tape_multiply_add(tape *t, int sum, int a, int b) {
  const double x = tape_value(t, a), y = tape_value(t, b);
  const tape_node node = {
      .value = tape_value(t, sum) + x * y, .partial = {1.0, y, x}, .parent = {sum, a, b}};
  return tape_push(t, node);
}

static inline int tape_scale(tape *t, int a, double factor) {
  return tape_unary(t, a, factor * tape_value(t, a), factor);
}

static inline int tape_exp(tape *t, int a) {
  const double e = exp(tape_value(t, a));
  return tape_unary(t, a, e, e);
}

static inline int tape_log(tape *t, int a) {
  return tape_unary(t, a, log(tape_value(t, a)), 1.0 / tape_value(t, a));
}

static inline int tape_root(tape *t, int a) {
  const double root = sqrt(tape_value(t, a));
  return tape_unary(t, a, root, 0.5 / root);
}

/* Slopes of value `result` by every value before it. */
static inline void tape_sweep(tape *t, int result) {
  for (int i = 0; i < t->count; i++) {
    t->nodes[i].slope = i == result ? 1.0 : 0.0;
  }
  for (int i = result; i >= 0; i--) {
    const tape_node *node = &t->nodes[i];
    for (int p = 0; p < TAPE_PARENTS; p++) {
      if (node->parent[p] >= 0) {
        t->nodes[node->parent[p]].slope += node->slope * node->partial[p];
      }
    }
  }
}

static inline void tape_end(tape *t) {
  free(t->nodes);
  t->nodes = NULL;
  t->count = t->capacity = 0;
}

#endif
