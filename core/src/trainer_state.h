/* The trainer's insides, shared by plan.c (layout), batch.c (one batch) and trainer.c (the run). */
#ifndef CNN_TRAINER_STATE_H
#define CNN_TRAINER_STATE_H

#include "cnn.h"
#include "conv.h"

/* Features of the dense layer per unit of work; a multiple of CNN_GEMM_BLOCK, so that cutting the
 * products here leaves every sum as it was. */
enum { CNN_HEAD_ROWS = 2048 };
/* Parameters per unit of work in the update. */
enum { CNN_UPDATE_ROWS = 65536 };

/* What is left to do for the batch in flight, in order. */
typedef enum {
  CNN_STAGE_IDLE,
  CNN_STAGE_FORWARD,       /* one image a unit */
  CNN_STAGE_HEAD,          /* one block of features a unit */
  CNN_STAGE_LOSS,          /* whole batch */
  CNN_STAGE_HEAD_BACKWARD, /* one block of features a unit */
  CNN_STAGE_BACKWARD,      /* one image a unit */
  CNN_STAGE_CHECK,         /* would the update be finite? one block of parameters a unit */
  CNN_STAGE_UPDATE         /* one block of parameters a unit */
} cnn_stage;

typedef enum { CNN_PASS_LEARN, CNN_PASS_SCORE_TRAIN, CNN_PASS_SCORE_VALIDATION } cnn_pass;

typedef struct {
  const uint8_t *pixels;
  const uint8_t *labels; /* NULL: logits only */
  const int32_t *order;  /* NULL: images first, first+1, ... */
  int32_t first;
  int32_t count;
  int learn;
  cnn_stage stage;
  int64_t at;      /* next image, feature or parameter of the stage */
  double loss_sum; /* nats, over the images of the batch */
  int32_t correct;
} cnn_batch;

struct cnn_trainer {
  cnn_config config;
  cnn_plan plan;
  cnn_conv_shape shape;
  cnn_images train;
  cnn_images validation;
  cnn_progress progress;
  cnn_pass pass;
  int32_t cursor; /* first image of the pass's next batch */
  cnn_score tally;
  cnn_batch batch;
  double beta1_power; /* beta1^t after t updates, a running product */
  double beta2_power;
  uint64_t history; /* hash of all epochs' scores */
  float scaling[256];
  /* [parameters] each, flat twins */
  float *parameters, *gradients, *moment1, *moment2;
  float *panels;   /* packed convolution */
  float *image;    /* one scaled image with its border */
  float *sums;     /* one image's convolution gradient */
  float *pack;     /* GEMM scratch */
  float *map;      /* [batch][P][P][F]; the flatten head's features, then their gradient */
  uint8_t *winner; /* [batch][P][P][F] */
  float *features; /* [batch][D]: map itself for flatten, else pooled features, then gradient */
  int32_t *place;  /* [batch][F] for global max */
  float *logits;   /* [batch][outputs] */
  float *dlogits;  /* [batch][outputs] */
  int32_t *order;  /* [train.count] this epoch's order */
};

/* The convolution that a checked configuration asks for. */
cnn_conv_shape cnn_config_shape(const cnn_config *config);

/* Work units (multiply-adds, roughly) of the parts of a batch; the plan adds up the same. */
int64_t cnn_work_forward(const cnn_plan *plan);
int64_t cnn_work_backward(const cnn_plan *plan);
int64_t cnn_work_head(const cnn_plan *plan, int64_t rows, int64_t images);
int64_t cnn_work_update(int64_t parameters);

/* Points the trainer's arrays into block (NULL: only counts) and returns the bytes used. */
int64_t cnn_trainer_layout(cnn_trainer *trainer, void *block);

/* Starts a batch; then one unit a call, until stage is IDLE. Returns the work done; a batch whose
 * numbers are not finite sets *status and leaves the weights as they were. */
void cnn_batch_begin(cnn_trainer *trainer, const cnn_images *images, const int32_t *order,
                     int32_t first, int32_t count, int learn);
int64_t cnn_batch_unit(cnn_status *status, cnn_trainer *trainer);

#endif
