/* See scene_signal.h. Sines along a row come from turning a unit phasor by a fixed step in double
 * (error below 1e-13 over 256 steps), so a picture costs a handful of cnn_cos calls and no libm.
 * Family N has no signal and is refused by having no branch here. */
#include "scene_signal.h"

#include "exact_math.h"
#include "rng.h"
#include "scene_shape.h"
#include "simd.h"

#include <math.h> /* sqrt only: IEEE-exact everywhere */

#define PI 3.14159265358979323846

/* Counters of the geometry stream: one picture's random numbers. At most 64 phases. */
enum { DRAW_CENTRE_X = 0, DRAW_CENTRE_Y = 1, DRAW_PHASE = 2, DRAW_TURN = 66, DRAW_SIZE = 67 };

/* The signal's share of each channel when channels = 3: a unit vector (0.64^2 + 0.48^2 + 0.6^2 =
 * 1), so s and the picture's signal energy are those of the grey scene. Its ends are amber and
 * blue, which differ for colour-blind eyes too, and no channel is without signal. */
static const double amber[3] = {0.64, 0.48, -0.60};

/* Uniform in -most..most; 0 for most = 0. */
static double swing(double most, uint64_t geometry, uint64_t counter) {
  return most * (2.0 * cnn_rng_unit(geometry, counter) - 1.0);
}

/* Two orthonormal vectors at right angles to (0.299, 0.587, 0.114). */
void cnn_scene_hue(double *rgb, double angle, double length) {
  static const double axes[2][3] = {{0.8910626646339399, -0.4538803010656697, 0.0},
                                    {0.077394293740978, 0.1519413057724217, -0.9853547396224908}};
  const double c = length * cnn_cos(angle);
  const double s = length * cnn_sin(angle);
  for (int32_t i = 0; i < 3; i++) {
    rgb[i] = c * axes[0][i] + s * axes[1][i];
  }
}

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
static void begin_textures(float *across, float *down, const cnn_scene *scene, uint64_t phases,
                           int32_t pattern, double turn, double size) {
  const int32_t gratings = scene->gratings;
  const double unit = scene->amplitude / sqrt(gratings * (1.0 + 0.49) / 2.0);
  for (int32_t b = 0; b < gratings; b++) {
    const double code = hadamard((uint32_t)pattern + 1, (uint32_t)b);
    const double phase = 2.0 * PI * cnn_rng_unit(phases, DRAW_PHASE + (uint64_t)b);
    add_grating(across, down, b, unit * (1.0 + 0.7 * code), texture_frequency(scene, b) / size,
                texture_angle(b, gratings) + turn, phase, scene->reference);
  }
}

void cnn_scene_template_basis(float *down, const cnn_scene *scene) {
  const int32_t reference = scene->reference;
  for (int32_t j = 0; j < scene->band_width; j++) {
    const int32_t u = scene->band_low + j;
    const double step = PI * u / reference;
    const double norm = sqrt((u == 0 ? 1.0 : 2.0) / reference);
    sample_waves(down + (ptrdiff_t)j * reference, NULL, norm, 0.5 * step, step, reference);
  }
}

static uint64_t family_key(const cnn_scene *scene) {
  return cnn_rng_key((uint32_t)scene->seed, CNN_STREAM_SCENE_FAMILY, 0, 0);
}

double cnn_scene_template_weight(const cnn_scene *scene, int32_t pattern, int32_t i) {
  const double unit = scene->snr * scene->noise / scene->band_width; /* sqrt(L) = B */
  const double sign = (cnn_rng_at(family_key(scene), (uint64_t)i) >> 63) != 0 ? -1.0 : 1.0;
  return unit * sign * hadamard((uint32_t)pattern + 1, (uint32_t)i);
}

/* T: the class's template = norm/sqrt(L) * sum over u, v of sign * h * phi_u(x) phi_v(y), with phi
 * the orthonormal DCT-II basis. The sum over u is done here, the sum over v row by row, so
 * down = phi_v and across[v] = sum over u; across[v][x] is that of x + roll, around the edge. */
static void begin_templates(float *across, float *down, const cnn_scene *scene, int32_t pattern,
                            int32_t roll) {
  const int32_t band = scene->band_width;
  const int32_t reference = scene->reference;
  const int32_t seam = reference - roll;
  cnn_scene_template_basis(down, scene);
  for (int32_t v = 0; v < band; v++) {
    float *sum = across + (ptrdiff_t)v * reference;
    for (int32_t x = 0; x < reference; x++) {
      sum[x] = 0.0f;
    }
    for (int32_t u = 0; u < band; u++) {
      const float weight = (float)cnn_scene_template_weight(scene, pattern, v * band + u);
      const float *phi = down + (ptrdiff_t)u * reference;
      for (int32_t x = 0; x < seam; x++) {
        sum[x] += weight * phi[x + roll];
      }
      for (int32_t x = seam; x < reference; x++) {
        sum[x] += weight * phi[x - seam];
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

/* G: the codes of all patterns stand behind the edges of one. */
static uint32_t *codes_of(float *work, const cnn_scene *scene) {
  return (uint32_t *)(void *)(work + cnn_scene_shape_floats(scene));
}

size_t cnn_scene_signal_floats(const cnn_scene *scene) {
  const size_t codes = scene->family == CNN_SCENE_SIGNS ? (size_t)cnn_scene_patterns(scene) : 0;
  return 2 * (size_t)product_count(scene) * (size_t)scene->reference +
         cnn_scene_shape_floats(scene) + codes;
}

void cnn_scene_signal_prepare(float *work, const cnn_scene *scene, int32_t count) {
  if (scene->family == CNN_SCENE_SIGNS) {
    cnn_sign_codes(codes_of(work, scene), (uint32_t)scene->seed, count);
  }
}

/* T: a shift in whole pixels, 0..reference-1. */
static int32_t roll_of(const cnn_scene *scene, uint64_t geometry, uint64_t counter) {
  const double shift = swing(scene->jitter, geometry, counter) * scene->reference;
  return (int32_t)(shift + scene->reference + 0.5) % scene->reference;
}

/* S, T, X */
static void begin_products(cnn_scene_signal *signal, float *work, const cnn_scene *scene,
                           uint64_t geometry, int32_t pattern, double turn, double size) {
  const int32_t reference = scene->reference;
  float *across = work;
  float *down = work + (size_t)signal->terms * (size_t)reference;
  const uint64_t phases = scene->phase == 1 ? geometry : family_key(scene);
  signal->across = across;
  signal->down = down;
  if (scene->family == CNN_SCENE_TEMPLATES) {
    signal->radius = 0.0;
    signal->roll = roll_of(scene, geometry, DRAW_CENTRE_Y);
    begin_templates(across, down, scene, pattern, roll_of(scene, geometry, DRAW_CENTRE_X));
  } else if (scene->family == CNN_SCENE_TEXTURES) {
    begin_textures(across, down, scene, phases, pattern, turn, size);
  } else {
    add_grating(across, down, 0, scene->amplitude, scene->stripes / size,
                PI * pattern / cnn_scene_patterns(scene) + turn,
                2.0 * PI * cnn_rng_unit(phases, DRAW_PHASE), reference);
  }
}

void cnn_scene_signal_begin(cnn_scene_signal *signal, float *work, const cnn_scene *scene,
                            int32_t split, int32_t pattern, int32_t index) {
  const int32_t reference = scene->reference;
  const uint64_t geometry = cnn_rng_key((uint32_t)scene->seed, CNN_STREAM_SCENE_GEOMETRY,
                                        (uint64_t)split << 32 | (uint32_t)pattern, (uint64_t)index);
  const double turn = swing(scene->rotation, geometry, DRAW_TURN) * (PI / 180.0);
  const double size = 1.0 + swing(scene->scale_jitter, geometry, DRAW_SIZE);
  const double half = 0.5 * reference;
  const double radius = scene->radius * reference * size;
  *signal = (cnn_scene_signal){.terms = product_count(scene), .reference = reference};
  signal->radius = radius < half ? radius : half;
  const double room = reference - 2.0 * signal->radius; /* disc and shape lie fully inside */
  const double unit = signal->terms > 0 ? 1.0 : scene->amplitude;
  for (int32_t c = 0; c < 3; c++) {
    signal->colour[c] = unit * (scene->channels == 1 ? 1.0 : amber[c]);
  }
  if (signal->terms > 0) {
    signal->centre_x = signal->radius + room * cnn_rng_unit(geometry, DRAW_CENTRE_X);
    signal->centre_y = signal->radius + room * cnn_rng_unit(geometry, DRAW_CENTRE_Y);
    begin_products(signal, work, scene, geometry, pattern, turn, size);
    return;
  }
  const double most =
      scene->jitter * reference < 0.5 * room ? scene->jitter * reference : 0.5 * room;
  signal->centre_x = half + swing(most, geometry, DRAW_CENTRE_X);
  signal->centre_y = half + swing(most, geometry, DRAW_CENTRE_Y);
  if (scene->family == CNN_SCENE_HUES) {
    cnn_scene_hue(signal->colour, 2.0 * PI * pattern / cnn_scene_patterns(scene), unit);
  }
  const uint32_t code = scene->family == CNN_SCENE_SIGNS ? codes_of(work, scene)[pattern] : 0;
  cnn_scene_shape_begin(signal, work, scene, pattern, code, signal->radius, turn);
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
  if (signal->terms == 0) {
    cnn_scene_shape_row(row, first, last, signal, y);
    return;
  }
  disc_span(first, last, signal, y);
  const int32_t reference = signal->reference;
  const int32_t below = y + signal->roll;
  const float *down = signal->down + (below < reference ? below : below - reference);
  int32_t x = *first;
  for (; x + 8 <= *last; x += 8) { /* all terms of eight pixels: sums stay in registers */
    f32x4 left = f32x4_splat(0.0f);
    f32x4 right = left;
    for (int32_t i = 0; i < signal->terms; i += 2) {
      const float *even = signal->across + (ptrdiff_t)i * reference + x;
      const float *odd = even + reference;
      const f32x4 even_weight = f32x4_splat(down[(ptrdiff_t)i * reference]);
      const f32x4 odd_weight = f32x4_splat(down[(ptrdiff_t)(i + 1) * reference]);
      left += f32x4_load(even) * even_weight + f32x4_load(odd) * odd_weight;
      right += f32x4_load(even + 4) * even_weight + f32x4_load(odd + 4) * odd_weight;
    }
    f32x4_store(row + x, left);
    f32x4_store(row + x + 4, right);
  }
  for (; x < *last; x++) {
    row[x] = 0.0f;
    for (int32_t i = 0; i < signal->terms; i += 2) {
      const float *even = signal->across + (ptrdiff_t)i * reference + x;
      const float *weight = down + (ptrdiff_t)i * reference;
      row[x] += even[0] * weight[0] + even[reference] * weight[reference];
    }
  }
}
