/* cnn_csv_scan and cnn_csv_read: the forms that tables come in, where the label stands, and the
 * place named for everything that is refused. Inputs and outputs lie between poisoned guards. */
#include "check.h"
#include "cnn.h"
#include "guarded.h"

/* What a table of 2 x 2 pictures holds, "labels|pixels", or "status line:column". */
static void describe(char *text, size_t size, const char *bytes, size_t count) {
  guarded input = guarded_new(GUARD_BYTES, count, 0);
  memcpy(guarded_byte(&input), bytes, count);
  cnn_csv csv;
  const cnn_status status = cnn_csv_scan(&csv, guarded_byte(&input), count);
  if (status != CNN_OK) {
    (void)snprintf(text, size, "%d %d:%d", (int)status, (int)csv.line, (int)csv.column);
  } else {
    const size_t pixel_count = (size_t)csv.rows * (size_t)csv.values;
    guarded pixels = guarded_new(GUARD_BYTES, pixel_count, 0);
    guarded labels = guarded_new(GUARD_BYTES, csv.label_bytes, 0);
    CHECK(cnn_csv_read(guarded_byte(&pixels), guarded_byte(&labels), &csv, guarded_byte(&input),
                       count) == CNN_OK,
          "read what was scanned");
    size_t at = 0;
    for (size_t i = 0; i < csv.label_bytes; i++) {
      const char c = (char)guarded_byte(&labels)[i];
      at += (size_t)snprintf(text + at, size - at, "%c", c == 0 ? '.' : c);
    }
    at += (size_t)snprintf(text + at, size - at, "|");
    for (size_t i = 0; i < pixel_count; i++) {
      at += (size_t)snprintf(text + at, size - at, "%d ", guarded_byte(&pixels)[i]);
    }
    CHECK(guarded_end(&pixels) && guarded_end(&labels), "wrote outside its outputs");
  }
  CHECK(guarded_end(&input), "wrote into its input");
}

static void expect(const char *what, const char *table, const char *want) {
  char found[512];
  describe(found, sizeof found, table, strlen(table));
  CHECK(strcmp(found, want) == 0, "%s: %s instead of %s", what, found, want);
}

static void test_forms(void) {
  const char *const same = "a.b.|1 2 3 4 5 6 7 255 ";
  expect("lines ending in LF", "a,1,2,3,4\nb,5,6,7,255\n", same);
  expect("CRLF", "a,1,2,3,4\r\nb,5,6,7,255\r\n", same);
  expect("CR", "a,1,2,3,4\rb,5,6,7,255\r", same);
  expect("no last line end", "a,1,2,3,4\nb,5,6,7,255", same);
  expect("byte order mark",
         "\xef\xbb\xbf"
         "a,1,2,3,4\nb,5,6,7,255\n",
         same);
  expect("blank lines", "\n \r\n\na,1,2,3,4\n\n\t\nb,5,6,7,255\n\n", same);
  expect("a comma behind each row", "a,1,2,3,4,\nb,5,6,7,255,\n", same);
  expect("a comma behind some rows", "a,1,2,3,4\nb,5,6,7,255, ", same);
  expect("quotation marks", "\"a\",\"1\",2,\"3\",4\n\"b\" ,5, \"6\" ,7,255\n", same);
  expect("spaces", " a , 1 ,2\t,3,004\nb,5,6,7,255 \n", same);
  expect("semicolons", "a;1;2;3;4\nb;5;6;7;255\n", same);
  expect("tabs", "a\t1\t2\t3\t4\nb\t5\t6\t7\t255\n", same);
  expect("a comma before semicolons", "\"a;b\",1,2,3,4\n", "a;b.|1 2 3 4 ");
  expect("separators inside marks", "\"a,b\";1;2;3;4\n", "a,b.|1 2 3 4 ");
  expect("marks and lines in a label", "\"a \"\"b\"\"\nc\",1,2,3,4\n", "a \"b\"\nc.|1 2 3 4 ");
  expect("a mark inside a label", "x\"y,1,2,3,4\n", "x\"y.|1 2 3 4 ");
  expect("three channels", "a,1,2,3,4,5,6,7,8,9,10,11,12\n", "a.|1 2 3 4 5 6 7 8 9 10 11 12 ");
  expect("UTF-8", "k\xc3\xa4se,1,2,3,4\n", "k\xc3\xa4se.|1 2 3 4 ");
}

static void test_label_column(void) {
  expect("named first", "label,p1,p2,p3,p4\n7,1,2,3,4\n", "7.|1 2 3 4 ");
  expect("named last", "p1,p2,p3,p4,Class\n1,2,3,4,7\n", "7.|1 2 3 4 ");
  expect("named inside, in capitals", "p1,p2,\"TARGET\",p3,p4\n1,2,7,3,4\n", "7.|1 2 3 4 ");
  expect("named with numbers beside", "label,0,1,2,3\n7,1,2,3,4\n", "7.|1 2 3 4 ");
  expect("a name is not its beginning", "labels,p1,p2,p3,classy\n1,2,3,4,x\n", "x.|1 2 3 4 ");
  expect("header without a name", "kind,p1,p2,p3,p4\ncat,1,2,3,4\n", "cat.|1 2 3 4 ");
  expect("header of large numbers", "256,257,258,259,260\n7,1,2,3,4\n", "7.|1 2 3 4 ");
  expect("text last", "1,2,3,4,cat\n5,6,7,8,dog\n", "cat.dog.|1 2 3 4 5 6 7 8 ");
  expect("text last in a later row", "1,2,3,4,5\n5,6,7,8,dog\n", "5.dog.|1 2 3 4 5 6 7 8 ");
  expect("numbers only: the first", "1,2,3,4,5\n6,7,8,9,0\n", "1.6.|2 3 4 5 7 8 9 0 ");
  expect("numbers, the first constant", "0,2,3,4,5\n0,7,8,9,1\n", "5.1.|0 2 3 4 0 7 8 9 ");
  expect("numbers, both constant", "0,2,3,4,5\n0,7,8,9,5\n", "0.0.|2 3 4 5 7 8 9 5 ");
  expect("a large number is a label", "1,2,3,4,2026\n1,2,3,4,1\n", "2026.1.|1 2 3 4 1 2 3 4 ");
}

/* A status with its place. */
static void refuse(const char *what, const char *table, cnn_status status, int line, int column) {
  char want[64];
  (void)snprintf(want, sizeof want, "%d %d:%d", (int)status, line, column);
  expect(what, table, want);
}

static void test_places(void) {
  refuse("nothing", "", CNN_ERROR_CSV_ROWS, 0, 0);
  refuse("blank lines", "\n \n", CNN_ERROR_CSV_ROWS, 0, 0);
  refuse("a header alone", "label,a,b,c,d\n", CNN_ERROR_CSV_ROWS, 0, 0);
  refuse("no picture", "hello\n", CNN_ERROR_CSV_SHAPE, 0, 0);
  refuse("no square", "a,1,2,3,4,5\n", CNN_ERROR_CSV_SHAPE, 0, 0);
  refuse("one pixel", "a,1\n", CNN_ERROR_CSV_SHAPE, 0, 0);
  refuse("256", "a,1,2,3,256\n", CNN_ERROR_CSV_PIXEL, 1, 5);
  refuse("256 in a row", "a,1,2,3,4\na,1,2,256,4\n", CNN_ERROR_CSV_PIXEL, 2, 4);
  refuse("a huge number", "a,1,2,3,4\na,1,4294967297,3,4\n", CNN_ERROR_CSV_PIXEL, 2, 3);
  refuse("a minus", "a,1,2,3,4\r\na,1,2,3,-4\r\n", CNN_ERROR_CSV_PIXEL, 2, 5);
  refuse("a fraction", "\n\na,1,2,3,4\ra,1.5,2,3,4\r", CNN_ERROR_CSV_PIXEL, 4, 2);
  refuse("an empty pixel", "a,1,2,3,4\na,1,,3,4\n", CNN_ERROR_CSV_PIXEL, 2, 3);
  refuse("text at both ends", "a,1,2,3,4\na,1,2,3,b\n", CNN_ERROR_CSV_PIXEL, 2, 5);
  refuse("a line inside a label", "\"a\nb\",1,2,3,4\nc,x,2,3,4\n", CNN_ERROR_CSV_PIXEL, 3, 2);
  refuse("behind such a label", "c,1,2,3,4\n\"a\nb\",x,2,3,4\n", CNN_ERROR_CSV_PIXEL, 3, 2);
  refuse("a column too many", "a,1,2,3,4\na,1,2,3,4,5\n", CNN_ERROR_CSV_COLUMNS, 2, 6);
  refuse("a column too few", "a,1,2,3,4\na,1,2,3\n", CNN_ERROR_CSV_COLUMNS, 2, 5);
  refuse("and numbers behind", "1,1,2,3,4\n2,1,2,3\n3,1,2,3,4\n", CNN_ERROR_CSV_COLUMNS, 2, 5);
  refuse("two commas at the end", "a,1,2,3,4,,\n", CNN_ERROR_CSV_SHAPE, 0, 0);
  refuse("an empty label", "label,a,b,c,d\n,1,2,3,4\n", CNN_ERROR_CSV_LABEL, 2, 1);
  refuse("an empty label in marks", "a,1,2,3,4\n\"\",1,2,3,4\n", CNN_ERROR_CSV_LABEL, 2, 1);
  refuse("an open mark", "a,1,2,3,4\na,\"1,2,3,4\n", CNN_ERROR_CSV_QUOTE, 2, 2);
  refuse("text behind a mark", "a,1,2,3,4\n\"a\"b,1,2,3,4\n", CNN_ERROR_CSV_QUOTE, 2, 1);
}

static void test_zero_bytes(void) {
  char found[64];
  char want[64];
  (void)snprintf(want, sizeof want, "%d 2:2", (int)CNN_ERROR_CSV_TEXT);
  describe(found, sizeof found, "a,1,2,3,4\na,\0001,2,3,4", 20);
  CHECK(strcmp(found, want) == 0, "a zero byte: %s", found);
  describe(found, sizeof found, "a,1,2,3,4\na,\"\0\",2,3,4", 21);
  CHECK(strcmp(found, want) == 0, "a zero byte in marks: %s", found);
}

static void test_long_label(void) {
  char table[512];
  char found[1024];
  for (int length = 254; length <= 256; length++) {
    const int count = snprintf(table, sizeof table, "x%0*d,1,2,3,4\n", length - 1, 0);
    describe(found, sizeof found, table, (size_t)count);
    CHECK((found[0] == 'x') == (length <= CNN_CSV_MAX_LABEL), "%d bytes: %s", length, found);
  }
}

static char *append(char *at, const char *text, size_t times) {
  for (size_t i = 0; i < times; i++) {
    for (const char *c = text; *c != 0; c++) {
      *at++ = *c;
    }
  }
  return at;
}

/* Sides 512 and 513, and 100,000 rows and one more. */
static void test_limits(void) {
  const size_t most = (size_t)CNN_CSV_MAX_SIDE * CNN_CSV_MAX_SIDE * 3 * 2 + 16;
  char *table = malloc(most > 1100000 ? most : 1100000);
  if (table == NULL) {
    abort();
  }
  cnn_csv csv;
  for (size_t side = 511; side <= 513; side++) {
    const int fits = side <= CNN_CSV_MAX_SIDE;
    char *end = append(append(table, "a", 1), ",0", side * side);
    cnn_status want = fits ? CNN_OK : CNN_ERROR_CSV_SHAPE;
    CHECK(cnn_csv_scan(&csv, (uint8_t *)table, (size_t)(end - table)) == want, "side %zu", side);
    CHECK(!fits || (csv.side == (int32_t)side && csv.channels == 1), "side %zu", side);
  }
  char *end = append(append(table, "a", 1), ",0", (size_t)3 * 512 * 512);
  CHECK(cnn_csv_scan(&csv, (uint8_t *)table, (size_t)(end - table)) == CNN_OK, "colour");
  CHECK(csv.side == 512 && csv.channels == 3, "colour %d", (int)csv.side);

  end = append(table, "a,0,0,0,0\n", CNN_CSV_MAX_ROWS);
  CHECK(cnn_csv_scan(&csv, (uint8_t *)table, (size_t)(end - table)) == CNN_OK, "rows");
  CHECK(csv.rows == CNN_CSV_MAX_ROWS, "%d rows", (int)csv.rows);
  end = append(end, "a,0,0,0,0\n", 1);
  CHECK(cnn_csv_scan(&csv, (uint8_t *)table, (size_t)(end - table)) == CNN_ERROR_CSV_ROWS, "more");
  CHECK(csv.line == CNN_CSV_MAX_ROWS + 1, "line %d", (int)csv.line);
  free(table);
}

/* Other bytes than were scanned: an error, and nothing outside the outputs (guards say). */
static void test_other_bytes(void) {
  const char scanned[] = "a,1,2,3,4\nb,1,2,3,4\n";
  const char *const others[] = {
      "a,1,2,3,4\nb,1,2,3,4\nc,1,2,3,4\n", "a,1,2,3,4\n",           "aaaa,1,2,3,4\nb,1,2,3,4\n",
      "a,1,2,3,4\nb,1,2,3,4,5,6,7,8,9\n",  "a,1,2,3,4\n,1,2,3,4\n", "abc,1,2,3,4\n"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    cnn_csv csv;
    CHECK(cnn_csv_scan(&csv, (const uint8_t *)scanned, strlen(scanned)) == CNN_OK, "scan");
    guarded pixels = guarded_new(GUARD_BYTES, 8, 0);
    guarded labels = guarded_new(GUARD_BYTES, 4, 0);
    CHECK(cnn_csv_read(guarded_byte(&pixels), guarded_byte(&labels), &csv,
                       (const uint8_t *)others[i], strlen(others[i])) != CNN_OK,
          "other bytes %zu", i);
    CHECK(guarded_end(&pixels) && guarded_end(&labels), "wrote outside, other bytes %zu", i);
  }
}

static void test_arguments(void) {
  cnn_csv csv;
  uint8_t out[8];
  const uint8_t table[] = "a,1,2,3,4";
  CHECK(cnn_csv_scan(NULL, table, 9) == CNN_ERROR_ARGUMENT, "no output");
  CHECK(cnn_csv_scan(&csv, NULL, 9) == CNN_ERROR_ARGUMENT, "no bytes");
  CHECK(cnn_csv_scan(&csv, NULL, 0) == CNN_ERROR_CSV_ROWS, "an empty file");
  CHECK(cnn_csv_scan(&csv, table, 9) == CNN_OK, "scan");
  CHECK(cnn_csv_read(NULL, out, &csv, table, 9) == CNN_ERROR_ARGUMENT, "no pixels");
  CHECK(cnn_csv_read(out, NULL, &csv, table, 9) == CNN_ERROR_ARGUMENT, "no labels");
  CHECK(cnn_csv_read(out, out + 4, NULL, table, 9) == CNN_ERROR_ARGUMENT, "no table");
  CHECK(cnn_csv_read(out, out + 4, &csv, NULL, 9) == CNN_ERROR_ARGUMENT, "no bytes");
  csv.label_column = 5; /* would leave room for one pixel too many */
  CHECK(cnn_csv_read(out, out + 4, &csv, table, 9) == CNN_ERROR_ARGUMENT, "no such column");
}

int main(void) {
  test_forms();
  test_label_column();
  test_places();
  test_zero_bytes();
  test_long_label();
  test_limits();
  test_other_bytes();
  test_arguments();
  return check_finish("test_csv");
}
