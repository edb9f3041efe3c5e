/* Matrix product: the arithmetic of the dense layers in all three directions (dense.h). */
#ifndef CNN_GEMM_H
#define CNN_GEMM_H

#include <stddef.h>

/* Summands per partial sum. Part of the definition: the k range is cut into blocks of this many,
 * each block is summed from zero in ascending k, and the block sums are added to C in order. It
 * bounds the rounding error of long sums and the size of a packed block. */
enum { CNN_GEMM_BLOCK = 256 };

/* Floats of scratch for cnn_gemm: four packed rows of A, and packed columns of B, 64 of them at
 * full depth. */
enum { CNN_GEMM_PACK = CNN_GEMM_BLOCK * (4 + 64) };

/* An operand by strides in floats, so that a transpose costs nothing to name. */
typedef struct {
  const float *data;
  size_t row;    /* from (i, j) to (i+1, j) */
  size_t column; /* from (i, j) to (i, j+1) */
} cnn_matrix;

/* C[m][n] = A[m][k] B[k][n], or C += A B if accumulate. C has row stride ldc and column stride 1
 * and must not overlap A or B; without accumulate its old contents are not read. Nothing outside
 * the operands is read. pack: CNN_GEMM_PACK floats. m, n, k >= 1. */
void cnn_gemm(float *c, cnn_matrix a, cnn_matrix b, float *pack, int accumulate, size_t ldc,
              size_t m, size_t n, size_t k);

/* The same definition in three plain loops; equal bits. */
void cnn_gemm_ref(float *c, cnn_matrix a, cnn_matrix b, int accumulate, size_t ldc, size_t m,
                  size_t n, size_t k);

#endif
