/* See scene_signal.h. Sines along a row come from turning a unit phasor by a fixed step in double
 * (error below 1e-13 over 256 steps), so a picture costs a handful of cnn_cos calls and no libm.
 * Family N has no signal and is refused by having no branch here. */
#include "scene_signal.h"

#include "exact_math.h"
#include "rng.h"

#include <math.h> /* sqrt only: IEEE-exact everywhere */

#define PI 3.14159265358979323846

/* Counters of the geometry stream: one picture's random numbers. */
enum { DRAW_CENTRE_X = 0, DRAW_CENTRE_Y = 1, DRAW_PHASE = 2 };

/* +1 or -1: entry (row, column) of the Hadamard matrix in Sylvester's order */
static double hadamard(uint32_t row, uint32_t column) {
  uint32_t bits = row & column;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) != 0 ? -1.0 : 1.0;
}

/* cosines[i] = scale * cos(start + i*step), and the same for sines (may be NULL); [count] */
static void sample_waves(float *cosines, float *sines, double scale, double start, double step,
                         int32_t count) {
  const double turn_cos = cnn_cos(step);
  const double turn_sin = cnn_sin(step);
  double c = scale * cnn_cos(start);
  double s = scale * cnn_sin(start);
  for (int32_t i = 0; i < count; i++) {
    cosines[i] = (float)c;
    if (sines != NULL) {
      sines[i] = (float)s;
    }
    const double next = c * turn_cos - s * turn_sin;
    s = s * turn_cos + c * turn_sin;
    c = next;
  }
}

/* Grating number g: amplitude * cos(2 pi frequency (x cos t + y sin t) + phase), x and y as shares
 * of the side; fills products 2g and 2g+1. */
static void add_grating(float *across, float *down, int32_t g, double amplitude, double frequency,
                        double angle, double phase, int32_t reference) {
  const double per_pixel = 2.0 * PI * frequency / reference;
  const double step_x = per_pixel * cnn_cos(angle);
  const double step_y = per_pixel * cnn_sin(angle);
  const int32_t even = 2 * g * reference;
  const int32_t odd = even + reference;
  sample_waves(across + even, across + odd, 1.0, 0.5 * step_x, step_x, reference);
  sample_waves(down + even, down + odd, amplitude, 0.5 * step_y + phase, step_y, reference);
  for (int32_t y = 0; y < reference; y++) {
    down[odd + y] = -down[odd + y];
  }
}

/* Angle and frequency of texture grating b of L: angles evenly spaced, frequencies spread over
 * their range by the golden section, so that neighbours in angle differ in frequency. The same for
 * every seed: only phases are drawn. */
static double texture_angle(int32_t b, int32_t gratings) {
  return PI * b / gratings;
}

static double texture_frequency(const cnn_scene *scene, int32_t b) {
  const double golden = 0.61803398874989484820 * (b + 0.5);
  const double share = golden - (int32_t)golden;
  return scene->frequency_low + (scene->frequency_high - scene->frequency_low) * share;
}

/* X: amplitudes 1 + 0.7 h. A Hadamard row other than the first sums to 0, so every class has the
 * power L * (1 + 0.49) / 2 and one factor makes the rms contrast right. */
static void begin_textures(float *across, float *down, const cnn_scene *scene, uint64_t geometry,
                           int32_t class_index) {
  const int32_t gratings = scene->gratings;
  const double unit = scene->amplitude / sqrt(gratings * (1.0 + 0.49) / 2.0);
  for (int32_t b = 0; b < gratings; b++) {
    const double code = hadamard((uint32_t)class_index + 1, (uint32_t)b);
    const double phase = 2.0 * PI * cnn_rng_unit(geometry, DRAW_PHASE + (uint64_t)b);
    add_grating(across, down, b, unit * (1.0 + 0.7 * code), texture_frequency(scene, b),
                texture_angle(b, gratings), phase, scene->reference);
  }
}

/* T: the class's template = norm/sqrt(L) * sum over u, v of sign * h * phi_u(x) phi_v(y), with phi
 * the orthonormal DCT-II basis. The sum over u is done here, the sum over v row by row, so
 * down = phi_v and across[v] = sum over u. */
static void begin_templates(float *across, float *down, const cnn_scene *scene,
                            int32_t class_index) {
  const int32_t band = scene->band_width;
  const int32_t reference = scene->reference;
  const uint64_t family = cnn_rng_key((uint32_t)scene->seed, CNN_STREAM_SCENE_FAMILY, 0, 0);
  const double unit = scene->snr * scene->noise / band; /* sqrt(L) = B */
  for (int32_t j = 0; j < band; j++) {
    const int32_t u = scene->band_low + j;
    const double step = PI * u / reference;
    const double norm = sqrt((u == 0 ? 1.0 : 2.0) / reference);
    sample_waves(down + (ptrdiff_t)j * reference, NULL, norm, 0.5 * step, step, reference);
  }
  for (int32_t v = 0; v < band; v++) {
    float *sum = across + (ptrdiff_t)v * reference;
    for (int32_t x = 0; x < reference; x++) {
      sum[x] = 0.0f;
    }
    for (int32_t u = 0; u < band; u++) {
      const uint32_t i = (uint32_t)(v * band + u);
      const double sign = (cnn_rng_at(family, i) >> 63) != 0 ? -1.0 : 1.0;
      const float weight = (float)(unit * sign * hadamard((uint32_t)class_index + 1, i));
      const float *phi = down + (ptrdiff_t)u * reference;
      for (int32_t x = 0; x < reference; x++) {
        sum[x] += weight * phi[x];
      }
    }
  }
}

static int32_t product_count(const cnn_scene *scene) {
  switch (scene->family) {
  case CNN_SCENE_TEMPLATES:
    return scene->band_width;
  case CNN_SCENE_TEXTURES:
    return 2 * scene->gratings;
  case CNN_SCENE_STRIPED_BALL:
    return 2;
  default:
    return 0;
  }
}

size_t cnn_scene_signal_floats(const cnn_scene *scene) {
  return 2 * (size_t)product_count(scene) * (size_t)scene->reference;
}

void cnn_scene_signal_begin(cnn_scene_signal *signal, float *work, const cnn_scene *scene,
                            int32_t split, int32_t class_index, int32_t index) {
  const int32_t reference = scene->reference;
  const int32_t terms = product_count(scene);
  float *across = work;
  float *down = work + (size_t)terms * (size_t)reference;
  const uint64_t geometry =
      cnn_rng_key((uint32_t)scene->seed, CNN_STREAM_SCENE_GEOMETRY,
                  (uint64_t)split << 32 | (uint32_t)class_index, (uint64_t)index);
  if (scene->family == CNN_SCENE_TEMPLATES) {
    begin_templates(across, down, scene, class_index);
  } else if (scene->family == CNN_SCENE_TEXTURES) {
    begin_textures(across, down, scene, geometry, class_index);
  } else {
    add_grating(across, down, 0, scene->amplitude, scene->stripes,
                PI * class_index / scene->classes, 2.0 * PI * cnn_rng_unit(geometry, DRAW_PHASE),
                reference);
  }
  signal->across = across;
  signal->down = down;
  signal->terms = terms;
  signal->reference = reference;
  signal->radius = scene->family == CNN_SCENE_TEMPLATES ? 0.0 : scene->radius * reference;
  const double room = reference - 2.0 * signal->radius; /* the disc lies fully inside */
  signal->centre_x = signal->radius + room * cnn_rng_unit(geometry, DRAW_CENTRE_X);
  signal->centre_y = signal->radius + room * cnn_rng_unit(geometry, DRAW_CENTRE_Y);
}

/* The pixels of row y whose centres lie in the disc. */
static void disc_span(int32_t *first, int32_t *last, const cnn_scene_signal *signal, int32_t y) {
  *first = 0;
  *last = signal->reference;
  if (signal->radius <= 0.0) {
    return;
  }
  const double dy = y + 0.5 - signal->centre_y;
  const double rest = signal->radius * signal->radius - dy * dy;
  const double half = rest > 0.0 ? sqrt(rest) : 0.0;
  const double left = signal->centre_x - half - 0.5;
  const double right = signal->centre_x + half - 0.5;
  if (rest <= 0.0 || right < 0.0) {
    *last = 0;
    return;
  }
  *first = left <= 0.0 ? 0 : (int32_t)left + ((double)(int32_t)left < left);
  *last = right >= signal->reference ? signal->reference : (int32_t)right + 1;
  if (*last < *first) {
    *last = *first;
  }
}

void cnn_scene_signal_row(float *row, int32_t *first, int32_t *last, const cnn_scene_signal *signal,
                          int32_t y) {
  disc_span(first, last, signal, y);
  for (int32_t x = *first; x < *last; x++) {
    row[x] = 0.0f;
  }
  const int32_t reference = signal->reference;
  for (int32_t i = 0; i < signal->terms; i += 2) { /* by twos: half the loads and stores of row */
    const float *even = signal->across + (ptrdiff_t)i * reference;
    const float *odd = even + reference;
    const float even_weight = signal->down[i * reference + y];
    const float odd_weight = signal->down[(i + 1) * reference + y];
    for (int32_t x = *first; x < *last; x++) {
      row[x] += even[x] * even_weight + odd[x] * odd_weight;
    }
  }
}
