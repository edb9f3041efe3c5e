/* See augment.h. */
#include "augment.h"

#include "pixel_noise.h"
#include "rng.h"
#include "simd.h"

/* Counters of the augmentation stream; pixel values count on from DRAW_NOISE. */
enum { DRAW_FLIP = 0, DRAW_MOVE_X = 1, DRAW_MOVE_Y = 2, DRAW_NOISE = 3 };

enum { MAX_SIDE = 256 };

int cnn_augments(const cnn_config *config) {
  return config->shift > 0 || config->flip != 0 || config->pixel_noise > 0.0;
}

/* Uniform in -shift..shift. */
static int32_t draw_move(uint64_t key, uint64_t counter, int32_t shift) {
  return (int32_t)cnn_rng_below(key, counter, 2 * (uint32_t)shift + 1) - shift;
}

/* from[i] = the row (or column) that stands at i after moving by `move`. */
static void source_of(int32_t *from, int32_t move, int32_t side, int32_t edge) {
  for (int32_t i = 0; i < side; i++) {
    const int32_t at = i - move;
    if (edge == CNN_EDGE_WRAP) {
      from[i] = (at % side + side) % side;
    } else {
      from[i] = at < 0 ? 0 : at >= side ? side - 1 : at;
    }
  }
}

static void copy_row(uint8_t *out, const uint8_t *row, const int32_t *from, int32_t side,
                     int32_t channels) {
  for (int32_t x = 0; x < side; x++) {
    for (int32_t c = 0; c < channels; c++) {
      out[x * channels + c] = row[from[x] * channels + c];
    }
  }
}

static void add_noise(uint8_t *pixels, double sd, uint64_t key, int32_t count) {
  const int32_t scale = cnn_noise_scale(sd);
  const int32_t base = cnn_noise_base(0.0, scale);
  for (int32_t i = 0; i < count; i++) {
    const int32_t sum = cnn_byte_sum(cnn_rng_at(key, DRAW_NOISE + (uint64_t)i));
    const int32_t level = base + pixels[i] * (1 << CNN_LEVEL_BITS);
    pixels[i] = (uint8_t)cnn_level_clamp(level + sum * scale);
  }
}

void cnn_augment(uint8_t *out, const uint8_t *pixels, const cnn_config *config, int64_t update,
                 int32_t index) {
  const int32_t side = config->resolution;
  const size_t row = (size_t)side * (size_t)config->channels;
  const uint64_t key =
      cnn_rng_key((uint32_t)config->seed, CNN_STREAM_AUGMENT, (uint64_t)update, (uint64_t)index);
  int32_t columns[MAX_SIDE];
  int32_t rows[MAX_SIDE];
  source_of(columns, draw_move(key, DRAW_MOVE_X, config->shift), side, config->shift_edge);
  source_of(rows, draw_move(key, DRAW_MOVE_Y, config->shift), side, config->shift_edge);
  if (config->flip != 0 && (cnn_rng_at(key, DRAW_FLIP) >> 63) != 0) {
    for (int32_t x = 0; x < side; x++) {
      columns[x] = side - 1 - columns[x];
    }
  }
  for (int32_t y = 0; y < side; y++) {
    copy_row(out + (size_t)y * row, pixels + (size_t)rows[y] * row, columns, side,
             config->channels);
  }
  if (config->pixel_noise > 0.0) {
    add_noise(out, config->pixel_noise, key, side * side * config->channels);
  }
}

/* One hash serves four values: 16 bits resolve a rate to 1.5e-5. */
static void drop_four(float *x, uint64_t hash, int32_t dropped, float scale) {
  const i32x4 draw = {(int32_t)(hash & 65535), (int32_t)(hash >> 16 & 65535),
                      (int32_t)(hash >> 32 & 65535), (int32_t)(hash >> 48)};
  const i32x4 out = draw < (i32x4){dropped, dropped, dropped, dropped};
  f32x4_store(x, f32x4_load(x) * f32x4_select(out, (f32x4){0}, f32x4_splat(scale)));
}

void cnn_dropout(float *x, double rate, int32_t seed, int64_t update, int32_t image, size_t first,
                 size_t count) {
  const uint64_t key =
      cnn_rng_key((uint32_t)seed, CNN_STREAM_DROPOUT, (uint64_t)update, (uint64_t)image);
  const int32_t dropped = (int32_t)(rate * 65536.0 + 0.5);
  const float scale = (float)(1.0 / (1.0 - rate));
  size_t i = 0;
  while (i < count) {
    const uint64_t hash = cnn_rng_at(key, (first + i) / 4);
    const size_t lane = (first + i) % 4;
    const size_t taken = count - i < 4 - lane ? count - i : 4 - lane;
    if (taken == 4) {
      drop_four(x + i, hash, dropped, scale);
    } else { /* at either end */
      float part[4] = {0.0f};
      memcpy(part + lane, x + i, taken * sizeof *x);
      drop_four(part, hash, dropped, scale);
      memcpy(x + i, part + lane, taken * sizeof *x);
    }
    i += taken;
  }
}
