/* The matrix product against its plain twin (equal bits) and against double precision (rounding
 * bound), over edges of every block, every stride pattern, and operands without slack. */
#include "gemm.h"

#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

typedef struct {
  size_t m, n, k;
  int a_transposed, b_transposed;
  int accumulate;
  size_t extra; /* floats between the rows of each operand */
} gemm_case;

static cnn_matrix matrix(const guarded *g, size_t rows, size_t columns, int transposed,
                         size_t extra) {
  const cnn_matrix plain = {guarded_float(g), columns + extra, 1};
  const cnn_matrix turned = {guarded_float(g), 1, rows + extra};
  return transposed ? turned : plain;
}

/* Exactly the floats from the first to the last element. */
static guarded matrix_new(noise *random, size_t rows, size_t columns, int transposed,
                          size_t extra) {
  const size_t lines = transposed ? columns : rows;
  const size_t line = transposed ? rows : columns;
  const guarded g = guarded_floats((lines - 1) * (line + extra) + line, 0);
  noise_fill(guarded_float(&g), random, g.bytes / sizeof(float));
  return g;
}

static float element(cnn_matrix x, size_t i, size_t j) {
  return x.data[i * x.row + j * x.column];
}

/* Worst |C - exact| as a share of its bound. Each of the products is rounded once and then takes
 * part in at most block + blocks + 1 additions, each of relative error 2^-24 of a partial sum that
 * is at most sum |a b| + |c| (Higham 2002, section 3.1; 1 % for the second order). */
static double worst_share(const float *c, const float *before, cnn_matrix a, cnn_matrix b,
                          gemm_case g, size_t ldc) {
  const size_t block = g.k < CNN_GEMM_BLOCK ? g.k : CNN_GEMM_BLOCK;
  const size_t blocks = (g.k + CNN_GEMM_BLOCK - 1) / CNN_GEMM_BLOCK;
  const double unit = 1.01 * 0x1p-24 * (double)(block + blocks + 1);
  double worst = 0.0;
  for (size_t i = 0; i < g.m; i++) {
    for (size_t j = 0; j < g.n; j++) {
      double sum = g.accumulate ? (double)before[i * ldc + j] : 0.0;
      double size = fabs(sum);
      for (size_t kk = 0; kk < g.k; kk++) {
        const double product = (double)element(a, i, kk) * (double)element(b, kk, j);
        sum += product;
        size += fabs(product);
      }
      const double share = fabs((double)c[i * ldc + j] - sum) / (unit * size + 1e-300);
      worst = worse(worst, share);
    }
  }
  return worst;
}

/* Gaps between rows must survive, and C's old NaN must not be read when not accumulating. */
static void fill_c(float *c, float *reference, float *before, noise *random, const gemm_case *g,
                   size_t count) {
  for (size_t i = 0; i < count; i++) {
    before[i] = g->accumulate ? noise_float(random) : NAN;
    c[i] = before[i];
    reference[i] = before[i];
  }
}

static void check_case(gemm_case g, noise *random) {
  const size_t ldc = g.n + g.extra;
  const size_t count = (g.m - 1) * ldc + g.n;
  guarded ga = matrix_new(random, g.m, g.k, g.a_transposed, g.extra);
  guarded gb = matrix_new(random, g.k, g.n, g.b_transposed, g.extra);
  guarded gc = guarded_floats(count, 0);
  guarded reference = guarded_floats(count, 0);
  guarded before = guarded_floats(count, 0);
  guarded pack = guarded_floats(CNN_GEMM_PACK, 0);
  const cnn_matrix a = matrix(&ga, g.m, g.k, g.a_transposed, g.extra);
  const cnn_matrix b = matrix(&gb, g.k, g.n, g.b_transposed, g.extra);
  float *c = guarded_float(&gc);
  fill_c(c, guarded_float(&reference), guarded_float(&before), random, &g, count);

  cnn_gemm(c, a, b, guarded_float(&pack), g.accumulate, ldc, g.m, g.n, g.k);
  cnn_gemm_ref(guarded_float(&reference), a, b, g.accumulate, ldc, g.m, g.n, g.k);

  const double share = worst_share(c, guarded_float(&before), a, b, g, ldc);
  CHECK(share <= 1.0, "m %zu n %zu k %zu ta %d tb %d acc %d: %g times the rounding bound", g.m, g.n,
        g.k, g.a_transposed, g.b_transposed, g.accumulate, share);
  CHECK(memcmp(c, guarded_float(&reference), count * sizeof(float)) == 0,
        "m %zu n %zu k %zu ta %d tb %d acc %d: bits differ from the twin", g.m, g.n, g.k,
        g.a_transposed, g.b_transposed, g.accumulate);
  const int intact = guarded_end(&ga) + guarded_end(&gb) + guarded_end(&gc) +
                     guarded_end(&reference) + guarded_end(&before) + guarded_end(&pack);
  CHECK(intact == 6, "m %zu n %zu k %zu: wrote outside an operand", g.m, g.n, g.k);
}

static void check_patterns(size_t m, size_t n, size_t k, noise *random) {
  for (int pattern = 0; pattern < 8; pattern++) {
    const gemm_case g = {
        m, n, k, pattern & 1, (pattern >> 1) & 1, pattern >> 2, (m + n + k) % 2 == 0 ? 0 : 3};
    check_case(g, random);
  }
}

static void check_small_shapes(void) {
  static const size_t sides[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 31, 33};
  const size_t count = sizeof sides / sizeof sides[0];
  noise random = noise_of(1);
  for (size_t i = 0; i < count * count * count; i++) {
    check_patterns(sides[i % count], sides[i / count % count], sides[i / count / count], &random);
  }
}

/* Below, at and above one and two blocks of the sum. */
static void check_long_sums(void) {
  static const size_t depths[] = {255, 256, 257, 511, 512, 513, 1025};
  static const size_t rows[] = {1, 3, 4, 5, 9};
  static const size_t columns[] = {1, 7, 8, 9, 17};
  noise random = noise_of(2);
  for (size_t i = 0; i < 7 * 5 * 5; i++) {
    check_patterns(rows[i % 5], columns[i / 5 % 5], depths[i / 25], &random);
  }
}

/* More columns than are packed at a time, at depths that leave the packed block almost full. */
static void check_wide(void) {
  static const size_t depths[] = {1, 2, 3, 31, 61, 65, 255, 256};
  noise random = noise_of(5);
  for (size_t i = 0; i < 8; i++) {
    const size_t depth = depths[i], packed = CNN_GEMM_PACK / depth;
    check_patterns(2, packed + 9, depth, &random);
    check_patterns(3, packed, depth, &random);
    check_patterns(packed + 1, 1, depth, &random);
  }
}

/* Cutting k at a multiple of the block and accumulating gives the same bits: the trainer cuts the
 * dense layer so. */
static void check_cut(void) {
  enum { M = 5, N = 10, K = 3 * CNN_GEMM_BLOCK + 7 };
  static float a[M * K], b[K * N], whole[M * N], parts[M * N], pack[CNN_GEMM_PACK];
  noise random = noise_of(3);
  noise_fill(a, &random, M * K);
  noise_fill(b, &random, K * N);
  noise_fill(whole, &random, M * N);
  memcpy(parts, whole, sizeof parts);
  const cnn_matrix all_a = {a, K, 1}, all_b = {b, N, 1};
  cnn_gemm(whole, all_a, all_b, pack, 1, N, M, N, K);
  for (size_t at = 0; at < K; at += 2 * CNN_GEMM_BLOCK) {
    const size_t depth = K - at < 2 * CNN_GEMM_BLOCK ? K - at : 2 * CNN_GEMM_BLOCK;
    const cnn_matrix part_a = {a + at, K, 1}, part_b = {b + at * N, N, 1};
    cnn_gemm(parts, part_a, part_b, pack, 1, N, M, N, depth);
  }
  CHECK(memcmp(whole, parts, sizeof whole) == 0, "a product cut at a block differs");
}

/* One NaN in A shows in its row and one in B in its column, nowhere else: no padding leaks. */
static void check_nan(void) {
  enum { M = 6, N = 11, K = 9, ROW = 5, COLUMN = 10 };
  static float a[M * K], b[K * N], c[M * N], pack[CNN_GEMM_PACK];
  noise random = noise_of(4);
  noise_fill(a, &random, M * K);
  noise_fill(b, &random, K * N);
  a[ROW * K + 2] = NAN;
  b[3 * N + COLUMN] = NAN;
  const cnn_matrix ma = {a, K, 1}, mb = {b, N, 1};
  cnn_gemm(c, ma, mb, pack, 0, N, M, N, K);
  for (size_t i = 0; i < M * N; i++) {
    const int hit = i / N == ROW || i % N == COLUMN;
    CHECK((c[i] != c[i]) == hit, "element %zu is %g", i, (double)c[i]);
  }
}

int main(void) {
  check_small_shapes();
  check_long_sums();
  check_wide();
  check_cut();
  check_nan();
  return check_finish("gemm");
}
