/* Families S and X before and after noise: the stripes are the promised cosine inside a disc that
 * lies inside the picture, their direction can be read off the drawn pictures at 24 and 48 pixels,
 * colour keeps the energy, and a texture's class is in its spectrum and not in its pixels. */
#include "check.h"
#include "scene_help.h"
#include "scene_signal.h"

static const double pi = 3.14159265358979323846;

/* Least squares fit of a cos + b sin of the class's wave to the signal: amplitude, phase, largest
 * residual. Pixels are (x + 1/2, y + 1/2)/reference. */
typedef struct {
  double amplitude;
  double phase;
  double residual;
  int32_t pixels;
} wave_fit;

static wave_fit fit_wave(const cnn_scene *scene, const cnn_scene_signal *signal,
                         int32_t class_index) {
  const double angle = pi * class_index / scene->classes;
  const int32_t side = scene->reference;
  double cc = 0.0;
  double cs = 0.0;
  double ss = 0.0;
  double cz = 0.0;
  double sz = 0.0;
  wave_fit fit = {0};
  float row[256];
  double a = 0.0;
  double b = 0.0;
  for (int pass = 0; pass < 2; pass++) { /* normal equations, then residuals */
    for (int32_t y = 0; y < side; y++) {
      int32_t first;
      int32_t last;
      cnn_scene_signal_row(row, &first, &last, signal, y);
      for (int32_t x = first; x < last; x++) {
        const double turn =
            2.0 * pi * scene->stripes * ((x + 0.5) * cos(angle) + (y + 0.5) * sin(angle)) / side;
        const double c = cos(turn);
        const double s = sin(turn);
        if (pass == 0) {
          cc += c * c;
          cs += c * s;
          ss += s * s;
          cz += c * row[x];
          sz += s * row[x];
          fit.pixels++;
        } else {
          fit.residual = fmax(fit.residual, fabs(row[x] - a * c - b * s));
        }
      }
    }
    const double determinant = cc * ss - cs * cs;
    a = (cz * ss - sz * cs) / determinant;
    b = (sz * cc - cz * cs) / determinant;
  }
  fit.amplitude = sqrt(a * a + b * b);
  fit.phase = atan2(-b, a);
  return fit;
}

/* Row spans hold exactly the pixels whose centres lie in the disc. */
static void test_disc(const cnn_scene_signal *signal) {
  float row[256];
  for (int32_t y = 0; y < signal->reference; y++) {
    int32_t first;
    int32_t last;
    cnn_scene_signal_row(row, &first, &last, signal, y);
    for (int32_t x = 0; x < signal->reference; x++) {
      const double gap = hypot(x + 0.5 - signal->centre_x, y + 0.5 - signal->centre_y);
      const int inside = x >= first && x < last;
      CHECK(fabs(gap - signal->radius) < 1e-9 || inside == (gap < signal->radius),
            "pixel %d %d at %.3f of %.3f", (int)x, (int)y, gap, signal->radius);
    }
  }
}

static void test_wave(int32_t reference, int32_t classes, double radius, double stripes) {
  cnn_scene scene = scene_of(CNN_SCENE_STRIPED_BALL, classes, reference, 1);
  scene.radius = radius;
  scene.stripes = stripes;
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  for (int32_t k = 0; k < classes; k++) {
    cnn_scene_signal signal;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TEST, k, 100 + k);
    const wave_fit fit = fit_wave(&scene, &signal, k);
    const double area = pi * signal.radius * signal.radius;
    CHECK(fabs(fit.amplitude - 56.0) < 1e-3, "amplitude %.5f", fit.amplitude);
    CHECK(fit.residual < 1e-3, "class %d: residual %g", (int)k, fit.residual);
    CHECK(fabs(fit.pixels - area) < 0.03 * area, "%d pixels in a disc of %.1f", (int)fit.pixels,
          area);
    test_disc(&signal);
  }
  free(work);
}

/* Places and phases are spread evenly: means within 5 sd, extremes near the walls, none beyond. */
static void test_geometry(void) {
  enum { PICTURES = 400 };
  cnn_scene scene = cnn_scene_default();
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  const double low = 0.2 * 192.0;
  const double room = 192.0 - 2.0 * low;
  double sum_x = 0.0;
  double sum_y = 0.0;
  double least = 192.0;
  double most = 0.0;
  double product = 0.0;
  double turn_cos = 0.0;
  double turn_sin = 0.0;
  for (int32_t i = 0; i < PICTURES; i++) {
    cnn_scene_signal signal;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, i % 5, i / 5);
    sum_x += signal.centre_x;
    sum_y += signal.centre_y;
    product += (signal.centre_x - 96.0) * (signal.centre_y - 96.0);
    least = fmin(least, fmin(signal.centre_x, signal.centre_y));
    most = fmax(most, fmax(signal.centre_x, signal.centre_y));
    if (i % 5 == 0) {
      const double phase = fit_wave(&scene, &signal, 0).phase;
      turn_cos += cos(phase);
      turn_sin += sin(phase);
    }
  }
  const double tolerance = 5.0 * room / sqrt(12.0 * PICTURES);
  CHECK(fabs(sum_x / PICTURES - 96.0) < tolerance, "mean x %.2f", sum_x / PICTURES);
  CHECK(fabs(sum_y / PICTURES - 96.0) < tolerance, "mean y %.2f", sum_y / PICTURES);
  const double unrelated = 5.0 * room * room / 12.0 * sqrt(PICTURES);
  CHECK(fabs(product) < unrelated, "x and y go together: %.0f of %.0f", product, unrelated);
  CHECK(least >= low && least < low + 0.02 * room, "least %.2f", least);
  CHECK(most <= 192.0 - low && most > 192.0 - low - 0.02 * room, "most %.2f", most);
  const double phases = PICTURES / 5;
  CHECK(hypot(turn_cos, turn_sin) < 5.0 * sqrt(phases / 2.0), "phases cluster: %.1f of %.0f",
        hypot(turn_cos, turn_sin), phases);
  free(work);
}

/* Direction across the stripes in 0..pi, from the structure tensor of central differences. */
static double stripe_angle(const uint8_t *picture, int32_t side) {
  double xx = 0.0;
  double xy = 0.0;
  double yy = 0.0;
  for (int32_t y = 1; y + 1 < side; y++) {
    for (int32_t x = 1; x + 1 < side; x++) {
      const double gx = picture[y * side + x + 1] - picture[y * side + x - 1];
      const double gy = picture[(y + 1) * side + x] - picture[(y - 1) * side + x];
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
    }
  }
  const double angle = 0.5 * atan2(2.0 * xy, xx - yy);
  return angle < 0.0 ? angle + pi : angle;
}

/* The class nearest in direction must be the right one for the given share of pictures. */
static void test_direction(int32_t side, double noise, double share) {
  enum { PICTURES = 200, CLASSES = 5 };
  cnn_scene scene = cnn_scene_default();
  scene.noise = noise;
  uint8_t picture[48 * 48];
  int32_t right = 0;
  for (int32_t j = 0; j < PICTURES; j++) {
    draw_picture(picture, &scene, side, CNN_SPLIT_TEST, j % CLASSES, j / CLASSES);
    const double angle = stripe_angle(picture, side);
    right += (int32_t)(angle / (pi / CLASSES) + 0.5) % CLASSES == j % CLASSES;
  }
  CHECK(right >= share * PICTURES, "%d px, noise %.0f: %d of %d directions", (int)side, noise,
        (int)right, PICTURES);
}

/* Grey levels of channel c are the grey scene's times (0.64, 0.48, -0.6), to rounding; and where
 * there is no ball the picture is exactly 128. */
static void test_colour(void) {
  enum { SIDE = 192, COUNT = SIDE * SIDE };
  static uint8_t grey[COUNT];
  static uint8_t colour[COUNT * 3];
  static const double unit[3] = {0.64, 0.48, -0.6};
  cnn_scene scene = cnn_scene_default();
  scene.noise = 0.0;
  draw_picture(grey, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 0);
  scene.channels = 3;
  draw_picture(colour, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 0);
  double worst = 0.0;
  double grey_energy = 0.0;
  double colour_energy = 0.0;
  int32_t background = 0;
  for (int32_t i = 0; i < COUNT; i++) {
    const double level = grey[i] - 128.0;
    grey_energy += level * level;
    background += grey[i] == 128;
    for (int32_t c = 0; c < 3; c++) {
      const double part = colour[3 * i + c] - 128.0;
      worst = fmax(worst, fabs(part - unit[c] * level));
      colour_energy += part * part;
    }
  }
  CHECK(worst <= 0.5 + 0.5 * 0.64 + 1e-3, "colour off by %.3f levels", worst);
  CHECK(fabs(colour_energy / grey_energy - 1.0) < 2e-3, "energy ratio %.5f",
        colour_energy / grey_energy);
  CHECK(background > COUNT - 4700 && background < COUNT - 4300, "%d background pixels",
        (int)background);
}

/* Power spectrum of a 24 x 24 picture at frequencies |fx| <= 12, 0 <= fy <= 12. */
enum { TEXTURE_SIDE = 24, BINS = 25 * 13 };

static void power_spectrum(double *power, const uint8_t *picture) {
  double real[TEXTURE_SIDE][25];
  double imaginary[TEXTURE_SIDE][25];
  for (int32_t y = 0; y < TEXTURE_SIDE; y++) {
    for (int32_t fx = 0; fx < 25; fx++) {
      real[y][fx] = 0.0;
      imaginary[y][fx] = 0.0;
      for (int32_t x = 0; x < TEXTURE_SIDE; x++) {
        const double turn = 2.0 * pi * (fx - 12) * x / TEXTURE_SIDE;
        real[y][fx] += (picture[y * TEXTURE_SIDE + x] - 128.0) * cos(turn);
        imaginary[y][fx] += (picture[y * TEXTURE_SIDE + x] - 128.0) * sin(turn);
      }
    }
  }
  for (int32_t fy = 0; fy < 13; fy++) {
    for (int32_t fx = 0; fx < 25; fx++) {
      double re = 0.0;
      double im = 0.0;
      for (int32_t y = 0; y < TEXTURE_SIDE; y++) {
        const double turn = 2.0 * pi * fy * y / TEXTURE_SIDE;
        re += real[y][fx] * cos(turn) - imaginary[y][fx] * sin(turn);
        im += real[y][fx] * sin(turn) + imaginary[y][fx] * cos(turn);
      }
      power[fy * 25 + fx] = sqrt(re * re + im * im);
    }
  }
}

static double distance(const double *a, const double *b, int32_t count) {
  double sum = 0.0;
  for (int32_t i = 0; i < count; i++) {
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return sum;
}

/* Nearest class mean on spectra names the class; on pixels it is near guessing (1 in 4). */
static void test_texture_spectrum(void) {
  enum { CLASSES = 4, TRAIN = 20, TEST = 25, VALUES = TEXTURE_SIDE * TEXTURE_SIDE };
  cnn_scene scene = scene_of(CNN_SCENE_TEXTURES, CLASSES, 192, 1);
  scene.radius = 0.0;
  static double spectra[CLASSES][BINS];
  static double pixels[CLASSES][VALUES];
  static uint8_t picture[VALUES];
  double power[BINS];
  double values[VALUES];
  int32_t right_spectrum = 0;
  int32_t right_pixels = 0;
  for (int32_t j = 0; j < CLASSES * (TRAIN + TEST); j++) {
    const int32_t k = j % CLASSES;
    const int train = j < CLASSES * TRAIN;
    draw_picture(picture, &scene, TEXTURE_SIDE, train ? CNN_SPLIT_TRAIN : CNN_SPLIT_TEST, k,
                 j / CLASSES);
    power_spectrum(power, picture);
    for (int32_t i = 0; i < VALUES; i++) {
      values[i] = picture[i];
      pixels[k][i] += train ? values[i] / TRAIN : 0.0;
    }
    for (int32_t i = 0; i < BINS && train; i++) {
      spectra[k][i] += power[i] / TRAIN;
    }
    if (!train) {
      int32_t by_spectrum = 0;
      int32_t by_pixels = 0;
      for (int32_t c = 1; c < CLASSES; c++) {
        if (distance(power, spectra[c], BINS) < distance(power, spectra[by_spectrum], BINS)) {
          by_spectrum = c;
        }
        if (distance(values, pixels[c], VALUES) < distance(values, pixels[by_pixels], VALUES)) {
          by_pixels = c;
        }
      }
      right_spectrum += by_spectrum == k;
      right_pixels += by_pixels == k;
    }
  }
  CHECK(right_spectrum >= 95, "spectrum: %d of 100", (int)right_spectrum);
  CHECK(right_pixels <= 50, "pixels: %d of 100", (int)right_pixels);
}

/* Rms contrast over the frame, mean over pictures, for classes of equal power. */
static void test_texture_contrast(void) {
  cnn_scene scene = scene_of(CNN_SCENE_TEXTURES, 7, 192, 1);
  scene.radius = 0.0;
  scene.amplitude = 30.0;
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  float row[192];
  for (int32_t k = 0; k < 7; k++) {
    double square = 0.0;
    for (int32_t index = 0; index < 6; index++) {
      cnn_scene_signal signal;
      cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, k, index);
      for (int32_t y = 0; y < 192; y++) {
        int32_t first;
        int32_t last;
        cnn_scene_signal_row(row, &first, &last, &signal, y);
        for (int32_t x = first; x < last; x++) {
          square += (double)row[x] * row[x];
        }
      }
    }
    const double rms = sqrt(square / (6.0 * 192.0 * 192.0));
    CHECK(fabs(rms - 30.0) < 3.0, "class %d: rms %.2f", (int)k, rms);
  }
  free(work);
}

int main(void) {
  test_wave(192, 5, 0.2, 8.0);
  test_wave(256, 3, 0.4, 4.0);
  test_wave(192, 2, 0.1, 16.0);
  test_wave(192, 2, 0.5, 90.0);
  test_geometry();
  test_direction(24, 0.0, 1.0);
  test_direction(48, 0.0, 1.0);
  test_direction(24, 40.0, 0.97);
  test_direction(48, 40.0, 0.97);
  test_colour();
  test_texture_spectrum();
  test_texture_contrast();
  return check_finish("test_scene_stripes");
}
