/* Looking inside: every layer's values, class maps, occlusion, judgements and confusion against
 * plain loops over the layers before them, and all of it without a trace in the run. */
#include "cnn.h"

#include "rig.h"
#include "trainer_state.h"

#include "conv.h"

enum { CASES = 8, TRAIN = 23, VALIDATION = 11, MOST_VALUES = 4096 };

/* Every head, norm and pool, both kinds of padding, kernel and stride, no blocks at all. */
static cnn_config config_of(int i) {
  cnn_config c = cnn_config_default();
  c.resolution = 12;
  c.classes = 3;
  c.filters = 5;
  c.batch = 8;
  c.epochs = 3;
  c.seed = 31 + i;
  switch (i) {
  case 1:
    c.blocks = 2;
    c.channels = 3;
    c.kernel = 5;
    c.padding = CNN_PADDING_SAME;
    c.norm = CNN_NORM_BATCH;
    c.filters2 = 4;
    c.norm2 = CNN_NORM_LAYER;
    c.pool2 = CNN_POOL_AVERAGE2;
    c.head = CNN_HEAD_GRID;
    c.grid = 1;
    break;
  case 2:
    c.padding = CNN_PADDING_SAME;
    c.stride = 2;
    c.pool = CNN_POOL_NONE;
    c.head = CNN_HEAD_GRID;
    c.grid = 4; /* does not divide 6: cells overlap */
    c.dropout = 0.4;
    break;
  case 3:
    c.blocks = 0;
    c.hidden = 7;
    break;
  case 4:
    c.blocks = 2;
    c.kernel2 = 3;
    c.filters2 = 6;
    c.pool2 = CNN_POOL_NONE;
    c.head = CNN_HEAD_ATTENTION;
    c.classes = 2;
    c.output = CNN_OUTPUT_SIGMOID;
    break;
  case 5:
    c.pool = CNN_POOL_AVERAGE2;
    c.head = CNN_HEAD_GLOBAL_MAX;
    c.scaling = CNN_SCALING_UNIT;
    break;
  case 6:
    c.norm = CNN_NORM_BATCH;
    c.head = CNN_HEAD_GLOBAL_AVERAGE;
    c.classes = 2;
    c.output = CNN_OUTPUT_SIGMOID;
    break;
  case 7:
    c.head = CNN_HEAD_GLOBAL_AVERAGE;
    c.hidden = 9;
    c.dropout = 0.2;
    c.shift = 1;
    break;
  default:
    break;
  }
  return c;
}

/* After two epochs, so that moving averages, biases and the query are not what they began as. */
static rig trained_rig(int i) {
  const cnn_config config = config_of(i);
  rig r = rig_new(&config, TRAIN, VALIDATION, 700);
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run");
  CHECK(cnn_trainer_run(r.trainer, INT64_MAX) == CNN_OK, "run");
  return r;
}

static const uint8_t *picture(const rig *r, int i) {
  return r->validation.pixels + (size_t)i * rig_values(&r->config);
}

/* Floats that were summed in another order, or in double. */
static int close_to(double value, double want) {
  return fabs(value - want) <= 2e-5 * (1.0 + fabs(want));
}

/* ---- Activations ----------------------------------------------------------------------------- */

/* One layer's values, in exactly as much memory as the layer has. */
static void values_of(float *values, rig *r, int image, int32_t number, const cnn_layer *layer) {
  const size_t count = (size_t)layer->side * (size_t)layer->side * (size_t)layer->channels;
  guarded g = guarded_floats(count, 0);
  CHECK(cnn_trainer_activations(guarded_float(&g), r->trainer, picture(r, image), number) == CNN_OK,
        "activations of layer %d", number);
  CHECK(count <= MOST_VALUES, "%zu values", count);
  memcpy(values, guarded_float(&g), count * sizeof(float));
  CHECK(guarded_end(&g), "layer %d: wrote outside", number);
}

static void want_conv(double *want, const float *in, const rig *r, int32_t b) {
  const cnn_network_block *block = &r->trainer->network.blocks[b];
  const cnn_conv_shape s = block->conv;
  const float *w = r->trainer->parameters + block->kernel;
  for (size_t unit = 0; unit < block->positions * s.filters; unit++) {
    const size_t f = unit % s.filters, y = unit / s.filters / s.conv_side,
                 x = unit / s.filters % s.conv_side;
    double sum = r->trainer->parameters[(size_t)block->bias + f];
    for (size_t tap = 0; tap < s.kernel * s.kernel * s.channels; tap++) {
      const size_t c = tap % s.channels, row = y * s.stride + tap / s.channels / s.kernel,
                   column = x * s.stride + tap / s.channels % s.kernel;
      if (row >= s.before && row - s.before < s.in_side && column >= s.before &&
          column - s.before < s.in_side) {
        const size_t at = (row - s.before) * s.in_side + column - s.before;
        sum += (double)w[tap * s.filters + f] * (double)in[at * s.channels + c];
      }
    }
    want[unit] = sum;
  }
}

static void want_norm(double *want, const float *in, const rig *r, int32_t b) {
  const cnn_network_block *block = &r->trainer->network.blocks[b];
  const size_t filters = block->conv.filters;
  const float *p = r->trainer->parameters, *s = r->trainer->statistics;
  for (size_t unit = 0; unit < block->positions * filters; unit++) {
    const size_t f = unit % filters, first = unit - f;
    double mean = 0.0, variance = 0.0;
    if (block->norm == CNN_NORM_BATCH) {
      mean = s[(size_t)block->moving_mean + f];
      variance = s[(size_t)block->moving_variance + f];
    } else {
      for (size_t j = 0; j < filters; j++) {
        mean += in[first + j] / (double)filters;
      }
      for (size_t j = 0; j < filters; j++) {
        variance += (in[first + j] - mean) * (in[first + j] - mean) / (double)filters;
      }
    }
    want[unit] = p[(size_t)block->gamma + f] * (in[unit] - mean) / sqrt(variance + 1e-3) +
                 p[(size_t)block->beta + f];
  }
}

static void want_pool(double *want, const float *in, const rig *r, int32_t b) {
  const cnn_conv_shape s = r->trainer->network.blocks[b].conv;
  for (size_t unit = 0; unit < s.out_side * s.out_side * s.filters; unit++) {
    const size_t f = unit % s.filters, y = unit / s.filters / s.out_side,
                 x = unit / s.filters % s.out_side;
    float cell[4], best = 0.0f;
    for (size_t i = 0; i < 4; i++) {
      cell[i] = in[((2 * y + i / 2) * s.conv_side + 2 * x + i % 2) * s.filters + f];
      best = cell[i] > best ? cell[i] : best;
    }
    const float mean = ((cell[0] + cell[1]) + (cell[2] + cell[3])) / 4.0f;
    want[unit] = s.pool == CNN_POOL_MAX2 ? best : mean;
  }
}

/* Weights of the positions. */
static void want_attention(double *weights, const float *map, const rig *r) {
  const cnn_network *n = &r->trainer->network;
  const size_t positions = n->map_side * n->map_side;
  double total = 0.0;
  for (size_t p = 0; p < positions; p++) {
    double score = 0.0;
    for (size_t f = 0; f < n->map_channels; f++) {
      score += (double)r->trainer->parameters[(size_t)n->query + f] *
               (double)map[p * n->map_channels + f];
    }
    weights[p] = exp(score);
    total += weights[p];
  }
  for (size_t p = 0; p < positions; p++) {
    weights[p] /= total;
  }
}

/* Whether position p of the map lies in cell `cell` of the grid; *area is the cell's. */
static int in_cell(double *area, const cnn_network *n, size_t cell, size_t p) {
  const double side = (double)n->map_side, grid = (double)n->grid;
  const double i = (double)(cell / n->grid), j = (double)(cell % n->grid);
  const double y = (double)(p / n->map_side), x = (double)(p % n->map_side);
  const double top = floor(i * side / grid), bottom = ceil((i + 1.0) * side / grid);
  const double left = floor(j * side / grid), right = ceil((j + 1.0) * side / grid);
  *area = (bottom - top) * (right - left);
  return y >= top && y < bottom && x >= left && x < right;
}

/* By how much the head makes feature d of position p's value of filter f. */
static double share_of(const rig *r, const float *map, size_t d, size_t p, size_t f) {
  const cnn_network *n = &r->trainer->network;
  const size_t filters = n->map_channels, positions = n->map_side * n->map_side;
  double area = 1.0;
  switch (n->head) {
  case CNN_HEAD_FLATTEN:
    return d == p * filters + f;
  case CNN_HEAD_GLOBAL_AVERAGE:
    return d == f ? 1.0 / (double)positions : 0.0;
  case CNN_HEAD_GRID:
    return d % filters == f && in_cell(&area, n, d / filters, p) ? 1.0 / area : 0.0;
  default:
    break;
  }
  if (d != f) {
    return 0.0;
  }
  for (size_t q = 0; q < positions; q++) { /* global max: the first of the largest */
    const float other = map[q * filters + f], here = map[p * filters + f];
    if (other > here || (other == here && q < p)) {
      return 0.0;
    }
  }
  return 1.0;
}

static void want_head(double *want, const float *map, const rig *r) {
  const cnn_network *n = &r->trainer->network;
  const size_t positions = n->map_side * n->map_side, filters = n->map_channels;
  double weights[MOST_VALUES];
  want_attention(weights, map, r);
  for (size_t d = 0; d < n->features; d++) {
    want[d] = 0.0;
    for (size_t i = 0; i < positions * filters; i++) {
      const double share = n->head == CNN_HEAD_ATTENTION
                               ? (i % filters == d ? weights[i / filters] : 0.0)
                               : share_of(r, map, d, i / filters, i % filters);
      want[d] += share * (double)map[i];
    }
  }
}

static void want_dense(double *want, const float *in, const rig *r, int32_t kind) {
  const cnn_network *n = &r->trainer->network;
  const int hidden = kind == CNN_LAYER_HIDDEN;
  const size_t inputs = hidden ? n->features : n->dense_inputs;
  const size_t outputs = hidden ? n->hidden : n->outputs;
  const float *w = r->trainer->parameters + (hidden ? n->hidden_kernel : n->dense_kernel);
  const float *bias = r->trainer->parameters + (hidden ? n->hidden_bias : n->dense_bias);
  for (size_t j = 0; j < outputs; j++) {
    want[j] = bias[j];
    for (size_t d = 0; d < inputs; d++) {
      want[j] += (double)in[d] * (double)w[d * outputs + j];
    }
    want[j] = hidden ? fmax(want[j], 0.0) : want[j];
  }
}

static void want_probabilities(double *want, const float *logits, size_t outputs) {
  double total = 0.0;
  if (outputs == 1) {
    want[1] = 1.0 / (1.0 + exp(-(double)logits[0]));
    want[0] = 1.0 - want[1];
    return;
  }
  for (size_t j = 0; j < outputs; j++) {
    want[j] = exp((double)logits[j]);
    total += want[j];
  }
  for (size_t j = 0; j < outputs; j++) {
    want[j] /= total;
  }
}

static void want_layer(double *want, const float *in, const rig *r, const cnn_layer *layer,
                       size_t count, int image) {
  switch (layer->kind) {
  case CNN_LAYER_INPUT:
    for (size_t i = 0; i < count; i++) {
      want[i] = r->trainer->scaling[picture(r, image)[i]];
    }
    break;
  case CNN_LAYER_CONV:
    want_conv(want, in, r, layer->block - 1);
    break;
  case CNN_LAYER_NORM:
    want_norm(want, in, r, layer->block - 1);
    break;
  case CNN_LAYER_RELU:
    for (size_t i = 0; i < count; i++) {
      want[i] = in[i] > 0.0f ? (double)in[i] : 0.0;
    }
    break;
  case CNN_LAYER_POOL:
    want_pool(want, in, r, layer->block - 1);
    break;
  case CNN_LAYER_HEAD:
    want_head(want, in, r);
    break;
  case CNN_LAYER_PROBABILITIES:
    want_probabilities(want, in, r->trainer->network.outputs);
    break;
  default:
    want_dense(want, in, r, layer->kind);
    break;
  }
}

static int is_exact(const rig *r, const cnn_layer *layer) {
  const cnn_network *n = &r->trainer->network;
  return layer->kind == CNN_LAYER_INPUT || layer->kind == CNN_LAYER_RELU ||
         (layer->kind == CNN_LAYER_POOL && !n->blocks[layer->block - 1].conv.winograd) ||
         (layer->kind == CNN_LAYER_HEAD &&
          (n->head == CNN_HEAD_FLATTEN || n->head == CNN_HEAD_GLOBAL_MAX));
}

/* Each layer is what its formula makes of the layer before it; copies and maxima bit for bit. */
static void check_activations(int index) {
  static float in[MOST_VALUES], out[MOST_VALUES];
  static double want[MOST_VALUES];
  rig r = trained_rig(index);
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count = 0;
  CHECK(cnn_config_layers(layers, &count, &r.config) == CNN_OK && count >= 4, "layers");
  for (int image = 0; image < 3; image++) {
    for (int32_t l = 0; l < count; l++) {
      const size_t values =
          (size_t)layers[l].side * (size_t)layers[l].side * (size_t)layers[l].channels;
      values_of(out, &r, image, l, &layers[l]);
      want_layer(want, in, &r, &layers[l], values, image);
      size_t wrong = 0;
      for (size_t i = 0; i < values; i++) {
        wrong += is_exact(&r, &layers[l]) ? (double)out[i] != want[i] : !close_to(out[i], want[i]);
      }
      CHECK(wrong == 0, "config %d, layer %d of kind %d: %zu of %zu values", index, l,
            layers[l].kind, wrong, values);
      memcpy(in, out, values * sizeof(float));
    }
    float logits[3];
    CHECK(cnn_trainer_logits(logits, r.trainer, picture(&r, image), 1) == CNN_OK, "logits");
    values_of(out, &r, image, count - 2, &layers[count - 2]);
    CHECK(memcmp(logits, out, (size_t)r.plan.outputs * sizeof(float)) == 0,
          "config %d: other logits", index);
  }
  rig_end(&r);
}

/* ---- Class maps ------------------------------------------------------------------------------ */

/* What each position adds to the logit, from the definition of the head; and the sum with the bias
 * is the logit. The last map is read by its layer, so that the two calls check each other. */
static void check_class_map(int index) {
  rig r = trained_rig(index);
  const cnn_network *n = &r.trainer->network;
  const size_t positions = n->map_side * n->map_side, filters = n->map_channels;
  float values[MOST_VALUES], logits[3];
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count = 0, last = 0;
  CHECK(cnn_config_layers(layers, &count, &r.config) == CNN_OK, "layers");
  while (layers[last + 1].kind != CNN_LAYER_HEAD) {
    last++;
  }
  for (int image = 0; image < VALIDATION; image++) {
    values_of(values, &r, image, last, &layers[last]);
    CHECK(cnn_trainer_logits(logits, r.trainer, picture(&r, image), 1) == CNN_OK, "logits");
    for (int32_t k = 0; k < r.config.classes; k++) {
      guarded g = guarded_floats(positions, 0);
      CHECK(cnn_trainer_class_map(guarded_float(&g), r.trainer, picture(&r, image), k) == CNN_OK,
            "class map");
      const int sigmoid = n->outputs == 1;
      const double sign = sigmoid && k == 0 ? -1.0 : 1.0;
      const size_t column = sigmoid ? 0 : (size_t)k;
      double weights[MOST_VALUES], sum = 0.0;
      want_attention(weights, values, &r);
      for (size_t p = 0; p < positions; p++) {
        double want = n->head == CNN_HEAD_ATTENTION ? weights[p] : 0.0;
        for (size_t i = 0; i < n->features * filters && n->head != CNN_HEAD_ATTENTION; i++) {
          const size_t d = i / filters, f = i % filters;
          const double w = r.trainer->parameters[(size_t)n->dense_kernel + d * n->outputs + column];
          want += sign * w * share_of(&r, values, d, p, f) * (double)values[p * filters + f];
        }
        CHECK(close_to(guarded_float(&g)[p], want), "config %d, class %d, position %zu: %g, not %g",
              index, k, p, (double)guarded_float(&g)[p], want);
        sum += guarded_float(&g)[p];
      }
      const double bias = r.trainer->parameters[(size_t)n->dense_bias + column];
      const double whole =
          n->head == CNN_HEAD_ATTENTION ? 1.0 : sign * ((double)logits[column] - bias);
      CHECK(close_to(sum, whole), "config %d, class %d: the map sums to %g, not %g", index, k, sum,
            whole);
      CHECK(guarded_end(&g), "wrote outside");
    }
  }
  rig_end(&r);
}

/* ---- Occlusion ------------------------------------------------------------------------------- */

static double probability(rig *r, const uint8_t *pixels, int32_t class_index) {
  float logits[3];
  double values[3];
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
    check_activations(i);
    if (i != 3 && i != 7) {
      check_class_map(i);
    }
    check_occlusion(i, i % 2 == 0 ? 3 : 4, i % 3 + 1);
    check_judge(i);
    check_no_trace(i);
  }
  check_ties();
  check_refusals();
  return check_finish("inspect");
}
