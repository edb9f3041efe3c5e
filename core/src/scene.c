/* The synthetic scenes: checks and painting. A picture is drawn at `reference` as u8 =
 * clamp(round(128 + signal + cue + clutter + noise)) one row at a time, and each row that the
 * downsampler wants goes straight into the sums of the exact average to R, so no picture is ever
 * held at the reference size. All noise and averaging is integer; only signal and clutter are float
 * (scene_signal.h, scene_clutter.h). Family N is the exception: uniform bytes drawn at R itself. */
#include "cnn.h"
#include "fields.h"
#include "pixel_noise.h"
#include "rng.h"
#include "scene_clutter.h"
#include "scene_parts.h"
#include "scene_shape.h"
#include "scene_signal.h"

#include <string.h>

#define ONE_LEVEL ((double)(1 << CNN_LEVEL_BITS))
/* Norm of a template in grey levels: its largest pixel is then at most
 * norm/B * (B * sqrt(2/192))^2 = norm * B/96 = 1280, see CNN_LEVEL_LIFT. At 192 pixels its rms
 * is 40. */
#define LARGEST_TEMPLATE 7680.0
#define SMALLEST_RADIUS 0.02 /* 4 pixels at 192: less is no object */
#define SMALLEST_SIDE 4

#define PI 3.14159265358979323846

/* NULL, or the name of the field that breaks the family's own rules. */
static const char *family_fault(const cnn_scene *scene) {
  const char *count = scene->patterns > 0 ? "patterns" : "classes";
  switch (scene->family) {
  case CNN_SCENE_HUES:
    if (scene->channels != 3) {
      return "channels";
    }
    return scene->radius < SMALLEST_RADIUS ? "radius" : NULL;
  case CNN_SCENE_STRIPED_BALL:
  case CNN_SCENE_SIGNS:
  case CNN_SCENE_POLYGONS:
    return scene->radius < SMALLEST_RADIUS ? "radius" : NULL;
  case CNN_SCENE_TEMPLATES:
    if (scene->band_width != 8 && scene->band_width != 16) { /* a Hadamard matrix of size B^2 */
      return "band_width";
    }
    if (scene->band_low + scene->band_width > scene->reference) {
      return "band_low";
    }
    if (scene->snr * scene->noise > LARGEST_TEMPLATE) {
      return "snr";
    }
    return cnn_scene_patterns(scene) > scene->band_width * scene->band_width - 1 ? count : NULL;
  case CNN_SCENE_TEXTURES:
    if ((scene->gratings & (scene->gratings - 1)) != 0) {
      return "gratings";
    }
    if (cnn_scene_patterns(scene) > scene->gratings - 1) {
      return count;
    }
    if (scene->frequency_high < scene->frequency_low) {
      return "frequency_high";
    }
    return scene->radius > 0.0 && scene->radius < SMALLEST_RADIUS ? "radius" : NULL;
  default:
    return NULL;
  }
}

static const char *scene_fault(const cnn_scene *scene, int32_t resolution) {
  const char *fault = cnn_scene_field_outside(scene);
  if (fault != NULL) {
    return fault;
  }
  if (scene->reference != 192 && scene->reference != 256) {
    return "reference";
  }
  if (scene->channels == 2) {
    return "channels";
  }
  if (resolution < SMALLEST_SIDE || resolution > scene->reference ||
      scene->reference % resolution != 0) {
    return "resolution";
  }
  if (scene->patterns > 0 && scene->patterns < scene->classes) {
    return "patterns";
  }
  return family_fault(scene);
}

cnn_status cnn_scene_check(const char **field, const cnn_scene *scene, int32_t resolution) {
  const char *fault = scene != NULL ? scene_fault(scene, resolution) : NULL;
  if (field != NULL) {
    *field = fault;
  }
  if (scene == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  return fault == NULL ? CNN_OK : CNN_ERROR_SCENE;
}

/* ---- Scratch ----------------------------------------------------------------------------------
 */

/* One reference row of C values per pixel, and the signal's tables. 4-byte cells throughout. */
typedef struct {
  int32_t *base; /* [reference*C] (LIFT + 128 + signal + cue + clutter - noise mean + 1/2)*2^16 */
  uint32_t *columns; /* [reference*C] column sums of the rows of one output row */
  int32_t *sums;     /* [reference*C] byte sums of the row's hashes */
  float *signal;     /* [reference] */
  float *tables;     /* [cnn_scene_signal_floats] */
  float *nodes;      /* [CNN_CLUTTER_FLOATS], with clutter */
} scratch;

size_t cnn_scene_work_bytes(const cnn_scene *scene) {
  if (scene == NULL || scene_fault(scene, scene->reference) != NULL) {
    return 0;
  }
  const size_t values = (size_t)scene->reference * (size_t)scene->channels;
  const size_t nodes = scene->clutter > 0.0 ? CNN_CLUTTER_FLOATS : 0;
  return 4 * (3 * values + (size_t)scene->reference + cnn_scene_signal_floats(scene) + nodes);
}

static scratch lay_out(void *work, const cnn_scene *scene) {
  const size_t values = (size_t)scene->reference * (size_t)scene->channels;
  char *next = work;
  scratch s;
  s.base = (int32_t *)(void *)next;
  next += 4 * values;
  s.columns = (uint32_t *)(void *)next;
  next += 4 * values;
  s.sums = (int32_t *)(void *)next;
  next += 4 * values;
  s.signal = (float *)(void *)next;
  next += 4 * (size_t)scene->reference;
  s.tables = (float *)(void *)next;
  s.nodes = s.tables + cnn_scene_signal_floats(scene);
  return s;
}

/* ---- Painting ---------------------------------------------------------------------------------
 */

static void noise_row(int32_t *sums, uint64_t key, uint64_t first_value, int32_t values) {
#ifdef __wasm__ /* there a vector of 64-bit products takes half as long again as scalar ones */
#pragma clang loop vectorize(disable) unroll_count(4)
#endif
  for (int32_t i = 0; i < values; i++) {
    sums[i] = cnn_byte_sum(cnn_rng_at(key, first_value + (uint64_t)i));
  }
}

/* columns[i] += clamp(round(128 + signal + noise)) */
static void accumulate_row(uint32_t *columns, const int32_t *base, const int32_t *sums,
                           int32_t scale, int32_t values) {
  for (int32_t i = 0; i < values; i++) {
    columns[i] += (uint32_t)cnn_level_clamp(base[i] + sums[i] * scale);
  }
}

/* What one picture's rows have in common, fixed point. */
typedef struct {
  int32_t flat[3];   /* base of a pixel that the signal does not reach */
  int32_t inside[3]; /* more than that where it reaches and is 0 */
  float colour[3];   /* of the signal */
} ground;

/* Base += inside + signal over pixels first..last-1. Truncation is at most 2^-16. */
static inline void add_signal_to(int32_t *base, const float *signal, const ground *g, int32_t first,
                                 int32_t last, int32_t channels) {
  for (int32_t c = 0; c < channels; c++) {
    const int32_t inside = g->inside[c];
    const float colour = g->colour[c];
    for (int32_t x = first; x < last; x++) {
      base[x * channels + c] += inside + (int32_t)(signal[x] * colour);
    }
  }
}

/* A stride that the compiler knows halves the time of a grey picture's rows. */
static void add_signal(int32_t *base, const float *signal, const ground *g, int32_t first,
                       int32_t last, int32_t channels) {
  if (channels == 1) {
    add_signal_to(base, signal, g, first, last, 1);
  } else {
    add_signal_to(base, signal, g, first, last, 3);
  }
}

/* Grey levels that the background's cue adds to each channel. */
static void cue_of(double *cue, const cnn_scene *scene, int32_t split, int32_t pattern,
                   int32_t index) {
  const int32_t k = cnn_scene_cue_class(scene, split, pattern, index);
  if (scene->channels == 3) {
    cnn_scene_hue(cue, 2.0 * PI * k / scene->classes, scene->cue);
  } else {
    cue[0] = scene->cue * (2.0 * k / (scene->classes - 1) - 1.0);
  }
}

/* A disc keeps the background out; a shape covers it, row by share; without either the signal lies
 * on it. */
static ground ground_of(const cnn_scene *scene, const cnn_scene_signal *signal, int32_t scale,
                        int32_t split, int32_t pattern, int32_t index) {
  double cue[3] = {0.0, 0.0, 0.0};
  ground g;
  if (scene->cue > 0.0) {
    cue_of(cue, scene, split, pattern, index);
  }
  for (int32_t c = 0; c < 3; c++) {
    const int is_shape = signal->terms == 0;
    const double under = signal->radius > 0.0 && !is_shape ? 0.0 : cue[c];
    const double over = is_shape ? signal->colour[c] - cue[c] : signal->colour[c];
    g.flat[c] = cnn_noise_base(128.0 + cue[c], scale);
    g.inside[c] = cnn_noise_base(128.0 + under, scale) - g.flat[c];
    g.colour[c] = (float)(over * ONE_LEVEL);
  }
  return g;
}

static void fill_base(int32_t *base, const ground *g, int32_t first, int32_t last,
                      int32_t channels) {
  if (channels == 1) {
    for (int32_t x = first; x < last; x++) {
      base[x] = g->flat[0];
    }
    return;
  }
  for (int32_t x = first; x < last; x++) {
    for (int32_t c = 0; c < 3; c++) {
      base[3 * x + c] = g->flat[c];
    }
  }
}

/* One output row [R][C] from the column sums of a window's rows, which are set to 0. Half up:
 * floor((2 sum + area) / (2 area)). The division is a multiplication by floor(2^40 / divisor) + 1,
 * exact while dividend * divisor < 2^40 (Granlund & Montgomery 1994); the largest here is
 * 511 * 64^2 * 2 * 64^2 < 2^35. */
static void finish_row(uint8_t *output, uint32_t *columns, int32_t resolution,
                       cnn_scene_window window, int32_t channels) {
  if (window.block == 1) { /* the sums are the bytes; without this 256 pixels take twice as long */
    for (int32_t i = 0; i < resolution * channels; i++) {
      output[i] = (uint8_t)columns[i];
      columns[i] = 0;
    }
    return;
  }
  const uint32_t area = (uint32_t)(window.count * window.count);
  const uint64_t inverse = (UINT64_C(1) << 40) / (UINT64_C(2) * area) + 1;
  for (int32_t x = 0; x < resolution; x++) {
    const uint32_t *cells = columns + (ptrdiff_t)(x * window.block + window.first) * channels;
    for (int32_t c = 0; c < channels; c++) {
      uint32_t sum = 0;
      for (int32_t i = c; i < window.count * channels; i += channels) {
        sum += cells[i];
      }
      output[x * channels + c] = (uint8_t)(((2 * sum + area) * inverse) >> 40);
    }
  }
  memset(columns, 0, sizeof *columns * (size_t)(resolution * window.block * channels));
}

static void paint(uint8_t *pixels, const cnn_scene *scene, const scratch *s, int32_t resolution,
                  int32_t split, int32_t pattern, int32_t index) {
  const int32_t reference = scene->reference;
  const int32_t channels = scene->channels;
  const int32_t values = reference * channels;
  const int32_t scale = cnn_noise_scale(scene->noise);
  const cnn_scene_window window = cnn_scene_window_of(scene, resolution);
  const int is_cluttered = scene->clutter > 0.0;
  const uint64_t key = cnn_scene_picture_key(scene, CNN_STREAM_SCENE_NOISE, split, pattern, index);
  cnn_scene_signal signal;
  cnn_clutter clutter;
  cnn_scene_signal_begin(&signal, s->tables, scene, split, pattern, index);
  const ground g = ground_of(scene, &signal, scale, split, pattern, index);
  if (is_cluttered) {
    cnn_clutter_begin(&clutter, s->nodes,
                      cnn_scene_picture_key(scene, CNN_STREAM_SCENE_CLUTTER, split, pattern, index),
                      scene->clutter, reference);
  }
  fill_base(s->base, &g, 0, reference, channels);
  memset(s->columns, 0, sizeof *s->columns * (size_t)values);
  for (int32_t y = 0; y < reference; y++) {
    const int32_t row = y % window.block - window.first;
    if (row < 0 || row >= window.count) {
      continue;
    }
    int32_t first;
    int32_t last;
    if (is_cluttered) {
      cnn_clutter_row(s->base, &clutter, g.flat, y, channels, (float)ONE_LEVEL);
    }
    cnn_scene_signal_row(s->signal, &first, &last, &signal, y);
    add_signal(s->base, s->signal, &g, first, last, channels);
    noise_row(s->sums, key, (uint64_t)y * (uint64_t)values, values);
    accumulate_row(s->columns, s->base, s->sums, scale, values);
    fill_base(s->base, &g, first, is_cluttered ? first : last, channels);
    if (row == window.count - 1) {
      finish_row(pixels, s->columns, resolution, window, channels);
      pixels += (ptrdiff_t)resolution * channels;
    }
  }
}

/* Family N: one hash gives eight uniform bytes. The side is part of the key, so sizes share
 * nothing, as in the experiment it repeats. */
static void paint_noise(uint8_t *pixels, const cnn_scene *scene, int32_t resolution, int32_t split,
                        int32_t pattern, int32_t index) {
  const uint64_t key =
      cnn_rng_mix(cnn_scene_picture_key(scene, CNN_STREAM_SCENE_NOISE, split, pattern, index) +
                  (uint64_t)resolution);
  const int32_t values = resolution * resolution * scene->channels;
  for (int32_t i = 0; i < values; i += 8) {
    const uint64_t hash = cnn_rng_at(key, (uint64_t)i / 8);
    const int32_t bytes = values - i < 8 ? values - i : 8;
    for (int32_t byte = 0; byte < bytes; byte++) {
      pixels[i + byte] = (uint8_t)(hash >> (8 * byte));
    }
  }
}

static void draw_picture(uint8_t *pixels, const cnn_scene *scene, int32_t resolution, int32_t split,
                         int32_t pattern, int32_t index, void *work) {
  if (scene->family == CNN_SCENE_NOISE) {
    paint_noise(pixels, scene, resolution, split, pattern, index);
    return;
  }
  const scratch s = lay_out(work, scene);
  paint(pixels, scene, &s, resolution, split, pattern, index);
}

/* ---- The calls --------------------------------------------------------------------------------
 */

/* What all pictures of a call share. */
static void prepare(const cnn_scene *scene, int32_t count, void *work) {
  const scratch s = lay_out(work, scene);
  cnn_scene_signal_prepare(s.tables, scene, count);
}

static cnn_status check_draw(const void *pixels, const cnn_scene *scene, int32_t resolution,
                             int32_t split, const void *work) {
  if (pixels == NULL || work == NULL || scene == NULL ||
      (split != CNN_SPLIT_TRAIN && split != CNN_SPLIT_TEST)) {
    return CNN_ERROR_ARGUMENT;
  }
  return cnn_scene_check(NULL, scene, resolution);
}

cnn_status cnn_scene_draw(uint8_t *pixels, const cnn_scene *scene, int32_t resolution,
                          int32_t split, int32_t pattern, int32_t index, void *work) {
  const cnn_status status = check_draw(pixels, scene, resolution, split, work);
  if (status != CNN_OK) {
    return status;
  }
  if (pattern < 0 || pattern >= cnn_scene_patterns(scene) || index < 0) {
    return CNN_ERROR_ARGUMENT;
  }
  prepare(scene, pattern + 1, work);
  draw_picture(pixels, scene, resolution, split, pattern, index, work);
  return CNN_OK;
}

cnn_status cnn_scene_draw_set(uint8_t *pixels, uint8_t *labels, const cnn_scene *scene,
                              int32_t resolution, int32_t split, int32_t first, int32_t count,
                              void *work) {
  const cnn_status status = check_draw(pixels, scene, resolution, split, work);
  if (status != CNN_OK) {
    return status;
  }
  if (labels == NULL || first < 0 || count < 0 || count > INT32_MAX - first) {
    return CNN_ERROR_ARGUMENT;
  }
  const int32_t patterns = cnn_scene_patterns(scene);
  prepare(scene, patterns, work);
  const int64_t picture_bytes = (int64_t)resolution * resolution * scene->channels;
  for (int32_t i = 0; i < count; i++) {
    const int32_t pattern = (first + i) % patterns;
    const int32_t index = (first + i) / patterns;
    draw_picture(pixels + i * picture_bytes, scene, resolution, split, pattern, index, work);
    labels[i] = cnn_scene_label(scene, split, pattern, index);
  }
  return CNN_OK;
}

cnn_status cnn_scene_sign_distance(int32_t *distance, const cnn_scene *scene, void *work) {
  if (distance == NULL || scene == NULL || work == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  const cnn_status status = cnn_scene_check(NULL, scene, scene->reference);
  if (status == CNN_OK) {
    *distance = scene->family == CNN_SCENE_SIGNS
                    ? cnn_sign_codes(work, (uint32_t)scene->seed, cnn_scene_patterns(scene))
                    : -1;
  }
  return status;
}
