/* Flat C interface of core.wasm over the parsers of picture files in cnn.h; see exports.c. */
#include "cnn.h"

void *pvl_alloc(size_t bytes);

/* values: the rank, the four dimensions, the offset of the first value. */
int32_t pvl_idx_parse(double *values, const uint8_t *bytes, size_t count) {
  cnn_idx idx;
  const cnn_status status = cnn_idx_parse(&idx, bytes, count);
  if (status != CNN_OK)
    return (int32_t)status;
  *values++ = idx.rank;
  for (int32_t i = 0; i < 4; i++)
    *values++ = idx.dims[i];
  *values = (double)idx.offset;
  return CNN_OK;
}

/* For pvl_csv_scan. NULL without memory. Freed by pvl_free. */
cnn_csv *pvl_csv_new(void) {
  return pvl_alloc(sizeof(cnn_csv));
}

int32_t pvl_csv_scan(cnn_csv *csv, const uint8_t *bytes, size_t count) {
  return (int32_t)cnn_csv_scan(csv, bytes, count);
}

/* values: rows, values of a row, channels, bytes of all labels, line and column of a failure. */
int32_t pvl_csv_values(double *values, const cnn_csv *csv) {
  *values++ = csv->rows;
  *values++ = csv->values;
  *values++ = csv->channels;
  *values++ = (double)csv->label_bytes;
  *values++ = csv->line;
  *values = csv->column;
  return CNN_OK;
}

int32_t pvl_csv_read(uint8_t *pixels, uint8_t *labels, cnn_csv *csv, const uint8_t *bytes,
                     size_t count) {
  return (int32_t)cnn_csv_read(pixels, labels, csv, bytes, count);
}
