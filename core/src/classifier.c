/* The dense layers and the loss over the whole batch, forward and backward, one block of
 * CNN_DENSE_ROWS inputs a unit. */
#include <string.h>

#include "augment.h"
#include "dense.h"
#include "loss.h"
#include "stages.h"

/* A dense layer and its arrays for the batch in flight. */
typedef struct {
  float *x; /* [batch][inputs] */
  float *y; /* [batch][outputs] */
  float *dy;
  int64_t kernel, bias;
  size_t inputs, outputs;
} layer;

static layer hidden_layer(const cnn_trainer *t) {
  const cnn_network *n = &t->network;
  const layer l = {t->features,    t->hidden,   t->dhidden, n->hidden_kernel,
                   n->hidden_bias, n->features, n->hidden};
  return l;
}

static layer output_layer(const cnn_trainer *t) {
  const cnn_network *n = &t->network;
  const layer l = {n->hidden != 0 ? t->hidden : t->features,
                   t->logits,
                   t->dlogits,
                   n->dense_kernel,
                   n->dense_bias,
                   n->dense_inputs,
                   n->outputs};
  return l;
}

/* The bias starts the accumulators. */
static void start_with_bias(const cnn_trainer *t, layer l) {
  for (size_t i = 0; i < (size_t)t->batch.count; i++) {
    memcpy(l.y + i * l.outputs, t->parameters + l.bias, l.outputs * sizeof(float));
  }
}

void cnn_begin_dense(cnn_trainer *t) {
  if (t->network.hidden != 0) {
    start_with_bias(t, hidden_layer(t));
  }
  start_with_bias(t, output_layer(t));
}

static int64_t forward(cnn_trainer *t, layer l) {
  const int64_t row = t->batch.at;
  const size_t rows = cnn_unit_rows(row, l.inputs, CNN_DENSE_ROWS);
  cnn_dense_forward(l.y, l.x + row, t->parameters + l.kernel + row * (int64_t)l.outputs, t->work,
                    l.inputs, (size_t)t->batch.count, rows, l.outputs);
  t->batch.at += (int64_t)rows;
  return t->batch.count * (int64_t)rows * cnn_work_of(t, t->batch.stage, 0, t->batch.learn);
}

int64_t cnn_unit_hidden(cnn_trainer *t) {
  return forward(t, hidden_layer(t));
}

/* Dropout on what the output layer reads, values or their gradients, with a hidden layer. */
static void drop_hidden(const cnn_trainer *t, float *values) {
  const size_t hidden = t->network.hidden;
  if (t->config.dropout > 0.0) {
    for (int64_t i = 0; i < t->batch.count; i++) {
      cnn_dropout(values + (size_t)i * hidden, t->config.dropout, t->config.seed, t->progress.step,
                  (int32_t)cnn_batch_index(&t->batch, i), 0, hidden);
    }
  }
}

void cnn_finish_hidden(cnn_trainer *t) {
  cnn_dense_relu(t->hidden, (size_t)t->batch.count * t->network.hidden);
  if (t->batch.learn) {
    drop_hidden(t, t->hidden);
  }
}

int64_t cnn_unit_output(cnn_trainer *t) {
  return forward(t, output_layer(t));
}

int64_t cnn_unit_loss(cnn_status *status, cnn_trainer *t) {
  const size_t outputs = t->network.outputs;
  const double smoothing = t->batch.learn ? t->config.label_smoothing : 0.0;
  cnn_batch *b = &t->batch;
  for (int64_t i = 0; i < b->count; i++) {
    int correct = 0;
    float *dlogits = b->learn ? t->dlogits + (size_t)i * outputs : NULL;
    b->loss_sum +=
        cnn_loss_image(dlogits, &correct, t->logits + (size_t)i * outputs,
                       b->labels[cnn_batch_index(b, i)], outputs, (double)b->count, smoothing);
    b->correct += correct;
  }
  b->at = b->count;
  *status = b->loss_sum - b->loss_sum == 0.0 ? CNN_OK : CNN_ERROR_NOT_FINITE;
  return 0;
}

static void bias_gradient(const cnn_trainer *t, layer l) {
  float *dbias = t->gradients + l.bias;
  memset(dbias, 0, l.outputs * sizeof(float));
  for (size_t i = 0; i < (size_t)t->batch.count; i++) {
    for (size_t j = 0; j < l.outputs; j++) {
      dbias[j] += l.dy[i * l.outputs + j];
    }
  }
}

/* dkernel[block, :] = x[:, block]^T dy, then dx[:, block] = dy kernel[block, :]^T while that part
 * of the kernel is in the cache; dx may be x, NULL if nothing below learns. */
static int64_t backward(cnn_trainer *t, layer l, float *dx) {
  const int64_t row = t->batch.at;
  const size_t rows = cnn_unit_rows(row, l.inputs, CNN_DENSE_ROWS);
  const int64_t at = l.kernel + row * (int64_t)l.outputs;
  const size_t images = (size_t)t->batch.count;
  cnn_dense_weight_gradient(t->gradients + at, l.x + row, l.dy, t->work, l.inputs, images, rows,
                            l.outputs);
  if (dx != NULL) {
    cnn_dense_input_gradient(dx + row, l.dy, t->parameters + at, t->work, l.inputs, images, rows,
                             l.outputs);
  }
  t->batch.at += (int64_t)rows;
  return t->batch.count * (int64_t)rows * cnn_work_of(t, t->batch.stage, 0, 1);
}

/* The features become their gradient: ReLU's mask is kept in `winner`, and heads that need the
 * values keep them. */
static float *dfeatures(const cnn_trainer *t) {
  return t->network.block_count > 0 ? t->features : NULL;
}

int64_t cnn_unit_output_backward(cnn_trainer *t) {
  return backward(t, output_layer(t), t->network.hidden != 0 ? t->dhidden : dfeatures(t));
}

void cnn_finish_output_backward(cnn_trainer *t) {
  bias_gradient(t, output_layer(t));
  if (t->network.hidden != 0) {
    drop_hidden(t, t->dhidden);
    cnn_dense_relu_gradient(t->dhidden, t->hidden, (size_t)t->batch.count * t->network.hidden);
    bias_gradient(t, hidden_layer(t));
  }
}

int64_t cnn_unit_hidden_backward(cnn_trainer *t) {
  return backward(t, hidden_layer(t), dfeatures(t));
}
