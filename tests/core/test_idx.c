/* cnn_idx_parse: files made by hand, every wrong byte and every length, and products of dimensions
 * that only look right in 32 or 64 bits. Bytes past the end are poisoned. */
#include "check.h"
#include "cnn.h"
#include "guarded.h"

enum { NONE = -1 };

/* Parses a copy that ends where its poisoned guard begins. */
static cnn_status parse(cnn_idx *idx, const uint8_t *bytes, size_t count) {
  guarded copy = guarded_new(GUARD_BYTES, count, 0);
  if (count > 0) {
    memcpy(guarded_byte(&copy), bytes, count);
  }
  const cnn_status status = cnn_idx_parse(idx, guarded_byte(&copy), count);
  CHECK(guarded_end(&copy), "wrote outside");
  return status;
}

/* A header with these dimensions in `bytes` (20 at least); returns its length. */
static size_t header(uint8_t *bytes, size_t rank, const uint32_t *dims) {
  const uint8_t magic[4] = {0, 0, 8, (uint8_t)rank};
  memcpy(bytes, magic, 4);
  for (size_t i = 0; i < rank; i++) {
    for (size_t j = 0; j < 4; j++) {
      bytes[4 + 4 * i + j] = (uint8_t)(dims[i] >> (24 - 8 * j));
    }
  }
  return 4 + 4 * rank;
}

static void test_ranks(void) {
  static const uint32_t dims[4] = {2, 3, 1, 5};
  static const uint32_t products[4] = {2, 6, 6, 30};
  for (size_t rank = 1; rank <= 4; rank++) {
    uint8_t bytes[64] = {0};
    const size_t offset = header(bytes, rank, dims);
    const size_t count = offset + products[rank - 1];
    cnn_idx idx;
    CHECK(parse(&idx, bytes, count) == CNN_OK, "rank %zu", rank);
    CHECK(idx.rank == (int32_t)rank && idx.offset == offset, "rank %zu", rank);
    for (size_t i = 0; i < 4; i++) {
      CHECK(idx.dims[i] == (i < rank ? dims[i] : 1), "dimension %zu of rank %zu", i, rank);
    }
    for (size_t wrong = 0; wrong < sizeof bytes; wrong++) {
      const cnn_status status = parse(&idx, bytes, wrong);
      const cnn_status want = wrong < offset   ? CNN_ERROR_IDX_SHORT
                              : wrong == count ? CNN_OK
                                               : CNN_ERROR_IDX_LENGTH;
      CHECK(status == want, "rank %zu, %zu bytes: %d", rank, wrong, (int)status);
    }
  }
}

static void test_magic(void) {
  static const uint32_t dims[1] = {4};
  for (size_t at = 0; at < 4; at++) {
    for (int value = 0; value < 256; value++) {
      uint8_t bytes[8 + 4] = {0};
      (void)header(bytes, 1, dims);
      const int right = bytes[at] == value;
      bytes[at] = (uint8_t)value;
      cnn_idx idx = {.rank = NONE};
      const cnn_status status = parse(&idx, bytes, sizeof bytes);
      /* Ranks 2 to 4 are fine too; their dimensions are not. */
      const int rank = at == 3 && value >= 1 && value <= 4;
      CHECK((status == CNN_OK) == right, "byte %zu = %d", at, value);
      CHECK(right || rank || status == CNN_ERROR_IDX_TYPE, "byte %zu = %d", at, value);
      CHECK(right || idx.rank == NONE, "wrote a refused header");
    }
  }
}

static void test_products(void) {
  const struct {
    uint32_t dims[4];
    size_t rank;
    cnn_status status;
  } cases[] = {
      {{0}, 1, CNN_ERROR_IDX_ZERO},
      {{3, 0}, 2, CNN_ERROR_IDX_ZERO},
      {{0xffffffffu, 0xffffffffu, 0}, 3, CNN_ERROR_IDX_ZERO},
      {{0xffffffffu}, 1, CNN_ERROR_IDX_LENGTH},
      {{0x10000u, 0x10000u}, 2, CNN_ERROR_IDX_LENGTH},                     /* 2^32 = 0 in 32 bits */
      {{0x10000u, 0x10001u}, 2, CNN_ERROR_IDX_LENGTH},                     /* 0x10000 in 32 bits */
      {{0x80000001u, 2, 1}, 3, CNN_ERROR_IDX_LENGTH},                      /* 2 in 32 bits */
      {{0x80000001u, 0x80000000u, 4, 1}, 4, CNN_ERROR_IDX_LENGTH},         /* 2^33 in 64 bits */
      {{0x10000u, 0x10000u, 0x10000u, 0x10000u}, 4, CNN_ERROR_IDX_LENGTH}, /* 0 in 64 bits */
      {{0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}, 4, CNN_ERROR_IDX_LENGTH},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    uint8_t bytes[64] = {0};
    const size_t offset = header(bytes, cases[i].rank, cases[i].dims);
    for (size_t count = offset; count <= sizeof bytes; count++) {
      cnn_idx idx;
      CHECK(parse(&idx, bytes, count) == cases[i].status, "case %zu, %zu bytes", i, count);
    }
  }
}

/* The header alone is read, so no such file is needed; guarded bytes end behind it. */
static void test_large(void) {
  static const uint32_t dims[2] = {0x01020304u, 0x15u};
  uint8_t bytes[32] = {0};
  const size_t offset = header(bytes, 2, dims);
  guarded copy = guarded_new(GUARD_BYTES, offset, 0);
  memcpy(guarded_byte(&copy), bytes, offset);
  cnn_idx idx;
  const size_t count = offset + (size_t)dims[0] * dims[1];
  CHECK(cnn_idx_parse(&idx, guarded_byte(&copy), count) == CNN_OK, "355 MB");
  CHECK(idx.dims[0] == dims[0] && idx.dims[1] == dims[1], "every byte of a dimension counts");
  CHECK(guarded_end(&copy), "wrote outside");
}

static void test_arguments(void) {
  cnn_idx idx;
  const uint8_t byte = 0;
  CHECK(cnn_idx_parse(NULL, &byte, 1) == CNN_ERROR_ARGUMENT, "no output");
  CHECK(cnn_idx_parse(&idx, NULL, 1) == CNN_ERROR_ARGUMENT, "no bytes");
  CHECK(cnn_idx_parse(&idx, NULL, 0) == CNN_ERROR_IDX_SHORT, "an empty file");
}

int main(void) {
  test_ranks();
  test_magic();
  test_products();
  test_large();
  test_arguments();
  return check_finish("test_idx");
}
