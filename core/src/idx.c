/* The header of an IDX file: type, rank, dimensions, and whether they account for every byte. No
 * product of dimensions is trusted: three of them can make 96 bits. */
#include "cnn.h"

enum { TYPE_U8 = 8, MAX_RANK = 4 };

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

cnn_status cnn_idx_parse(cnn_idx *idx, const uint8_t *bytes, size_t count) {
  if (idx == NULL || (bytes == NULL && count > 0)) {
    return CNN_ERROR_ARGUMENT;
  }
  if (count < 4) {
    return CNN_ERROR_IDX_SHORT;
  }
  const size_t rank = bytes[3];
  if (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != TYPE_U8 || rank < 1 || rank > MAX_RANK) {
    return CNN_ERROR_IDX_TYPE;
  }
  cnn_idx parsed = {(int32_t)rank, {1, 1, 1, 1}, 4 + 4 * rank};
  if (count < parsed.offset) {
    return CNN_ERROR_IDX_SHORT;
  }
  const size_t payload = count - parsed.offset;
  size_t product = 1;
  int fits = 1;
  for (size_t i = 0; i < rank; i++) {
    const uint32_t dimension = big_endian(bytes + 4 + 4 * i);
    if (dimension == 0) {
      return CNN_ERROR_IDX_ZERO;
    }
    /* Dividing first: product * dimension may not fit a size_t. */
    fits = fits && product <= payload / dimension;
    product = fits ? product * dimension : 0;
    parsed.dims[i] = dimension;
  }
  if (!fits || product != payload) {
    return CNN_ERROR_IDX_LENGTH;
  }
  *idx = parsed;
  return CNN_OK;
}
