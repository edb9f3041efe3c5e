/* The trainer's insides: laid out by plan.c, filled by create.c, worked on by the stages
 * (stages.h), driven by trainer.c, written and read by save.c, looked at by inspect.c. */
#ifndef CNN_TRAINER_STATE_H
#define CNN_TRAINER_STATE_H

#include "cnn.h"
#include "conv.h"
#include "network.h"
#include "update.h"

/* What is left to do for the batch in flight. A stage that the network does not need is skipped. */
typedef enum {
  CNN_STAGE_IDLE,
  CNN_STAGE_FORWARD,         /* one image through one block a unit; the last block with the head */
  CNN_STAGE_NORM_MEAN,       /* batch norm in training: one image a unit */
  CNN_STAGE_NORM_VARIANCE,   /* the same */
  CNN_STAGE_NORM_APPLY,      /* the same: norm, ReLU, pool, and the head after the last block */
  CNN_STAGE_HIDDEN,          /* one block of inputs a unit */
  CNN_STAGE_OUTPUT,          /* one block of inputs a unit */
  CNN_STAGE_LOSS,            /* whole batch */
  CNN_STAGE_OUTPUT_BACKWARD, /* one block of inputs a unit */
  CNN_STAGE_HIDDEN_BACKWARD, /* one block of inputs a unit */
  CNN_STAGE_NORM_BACKWARD,   /* batch norm: sums of its gradients, one image a unit */
  CNN_STAGE_BACKWARD,        /* one image through one block a unit */
  CNN_STAGE_CHECK,           /* L2, gradient norm, cheap finite check: one block of parameters */
  CNN_STAGE_TRY,             /* exact finite check, where the cheap one proves nothing */
  CNN_STAGE_UPDATE           /* one block of parameters a unit */
} cnn_stage;

typedef enum { CNN_PASS_LEARN, CNN_PASS_SCORE_TRAIN, CNN_PASS_SCORE_VALIDATION } cnn_pass;

/* Lives only while a batch is in flight: what survives a batch stands in the trainer. */
typedef struct {
  const uint8_t *pixels;
  const uint8_t *labels; /* NULL: logits only */
  const int32_t *order;  /* NULL: images first, first+1, ... */
  int32_t first;
  int32_t count;
  int learn;
  cnn_stage stage;
  int32_t block;   /* of the stages that go through blocks */
  int64_t at;      /* next image, input or parameter of the stage */
  double loss_sum; /* nats, over the images of the batch, without the L2 penalty */
  int32_t correct;
  double kernel_squares; /* sum of squares of all kernels, for the L2 penalty */
  double gradient_squares;
  int tame;           /* the cheap finite check holds so far */
  int restart_bound;  /* the update was proved by trying it out */
  double beta1_power; /* of the update about to be made */
  double beta2_power;
  cnn_update update;
} cnn_batch;

/* One block's arrays. Everything per image starts at a multiple of the image's size. */
typedef struct {
  float *panels;          /* packed weights */
  float *turned;          /* kernel for the input gradient; NULL for the first block */
  float *image;           /* one framed input; its border is zero, its tail readable */
  float *map;             /* [batch][P][P][F] output, then its gradient */
  uint8_t *winner;        /* [batch][winner_bytes] */
  float *z;               /* [batch][conv_side][conv_side][F] with a norm, else NULL */
  float *mean;            /* [F] batch norm: the batch's or the moving ones, what is applied now */
  float *scale;           /* [F] 1 / sqrt(variance + epsilon) */
  double *batch_mean;     /* [F] of the batch in flight */
  double *batch_variance; /* [F] */
  double *dgamma, *dbeta; /* [F] with a norm */
} cnn_block_state;

struct cnn_trainer {
  cnn_config config;
  cnn_plan plan;
  cnn_network network;
  cnn_images train;
  cnn_images validation;

  /* The state of the run between two batches: what a saved state holds besides the arrays. */
  cnn_progress progress;
  cnn_pass pass;
  int32_t cursor; /* first image of the pass's next batch */
  cnn_score tally;
  double beta1_power; /* beta1^t after t updates, a running product */
  double beta2_power;
  uint64_t history; /* hash of all epochs' scores */
  double best_loss; /* validation loss of progress.best_epoch */
  cnn_bound bound;  /* of weights and first moments, see update.h */
  int bound_known;  /* 0: weights may have been written from outside, or come from saved bytes */
  int lent;         /* 1: someone may still hold cnn_trainer_parameters' pointer */
  float scaling[256];

  cnn_batch batch;

  /* [parameters] each, flat twins */
  float *parameters, *gradients, *moment1, *moment2;
  float *statistics; /* [statistics] */
  float *best;       /* [parameters + statistics] with patience, else NULL */
  int32_t *order;    /* [train.count] this epoch's order */

  cnn_block_state blocks[CNN_MAX_BLOCKS];
  uint8_t *augmented; /* [batch][R][R][C] with augmentation, else NULL */
  float *features;    /* [batch][D]: the last map itself for flatten, else its own; then gradient */
  int32_t *place;     /* [batch][F] for global max */
  float *attention;   /* [batch][P][P] weights, for attention */
  float *attended;    /* [batch][F] features before dropout, for attention */
  double *dquery;     /* [F] */
  float *hidden;      /* [batch][hidden] after ReLU and dropout */
  float *dhidden;     /* [batch][hidden] */
  float *logits;      /* [batch][outputs] */
  float *dlogits;     /* [batch][outputs] */

  uint8_t *probe; /* [R][R][C] an image made for looking inside */

  /* Scratch of one unit */
  float *maps;   /* one unfused block's y or dz [conv_side][conv_side][F], and its z without norm */
  float *dimage; /* one framed input's gradient */
  float *sums;   /* one image's convolution gradient */
  float *work;   /* of the convolution and dense kernels */
  void *list;    /* of the convolution's weight gradient */
};

/* Points the trainer's arrays into block (NULL: only counts) and returns the bytes used. Needs
 * config, network and train.count. */
int64_t cnn_trainer_layout(cnn_trainer *trainer, void *block);

/* Images of the batch that begins at `first` of `count`. */
int32_t cnn_batch_size(const cnn_trainer *trainer, int32_t first, int32_t count);

/* Starts a batch; then one unit a call, until stage is IDLE. Returns the work done; a batch whose
 * numbers are not finite sets *status, is IDLE, and leaves the weights as they were. A batch that
 * does not learn leaves behind, for each of its images: every block's map, features, attention,
 * attended, hidden, logits. */
void cnn_batch_begin(cnn_trainer *trainer, const cnn_images *images, const int32_t *order,
                     int32_t first, int32_t count, int learn);
int64_t cnn_batch_unit(cnn_status *status, cnn_trainer *trainer);
/* All units that are left. */
cnn_status cnn_batch_finish(cnn_trainer *trainer);

/* Framed input of a block (0..) for image i of the present batch, whose maps before it are done;
 * valid until the next call. */
const float *cnn_batch_input(cnn_trainer *trainer, int32_t block, int64_t i);
/* z of one image through the block's norm (copied where there is none) with the means and scales
 * of the present batch; y may be z. */
void cnn_batch_normalise(float *y, const cnn_trainer *trainer, int32_t block, const float *z);

/* Whether an epoch has begun and not ended: its batch and tallies would be overwritten. */
int cnn_trainer_is_busy(const cnn_trainer *trainer);
/* Finishes the batch in flight, if there is one, as cnn_trainer_run would. */
cnn_status cnn_trainer_finish_batch(cnn_trainer *trainer);
/* Order, pass and work of the epoch after progress.epoch. */
void cnn_trainer_begin_epoch(cnn_trainer *trainer);
/* This epoch's order of the training images, from the seed and progress.epoch alone. */
void cnn_trainer_shuffle(cnn_trainer *trainer);
/* CNN_OK if there are images and every label is below `classes`. */
cnn_status cnn_images_check(const cnn_images *images, int32_t classes);

#endif
