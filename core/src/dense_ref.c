/* Plain twins of dense.c: the definitions, in the words of dense.h. */
#include "dense.h"
#include "gemm.h"

void cnn_dense_forward_ref(float *y, const float *x, const float *w, size_t ldx, size_t n,
                           size_t rows, size_t outputs) {
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < outputs; j++) {
      float sum = 0.0f;
      for (size_t r = 0; r < rows; r++) {
        sum += x[i * ldx + r] * w[r * outputs + j];
        if ((r + 1) % CNN_GEMM_BLOCK == 0 || r + 1 == rows) {
          y[i * outputs + j] += sum;
          sum = 0.0f;
        }
      }
    }
  }
}

void cnn_dense_weight_gradient_ref(float *dw, const float *x, const float *dy, size_t ldx, size_t n,
                                   size_t rows, size_t outputs) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < outputs; j++) {
      float sum = 0.0f;
      for (size_t i = 0; i < n; i++) {
        sum += x[i * ldx + r] * dy[i * outputs + j];
      }
      dw[r * outputs + j] = sum;
    }
  }
}

void cnn_dense_input_gradient_ref(float *dx, const float *dy, const float *w, size_t lddx, size_t n,
                                  size_t rows, size_t outputs) {
  for (size_t i = 0; i < n; i++) {
    for (size_t r = 0; r < rows; r++) {
      float sum = 0.0f;
      for (size_t j = 0; j < outputs; j++) {
        sum += dy[i * outputs + j] * w[r * outputs + j];
      }
      dx[i * lddx + r] = sum;
    }
  }
}
