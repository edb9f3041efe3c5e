/* Flat C interface of core.wasm over cnn.h, for wasm_glue/module.ts: plain numbers and pointers
 * only, so that JavaScript needs to know no struct layout and no 64-bit integer. Adds no
 * computation of its own except a hash of bytes. Settings are set one by one by name; results come
 * back as arrays of doubles whose order is the order of the struct in cnn.h. exports.json lists
 * what the linker keeps: every function of this file. */
#include "cnn.h"

#include <stdlib.h>

/* ---- Memory ---------------------------------------------------------------------------------- */

/* cnn_trainer_create wants blocks aligned to 16 bytes; emmalloc's malloc promises 8 only. NULL when
 * the memory limit is reached. */
void *pvl_alloc(size_t bytes) {
  if (bytes > SIZE_MAX - 15u)
    return NULL;
  return aligned_alloc(16, bytes == 0 ? 16 : (bytes + 15u) / 16u * 16u);
}

void pvl_free(void *block) {
  free(block);
}

/* ---- Status and constants -------------------------------------------------------------------- */

#define PVL_NAME(name, text) #name,
static const char *const status_names[] = {CNN_STATUS_LIST(PVL_NAME)};

const char *pvl_status_name(int32_t status) {
  return status >= 0 && status < CNN_STATUS_COUNT ? status_names[status] : "CNN_ERROR_UNKNOWN";
}

const char *pvl_status_text(int32_t status) {
  return cnn_status_text((cnn_status)status);
}

/* The enum words of the TypeScript side by number, without CNN_; a test compares the two. */
typedef struct {
  const char *name;
  int32_t value;
} pvl_constant;

#define NAMED(name) #name, CNN_##name
static const pvl_constant constants[] = {
    {NAMED(PADDING_VALID)},
    {NAMED(PADDING_SAME)},
    {NAMED(NORM_NONE)},
    {NAMED(NORM_BATCH)},
    {NAMED(NORM_LAYER)},
    {NAMED(POOL_NONE)},
    {NAMED(POOL_MAX2)},
    {NAMED(POOL_AVERAGE2)},
    {NAMED(HEAD_FLATTEN)},
    {NAMED(HEAD_GLOBAL_MAX)},
    {NAMED(HEAD_GLOBAL_AVERAGE)},
    {NAMED(HEAD_GRID)},
    {NAMED(HEAD_ATTENTION)},
    {NAMED(OUTPUT_SOFTMAX)},
    {NAMED(OUTPUT_SIGMOID)},
    {NAMED(SCALING_UNIT)},
    {NAMED(SCALING_STANDARDISE)},
    {NAMED(OPTIMISER_ADAM)},
    {NAMED(OPTIMISER_ADAM_TORCH)},
    {NAMED(OPTIMISER_SGD)},
    {NAMED(SCHEDULE_CONSTANT)},
    {NAMED(SCHEDULE_COSINE)},
    {NAMED(EDGE_WRAP)},
    {NAMED(EDGE_REPEAT)},
    {NAMED(SCENE_STRIPED_BALL)},
    {NAMED(SCENE_TEMPLATES)},
    {NAMED(SCENE_TEXTURES)},
    {NAMED(SCENE_NOISE)},
    {NAMED(SCENE_SIGNS)},
    {NAMED(SCENE_POLYGONS)},
    {NAMED(SCENE_HUES)},
    {NAMED(SPLIT_TRAIN)},
    {NAMED(SPLIT_TEST)},
    {NAMED(PHASE_TRAIN)},
    {NAMED(PHASE_EVALUATE)},
    {NAMED(PHASE_EPOCH_DONE)},
    {NAMED(PHASE_FINISHED)},
    {NAMED(PHASE_STOPPED)},
    {NAMED(SAVE_MODEL)},
    {NAMED(SAVE_STATE)},
    {NAMED(LAYER_INPUT)},
    {NAMED(LAYER_CONV)},
    {NAMED(LAYER_NORM)},
    {NAMED(LAYER_RELU)},
    {NAMED(LAYER_POOL)},
    {NAMED(LAYER_HEAD)},
    {NAMED(LAYER_HIDDEN)},
    {NAMED(LAYER_LOGITS)},
    {NAMED(LAYER_PROBABILITIES)},
    {NAMED(TENSOR_KERNEL)},
    {NAMED(TENSOR_BIAS)},
    {NAMED(TENSOR_GAMMA)},
    {NAMED(TENSOR_BETA)},
    {NAMED(TENSOR_QUERY)},
    {NAMED(TENSOR_MOVING_MEAN)},
    {NAMED(TENSOR_MOVING_VARIANCE)},
};

int32_t pvl_constant_count(void) {
  return (int32_t)(sizeof constants / sizeof constants[0]);
}
const char *pvl_constant_name(int32_t index) {
  return constants[index].name;
}
int32_t pvl_constant_value(int32_t index) {
  return constants[index].value;
}

/* ---- Settings -------------------------------------------------------------------------------- */

typedef struct {
  const char *name;
  double initial, low, high;
  int32_t is_integer;
} pvl_field;

#define PVL_FIELD(type, name, initial, low, high)                                                  \
  {#name, (double)(initial), (double)(low), (double)(high),                                        \
   _Generic((type)0, int32_t : 1, double : 0)},
static const pvl_field config_fields[] = {CNN_CONFIG_FIELDS(PVL_FIELD)};
static const pvl_field scene_fields[] = {CNN_SCENE_FIELDS(PVL_FIELD)};

/* values: default, minimum, maximum, 1 for an integer field. */
static void field_values(double *values, const pvl_field *field) {
  values[0] = field->initial;
  values[1] = field->low;
  values[2] = field->high;
  values[3] = field->is_integer;
}

int32_t pvl_config_field_count(void) {
  return (int32_t)(sizeof config_fields / sizeof config_fields[0]);
}
const char *pvl_config_field_name(int32_t index) {
  return config_fields[index].name;
}
void pvl_config_field_values(double *values, int32_t index) {
  field_values(values, &config_fields[index]);
}

int32_t pvl_scene_field_count(void) {
  return (int32_t)(sizeof scene_fields / sizeof scene_fields[0]);
}
const char *pvl_scene_field_name(int32_t index) {
  return scene_fields[index].name;
}
void pvl_scene_field_values(double *values, int32_t index) {
  field_values(values, &scene_fields[index]);
}

/* A config at its defaults; NULL without memory. Freed by pvl_free. */
cnn_config *pvl_config_new(void) {
  cnn_config *config = pvl_alloc(sizeof *config);
  if (config != NULL)
    *config = cnn_config_default();
  return config;
}

int32_t pvl_config_set(cnn_config *config, const char *name, double value) {
  return (int32_t)cnn_config_set(config, name, value);
}

int32_t pvl_config_check(const char **field, const cnn_config *config) {
  return (int32_t)cnn_config_check(field, config);
}

/* values: the setting's in the order of CNN_CONFIG_FIELDS. */
static void config_values(double *values, const cnn_config *config) {
#define PVL_VALUE(type, name, initial, low, high) *values++ = (double)config->name;
  CNN_CONFIG_FIELDS(PVL_VALUE)
#undef PVL_VALUE
}

/* plan: the twelve members of cnn_plan in their order. All below 2^53, so exact as doubles. */
int32_t pvl_config_plan(double *plan, const cnn_config *config, int32_t train_count,
                        int32_t validation_count) {
  cnn_plan p;
  cnn_status status = cnn_config_plan(&p, config, train_count, validation_count);
  if (status != CNN_OK)
    return (int32_t)status;
  const double values[] = {(double)p.bytes,
                           p.conv_side,
                           p.pool_side,
                           p.features,
                           p.outputs,
                           (double)p.conv_parameters,
                           (double)p.head_parameters,
                           (double)p.parameters,
                           (double)p.statistics,
                           (double)p.conv_macs,
                           (double)p.head_macs,
                           (double)p.epoch_work};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    plan[i] = values[i];
  return CNN_OK;
}

/* values: the number of layers, then kind, block, side, channels, parameters of each. */
int32_t pvl_config_layers(double *values, const cnn_config *config) {
  cnn_layer layers[CNN_MAX_LAYERS];
  int32_t count;
  cnn_status status = cnn_config_layers(layers, &count, config);
  if (status != CNN_OK)
    return (int32_t)status;
  *values++ = count;
  for (int32_t i = 0; i < count; i++) {
    *values++ = layers[i].kind;
    *values++ = layers[i].block;
    *values++ = layers[i].side;
    *values++ = layers[i].channels;
    *values++ = (double)layers[i].parameters;
  }
  return CNN_OK;
}

/* values: the number of tensors, then kind, layer, rank, shape (4 values), offset of each. */
int32_t pvl_config_tensors(double *values, const cnn_config *config) {
  cnn_tensor tensors[CNN_MAX_TENSORS];
  int32_t count;
  cnn_status status = cnn_config_tensors(tensors, &count, config);
  if (status != CNN_OK)
    return (int32_t)status;
  *values++ = count;
  for (int32_t i = 0; i < count; i++) {
    *values++ = tensors[i].kind;
    *values++ = tensors[i].layer;
    *values++ = tensors[i].rank;
    for (int32_t j = 0; j < 4; j++)
      *values++ = tensors[i].shape[j];
    *values++ = (double)tensors[i].offset;
  }
  return CNN_OK;
}

/* ---- Images ---------------------------------------------------------------------------------- */

/* Borrows both arrays. NULL without memory. Freed by pvl_free. */
cnn_images *pvl_images_new(const uint8_t *pixels, const uint8_t *labels, int32_t count) {
  cnn_images *images = pvl_alloc(sizeof *images);
  if (images != NULL)
    *images = (cnn_images){pixels, labels, count};
  return images;
}

int32_t pvl_image_resize(uint8_t *output, const uint8_t *input, int32_t out_side, int32_t in_side,
                         int32_t channels) {
  return (int32_t)cnn_image_resize(output, input, out_side, in_side, channels);
}

/* FNV-1a, 64 bits (Fowler, Noll and Vo): a byte is xored in, then the multiply. Names a set
 * of pictures in a run record; not for cryptography. */
void pvl_hash_begin(uint64_t *hash) {
  *hash = UINT64_C(0xcbf29ce484222325);
}

void pvl_hash_add(uint64_t *hash, const uint8_t *bytes, size_t count) {
  uint64_t h = *hash;
  for (size_t i = 0; i < count; i++)
    h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
  *hash = h;
}

/* ---- Trainer --------------------------------------------------------------------------------- */

/* score: loss, correct, count. */
static void score_values(double *score, const cnn_score *from) {
  score[0] = from->loss;
  score[1] = from->correct;
  score[2] = from->count;
}

int32_t pvl_trainer_create(cnn_trainer **trainer, const cnn_config *config, const cnn_images *train,
                           const cnn_images *validation, void *block, size_t block_bytes) {
  return (int32_t)cnn_trainer_create(trainer, config, train, validation, block, block_bytes);
}

int32_t pvl_trainer_run(cnn_trainer *trainer, double budget) {
  /* Clamped, because converting a double outside int64_t is undefined. */
  int64_t work = budget >= 9e15 ? INT64_C(9000000000000000) : budget >= 1.0 ? (int64_t)budget : 1;
  return (int32_t)cnn_trainer_run(trainer, work);
}

/* progress: phase, epoch, step, epoch_work, train (3 values), validation (3 values), best_epoch. */
int32_t pvl_trainer_progress(double *progress, const cnn_trainer *trainer) {
  cnn_progress p;
  cnn_status status = cnn_trainer_progress(&p, trainer);
  if (status != CNN_OK)
    return (int32_t)status;
  progress[0] = p.phase;
  progress[1] = p.epoch;
  progress[2] = p.step;
  progress[3] = (double)p.epoch_work;
  score_values(progress + 4, &p.train);
  score_values(progress + 7, &p.validation);
  progress[10] = p.best_epoch;
  return CNN_OK;
}

int32_t pvl_trainer_step(double *loss, cnn_trainer *trainer, const int32_t *indices,
                         int32_t count) {
  return (int32_t)cnn_trainer_step(loss, trainer, indices, count);
}

int32_t pvl_trainer_evaluate(double *score, cnn_trainer *trainer, const cnn_images *images) {
  cnn_score result;
  cnn_status status = cnn_trainer_evaluate(&result, trainer, images);
  if (status == CNN_OK)
    score_values(score, &result);
  return (int32_t)status;
}

int32_t pvl_trainer_logits(float *logits, cnn_trainer *trainer, const uint8_t *pixels,
                           int32_t count) {
  return (int32_t)cnn_trainer_logits(logits, trainer, pixels, count);
}

float *pvl_trainer_parameters(cnn_trainer *trainer) {
  return cnn_trainer_parameters(trainer);
}

const float *pvl_trainer_gradients(const cnn_trainer *trainer) {
  return cnn_trainer_gradients(trainer);
}

float *pvl_trainer_statistics(cnn_trainer *trainer) {
  return cnn_trainer_statistics(trainer);
}

const char *pvl_trainer_suspect(const cnn_trainer *trainer) {
  return cnn_trainer_suspect(trainer);
}

int32_t pvl_trainer_fingerprint(uint64_t *fingerprint, const cnn_trainer *trainer) {
  return (int32_t)cnn_trainer_fingerprint(fingerprint, trainer);
}

int32_t pvl_nearest_mean(double *score, const cnn_images *train, const cnn_images *test,
                         double *work, int32_t classes, int32_t values_per_image) {
  cnn_score result;
  cnn_status status = cnn_nearest_mean(&result, train, test, work, classes, values_per_image);
  if (status == CNN_OK)
    score_values(score, &result);
  return (int32_t)status;
}

/* ---- Saving ---------------------------------------------------------------------------------- */

size_t pvl_trainer_save_bytes(const cnn_trainer *trainer, int32_t kind) {
  return cnn_trainer_save_bytes(trainer, kind);
}

int32_t pvl_trainer_save(uint8_t *out, cnn_trainer *trainer, int32_t kind) {
  return (int32_t)cnn_trainer_save(out, trainer, kind);
}

int32_t pvl_trainer_load(cnn_trainer *trainer, const uint8_t *bytes, size_t count) {
  return (int32_t)cnn_trainer_load(trainer, bytes, count);
}

/* values: kind, then the settings in the order of pvl_config_field_name. */
int32_t pvl_saved_config(double *values, const uint8_t *bytes, size_t count) {
  cnn_config config;
  int32_t kind;
  cnn_status status = cnn_saved_config(&config, &kind, bytes, count);
  if (status != CNN_OK)
    return (int32_t)status;
  values[0] = kind;
  config_values(values + 1, &config);
  return CNN_OK;
}

/* ---- Looking inside -------------------------------------------------------------------------- */

int32_t pvl_trainer_activations(float *values, cnn_trainer *trainer, const uint8_t *pixels,
                                int32_t layer) {
  return (int32_t)cnn_trainer_activations(values, trainer, pixels, layer);
}

int32_t pvl_trainer_class_map(float *map, cnn_trainer *trainer, const uint8_t *pixels,
                              int32_t class_index) {
  return (int32_t)cnn_trainer_class_map(map, trainer, pixels, class_index);
}

int32_t pvl_trainer_occlusion(float *map, cnn_trainer *trainer, const uint8_t *pixels,
                              int32_t class_index, int32_t patch, int32_t stride, int32_t first,
                              int32_t count) {
  return (int32_t)cnn_trainer_occlusion(map, trainer, pixels, class_index, patch, stride, first,
                                        count);
}

/* values: loss, confidence, predicted of each image. Takes memory for the time of the call. */
int32_t pvl_trainer_judge(double *values, cnn_trainer *trainer, const cnn_images *images) {
  cnn_judgement *judgements = pvl_alloc((size_t)images->count * sizeof *judgements);
  if (judgements == NULL)
    return CNN_ERROR_MEMORY;
  cnn_status status = cnn_trainer_judge(judgements, trainer, images);
  for (int32_t i = 0; status == CNN_OK && i < images->count; i++) {
    *values++ = judgements[i].loss;
    *values++ = judgements[i].confidence;
    *values++ = judgements[i].predicted;
  }
  pvl_free(judgements);
  return (int32_t)status;
}

int32_t pvl_trainer_confusion(int32_t *counts, cnn_trainer *trainer, const cnn_images *images) {
  return (int32_t)cnn_trainer_confusion(counts, trainer, images);
}

/* ---- Scenes ---------------------------------------------------------------------------------- */

cnn_scene *pvl_scene_new(void) {
  cnn_scene *scene = pvl_alloc(sizeof *scene);
  if (scene != NULL)
    *scene = cnn_scene_default();
  return scene;
}

int32_t pvl_scene_set(cnn_scene *scene, const char *name, double value) {
  return (int32_t)cnn_scene_set(scene, name, value);
}

int32_t pvl_scene_check(const char **field, const cnn_scene *scene, int32_t resolution) {
  return (int32_t)cnn_scene_check(field, scene, resolution);
}

size_t pvl_scene_work_bytes(const cnn_scene *scene) {
  return cnn_scene_work_bytes(scene);
}

int32_t pvl_scene_class(const cnn_scene *scene, int32_t pattern) {
  return cnn_scene_class(scene, pattern);
}

int32_t pvl_scene_strength(double *strength, const cnn_scene *scene, int32_t resolution,
                           void *work) {
  return (int32_t)cnn_scene_strength(strength, scene, resolution, work);
}

int32_t pvl_scene_sign_distance(double *distance, const cnn_scene *scene, void *work) {
  int32_t steps = 0;
  const cnn_status status = cnn_scene_sign_distance(&steps, scene, work);
  *distance = steps;
  return (int32_t)status;
}

int32_t pvl_scene_draw(uint8_t *pixels, const cnn_scene *scene, int32_t resolution, int32_t split,
                       int32_t class_index, int32_t index, void *work) {
  return (int32_t)cnn_scene_draw(pixels, scene, resolution, split, class_index, index, work);
}

int32_t pvl_scene_draw_set(uint8_t *pixels, uint8_t *labels, const cnn_scene *scene,
                           int32_t resolution, int32_t split, int32_t first, int32_t count,
                           void *work) {
  return (int32_t)cnn_scene_draw_set(pixels, labels, scene, resolution, split, first, count, work);
}
