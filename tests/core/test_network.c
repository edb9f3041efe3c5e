/* Networks as lists: layers, tensors and their offsets against typed-in ones, counts of parameters
 * and multiply-adds, and which setting a network that does not fit is blamed on. */
#include "network.h"

#include "check.h"
#include "configs.h"

#include <string.h>

/* Three blocks, every kind of norm, a hidden layer; counts by hand (Keras' Conv2D,
 * BatchNormalization, LayerNormalization and Dense count the same). */
static cnn_config deep_config(void) {
  cnn_config c = cnn_config_default();
  c.resolution = 32;
  c.channels = 3;
  c.classes = 10;
  c.blocks = 3;
  c.filters = 32;
  c.filters2 = c.filters3 = 64;
  c.padding = c.padding2 = c.padding3 = CNN_PADDING_SAME;
  c.norm2 = CNN_NORM_BATCH;
  c.kernel3 = 5;
  c.stride3 = 2;
  c.norm3 = CNN_NORM_LAYER;
  c.pool3 = CNN_POOL_NONE;
  c.hidden = 128;
  return c;
}

static void check_plan(const char *name, const cnn_config *c, const int64_t expected[8]) {
  cnn_plan p = {0};
  const cnn_status status = cnn_config_plan(&p, c, 10, 10);
  CHECK(status == CNN_OK, "%s: %s", name, cnn_status_text(status));
  const int64_t got[8] = {p.conv_side,       p.pool_side,  p.features,  p.conv_parameters,
                          p.head_parameters, p.statistics, p.conv_macs, p.head_macs};
  for (int i = 0; i < 8; i++) {
    CHECK(got[i] == expected[i], "%s: number %d is %lld, not %lld", name, i, (long long)got[i],
          (long long)expected[i]);
  }
  CHECK(p.parameters == p.conv_parameters + p.head_parameters, "%s: sum", name);
}

static void check_counts(void) {
  const cnn_config deep = deep_config();
  check_plan("deep", &deep,
             (int64_t[8]){32, 4, 1024, 896 + 18496 + 128 + 102464 + 128, 131200 + 1290, 128,
                          884736 + 4718592 + 1638400, 131072 + 1280});
  cnn_config c = cnn_config_default(); /* the 7,850 weights of softmax regression on MNIST */
  c.blocks = 0;
  c.resolution = 28;
  c.classes = 10;
  check_plan("regression", &c, (int64_t[8]){28, 28, 784, 0, 7850, 0, 0, 7840});
  c.hidden = 100;
  check_plan("perceptron", &c, (int64_t[8]){28, 28, 784, 0, 79510, 0, 0, 79400});
  c = cnn_config_default();
  c.head = CNN_HEAD_ATTENTION;
  check_plan("attention", &c, (int64_t[8]){22, 11, 16, 160, 16 + 85, 0, 69696, 80});
  c.head = CNN_HEAD_GRID;
  c.grid = 3;
  check_plan("grid", &c, (int64_t[8]){22, 11, 144, 160, 725, 0, 69696, 720});
  c = cnn_config_default(); /* LeNet-5's feature layers (LeCun et al. 1998) with full connections */
  c.resolution = 32;
  c.blocks = 2;
  c.filters = 6;
  c.kernel = c.kernel2 = 5;
  c.pool = c.pool2 = CNN_POOL_AVERAGE2;
  c.hidden = 120;
  c.classes = 10;
  check_plan("lenet", &c,
             (int64_t[8]){28, 5, 400, 156 + 2416, 48120 + 1210, 0, 117600 + 240000, 49200});
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static void check_layers(void) {
  static const cnn_layer expected[] = {
      {CNN_LAYER_INPUT, 0, 32, 3, 0},        {CNN_LAYER_CONV, 1, 32, 32, 896},
      {CNN_LAYER_RELU, 1, 32, 32, 0},        {CNN_LAYER_POOL, 1, 16, 32, 0},
      {CNN_LAYER_CONV, 2, 16, 64, 18496},    {CNN_LAYER_NORM, 2, 16, 64, 128},
      {CNN_LAYER_RELU, 2, 16, 64, 0},        {CNN_LAYER_POOL, 2, 8, 64, 0},
      {CNN_LAYER_CONV, 3, 4, 64, 102464},    {CNN_LAYER_NORM, 3, 4, 64, 128},
      {CNN_LAYER_RELU, 3, 4, 64, 0},         {CNN_LAYER_HEAD, 0, 1, 1024, 0},
      {CNN_LAYER_HIDDEN, 0, 1, 128, 131200}, {CNN_LAYER_LOGITS, 0, 1, 10, 1290},
      {CNN_LAYER_PROBABILITIES, 0, 1, 10, 0}};
  const cnn_config c = deep_config();
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count = 0;
  CHECK(cnn_config_layers(layers, &count, &c) == CNN_OK, "layers");
  CHECK(count == (int32_t)(sizeof expected / sizeof expected[0]), "%d layers", count);
  for (int32_t i = 0; i < count; i++) {
    const cnn_layer a = layers[i], b = expected[i];
    CHECK(a.kind == b.kind && a.block == b.block && a.side == b.side && a.channels == b.channels &&
              a.parameters == b.parameters,
          "layer %d: kind %d block %d side %d channels %d parameters %lld", i, a.kind, a.block,
          a.side, a.channels, (long long)a.parameters);
  }
}

static void check_tensors(void) {
  static const cnn_tensor expected[] = {{CNN_TENSOR_KERNEL, 1, 4, {3, 3, 3, 32}, 0},
                                        {CNN_TENSOR_BIAS, 1, 1, {32, 1, 1, 1}, 864},
                                        {CNN_TENSOR_KERNEL, 4, 4, {3, 3, 32, 64}, 896},
                                        {CNN_TENSOR_BIAS, 4, 1, {64, 1, 1, 1}, 19328},
                                        {CNN_TENSOR_GAMMA, 5, 1, {64, 1, 1, 1}, 19392},
                                        {CNN_TENSOR_BETA, 5, 1, {64, 1, 1, 1}, 19456},
                                        {CNN_TENSOR_KERNEL, 8, 4, {5, 5, 64, 64}, 19520},
                                        {CNN_TENSOR_BIAS, 8, 1, {64, 1, 1, 1}, 121920},
                                        {CNN_TENSOR_GAMMA, 9, 1, {64, 1, 1, 1}, 121984},
                                        {CNN_TENSOR_BETA, 9, 1, {64, 1, 1, 1}, 122048},
                                        {CNN_TENSOR_KERNEL, 12, 2, {1024, 128, 1, 1}, 122112},
                                        {CNN_TENSOR_BIAS, 12, 1, {128, 1, 1, 1}, 253184},
                                        {CNN_TENSOR_KERNEL, 13, 2, {128, 10, 1, 1}, 253312},
                                        {CNN_TENSOR_BIAS, 13, 1, {10, 1, 1, 1}, 254592},
                                        {CNN_TENSOR_MOVING_MEAN, 5, 1, {64, 1, 1, 1}, 0},
                                        {CNN_TENSOR_MOVING_VARIANCE, 5, 1, {64, 1, 1, 1}, 64}};
  const cnn_config c = deep_config();
  cnn_tensor tensors[CNN_MAX_TENSORS];
  int32_t count = 0;
  CHECK(cnn_config_tensors(tensors, &count, &c) == CNN_OK, "tensors");
  CHECK(count == (int32_t)(sizeof expected / sizeof expected[0]), "%d tensors", count);
  for (int32_t i = 0; i < count; i++) {
    const cnn_tensor a = tensors[i], b = expected[i];
    CHECK(a.kind == b.kind && a.layer == b.layer && a.rank == b.rank && a.offset == b.offset &&
              memcmp(a.shape, b.shape, sizeof a.shape) == 0,
          "tensor %d: kind %d layer %d rank %d [%d %d %d %d] at %lld", i, a.kind, a.layer, a.rank,
          a.shape[0], a.shape[1], a.shape[2], a.shape[3], (long long)a.offset);
  }
}

/* Of any network: tensors tile parameters and statistics without a gap, each layer's tensors add up
 * to its parameters, and the lists fit into their arrays. */
static void check_tiling(const cnn_config *c) {
  cnn_tensor tensors[CNN_MAX_TENSORS];
  cnn_layer layers[CNN_MAX_LAYERS];
  int64_t of_layer[CNN_MAX_LAYERS] = {0}, ends[2] = {0, 0};
  int32_t count = 0, layer_count = 0;
  cnn_plan plan = {0};
  CHECK(cnn_config_plan(&plan, c, 1, 1) == CNN_OK, "plan");
  CHECK(cnn_config_layers(layers, &layer_count, c) == CNN_OK, "layers");
  CHECK(cnn_config_tensors(tensors, &count, c) == CNN_OK, "tensors");
  CHECK(count <= CNN_MAX_TENSORS && layer_count <= CNN_MAX_LAYERS, "%d and %d", count, layer_count);
  for (int32_t i = 0; i < count; i++) {
    const cnn_tensor *t = &tensors[i];
    const int is_moving = t->kind >= CNN_TENSOR_MOVING_MEAN;
    const int64_t size = (int64_t)t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3];
    CHECK(t->offset == ends[is_moving], "tensor %d starts at %lld", i, (long long)t->offset);
    CHECK(is_moving || ends[1] == 0, "tensor %d: a parameter after statistics", i);
    ends[is_moving] += size;
    of_layer[t->layer] += is_moving ? 0 : size;
  }
  CHECK(ends[0] == plan.parameters && ends[1] == plan.statistics, "a gap at the end");
  for (int32_t i = 0; i < layer_count; i++) {
    CHECK(of_layer[i] == layers[i].parameters, "layer %d of kind %d: %lld parameters", i,
          layers[i].kind, (long long)layers[i].parameters);
  }
}

static void check_largest_lists(void) {
  cnn_config c = cnn_config_default();
  c.resolution = 256;
  c.blocks = 4;
  c.norm = c.norm2 = c.norm3 = c.norm4 = CNN_NORM_BATCH;
  c.head = CNN_HEAD_ATTENTION;
  c.hidden = 256;
  check_tiling(&c);
  cnn_tensor tensors[CNN_MAX_TENSORS];
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count = 0;
  CHECK(cnn_config_tensors(tensors, &count, &c) == CNN_OK && count == CNN_MAX_TENSORS, "%d tensors",
        count);
  CHECK(cnn_config_layers(layers, &count, &c) == CNN_OK && count == CNN_MAX_LAYERS, "%d layers",
        count);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

typedef struct {
  const char *blamed; /* NULL: accepted */
  const char *set[4];
  double to[4];
} refusal;

static const refusal refusals[] = {
    {"kernel", {"kernel"}, {4}},
    {"kernel2", {"kernel2"}, {4}},
    {"kernel3", {"kernel3"}, {4}},
    {"kernel4", {"kernel4"}, {4}},
    {"channels", {"channels"}, {2}},
    {"output", {"output"}, {1}},
    {"head", {"blocks", "head"}, {0, 1}},
    {"head", {"blocks", "head"}, {0, 4}},
    {NULL, {"blocks", "head"}, {0, 0}},
    {"resolution", {"resolution", "kernel"}, {4, 5}}, /* 5 into 4 */
    {NULL, {"resolution", "kernel", "padding"}, {4, 5, 1}},
    {"resolution", {"resolution", "stride"}, {4, 2}}, /* no 2x2 in a map of 1 */
    {NULL, {"resolution", "stride", "pool"}, {4, 2, 0}},
    {"blocks", {"resolution", "blocks"}, {9, 2}},  /* 7, 3, 1: nothing to pool */
    {NULL, {"resolution", "blocks"}, {10, 2}},     /* 8, 4, 2, 1 */
    {"blocks", {"resolution", "blocks"}, {21, 3}}, /* 19, 9, 7, 3, 1 */
    {NULL, {"resolution", "blocks"}, {22, 3}},     /* 20, 10, 8, 4, 2, 1 */
    {"blocks", {"blocks"}, {4}},                   /* 11, 4, 1 */
    {"grid", {"head", "grid"}, {3, 12}},           /* the map's side is 11 */
    {NULL, {"head", "grid"}, {3, 11}},
    {NULL, {"head", "grid"}, {2, 12}}};

static void check_refusals(void) {
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    const refusal *r = &refusals[i];
    cnn_config c = cnn_config_default();
    for (int j = 0; j < 4 && r->set[j] != NULL; j++) {
      CHECK(cnn_config_set(&c, r->set[j], r->to[j]) == CNN_OK, "%s", r->set[j]);
    }
    const char *field = NULL;
    const cnn_status status = cnn_config_check(&field, &c);
    CHECK((status == CNN_OK) == (r->blamed == NULL), "case %zu: %s", i, cnn_status_text(status));
    CHECK(r->blamed == NULL || (field != NULL && strcmp(field, r->blamed) == 0),
          "case %zu: blames %s", i, field == NULL ? "nothing" : field);
    cnn_layer layers[CNN_MAX_LAYERS];
    cnn_tensor tensors[CNN_MAX_TENSORS];
    int32_t count = -1;
    CHECK(cnn_config_layers(layers, &count, &c) == status && (status == CNN_OK || count == -1),
          "case %zu: layers", i);
    CHECK(cnn_config_tensors(tensors, &count, &c) == status, "case %zu: tensors", i);
  }
  cnn_config c = cnn_config_default();
  int32_t count;
  CHECK(cnn_config_layers(NULL, &count, &c) == CNN_ERROR_ARGUMENT, "nowhere to put layers");
  CHECK(cnn_config_tensors(NULL, &count, &c) == CNN_ERROR_ARGUMENT, "nowhere to put tensors");
}

static void check_blocks(void) {
  cnn_config c = cnn_config_default();
  c.filters3 = 7;
  c.kernel3 = 5;
  c.stride3 = 2;
  c.padding3 = CNN_PADDING_SAME;
  c.norm3 = CNN_NORM_LAYER;
  c.pool3 = CNN_POOL_AVERAGE2;
  const cnn_block third = cnn_config_block(&c, 2), fourth = cnn_config_block(&c, 3);
  CHECK(third.filters == 7 && third.kernel == 5 && third.stride == 2 &&
            third.padding == CNN_PADDING_SAME && third.norm == CNN_NORM_LAYER &&
            third.pool == CNN_POOL_AVERAGE2,
        "block 3 is another");
  CHECK(fourth.filters == 16 && fourth.kernel == 3 && fourth.stride == 1, "block 4 is another");
}

int main(void) {
  check_counts();
  check_layers();
  check_tensors();
  check_largest_lists();
  noise random = noise_of(3);
  for (int i = 0; i < 200; i++) {
    const cnn_config c = configs_next(&random, INT64_MAX);
    check_tiling(&c);
  }
  check_refusals();
  check_blocks();
  return check_finish("network");
}
