/* See scene_shape.h. Everything is convex pieces, so a row's part of a piece is one interval: no
 * pixel outside it costs anything. A blob is a polygon of 64 corners. */
#include "scene_shape.h"

#include "exact_math.h"

#include <math.h> /* sqrt only: IEEE-exact everywhere */

#define PI 3.14159265358979323846
/* Signs in the circle of radius 1: the grid reaches GRID_HALF from the middle, strokes this far to
 * either side of their line and beyond its ends; sqrt(2) * (0.62 + 0.08) < 1. */
#define GRID_HALF 0.62
#define STROKE_HALF 0.08

enum { HEIGHTS = 4, MOST_INTERVALS = HEIGHTS * CNN_SIGN_MOST_STROKES };

static int32_t sides_of(const cnn_scene *scene, int32_t pattern) {
  switch (scene->family) {
  case CNN_SCENE_SIGNS:
    return CNN_STROKE_SIDES;
  case CNN_SCENE_POLYGONS:
    return pattern + 3;
  case CNN_SCENE_HUES:
    return CNN_BLOB_SIDES;
  default:
    return 0;
  }
}

size_t cnn_scene_shape_floats(const cnn_scene *scene) {
  const int32_t pieces = scene->family == CNN_SCENE_SIGNS ? CNN_SIGN_MOST_STROKES : 1;
  return 3 * (size_t)(pieces * sides_of(scene, cnn_scene_patterns(scene) - 1));
}

/* The side with outward normal (a, b) at `reach` from the signal's centre. */
static float *add_side(float *edge, const cnn_scene_signal *signal, double a, double b,
                       double reach) {
  edge[0] = (float)a;
  edge[1] = (float)b;
  edge[2] = (float)(a * signal->centre_x + b * signal->centre_y + reach);
  return edge + 3;
}

/* One corner points up before turning. P: all have the area of the triangle in the circle, so that
 * brightness tells no class. */
static void add_polygon(cnn_scene_signal *signal, float *edge, int32_t family, double radius,
                        double turn) {
  const double step = 2.0 * PI / signal->sides;
  if (family == CNN_SCENE_POLYGONS) {
    radius *= sqrt(0.75 * sqrt(3.0) / (0.5 * signal->sides * cnn_sin(step)));
  } else {
    turn = 0.0; /* a blob has no direction */
  }
  for (int32_t i = 0; i < signal->sides; i++) {
    const double angle = turn - 0.5 * PI + (i + 0.5) * step;
    edge = add_side(edge, signal, cnn_cos(angle), cnn_sin(angle), radius * cnn_cos(0.5 * step));
  }
}

/* A stroke is a rectangle along the unit vector (along_x, along_y), all in the turned frame. */
static float *add_stroke(float *edge, const cnn_scene_signal *signal, const cnn_stroke *stroke,
                         double radius, double turn) {
  const double unit = GRID_HALF / 2.0; /* grid points are this far apart */
  const double c = cnn_cos(turn);
  const double s = cnn_sin(turn);
  const double length = sqrt(stroke->dx * stroke->dx + stroke->dy * stroke->dy);
  const double along_x = (c * stroke->dx - s * stroke->dy) / length;
  const double along_y = (s * stroke->dx + c * stroke->dy) / length;
  const double x = unit * (stroke->x - 2);
  const double y = unit * (stroke->y - 2);
  const double start_x = c * x - s * y;
  const double start_y = s * x + c * y;
  const double along = along_x * start_x + along_y * start_y;
  const double across = along_x * start_y - along_y * start_x;
  const double end = along + unit * stroke->length * length;
  edge = add_side(edge, signal, along_x, along_y, radius * (end + STROKE_HALF));
  edge = add_side(edge, signal, -along_x, -along_y, radius * (STROKE_HALF - along));
  edge = add_side(edge, signal, -along_y, along_x, radius * (STROKE_HALF + across));
  return add_side(edge, signal, along_y, -along_x, radius * (STROKE_HALF - across));
}

void cnn_scene_shape_begin(cnn_scene_signal *signal, float *edges, const cnn_scene *scene,
                           int32_t pattern, uint32_t code, double radius, double turn) {
  signal->edges = edges;
  signal->sides = sides_of(scene, pattern);
  signal->pieces = 1;
  if (scene->family != CNN_SCENE_SIGNS) {
    add_polygon(signal, edges, scene->family, radius, turn);
    return;
  }
  cnn_stroke alphabet[CNN_SIGN_ALPHABET];
  cnn_sign_alphabet(alphabet, (uint32_t)scene->seed);
  signal->pieces = 0;
  for (int32_t i = 0; i < CNN_SIGN_ALPHABET; i++) {
    if ((code >> i & 1) != 0) {
      edges = add_stroke(edges, signal, &alphabet[i], radius, turn);
      signal->pieces++;
    }
  }
}

typedef struct {
  double left;
  double right;
} interval;

/* The part of the line at height y inside one piece; empty when right <= left. */
static interval cut(const float *edge, int32_t sides, double y, int32_t reference) {
  interval part = {0.0, reference};
  for (int32_t i = 0; i < sides; i++, edge += 3) {
    const double a = edge[0];
    const double rest = edge[2] - edge[1] * y;
    if (a > 1e-6) {
      const double x = rest / a;
      part.right = x < part.right ? x : part.right;
    } else if (a < -1e-6) {
      const double x = rest / a;
      part.left = x > part.left ? x : part.left;
    } else if (rest < 0.0) { /* the side runs along the row */
      part.right = 0.0;
    }
  }
  return part;
}

/* row[x] += share * (the part of pixel x inside) */
static void add_interval(float *row, const interval *part, double share) {
  const int32_t first = (int32_t)part->left;
  const int32_t last = (int32_t)part->right;
  if (first == last) {
    row[first] += (float)(share * (part->right - part->left));
    return;
  }
  row[first] += (float)(share * (first + 1 - part->left));
  for (int32_t x = first + 1; x < last; x++) {
    row[x] += (float)share;
  }
  if (part->right > last) {
    row[last] += (float)(share * (part->right - last));
  }
}

void cnn_scene_shape_row(float *row, int32_t *first, int32_t *last, const cnn_scene_signal *signal,
                         int32_t y) {
  interval parts[MOST_INTERVALS];
  int32_t count = 0;
  *first = signal->reference;
  *last = 0;
  for (int32_t i = 0; i < signal->pieces * HEIGHTS; i++) {
    const float *piece = signal->edges + (ptrdiff_t)3 * signal->sides * (i / HEIGHTS);
    const double height = y + (i % HEIGHTS + 0.5) / HEIGHTS;
    const interval part = cut(piece, signal->sides, height, signal->reference);
    if (part.right > part.left) {
      const int32_t left = (int32_t)part.left;
      const int32_t right = (int32_t)part.right + (part.right > (int32_t)part.right);
      *first = left < *first ? left : *first;
      *last = right > *last ? right : *last;
      parts[count++] = part;
    }
  }
  if (count == 0) {
    *first = 0;
  }
  for (int32_t x = *first; x < *last; x++) {
    row[x] = 0.0f;
  }
  for (int32_t i = 0; i < count; i++) {
    add_interval(row, &parts[i], 1.0 / HEIGHTS);
  }
  for (int32_t x = *first; x < *last; x++) {
    row[x] = row[x] < 1.0f ? row[x] : 1.0f;
  }
}
