/* See network.h. Also the public lists of layers and tensors, which walk the same structure. */
#include "network.h"

#include "norm.h"

cnn_block cnn_config_block(const cnn_config *c, int32_t index) {
  const cnn_block blocks[CNN_MAX_BLOCKS] = {
      {c->filters, c->kernel, c->stride, c->padding, c->norm, c->pool},
      {c->filters2, c->kernel2, c->stride2, c->padding2, c->norm2, c->pool2},
      {c->filters3, c->kernel3, c->stride3, c->padding3, c->norm3, c->pool3},
      {c->filters4, c->kernel4, c->stride4, c->padding4, c->norm4, c->pool4}};
  return blocks[index];
}

size_t cnn_values_per_image(const cnn_config *config) {
  return (size_t)config->resolution * (size_t)config->resolution * (size_t)config->channels;
}

int64_t cnn_block_macs(const cnn_network_block *block) {
  const cnn_conv_shape s = block->conv;
  return (int64_t)(s.kernel * s.kernel * s.channels * s.filters) * (int64_t)block->positions;
}

/* Takes `count` numbers in *used; their offset. */
static int64_t take(int64_t *used, size_t count) {
  const int64_t at = *used;
  *used += (int64_t)count;
  return at;
}

/* Block b on a map [side][side][channels]. 0 if its kernel or pool does not fit. */
static int add_block(cnn_network *n, const cnn_config *config, int32_t b) {
  const cnn_block settings = cnn_config_block(config, b);
  cnn_network_block *block = &n->blocks[b];
  const cnn_conv_shape shape = cnn_conv_shape_of(n->map_side, n->map_channels, &settings);
  if (shape.conv_side == 0 || shape.out_side == 0) {
    return 0;
  }
  block->conv = shape;
  block->norm = settings.norm;
  block->positions = shape.conv_side * shape.conv_side;
  block->map_floats = shape.out_side * shape.out_side * shape.filters;
  block->winner_bytes = cnn_winner_bytes(shape.pool, shape.conv_side, shape.filters);
  block->kernel =
      take(&n->parameters, shape.kernel * shape.kernel * shape.channels * shape.filters);
  block->bias = take(&n->parameters, shape.filters);
  if (settings.norm != CNN_NORM_NONE) {
    block->gamma = take(&n->parameters, shape.filters);
    block->beta = take(&n->parameters, shape.filters);
  }
  if (settings.norm == CNN_NORM_BATCH) {
    block->moving_mean = take(&n->statistics, shape.filters);
    block->moving_variance = take(&n->statistics, shape.filters);
  }
  n->map_side = shape.out_side;
  n->map_channels = shape.filters;
  return 1;
}

static void add_dense_layers(cnn_network *n, const cnn_config *config) {
  const size_t cells = n->map_side * n->map_side;
  n->features = n->map_channels;
  n->features *= config->head == CNN_HEAD_FLATTEN ? cells : 1;
  n->features *= config->head == CNN_HEAD_GRID ? n->grid * n->grid : 1;
  n->hidden = (size_t)config->hidden;
  n->outputs = config->output == CNN_OUTPUT_SIGMOID ? 1 : (size_t)config->classes;
  n->dense_inputs = n->hidden != 0 ? n->hidden : n->features;
  if (config->head == CNN_HEAD_ATTENTION) {
    n->query = take(&n->parameters, n->map_channels);
  }
  if (n->hidden != 0) {
    n->hidden_kernel = take(&n->parameters, n->features * n->hidden);
    n->hidden_bias = take(&n->parameters, n->hidden);
  }
  n->dense_kernel = take(&n->parameters, n->dense_inputs * n->outputs);
  n->dense_bias = take(&n->parameters, n->outputs);
}

int cnn_network_of(cnn_network *network, const char **field, const cnn_config *config) {
  cnn_network n = {.block_count = config->blocks,
                   .map_side = (size_t)config->resolution,
                   .map_channels = (size_t)config->channels,
                   .head = config->head,
                   .grid = (size_t)config->grid};
  for (int32_t b = 0; b < config->blocks; b++) {
    if (!add_block(&n, config, b)) {
      *field = b == 0 ? "resolution" : "blocks";
      return 0;
    }
  }
  n.conv_parameters = n.parameters;
  if (config->head == CNN_HEAD_GRID && n.grid > n.map_side) {
    *field = "grid";
    return 0;
  }
  add_dense_layers(&n, config);
  *network = n;
  return 1;
}

/* ---- Public lists ---------------------------------------------------------------------------- */

static cnn_status checked_network(cnn_network *n, const cnn_config *config) {
  const cnn_status status = cnn_config_check(NULL, config);
  const char *field = NULL;
  if (status == CNN_OK && !cnn_network_of(n, &field, config)) {
    return CNN_ERROR_CONFIG;
  }
  return status;
}

typedef struct {
  cnn_layer *layers;
  int32_t count;
} layer_list;

static void add_layer(layer_list *list, int32_t kind, int32_t block, size_t side, size_t channels,
                      size_t parameters) {
  const cnn_layer layer = {kind, block, (int32_t)side, (int32_t)channels, (int64_t)parameters};
  list->layers[list->count++] = layer;
}

static void add_block_layers(layer_list *list, const cnn_network_block *b, int32_t number) {
  const cnn_conv_shape s = b->conv;
  const size_t weights = (s.kernel * s.kernel * s.channels + 1) * s.filters;
  add_layer(list, CNN_LAYER_CONV, number, s.conv_side, s.filters, weights);
  if (b->norm != CNN_NORM_NONE) {
    add_layer(list, CNN_LAYER_NORM, number, s.conv_side, s.filters, 2 * s.filters);
  }
  add_layer(list, CNN_LAYER_RELU, number, s.conv_side, s.filters, 0);
  if (s.pool != CNN_POOL_NONE) {
    add_layer(list, CNN_LAYER_POOL, number, s.out_side, s.filters, 0);
  }
}

static int32_t list_layers(cnn_layer *layers, const cnn_network *n, const cnn_config *config) {
  layer_list list = {layers, 0};
  add_layer(&list, CNN_LAYER_INPUT, 0, (size_t)config->resolution, (size_t)config->channels, 0);
  for (int32_t b = 0; b < n->block_count; b++) {
    add_block_layers(&list, &n->blocks[b], b + 1);
  }
  const size_t query = n->head == CNN_HEAD_ATTENTION ? n->map_channels : 0;
  add_layer(&list, CNN_LAYER_HEAD, 0, 1, n->features, query);
  if (n->hidden != 0) {
    add_layer(&list, CNN_LAYER_HIDDEN, 0, 1, n->hidden, (n->features + 1) * n->hidden);
  }
  add_layer(&list, CNN_LAYER_LOGITS, 0, 1, n->outputs, (n->dense_inputs + 1) * n->outputs);
  add_layer(&list, CNN_LAYER_PROBABILITIES, 0, 1, (size_t)config->classes, 0);
  return list.count;
}

cnn_status cnn_config_layers(cnn_layer *layers, int32_t *count, const cnn_config *config) {
  if (layers == NULL || count == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  cnn_network n;
  const cnn_status status = checked_network(&n, config);
  if (status == CNN_OK) {
    *count = list_layers(layers, &n, config);
  }
  return status;
}

typedef struct {
  cnn_tensor *tensors;
  int32_t count;
  int32_t layer; /* number of the layer whose tensors are added */
} tensor_list;

static void add_vector(tensor_list *list, int32_t kind, size_t count, int64_t offset) {
  const cnn_tensor tensor = {kind, list->layer, 1, {(int32_t)count, 1, 1, 1}, offset};
  list->tensors[list->count++] = tensor;
}

static void add_dense(tensor_list *list, size_t inputs, size_t outputs, int64_t kernel,
                      int64_t bias) {
  const cnn_tensor tensor = {
      CNN_TENSOR_KERNEL, list->layer, 2, {(int32_t)inputs, (int32_t)outputs, 1, 1}, kernel};
  list->tensors[list->count++] = tensor;
  add_vector(list, CNN_TENSOR_BIAS, outputs, bias);
}

static void add_conv(tensor_list *list, const cnn_network_block *b) {
  const cnn_conv_shape s = b->conv;
  const cnn_tensor tensor = {
      CNN_TENSOR_KERNEL,
      list->layer,
      4,
      {(int32_t)s.kernel, (int32_t)s.kernel, (int32_t)s.channels, (int32_t)s.filters},
      b->kernel};
  list->tensors[list->count++] = tensor;
  add_vector(list, CNN_TENSOR_BIAS, s.filters, b->bias);
}

/* Parameters (moving = 0) or statistics (moving = 1) of one layer. */
static void add_layer_tensors(tensor_list *list, const cnn_network *n, const cnn_layer *layer,
                              int moving) {
  const cnn_network_block *b = layer->block > 0 ? &n->blocks[layer->block - 1] : NULL;
  if (b != NULL && layer->kind == CNN_LAYER_CONV && !moving) {
    add_conv(list, b);
  } else if (b != NULL && layer->kind == CNN_LAYER_NORM && !moving) {
    add_vector(list, CNN_TENSOR_GAMMA, b->conv.filters, b->gamma);
    add_vector(list, CNN_TENSOR_BETA, b->conv.filters, b->beta);
  } else if (b != NULL && layer->kind == CNN_LAYER_NORM && b->norm == CNN_NORM_BATCH) {
    add_vector(list, CNN_TENSOR_MOVING_MEAN, b->conv.filters, b->moving_mean);
    add_vector(list, CNN_TENSOR_MOVING_VARIANCE, b->conv.filters, b->moving_variance);
  } else if (layer->kind == CNN_LAYER_HEAD && layer->parameters > 0 && !moving) {
    add_vector(list, CNN_TENSOR_QUERY, n->map_channels, n->query);
  } else if (layer->kind == CNN_LAYER_HIDDEN && !moving) {
    add_dense(list, n->features, n->hidden, n->hidden_kernel, n->hidden_bias);
  } else if (layer->kind == CNN_LAYER_LOGITS && !moving) {
    add_dense(list, n->dense_inputs, n->outputs, n->dense_kernel, n->dense_bias);
  }
}

cnn_status cnn_config_tensors(cnn_tensor *tensors, int32_t *count, const cnn_config *config) {
  if (tensors == NULL || count == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  cnn_network n;
  const cnn_status status = checked_network(&n, config);
  if (status != CNN_OK) {
    return status;
  }
  cnn_layer layers[CNN_MAX_LAYERS];
  const int32_t layer_count = list_layers(layers, &n, config);
  tensor_list list = {tensors, 0, 0};
  for (int moving = 0; moving < 2; moving++) {
    for (list.layer = 0; list.layer < layer_count; list.layer++) {
      add_layer_tensors(&list, &n, &layers[list.layer], moving);
    }
  }
  *count = list.count;
  return CNN_OK;
}
