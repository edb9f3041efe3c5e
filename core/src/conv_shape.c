/* See conv.h: the shape of a convolution and the sizes of its arrays. */
#include "conv.h"

#include "conv_winograd.h"
#include "simd.h"

enum { PANEL = 8 };

/* TensorFlow's same padding (tf.nn, "notes on padding"): the odd zero row goes behind. */
static void pad_same(cnn_conv_shape *shape) {
  const size_t side = (shape->in_side + shape->stride - 1) / shape->stride;
  const size_t reach = (side - 1) * shape->stride + shape->kernel;
  const size_t total = reach > shape->in_side ? reach - shape->in_side : 0;
  shape->before = total / 2;
  shape->image_side = shape->in_side + total;
}

cnn_conv_shape cnn_conv_shape_of(size_t in_side, size_t channels, const cnn_block *block) {
  cnn_conv_shape shape = {.in_side = in_side,
                          .channels = channels,
                          .filters = (size_t)block->filters,
                          .kernel = (size_t)block->kernel,
                          .stride = (size_t)block->stride,
                          .image_side = in_side,
                          .pool = block->pool};
  if (block->padding == CNN_PADDING_SAME && in_side > 0) {
    pad_same(&shape);
  }
  if (shape.image_side >= shape.kernel) {
    shape.conv_side = (shape.image_side - shape.kernel) / shape.stride + 1;
  }
  shape.out_side = shape.pool == CNN_POOL_NONE ? shape.conv_side : shape.conv_side / 2;
  shape.fused = shape.pool != CNN_POOL_AVERAGE2 && block->norm == CNN_NORM_NONE;
  shape.winograd =
      shape.fused && shape.pool == CNN_POOL_MAX2 && shape.kernel == 3 && shape.stride == 1;
  return shape;
}

size_t cnn_conv_image_floats(cnn_conv_shape shape) {
  return shape.image_side * shape.image_side * shape.channels + CNN_PAD_FLOATS;
}

/* Direct panels of 8 filters: k*k*C x 8 weights, then 8 biases. */
size_t cnn_conv_panel_floats(cnn_conv_shape shape) {
  const size_t depth = shape.kernel * shape.kernel * shape.channels;
  const size_t direct = (shape.filters + PANEL - 1) / PANEL * PANEL * (depth + 1);
  const size_t winograd = shape.winograd ? cnn_winograd_panel_floats(shape) : 0;
  return winograd > direct ? winograd : direct;
}

size_t cnn_conv_work_floats(cnn_conv_shape shape) {
  return shape.winograd ? cnn_winograd_work_floats(shape) : 0;
}
