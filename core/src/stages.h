/* The stages of a batch (cnn_stage in trainer_state.h), one unit a call. Each unit works at
 * batch.at, moves it on, and returns the work done; batch.c puts the stages in order. Every sum
 * runs in an order fixed by the batch alone, never by where the work was cut. */
#ifndef CNN_STAGES_H
#define CNN_STAGES_H

#include "trainer_state.h"

/* Parameters per unit of work in the update. */
enum { CNN_UPDATE_ROWS = 65536 };

/* Work of one image through a stage of `block`; of one input of a dense layer for one image; of one
 * parameter. Multiply-adds of the direct convolution, roughly. The plan adds up the same. */
int64_t cnn_work_of(const cnn_trainer *trainer, cnn_stage stage, int32_t block, int learn);
/* Work of one epoch with both evaluations. Needs config, network and the two sets' counts. */
int64_t cnn_work_of_epoch(const cnn_trainer *trainer);

/* Number in its image set of image i of the batch. */
static inline size_t cnn_batch_index(const cnn_batch *b, int64_t i) {
  const int64_t at = b->first + i;
  return b->order == NULL ? (size_t)at : (size_t)b->order[at];
}

static inline size_t cnn_unit_rows(int64_t at, size_t end, int64_t rows) {
  const int64_t left = (int64_t)end - at;
  return (size_t)(left < rows ? left : rows);
}

/* Whether the batch in flight normalises block b by its own mean and variance. */
static inline int cnn_norms_by_batch(const cnn_trainer *t, int32_t b) {
  return t->batch.learn && t->network.blocks[b].norm == CNN_NORM_BATCH;
}

/* forward.c */
int64_t cnn_unit_forward(cnn_trainer *trainer);
int64_t cnn_unit_norm_mean(cnn_trainer *trainer);
int64_t cnn_unit_norm_variance(cnn_trainer *trainer);
int64_t cnn_unit_norm_apply(cnn_trainer *trainer);
/* Means and scales: the moving ones in evaluation; else from the batch's sums, stage by stage. */
void cnn_begin_norms(cnn_trainer *trainer);
void cnn_finish_norm_mean(cnn_trainer *trainer);
void cnn_finish_norm_variance(cnn_trainer *trainer);

/* classifier.c */
void cnn_begin_dense(cnn_trainer *trainer);
int64_t cnn_unit_hidden(cnn_trainer *trainer);
void cnn_finish_hidden(cnn_trainer *trainer);
int64_t cnn_unit_output(cnn_trainer *trainer);
int64_t cnn_unit_loss(cnn_status *status, cnn_trainer *trainer);
int64_t cnn_unit_output_backward(cnn_trainer *trainer);
void cnn_finish_output_backward(cnn_trainer *trainer);
int64_t cnn_unit_hidden_backward(cnn_trainer *trainer);

/* backward.c */
void cnn_begin_backward(cnn_trainer *trainer);
int64_t cnn_unit_norm_backward(cnn_trainer *trainer);
int64_t cnn_unit_backward(cnn_trainer *trainer);
void cnn_finish_block_backward(cnn_trainer *trainer);

/* step.c */
void cnn_begin_step(cnn_trainer *trainer);
int64_t cnn_unit_check(cnn_status *status, cnn_trainer *trainer);
/* Decides how the update is proved finite: 1 if the cheap check was enough. */
int cnn_finish_check(cnn_status *status, cnn_trainer *trainer);
int64_t cnn_unit_try(cnn_status *status, cnn_trainer *trainer);
int64_t cnn_unit_update(cnn_trainer *trainer);
void cnn_finish_update(cnn_trainer *trainer);

#endif
