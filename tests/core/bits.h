/* A hash of results for "the same bits on every compiler": a mismatch prints the new hash; commit
 * it only for a change of the definition that is meant. Tests only. */
#ifndef BITS_H
#define BITS_H

#include <stddef.h>
#include <stdint.h>

#include "check.h"

/* FNV-1a, 64 bits; start from BITS_START. */
#define BITS_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t bits_of(uint64_t hash, const void *data, size_t bytes) {
  const unsigned char *from = data;
  for (size_t i = 0; i < bytes; i++) {
    hash = (hash ^ from[i]) * UINT64_C(0x100000001b3);
  }
  return hash;
}

static inline void check_bits(const char *name, uint64_t hash, uint64_t expected) {
  CHECK(hash == expected, "%s: %016llx", name, (unsigned long long)hash);
}

#endif
