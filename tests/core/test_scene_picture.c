/* Noise and averaging: one scene, many sizes. The drawn R x R picture is the exact area average of
 * the reference picture; noise has the promised mean, sd and whiteness at every R; a picture
 * depends on (seed, split, class, index) and on nothing else. */
#include "check.h"
#include "scene_help.h"

enum { LARGEST = 256 * 256 * 3 };

static void test_area_average(void) {
  static uint8_t reference_picture[LARGEST];
  static uint8_t drawn[LARGEST];
  static uint8_t averaged[LARGEST];
  for (int32_t family = CNN_SCENE_STRIPED_BALL; family <= CNN_SCENE_TEXTURES; family++) {
    for (int32_t reference = 192; reference <= 256; reference += 64) {
      for (int32_t channels = 1; channels <= 3; channels += 2) {
        cnn_scene scene = scene_of(family, 5, reference, channels);
        scene.amplitude = 127.0; /* so that clamping happens */
        draw_picture(reference_picture, &scene, reference, CNN_SPLIT_TEST, 2, 7);
        for (int32_t side = 4; side < reference; side++) {
          if (reference % side != 0) {
            continue;
          }
          draw_picture(drawn, &scene, side, CNN_SPLIT_TEST, 2, 7);
          cnn_image_resize(averaged, reference_picture, side, reference, channels);
          CHECK(memcmp(drawn, averaged, (size_t)(side * side * channels)) == 0,
                "family %d, %d -> %d, %d channels", (int)family, (int)reference, (int)side,
                (int)channels);
        }
      }
    }
  }
}

/* White pictures (all 255) and black ones at every R: the largest sums of the average. */
static void test_white(void) {
  static uint8_t drawn[LARGEST];
  cnn_scene scene = scene_of(CNN_SCENE_TEXTURES, 2, 256, 1);
  scene.noise = 0.0;
  scene.radius = 0.0;
  scene.amplitude = 127.0;
  scene.gratings = 4;
  scene.frequency_low = 0.5; /* wide lobes: blocks of pure white and pure black */
  scene.frequency_high = 0.5;
  int white = 0;
  int black = 0;
  for (int32_t index = 0; index < 4; index++) {
    draw_picture(drawn, &scene, 4, CNN_SPLIT_TRAIN, 0, index);
    for (int32_t i = 0; i < 16; i++) {
      white += drawn[i] == 255;
      black += drawn[i] == 0;
    }
  }
  CHECK(white > 0 && black > 0, "%d white, %d black", white, black);
}

/* Sums over pictures of grey noise (templates of norm 0). */
typedef struct {
  double count;
  double sum;
  double square;
  double next_x; /* products with the right neighbour, the lower one, the next picture */
  double next_y;
  double next_picture;
} moments;

static void add_picture(moments *m, const uint8_t *picture, const uint8_t *other, int32_t side) {
  for (int32_t y = 0; y < side; y++) {
    for (int32_t x = 0; x < side; x++) {
      const double value = picture[y * side + x] - 128.0;
      m->count += 1.0;
      m->sum += value;
      m->square += value * value;
      m->next_picture += value * (other[y * side + x] - 128.0);
      if (x + 1 < side && y + 1 < side) {
        m->next_x += value * (picture[y * side + x + 1] - 128.0);
        m->next_y += value * (picture[(y + 1) * side + x] - 128.0);
      }
    }
  }
}

/* The tolerance is 5 sd of each estimate. Rounding half up of sums with `area` equally likely
 * remainders lifts the mean by 1/(2 area). */
static void test_noise(int32_t side) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 2, 192, 1);
  scene.snr = 0.0;
  const int32_t values = side * side;
  const int32_t pictures = 40000 / values + 2;
  const double area = (192.0 / side) * (192.0 / side);
  const double variance = (40.0 * side / 192.0) * (40.0 * side / 192.0) + 1.0 / 12.0;
  const double lift = side == 192 ? 0.0 : 0.5 / area;
  uint8_t *set = must_allocate((size_t)(pictures * values));
  uint8_t *labels = must_allocate((size_t)pictures);
  draw_set(set, labels, &scene, side, CNN_SPLIT_TRAIN, 0, pictures);
  moments m = {0};
  for (int32_t j = 0; j + 1 < pictures; j++) {
    add_picture(&m, set + (size_t)(j * values), set + (size_t)((j + 1) * values), side);
  }
  const double mean = m.sum / m.count;
  const double sd = sqrt(m.square / m.count - mean * mean);
  const double tolerance = 5.0 / sqrt(m.count);
  CHECK(fabs(mean - lift) < tolerance * sqrt(variance), "R %d: mean %.4f, want %.4f", (int)side,
        mean, lift);
  CHECK(fabs(sd / sqrt(variance) - 1.0) < tolerance / sqrt(2.0), "R %d: sd %.4f, want %.4f",
        (int)side, sd, sqrt(variance));
  const double square = mean * mean;
  CHECK(fabs(m.next_x / m.count - square) < 1.3 * tolerance * variance, "R %d: neighbours %.4f",
        (int)side, m.next_x / m.count / variance);
  CHECK(fabs(m.next_y / m.count - square) < 1.3 * tolerance * variance, "R %d: rows %.4f",
        (int)side, m.next_y / m.count / variance);
  CHECK(fabs(m.next_picture / m.count - square) < 1.3 * tolerance * variance, "R %d: pictures %.4f",
        (int)side, m.next_picture / m.count / variance);
  free(labels);
  free(set);
}

/* Correlation of the grey-noise parts of two pictures; within 5/sqrt(n) when independent. */
static double correlation(const uint8_t *a, const uint8_t *b, int32_t count, int32_t stride) {
  double sum_a = 0.0;
  double sum_b = 0.0;
  double product = 0.0;
  double square_a = 0.0;
  double square_b = 0.0;
  for (int32_t i = 0; i < count; i++) {
    const double x = a[i * stride];
    const double y = b[i * stride];
    sum_a += x;
    sum_b += y;
    product += x * y;
    square_a += x * x;
    square_b += y * y;
  }
  const double covariance = product - sum_a * sum_b / count;
  return covariance / sqrt((square_a - sum_a * sum_a / count) * (square_b - sum_b * sum_b / count));
}

/* Changing any one part of (seed, split, class, index), or the channel, gives fresh noise. */
static void test_independent_noise(void) {
  enum { SIDE = 192, COUNT = SIDE * SIDE };
  static uint8_t first[COUNT];
  static uint8_t other[COUNT];
  static uint8_t colour[COUNT * 3];
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, 5, SIDE, 1);
  scene.snr = 0.0;
  const double limit = 5.0 / sqrt(COUNT);
  draw_picture(first, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 1);
  draw_picture(other, &scene, SIDE, CNN_SPLIT_TEST, 1, 1);
  CHECK(fabs(correlation(first, other, COUNT, 1)) < limit, "train and test");
  draw_picture(other, &scene, SIDE, CNN_SPLIT_TRAIN, 2, 1);
  CHECK(fabs(correlation(first, other, COUNT, 1)) < limit, "two classes");
  draw_picture(other, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 2);
  CHECK(fabs(correlation(first, other, COUNT, 1)) < limit, "two indices");
  scene.seed = 2;
  draw_picture(other, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 1);
  CHECK(fabs(correlation(first, other, COUNT, 1)) < limit, "two seeds");
  scene.channels = 3;
  draw_picture(colour, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 1);
  CHECK(fabs(correlation(colour, colour + 1, COUNT, 3)) < limit, "channels 0 and 1");
  CHECK(fabs(correlation(colour + 1, colour + 2, COUNT, 3)) < limit, "channels 1 and 2");
}

/* The same picture again, from other scratch; and whatever K is, where K is no part of the rule. */
static void test_pure(void) {
  enum { SIDE = 48, COUNT = SIDE * SIDE };
  static uint8_t first[COUNT];
  static uint8_t again[COUNT];
  for (int32_t family = 0; family <= 3; family++) {
    cnn_scene scene = scene_of(family, 4, 192, 1);
    draw_picture(first, &scene, SIDE, CNN_SPLIT_TRAIN, 2, 3);
    uint8_t *work = must_allocate(cnn_scene_work_bytes(&scene));
    cnn_scene_draw(again, &scene, SIDE, CNN_SPLIT_TRAIN, 1, 9, work); /* leaves its traces */
    cnn_scene_draw(again, &scene, SIDE, CNN_SPLIT_TRAIN, 2, 3, work);
    CHECK(memcmp(first, again, COUNT) == 0, "family %d: reused scratch", (int)family);
    free(work);
    scene.classes = 7;
    draw_picture(again, &scene, SIDE, CNN_SPLIT_TRAIN, 2, 3);
    CHECK((memcmp(first, again, COUNT) == 0) == (family != CNN_SCENE_STRIPED_BALL),
          "family %d: K is part of the rule for S only", (int)family);
    scene.classes = 4;
    scene.label_noise = 1.0;
    scene.shuffle_test_labels = 1;
    draw_picture(again, &scene, SIDE, CNN_SPLIT_TRAIN, 2, 3);
    CHECK(memcmp(first, again, COUNT) == 0, "family %d: labels do not move pictures", (int)family);
  }
}

int main(void) {
  test_area_average();
  test_white();
  const int32_t sides[] = {8, 12, 24, 48, 64, 96, 192};
  for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
    test_noise(sides[i]);
  }
  test_independent_noise();
  test_pure();
  return check_finish("test_scene_picture");
}
