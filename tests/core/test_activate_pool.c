/* ReLU and pooling of a whole map against the definition, unit by unit, in double: values, winners,
 * ties, dropped rows and columns, dead maps, NaN; the gradient against central differences. */
#include "norm.h"

#include "cnn.h"
#include "conv.h"

#include "bits.h"
#include "check.h"
#include "guarded.h"
#include "noise.h"
#include "worse.h"

enum { MAX_SIDE = 9, MAX_FILTERS = 64, MAX_VALUES = MAX_SIDE * MAX_SIDE * MAX_FILTERS };

typedef struct {
  int pool;
  size_t side, filters, out_side;
  guarded y, out, winner, dout, dy;
} map;

static float *floats(const guarded *g) {
  return guarded_float(g);
}

static map map_new(int pool, size_t side, size_t filters) {
  map m = {.pool = pool, .side = side, .filters = filters};
  m.out_side = pool == CNN_POOL_NONE ? side : side / 2;
  const size_t values = side * side * filters, units = m.out_side * m.out_side * filters;
  m.y = guarded_floats(values, 0);
  m.dy = guarded_floats(values, 0);
  m.out = guarded_floats(units, 0);
  m.dout = guarded_floats(units, 0);
  m.winner = guarded_new(GUARD_BYTES, cnn_winner_bytes(pool, side, filters), 0);
  return m;
}

static void map_run(map *m) {
  memset(guarded_byte(&m->dy), 0x7f, m->dy.bytes); /* must be overwritten */
  cnn_activate_pool(floats(&m->out), guarded_byte(&m->winner), floats(&m->y), m->pool, m->side,
                    m->filters);
  cnn_activate_pool_gradient(floats(&m->dy), floats(&m->dout), guarded_byte(&m->winner), m->pool,
                             m->side, m->filters);
}

static void map_end(map *m) {
  const int intact = guarded_end(&m->y) + guarded_end(&m->out) + guarded_end(&m->winner) +
                     guarded_end(&m->dout) + guarded_end(&m->dy);
  CHECK(intact == 5, "pool %d side %zu filters %zu: wrote outside", m->pool, m->side, m->filters);
}

/* Index in y of value 0..3 of a unit's cell (of value 0 only, without pooling). */
static size_t value_index(const map *m, size_t unit, size_t value) {
  const size_t scale = m->pool == CNN_POOL_NONE ? 1 : 2;
  const size_t cell = unit / m->filters;
  const size_t row = scale * (cell / m->out_side) + value / 2;
  const size_t column = scale * (cell % m->out_side) + value % 2;
  return (row * m->side + column) * m->filters + unit % m->filters;
}

/* A unit by definition; *winner is the first strongest value, or dead. */
static double unit_of(size_t *winner, const map *m, const double *y, size_t unit) {
  const size_t count = m->pool == CNN_POOL_NONE ? 1 : 4;
  double best = 0.0, sum = 0.0;
  *winner = CNN_WINNER_DEAD;
  for (size_t i = 0; i < count; i++) {
    const double z = y[value_index(m, unit, i)];
    sum += z > 0.0 ? z : 0.0;
    if (z > best) {
      best = z;
      *winner = i;
    }
  }
  return m->pool == CNN_POOL_AVERAGE2 ? sum / 4.0 : best;
}

/* Multiples of 1/4 up to 1, so that ties, zeros and dead cells abound and sums are exact. */
static void check_ties(map *m, noise *random) {
  static double y[MAX_VALUES], dy[MAX_VALUES];
  const size_t values = m->side * m->side * m->filters;
  const size_t units = m->out_side * m->out_side * m->filters;
  for (size_t i = 0; i < values; i++) {
    y[i] = ((double)noise_below(random, 9) - 4.0) / 4.0;
    floats(&m->y)[i] = (float)y[i];
    dy[i] = 0.0;
  }
  noise_fill(floats(&m->dout), random, units);
  map_run(m);
  size_t wrong = 0;
  for (size_t unit = 0; unit < units; unit++) {
    size_t winner;
    const double expected = unit_of(&winner, m, y, unit), g = (double)floats(&m->dout)[unit];
    wrong += (double)floats(&m->out)[unit] != expected;
    if (m->pool != CNN_POOL_AVERAGE2) {
      wrong += guarded_byte(&m->winner)[unit] != winner;
      if (winner != CNN_WINNER_DEAD) {
        dy[value_index(m, unit, winner)] = g;
      }
      continue;
    }
    for (size_t i = 0; i < 4; i++) {
      const size_t at = value_index(m, unit, i);
      wrong += guarded_byte(&m->winner)[at] != (y[at] > 0.0 ? 0 : CNN_WINNER_DEAD);
      dy[at] = y[at] > 0.0 ? g / 4.0 : 0.0;
    }
  }
  for (size_t i = 0; i < values; i++) {
    wrong += (double)floats(&m->dy)[i] != dy[i];
  }
  CHECK(wrong == 0, "pool %d side %zu filters %zu: %zu wrong", m->pool, m->side, m->filters, wrong);
}

static double loss_of(const map *m, const double *y) {
  double loss = 0.0;
  for (size_t unit = 0; unit < m->out_side * m->out_side * m->filters; unit++) {
    size_t winner;
    loss += (double)floats(&m->dout)[unit] * unit_of(&winner, m, y, unit);
  }
  return loss;
}

/* Piecewise linear: with values at least 2^-15 apart in a cell the difference over a step of 2^-17
 * is the slope, up to double rounding. */
static void check_gradient(map *m, noise *random) {
  static double y[MAX_VALUES];
  const size_t values = m->side * m->side * m->filters;
  const double h = 0x1p-17;
  for (size_t i = 0; i < values; i++) {
    const uint32_t place =
        (uint32_t)(i / m->filters); /* residue: all of a cell differ, none is 0 */
    const uint32_t residue =
        1 + place % (uint32_t)m->side % 2 + 2 * (place / (uint32_t)m->side % 2);
    y[i] = ((double)noise_below(random, 4096) * 8.0 + residue) * 0x1p-15 - 0.5;
    floats(&m->y)[i] = (float)y[i];
  }
  noise_fill(floats(&m->dout), random, m->out_side * m->out_side * m->filters);
  map_run(m);
  double worst = 0.0;
  for (size_t i = 0; i < values; i++) {
    const double kept = y[i];
    y[i] = kept + h;
    const double above = loss_of(m, y);
    y[i] = kept - h;
    const double below = loss_of(m, y);
    y[i] = kept;
    worst = worse(worst, fabs((double)floats(&m->dy)[i] - (above - below) / (2.0 * h)));
  }
  CHECK(worst < 1e-8, "pool %d side %zu filters %zu: gradient off by %g", m->pool, m->side,
        m->filters, worst);
}

/* ((a + b) + (c + d)) / 4 with halves that any other order rounds differently. */
static void check_order(void) {
  const float y[4] = {0x1p24f, 1.0f, 1.0f, 1.0f}; /* + 1 is lost, + 2 is not */
  float out;
  uint8_t winner[4];
  cnn_activate_pool(&out, winner, y, CNN_POOL_AVERAGE2, 2, 1);
  CHECK(out == (0x1p24f + 2.0f) / 4.0f, "mean %.9g", (double)out);
}

/* NaN wins from every place of a cell and keeps its gradient's way open. */
static void check_not_a_number(void) {
  for (int pool = CNN_POOL_NONE; pool <= CNN_POOL_AVERAGE2; pool++) {
    for (size_t at = 0; at < 4 * 5; at++) {
      float y[4 * 5], out[4 * 5];
      uint8_t winner[4 * 5];
      size_t nans = 0;
      for (size_t i = 0; i < 4 * 5; i++) {
        y[i] = i == at ? NAN : (float)(i / 5) - 2.0f;
      }
      cnn_activate_pool(out, winner, y, pool, 2, 5);
      for (size_t unit = 0; unit < (pool == CNN_POOL_NONE ? 4u : 1u) * 5; unit++) {
        nans += out[unit] != out[unit];
      }
      const size_t unit = pool == CNN_POOL_MAX2 ? at % 5 : at;
      CHECK(nans == 1 && winner[unit] == (pool == CNN_POOL_MAX2 ? at / 5 : 0),
            "pool %d, NaN at %zu: %zu in the result, winner %d", pool, at, nans, winner[unit]);
    }
  }
}

/* Nothing above zero: no output, no gradient. */
static void check_dead(void) {
  for (int pool = CNN_POOL_NONE; pool <= CNN_POOL_AVERAGE2; pool++) {
    map m = map_new(pool, 5, 6);
    size_t wrong = 0;
    for (size_t i = 0; i < 5 * 5 * 6; i++) {
      floats(&m.y)[i] = i % 3 == 0 ? 0.0f : i % 3 == 1 ? -0.0f : -1e30f;
    }
    for (size_t unit = 0; unit < m.out_side * m.out_side * 6; unit++) {
      floats(&m.dout)[unit] = 1.0f;
    }
    map_run(&m);
    for (size_t unit = 0; unit < m.out_side * m.out_side * 6; unit++) {
      wrong += floats(&m.out)[unit] != 0.0f;
    }
    for (size_t i = 0; i < m.winner.bytes; i++) {
      wrong += guarded_byte(&m.winner)[i] != CNN_WINNER_DEAD;
    }
    for (size_t i = 0; i < 5 * 5 * 6; i++) {
      wrong += floats(&m.dy)[i] != 0.0f;
    }
    CHECK(wrong == 0, "pool %d: %zu live values in a dead map", pool, wrong);
    map_end(&m);
  }
}

int main(void) {
  static const size_t filters[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 32, 63, MAX_FILTERS};
  noise random = noise_of(51);
  uint64_t hash = BITS_START;
  for (int pool = CNN_POOL_NONE; pool <= CNN_POOL_AVERAGE2; pool++) {
    for (size_t side = 1; side <= MAX_SIDE; side++) {
      for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
        map m = map_new(pool, side, filters[f]);
        check_ties(&m, &random);
        if (side <= 5 && filters[f] <= 5) {
          check_gradient(&m, &random);
        }
        noise_fill(floats(&m.y), &random, side * side * filters[f]);
        map_run(&m);
        hash = bits_of(hash, guarded_byte(&m.out), m.out.bytes);
        hash = bits_of(hash, guarded_byte(&m.winner), m.winner.bytes);
        hash = bits_of(hash, guarded_byte(&m.dy), m.dy.bytes);
        map_end(&m);
      }
    }
  }
  check_bits("activate and pool", hash, UINT64_C(0x5b2bd4237d3f926f));
  check_order();
  check_not_a_number();
  check_dead();
  return check_finish("activate and pool");
}
