/* Flat exports of the core's private kernels for the oracle tests: kernels.wasm, which ships with
 * nothing. Plain numbers and pointers only, and no computation of its own, so that what is compared
 * is the kernel. `plain` picks the _ref twin where there is one. kernel_exports.json lists what the
 * linker keeps: every function of this file, and those of the core that are flat already. */
#include <stdlib.h>

#include "adam.h"
#include "conv.h"
#include "gemm.h"
#include "loss.h"

/* Aligned to 16 bytes; NULL when the fixed memory is used up. */
void *kernel_alloc(size_t bytes) {
  return aligned_alloc(16, (bytes + 16u) / 16u * 16u);
}

void kernel_free(void *block) {
  free(block);
}

void kernel_gemm(float *c, const float *a, const float *b, size_t a_row, size_t a_column,
                 size_t b_row, size_t b_column, size_t m, size_t n, size_t k, int accumulate,
                 int plain) {
  const cnn_matrix a_matrix = {a, a_row, a_column};
  const cnn_matrix b_matrix = {b, b_row, b_column};
  if (plain) {
    cnn_gemm_ref(c, a_matrix, b_matrix, accumulate, n, m, n, k);
  } else {
    float pack[CNN_GEMM_PACK];
    cnn_gemm(c, a_matrix, b_matrix, pack, accumulate, n, m, n, k);
  }
}

/* Freed with kernel_free; NULL when the memory is used up. */
cnn_conv_shape *kernel_conv_shape(size_t resolution, size_t channels, size_t filters, int same,
                                  int pooled) {
  cnn_conv_shape *shape = kernel_alloc(sizeof *shape);
  if (shape != NULL) {
    *shape = cnn_conv_shape_of(resolution, channels, filters, same, pooled);
  }
  return shape;
}

/* sizes [5]: image side, out side, floats of an image, of panels, of gradient sums. */
void kernel_conv_sizes(uint32_t *sizes, const cnn_conv_shape *shape) {
  sizes[0] = (uint32_t)shape->image_side;
  sizes[1] = (uint32_t)shape->out_side;
  sizes[2] = (uint32_t)cnn_conv_image_floats(*shape);
  sizes[3] = (uint32_t)cnn_conv_panel_floats(*shape);
  sizes[4] = (uint32_t)cnn_conv_sum_floats(*shape);
}

void kernel_conv_widen(float *image, const uint8_t *pixels, const float *table,
                       const cnn_conv_shape *shape, size_t resolution) {
  cnn_conv_widen(image, pixels, table, *shape, resolution);
}

void kernel_conv_forward(float *out, uint8_t *winner, const float *image, float *panels,
                         const float *kernel, const float *bias, const cnn_conv_shape *shape,
                         int plain) {
  if (plain) {
    cnn_conv_forward_ref(out, winner, image, kernel, bias, *shape);
  } else {
    cnn_conv_pack(panels, kernel, bias, *shape);
    cnn_conv_forward(out, winner, image, panels, *shape);
  }
}

void kernel_conv_weight_gradient(float *dkernel, float *dbias, float *sums, const float *dout,
                                 const uint8_t *winner, const float *image,
                                 const cnn_conv_shape *shape, int plain) {
  if (plain) {
    cnn_conv_weight_gradient_ref(sums, dout, winner, image, *shape);
  } else {
    cnn_conv_weight_gradient(sums, dout, winner, image, *shape);
  }
  cnn_conv_add_sums(dkernel, dbias, sums, *shape);
}

/* cnn_loss_image for each row of logits [count][outputs]. */
void kernel_losses(double *losses, float *dlogits, int32_t *correct, const float *logits,
                   const uint8_t *labels, size_t count, size_t outputs, double batch) {
  for (size_t i = 0; i < count; i++) {
    int hit = 0;
    losses[i] = cnn_loss_image(dlogits + i * outputs, &hit, logits + i * outputs, labels[i],
                               outputs, batch);
    correct[i] = hit;
  }
}

void kernel_adam(float *w, float *m, float *v, const float *g, double learning_rate, double beta1,
                 double beta2, double epsilon, double beta1_power, double beta2_power, size_t count,
                 int plain) {
  const cnn_adam adam = cnn_adam_at(learning_rate, beta1, beta2, epsilon, beta1_power, beta2_power);
  if (plain) {
    cnn_adam_update_ref(w, m, v, g, &adam, count);
  } else {
    cnn_adam_update(w, m, v, g, &adam, count);
  }
}
