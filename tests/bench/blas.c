/* OpenBLAS' side of the benchmark, on one thread. Each line in: "m k n iterations" of a row-major
 * product C[m][n] = A[m][k] B[k][n]; each line out: {"seconds": ...}. Built by `npm run bench`
 * where OpenBLAS is installed; its header is not needed, so that the static checks run without it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Values of CBLAS' enums. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };

void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                 const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);

static double seconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static float *filled(int rows, int columns) {
  const size_t count = (size_t)rows * (size_t)columns;
  float *values = malloc(count * sizeof *values);
  if (values == NULL) {
    exit(1);
  }
  for (size_t i = 0; i < count; i++) {
    values[i] = (float)(i % 1021u) / 1021.0f - 0.5f;
  }
  return values;
}

static void product(float *c, const float *a, const float *b, int m, int k, int n) {
  cblas_sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1.0f, a, k, b, n, 0.0f, c, n);
}

int main(void) {
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    char *rest = line;
    const int m = (int)strtol(rest, &rest, 10);
    const int k = (int)strtol(rest, &rest, 10);
    const int n = (int)strtol(rest, &rest, 10);
    const long iterations = strtol(rest, &rest, 10);
    if (m < 1 || k < 1 || n < 1) {
      return 1;
    }
    float *a = filled(m, k);
    float *b = filled(k, n);
    float *c = filled(m, n);
    product(c, a, b, m, k, n); /* buffers and caches warm */
    const double start = seconds();
    for (long i = 0; i < iterations; i++) {
      product(c, a, b, m, k, n);
    }
    printf("{\"seconds\": %.9f}\n", seconds() - start);
    fflush(stdout);
    free(a);
    free(b);
    free(c);
  }
  return 0;
}
