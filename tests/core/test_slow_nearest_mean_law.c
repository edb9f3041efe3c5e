/* The closed-form line of the nearest class mean with few samples, two template classes:
 * accuracy = Phi((s/sqrt 2) / sqrt((1 + D/(n s^2)) (1 + 1/(2n)))), D = R^2 inputs, n training
 * pictures per class, s = |difference of the noiseless pictures| / (sqrt 2 * noise sd), all at R.
 * One seed misses by chance, so the mean of 20 seeds is compared. Optimised builds only. */
#include "check.h"
#include "scene_laws.h"

enum { REFERENCE = 192, SEEDS = 20, PER_CLASS = 20, TEST_COUNT = 1000, CLASSES = 2 };
static const int32_t sides[] = {8, 16, 32, 64, 96};
enum { SIDES = sizeof sides / sizeof sides[0] };

static double law(double s, int32_t side) {
  const double inputs = side * side;
  const double n = PER_CLASS;
  return normal_cdf(s / sqrt(2.0) / sqrt((1.0 + inputs / (n * s * s)) * (1.0 + 1.0 / (2.0 * n))));
}

static void add_seed(int32_t *correct, const cnn_scene *scene, int32_t side) {
  const int32_t train_count = CLASSES * PER_CLASS;
  const int32_t values = side * side;
  uint8_t train_labels[CLASSES * PER_CLASS];
  uint8_t test_labels[TEST_COUNT];
  uint8_t *train = must_allocate((size_t)(train_count * values));
  uint8_t *test = must_allocate((size_t)(TEST_COUNT * values));
  double *means = must_allocate((size_t)(CLASSES * values + CLASSES) * sizeof(double));
  draw_set(train, train_labels, scene, side, CNN_SPLIT_TRAIN, 0, train_count);
  draw_set(test, test_labels, scene, side, CNN_SPLIT_TEST, 0, TEST_COUNT);
  const cnn_images train_set = {train, train_labels, train_count};
  const cnn_images test_set = {test, test_labels, TEST_COUNT};
  cnn_score score = {0};
  CHECK(cnn_nearest_mean(&score, &train_set, &test_set, means, CLASSES, values) == CNN_OK,
        "side %d", (int)side);
  *correct += score.correct;
  free(means);
  free(test);
  free(train);
}

int main(void) {
  cnn_scene scene = scene_of(CNN_SCENE_TEMPLATES, CLASSES, REFERENCE, 1);
  scene.band_low = 0;
  scene.band_width = 8;
  scene.snr = 4.0;
  scene.noise = 40.0;
  for (int32_t i = 0; i < SIDES; i++) {
    int32_t correct = 0;
    for (int32_t seed = 1; seed <= SEEDS; seed++) {
      scene.seed = seed;
      add_seed(&correct, &scene, sides[i]);
    }
    scene.seed = 1; /* s does not depend on the seed: signs are common to both classes */
    const double s = strength_of(&scene, sides[i]);
    const double expected = law(s, sides[i]);
    const double measured = correct / (double)(SEEDS * TEST_COUNT);
    printf("R = %2d: s = %.3f, law %.3f, measured %.4f\n", (int)sides[i], s, expected, measured);
    CHECK(fabs(measured - expected) <= 0.02, "side %d", (int)sides[i]);
    CHECK(sides[i] != 8 || fabs(s - 3.255) < 5e-4, "s = %.4f at side 8", s);
  }
  return check_finish("test_slow_nearest_mean_law");
}
