/* Random changes of training inputs, each a pure function of (seed, update, place in the batch), so
 * that nothing depends on how the work was cut. Streams of their own (rng.h). */
#ifndef CNN_AUGMENT_H
#define CNN_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "cnn.h"

/* Whether the settings change images at all. */
int cnn_augments(const cnn_config *config);

/* out [R][R][C] = one training image, moved, mirrored and made noisy: first the mirror, then the
 * move by (dx, dy) uniform in -shift..shift each (a content at column x is then at x + dx; dx and
 * dy may exceed R), then noise: u8 = clamp(round(u + noise)), a sum of hash bytes scaled to sd
 * pixel_noise (pixel_noise.h). `update` is the number of the weight update, `index` the image's
 * number in the training set. out and pixels must not overlap. */
void cnn_augment(uint8_t *out, const uint8_t *pixels, const cnn_config *config, int64_t update,
                 int32_t index);

/* Inverted dropout (Srivastava et al. 2014): x [count] *= 0 or 1/(1-rate). The mask of value i is
 * drawn from (seed, update, image, i), so that the gradient's call finds the same one. `first` =
 * number of x[0] in its layer. A multiplication, so that NaN stays visible. rate is used in steps
 * of 2^-16. */
void cnn_dropout(float *x, double rate, int32_t seed, int64_t update, int32_t image, size_t first,
                 size_t count);

#endif
