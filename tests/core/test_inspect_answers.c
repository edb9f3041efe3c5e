/* Looking at what a network answers: occlusion, judgements and confusion, all of it without a trace
 * in the run, and what every inspection refuses. */
#include "inspect_help.h"
#include "trainer_state.h"

/* ---- Occlusion ------------------------------------------------------------------------------- */

static double probability(rig *r, const uint8_t *pixels, int32_t class_index) {
  float logits[3];
  double values[3] = {0};
  CHECK(cnn_trainer_logits(logits, r->trainer, pixels, 1) == CNN_OK, "logits");
  want_probabilities(values, logits, r->trainer->network.outputs);
  return values[class_index];
}

static void check_occlusion(int index, int32_t patch, int32_t stride) {
  rig r = trained_rig(index);
  const size_t side = (size_t)r.config.resolution, channels = (size_t)r.config.channels;
  const int32_t places = (r.config.resolution - patch) / stride + 1, all = places * places;
  uint8_t covered[12 * 12 * 3];
  guarded whole = guarded_floats((size_t)all, 0), part = guarded_floats((size_t)all, 0);
  for (int32_t k = 0; k < r.config.classes; k++) {
    CHECK(cnn_trainer_occlusion(guarded_float(&whole), r.trainer, picture(&r, 1), k, patch, stride,
                                0, all) == CNN_OK,
          "occlusion");
    double largest = 0.0;
    for (int32_t i = 0; i < all; i++) {
      memcpy(covered, picture(&r, 1), side * side * channels);
      for (size_t pixel = 0; pixel < side * side; pixel++) {
        const int32_t y = (int32_t)(pixel / side) - i / places * stride;
        const int32_t x = (int32_t)(pixel % side) - i % places * stride;
        if (y >= 0 && y < patch && x >= 0 && x < patch) {
          memset(covered + pixel * channels, 128, channels);
        }
      }
      const double want = probability(&r, picture(&r, 1), k) - probability(&r, covered, k);
      CHECK(fabs((double)guarded_float(&whole)[i] - want) < 1e-6,
            "config %d, square %d: %g, not %g", index, i, (double)guarded_float(&whole)[i], want);
      largest = fmax(largest, fabs(want));
    }
    CHECK(largest > 1e-4, "config %d: no square matters", index);
    for (int32_t first = 0; first < all; first += 3) {
      const int32_t count = all - first < 3 ? all - first : 3;
      CHECK(cnn_trainer_occlusion(guarded_float(&part) + first, r.trainer, picture(&r, 1), k, patch,
                                  stride, first, count) == CNN_OK,
            "occlusion");
    }
    CHECK(memcmp(guarded_float(&whole), guarded_float(&part), whole.bytes) == 0,
          "config %d: slices differ from the whole", index);
  }
  const int whole_intact = guarded_end(&whole), part_intact = guarded_end(&part);
  CHECK(whole_intact && part_intact, "wrote outside");
  rig_end(&r);
}

/* ---- Judgements ------------------------------------------------------------------------------ */

static void check_judge(int index) {
  rig r = trained_rig(index);
  const size_t outputs = r.trainer->network.outputs, classes = (size_t)r.config.classes;
  cnn_judgement judged[TRAIN];
  float logits[TRAIN * 3];
  int32_t counts[9], want_counts[9] = {0};
  cnn_score score;
  CHECK(cnn_trainer_judge(judged, r.trainer, &r.train) == CNN_OK, "judge");
  CHECK(cnn_trainer_confusion(counts, r.trainer, &r.train) == CNN_OK, "confusion");
  CHECK(cnn_trainer_logits(logits, r.trainer, r.train.pixels, TRAIN) == CNN_OK, "logits");
  CHECK(cnn_trainer_evaluate(&score, r.trainer, &r.train) == CNN_OK, "evaluate");
  double sum = 0.0;
  int32_t right = 0;
  for (size_t i = 0; i < TRAIN; i++) {
    double p[3];
    const size_t label = r.train.labels[i];
    want_probabilities(p, logits + i * outputs, outputs);
    size_t best = 0;
    for (size_t j = 1; j < classes; j++) {
      best = p[j] > p[best] ? j : best;
    }
    CHECK((size_t)judged[i].predicted == best, "config %d, image %zu: class %d", index, i,
          judged[i].predicted);
    CHECK(close_to(judged[i].confidence, p[best]), "config %d, image %zu: confidence %g", index, i,
          (double)judged[i].confidence);
    CHECK(close_to(judged[i].loss, -log(p[label])), "config %d, image %zu: loss %g", index, i,
          judged[i].loss);
    want_counts[label * classes + best]++;
    sum += judged[i].loss;
    right += best == label;
  }
  CHECK(fabs(sum / TRAIN - score.loss) < 1e-12 && right == score.correct,
        "config %d: judged otherwise than evaluated", index);
  CHECK(memcmp(counts, want_counts, classes * classes * sizeof counts[0]) == 0,
        "config %d: confusion", index);
  rig_end(&r);
}

/* Of equal logits the first class is the answer; a logit of zero is class 0. */
static void check_ties(void) {
  for (int index = 0; index < CASES; index += 6) {
    rig r = trained_rig(index);
    memset(cnn_trainer_parameters(r.trainer), 0, (size_t)r.plan.parameters * sizeof(float));
    cnn_judgement judged[VALIDATION];
    CHECK(cnn_trainer_judge(judged, r.trainer, &r.validation) == CNN_OK, "judge");
    for (int i = 0; i < VALIDATION; i++) {
      CHECK(judged[i].predicted == 0 && close_to(judged[i].confidence, 1.0 / r.config.classes),
            "a tie goes to %d", judged[i].predicted);
    }
    rig_end(&r);
  }
}

/* ---- No trace, and refusals ------------------------------------------------------------------ */

static void inspect_all(rig *r) {
  float values[MOST_VALUES];
  cnn_judgement judged[TRAIN];
  int32_t counts[9], count = 0;
  cnn_layer layers[CNN_MAX_LAYERS];
  CHECK(cnn_config_layers(layers, &count, &r->config) == CNN_OK, "layers");
  for (int32_t l = 0; l < count; l++) {
    values_of(values, r, 2, l, &layers[l]);
  }
  (void)cnn_trainer_class_map(values, r->trainer, picture(r, 3), 1);
  CHECK(cnn_trainer_occlusion(values, r->trainer, picture(r, 0), 0, 5, 3, 0, 9) == CNN_OK,
        "occlusion");
  CHECK(cnn_trainer_judge(judged, r->trainer, &r->train) == CNN_OK, "judge");
  CHECK(cnn_trainer_confusion(counts, r->trainer, &r->validation) == CNN_OK, "confusion");
}

static void check_no_trace(int index) {
  const cnn_config config = config_of(index);
  rig plain = rig_new(&config, TRAIN, VALIDATION, 701);
  rig looked = rig_new(&config, TRAIN, VALIDATION, 701);
  const size_t bytes = (size_t)plain.plan.parameters * sizeof(float);
  CHECK(rig_run(&plain, INT64_MAX) == CNN_OK, "run");
  inspect_all(&looked);
  while (rig_progress(&looked).phase != CNN_PHASE_FINISHED) {
    CHECK(cnn_trainer_run(looked.trainer, INT64_MAX) == CNN_OK, "run");
    guarded gradients = guarded_new(GUARD_BYTES, bytes, 0);
    memcpy(guarded_byte(&gradients), cnn_trainer_gradients(looked.trainer), bytes);
    inspect_all(&looked);
    CHECK(memcmp(guarded_byte(&gradients), cnn_trainer_gradients(looked.trainer), bytes) == 0,
          "config %d: looking changed the gradients", index);
    (void)guarded_end(&gradients);
  }
  CHECK(rig_fingerprint(&plain) == rig_fingerprint(&looked), "config %d: looking changed the run",
        index);
  CHECK(rig_progress(&plain).step == rig_progress(&looked).step, "config %d: steps", index);
  rig_end(&plain);
  rig_end(&looked);
}

/* The five calls with these arguments all return `want`. */
static void all_return(cnn_status want, rig *r, const char *why) {
  float values[MOST_VALUES];
  cnn_judgement judged[TRAIN];
  int32_t counts[9], count = 0;
  cnn_layer layers[CNN_MAX_LAYERS];
  (void)cnn_config_layers(layers, &count, &r->config);
  const cnn_status got[] = {
      cnn_trainer_activations(values, r->trainer, picture(r, 0), count - 1),
      cnn_trainer_occlusion(values, r->trainer, picture(r, 0), 0, 2, 1, 0, 1),
      cnn_trainer_judge(judged, r->trainer, &r->validation),
      cnn_trainer_confusion(counts, r->trainer, &r->validation),
      want == CNN_ERROR_BUSY ? cnn_trainer_class_map(values, r->trainer, picture(r, 0), 0) : want};
  for (size_t i = 0; i < sizeof got / sizeof got[0]; i++) {
    CHECK(got[i] == want, "%s: call %zu says \"%s\"", why, i, cnn_status_text(got[i]));
  }
}

static void check_refusals(void) {
  rig r = trained_rig(0);
  const uint8_t *pixels = picture(&r, 0);
  float values[MOST_VALUES];
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count = 0;
  cnn_judgement judged[VALIDATION];
  CHECK(cnn_config_layers(layers, &count, &r.config) == CNN_OK, "layers");
  const cnn_status wrong[] = {
      cnn_trainer_activations(NULL, r.trainer, pixels, 0),
      cnn_trainer_activations(values, NULL, pixels, 0),
      cnn_trainer_activations(values, r.trainer, NULL, 0),
      cnn_trainer_activations(values, r.trainer, pixels, -1),
      cnn_trainer_activations(values, r.trainer, pixels, count),
      cnn_trainer_class_map(NULL, r.trainer, pixels, 0),
      cnn_trainer_class_map(values, r.trainer, pixels, -1),
      cnn_trainer_class_map(values, r.trainer, pixels, 3),
      cnn_trainer_occlusion(NULL, r.trainer, pixels, 0, 3, 1, 0, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 3, 3, 1, 0, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, -1, 3, 1, 0, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 0, 1, 0, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 13, 1, 0, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 3, 0, 0, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 3, 1, -1, 1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 3, 1, 0, -1),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 3, 1, 99, 2),
      cnn_trainer_occlusion(values, r.trainer, pixels, 0, 3, 1, 2147483647, 2147483647),
      cnn_trainer_judge(NULL, r.trainer, &r.validation),
      cnn_trainer_judge(judged, r.trainer, NULL),
      cnn_trainer_confusion(NULL, r.trainer, &r.validation)};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK(wrong[i] == CNN_ERROR_ARGUMENT, "call %zu says \"%s\"", i, cnn_status_text(wrong[i]));
  }
  CHECK(cnn_trainer_occlusion(values, r.trainer, pixels, 0, 3, 1, 99, 1) == CNN_OK, "last square");
  CHECK(cnn_trainer_occlusion(values, r.trainer, pixels, 0, 12, 1, 0, 1) == CNN_OK,
        "whole picture");
  const cnn_images none = {r.validation.pixels, r.validation.labels, 0};
  CHECK(cnn_trainer_judge(judged, r.trainer, &none) == CNN_ERROR_EMPTY, "no images");
  guarded_byte(&r.validation_labels)[1] = 3;
  CHECK(cnn_trainer_judge(judged, r.trainer, &r.validation) == CNN_ERROR_LABEL, "a false label");
  guarded_byte(&r.validation_labels)[1] = 2;
  for (int index = 3; index <= 7; index += 4) {
    rig hidden = trained_rig(index);
    CHECK(cnn_trainer_class_map(values, hidden.trainer, picture(&hidden, 0), 0) == CNN_ERROR_CONFIG,
          "config %d has a class map", index);
    rig_end(&hidden);
  }
  CHECK(cnn_trainer_run(r.trainer, 1) == CNN_OK, "run");
  all_return(CNN_ERROR_BUSY, &r, "mid-epoch");
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run");
  cnn_trainer_parameters(r.trainer)[r.plan.parameters - 2] = INFINITY;
  all_return(CNN_ERROR_NOT_FINITE, &r, "an infinite bias");
  rig_end(&r);
}

int main(void) {
  for (int i = 0; i < CASES; i++) {
    check_occlusion(i, i % 2 == 0 ? 3 : 4, i % 3 + 1);
    check_judge(i);
    check_no_trace(i);
  }
  check_ties();
  check_refusals();
  return check_finish("inspect answers");
}
