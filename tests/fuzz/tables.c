/* One fuzz target for the parsers of picture files (npm run fuzz). Beside what the sanitizers see,
 * it holds what the parsers promise: dimensions account for every byte, outputs have exactly the
 * sizes that a scan names, and a table that is written out again reads as the same table. */
#include "cnn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

#define HOLDS(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

typedef struct {
  cnn_csv csv;
  uint8_t *pixels, *labels;
  size_t pixel_bytes;
} table;

/* Blocks of exactly the size, so that the next byte is poisoned. */
static uint8_t *allocate(size_t bytes) {
  uint8_t *block = malloc(bytes);
  HOLDS(block != NULL);
  return block;
}

static int read_table(table *t, const uint8_t *bytes, size_t count) {
  const cnn_status status = cnn_csv_scan(&t->csv, bytes, count);
  if (status != CNN_OK) {
    HOLDS(t->csv.line >= 0 && t->csv.column >= 0);
    return 0;
  }
  const cnn_csv *csv = &t->csv;
  HOLDS(csv->rows >= 1 && csv->rows <= CNN_CSV_MAX_ROWS);
  HOLDS(csv->side >= 2 && csv->side <= CNN_CSV_MAX_SIDE);
  HOLDS(csv->channels == 1 || csv->channels == 3);
  HOLDS(csv->values == csv->side * csv->side * csv->channels);
  t->pixel_bytes = (size_t)csv->rows * (size_t)csv->values;
  HOLDS(t->pixel_bytes <= count && csv->label_bytes <= count + 1);
  t->pixels = allocate(t->pixel_bytes);
  t->labels = allocate(csv->label_bytes);
  HOLDS(cnn_csv_read(t->pixels, t->labels, &t->csv, bytes, count) == CNN_OK);
  int32_t ends = 0;
  for (size_t i = 0; i < csv->label_bytes; i++) {
    ends += t->labels[i] == 0;
  }
  HOLDS(ends == csv->rows && t->labels[csv->label_bytes - 1] == 0);
  return 1;
}

static void free_table(table *t) {
  free(t->pixels);
  free(t->labels);
}

/* The table with a header, every label in marks. */
static uint8_t *write_table(size_t *count, const table *t) {
  const size_t values = (size_t)t->csv.values;
  uint8_t *text = allocate(8 + 2 * values + 2 * t->csv.label_bytes + (size_t)t->csv.rows * 3 +
                           4 * t->pixel_bytes);
  size_t at = 0;
  for (const char *name = "label"; *name != 0; name++) {
    text[at++] = (uint8_t)*name;
  }
  for (size_t i = 0; i < values; i++) {
    text[at++] = ',';
    text[at++] = 'p';
  }
  const uint8_t *label = t->labels;
  for (int32_t row = 0; row < t->csv.rows; row++) {
    text[at++] = '\n';
    text[at++] = '"';
    for (; *label != 0; label++) {
      text[at++] = *label;
      if (*label == '"') {
        text[at++] = '"';
      }
    }
    label++;
    text[at++] = '"';
    for (size_t i = 0; i < values; i++) {
      char number[8];
      const int digits =
          snprintf(number, sizeof number, ",%d", t->pixels[(size_t)row * values + i]);
      memcpy(text + at, number, (size_t)digits);
      at += (size_t)digits;
    }
  }
  *count = at;
  return text;
}

static void try_csv(const uint8_t *bytes, size_t count) {
  table first;
  if (!read_table(&first, bytes, count)) {
    return;
  }
  size_t written;
  uint8_t *text = write_table(&written, &first);
  table again;
  HOLDS(read_table(&again, text, written));
  HOLDS(again.csv.rows == first.csv.rows && again.csv.values == first.csv.values);
  HOLDS(again.csv.label_bytes == first.csv.label_bytes);
  HOLDS(memcmp(again.pixels, first.pixels, first.pixel_bytes) == 0);
  HOLDS(memcmp(again.labels, first.labels, first.csv.label_bytes) == 0);
  free(text);
  free_table(&again);
  free_table(&first);
}

static void try_idx(const uint8_t *bytes, size_t count) {
  cnn_idx idx;
  if (cnn_idx_parse(&idx, bytes, count) != CNN_OK) {
    return;
  }
  HOLDS(idx.rank >= 1 && idx.rank <= 4 && idx.offset == 4 + 4 * (size_t)idx.rank);
  size_t product = 1;
  for (int i = 0; i < 4; i++) {
    HOLDS(idx.dims[i] >= 1 && idx.dims[i] <= count);
    product *= idx.dims[i];
  }
  HOLDS(idx.offset + product == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  try_idx(bytes, count);
  try_csv(bytes, count);
  return 0;
}
