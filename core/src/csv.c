/* Tables of pictures as text (RFC 4180, cnn.h says which forms are taken). The file is walked up to
 * three times, to find the label's column, to check, and to write, so nothing is kept in between.
 * Refuses rows of unequal length, pixels that are no bytes, and what is no text. */
#include "cnn.h"

#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count, at;
  int32_t line;       /* at `at`, from 1 */
  int32_t field_line; /* where the current field began */
  int32_t column;     /* of the current field, from 0 */
  int32_t open;       /* the row goes on */
  uint8_t separator;
  cnn_status status;
} reader;

/* bytes[from..to): without quotation marks around it, and without spaces where it had none. */
typedef struct {
  size_t from, to;
  int32_t quoted;
} field;

static cnn_status fail(cnn_csv *csv, const reader *r, cnn_status status) {
  csv->line = r->field_line;
  csv->column = r->column + 1;
  return status;
}

static int is_line_end(uint8_t c) {
  return c == '\n' || c == '\r';
}

/* A tab is a space too, unless it separates. */
static int is_space(const reader *r, uint8_t c) {
  return c == ' ' || (c == '\t' && r->separator != '\t');
}

static void skip_spaces(reader *r) {
  while (r->at < r->count && is_space(r, r->bytes[r->at])) {
    r->at++;
  }
}

/* Steps over a line end; CRLF is one. */
static void next_line(reader *r) {
  const int carriage = r->bytes[r->at++] == '\r';
  r->at += carriage && r->at < r->count && r->bytes[r->at] == '\n';
  r->line++;
}

/* Whether a row is left; passes over blank lines. */
static int start_row(reader *r) {
  while (r->at < r->count) {
    const size_t start = r->at;
    while (r->at < r->count && (r->bytes[r->at] == ' ' || r->bytes[r->at] == '\t')) {
      r->at++;
    }
    if (r->at < r->count && !is_line_end(r->bytes[r->at])) {
      r->at = start;
      r->field_line = r->line;
      r->column = -1;
      r->open = 1;
      return 1;
    }
    if (r->at < r->count) {
      next_line(r);
    }
  }
  return 0;
}

/* Behind the opening mark; "" inside stands for one mark, and line ends belong to the text. */
static cnn_status read_quoted(field *f, reader *r) {
  f->from = r->at;
  while (r->at < r->count) {
    const uint8_t c = r->bytes[r->at];
    if (c == 0) {
      return CNN_ERROR_CSV_TEXT;
    }
    if (is_line_end(c)) {
      next_line(r);
    } else if (c != '"') {
      r->at++;
    } else if (r->at + 1 < r->count && r->bytes[r->at + 1] == '"') {
      r->at += 2;
    } else {
      f->to = r->at++;
      skip_spaces(r);
      const int ends =
          r->at == r->count || r->bytes[r->at] == r->separator || is_line_end(r->bytes[r->at]);
      return ends ? CNN_OK : CNN_ERROR_CSV_QUOTE;
    }
  }
  return CNN_ERROR_CSV_QUOTE;
}

static cnn_status read_plain(field *f, reader *r) {
  f->from = r->at;
  for (; r->at < r->count; r->at++) {
    const uint8_t c = r->bytes[r->at];
    if (c == r->separator || is_line_end(c)) {
      break;
    }
    if (c == 0) {
      return CNN_ERROR_CSV_TEXT;
    }
  }
  f->to = r->at;
  while (f->to > f->from && is_space(r, r->bytes[f->to - 1])) {
    f->to--;
  }
  return CNN_OK;
}

/* The row's next column; 0 once it is over, or at a failure, which stands in r->status. */
static int next_column(field *f, reader *r) {
  if (!r->open) {
    return 0;
  }
  r->column++;
  r->field_line = r->line;
  skip_spaces(r);
  f->quoted = r->at < r->count && r->bytes[r->at] == '"';
  r->at += (size_t)f->quoted;
  r->status = f->quoted ? read_quoted(f, r) : read_plain(f, r);
  if (r->status != CNN_OK) {
    return 0;
  }
  r->open = r->at < r->count && r->bytes[r->at] == r->separator;
  if (r->open) {
    r->at++;
  } else if (r->at < r->count) {
    next_line(r);
  }
  /* An empty column at the end comes from a separator behind the last one. */
  if (!r->open && f->from == f->to && !f->quoted && r->column > 0) {
    r->column--;
    return 0;
  }
  return 1;
}

/* 0..255, or -1 for anything else. */
static int32_t pixel_of(const reader *r, const field *f) {
  int32_t value = f->from < f->to ? 0 : -1;
  for (size_t i = f->from; i < f->to; i++) {
    const int32_t digit = r->bytes[i] - '0';
    value = 10 * value + digit;
    if (digit < 0 || digit > 9 || value > 255) {
      return -1;
    }
  }
  return value;
}

static int is_label_name(const reader *r, const field *f) {
  static const char *const names[] = {"label", "class", "target"};
  for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
    const size_t length = strlen(names[n]);
    size_t same = 0;
    while (same < length && f->from + same < f->to &&
           (r->bytes[f->from + same] | 0x20) == names[n][same]) {
      same++;
    }
    if (same == length && f->from + same == f->to) {
      return 1;
    }
  }
  return 0;
}

/* The first line's comma, else semicolon, else tab, outside quotation marks. */
static uint8_t find_separator(const reader *r) {
  int semicolon = 0;
  int tab = 0;
  int inside = 0;
  for (size_t i = r->at; i < r->count && (inside || !is_line_end(r->bytes[i])); i++) {
    const uint8_t c = r->bytes[i];
    inside ^= c == '"';
    if (!inside && c == ',') {
      return ',';
    }
    semicolon |= !inside && c == ';';
    tab |= !inside && c == '\t';
  }
  return semicolon ? ';' : tab ? '\t' : ',';
}

static reader open_at(const uint8_t *bytes, size_t count, const cnn_csv *csv) {
  const reader r = {.bytes = bytes,
                    .count = count,
                    .at = csv->first_row,
                    .line = csv->first_line,
                    .separator = csv->separator};
  return r;
}

/* Columns, header, and the label's column where the header names it, else -1. */
static cnn_status measure(cnn_csv *csv, const uint8_t *bytes, size_t count) {
  const int marked = count >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
  csv->first_row = marked ? 3 : 0;
  csv->first_line = 1;
  csv->separator = ',';
  csv->label_column = -1;
  reader r = open_at(bytes, count, csv);
  if (!start_row(&r)) {
    return CNN_ERROR_CSV_ROWS;
  }
  csv->first_row = r.at;
  csv->first_line = r.line;
  csv->separator = find_separator(&r);
  r.separator = csv->separator;
  int32_t texts = 0;
  field f;
  while (next_column(&f, &r)) {
    texts += pixel_of(&r, &f) < 0;
    if (csv->label_column < 0 && is_label_name(&r, &f)) {
      csv->label_column = r.column;
    }
  }
  if (r.status != CNN_OK) {
    return fail(csv, &r, r.status);
  }
  csv->columns = r.column + 1;
  /* Half: a row with a few wrong pixels must not pass for a header and be lost. */
  if (csv->label_column >= 0 || (texts > 1 && 2 * texts >= csv->columns)) {
    csv->first_row = r.at;
    csv->first_line = r.line;
  }
  return CNN_OK;
}

static int same_bytes(const reader *r, const field *a, const field *b) {
  const size_t size = a->to - a->from;
  return size == b->to - b->from && memcmp(r->bytes + a->from, r->bytes + b->from, size) == 0;
}

/* First or last column, where no header says. Rows of another length are left to the check. */
static cnn_status find_label(cnn_csv *csv, const uint8_t *bytes, size_t count) {
  const int32_t last = csv->columns - 1;
  reader r = open_at(bytes, count, csv);
  field f;
  field initial[2] = {{0}};
  int varies[2] = {0, 0};
  for (int32_t row = 0; start_row(&r); row++) {
    while (next_column(&f, &r)) {
      if (r.column != 0 && r.column != last) {
        continue;
      }
      const int end = r.column == last;
      if (pixel_of(&r, &f) < 0) {
        csv->label_column = r.column;
        return CNN_OK;
      }
      if (row == 0) {
        initial[end] = f;
      }
      varies[end] |= !same_bytes(&r, &f, &initial[end]);
    }
    if (r.status != CNN_OK) {
      return fail(csv, &r, r.status);
    }
  }
  csv->label_column = !varies[0] && varies[1] ? last : 0;
  return CNN_OK;
}

static cnn_status find_shape(cnn_csv *csv) {
  csv->values = csv->columns - 1;
  for (int32_t channels = 1; channels <= 3; channels += 2) {
    for (int32_t side = 2; side <= CNN_CSV_MAX_SIDE; side++) {
      if (side * side * channels == csv->values) {
        csv->side = side;
        csv->channels = channels;
        return CNN_OK;
      }
    }
  }
  return CNN_ERROR_CSV_SHAPE;
}

/* Where a walk writes, and how far it has come; without arrays it only counts. */
typedef struct {
  uint8_t *pixels, *labels;
  int32_t rows, most_rows;
  size_t label_bytes, most_label_bytes;
} sink;

/* A doubled mark inside quotation marks is one. */
static cnn_status take_label(sink *out, const reader *r, const field *f) {
  size_t size = 0;
  for (size_t i = f->from; i < f->to; i++) {
    if (size == CNN_CSV_MAX_LABEL || out->label_bytes + size + 1 >= out->most_label_bytes) {
      return CNN_ERROR_CSV_LABEL;
    }
    if (out->labels != NULL) {
      out->labels[out->label_bytes + size] = r->bytes[i];
    }
    size++;
    i += f->quoted && r->bytes[i] == '"';
  }
  if (size == 0) {
    return CNN_ERROR_CSV_LABEL;
  }
  if (out->labels != NULL) {
    out->labels[out->label_bytes + size] = 0;
  }
  out->label_bytes += size + 1;
  return CNN_OK;
}

/* The value of a column of one to three digits with a separator behind it, which nearly all are,
 * and steps over both; -1 and no step for any other column. */
static int32_t plain_pixel(reader *r) {
  const size_t most = r->count - r->at < 4 ? r->count - r->at : 4;
  const uint8_t *bytes = r->bytes + r->at;
  int32_t value = 0;
  for (size_t i = 0; i < most; i++) {
    const int32_t digit = bytes[i] - '0';
    if (i > 0 && bytes[i] == r->separator && value <= 255) {
      r->at += i + 1;
      r->column++;
      return value;
    }
    if (digit < 0 || digit > 9) {
      break;
    }
    value = 10 * value + digit;
  }
  return -1;
}

static cnn_status take_row(sink *out, reader *r, const cnn_csv *csv) {
  uint8_t *pixel =
      out->pixels == NULL ? NULL : out->pixels + (size_t)out->rows * (size_t)csv->values;
  field f;
  for (;;) {
    const int32_t next = r->column + 1;
    const int plain = r->open && next < csv->columns && next != csv->label_column;
    int32_t value = plain ? plain_pixel(r) : -1;
    if (value < 0) {
      if (!next_column(&f, r)) {
        break;
      }
      if (r->column == csv->columns) {
        return CNN_ERROR_CSV_COLUMNS;
      }
      if (r->column == csv->label_column) {
        const cnn_status status = take_label(out, r, &f);
        if (status != CNN_OK) {
          return status;
        }
        continue;
      }
      value = pixel_of(r, &f);
    }
    if (value < 0) {
      return CNN_ERROR_CSV_PIXEL;
    }
    if (pixel != NULL) {
      *pixel++ = (uint8_t)value;
    }
  }
  if (r->status != CNN_OK) {
    return r->status;
  }
  /* Only now: a missing column is the one behind the last. */
  r->column++;
  return r->column == csv->columns ? CNN_OK : CNN_ERROR_CSV_COLUMNS;
}

static cnn_status walk(sink *out, cnn_csv *csv, const uint8_t *bytes, size_t count) {
  reader r = open_at(bytes, count, csv);
  for (; start_row(&r); out->rows++) {
    const cnn_status status =
        out->rows == out->most_rows ? CNN_ERROR_CSV_ROWS : take_row(out, &r, csv);
    if (status != CNN_OK) {
      return fail(csv, &r, status);
    }
  }
  return CNN_OK;
}

cnn_status cnn_csv_scan(cnn_csv *csv, const uint8_t *bytes, size_t count) {
  if (csv == NULL || (bytes == NULL && count > 0)) {
    return CNN_ERROR_ARGUMENT;
  }
  *csv = (cnn_csv){0};
  /* So that lines and columns can be counted in 32 bits. */
  if (count == 0 || count > INT32_MAX) {
    return CNN_ERROR_CSV_ROWS;
  }
  sink out = {.most_rows = CNN_CSV_MAX_ROWS, .most_label_bytes = SIZE_MAX};
  cnn_status status = measure(csv, bytes, count);
  if (status == CNN_OK && csv->label_column < 0) {
    status = find_label(csv, bytes, count);
  }
  if (status == CNN_OK) {
    status = find_shape(csv);
  }
  if (status == CNN_OK) {
    status = walk(&out, csv, bytes, count);
  }
  csv->rows = out.rows;
  csv->label_bytes = out.label_bytes;
  return status == CNN_OK && out.rows == 0 ? CNN_ERROR_CSV_ROWS : status;
}

cnn_status cnn_csv_read(uint8_t *pixels, uint8_t *labels, cnn_csv *csv, const uint8_t *bytes,
                        size_t count) {
  if (pixels == NULL || labels == NULL || csv == NULL || bytes == NULL || csv->values < 0 ||
      csv->columns != csv->values + 1 || csv->label_column < 0 || csv->label_column > csv->values ||
      csv->first_row > count) {
    return CNN_ERROR_ARGUMENT;
  }
  sink out = {.most_rows = csv->rows, .most_label_bytes = csv->label_bytes};
  out.pixels = pixels;
  out.labels = labels;
  const cnn_status status = walk(&out, csv, bytes, count);
  const int whole = out.rows == csv->rows && out.label_bytes == csv->label_bytes;
  return status == CNN_OK && !whole ? CNN_ERROR_CSV_ROWS : status;
}
