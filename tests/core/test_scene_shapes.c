/* Families G, P and C before and after noise: what covers a pixel is what plain geometry says, the
 * signs' codes are as far apart as reported, no polygon is brighter than another, no hue is. */
#include "check.h"
#include "scene_help.h"
#include "scene_shape.h"
#include "scene_signal.h"

enum { SIDE = 192, VALUES = SIDE * SIDE, FINE = 6, STEPS = 100 };
static const double pi = 3.14159265358979323846;

/* ---- Coverage ---------------------------------------------------------------------------------
 */

typedef struct {
  const cnn_scene *scene;
  cnn_scene_signal signal;
  int32_t pattern;
  uint32_t code;
  cnn_stroke alphabet[CNN_SIGN_ALPHABET];
  double turn;
} drawn_shape;

/* Inside the regular polygon of the area of the radius' triangle, one corner up, then turned. */
static int in_polygon(const drawn_shape *s, double x, double y) {
  const int32_t n = s->pattern + 3;
  const double step = 2.0 * pi / n;
  const double corner = s->signal.radius * sqrt(3.0 * sqrt(3.0) / 4.0 / (n / 2.0 * sin(step)));
  const double angle = atan2(y, x) + pi / 2.0 - s->turn;
  const double off = angle - step * floor(angle / step) - 0.5 * step; /* from a side's middle */
  return hypot(x, y) * cos(off) <= corner * cos(0.5 * step);
}

/* Inside one of the code's strokes: at most 0.08 of the radius off its line and beyond its ends. */
static int in_sign(const drawn_shape *s, double x, double y) {
  const double px = (cos(s->turn) * x + sin(s->turn) * y) / s->signal.radius;
  const double py = (cos(s->turn) * y - sin(s->turn) * x) / s->signal.radius;
  for (int32_t i = 0; i < CNN_SIGN_ALPHABET; i++) {
    const cnn_stroke t = s->alphabet[i];
    const double length = sqrt(t.dx * t.dx + t.dy * t.dy);
    const double dx = px - 0.31 * (t.x - 2);
    const double dy = py - 0.31 * (t.y - 2);
    const double along = (dx * t.dx + dy * t.dy) / length;
    const double across = (dy * t.dx - dx * t.dy) / length;
    if ((s->code >> i & 1) != 0 && fabs(across) <= 0.08 && along >= -0.08 &&
        along <= 0.31 * t.length * length + 0.08) {
      return 1;
    }
  }
  return 0;
}

static int in_blob(const drawn_shape *s, double x, double y) {
  return hypot(x, y) <= s->signal.radius;
}

/* Share of pixel (x, y) inside, from FINE x FINE points. */
static double plain_share(const drawn_shape *s, int32_t x, int32_t y) {
  int (*const inside)(const drawn_shape *, double, double) =
      s->scene->family == CNN_SCENE_SIGNS      ? in_sign
      : s->scene->family == CNN_SCENE_POLYGONS ? in_polygon
                                               : in_blob;
  int32_t hits = 0;
  const double off = hypot(x + 0.5 - s->signal.centre_x, y + 0.5 - s->signal.centre_y);
  for (int32_t i = 0; i < FINE * FINE && off < s->signal.radius + 1.0; i++) {
    hits += inside(s, x + (i % FINE + 0.5) / FINE - s->signal.centre_x,
                   y + (i / FINE + 0.5) / FINE - s->signal.centre_y);
  }
  return hits / (double)(FINE * FINE);
}

/* A pixel's four heights miss an eighth of it where a side runs along the row, these points as
 * much, and joints of strokes count twice on their edge; over the whole shape that vanishes. */
static void test_coverage(int32_t family, int32_t pattern, double rotation) {
  cnn_scene scene = scene_of(family, 12, SIDE, 3);
  scene.radius = 0.2;
  scene.jitter = 0.2;
  scene.rotation = rotation;
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  float row[SIDE];
  uint32_t codes[12];
  cnn_sign_codes(codes, (uint32_t)scene.seed, 12);
  cnn_scene_signal_prepare(work, &scene, 12);
  drawn_shape shape = {.scene = &scene, .pattern = pattern, .code = codes[pattern]};
  cnn_sign_alphabet(shape.alphabet, (uint32_t)scene.seed);
  cnn_scene_signal_begin(&shape.signal, work, &scene, CNN_SPLIT_TRAIN, pattern, 3);
  if (family != CNN_SCENE_HUES) { /* the first side's normal says how far it has turned */
    const cnn_scene_signal *s = &shape.signal;
    cnn_scene still = scene;
    still.rotation = 0.0;
    const double turned = atan2((double)s->edges[1], (double)s->edges[0]);
    cnn_scene_signal_begin(&shape.signal, work, &still, CNN_SPLIT_TRAIN, pattern, 3);
    shape.turn = turned - atan2((double)s->edges[1], (double)s->edges[0]);
    cnn_scene_signal_begin(&shape.signal, work, &scene, CNN_SPLIT_TRAIN, pattern, 3);
  }
  double worst = 0.0;
  double sum = 0.0;
  double difference = 0.0;
  for (int32_t y = 0; y < SIDE; y++) {
    int32_t first;
    int32_t last;
    cnn_scene_signal_row(row, &first, &last, &shape.signal, y);
    for (int32_t x = 0; x < SIDE; x++) {
      const double drawn = x >= first && x < last ? row[x] : 0.0;
      const double want = plain_share(&shape, x, y);
      worst = fmax(worst, fabs(drawn - want));
      difference += drawn - want;
      sum += want;
    }
  }
  CHECK(worst < (family == CNN_SCENE_SIGNS ? 0.51 : 0.2),
        "family %d, pattern %d: a pixel off by %.3f", (int)family, (int)pattern, worst);
  CHECK(sum > 500.0 && fabs(difference) < 0.01 * sum, "family %d, pattern %d: %.1f more than %.1f",
        (int)family, (int)pattern, difference, sum);
  free(work);
}

/* The area does not tell the number of corners. */
static void test_areas(void) {
  cnn_scene scene = scene_of(CNN_SCENE_POLYGONS, 255, SIDE, 1);
  scene.radius = 0.4;
  const double want = 0.75 * sqrt(3.0) * (0.4 * SIDE) * (0.4 * SIDE);
  float *work = must_allocate(cnn_scene_signal_floats(&scene) * sizeof(float));
  float row[SIDE];
  for (int32_t k = 0; k < 255; k += k < 8 ? 1 : 41) {
    cnn_scene_signal signal;
    double area = 0.0;
    cnn_scene_signal_begin(&signal, work, &scene, CNN_SPLIT_TRAIN, k, 0);
    for (int32_t y = 0; y < SIDE; y++) {
      int32_t first;
      int32_t last;
      cnn_scene_signal_row(row, &first, &last, &signal, y);
      for (int32_t x = first; x < last; x++) {
        area += row[x];
      }
    }
    CHECK(fabs(area / want - 1.0) < 2e-3, "%d corners: %.1f, want %.1f", (int)k + 3, area, want);
  }
  free(work);
}

/* ---- Signs ------------------------------------------------------------------------------------
 */

/* Marks the unit strokes of a code, each named by its lower end and direction; counts strokes. */
static int32_t mark(uint8_t *steps, uint32_t code, const cnn_stroke *alphabet) {
  int32_t strokes = 0;
  memset(steps, 0, STEPS);
  for (int32_t i = 0; i < CNN_SIGN_ALPHABET; i++) {
    if ((code >> i & 1) == 0) {
      continue;
    }
    const cnn_stroke t = alphabet[i];
    strokes++;
    for (int32_t j = 0; j < t.length; j++) {
      const int32_t x = t.x + j * t.dx;
      const int32_t y = t.y + j * t.dy;
      CHECK(x >= 0 && x < 5 && y >= 0 && y < 5, "off the grid");
      CHECK(x + t.dx >= 0 && x + t.dx < 5 && y + t.dy < 5, "off the grid");
      uint8_t *step = &steps[(t.dy == 0 ? 0 : t.dx + 2) * 25 + y * 5 + x];
      CHECK(*step == 0, "two strokes share a step");
      *step = 1;
    }
  }
  return strokes;
}

/* `least`: what choosing at random does not reach. */
static void test_codes(int32_t count, int32_t seed, int32_t least) {
  cnn_scene scene = scene_of(CNN_SCENE_SIGNS, count, SIDE, 1);
  scene.seed = seed;
  uint32_t codes[255];
  uint32_t fewer[255];
  static uint8_t steps[255][STEPS];
  cnn_stroke alphabet[CNN_SIGN_ALPHABET];
  cnn_sign_alphabet(alphabet, (uint32_t)seed);
  for (int32_t i = 0; i < CNN_SIGN_ALPHABET; i++) {
    for (int32_t j = 0; j < i; j++) {
      CHECK(memcmp(&alphabet[i], &alphabet[j], sizeof alphabet[i]) != 0, "one stroke twice");
    }
  }
  const int32_t reported = cnn_sign_codes(codes, (uint32_t)seed, count);
  int32_t smallest = STEPS;
  for (int32_t a = 0; a < count; a++) {
    const int32_t strokes = mark(steps[a], codes[a], alphabet);
    CHECK(strokes >= 3 && strokes <= 5, "%d strokes", (int)strokes);
    for (int32_t b = 0; b < a; b++) {
      int32_t distance = 0;
      for (int32_t i = 0; i < STEPS; i++) {
        distance += steps[a][i] != steps[b][i];
      }
      smallest = distance < smallest ? distance : smallest;
    }
  }
  CHECK(reported == smallest, "%d signs: %d reported, %d found", (int)count, (int)reported,
        (int)smallest);
  CHECK(reported >= least, "%d signs: only %d apart", (int)count, (int)reported);
  CHECK(cnn_sign_codes(fewer, (uint32_t)seed, count - 1) >= reported, "more signs stand closer");
  CHECK(memcmp(codes, fewer, sizeof *codes * (size_t)(count - 1)) == 0, "a sign is what it was");
  int32_t answer = 0;
  void *work = must_allocate(cnn_scene_work_bytes(&scene));
  CHECK(cnn_scene_sign_distance(&answer, &scene, work) == CNN_OK && answer == reported, "%d",
        (int)answer);
  scene.patterns = count;
  scene.classes = 2;
  CHECK(cnn_scene_sign_distance(&answer, &scene, work) == CNN_OK && answer == reported, "%d",
        (int)answer);
  free(work);
}

/* ---- Hues -------------------------------------------------------------------------------------
 */

/* Luma 128 everywhere within the rounding of three channels, and the declared colour inside. */
static void test_hues(int32_t classes) {
  static uint8_t picture[VALUES * 3];
  static const double luma[3] = {0.299, 0.587, 0.114};
  cnn_scene scene = scene_of(CNN_SCENE_HUES, classes, SIDE, 3);
  scene.noise = 0.0;
  scene.amplitude = 100.0;
  double worst = 0.0;
  double colours[255][3];
  for (int32_t k = 0; k < classes; k++) {
    draw_picture(picture, &scene, SIDE, CNN_SPLIT_TEST, k, k);
    for (int32_t i = 0; i < VALUES; i++) {
      double grey = 0.0;
      for (int32_t c = 0; c < 3; c++) {
        grey += luma[c] * picture[3 * i + c];
      }
      worst = fmax(worst, fabs(grey - 128.0));
    }
    for (int32_t c = 0; c < 3; c++) {
      colours[k][c] = picture[3 * (96 * SIDE + 96) + c];
    }
  }
  CHECK(worst <= 0.501, "luma off by %.3f", worst);
  for (int32_t a = 0; a < classes; a++) {
    for (int32_t b = 0; b < a; b++) {
      double square = 0.0;
      for (int32_t c = 0; c < 3; c++) {
        square += (colours[a][c] - colours[b][c]) * (colours[a][c] - colours[b][c]);
      }
      CHECK(fabs(sqrt(square) - 200.0 * sin(pi * (a - b) / classes)) < sqrt(3.0), "%d and %d: %.2f",
            (int)a, (int)b, sqrt(square));
    }
  }
}

/* ---- Means ------------------------------------------------------------------------------------
 */

/* With noise and clutter on, the mean of many pictures is the noiseless one: nothing else goes with
 * the class. The tolerance is 5 sd of the mean at R = 12, rounding included. */
static void test_mean(int32_t family) {
  enum { COUNT = 80, SMALL = 12, SMALL_VALUES = SMALL * SMALL * 3 };
  cnn_scene scene = scene_of(family, 3, SIDE, 3);
  scene.clutter = 12.0;
  cnn_scene clean = scene;
  clean.noise = 0.0;
  clean.clutter = 0.0;
  uint8_t pixels[SMALL_VALUES];
  uint8_t want[SMALL_VALUES];
  for (int32_t k = 0; k < 3; k++) {
    double sums[SMALL_VALUES] = {0.0};
    double worst = 0.0;
    draw_picture(want, &clean, SMALL, CNN_SPLIT_TRAIN, k, 0);
    for (int32_t i = 0; i < COUNT; i++) {
      draw_picture(pixels, &scene, SMALL, CNN_SPLIT_TRAIN, k, i);
      for (int32_t v = 0; v < SMALL_VALUES; v++) {
        sums[v] += pixels[v];
      }
    }
    for (int32_t v = 0; v < SMALL_VALUES; v++) {
      worst = fmax(worst, fabs(sums[v] / COUNT - want[v]));
    }
    CHECK(worst < 5.0 * sqrt((12.0 * 12.0 + 2.5 * 2.5) / COUNT) + 0.5, "family %d, class %d: %.2f",
          (int)family, (int)k, worst);
  }
}

int main(void) {
  const int32_t patterns[] = {0, 1, 2, 9};
  for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
    test_coverage(CNN_SCENE_POLYGONS, patterns[i], 0.0);
    test_coverage(CNN_SCENE_POLYGONS, patterns[i], 60.0);
    test_coverage(CNN_SCENE_SIGNS, patterns[i], i % 2 == 0 ? 0.0 : 50.0);
  }
  test_coverage(CNN_SCENE_HUES, 1, 0.0);
  test_areas();
  test_codes(2, 1, 20);
  test_codes(26, 2, 9);
  test_codes(255, 1, 5);
  test_codes(255, 2147483647, 5);
  test_hues(5);
  test_hues(40);
  test_mean(CNN_SCENE_SIGNS);
  test_mean(CNN_SCENE_POLYGONS);
  test_mean(CNN_SCENE_HUES);
  return check_finish("test_scene_shapes");
}
