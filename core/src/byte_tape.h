/* Numbers in bytes, little-endian, in one order for both directions: the same calls count, write,
 * check or read, so that the four cannot differ. Reading stops for good at the first thing that
 * cannot be, and never goes beyond `count`. */
#ifndef CNN_BYTE_TAPE_H
#define CNN_BYTE_TAPE_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  CNN_TAPE_COUNT, /* only moves on */
  CNN_TAPE_WRITE,
  CNN_TAPE_CHECK, /* reads numbers, looks at arrays without taking them */
  CNN_TAPE_READ
} cnn_tape_mode;

typedef struct {
  cnn_tape_mode mode;
  uint8_t *out;      /* write */
  const uint8_t *in; /* check and read */
  size_t count;      /* of in */
  size_t at;
  int bad; /* check and read: too short, or a value that cannot be; nothing is read from then on */
} cnn_tape;

int cnn_tape_reads(const cnn_tape *tape);

/* A number of `bytes` (1 to 8) bytes. */
void cnn_tape_word(cnn_tape *tape, uint64_t *word, size_t bytes);
/* One of 4 bytes that must lie in low..high. */
void cnn_tape_int(cnn_tape *tape, int32_t *value, int32_t low, int32_t high);
/* Any bits of 8 bytes. */
void cnn_tape_double(cnn_tape *tape, double *value);
/* Letters as they are; reading them changes text. */
void cnn_tape_text(cnn_tape *tape, char *text, size_t count);
/* Floats that must be finite, and not below zero where `positive`. values NULL: zeros are written,
 * and what is read is dropped. */
void cnn_tape_floats(cnn_tape *tape, float *values, int64_t count, int positive);

/* A number outside a tape. */
uint64_t cnn_get_word(const uint8_t *in, size_t bytes);
void cnn_put_word(uint8_t *out, uint64_t word, size_t bytes);

/* Hash of bytes, begun with any number. Eight bytes a step, the last ones padded with zeros; each
 * step is a bijection of the hash, so no change within one word is lost. */
uint64_t cnn_hash_bytes(uint64_t hash, const uint8_t *bytes, size_t count);

#endif
