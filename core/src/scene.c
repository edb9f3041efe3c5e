/* The synthetic scenes: checks, labels, and painting. A picture is drawn at `reference` as
 * u8 = clamp(round(128 + signal + noise)) one row at a time, and each row goes straight into the
 * sums of the exact area average to R, so no picture is ever held at the reference size.
 * All noise and averaging is integer; only the signal is float (scene_signal.h).
 * Family N is the exception: uniform bytes drawn at R itself. */
#include "cnn.h"
#include "fields.h"
#include "pixel_noise.h"
#include "rng.h"
#include "scene_signal.h"

#include <string.h>

#define ONE_LEVEL ((double)(1 << CNN_LEVEL_BITS))
/* Norm of a template in grey levels: its largest pixel is then at most
 * norm/B * (B * sqrt(2/192))^2 = norm * B/96 = 1280, see CNN_LEVEL_LIFT. At 192 pixels its rms
 * is 40. */
#define LARGEST_TEMPLATE 7680.0
#define SMALLEST_RADIUS 0.02 /* 4 pixels at 192: less is no object */
#define SMALLEST_SIDE 4

/* Counters of the label stream. */
enum { DRAW_NOISE_COIN = 0, DRAW_NOISE_LABEL = 1, DRAW_TEST_LABEL = 2, DRAW_FREE_LABEL = 3 };

/* The signal's share of each channel when channels = 3: a unit vector (0.64^2 + 0.48^2 + 0.6^2 =
 * 1), so s and the picture's signal energy are those of the grey scene. Its ends are amber and
 * blue, which differ for colour-blind eyes too, and no channel is without signal. */
static const double colour[3] = {0.64, 0.48, -0.60};

/* NULL, or the name of the field that breaks the family's own rules. */
static const char *family_fault(const cnn_scene *scene) {
  switch (scene->family) {
  case CNN_SCENE_STRIPED_BALL:
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
    return scene->classes > scene->band_width * scene->band_width - 1 ? "classes" : NULL;
  case CNN_SCENE_TEXTURES:
    if ((scene->gratings & (scene->gratings - 1)) != 0) {
      return "gratings";
    }
    if (scene->classes > scene->gratings - 1) {
      return "classes";
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
  int32_t *base;     /* [reference*C] (CNN_LEVEL_LIFT + 128 + signal - noise mean + 1/2) * 2^16 */
  uint32_t *columns; /* [reference*C] column sums of the rows of one output row */
  int32_t *sums;     /* [reference*C] byte sums of the row's hashes */
  float *signal;     /* [reference] */
  float *tables;     /* [cnn_scene_signal_floats] */
} scratch;

size_t cnn_scene_work_bytes(const cnn_scene *scene) {
  if (scene == NULL || scene_fault(scene, scene->reference) != NULL) {
    return 0;
  }
  const size_t values = (size_t)scene->reference * (size_t)scene->channels;
  return 4 * (3 * values + (size_t)scene->reference + cnn_scene_signal_floats(scene));
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

/* base = flat + signal in fixed point over pixels first..last-1. Truncation is at most 2^-16. */
static void set_base(int32_t *base, const float *signal, int32_t flat, int32_t first, int32_t last,
                     int32_t channels) {
  if (channels == 1) {
    for (int32_t x = first; x < last; x++) {
      base[x] = flat + (int32_t)(signal[x] * (float)ONE_LEVEL);
    }
    return;
  }
  for (int32_t x = first; x < last; x++) {
    for (int32_t c = 0; c < 3; c++) {
      base[3 * x + c] = flat + (int32_t)(signal[x] * (float)(colour[c] * ONE_LEVEL));
    }
  }
}

/* One output row [R][C] from the column sums of `block` reference rows, which are set to 0.
 * Half up: floor((2 sum + area) / (2 area)). The division is a multiplication by
 * floor(2^40 / divisor) + 1, exact while dividend * divisor < 2^40 (Granlund & Montgomery 1994);
 * the largest here is 511 * 64^2 * 2 * 64^2 < 2^35. */
static void finish_row(uint8_t *output, uint32_t *columns, int32_t resolution, int32_t block,
                       int32_t channels) {
  if (block == 1) { /* the sums are the bytes; without this 256 pixels take twice as long */
    for (int32_t i = 0; i < resolution * channels; i++) {
      output[i] = (uint8_t)columns[i];
      columns[i] = 0;
    }
    return;
  }
  const uint32_t area = (uint32_t)(block * block);
  const uint64_t inverse = (UINT64_C(1) << 40) / (UINT64_C(2) * area) + 1;
  for (int32_t x = 0; x < resolution; x++) {
    const uint32_t *cells = columns + (ptrdiff_t)x * block * channels;
    for (int32_t c = 0; c < channels; c++) {
      uint32_t sum = 0;
      for (int32_t i = c; i < block * channels; i += channels) {
        sum += cells[i];
      }
      output[x * channels + c] = (uint8_t)(((2 * sum + area) * inverse) >> 40);
    }
  }
  memset(columns, 0, sizeof *columns * (size_t)(resolution * block * channels));
}

static uint64_t picture_key(const cnn_scene *scene, uint32_t stream, int32_t split,
                            int32_t class_index, int32_t index) {
  return cnn_rng_key((uint32_t)scene->seed, stream, (uint64_t)split << 32 | (uint32_t)class_index,
                     (uint64_t)index);
}

static void paint(uint8_t *pixels, const cnn_scene *scene, const scratch *s, int32_t resolution,
                  int32_t split, int32_t class_index, int32_t index) {
  const int32_t reference = scene->reference;
  const int32_t channels = scene->channels;
  const int32_t values = reference * channels;
  const int32_t block = reference / resolution;
  const int32_t scale = cnn_noise_scale(scene->noise);
  const int32_t flat = cnn_noise_base(128.0, scale);
  const uint64_t key = picture_key(scene, CNN_STREAM_SCENE_NOISE, split, class_index, index);
  cnn_scene_signal signal;
  cnn_scene_signal_begin(&signal, s->tables, scene, split, class_index, index);
  for (int32_t i = 0; i < values; i++) {
    s->base[i] = flat;
    s->columns[i] = 0;
  }
  for (int32_t y = 0; y < reference; y++) {
    int32_t first;
    int32_t last;
    cnn_scene_signal_row(s->signal, &first, &last, &signal, y);
    set_base(s->base, s->signal, flat, first, last, channels);
    noise_row(s->sums, key, (uint64_t)y * (uint64_t)values, values);
    accumulate_row(s->columns, s->base, s->sums, scale, values);
    for (int32_t i = first * channels; i < last * channels; i++) {
      s->base[i] = flat;
    }
    if ((y + 1) % block == 0) {
      finish_row(pixels, s->columns, resolution, block, channels);
      pixels += (ptrdiff_t)resolution * channels;
    }
  }
}

/* Family N: one hash gives eight uniform bytes. The side is part of the key, so sizes share
 * nothing, as in the experiment it repeats. */
static void paint_noise(uint8_t *pixels, const cnn_scene *scene, int32_t resolution, int32_t split,
                        int32_t class_index, int32_t index) {
  const uint64_t key = cnn_rng_mix(
      picture_key(scene, CNN_STREAM_SCENE_NOISE, split, class_index, index) + (uint64_t)resolution);
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
                         int32_t class_index, int32_t index, void *work) {
  if (scene->family == CNN_SCENE_NOISE) {
    paint_noise(pixels, scene, resolution, split, class_index, index);
    return;
  }
  const scratch s = lay_out(work, scene);
  paint(pixels, scene, &s, resolution, split, class_index, index);
}

/* ---- Labels and sets --------------------------------------------------------------------------
 */

/* Picture (split, class, index)'s label; the same at every R. A larger label_noise redraws a
 * superset of the pictures that a smaller one does. */
static uint8_t label_of(const cnn_scene *scene, int32_t split, int32_t class_index, int32_t index) {
  const uint64_t key = picture_key(scene, CNN_STREAM_SCENE_LABELS, split, class_index, index);
  const uint32_t classes = (uint32_t)scene->classes;
  if (scene->family == CNN_SCENE_NOISE) {
    return (uint8_t)cnn_rng_below(key, DRAW_FREE_LABEL, classes);
  }
  if (split == CNN_SPLIT_TEST && scene->shuffle_test_labels == 1) {
    return (uint8_t)cnn_rng_below(key, DRAW_TEST_LABEL, classes);
  }
  if (split == CNN_SPLIT_TRAIN && cnn_rng_unit(key, DRAW_NOISE_COIN) < scene->label_noise) {
    return (uint8_t)cnn_rng_below(key, DRAW_NOISE_LABEL, classes);
  }
  return (uint8_t)class_index;
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
                          int32_t split, int32_t class_index, int32_t index, void *work) {
  const cnn_status status = check_draw(pixels, scene, resolution, split, work);
  if (status != CNN_OK) {
    return status;
  }
  if (class_index < 0 || class_index >= scene->classes || index < 0) {
    return CNN_ERROR_ARGUMENT;
  }
  draw_picture(pixels, scene, resolution, split, class_index, index, work);
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
  const int64_t picture_bytes = (int64_t)resolution * resolution * scene->channels;
  for (int32_t i = 0; i < count; i++) {
    const int32_t class_index = (first + i) % scene->classes;
    const int32_t index = (first + i) / scene->classes;
    draw_picture(pixels + i * picture_bytes, scene, resolution, split, class_index, index, work);
    labels[i] = label_of(scene, split, class_index, index);
  }
  return CNN_OK;
}
