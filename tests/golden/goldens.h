/* Written by tests/golden/update.mjs from fingerprints.json: do not edit. Each run's settings
 * differ from the defaults of cnn.h in the named fields. */
#ifndef GOLDENS_H
#define GOLDENS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name; /* NULL ends the list */
  double value;
} golden_field;

typedef struct {
  const char *name;
  golden_field network[12];
  golden_field scene[12];
  int32_t train_count;
  int32_t test_count;
  uint64_t fingerprint; /* after the last epoch */
} golden_run;

/* clang-format off */
static const golden_run golden_runs[] = {
    {"pair_24",
     {{"resolution", 24}, {"epochs", 2}, {NULL, 0}},
     {{NULL, 0}},
     40, 50, UINT64_C(0xd8715d2dbf6e95aa)},
    {"pair_48",
     {{"resolution", 48}, {"epochs", 2}, {NULL, 0}},
     {{NULL, 0}},
     40, 50, UINT64_C(0x6f65d8b5917bbc54)},
    {"pair_48_new_luck",
     {{"resolution", 48}, {"epochs", 2}, {"seed", 7}, {NULL, 0}},
     {{"seed", 7}, {NULL, 0}},
     40, 50, UINT64_C(0x876d004e1ff72b20)},
    {"global_max_48",
     {{"resolution", 48}, {"epochs", 2}, {"head", 1}, {NULL, 0}},
     {{NULL, 0}},
     40, 50, UINT64_C(0x8dddc6cdf05e8da8)},
    {"global_average_same_16",
     {{"resolution", 16}, {"epochs", 2}, {"classes", 4}, {"head", 2}, {"padding", 1}, {NULL, 0}},
     {{"family", 2}, {"classes", 4}, {"radius", 0}, {NULL, 0}},
     41, 33, UINT64_C(0x3bc77cead2c26035)},
    {"sigmoid_unit_colour_32",
     {{"resolution", 32}, {"channels", 3}, {"classes", 2}, {"filters", 32}, {"output", 1}, {"scaling", 0}, {"epochs", 2}, {NULL, 0}},
     {{"reference", 256}, {"channels", 3}, {"classes", 2}, {NULL, 0}},
     40, 50, UINT64_C(0x326ef8b61b535c80)},
    {"no_pool_12",
     {{"resolution", 12}, {"filters", 5}, {"pool", 0}, {"batch", 7}, {"epochs", 3}, {NULL, 0}},
     {{"family", 1}, {"label_noise", 0.25}, {NULL, 0}},
     30, 20, UINT64_C(0x8b2da0599a1e7d16)},
    {"noise_batch_1_32",
     {{"resolution", 32}, {"channels", 3}, {"classes", 3}, {"filters", 9}, {"padding", 1}, {"scaling", 0}, {"batch", 1}, {"epochs", 2}, {NULL, 0}},
     {{"family", 3}, {"reference", 256}, {"channels", 3}, {"classes", 3}, {NULL, 0}},
     20, 20, UINT64_C(0x831f66954a48d0fd)},
    {"twenty_classes_same_24",
     {{"resolution", 24}, {"filters", 8}, {"padding", 1}, {"head", 1}, {"classes", 20}, {"epochs", 2}, {NULL, 0}},
     {{"classes", 20}, {NULL, 0}},
     60, 40, UINT64_C(0x141b55720f687cc3)},
};
/* clang-format on */

#endif
