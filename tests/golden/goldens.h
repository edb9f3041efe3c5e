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
  golden_field network[40];
  golden_field scene[20];
  int32_t train_count;
  int32_t test_count;
  uint64_t fingerprint; /* after the last epoch */
} golden_run;

/* clang-format off */
static const golden_run golden_runs[] = {
    {"pair_24",
     {{"resolution", 24}, {"epochs", 2}, {NULL, 0}},
     {{NULL, 0}},
     40, 50, UINT64_C(0x20a4fc91fa12a61c)},
    {"pair_48",
     {{"resolution", 48}, {"epochs", 2}, {NULL, 0}},
     {{NULL, 0}},
     40, 50, UINT64_C(0x0822adb4bbca9b9f)},
    {"pair_48_new_luck",
     {{"resolution", 48}, {"epochs", 2}, {"seed", 7}, {NULL, 0}},
     {{"seed", 7}, {NULL, 0}},
     40, 50, UINT64_C(0x5ae1d3e08ce5e8dd)},
    {"global_max_48",
     {{"resolution", 48}, {"epochs", 2}, {"head", 1}, {NULL, 0}},
     {{NULL, 0}},
     40, 50, UINT64_C(0xec632173bf2cbf81)},
    {"global_average_same_16",
     {{"resolution", 16}, {"epochs", 2}, {"classes", 4}, {"head", 2}, {"padding", 1}, {NULL, 0}},
     {{"family", 2}, {"classes", 4}, {"radius", 0}, {NULL, 0}},
     41, 33, UINT64_C(0xbbc7f2e520e8021c)},
    {"sigmoid_unit_colour_32",
     {{"resolution", 32}, {"channels", 3}, {"classes", 2}, {"filters", 32}, {"output", 1}, {"scaling", 0}, {"epochs", 2}, {NULL, 0}},
     {{"reference", 256}, {"channels", 3}, {"classes", 2}, {NULL, 0}},
     40, 50, UINT64_C(0xf6333c034ef4e18e)},
    {"no_pool_12",
     {{"resolution", 12}, {"filters", 5}, {"pool", 0}, {"batch", 7}, {"epochs", 3}, {NULL, 0}},
     {{"family", 1}, {"label_noise", 0.25}, {NULL, 0}},
     30, 20, UINT64_C(0x8b2da0599a1e7d16)},
    {"noise_batch_1_32",
     {{"resolution", 32}, {"channels", 3}, {"classes", 3}, {"filters", 9}, {"padding", 1}, {"scaling", 0}, {"batch", 1}, {"epochs", 2}, {NULL, 0}},
     {{"family", 3}, {"reference", 256}, {"channels", 3}, {"classes", 3}, {NULL, 0}},
     20, 20, UINT64_C(0xe33c21dbaafd9c17)},
    {"twenty_classes_same_24",
     {{"resolution", 24}, {"filters", 8}, {"padding", 1}, {"head", 1}, {"classes", 20}, {"epochs", 2}, {NULL, 0}},
     {{"classes", 20}, {NULL, 0}},
     60, 40, UINT64_C(0x13e164ac170ab6c4)},
    {"regression_16",
     {{"resolution", 16}, {"blocks", 0}, {"epochs", 3}, {"scaling", 0}, {"weight_decay", 0.01}, {NULL, 0}},
     {{NULL, 0}},
     40, 30, UINT64_C(0x1d9f2d210bb0e046)},
    {"hidden_dropout_16",
     {{"resolution", 16}, {"channels", 3}, {"blocks", 0}, {"hidden", 24}, {"dropout", 0.25}, {"epochs", 3}, {"l2", 0.001}, {NULL, 0}},
     {{"channels", 3}, {"reference", 256}, {NULL, 0}},
     40, 30, UINT64_C(0x85e1263581c485bd)},
    {"batch_norm_same_24",
     {{"resolution", 24}, {"filters", 8}, {"padding", 1}, {"norm", 1}, {"epochs", 3}, {"batch", 12}, {"optimiser", 1}, {"epsilon", 1e-8}, {"beta1", 0.8}, {"beta2", 0.99}, {NULL, 0}},
     {{"family", 2}, {NULL, 0}},
     41, 30, UINT64_C(0xc3b673ecb60c999f)},
    {"layer_norm_average_16",
     {{"resolution", 16}, {"channels", 3}, {"filters", 6}, {"norm", 2}, {"pool", 2}, {"epochs", 3}, {"batch", 9}, {"optimiser", 2}, {"learning_rate", 0.02}, {"nesterov", 1}, {NULL, 0}},
     {{"channels", 3}, {"reference", 256}, {NULL, 0}},
     40, 30, UINT64_C(0xca16b93d32585f84)},
    {"two_blocks_grid_32",
     {{"resolution", 32}, {"blocks", 2}, {"filters", 8}, {"kernel", 5}, {"padding", 1}, {"filters2", 12}, {"norm2", 1}, {"head", 3}, {"grid", 3}, {"epochs", 2}, {"label_smoothing", 0.1}, {NULL, 0}},
     {{NULL, 0}},
     41, 30, UINT64_C(0xe391cd97c0db620e)},
    {"three_blocks_attention_32",
     {{"resolution", 32}, {"channels", 3}, {"blocks", 3}, {"filters", 8}, {"padding", 1}, {"filters2", 8}, {"padding2", 1}, {"pool2", 2}, {"norm2", 2}, {"filters3", 12}, {"pool3", 0}, {"head", 4}, {"epochs", 2}, {"optimiser", 2}, {"momentum", 0.8}, {"learning_rate", 0.01}, {"clip_norm", 0.5}, {NULL, 0}},
     {{"channels", 3}, {"reference", 256}, {NULL, 0}},
     40, 30, UINT64_C(0xa9c5625486b14e6d)},
    {"four_blocks_average_64",
     {{"resolution", 64}, {"blocks", 4}, {"filters", 4}, {"padding", 1}, {"filters2", 6}, {"padding2", 1}, {"norm2", 1}, {"filters3", 7}, {"padding3", 1}, {"filters4", 9}, {"padding4", 1}, {"norm4", 1}, {"head", 2}, {"epochs", 2}, {"schedule", 1}, {"warmup", 1}, {"weight_decay", 0.05}, {NULL, 0}},
     {{NULL, 0}},
     30, 20, UINT64_C(0x2757eddb4e75ca9a)},
    {"stride_same_24",
     {{"resolution", 24}, {"filters", 10}, {"stride", 2}, {"padding", 1}, {"pool", 0}, {"blocks", 2}, {"filters2", 11}, {"kernel2", 5}, {"stride2", 2}, {"padding2", 1}, {"pool2", 1}, {"epochs", 2}, {"hidden", 16}, {"dropout", 0.5}, {NULL, 0}},
     {{"family", 1}, {NULL, 0}},
     40, 30, UINT64_C(0xe50f732eba2b40e2)},
    {"stride_valid_k5_32",
     {{"resolution", 32}, {"channels", 3}, {"filters", 9}, {"kernel", 5}, {"stride", 2}, {"head", 1}, {"epochs", 2}, {"norm", 2}, {NULL, 0}},
     {{"channels", 3}, {"reference", 256}, {NULL, 0}},
     40, 30, UINT64_C(0xfa2b000dbbdb731d)},
    {"shift_wrap_flip_24",
     {{"resolution", 24}, {"filters", 8}, {"shift", 3}, {"flip", 1}, {"epochs", 3}, {"batch", 7}, {"momentum", 0.5}, {"optimiser", 2}, {"learning_rate", 0.005}, {NULL, 0}},
     {{NULL, 0}},
     40, 30, UINT64_C(0x737a82336891e7da)},
    {"shift_repeat_noise_32",
     {{"resolution", 32}, {"channels", 3}, {"filters", 8}, {"shift", 5}, {"shift_edge", 1}, {"pixel_noise", 12}, {"epochs", 2}, {"label_smoothing", 0.2}, {"output", 1}, {"classes", 2}, {NULL, 0}},
     {{"channels", 3}, {"reference", 256}, {"classes", 2}, {NULL, 0}},
     40, 30, UINT64_C(0xdd1525ddda7d601a)},
    {"patience_restores_16",
     {{"resolution", 16}, {"filters", 8}, {"epochs", 12}, {"patience", 2}, {"learning_rate", 0.05}, {"batch", 8}, {"norm", 1}, {NULL, 0}},
     {{"family", 3}, {"classes", 5}, {NULL, 0}},
     30, 30, UINT64_C(0xb03c1143f744f89b)},
    {"everything_32",
     {{"resolution", 32}, {"blocks", 2}, {"filters", 8}, {"padding", 1}, {"norm", 1}, {"filters2", 8}, {"kernel2", 5}, {"stride2", 2}, {"padding2", 1}, {"pool2", 2}, {"norm2", 2}, {"head", 3}, {"grid", 2}, {"hidden", 12}, {"dropout", 0.2}, {"l2", 0.0005}, {"weight_decay", 0.01}, {"label_smoothing", 0.05}, {"clip_norm", 1}, {"shift", 2}, {"flip", 1}, {"pixel_noise", 5}, {"schedule", 1}, {"warmup", 1}, {"patience", 5}, {"epochs", 3}, {"batch", 16}, {NULL, 0}},
     {{NULL, 0}},
     50, 30, UINT64_C(0xb2d1e52eaee48400)},
};
/* clang-format on */

#endif
