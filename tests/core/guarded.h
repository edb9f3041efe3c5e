/* Arrays between guard bytes, so that a test sees every write outside them on any build; under
 * AddressSanitizer the guards are poisoned as well, so that it sees reads too. Tests only. */
#ifndef GUARDED_H
#define GUARDED_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define GUARDED_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED_POISONS 1
#endif
#endif
#ifdef GUARDED_POISONS
#include <sanitizer/asan_interface.h>
#endif

enum { GUARD_BYTES = 64, GUARD_FILL = 0xa5 };

typedef struct {
  unsigned char *base;
  size_t before; /* guard bytes in front of the payload */
  size_t bytes;  /* payload; `readable` more may be read but not written */
  size_t readable;
} guarded;

static inline void guarded_poison(const guarded *g, int on) {
#ifdef GUARDED_POISONS
  const unsigned char *end = g->base + g->before + g->bytes + g->readable;
  if (on) {
    __asan_poison_memory_region(g->base, g->before);
    __asan_poison_memory_region(end, GUARD_BYTES);
  } else {
    __asan_unpoison_memory_region(g->base, g->before + g->bytes + g->readable + GUARD_BYTES);
  }
#else
  (void)g;
  (void)on;
#endif
}

/* Payload starts at base + before. Aborts without memory: a test has nothing better to do. */
static inline guarded guarded_new(size_t before, size_t bytes, size_t readable) {
  const guarded g = {malloc(before + bytes + readable + GUARD_BYTES), before, bytes, readable};
  if (g.base == NULL) {
    abort();
  }
  memset(g.base, GUARD_FILL, before + bytes + readable + GUARD_BYTES);
  guarded_poison(&g, 1);
  return g;
}

/* Floats aligned to 4 bytes and no more, as rows inside an NHWC image are. */
static inline guarded guarded_floats(size_t count, size_t readable_floats) {
  return guarded_new(GUARD_BYTES + 4, count * sizeof(float), readable_floats * sizeof(float));
}

static inline float *guarded_float(const guarded *g) {
  return (float *)(void *)(g->base + g->before);
}

static inline unsigned char *guarded_byte(const guarded *g) {
  return g->base + g->before;
}

/* Frees; 1 if nothing wrote outside the payload. */
static inline int guarded_end(guarded *g) {
  guarded_poison(g, 0);
  int intact = 1;
  for (size_t i = 0; i < g->before; i++) {
    intact = intact && g->base[i] == GUARD_FILL;
  }
  for (size_t i = g->before + g->bytes; i < g->before + g->bytes + g->readable + GUARD_BYTES; i++) {
    intact = intact && g->base[i] == GUARD_FILL;
  }
  free(g->base);
  g->base = NULL;
  return intact;
}

#endif
