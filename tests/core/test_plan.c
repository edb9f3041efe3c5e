/* Plans against typed-in numbers: parameter counts, work, ranges; and the block that a plan asks
 * for against what a trainer really touches. */
#include "cnn.h"

#include "check.h"
#include "configs.h"
#include "dense.h"
#include "rig.h"
#include "trainer_state.h"

static cnn_plan plan_of(const cnn_config *config) {
  cnn_plan plan = {0};
  const cnn_status status = cnn_config_plan(&plan, config, 100, 100);
  CHECK(status == CNN_OK, "plan: %s", cnn_status_text(status));
  return plan;
}

/* ---- Counts ---------------------------------------------------------------------------------- */

/* Conv2D(32, 3x3, valid) on R x R x 3, pool 2, flatten, dense: parameters by output. */
typedef struct {
  int32_t resolution, inputs, pool_side;
  int64_t sigmoid;
  int64_t softmax[7]; /* K = class_counts[] */
  int64_t conv_macs;
} count_row;

static const int32_t class_counts[7] = {2, 3, 5, 10, 20, 50, 100};

static const count_row table[] = {
    {8, 192, 3, 1185, {1474, 1763, 2341, 3786, 6676, 15346, 29796}, 31104},
    {16, 768, 7, 2465, {4034, 5603, 8741, 16586, 32276, 79346, 157796}, 169344},
    {28, 2352, 13, 6305, {11714, 17123, 27941, 54986, 109076, 271346, 541796}, 584064},
    {32, 3072, 15, 8097, {15298, 22499, 36901, 72906, 144916, 360946, 720996}, 777600},
    {48, 6912, 23, 17825, {34754, 51683, 85541, 170186, 339476, 847346, 1693796}, 1828224},
    {64, 12288, 31, 31649, {62402, 93155, 154661, 308426, 615956, 1538546, 3076196}, 3321216},
    {96, 27648, 47, 71585, {142274, 212963, 354341, 707786, 1414676, 3535346, 7069796}, 7634304},
    {128,
     49152,
     63,
     127905,
     {254914, 381923, 635941, 1270986, 2541076, 6351346, 12701796},
     13716864},
    {192,
     110592,
     95,
     289697,
     {578498, 867299, 1444901, 2888906, 5776916, 14440946, 28880996},
     31190400},
    {256,
     196608,
     127,
     517025,
     {1033154, 1549283, 2581541, 5162186, 10323476, 25807346, 51613796},
     55741824}};

/* Global heads at any R: sigmoid, then K = class_counts[]. */
static const int64_t global_counts[8] = {929, 962, 995, 1061, 1226, 1556, 2546, 4196};

static void check_cell(cnn_config config, const count_row *row, int64_t flatten, int64_t global) {
  const cnn_plan plan = plan_of(&config);
  const int64_t features = 32LL * row->pool_side * row->pool_side;
  CHECK(plan.parameters == flatten, "R %d K %d: %lld parameters, not %lld", row->resolution,
        config.classes, (long long)plan.parameters, (long long)flatten);
  CHECK(plan.conv_parameters == 896 && plan.head_parameters == flatten - 896, "R %d K %d: parts",
        row->resolution, config.classes);
  CHECK(plan.conv_macs == row->conv_macs, "R %d: %lld convolution MACs", row->resolution,
        (long long)plan.conv_macs);
  CHECK(plan.pool_side == row->pool_side && plan.conv_side == row->resolution - 2, "R %d: sides",
        row->resolution);
  CHECK(plan.features == features && plan.head_macs == features * plan.outputs, "R %d: head",
        row->resolution);
  CHECK(row->inputs == 3 * row->resolution * row->resolution, "R %d: inputs", row->resolution);
  for (int32_t head = CNN_HEAD_GLOBAL_MAX; head <= CNN_HEAD_GLOBAL_AVERAGE; head++) {
    config.head = head;
    const cnn_plan pooled = plan_of(&config);
    CHECK(pooled.parameters == global && pooled.features == 32 &&
              pooled.head_macs == 32 * pooled.outputs,
          "R %d K %d head %d: %lld parameters, not %lld", row->resolution, config.classes, head,
          (long long)pooled.parameters, (long long)global);
  }
}

static void check_table(void) {
  for (size_t r = 0; r < sizeof table / sizeof table[0]; r++) {
    cnn_config config = cnn_config_default();
    config.resolution = table[r].resolution;
    config.channels = 3;
    config.filters = 32;
    config.classes = 2;
    config.output = CNN_OUTPUT_SIGMOID;
    check_cell(config, &table[r], table[r].sigmoid, global_counts[0]);
    config.output = CNN_OUTPUT_SOFTMAX;
    for (size_t k = 0; k < 7; k++) {
      config.classes = class_counts[k];
      check_cell(config, &table[r], table[r].softmax[k], global_counts[k + 1]);
    }
  }
}

typedef struct {
  int32_t resolution, channels, classes, filters, padding, pool, head;
  int64_t parameters;
} single_count;

/* The lesson's figures, the same-padding figure 4,260 against 3,300 with valid, and by hand:
 * unpooled 22^2 cells, an odd side of 25 (24 of 2 x 12 used), the smallest network. */
static const single_count singles[] = {
    {12, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 2165},
    {24, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 9845},
    {48, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 42485},
    {64, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 77045},
    {24, 1, 10, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 19530},
    {48, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_GLOBAL_MAX, 245},
    {12, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_GLOBAL_AVERAGE, 245},
    {48, 1, 5, 8, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_GLOBAL_MAX, 125},
    {24, 1, 5, 4, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_GLOBAL_MAX, 65},
    {24, 1, 5, 2, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_GLOBAL_MAX, 35},
    {16, 1, 4, 16, CNN_PADDING_SAME, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 4260},
    {16, 1, 4, 16, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 3300},
    {24, 1, 5, 16, CNN_PADDING_VALID, CNN_POOL_NONE, CNN_HEAD_FLATTEN, 160 + (16 * 484 + 1) * 5},
    {25, 1, 5, 16, CNN_PADDING_SAME, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 160 + (16 * 144 + 1) * 5},
    {4, 1, 2, 1, CNN_PADDING_VALID, CNN_POOL_MAX2, CNN_HEAD_FLATTEN, 10 + 2 * 2}};

static void check_singles(void) {
  for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
    const single_count s = singles[i];
    cnn_config config = cnn_config_default();
    config.resolution = s.resolution;
    config.channels = s.channels;
    config.classes = s.classes;
    config.filters = s.filters;
    config.padding = s.padding;
    config.pool = s.pool;
    config.head = s.head;
    const cnn_plan plan = plan_of(&config);
    CHECK(plan.parameters == s.parameters, "R %d K %d F %d: %lld parameters, not %lld",
          s.resolution, s.classes, s.filters, (long long)plan.parameters, (long long)s.parameters);
  }
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

static void check_refused(const cnn_config *config, const char *name, cnn_status expected) {
  const char *field = "nothing";
  const cnn_status status = cnn_config_check(&field, config);
  CHECK(status == expected, "%s: %s", name, cnn_status_text(status));
  CHECK(field != NULL && strcmp(field, name) == 0, "%s: names %s", name,
        field == NULL ? "NULL" : field);
  cnn_plan plan;
  CHECK(cnn_config_check(NULL, config) == expected, "%s: without a field pointer", name);
  CHECK(cnn_config_plan(&plan, config, 1, 1) == expected, "%s: planned all the same", name);
}

/* Integers one outside, fractions by a hair; INT32_MAX has no outside. */
#define CHECK_BELOW(type, name, initial, low, high)                                                \
  {                                                                                                \
    cnn_config config = cnn_config_default();                                                      \
    config.name = (type)((low) - (sizeof(type) == sizeof(double) ? 1e-13 : 1));                    \
    check_refused(&config, #name, CNN_ERROR_CONFIG);                                               \
  }
#define CHECK_ABOVE(type, name, initial, low, high)                                                \
  if ((double)(high) < 2147483647.0 || sizeof(type) == sizeof(double)) {                           \
    cnn_config config = cnn_config_default();                                                      \
    config.name =                                                                                  \
        (type)(sizeof(type) == sizeof(double) ? (double)(high)*1.0000001 : (double)(high) + 1);    \
    check_refused(&config, #name, CNN_ERROR_CONFIG);                                               \
  }

static void check_ranges(void) {
  CNN_CONFIG_FIELDS(CHECK_BELOW)
  CNN_CONFIG_FIELDS(CHECK_ABOVE)
  cnn_config config = cnn_config_default();
  CHECK(cnn_config_check(NULL, &config) == CNN_OK, "the defaults are refused");
  config.learning_rate = NAN;
  check_refused(&config, "learning_rate", CNN_ERROR_CONFIG);
  config = cnn_config_default();
  config.channels = 2;
  check_refused(&config, "channels", CNN_ERROR_CONFIG);
  config = cnn_config_default();
  config.output = CNN_OUTPUT_SIGMOID;
  check_refused(&config, "output", CNN_ERROR_OUTPUT);
  const char *field = NULL;
  CHECK(cnn_config_check(&field, NULL) == CNN_ERROR_ARGUMENT, "NULL config");
}

/* The promised range ends, typed in: 4..256 pixels, 2..255 classes, 1..64 filters, batch 1..256. */
static void check_ends(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 4;
  config.classes = 2;
  config.filters = 1;
  config.batch = 1;
  CHECK(cnn_config_check(NULL, &config) == CNN_OK, "the smallest network is refused");
  config.resolution = 256;
  config.classes = 255;
  config.filters = 64;
  config.batch = 256;
  config.channels = 3;
  CHECK(cnn_config_check(NULL, &config) == CNN_OK, "the largest network is refused");
  static const int32_t outside[][4] = {{3, 5, 16, 32},    {257, 5, 16, 32}, {24, 1, 16, 32},
                                       {24, 256, 16, 32}, {24, 5, 0, 32},   {24, 5, 65, 32},
                                       {24, 5, 16, 0},    {24, 5, 16, 257}};
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    config = cnn_config_default();
    config.resolution = outside[i][0];
    config.classes = outside[i][1];
    config.filters = outside[i][2];
    config.batch = outside[i][3];
    CHECK(cnn_config_check(NULL, &config) == CNN_ERROR_CONFIG, "case %zu is accepted", i);
  }
}

static void check_counts(void) {
  const cnn_config config = cnn_config_default();
  cnn_plan plan;
  CHECK(cnn_config_plan(NULL, &config, 1, 1) == CNN_ERROR_ARGUMENT, "NULL plan");
  CHECK(cnn_config_plan(&plan, NULL, 1, 1) == CNN_ERROR_ARGUMENT, "NULL config");
  CHECK(cnn_config_plan(&plan, &config, 0, 1) == CNN_ERROR_EMPTY, "no training image");
  CHECK(cnn_config_plan(&plan, &config, 1, 0) == CNN_ERROR_EMPTY, "no test image");
  CHECK(cnn_config_plan(&plan, &config, -5, 1) == CNN_ERROR_EMPTY, "a negative count");
  CHECK(cnn_config_plan(&plan, &config, 1000000, 1000000) == CNN_OK, "a million images");
  CHECK(cnn_config_plan(&plan, &config, 1000001, 1) == CNN_ERROR_ARGUMENT, "over a million");
}

/* ---- Size ------------------------------------------------------------------------------------ */

/* The largest network of all: 4,194,304 features times 255 classes. */
static void check_huge(void) {
  cnn_config config = cnn_config_default();
  config.resolution = 256;
  config.channels = 3;
  config.classes = 255;
  config.filters = 64;
  config.padding = CNN_PADDING_SAME;
  config.pool = CNN_POOL_NONE;
  config.batch = 256;
  cnn_plan plan = {0};
  CHECK(cnn_config_plan(&plan, &config, 1000000, 1000000) == CNN_OK, "huge plan");
  const int64_t parameters = INT64_C(28) * 64 + (INT64_C(4194304) + 1) * 255;
  CHECK(plan.parameters == parameters, "%lld parameters", (long long)plan.parameters);
  CHECK(plan.conv_macs == INT64_C(27) * 64 * 65536, "%lld MACs", (long long)plan.conv_macs);
  /* four floats a parameter, five bytes a unit of the batch's map */
  const int64_t least = 16 * parameters + INT64_C(5) * 256 * 4194304;
  CHECK(plan.bytes > least && plan.bytes < least + (INT64_C(8) << 20), "%lld bytes for %lld",
        (long long)plan.bytes, (long long)least);
  CHECK(plan.epoch_work > INT64_C(3000000) * plan.head_macs, "%lld units",
        (long long)plan.epoch_work);
}

/* One byte less is refused, and a whole epoch stays inside the block. */
static void check_block(const cnn_config *config) {
  rig r = rig_new(config, 11, 5, 40);
  cnn_trainer *trainer = r.trainer;
  const cnn_status status = cnn_trainer_create(&trainer, config, &r.train, &r.validation,
                                               guarded_byte(&r.block), (size_t)r.plan.bytes - 1);
  CHECK(status == CNN_ERROR_MEMORY && trainer == NULL, "one byte less: %s",
        cnn_status_text(status));
  rig_start(&r);
  CHECK(rig_run(&r, INT64_MAX) == CNN_OK, "run");
  const cnn_progress progress = rig_progress(&r);
  CHECK(progress.epoch_work == r.plan.epoch_work, "R %d head %d: %lld units done, %lld planned",
        config->resolution, config->head, (long long)progress.epoch_work,
        (long long)r.plan.epoch_work);
  rig_end(&r);
}

/* Scratch that all blocks and dense layers share is enough for each of them: an overrun of one
 * array into the next would be seen by no guard. */
static void check_scratch(const cnn_config *config) {
  rig r = rig_new(config, 2, 1, 41);
  const cnn_trainer *t = r.trainer;
  const char *end = (const char *)guarded_byte(&r.block) + r.plan.bytes;
  for (int32_t b = 0; b < config->blocks; b++) {
    const cnn_conv_shape s = t->network.blocks[b].conv;
    const size_t map = s.fused ? 0 : s.conv_side * s.conv_side * s.filters;
    CHECK(t->maps + map <= t->dimage, "block %d: a map", b);
    CHECK(b == 0 || t->dimage + cnn_conv_image_floats(s) <= t->sums, "block %d: dimage", b);
    CHECK(t->sums + cnn_conv_sum_floats(s) <= t->work, "block %d: sums", b);
    CHECK(t->work + cnn_conv_work_floats(s) <= (float *)t->list, "block %d: work", b);
    CHECK((const char *)t->list + cnn_conv_list_bytes(s) <= end, "block %d: list", b);
  }
  CHECK(t->work + cnn_dense_work_floats(t->network.outputs) <= (float *)t->list, "output layer");
  CHECK(config->hidden == 0 ||
            t->work + cnn_dense_work_floats(t->network.hidden) <= (float *)t->list,
        "hidden layer");
  rig_end(&r);
}

static void check_scratches(void) {
  noise random = noise_of(11);
  for (int i = 0; i < 40; i++) {
    const cnn_config config = configs_next(&random, 1000000);
    check_scratch(&config);
  }
  cnn_config config = cnn_config_default(); /* the convolution needs the most */
  config.resolution = 128;
  config.blocks = 2;
  config.filters = config.filters2 = 64;
  config.batch = 1;
  check_scratch(&config);
  config.blocks = 1; /* a dense layer does */
  config.hidden = 256;
  check_scratch(&config);
}

static void check_blocks(void) {
  for (int32_t i = 0; i < 3 * 2 * 2 * 2; i++) {
    cnn_config config = cnn_config_default();
    config.resolution = 7 + i % 5;
    config.channels = i % 2 != 0 ? 3 : 1;
    config.padding = i / 2 % 2;
    config.pool = i / 4 % 2;
    config.head = i / 8;
    config.filters = 1 + 5 * (i % 4);
    config.classes = i == 3 || i == 12 ? 255 : 2 + i % 9;
    config.batch = 4; /* 11 = 4 + 4 + 3 */
    config.epochs = 2;
    check_block(&config);
  }
  noise random = noise_of(9);
  for (int i = 0; i < 60; i++) { /* every option */
    cnn_config config = configs_next(&random, 200000);
    config.batch = 4;
    config.epochs = 2;
    config.patience = i % 3;
    check_block(&config);
  }
  cnn_config config = cnn_config_default(); /* more than one unit of the head and of the update */
  config.resolution = 40;
  config.classes = 200;
  config.pool = CNN_POOL_NONE;
  config.filters = 3;
  config.batch = 256;
  config.epochs = 1;
  check_block(&config);
}

int main(void) {
  check_table();
  check_singles();
  check_ranges();
  check_ends();
  check_counts();
  check_huge();
  check_blocks();
  check_scratches();
  return check_finish("plan");
}
