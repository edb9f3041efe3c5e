/* Cross-entropy from logits, in double, and its gradient. */
#ifndef CNN_LOSS_H
#define CNN_LOSS_H

#include <stddef.h>
#include <stdint.h>

/* Components of dlogits smaller than this become zero. Part of the definition: a memorised image
 * has probabilities like e^-90, whose products in the backward pass are denormal and many times
 * slower on some CPUs, while Adam's epsilon of 1e-7 makes a gradient of 1e-20 unfeelable. */
#define CNN_LOSS_FLUSH 1e-20

/* One image. logits [outputs]; outputs = 1 means sigmoid with label 0 or 1. smoothing s: the target
 * is (1-s) * one-hot + s/outputs (sigmoid: (1-s) * label + s/2), 0 in evaluations. Returns the loss
 * in nats. dlogits [outputs] (may be NULL) = (probability - target) / batch. *correct = whether the
 * first largest logit (sigmoid: logit > 0) is the label's. Log-sum-exp form: no overflow for any
 * finite logit. Not finite if a logit is not. */
double cnn_loss_image(float *dlogits, int *correct, const float *logits, uint8_t label,
                      size_t outputs, double batch, double smoothing);

/* The first largest logit; sigmoid: 1 for a logit > 0. Logits finite. */
int32_t cnn_predicted_class(const float *logits, size_t outputs);

/* probabilities [outputs, or 2 for sigmoid: of class 0 and of class 1]; logits finite. */
void cnn_probabilities(float *probabilities, const float *logits, size_t outputs);

#endif
