/* What the network says of each image of a set, and whom it takes for whom. */
#include <string.h>

#include "loss.h"
#include "trainer_state.h"

/* Logits of images first, first+1, ..., at most a batch of them, left behind in the trainer. */
static cnn_status next_logits(int32_t *count, cnn_trainer *t, const cnn_images *images,
                              int32_t first) {
  const cnn_images unlabelled = {images->pixels, NULL, images->count};
  *count = cnn_batch_size(t, first, images->count);
  cnn_batch_begin(t, &unlabelled, NULL, first, *count, 0);
  return cnn_batch_finish(t);
}

static cnn_status judge_image(cnn_judgement *judgement, const float *logits, uint8_t label,
                              size_t outputs) {
  float probabilities[256]; /* one more than the most classes */
  int correct;
  const double loss = cnn_loss_image(NULL, &correct, logits, label, outputs, 1.0, 0.0);
  if (loss - loss != 0.0) {
    return CNN_ERROR_NOT_FINITE;
  }
  cnn_probabilities(probabilities, logits, outputs);
  judgement->loss = loss;
  judgement->predicted = cnn_predicted_class(logits, outputs);
  judgement->confidence = probabilities[judgement->predicted];
  return CNN_OK;
}

static cnn_status check(const void *out, const cnn_trainer *t, const cnn_images *images) {
  if (out == NULL || t == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  return cnn_trainer_is_busy(t) ? CNN_ERROR_BUSY : cnn_images_check(images, t->config.classes);
}

cnn_status cnn_trainer_judge(cnn_judgement *judgements, cnn_trainer *t, const cnn_images *images) {
  cnn_status status = check(judgements, t, images);
  int32_t count = 0;
  for (int32_t first = 0; status == CNN_OK && first < images->count; first += count) {
    status = next_logits(&count, t, images, first);
    for (int32_t i = 0; status == CNN_OK && i < count; i++) {
      status = judge_image(&judgements[first + i], t->logits + (size_t)i * t->network.outputs,
                           images->labels[first + i], t->network.outputs);
    }
  }
  return status;
}

cnn_status cnn_trainer_confusion(int32_t *counts, cnn_trainer *t, const cnn_images *images) {
  cnn_status status = check(counts, t, images);
  if (status != CNN_OK) {
    return status;
  }
  const size_t classes = (size_t)t->config.classes;
  memset(counts, 0, classes * classes * sizeof *counts);
  int32_t count = 0;
  for (int32_t first = 0; status == CNN_OK && first < images->count; first += count) {
    status = next_logits(&count, t, images, first);
    for (int32_t i = 0; status == CNN_OK && i < count; i++) {
      cnn_judgement judgement;
      const uint8_t label = images->labels[first + i];
      status = judge_image(&judgement, t->logits + (size_t)i * t->network.outputs, label,
                           t->network.outputs);
      if (status == CNN_OK) {
        counts[label * classes + (size_t)judgement.predicted]++;
      }
    }
  }
  return status;
}
