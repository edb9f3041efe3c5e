/* Looking inside: every layer's values and the class maps, against plain loops over the layers
 * before them. */
#include "inspect_help.h"
#include "trainer_state.h"

#include "conv.h"

/* ---- Activations ----------------------------------------------------------------------------- */

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

int main(void) {
  for (int i = 0; i < CASES; i++) {
    check_activations(i);
    if (i != 3 && i != 7) {
      check_class_map(i);
    }
  }
  return check_finish("inspect");
}
