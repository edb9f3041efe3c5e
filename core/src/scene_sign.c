/* Codes of family G, see scene_shape.h. Two signs differ by the unit strokes that one has and the
 * other has not: what can be seen, whichever strokes of the alphabet drew it. */
#include "rng.h"
#include "scene_shape.h"

enum { GRID = 5, ALL_STROKES = 88, CANDIDATES = 1024, FEWEST_STROKES = 3, TRIES = 64 };
/* Counters of the family stream's first word. */
enum { DRAW_ALPHABET = 1, DRAW_SIGN = 2 };

/* Unit strokes, one bit each: directions right and down, then the two diagonals. */
typedef struct {
  uint64_t half[2];
} ink;

static const int8_t step_x[4] = {1, 0, 1, -1};
static const int8_t step_y[4] = {0, 1, 1, 1};

static int on_grid(int32_t place) {
  return place >= 0 && place < GRID;
}

void cnn_sign_alphabet(cnn_stroke *alphabet, uint32_t seed) {
  cnn_stroke all[ALL_STROKES] = {{0}};
  uint32_t count = 0;
  for (int32_t i = 0; i < 4 * GRID * GRID; i++) { /* direction, row, column */
    cnn_stroke s = {(int8_t)(i % GRID), (int8_t)(i / GRID % GRID), step_x[i / (GRID * GRID)],
                    step_y[i / (GRID * GRID)], 2};
    for (; on_grid(s.x + s.length * s.dx) && on_grid(s.y + s.length * s.dy); s.length++) {
      all[count++] = s;
    }
  }
  const uint64_t key = cnn_rng_key(seed, CNN_STREAM_SCENE_FAMILY, DRAW_ALPHABET, 0);
  for (uint32_t i = 0; i < CNN_SIGN_ALPHABET; i++) { /* Fisher and Yates' shuffle, its first part */
    const uint32_t pick = i + cnn_rng_below(key, i, count - i);
    alphabet[i] = all[pick];
    all[pick] = all[i];
  }
}

static ink ink_of(const cnn_stroke *s) {
  ink result = {{0, 0}};
  const int32_t direction = s->dx == 0 ? 1 : s->dy == 0 ? 0 : s->dx > 0 ? 2 : 3;
  for (int32_t i = 0; i < s->length; i++) {
    const int32_t place = (s->y + i * s->dy) * GRID + s->x + i * s->dx;
    result.half[direction / 2] |= UINT64_C(1) << (direction % 2 * GRID * GRID + place);
  }
  return result;
}

static int32_t distance_of(const ink *a, const ink *b) {
  return __builtin_popcountll(a->half[0] ^ b->half[0]) +
         __builtin_popcountll(a->half[1] ^ b->half[1]);
}

/* Random sign number c: its ink and its strokes. */
static uint32_t random_sign(ink *total, const ink *alphabet, uint32_t seed, uint64_t c) {
  const uint64_t key = cnn_rng_key(seed, CNN_STREAM_SCENE_FAMILY, DRAW_SIGN, c);
  int32_t missing =
      FEWEST_STROKES + (int32_t)cnn_rng_below(key, 0, CNN_SIGN_MOST_STROKES - FEWEST_STROKES + 1);
  uint32_t code = 0;
  *total = (ink){{0, 0}};
  for (uint64_t i = 1; missing > 0 && i < TRIES; i++) {
    const uint32_t pick = cnn_rng_below(key, i, CNN_SIGN_ALPHABET);
    const ink *stroke = &alphabet[pick];
    if (((stroke->half[0] & total->half[0]) | (stroke->half[1] & total->half[1])) == 0) {
      total->half[0] |= stroke->half[0];
      total->half[1] |= stroke->half[1];
      code |= UINT32_C(1) << pick;
      missing--;
    }
  }
  return code;
}

int32_t cnn_sign_codes(uint32_t *codes, uint32_t seed, int32_t count) {
  cnn_stroke strokes[CNN_SIGN_ALPHABET];
  ink alphabet[CNN_SIGN_ALPHABET];
  ink signs[CANDIDATES];
  uint32_t sign_codes[CANDIDATES];
  uint8_t nearest[CANDIDATES]; /* distance to the nearest chosen sign */
  cnn_sign_alphabet(strokes, seed);
  for (int32_t i = 0; i < CNN_SIGN_ALPHABET; i++) {
    alphabet[i] = ink_of(&strokes[i]);
  }
  for (uint32_t c = 0; c < CANDIDATES; c++) {
    sign_codes[c] = random_sign(&signs[c], alphabet, seed, c);
    nearest[c] = UINT8_MAX;
  }
  uint32_t chosen = 0;
  int32_t smallest = 0;
  for (int32_t k = 0; k < count; k++) {
    const ink last = signs[chosen];
    codes[k] = sign_codes[chosen];
    smallest = nearest[chosen];
    for (uint32_t c = 0; c < CANDIDATES; c++) {
      const int32_t distance = distance_of(&signs[c], &last);
      nearest[c] = distance < nearest[c] ? (uint8_t)distance : nearest[c];
    }
    chosen = 0;
    for (uint32_t c = 1; c < CANDIDATES; c++) {
      chosen = nearest[c] > nearest[chosen] ? c : chosen;
    }
  }
  return smallest;
}
