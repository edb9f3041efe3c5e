/* Each nuisance changes what it should and leaves every other draw as it was: places, turns, sizes,
 * phases, clutter and white noise have random numbers of their own. */
#include "check.h"
#include "scene_help.h"
#include "scene_signal.h"

enum { SIDE = 192, VALUES = SIDE * SIDE, PICTURES = 300 };
static const double pi = 3.14159265358979323846;

/* Each with the families that it moves. */
static const struct {
  const char *name;
  double value;
  int moves[CNN_SCENE_HUES + 1]; /* S, T, X, N, G, P, C */
} geometry_knobs[] = {{"jitter", 0.1, {0, 1, 0, 0, 1, 1, 1}},
                      {"rotation", 40.0, {1, 0, 1, 0, 1, 1, 0}},
                      {"scale_jitter", 0.3, {1, 0, 1, 0, 1, 1, 1}},
                      {"phase", 0.0, {1, 0, 1, 0, 0, 0, 0}}};

/* Far from the object only noise is left: the same noise, whatever the geometry does. */
static void test_noise_stays(int32_t family) {
  static uint8_t plain[VALUES * 3];
  static uint8_t turned[VALUES * 3];
  cnn_scene scene = scene_of(family, 5, SIDE, 3);
  scene.radius = 0.1;
  draw_picture(plain, &scene, SIDE, CNN_SPLIT_TRAIN, 3, 4);
  for (size_t i = 0; i < sizeof geometry_knobs / sizeof geometry_knobs[0]; i++) {
    cnn_scene other = scene;
    CHECK(cnn_scene_set(&other, geometry_knobs[i].name, geometry_knobs[i].value) == CNN_OK, "knob");
    draw_picture(turned, &other, SIDE, CNN_SPLIT_TRAIN, 3, 4);
    int32_t same = 0;
    for (int32_t p = 0; p < VALUES; p++) {
      same += memcmp(plain + 3 * p, turned + 3 * p, 3) == 0;
    }
    /* Two objects of the radius 0.13 at most cover less than an eighth of the picture. */
    CHECK(same > VALUES * 7 / 8, "family %d, %s: %d pixels stay", (int)family,
          geometry_knobs[i].name, (int)same);
    CHECK((same < VALUES) == geometry_knobs[i].moves[family], "family %d, %s: %d", (int)family,
          geometry_knobs[i].name, (int)same);
  }
}

/* T has no place, turn, size or phase but its roll; N has nothing. */
static void test_ignored(int32_t family, const char *name, double value) {
  static uint8_t plain[24 * 24];
  static uint8_t other[24 * 24];
  cnn_scene scene = scene_of(family, 5, SIDE, 1);
  draw_picture(plain, &scene, 24, CNN_SPLIT_TRAIN, 3, 4);
  CHECK(cnn_scene_set(&scene, name, value) == CNN_OK, "%s", name);
  draw_picture(other, &scene, 24, CNN_SPLIT_TRAIN, 3, 4);
  CHECK(memcmp(plain, other, sizeof plain) == 0, "family %d knows %s", (int)family, name);
}

/* Clutter and white noise add up: drawn alone each is the same as in the sum. */
static void test_layers(int32_t family) {
  static uint8_t both[VALUES];
  static uint8_t clutter[VALUES];
  static uint8_t noise[VALUES];
  cnn_scene scene = scene_of(family, 5, SIDE, 1);
  scene.amplitude = 0.0; /* 0 signal, for T by its s */
  scene.snr = 0.0;
  scene.clutter = 20.0;
  scene.noise = 15.0;
  draw_picture(both, &scene, SIDE, CNN_SPLIT_TEST, 3, 4);
  scene.clutter = 0.0;
  draw_picture(noise, &scene, SIDE, CNN_SPLIT_TEST, 3, 4);
  scene.noise = 0.0;
  scene.clutter = 20.0;
  draw_picture(clutter, &scene, SIDE, CNN_SPLIT_TEST, 3, 4);
  for (int32_t i = 0; i < VALUES; i++) {
    if (both[i] > 0 && both[i] < 255) {
      CHECK(abs(both[i] - clutter[i] - noise[i] + 128) <= 1, "family %d: pixel %d", (int)family,
            (int)i);
    }
  }
}

/* The direction and frequency of grating g: how its waves turn from pixel to pixel. */
static void read_grating(double *angle, double *frequency, const cnn_scene_signal *signal,
                         int32_t g) {
  const float *const tables[2] = {signal->across, signal->down};
  double steps[2];
  for (int32_t i = 0; i < 2; i++) {
    const float *even = tables[i] + (ptrdiff_t)2 * g * SIDE;
    const float *odd = even + SIDE;
    const double sign = i == 0 ? 1.0 : -1.0; /* down holds minus the sine */
    double c = 0.0;
    double s = 0.0;
    for (int32_t x = 0; x + 1 < SIDE; x++) {
      c += (double)even[x] * even[x + 1] + (double)odd[x] * odd[x + 1];
      s += sign * ((double)odd[x + 1] * even[x] - (double)even[x + 1] * odd[x]);
    }
    steps[i] = atan2(s, c);
  }
  *angle = atan2(steps[1], steps[0]);
  *frequency = hypot(steps[0], steps[1]) * SIDE / (2.0 * pi);
}

/* Sum, extremes and sum of squares of one quantity over pictures. */
typedef struct {
  double least, most, sum, square, product;
} spread;

static void add_value(spread *s, double value, double other) {
  s->least = fmin(s->least, value);
  s->most = fmax(s->most, value);
  s->sum += value;
  s->square += value * value;
  s->product += value * other;
}

/* Uniform in -+1, unrelated to another such quantity: extremes, mean, variance 1/3, all in 5 sd. */
static void check_uniform(const spread *s, const char *name) {
  const double n = PICTURES;
  CHECK(s->least >= -1.0 - 1e-4 && s->least < -0.95, "%s: least %.3f", name, s->least);
  CHECK(s->most <= 1.0 + 1e-4 && s->most > 0.95, "%s: most %.3f", name, s->most);
  CHECK(fabs(s->sum / n) < 5.0 / sqrt(3.0 * n), "%s: mean %.3f", name, s->sum / n);
  CHECK(fabs(s->square / n - 1.0 / 3.0) < 5.0 * 0.3 / sqrt(n), "%s: %.3f", name, s->square / n);
  CHECK(fabs(s->product / n) < 5.0 / 3.0 / sqrt(n), "%s and another: %.3f", name, s->product / n);
}

/* Waves turn and grow together, uniformly and apart from each other. */
static void test_waves(int32_t family) {
  cnn_scene scene = scene_of(family, 5, SIDE, 1);
  scene.rotation = 30.0;
  scene.scale_jitter = 0.4;
  cnn_scene still = scene;
  still.rotation = 0.0;
  still.scale_jitter = 0.0;
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  spread turns = {0};
  spread sizes = {0};
  spread places = {0};
  spread heights = {0};
  const int32_t gratings = family == CNN_SCENE_TEXTURES ? 3 : 1;
  for (int32_t i = 0; i < PICTURES; i++) {
    double first_turn = 0.0;
    double first_size = 0.0;
    for (int32_t g = 0; g < gratings; g++) {
      double angles[2];
      double frequencies[2];
      cnn_scene_signal signal;
      cnn_scene_signal_begin(&signal, work, &still, CNN_SPLIT_TRAIN, i % 5, i / 5);
      const double radius = signal.radius;
      read_grating(&angles[0], &frequencies[0], &signal, g);
      cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, i % 5, i / 5);
      read_grating(&angles[1], &frequencies[1], &signal, g);
      const double turn = remainder(angles[1] - angles[0], 2.0 * pi) / (pi / 6.0);
      const double size = (frequencies[0] / frequencies[1] - 1.0) / 0.4;
      CHECK(fabs(signal.radius / radius - 1.0 - 0.4 * size) < 1e-4,
            "the disc grows with its waves");
      if (g == 0) {
        first_turn = turn;
        first_size = size;
        add_value(&turns, turn, size);
        add_value(&sizes, size, turn);
        add_value(&places, (signal.centre_x - 96.0) / (96.0 - signal.radius), turn);
        add_value(&heights, (signal.centre_y - 96.0) / (96.0 - signal.radius), size);
      }
      CHECK(fabs(turn - first_turn) < 1e-4 && fabs(size - first_size) < 1e-4, "grating %d", (int)g);
    }
  }
  check_uniform(&turns, "turn");
  check_uniform(&sizes, "size");
  check_uniform(&places, "place and turn");
  check_uniform(&heights, "height and size");
  free(work);
}

/* Phases are the seed's for phase = 0 and drawn for 1. */
static void test_phase(int32_t family) {
  cnn_scene scene = scene_of(family, 5, SIDE, 1);
  const size_t bytes = cnn_scene_signal_floats(&scene) * sizeof(float);
  float *first = must_allocate(bytes);
  float *second = must_allocate(bytes);
  cnn_scene_signal signal;
  for (int32_t phase = 0; phase <= 1; phase++) {
    scene.phase = phase;
    cnn_scene_signal_begin(&signal, first, &scene, CNN_SPLIT_TRAIN, 2, 8);
    cnn_scene_signal_begin(&signal, second, &scene, CNN_SPLIT_TEST, 2, 9);
    CHECK((memcmp(first, second, bytes) == 0) == (phase == 0), "family %d, phase %d", (int)family,
          (int)phase);
    scene.seed = 2;
    cnn_scene_signal_begin(&signal, second, &scene, CNN_SPLIT_TRAIN, 2, 8);
    CHECK(memcmp(first, second, bytes) != 0, "family %d: another seed", (int)family);
    scene.seed = 1;
  }
  free(second);
  free(first);
}

/* T: exactly the unmoved template, rolled around both edges by at most jitter * side. */
static void test_roll(void) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 5, SIDE, 1);
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  float *still = must_allocate(sizeof(float) * VALUES);
  float *rolled = must_allocate(sizeof(float) * VALUES);
  spread across = {0};
  cnn_scene_signal signal;
  int32_t from;
  int32_t to;
  for (int32_t index = 0; index < 40; index++) {
    scene.jitter = 0.0;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, 2, index);
    for (int32_t y = 0; y < SIDE; y++) {
      cnn_scene_signal_row(still + (ptrdiff_t)y * SIDE, &from, &to, &signal, y);
    }
    scene.jitter = 0.25;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, 2, index);
    for (int32_t y = 0; y < SIDE; y++) {
      cnn_scene_signal_row(rolled + (ptrdiff_t)y * SIDE, &from, &to, &signal, y);
    }
    const int32_t down = (signal.roll + SIDE / 2) % SIDE - SIDE / 2;
    CHECK(abs(down) <= 48, "%d down", (int)down);
    int32_t found = SIDE;
    for (int32_t shift = -48; shift <= 48 && found == SIDE; shift++) {
      int32_t x = 0;
      while (x < VALUES &&
             rolled[x] ==
                 still[(x / SIDE + signal.roll) % SIDE * SIDE + (x % SIDE + shift + SIDE) % SIDE]) {
        x++;
      }
      found = x == VALUES ? shift : found;
    }
    CHECK(found < SIDE, "picture %d is no roll", (int)index);
    add_value(&across, found, down);
  }
  CHECK(across.least < -40.0 && across.most > 40.0, "%.0f to %.0f", across.least, across.most);
  CHECK(fabs(across.product / 40.0) < 0.2 * 48.0 * 48.0, "across and down go together: %.0f",
        across.product / 40.0);
  free(rolled);
  free(still);
  free(work);
}

/* G, P, C: the centre is uniform in -+jitter about the middle, the same whatever else turns, other
 * for another class or split, and the object stays inside. */
static void test_place(int32_t family) {
  cnn_scene scene = scene_of(family, 5, SIDE, 3);
  scene.jitter = 0.1;
  cnn_scene busy = scene;
  busy.rotation = 90.0;
  busy.scale_jitter = 0.5;
  busy.clutter = 9.0;
  busy.cue = 9.0;
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  cnn_scene_signal_prepare(work, &scene, 5);
  spread x = {0};
  spread y = {0};
  spread other_class = {0};
  spread other_split = {0};
  for (int32_t i = 0; i < PICTURES; i++) {
    cnn_scene_signal signal;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, 1, i);
    const double at_x = (signal.centre_x - 96.0) / 19.2;
    const double at_y = (signal.centre_y - 96.0) / 19.2;
    cnn_scene_signal_begin(&signal, work, &busy, CNN_SPLIT_TRAIN, 1, i);
    CHECK(fabs((signal.centre_x - 96.0) / 19.2 - at_x) < 1e-12, "moved");
    CHECK(signal.radius >= 0.5 * 38.4 && signal.radius <= 1.5 * 38.4, "radius %f", signal.radius);
    add_value(&x, at_x, at_y);
    add_value(&y, at_y, at_x);
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, 2, i);
    add_value(&other_class, (signal.centre_x - 96.0) / 19.2, at_x);
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TEST, 1, i);
    add_value(&other_split, (signal.centre_x - 96.0) / 19.2, at_x);
    busy.jitter = 0.5;
    cnn_scene_signal_begin(&signal, work, &busy, CNN_SPLIT_TRAIN, 1, i);
    CHECK(fabs(signal.centre_x - 96.0) + signal.radius <= 96.0 + 1e-9, "outside");
    busy.jitter = 0.1;
  }
  check_uniform(&x, "x");
  check_uniform(&y, "y");
  check_uniform(&other_class, "another class");
  check_uniform(&other_split, "another split");
  free(work);
}

int main(void) {
  test_noise_stays(CNN_SCENE_STRIPED_BALL);
  test_noise_stays(CNN_SCENE_TEXTURES);
  for (int32_t family = CNN_SCENE_SIGNS; family <= CNN_SCENE_HUES; family++) {
    test_noise_stays(family);
    test_place(family);
  }
  test_ignored(CNN_SCENE_TEMPLATES, "rotation", 40.0);
  test_ignored(CNN_SCENE_TEMPLATES, "scale_jitter", 0.4);
  test_ignored(CNN_SCENE_TEMPLATES, "phase", 0.0);
  const char *const names[] = {"jitter", "rotation", "clutter", "cue", "downsample", "noise"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    test_ignored(CNN_SCENE_NOISE, names[i], i < 4 ? 0.25 : 1.0);
  }
  for (int32_t family = 0; family <= CNN_SCENE_POLYGONS; family++) {
    if (family != CNN_SCENE_NOISE) {
      test_layers(family);
    }
  }
  test_waves(CNN_SCENE_STRIPED_BALL);
  test_waves(CNN_SCENE_TEXTURES);
  test_phase(CNN_SCENE_STRIPED_BALL);
  test_phase(CNN_SCENE_TEXTURES);
  test_roll();
  return check_finish("test_scene_knobs");
}
