/* See byte_tape.h. */
#include "byte_tape.h"

#include <string.h>

#include "rng.h"

uint64_t cnn_get_word(const uint8_t *in, size_t bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes; i++) {
    word |= (uint64_t)in[i] << (8 * i);
  }
  return word;
}

void cnn_put_word(uint8_t *out, uint64_t word, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    out[i] = (uint8_t)(word >> (8 * i));
  }
}

int cnn_tape_reads(const cnn_tape *tape) {
  return tape->mode == CNN_TAPE_CHECK || tape->mode == CNN_TAPE_READ;
}

/* Whether `bytes` more can be read; else the tape is bad. */
static int can_read(cnn_tape *tape, uint64_t bytes) {
  tape->bad = tape->bad || bytes > tape->count - tape->at;
  return !tape->bad;
}

void cnn_tape_word(cnn_tape *tape, uint64_t *word, size_t bytes) {
  if (cnn_tape_reads(tape)) {
    if (!can_read(tape, bytes)) {
      return;
    }
    *word = cnn_get_word(tape->in + tape->at, bytes);
  } else if (tape->mode == CNN_TAPE_WRITE) {
    cnn_put_word(tape->out + tape->at, *word, bytes);
  }
  tape->at += bytes;
}

void cnn_tape_int(cnn_tape *tape, int32_t *value, int32_t low, int32_t high) {
  uint64_t word = (uint32_t)*value;
  cnn_tape_word(tape, &word, 4);
  const int64_t read = word > INT32_MAX ? (int64_t)word - (INT64_C(1) << 32) : (int64_t)word;
  tape->bad = tape->bad || read < low || read > high;
  *value = tape->bad ? *value : (int32_t)read;
}

void cnn_tape_double(cnn_tape *tape, double *value) {
  uint64_t word;
  memcpy(&word, value, sizeof word);
  cnn_tape_word(tape, &word, 8);
  memcpy(value, &word, sizeof word);
}

void cnn_tape_text(cnn_tape *tape, char *text, size_t count) {
  if (cnn_tape_reads(tape)) {
    if (!can_read(tape, count)) {
      return;
    }
    memcpy(text, tape->in + tape->at, count);
  } else if (tape->mode == CNN_TAPE_WRITE) {
    memcpy(tape->out + tape->at, text, count);
  }
  tape->at += count;
}

static int is_fit(uint32_t bits, int positive) {
  const int finite = (bits & UINT32_C(0x7f800000)) != UINT32_C(0x7f800000);
  return finite && (!positive || bits <= UINT32_C(0x80000000)); /* minus zero is not below zero */
}

static void write_floats(uint8_t *out, const float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = 0;
    if (values != NULL) {
      memcpy(&bits, values + i, sizeof bits);
    }
    cnn_put_word(out + 4 * i, bits, 4);
  }
}

/* values NULL: only looks. 0 if one of them is not fit. */
static int read_floats(float *values, const uint8_t *in, size_t count, int positive) {
  int fit = 1;
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = (uint32_t)cnn_get_word(in + 4 * i, 4);
    fit = fit && is_fit(bits, positive);
    if (values != NULL) {
      memcpy(values + i, &bits, sizeof bits);
    }
  }
  return fit;
}

void cnn_tape_floats(cnn_tape *tape, float *values, int64_t count, int positive) {
  const size_t floats = (size_t)count;
  if (cnn_tape_reads(tape)) {
    float *to = tape->mode == CNN_TAPE_READ ? values : NULL;
    if (!can_read(tape, (uint64_t)count * 4)) {
      return;
    }
    tape->bad = !read_floats(to, tape->in + tape->at, floats, positive);
  } else if (tape->mode == CNN_TAPE_WRITE) {
    write_floats(tape->out + tape->at, values, floats);
  }
  tape->at += floats * 4;
}

uint64_t cnn_hash_bytes(uint64_t hash, const uint8_t *bytes, size_t count) {
  hash = cnn_rng_mix(hash ^ count);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    hash = cnn_rng_fold(hash, cnn_get_word(bytes + i, 8));
  }
  return i < count ? cnn_rng_fold(hash, cnn_get_word(bytes + i, count - i)) : hash;
}
