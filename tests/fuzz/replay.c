/* Runs the fuzz target of tables.c over the files named on the command line: the seeds and every
 * crash that fuzzing ever found. Fails without files, and at the first that cannot be read. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

enum { MOST_BYTES = 1 << 20 };

/* The file in a block that ends with it, so that the next byte is poisoned; NULL on failure. */
static uint8_t *read_file(size_t *bytes, const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    return NULL;
  }
  uint8_t *whole = malloc(MOST_BYTES);
  *bytes = whole == NULL ? 0 : fread(whole, 1, MOST_BYTES, file);
  (void)fclose(file);
  return whole == NULL ? NULL : realloc(whole, *bytes > 0 ? *bytes : 1);
}

int main(int count, char **paths) {
  for (int i = 1; i < count; i++) {
    size_t bytes = 0;
    uint8_t *whole = read_file(&bytes, paths[i]);
    if (whole == NULL) {
      (void)fprintf(stderr, "%s cannot be read\n", paths[i]);
      return 1;
    }
    (void)LLVMFuzzerTestOneInput(whole, bytes);
    free(whole);
  }
  printf("fuzz_corpus: %d files\n", count - 1);
  return count > 1 ? 0 : 1;
}
