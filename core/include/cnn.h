/* Pixels vs Labels: the training core, whole public interface.
 *
 * Trains a small convolutional network (0 to 4 blocks) on square u8 images and draws the synthetic
 * scenes it is trained on. Pure computation: no file, no clock, no allocation after create, no
 * global state, no exit. Same inputs and seeds give the same bits on every machine and compiler
 * (ARCHITECTURE.md, "Exactness").
 *
 * Conventions. Arrays are dense, row-major; images NHWC. Dimension letters: N images, R side of the
 * square input, C channels, F filters, P side of the pooled map, K classes, D head features.
 * Argument order: outputs, inputs, parameters, sizes. Prefix d = gradient of the batch-mean loss.
 * Every function that can fail returns a cnn_status; cnn_status_text names the remedy.
 */
#ifndef CNN_H
#define CNN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status ------------------------------------------------------------------------------- */

/* One list gives the enum and the texts. */
#define CNN_STATUS_LIST(X)                                                                         \
  X(CNN_OK, "done")                                                                                \
  X(CNN_ERROR_ARGUMENT, "a required pointer is missing or a count is negative: pass every array")  \
  X(CNN_ERROR_CONFIG, "a setting is outside its range: cnn_config_check names it")                 \
  X(CNN_ERROR_SCENE, "a scene setting is outside its range: cnn_scene_check names it")             \
  X(CNN_ERROR_OUTPUT, "a sigmoid output knows two classes: choose softmax or set classes to 2")    \
  X(CNN_ERROR_MEMORY, "the memory block is too small: ask cnn_config_plan for the bytes needed")   \
  X(CNN_ERROR_LABEL, "a label is not below the number of classes: correct the label or raise "     \
                     "classes")                                                                    \
  X(CNN_ERROR_EMPTY, "an image set is empty: give at least one training and one test image")       \
  X(CNN_ERROR_NOT_FINITE,                                                                          \
    "the numbers ran away to infinity: lower learning_rate tenfold, or what "                      \
    "cnn_trainer_suspect names, and start again; the last good weights are "                       \
    "kept")                                                                                        \
  X(CNN_ERROR_BUSY, "an epoch is under way: finish it before asking for a step or scores")         \
  X(CNN_ERROR_SAVED, "the saved bytes are damaged, of another version, or of other settings or "   \
                     "pictures: save again, or create the trainer from cnn_saved_config")          \
  X(CNN_ERROR_SIZE, "an image side is outside 1..4096: scale the picture first")                   \
  X(CNN_ERROR_IDX_SHORT, "the file is shorter than its IDX header: copy it again")                 \
  X(CNN_ERROR_IDX_TYPE, "this is no IDX file of bytes with 1 to 4 dimensions: give another file")  \
  X(CNN_ERROR_IDX_ZERO, "a dimension is zero: give a file that holds something")                   \
  X(CNN_ERROR_IDX_LENGTH, "the file is not as long as its IDX header says: copy it again")         \
  X(CNN_ERROR_CSV_TEXT, "the file is not plain text: save the table as CSV in UTF-8")              \
  X(CNN_ERROR_CSV_QUOTE, "a quotation mark has no partner: close it or take it out")               \
  X(CNN_ERROR_CSV_COLUMNS, "the row has not as many columns as the first: complete it")            \
  X(CNN_ERROR_CSV_PIXEL, "a pixel is no whole number from 0 to 255: correct it")                   \
  X(CNN_ERROR_CSV_LABEL, "the label is empty or too long: give it 1 to 255 bytes")                 \
  X(CNN_ERROR_CSV_SHAPE, "the pixels of a row are no square of 1 or 3 channels, 2 to 512 a side: " \
                         "save square pictures and one label column")                              \
  X(CNN_ERROR_CSV_ROWS, "the table has no row or more than 100,000: save fewer rows")

#define CNN_STATUS_ENUM(name, text) name,
typedef enum { CNN_STATUS_LIST(CNN_STATUS_ENUM) CNN_STATUS_COUNT } cnn_status;
#undef CNN_STATUS_ENUM

/* One sentence for a status, never NULL, static storage. */
const char *cnn_status_text(cnn_status status);

/* ---- Network and training settings ---------------------------------------------------------- */

enum { CNN_PADDING_VALID = 0, CNN_PADDING_SAME = 1 };
enum { CNN_NORM_NONE = 0, CNN_NORM_BATCH = 1, CNN_NORM_LAYER = 2 };
enum { CNN_POOL_NONE = 0, CNN_POOL_MAX2 = 1, CNN_POOL_AVERAGE2 = 2 };
enum {
  CNN_HEAD_FLATTEN = 0,
  CNN_HEAD_GLOBAL_MAX = 1,
  CNN_HEAD_GLOBAL_AVERAGE = 2,
  CNN_HEAD_GRID = 3,
  CNN_HEAD_ATTENTION = 4
};
enum { CNN_OUTPUT_SOFTMAX = 0, CNN_OUTPUT_SIGMOID = 1 };
enum { CNN_SCALING_UNIT = 0, CNN_SCALING_STANDARDISE = 1 };
enum { CNN_OPTIMISER_ADAM = 0, CNN_OPTIMISER_ADAM_TORCH = 1, CNN_OPTIMISER_SGD = 2 };
enum { CNN_SCHEDULE_CONSTANT = 0, CNN_SCHEDULE_COSINE = 1 };
enum { CNN_EDGE_WRAP = 0, CNN_EDGE_REPEAT = 1 };

/* X(type, name, default, min, max) for convolution block n (empty, 2, 3 or 4; block 1 has no
 * number). One block is Conv2D -> norm -> ReLU -> pool:
 *   filters     F
 *   kernel      side of the square kernel, 3 or 5 (4 is refused)
 *   stride      1 or 2, both directions
 *   padding     CNN_PADDING_*: valid drops the border; same pads the (scaled) input with zeros so
 *               that the convolution's side is ceil(side/stride), the odd zero row at the end
 *               (TensorFlow's rule)
 *   norm        CNN_NORM_*, between convolution and ReLU: batch (Ioffe & Szegedy 2015; Keras'
 *               defaults: epsilon 1e-3, moving averages with momentum 0.99, biased variance), layer
 *               (Ba et al. 2016 over the F values of each position; Keras' default, epsilon 1e-3)
 *   pool        CNN_POOL_*: max or mean over 2x2, stride 2; an odd last row and column are dropped
 */
#define CNN_BLOCK_FIELDS(X, n)                                                                     \
  X(int32_t, filters##n, 16, 1, 64)                                                                \
  X(int32_t, kernel##n, 3, 3, 5)                                                                   \
  X(int32_t, stride##n, 1, 1, 2)                                                                   \
  X(int32_t, padding##n, CNN_PADDING_VALID, 0, 1)                                                  \
  X(int32_t, norm##n, CNN_NORM_NONE, 0, 2)                                                         \
  X(int32_t, pool##n, CNN_POOL_MAX2, 0, 2)

/* X(type, name, default, min, max). The one list of settings: it gives the struct, the defaults,
 * the range check and the names that the WebAssembly side sets them by.
 *   resolution  R, side of the square input in pixels
 *   channels    C, 1 (grey) or 3 (colour); 2 is refused
 *   classes     K; labels run 0..K-1
 *   blocks      convolution blocks; 0 = none, the head then reads the scaled pixels and must be
 *               flatten: softmax regression, or a perceptron with `hidden` units
 *   head        CNN_HEAD_*: what turns the P x P x F map into the D features of the dense layers:
 *               flatten F*P*P; global max or average F; grid F*G*G, means over G x G cells whose
 *               borders are floor(i*P/G)..ceil((i+1)*P/G); attention F, the map's mean weighted by
 *               softmax over positions of (query . map)
 *   grid        G, at most P
 *   hidden      units of a Dense + ReLU layer between the head and the output; 0 = none
 *   output      CNN_OUTPUT_*: softmax = K logits; sigmoid = 1 logit, K must be 2
 *   scaling     CNN_SCALING_*: unit = u/255; standardise = (u - mean)/sd of the training set
 *   batch       images per weight update; the last partial batch of an epoch is used
 *   epochs      passes over the training set, at most
 *   optimiser   CNN_OPTIMISER_*, t = 1, 2, ... counts updates:
 *               adam: "epsilon hat" (Kingma & Ba 2015, end of section 2; Keras, TensorFlow)
 *                 w -= learning_rate * sqrt(1-beta2^t)/(1-beta1^t) * m / (sqrt(v) + epsilon)
 *               adam_torch: algorithm 1 of the same paper (PyTorch)
 *                 w -= learning_rate/(1-beta1^t) * m / (sqrt(v/(1-beta2^t)) + epsilon)
 *               sgd: v = momentum*v - learning_rate*g; w += v, or with nesterov
 *                 w += momentum*v - learning_rate*g (Keras' forms)
 *   schedule    CNN_SCHEDULE_*: cosine = from learning_rate to 0 over the updates after warm-up
 *   warmup      epochs over which the learning rate rises linearly from 0 (exclusive)
 *   weight_decay  decoupled (Loshchilov & Hutter 2019): w -= learning_rate*weight_decay*w before
 *               each update, every parameter (Keras' and PyTorch's AdamW)
 *   l2          Keras' kernel_regularizer=l2: the loss gains l2 * sum of squares of every kernel
 *               (convolution and dense; no bias, norm or query), its gradient 2*l2*w
 *   dropout     share of the dense layer's inputs (after head and hidden layer) that is zeroed in
 *               training, the others scaled by 1/(1-dropout)
 *   label_smoothing  s: targets become (1-s)*target + s/K (sigmoid: s/2)
 *   clip_norm   gradients are scaled so that the norm of all of them is at most this; 0 = off
 *   shift       augmentation in training: each image moves by up to this many pixels both ways
 *   shift_edge  CNN_EDGE_*: what moves in: wrap = the other side, repeat = the border's pixel
 *   flip        1 = mirrored left-right in half of the cases
 *   pixel_noise sd in grey levels of noise added in training
 *   patience    epochs without a lower validation loss after which the run ends early; 0 = never.
 *               When on, the weights of the best epoch are restored at the end
 *   seed        initial weights, batch order, dropout and augmentation; 0..2^31-1
 */
#define CNN_CONFIG_FIELDS(X)                                                                       \
  X(int32_t, resolution, 24, 4, 256)                                                               \
  X(int32_t, channels, 1, 1, 3)                                                                    \
  X(int32_t, classes, 5, 2, 255)                                                                   \
  X(int32_t, blocks, 1, 0, CNN_MAX_BLOCKS)                                                         \
  CNN_BLOCK_FIELDS(X, )                                                                            \
  CNN_BLOCK_FIELDS(X, 2)                                                                           \
  CNN_BLOCK_FIELDS(X, 3)                                                                           \
  CNN_BLOCK_FIELDS(X, 4)                                                                           \
  X(int32_t, head, CNN_HEAD_FLATTEN, 0, 4)                                                         \
  X(int32_t, grid, 2, 1, 16)                                                                       \
  X(int32_t, hidden, 0, 0, 256)                                                                    \
  X(int32_t, output, CNN_OUTPUT_SOFTMAX, 0, 1)                                                     \
  X(int32_t, scaling, CNN_SCALING_STANDARDISE, 0, 1)                                               \
  X(int32_t, batch, 32, 1, 256)                                                                    \
  X(int32_t, epochs, 30, 1, 100000)                                                                \
  X(int32_t, optimiser, CNN_OPTIMISER_ADAM, 0, 2)                                                  \
  X(double, learning_rate, 1e-3, 1e-7, 1e30)                                                       \
  X(double, beta1, 0.9, 0.0, 0.9999)                                                               \
  X(double, beta2, 0.999, 0.0, 0.999999)                                                           \
  X(double, epsilon, 1e-7, 1e-12, 1.0)                                                             \
  X(double, momentum, 0.9, 0.0, 0.9999)                                                            \
  X(int32_t, nesterov, 0, 0, 1)                                                                    \
  X(int32_t, schedule, CNN_SCHEDULE_CONSTANT, 0, 1)                                                \
  X(int32_t, warmup, 0, 0, 100000)                                                                 \
  X(double, weight_decay, 0.0, 0.0, 10.0)                                                          \
  X(double, l2, 0.0, 0.0, 10.0)                                                                    \
  X(double, dropout, 0.0, 0.0, 0.95)                                                               \
  X(double, label_smoothing, 0.0, 0.0, 0.99)                                                       \
  X(double, clip_norm, 0.0, 0.0, 1e6)                                                              \
  X(int32_t, shift, 0, 0, 128)                                                                     \
  X(int32_t, shift_edge, CNN_EDGE_WRAP, 0, 1)                                                      \
  X(int32_t, flip, 0, 0, 1)                                                                        \
  X(double, pixel_noise, 0.0, 0.0, 127.0)                                                          \
  X(int32_t, patience, 0, 0, 100000)                                                               \
  X(int32_t, seed, 1, 0, 2147483647)

enum { CNN_MAX_BLOCKS = 4 };

#define CNN_FIELD_MEMBER(type, name, initial, low, high) type name;
typedef struct cnn_config {
  CNN_CONFIG_FIELDS(CNN_FIELD_MEMBER)
} cnn_config;

/* One convolution block's settings, without its number. */
typedef struct {
  int32_t filters, kernel, stride, padding, norm, pool;
} cnn_block;

/* Block index = 0..3. */
cnn_block cnn_config_block(const cnn_config *config, int32_t index);

/* Every field at its default. */
cnn_config cnn_config_default(void);

/* Sets one field by name. CNN_ERROR_CONFIG for an unknown name, a value outside the field's range,
 * or a fraction where an integer is wanted; *config is then unchanged. */
cnn_status cnn_config_set(cnn_config *config, const char *name, double value);

/* Checks every range and combination. On failure *field (may be NULL) names the setting at fault.
 */
cnn_status cnn_config_check(const char **field, const cnn_config *config);

/* ---- What a network is and needs, before it runs --------------------------------------------- */

typedef struct {
  int64_t bytes;           /* memory block for cnn_trainer_create */
  int32_t conv_side;       /* side of the first convolution's output; R without blocks */
  int32_t pool_side;       /* P: side of the map that the head reads; R without blocks */
  int32_t features;        /* D: what the head gives to the dense layers */
  int32_t outputs;         /* K, or 1 for sigmoid */
  int64_t conv_parameters; /* of all blocks: each (k*k*C+1)*F, and 2F for a norm */
  int64_t head_parameters; /* F for attention's query, (D+1)*hidden, (D or hidden + 1)*outputs */
  int64_t parameters;      /* their sum: what training changes */
  int64_t statistics; /* moving means and variances: 2F for each batch norm. Keras' count_params()
                         is parameters + statistics */
  int64_t conv_macs;  /* forward multiply-adds of all convolutions per image: k*k*C*F*side^2 each */
  int64_t head_macs;  /* forward multiply-adds of the dense layers per image */
  int64_t epoch_work; /* work units of one epoch with both evaluations, see cnn_trainer_run */
} cnn_plan;

/* Plans a run on train_count and validation_count images (both >= 1, at most 1,000,000). */
cnn_status cnn_config_plan(cnn_plan *plan, const cnn_config *config, int32_t train_count,
                           int32_t validation_count);

/* The layers in the order in which an image passes them. The network of a configuration has some
 * of these; inspection calls name them by their number in the list. */
enum {
  CNN_LAYER_INPUT = 0, /* scaled pixels [R][R][C] */
  CNN_LAYER_CONV = 1,  /* convolution with bias, before norm and ReLU */
  CNN_LAYER_NORM = 2,
  CNN_LAYER_RELU = 3,
  CNN_LAYER_POOL = 4,
  CNN_LAYER_HEAD = 5,   /* D features */
  CNN_LAYER_HIDDEN = 6, /* after ReLU */
  CNN_LAYER_LOGITS = 7,
  CNN_LAYER_PROBABILITIES = 8 /* [K]; two for sigmoid */
};

typedef struct {
  int32_t kind;       /* CNN_LAYER_* */
  int32_t block;      /* 1..4 for conv, norm, ReLU and pool; else 0 */
  int32_t side;       /* of the map [side][side][channels]; 1 for vectors */
  int32_t channels;   /* or length of the vector */
  int64_t parameters; /* trained ones of this layer */
} cnn_layer;

enum { CNN_MAX_LAYERS = 5 + 4 * CNN_MAX_BLOCKS };

/* Writes at most CNN_MAX_LAYERS layers and their number. */
cnn_status cnn_config_layers(cnn_layer *layers, int32_t *count, const cnn_config *config);

enum {
  CNN_TENSOR_KERNEL = 0, /* convolution HWIO [k][k][C][F]; dense [in][out] */
  CNN_TENSOR_BIAS = 1,
  CNN_TENSOR_GAMMA = 2, /* a norm's scale [F] */
  CNN_TENSOR_BETA = 3,  /* a norm's shift [F] */
  CNN_TENSOR_QUERY = 4, /* attention's [F] */
  CNN_TENSOR_MOVING_MEAN = 5,
  CNN_TENSOR_MOVING_VARIANCE = 6
};

typedef struct {
  int32_t kind;     /* CNN_TENSOR_* */
  int32_t layer;    /* number in cnn_config_layers' list; a hidden or output layer's dense tensors
                       stand at HIDDEN and LOGITS, the query at HEAD */
  int32_t rank;     /* 1, 2 or 4 */
  int32_t shape[4]; /* unused ones are 1 */
  int64_t offset;   /* in cnn_trainer_parameters, or in cnn_trainer_statistics for moving ones */
} cnn_tensor;

enum { CNN_MAX_TENSORS = 5 + 6 * CNN_MAX_BLOCKS };

/* Every array of numbers that the network owns, in memory order: parameters, then statistics. */
cnn_status cnn_config_tensors(cnn_tensor *tensors, int32_t *count, const cnn_config *config);

/* ---- Image sets ------------------------------------------------------------------------------ */

/* Borrowed, never copied or changed: the caller keeps both arrays alive as long as the trainer. */
typedef struct {
  const uint8_t *pixels; /* [count][R][R][C] */
  const uint8_t *labels; /* [count], each below classes */
  int32_t count;         /* 1..1,000,000 */
} cnn_images;

/* Exact area average of a square image: output pixel = mean of the input over the output pixel's
 * footprint, integer sums, rounded half up. Any sides in 1..4096; enlarging repeats pixels (with
 * exact fractions where the sides do not divide). output [out_side][out_side][C], input
 * [in_side][in_side][C]; they must not overlap. */
cnn_status cnn_image_resize(uint8_t *output, const uint8_t *input, int32_t out_side,
                            int32_t in_side, int32_t channels);

/* ---- Trainer --------------------------------------------------------------------------------- */

typedef struct cnn_trainer cnn_trainer;

/* Loss in nats (mean over images), hits of the arg max (first maximum wins; sigmoid: logit > 0). */
typedef struct {
  double loss;
  int32_t correct;
  int32_t count;
} cnn_score;

enum {
  CNN_PHASE_TRAIN = 0,      /* inside an epoch's weight updates */
  CNN_PHASE_EVALUATE = 1,   /* re-evaluating both sets with the epoch's final weights */
  CNN_PHASE_EPOCH_DONE = 2, /* cnn_progress.train and .validation hold a finished epoch */
  CNN_PHASE_FINISHED = 3,   /* as EPOCH_DONE, and it was the last one, or patience ran out; with
                               patience the weights are now those of best_epoch */
  CNN_PHASE_STOPPED = 4     /* not finite; the weights are those before the failing update */
};

typedef struct {
  int32_t phase;        /* CNN_PHASE_* */
  int32_t epoch;        /* finished epochs */
  int32_t step;         /* finished weight updates since create */
  int64_t epoch_work;   /* work units done in the current epoch */
  cnn_score train;      /* of the last finished epoch, whole training set */
  cnn_score validation; /* of the last finished epoch, whole validation set */
  int32_t best_epoch;   /* of the lowest validation loss so far; 0 before the first epoch's end */
} cnn_progress;

/* Lays a trainer out in block (plan.bytes, any alignment of 16) and draws the initial weights:
 * Glorot-uniform kernels (Glorot & Bengio 2010, eq. 16), zero biases. Weight (i, j) of a layer
 * depends only on (seed, layer, i, j), so runs that differ in R or K share their filters. */
cnn_status cnn_trainer_create(cnn_trainer **trainer, const cnn_config *config,
                              const cnn_images *train, const cnn_images *validation, void *block,
                              size_t block_bytes);

/* Works until about `budget` work units (multiply-adds) are spent, an epoch ends, or the run ends;
 * always makes some progress. State survives anywhere, so slicing never changes a result. Call
 * cnn_trainer_progress to see which. After FINISHED it returns CNN_OK and does nothing; after
 * STOPPED it returns CNN_ERROR_NOT_FINITE. */
cnn_status cnn_trainer_run(cnn_trainer *trainer, int64_t budget);
cnn_status cnn_trainer_progress(cnn_progress *progress, const cnn_trainer *trainer);

/* One weight update on the given training images, outside the epoch loop (fixtures, tests).
 * *loss is the batch mean before the update, with the L2 penalty (as Keras prints it); evaluations
 * have no penalty, so that losses compare between settings. 1 <= count <= config.batch. */
cnn_status cnn_trainer_step(double *loss, cnn_trainer *trainer, const int32_t *indices,
                            int32_t count);

/* Loss and hits of any image set under the present weights; not while a run is mid-epoch. */
cnn_status cnn_trainer_evaluate(cnn_score *score, cnn_trainer *trainer, const cnn_images *images);

/* Logits [count][outputs] of any images [count][R][R][C], before sigmoid or softmax; not while a
 * run is mid-epoch. */
cnn_status cnn_trainer_logits(float *logits, cnn_trainer *trainer, const uint8_t *pixels,
                              int32_t count);

/* Flat parameters [plan.parameters] in the order of cnn_config_tensors: each block's kernel, bias,
 * gamma, beta; attention's query; the hidden layer's kernel [D][hidden] and bias; the output's
 * kernel and bias. The flatten index is (h*P + w)*F + f. Writable between updates; ask for the
 * pointer again before writing after a cnn_trainer_run. */
float *cnn_trainer_parameters(cnn_trainer *trainer);
/* Gradients of the last update's mean loss (with the L2 penalty, before clipping), same layout. */
const float *cnn_trainer_gradients(const cnn_trainer *trainer);
/* Moving averages of the batch norms [plan.statistics]: per norm its means [F], variances [F].
 * Writable. */
float *cnn_trainer_statistics(cnn_trainer *trainer);

/* After CNN_ERROR_NOT_FINITE: the setting that most likely made the numbers run away, by the rules
 * in suspect.c (for example learning_rate, or momentum near 1 with sgd). Static storage. NULL for a
 * trainer that has not stopped. */
const char *cnn_trainer_suspect(const cnn_trainer *trainer);

/* ---- Saving ---------------------------------------------------------------------------------- */

/* A model: settings and weights with the moving averages and the input scaling. A state: all of the
 * training too, so that a resumed run ends in the same bits as one that never stopped. Both are
 * little-endian bytes with a version, the settings by name, and a checksum. Image sets are not
 * inside; a state knows their hash. */
enum { CNN_SAVE_MODEL = 0, CNN_SAVE_STATE = 1 };

size_t cnn_trainer_save_bytes(const cnn_trainer *trainer, int32_t kind);
/* Finishes the batch in flight first, which changes no result. out [cnn_trainer_save_bytes]. */
cnn_status cnn_trainer_save(uint8_t *out, cnn_trainer *trainer, int32_t kind);
/* The configuration inside saved bytes, so that the caller can create a trainer for it. */
cnn_status cnn_saved_config(cnn_config *config, int32_t *kind, const uint8_t *bytes, size_t count);
/* Into a trainer created with that configuration; for a state also with the same image sets
 * (CNN_ERROR_SAVED otherwise). A trainer given a model starts an untrained run from its weights.
 * Nothing is changed unless all of it fits. */
cnn_status cnn_trainer_load(cnn_trainer *trainer, const uint8_t *bytes, size_t count);

/* ---- Looking inside -------------------------------------------------------------------------- */

/* All of these leave the weights and the run as they are; not while a run is mid-epoch
 * (CNN_ERROR_BUSY). They use the weights as in evaluation: moving averages, no dropout, no
 * augmentation. pixels [R][R][C] of one image. */

/* The values of layer number `layer` (cnn_config_layers) for one image: [side][side][channels]. Bit
 * for bit what the network computes with, but for the convolution, norm and ReLU of a block that
 * takes its sums by Winograd's way (kernel 3, stride 1, max pool, no norm): these are direct sums,
 * whose last bits may differ from those that its pool was taken from. CNN_ERROR_NOT_FINITE for
 * probabilities of logits that are not finite. */
cnn_status cnn_trainer_activations(float *values, cnn_trainer *trainer, const uint8_t *pixels,
                                   int32_t layer);

/* Where the evidence lies, [P][P]: attention: the weights of the positions (sum 1, the same for
 * every class). Other heads without a hidden layer: class activation map (Zhou et al. 2016), the
 * part of the class's logit that each position adds; the map and the bias sum to the logit (global
 * max: at each filter's strongest position; sigmoid: the logit is class 1's, class 0's the opposite
 * of all of it). CNN_ERROR_CONFIG with a hidden layer or no blocks. */
cnn_status cnn_trainer_class_map(float *map, cnn_trainer *trainer, const uint8_t *pixels,
                                 int32_t class_index);

/* Occlusion (Zeiler & Fergus 2014): a grey (128) square of `patch` pixels at every `stride` pixels
 * (top left corners 0, stride, ... up to R - patch); map[i] = probability of the class without the
 * square minus with it, for squares first..first+count-1 in row-major order. */
cnn_status cnn_trainer_occlusion(float *map, cnn_trainer *trainer, const uint8_t *pixels,
                                 int32_t class_index, int32_t patch, int32_t stride, int32_t first,
                                 int32_t count);

/* What the network says of one image. */
typedef struct {
  double loss;       /* nats */
  float confidence;  /* probability of the predicted class */
  int32_t predicted; /* class: the first largest logit; sigmoid: logit > 0 */
} cnn_judgement;

/* judgements [images->count]. */
cnn_status cnn_trainer_judge(cnn_judgement *judgements, cnn_trainer *trainer,
                             const cnn_images *images);

/* counts [K][K]: images of class i that were called j. */
cnn_status cnn_trainer_confusion(int32_t *counts, cnn_trainer *trainer, const cnn_images *images);

/* ---- Run code -------------------------------------------------------------------------------- */

/* 64-bit hash of the final weights, moving averages and of every epoch's scores.
 * CNN_ERROR_NOT_FINITE if a weight is not finite (NaN bits differ between machines). */
cnn_status cnn_trainer_fingerprint(uint64_t *fingerprint, const cnn_trainer *trainer);

/* Nearest class mean: classifies by the smallest squared distance to the training mean of each
 * class (first minimum wins; a class without images is never chosen). Needs no training and has
 * no probabilities: score->loss is 0.
 * work: K*(R*R*C) + K doubles. */
cnn_status cnn_nearest_mean(cnn_score *score, const cnn_images *train, const cnn_images *test,
                            double *work, int32_t classes, int32_t values_per_image);

/* ---- Scenes ---------------------------------------------------------------------------------- */

enum {
  CNN_SCENE_STRIPED_BALL = 0, /* S: a ball with stripes; class = direction of the stripes */
  CNN_SCENE_TEMPLATES = 1,    /* T: equidistant DCT templates in white noise */
  CNN_SCENE_TEXTURES = 2,     /* X: sums of gratings with random phases; class = energy spectrum */
  CNN_SCENE_NOISE = 3,        /* N: uniform noise, labels independent of it */
  CNN_SCENE_SIGNS = 4,        /* G: 3 to 5 strokes on a 5x5 grid; class = which strokes */
  CNN_SCENE_POLYGONS = 5,     /* P: regular polygons of one area; class k has k + 3 corners */
  CNN_SCENE_HUES = 6          /* C: a round blob; class k of K has the hue 2 pi k/K */
};
enum { CNN_SPLIT_TRAIN = 0, CNN_SPLIT_TEST = 1 };
enum { CNN_RELABEL_NESTED = 0, CNN_RELABEL_ARBITRARY = 1 };
enum { CNN_DOWNSAMPLE_AREA = 0, CNN_DOWNSAMPLE_NEAREST = 1, CNN_DOWNSAMPLE_BILINEAR = 2 };

/* X(type, name, default, min, max). A scene image (split, pattern, index) is a pure function of
 * this struct's generator fields and (seed, split, pattern, index); its size R is an exact average
 * of pixels of the same picture at `reference`: u8 = clamp(round(128 + signal + cue + clutter +
 * noise)). `classes` only chooses which classes are used, except that S and C space their patterns
 * by it (by `patterns` where that is set) and a cue its levels. N is drawn anew at each R and knows
 * no other generator field than channels. Families other than the named ones ignore a field.
 * Every random quantity has a stream or a counter of its own: turning one knob leaves the draws of
 * the others as they were.
 *   family      CNN_SCENE_*
 *   reference   side at which the scene is drawn: 192 or 256; R (at least 4) must divide it
 *   channels    1, or 3: signal times the unit colour vector (0.64, 0.48, -0.6), amber against
 *               blue, so its energy stays that of the grey scene; noise independent per channel,
 *               clutter the same in all. C needs 3
 *   classes     K; T: patterns at most band_width^2 - 1; X: at most gratings - 1
 *   noise       sd of the white pixel noise in grey levels at the reference size (not N)
 *   radius      of the circle that holds the object, as a share of the side, at least 0.02: disc
 *               (S, X), sign, polygon or blob (G, P, C). A disc lies anywhere fully inside, the
 *               others in the middle but for jitter; X: 0 = the texture fills the frame
 *   amplitude   S: grey levels of the stripes; X: rms contrast of the texture in grey levels;
 *               G, P: grey levels above 128; C: length of the RGB difference to mid-grey, in the
 *               plane of equal luma, so that the grey picture is empty but for rounding
 *   stripes     S: light-dark pairs per picture side; class k runs at the angle pi*k/K
 *   band_low    T: u0, lowest spatial frequency in half-cycles per frame; u0+B <= reference
 *   band_width  T: B, frequencies u0..u0+B-1 in both directions (8 or 16)
 *   snr         T: s = template norm over the reference picture / noise; snr * noise <= 7680
 *   gratings    X: number of gratings L, a power of two
 *   frequency_low, frequency_high   X: range of the gratings' frequencies in cycles per frame
 *   phase       S, X: 1 = phases drawn for every picture, 0 = the seed's, the same in all pictures
 *   jitter      G, P, C: largest shift off the middle in either direction as a share of the side,
 *               cut so that the object stays inside; T: largest shift, around the edges, in whole
 *               reference pixels, which keeps every distance. Uniform
 *   rotation    S, X, G, P: largest turn in degrees either way, uniform
 *   scale_jitter S, X, G, P, C: size factor uniform in 1 -+ this; a disc's waves grow with it
 *   clutter     rms grey levels of bilinear value noise, five octaves of equal power (2 to 32 cells
 *               a side), that is amplitudes like 1/f (not N)
 *   cue         background colour that goes with the class: class k of K has 128 + cue * (2k/(K-1)
 *               - 1); 3 channels: the hue 2 pi k/K of that length, as in C. It lies outside the
 *               object; T, X without disc: over the whole frame (not N)
 *   cue_train, cue_test   share of pictures whose background is their class's; the others have
 *               that of another class, uniformly. 1/K tells nothing. The class is the declared one,
 *               whatever label noise makes of it
 *   patterns    K_fine kinds of pictures, at least K, that are merged into K classes; 0 = K, one
 *               each. Pictures depend on this and not on classes, except for a cue
 *   relabel     CNN_RELABEL_*: class of pattern p = floor(p K / K_fine), or a seeded permutation
 *               of the patterns, modulo K
 *   downsample  CNN_DOWNSAMPLE_*, block b = reference/R: mean of the b x b pixels; the pixel that
 *               holds the centre (b/2, rounded down, in both directions); mean of the 2 x 2 pixels
 *               around the centre (b odd: the pixel there). Means are rounded half up. Noise at R
 *               has the sd noise/b, noise and noise/2 (b odd: noise)
 *   label_noise share of training labels redrawn uniformly from the K classes (0..1)
 *   shuffle_test_labels 1 = the test labels are redrawn uniformly too (random-label control)
 *   seed        data seed, 0..2^31-1
 */
#define CNN_SCENE_FIELDS(X)                                                                        \
  X(int32_t, family, CNN_SCENE_STRIPED_BALL, 0, 6)                                                 \
  X(int32_t, reference, 192, 192, 256)                                                             \
  X(int32_t, channels, 1, 1, 3)                                                                    \
  X(int32_t, classes, 5, 2, 255)                                                                   \
  X(double, noise, 40.0, 0.0, 120.0)                                                               \
  X(double, radius, 0.2, 0.0, 0.5)                                                                 \
  X(double, amplitude, 56.0, 0.0, 127.0)                                                           \
  X(double, stripes, 8.0, 0.5, 96.0)                                                               \
  X(int32_t, band_low, 0, 0, 240)                                                                  \
  X(int32_t, band_width, 8, 8, 16)                                                                 \
  X(double, snr, 4.0, 0.0, 1024.0)                                                                 \
  X(int32_t, gratings, 8, 4, 64)                                                                   \
  X(double, frequency_low, 4.0, 0.5, 96.0)                                                         \
  X(double, frequency_high, 8.0, 0.5, 96.0)                                                        \
  X(int32_t, phase, 1, 0, 1)                                                                       \
  X(double, jitter, 0.0, 0.0, 0.5)                                                                 \
  X(double, rotation, 0.0, 0.0, 180.0)                                                             \
  X(double, scale_jitter, 0.0, 0.0, 0.5)                                                           \
  X(double, clutter, 0.0, 0.0, 127.0)                                                              \
  X(double, cue, 0.0, 0.0, 127.0)                                                                  \
  X(double, cue_train, 1.0, 0.0, 1.0)                                                              \
  X(double, cue_test, 1.0, 0.0, 1.0)                                                               \
  X(int32_t, patterns, 0, 0, 255)                                                                  \
  X(int32_t, relabel, CNN_RELABEL_NESTED, 0, 1)                                                    \
  X(int32_t, downsample, CNN_DOWNSAMPLE_AREA, 0, 2)                                                \
  X(double, label_noise, 0.0, 0.0, 1.0)                                                            \
  X(int32_t, shuffle_test_labels, 0, 0, 1)                                                         \
  X(int32_t, seed, 1, 0, 2147483647)

typedef struct cnn_scene {
  CNN_SCENE_FIELDS(CNN_FIELD_MEMBER)
} cnn_scene;
#undef CNN_FIELD_MEMBER

cnn_scene cnn_scene_default(void);
cnn_status cnn_scene_set(cnn_scene *scene, const char *name, double value);
/* On failure *field (may be NULL) names the setting at fault. */
cnn_status cnn_scene_check(const char **field, const cnn_scene *scene, int32_t resolution);

/* Bytes of scratch that the calls below need, any alignment of 8; 0 for a refused scene. */
size_t cnn_scene_work_bytes(const cnn_scene *scene);

/* Class of pattern 0..K_fine-1 under relabel; scene checked. */
int32_t cnn_scene_class(const cnn_scene *scene, int32_t pattern);

/* T: s at R, the ideal observer's signal-to-noise ratio: root mean square over all pairs of
 * patterns of |difference of the noiseless pictures at R| / (sqrt 2 * sd of the noise at R), before
 * rounding to u8. NaN where s does not rule: other families, clutter, jitter, a cue. 0 without
 * noise, when the templates are empty too. work: cnn_scene_work_bytes. */
cnn_status cnn_scene_strength(double *strength, const cnn_scene *scene, int32_t resolution,
                              void *work);

/* G: the smallest number of unit strokes (from one point of the grid to the next) by which two
 * patterns differ; -1 for other families. work: cnn_scene_work_bytes. */
cnn_status cnn_scene_sign_distance(int32_t *distance, const cnn_scene *scene, void *work);

/* One picture [R][R][C] of a pattern (a class, where patterns is 0). work: cnn_scene_work_bytes.
 * Drawing keeps no state: work may be thrown away or reused between any two calls. */
cnn_status cnn_scene_draw(uint8_t *pixels, const cnn_scene *scene, int32_t resolution,
                          int32_t split, int32_t pattern, int32_t index, void *work);

/* Pictures first..first+count-1 of a balanced set: picture j is index j/P of pattern j%P, P =
 * K_fine. Labels are the declared class, or what label noise, shuffling or family N make of it.
 * pixels [count][R][R][C], labels [count]. Slices of a set are the same bits as the whole. */
cnn_status cnn_scene_draw_set(uint8_t *pixels, uint8_t *labels, const cnn_scene *scene,
                              int32_t resolution, int32_t split, int32_t first, int32_t count,
                              void *work);

/* ---- Files of pictures ----------------------------------------------------------------------- */

/* Both parsers read bytes of any origin: they write nothing but their outputs, read nothing past
 * count and allocate nothing. A file that they refuse is refused whole. */

/* The header of an IDX file (the format of MNIST, yann.lecun.com/exdb/mnist): two zero bytes, the
 * type (8 = u8, the only one taken), the rank, then each dimension as a big-endian u32. */
typedef struct {
  int32_t rank;     /* 1..4 */
  uint32_t dims[4]; /* all at least 1; those past the rank are 1 */
  size_t offset;    /* of the first value; the values fill the rest of the file exactly */
} cnn_idx;

/* Reads the header alone: bytes [min(count, 20)]; may be NULL where count is 0. */
cnn_status cnn_idx_parse(cnn_idx *idx, const uint8_t *bytes, size_t count);

enum { CNN_CSV_MAX_ROWS = 100000, CNN_CSV_MAX_SIDE = 512, CNN_CSV_MAX_LABEL = 255 };

/* A table of pictures (RFC 4180): a row is a label and side*side*channels pixels 0..255, the
 * channels of a pixel side by side. Lines end in LF, CRLF or CR; a byte order mark, blank lines and
 * one empty column at the end are passed over; the separator is the first line's comma, else
 * semicolon, else tab. The first line is a header if it names a column label, class or target, or
 * if at least half of its columns, and two, are no pixels. The label is the column so named; else
 * the first or last, whichever holds something other than pixels, else the first unless all its
 * values are equal and the last's are not. */
typedef struct {
  int32_t rows;
  int32_t side, channels; /* channels 1 or 3 */
  int32_t values;         /* pixels of a row, side*side*channels */
  int32_t columns;        /* with the label's */
  int32_t label_column;   /* from 0 */
  size_t label_bytes;     /* of all labels, each with a zero byte behind it */
  size_t first_row;       /* where the rows start in the file */
  uint8_t separator;
  int32_t first_line;   /* line at first_row, from 1 */
  int32_t line, column; /* of a failure, from 1; 0 where it has no place */
} cnn_csv;

/* Looks through the whole file; on failure csv->line and csv->column say where. */
cnn_status cnn_csv_scan(cnn_csv *csv, const uint8_t *bytes, size_t count);

/* pixels [rows][values], labels [label_bytes]: the bytes of each label without quotation marks,
 * then a zero. csv and bytes as they were for a scan that gave CNN_OK; where they are not, the call
 * fails and writes nothing outside its outputs. */
cnn_status cnn_csv_read(uint8_t *pixels, uint8_t *labels, cnn_csv *csv, const uint8_t *bytes,
                        size_t count);

#ifdef __cplusplus
}
#endif

#endif
