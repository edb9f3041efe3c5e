/* Flat exports of the core's private kernels for the oracle tests: kernels.wasm, which ships with
 * nothing. Plain numbers and pointers only, and no computation of its own, so that what is compared
 * is the kernel. `plain` picks the _ref twin where there is one. kernel_exports.json lists what the
 * linker keeps: every function of this file, and those of the core that are flat already. */
#include <stdlib.h>

#include "conv.h"
#include "dense.h"
#include "loss.h"
#include "update.h"

/* Aligned to 16 bytes; NULL when the fixed memory is used up. */
void *kernel_alloc(size_t bytes) {
  return aligned_alloc(16, (bytes + 16u) / 16u * 16u);
}

void kernel_free(void *block) {
  free(block);
}

/* ---- Dense ----------------------------------------------------------------------------------- */

uint32_t kernel_dense_work_floats(size_t outputs) {
  return (uint32_t)cnn_dense_work_floats(outputs);
}

/* y [n][K] += x [n][rows] w [rows][K] in the blocks that a layer is cut into. */
void kernel_dense_forward(float *y, const float *x, const float *w, float *work, size_t n,
                          size_t rows, size_t outputs, int plain) {
  for (size_t first = 0; first < rows; first += CNN_DENSE_ROWS) {
    const size_t left = rows - first;
    const size_t count = left < CNN_DENSE_ROWS ? left : CNN_DENSE_ROWS;
    if (plain) {
      cnn_dense_forward_ref(y, x + first, w + first * outputs, rows, n, count, outputs);
    } else {
      cnn_dense_forward(y, x + first, w + first * outputs, work, rows, n, count, outputs);
    }
  }
}

void kernel_dense_weight_gradient(float *dw, const float *x, const float *dy, float *work, size_t n,
                                  size_t rows, size_t outputs, int plain) {
  if (plain) {
    cnn_dense_weight_gradient_ref(dw, x, dy, rows, n, rows, outputs);
  } else {
    cnn_dense_weight_gradient(dw, x, dy, work, rows, n, rows, outputs);
  }
}

void kernel_dense_input_gradient(float *dx, const float *dy, const float *w, float *work, size_t n,
                                 size_t rows, size_t outputs, int plain) {
  if (plain) {
    cnn_dense_input_gradient_ref(dx, dy, w, rows, n, rows, outputs);
  } else {
    cnn_dense_input_gradient(dx, dy, w, work, rows, n, rows, outputs);
  }
}

/* ---- Convolution ----------------------------------------------------------------------------- */

/* Freed with kernel_free; NULL when the memory is used up. */
cnn_conv_shape *kernel_conv_shape(size_t in_side, size_t channels, int32_t filters, int32_t kernel,
                                  int32_t stride, int32_t padding, int32_t pool) {
  cnn_conv_shape *shape = kernel_alloc(sizeof *shape);
  if (shape != NULL) {
    const cnn_block block = {filters, kernel, stride, padding, CNN_NORM_NONE, pool};
    *shape = cnn_conv_shape_of(in_side, channels, &block);
  }
  return shape;
}

/* sizes [10]: before, image side, conv side, out side, floats of an image, of panels, of gradient
 * sums, of work, of a turned kernel, bytes of the list. */
void kernel_conv_sizes(uint32_t *sizes, const cnn_conv_shape *shape) {
  sizes[0] = (uint32_t)shape->before;
  sizes[1] = (uint32_t)shape->image_side;
  sizes[2] = (uint32_t)shape->conv_side;
  sizes[3] = (uint32_t)shape->out_side;
  sizes[4] = (uint32_t)cnn_conv_image_floats(*shape);
  sizes[5] = (uint32_t)cnn_conv_panel_floats(*shape);
  sizes[6] = (uint32_t)cnn_conv_sum_floats(*shape);
  sizes[7] = (uint32_t)cnn_conv_work_floats(*shape);
  sizes[8] = (uint32_t)cnn_conv_turned_floats(*shape);
  sizes[9] = (uint32_t)cnn_conv_list_bytes(*shape);
}

void kernel_conv_widen(float *image, const uint8_t *pixels, const float *table,
                       const cnn_conv_shape *shape) {
  cnn_conv_widen(image, pixels, table, *shape);
}

void kernel_conv_frame(float *image, const float *map, const cnn_conv_shape *shape) {
  cnn_conv_frame(image, map, *shape);
}

void kernel_conv_unframe(float *map, const float *image, const cnn_conv_shape *shape) {
  cnn_conv_unframe(map, image, *shape);
}

void kernel_conv_forward(float *out, uint8_t *winner, const float *image, float *panels,
                         float *work, const float *kernel, const float *bias,
                         const cnn_conv_shape *shape, int plain) {
  if (plain) {
    cnn_conv_forward_ref(out, winner, image, kernel, bias, *shape);
  } else {
    cnn_conv_pack(panels, kernel, bias, *shape);
    cnn_conv_forward(out, winner, image, panels, work, *shape);
  }
}

void kernel_conv_linear(float *z, const float *image, float *panels, const float *kernel,
                        const float *bias, const cnn_conv_shape *shape, int plain) {
  if (plain) {
    cnn_conv_linear_ref(z, image, kernel, bias, *shape);
  } else {
    cnn_conv_pack_direct(panels, kernel, bias, *shape);
    cnn_conv_linear(z, image, panels, *shape);
  }
}

void kernel_conv_weight_gradient(float *dkernel, float *dbias, float *sums, const float *dout,
                                 const uint8_t *winner, const float *image, void *list,
                                 const cnn_conv_shape *shape, int plain) {
  if (plain) {
    cnn_conv_weight_gradient_ref(sums, dout, winner, image, *shape);
  } else {
    cnn_conv_weight_gradient(sums, dout, winner, image, list, *shape);
  }
  cnn_conv_add_sums(dkernel, dbias, sums, *shape);
}

void kernel_conv_input_gradient(float *dimage, const float *dout, const uint8_t *winner,
                                float *turned, const float *kernel, const cnn_conv_shape *shape,
                                int plain) {
  if (plain) {
    cnn_conv_input_gradient_ref(dimage, dout, winner, kernel, *shape);
  } else {
    cnn_conv_turn(turned, kernel, *shape);
    cnn_conv_input_gradient(dimage, dout, winner, turned, *shape);
  }
}

/* ---- Loss and update ------------------------------------------------------------------------- */

/* cnn_loss_image for each row of logits [count][outputs]. */
void kernel_losses(double *losses, float *dlogits, int32_t *correct, const float *logits,
                   const uint8_t *labels, size_t count, size_t outputs, double batch,
                   double smoothing) {
  for (size_t i = 0; i < count; i++) {
    int hit = 0;
    losses[i] = cnn_loss_image(dlogits + i * outputs, &hit, logits + i * outputs, labels[i],
                               outputs, batch, smoothing);
    correct[i] = hit;
  }
}

/* One update; the settings as doubles: optimiser, learning rate, beta1, beta2, epsilon, momentum,
 * nesterov, weight decay, beta1^t, beta2^t, gradient scale. */
void kernel_update(float *w, float *m, float *v, const float *g, const double *settings,
                   size_t count, int plain) {
  cnn_config config = cnn_config_default();
  config.optimiser = (int32_t)settings[0];
  config.learning_rate = settings[1];
  config.beta1 = settings[2];
  config.beta2 = settings[3];
  config.epsilon = settings[4];
  config.momentum = settings[5];
  config.nesterov = (int32_t)settings[6];
  config.weight_decay = settings[7];
  const cnn_update update =
      cnn_update_at(&config, config.learning_rate, settings[8], settings[9], settings[10]);
  if (plain) {
    cnn_update_apply_ref(w, m, v, g, &update, count);
  } else {
    cnn_update_apply(w, m, v, g, &update, count);
  }
}
