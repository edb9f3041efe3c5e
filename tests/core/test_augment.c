/* Augmentation: what moves where at each edge, that mirror and moves are drawn evenly, that noise
 * has its sd and clamps; and that all of it depends on seed, update and image and on nothing else.
 */
#include "augment.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"

enum { MAX_SIDE = 16, MAX_VALUES = MAX_SIDE * MAX_SIDE * 3 };

static cnn_config config_of(int32_t side, int32_t channels) {
  cnn_config config = cnn_config_default();
  config.resolution = side;
  config.channels = channels;
  return config;
}

static size_t values_of(const cnn_config *config) {
  return (size_t)(config->resolution * config->resolution * config->channels);
}

/* The picture whose pixel (y, x) says where it stands: u = 16 y + x, other channels 255 - u, u/2.
 */
static void fill_places(uint8_t *pixels, const cnn_config *config) {
  for (int32_t i = 0; i < config->resolution * config->resolution; i++) {
    const int32_t u = 16 * (i / config->resolution) + i % config->resolution;
    const uint8_t colours[3] = {(uint8_t)u, (uint8_t)(255 - u), (uint8_t)(u / 2)};
    memcpy(pixels + i * config->channels, colours, (size_t)config->channels);
  }
}

/* Mirror, then move, then edge: the pixel that stands at (y, x) afterwards. */
static int32_t place_after(const cnn_config *config, int32_t y, int32_t x, int32_t dy, int32_t dx,
                           int mirrored) {
  const int32_t side = config->resolution;
  int32_t row = y - dy, column = x - dx;
  if (config->shift_edge == CNN_EDGE_WRAP) {
    row = ((row % side) + side) % side;
    column = ((column % side) + side) % side;
  } else {
    row = row < 0 ? 0 : row > side - 1 ? side - 1 : row;
    column = column < 0 ? 0 : column > side - 1 ? side - 1 : column;
  }
  column = mirrored ? side - 1 - column : column;
  return 16 * row + column;
}

/* Whether out is the picture of places under this move. */
static int is_moved(const uint8_t *out, const cnn_config *config, int32_t dy, int32_t dx,
                    int mirrored) {
  for (int32_t i = 0; i < config->resolution * config->resolution; i++) {
    const int32_t u =
        place_after(config, i / config->resolution, i % config->resolution, dy, dx, mirrored);
    const uint8_t colours[3] = {(uint8_t)u, (uint8_t)(255 - u), (uint8_t)(u / 2)};
    if (memcmp(out + i * config->channels, colours, (size_t)config->channels) != 0) {
      return 0;
    }
  }
  return 1;
}

static void check_off(void) {
  cnn_config config = config_of(9, 3);
  uint8_t pixels[MAX_VALUES], out[MAX_VALUES];
  noise random = noise_of(71);
  CHECK(!cnn_augments(&config), "the defaults augment");
  for (int32_t edge = 0; edge < 2; edge++) {
    config.shift_edge = edge;
    noise_fill_bytes(pixels, &random, values_of(&config));
    cnn_augment(out, pixels, &config, 5, 6);
    CHECK(memcmp(out, pixels, values_of(&config)) == 0, "edge %d: changed without settings", edge);
  }
  CHECK(!cnn_augments(&config), "an edge alone augments");
  config.shift = 1;
  CHECK(cnn_augments(&config), "shift does not augment");
  config.shift = 0;
  config.flip = 1;
  CHECK(cnn_augments(&config), "flip does not augment");
  config.flip = 0;
  config.pixel_noise = 0.1;
  CHECK(cnn_augments(&config), "noise does not augment");
}

/* Every drawn picture is one of the possible moves, and each of them is drawn about as often as the
 * others: the count of one of `moves` equally likely ones has sd sqrt(draws / moves), gate 5.
 * Repeated edges cannot tell moves beyond the side apart, so shift stays small. */
static void check_moves(int32_t side, int32_t channels, int32_t shift, int32_t edge, int32_t flip) {
  enum { DRAWS = 20000 };
  cnn_config config = config_of(side, channels);
  config.shift = shift;
  config.shift_edge = edge;
  config.flip = flip;
  const int32_t span = 2 * shift + 1, moves = span * span * (1 + flip);
  static int32_t counts[2 * 81];
  memset(counts, 0, sizeof counts);
  guarded pixels = guarded_new(GUARD_BYTES, values_of(&config), 0);
  guarded out = guarded_new(GUARD_BYTES, values_of(&config), 0);
  fill_places(guarded_byte(&pixels), &config);
  int32_t unknown = 0;
  for (int32_t draw = 0; draw < DRAWS; draw++) {
    int32_t move = 0;
    cnn_augment(guarded_byte(&out), guarded_byte(&pixels), &config, draw / 100, draw % 100);
    while (move < moves && !is_moved(guarded_byte(&out), &config, move / span % span - shift,
                                     move % span - shift, move / (span * span))) {
      move++;
    }
    unknown += move == moves;
    counts[move < moves ? move : 0]++;
  }
  CHECK(unknown == 0, "side %d shift %d edge %d flip %d: %d impossible pictures", side, shift, edge,
        flip, unknown);
  const double expected = (double)DRAWS / moves;
  for (int32_t move = 0; move < moves; move++) {
    CHECK(fabs(counts[move] - expected) < 5.0 * sqrt(expected),
          "side %d shift %d: move %d %d times", side, shift, move, counts[move]);
  }
  const int intact = guarded_end(&pixels) + guarded_end(&out);
  CHECK(intact == 2, "side %d shift %d: wrote outside", side, shift);
}

/* Moves longer than the side: wrapping stays a permutation, repeating stays inside. */
static void check_long_moves(void) {
  cnn_config config = config_of(4, 1);
  uint8_t pixels[16], out[16];
  config.shift = 128;
  for (uint8_t i = 0; i < 16; i++) {
    pixels[i] = i;
  }
  for (int64_t update = 0; update < 300; update++) {
    uint32_t seen = 0;
    config.shift_edge = CNN_EDGE_WRAP;
    cnn_augment(out, pixels, &config, update, 0);
    for (size_t i = 0; i < 16; i++) {
      seen |= out[i] < 16 ? 1u << out[i] : 0;
    }
    CHECK(seen == 0xffff, "update %d: not a permutation", (int)update);
    config.shift_edge = CNN_EDGE_REPEAT;
    cnn_augment(out, pixels, &config, update, 0);
    int32_t outside = 0;
    for (size_t i = 0; i < 16; i++) {
      outside += out[i] >= 16;
    }
    CHECK(outside == 0, "update %d: %d pixels from outside", (int)update, outside);
  }
}

/* Mean and sd of the noise on mid grey; rounding to bytes adds 1/12 to the variance. 1,000 pictures
 * of 768 values: the mean's error is sd/876, the sd's sd/1240; gates at 5 of them. */
static void check_noise(double sd) {
  cnn_config config = config_of(16, 3);
  uint8_t pixels[MAX_VALUES], out[MAX_VALUES];
  double sum = 0.0, squares = 0.0;
  config.pixel_noise = sd;
  memset(pixels, 128, sizeof pixels);
  for (int32_t index = 0; index < 1000; index++) {
    cnn_augment(out, pixels, &config, 3, index);
    for (size_t i = 0; i < MAX_VALUES; i++) {
      const double d = (double)out[i] - 128.0;
      sum += d;
      squares += d * d;
    }
  }
  const double count = 1000.0 * MAX_VALUES, expected = sqrt(sd * sd + 1.0 / 12.0);
  const double mean = sum / count, found = sqrt(squares / count - mean * mean);
  CHECK(fabs(mean) < 5.0 * expected / 876.0, "sd %g: mean %g", sd, mean);
  CHECK(fabs(found - expected) < 5.0 * expected / 1240.0, "sd %g: found %g", sd, found);
}

/* Neighbouring values, channels and pictures have noise of their own: correlations of 76,800 pairs
 * have sd 0.0036. */
static void check_independence(void) {
  cnn_config config = config_of(16, 3);
  static uint8_t pixels[MAX_VALUES], out[101][MAX_VALUES];
  double next = 0.0, same = 0.0;
  config.pixel_noise = 20.0;
  memset(pixels, 128, sizeof pixels);
  for (int32_t index = 0; index < 101; index++) {
    cnn_augment(out[index], pixels, &config, 4, index);
  }
  for (size_t index = 0; index < 100; index++) {
    for (size_t i = 0; i < MAX_VALUES; i++) {
      const double d = (double)out[index][i] - 128.0;
      next += d * ((double)out[index][(i + 1) % MAX_VALUES] - 128.0) / 400.0;
      same += d * ((double)out[index + 1][i] - 128.0) / 400.0;
    }
  }
  CHECK(fabs(next / 76800.0) < 5.0 * 0.0036, "neighbours correlate by %g", next / 76800.0);
  CHECK(fabs(same / 76800.0) < 5.0 * 0.0036, "pictures correlate by %g", same / 76800.0);
}

/* Black stays at 0 and white at 255 in half of the cases: no value wraps round. At sd 127 the noise
 * stays below 5 sd = 635, so mid grey reaches both ends. */
static void check_clamp(void) {
  cnn_config config = config_of(16, 3);
  static const uint8_t levels[3] = {0, 128, 255};
  uint8_t pixels[MAX_VALUES], out[MAX_VALUES];
  for (size_t level = 0; level < 3; level++) {
    for (int pass = 0; pass < 2; pass++) {
      config.pixel_noise = pass == 0 ? 10.0 : 127.0;
      const double reach = 5.0 * config.pixel_noise;
      double zeros = 0.0, ends = 0.0, far = 0.0;
      memset(pixels, levels[level], sizeof pixels);
      cnn_augment(out, pixels, &config, 1, 1);
      for (size_t i = 0; i < MAX_VALUES; i++) {
        zeros += out[i] == 0;
        ends += out[i] == 255;
        far += fabs((double)out[i] - (double)levels[level]) > reach;
      }
      const double share = (level == 0 ? zeros : ends) / MAX_VALUES;
      CHECK(far == 0.0, "level %d sd %g: %g values too far", levels[level], config.pixel_noise,
            far);
      if (level != 1) { /* sd of a share near a half: 0.018; rounding at sd 10 moves it by 0.02 */
        CHECK(share > 0.42 && share < 0.62, "level %d sd %g: %g at the end", levels[level],
              config.pixel_noise, share);
      } else {
        CHECK((zeros > 0.0) == (pass == 1) && (ends > 0.0) == (pass == 1), "grey, sd %g: %g, %g",
              config.pixel_noise, zeros, ends);
      }
    }
  }
}

/* The same again gives the same; another seed, update or image another picture. */
static void check_keys(void) {
  cnn_config config = config_of(16, 3), other;
  uint8_t pixels[MAX_VALUES], first[MAX_VALUES], again[MAX_VALUES];
  noise random = noise_of(72);
  noise_fill_bytes(pixels, &random, sizeof pixels);
  config.pixel_noise = 10.0;
  cnn_augment(first, pixels, &config, 7, 8);
  cnn_augment(again, pixels, &config, 7, 8);
  CHECK(memcmp(first, again, sizeof first) == 0, "not a function of its arguments");
  cnn_augment(again, pixels, &config, 8, 7);
  CHECK(memcmp(first, again, sizeof first) != 0, "update and image are interchangeable");
  cnn_augment(again, pixels, &config, 7 + (INT64_C(1) << 32), 8);
  CHECK(memcmp(first, again, sizeof first) != 0, "an update 2^32 later is the same");
  other = config;
  other.seed++;
  cnn_augment(again, pixels, &other, 7, 8);
  CHECK(memcmp(first, again, sizeof first) != 0, "the seed has no effect");
  other = config;
  other.batch = 1;
  other.epochs = 99;
  cnn_augment(again, pixels, &other, 7, 8);
  CHECK(memcmp(first, again, sizeof first) == 0, "another setting has an effect");
}

static void check_same_bits(void) {
  uint8_t pixels[MAX_VALUES], out[MAX_VALUES];
  noise random = noise_of(73);
  uint64_t hash = BITS_START;
  noise_fill_bytes(pixels, &random, sizeof pixels);
  for (int32_t mode = 0; mode < 64; mode++) {
    cnn_config config = config_of(4 + mode % 13, (mode & 1) != 0 ? 3 : 1);
    config.shift = mode % 7;
    config.shift_edge = mode / 2 % 2;
    config.flip = mode / 4 % 2;
    config.pixel_noise = mode / 8;
    config.seed = mode;
    cnn_augment(out, pixels, &config, 1000 * mode, 2147483647 - mode);
    hash = bits_of(hash, out, values_of(&config));
  }
  check_bits("augment", hash, UINT64_C(0x97b470a4cfe0b9ef));
}

int main(void) {
  check_off();
  check_moves(9, 1, 0, CNN_EDGE_WRAP, 1);
  check_moves(9, 1, 4, CNN_EDGE_WRAP, 0);
  check_moves(12, 3, 2, CNN_EDGE_WRAP, 1);
  check_moves(9, 3, 2, CNN_EDGE_REPEAT, 0);
  check_moves(13, 1, 1, CNN_EDGE_REPEAT, 1);
  check_long_moves();
  check_noise(3.0);
  check_noise(20.0);
  check_independence();
  check_clamp();
  check_keys();
  check_same_bits();
  return check_finish("augment");
}
