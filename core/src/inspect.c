/* Looking inside a trained network: what each layer says of one image, and where in it the evidence
 * for a class lies. Batches of one image that do not learn: only the batch's scratch changes. */
#include <string.h>

#include "dense.h"
#include "head.h"
#include "loss.h"
#include "trainer_state.h"

/* What covers the picture in an occlusion map: the middle of the grey levels. */
enum { OCCLUSION_GREY = 128 };

static cnn_status check(const void *out, const cnn_trainer *t, const void *in) {
  if (out == NULL || t == NULL || in == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  return cnn_trainer_is_busy(t) ? CNN_ERROR_BUSY : CNN_OK;
}

/* The maps, features and logits of one image, left behind in the trainer. */
static cnn_status see(cnn_trainer *t, const uint8_t *pixels) {
  const cnn_images one = {pixels, NULL, 1};
  cnn_batch_begin(t, &one, NULL, 0, 1, 0);
  return cnn_batch_finish(t);
}

/* Probability of a class after `see`; CNN_ERROR_NOT_FINITE if there is none. */
static cnn_status probabilities(float *values, const cnn_trainer *t) {
  for (size_t j = 0; j < t->network.outputs; j++) {
    if (t->logits[j] - t->logits[j] != 0.0f) {
      return CNN_ERROR_NOT_FINITE;
    }
  }
  cnn_probabilities(values, t->logits, t->network.outputs);
  return CNN_OK;
}

/* ---- Activations ----------------------------------------------------------------------------- */

/* Convolution, norm or ReLU of a block, [conv_side][conv_side][F], computed once more from the
 * block's input, because a fused block keeps none of them. */
static void block_values(float *values, cnn_trainer *t, int32_t b, int32_t kind) {
  const cnn_network_block *block = &t->network.blocks[b];
  const size_t count = block->positions * block->conv.filters;
  cnn_conv_pack_direct(t->blocks[b].panels, t->parameters + block->kernel,
                       t->parameters + block->bias, block->conv);
  cnn_conv_linear(values, cnn_batch_input(t, b, 0), t->blocks[b].panels, block->conv);
  if (kind != CNN_LAYER_CONV) {
    cnn_batch_normalise(values, t, b, values);
  }
  if (kind == CNN_LAYER_RELU) {
    cnn_dense_relu(values, count);
  }
}

static cnn_status layer_values(float *values, cnn_trainer *t, const uint8_t *pixels,
                               const cnn_layer *layer) {
  const cnn_network *n = &t->network;
  switch (layer->kind) {
  case CNN_LAYER_INPUT:
    for (size_t i = 0; i < (size_t)layer->side * (size_t)layer->side * (size_t)layer->channels;
         i++) {
      values[i] = t->scaling[pixels[i]];
    }
    break;
  case CNN_LAYER_POOL:
    memcpy(values, t->blocks[layer->block - 1].map,
           n->blocks[layer->block - 1].map_floats * sizeof(float));
    break;
  case CNN_LAYER_HEAD:
    memcpy(values, t->features, n->features * sizeof(float));
    break;
  case CNN_LAYER_HIDDEN:
    memcpy(values, t->hidden, n->hidden * sizeof(float));
    break;
  case CNN_LAYER_LOGITS:
    memcpy(values, t->logits, n->outputs * sizeof(float));
    break;
  case CNN_LAYER_PROBABILITIES:
    return probabilities(values, t);
  default:
    block_values(values, t, layer->block - 1, layer->kind);
    break;
  }
  return CNN_OK;
}

cnn_status cnn_trainer_activations(float *values, cnn_trainer *t, const uint8_t *pixels,
                                   int32_t layer) {
  cnn_status status = check(values, t, pixels);
  if (status != CNN_OK) {
    return status;
  }
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count = 0;
  status = cnn_config_layers(layers, &count, &t->config);
  if (status == CNN_OK && (layer < 0 || layer >= count)) {
    status = CNN_ERROR_ARGUMENT;
  }
  status = status == CNN_OK ? see(t, pixels) : status;
  return status == CNN_OK ? layer_values(values, t, pixels, &layers[layer]) : status;
}

/* ---- Class map ------------------------------------------------------------------------------- */

/* The output layer's weight from a feature to the logit of a class. A sigmoid has one logit, of
 * class 1; that of class 0 is its opposite. */
static double class_weight(const cnn_trainer *t, size_t feature, int32_t class_index) {
  const float *kernel = t->parameters + t->network.dense_kernel;
  if (t->config.output == CNN_OUTPUT_SIGMOID) {
    return class_index == 1 ? (double)kernel[feature] : -(double)kernel[feature];
  }
  return kernel[feature * t->network.outputs + (size_t)class_index];
}

/* Sum over filters of a position's values times the weights of features first, first + 1, ... */
static double evidence(const cnn_trainer *t, const float *values, size_t first,
                       int32_t class_index) {
  double sum = 0.0;
  for (size_t f = 0; f < t->network.map_channels; f++) {
    sum += (double)values[f] * class_weight(t, first + f, class_index);
  }
  return sum;
}

/* A position's part through every cell of the grid that it lies in: each gives its mean on. */
static double grid_evidence(const cnn_trainer *t, const float *values, size_t row, size_t column,
                            int32_t class_index) {
  const size_t side = t->network.map_side;
  const size_t grid = t->network.grid;
  double sum = 0.0;
  for (size_t cell = 0; cell < grid * grid; cell++) {
    size_t rows[2], columns[2];
    cnn_grid_span(rows, cell / grid, grid, side);
    cnn_grid_span(columns, cell % grid, grid, side);
    if (row >= rows[0] && row < rows[1] && column >= columns[0] && column < columns[1]) {
      const double area = (double)((rows[1] - rows[0]) * (columns[1] - columns[0]));
      sum += evidence(t, values, cell * t->network.map_channels, class_index) / area;
    }
  }
  return sum;
}

static void global_max_map(float *map, const cnn_trainer *t, const float *values, size_t positions,
                           int32_t class_index) {
  const size_t filters = t->network.map_channels;
  for (size_t p = 0; p < positions; p++) {
    double sum = 0.0;
    for (size_t f = 0; f < filters; f++) {
      const int here = t->place[f] == (int32_t)p;
      sum += here ? (double)values[p * filters + f] * class_weight(t, f, class_index) : 0.0;
    }
    map[p] = (float)sum;
  }
}

static void fill_class_map(float *map, const cnn_trainer *t, int32_t class_index) {
  const cnn_network *n = &t->network;
  const size_t side = n->map_side;
  const size_t positions = side * side;
  const float *values = t->blocks[n->block_count - 1].map;
  if (n->head == CNN_HEAD_ATTENTION) {
    memcpy(map, t->attention, positions * sizeof(float));
    return;
  }
  if (n->head == CNN_HEAD_GLOBAL_MAX) {
    global_max_map(map, t, values, positions, class_index);
    return;
  }
  for (size_t p = 0; p < positions; p++) {
    const float *here = values + p * n->map_channels;
    double part = 0.0;
    if (n->head == CNN_HEAD_FLATTEN) {
      part = evidence(t, here, p * n->map_channels, class_index);
    } else if (n->head == CNN_HEAD_GLOBAL_AVERAGE) {
      part = evidence(t, here, 0, class_index) / (double)positions;
    } else {
      part = grid_evidence(t, here, p / side, p % side, class_index);
    }
    map[p] = (float)part;
  }
}

cnn_status cnn_trainer_class_map(float *map, cnn_trainer *t, const uint8_t *pixels,
                                 int32_t class_index) {
  cnn_status status = check(map, t, pixels);
  if (status == CNN_OK && (t->network.block_count == 0 || t->network.hidden != 0)) {
    status = CNN_ERROR_CONFIG;
  }
  if (status == CNN_OK && (class_index < 0 || class_index >= t->config.classes)) {
    status = CNN_ERROR_ARGUMENT;
  }
  status = status == CNN_OK ? see(t, pixels) : status;
  if (status == CNN_OK) {
    fill_class_map(map, t, class_index);
  }
  return status;
}

/* ---- Occlusion ------------------------------------------------------------------------------- */

static cnn_status probability_of(float *probability, cnn_trainer *t, const uint8_t *pixels,
                                 int32_t class_index) {
  float values[256]; /* one more than the most classes */
  cnn_status status = see(t, pixels);
  status = status == CNN_OK ? probabilities(values, t) : status;
  *probability = status == CNN_OK ? values[class_index] : 0.0f;
  return status;
}

/* The picture with a grey square whose top left corner is (top, left). */
static void cover(uint8_t *out, const uint8_t *pixels, const cnn_config *config, size_t patch,
                  size_t top, size_t left) {
  const size_t side = (size_t)config->resolution;
  const size_t channels = (size_t)config->channels;
  memcpy(out, pixels, side * side * channels);
  for (size_t row = top; row < top + patch; row++) {
    memset(out + (row * side + left) * channels, OCCLUSION_GREY, patch * channels);
  }
}

cnn_status cnn_trainer_occlusion(float *map, cnn_trainer *t, const uint8_t *pixels,
                                 int32_t class_index, int32_t patch, int32_t stride, int32_t first,
                                 int32_t count) {
  cnn_status status = check(map, t, pixels);
  if (status != CNN_OK) {
    return status;
  }
  if (class_index < 0 || class_index >= t->config.classes || patch < 1 ||
      patch > t->config.resolution || stride < 1 || first < 0 || count < 0) {
    return CNN_ERROR_ARGUMENT;
  }
  const int32_t places = (t->config.resolution - patch) / stride + 1; /* on a side */
  if (count > places * places - first) {
    return CNN_ERROR_ARGUMENT;
  }
  float whole;
  status = probability_of(&whole, t, pixels, class_index);
  for (int32_t i = 0; i < count && status == CNN_OK; i++) {
    float covered;
    const int32_t place = first + i;
    const int32_t top = place / places * stride;
    const int32_t left = place % places * stride;
    cover(t->probe, pixels, &t->config, (size_t)patch, (size_t)top, (size_t)left);
    status = probability_of(&covered, t, t->probe, class_index);
    map[i] = whole - covered;
  }
  return status;
}
