/* Four floats at a time through GCC/Clang vector extensions: one source is WebAssembly SIMD in the
 * browser and SSE or NEON natively. Lane-wise + - * / only, so the bits equal scalar code's.
 * Loads and stores go through memcpy: NHWC rows are not 16-byte aligned.
 * Never splat a loaded scalar that is used after a store to its address: LLVM 14's WebAssembly back
 * end (emcc 3.1.6) loads it a second time, after the store (see CMakeLists.txt). */
#ifndef CNN_SIMD_H
#define CNN_SIMD_H

#include <stdint.h>
#include <string.h>

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

/* Readable floats behind every buffer that vector code walks. */
enum { CNN_PAD_FLOATS = 4 };

_Static_assert(__FLT_EVAL_METHOD__ == 0, "float expressions must round to float: use SSE, not x87");

static inline f32x4 f32x4_load(const float *from) {
  f32x4 value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline void f32x4_store(float *to, f32x4 value) {
  memcpy(to, &value, sizeof value);
}

static inline f32x4 f32x4_splat(float value) {
  return (f32x4){value, value, value, value};
}

/* mask ? a : b, lane-wise; mask lanes are 0 or -1 (the vector ?: is C++ only). */
static inline f32x4 f32x4_select(i32x4 mask, f32x4 a, f32x4 b) {
  return (f32x4)((mask & (i32x4)a) | (~mask & (i32x4)b));
}

static inline i32x4 i32x4_select(i32x4 mask, i32x4 a, i32x4 b) {
  return (mask & a) | (~mask & b);
}

#endif
