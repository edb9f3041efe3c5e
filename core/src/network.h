/* A configuration as a network: shapes, and where every array lies in the flat parameters. The one
 * place that knows the memory order; plan, trainer, inspection and saving ask here. */
#ifndef CNN_NETWORK_H
#define CNN_NETWORK_H

#include "cnn.h"
#include "conv.h"

typedef struct {
  cnn_conv_shape conv;
  int32_t norm;                         /* CNN_NORM_* */
  size_t positions;                     /* conv_side^2 */
  size_t map_floats;                    /* P * P * F of one image */
  size_t winner_bytes;                  /* of one image */
  int64_t kernel, bias, gamma, beta;    /* offsets in parameters; the last two only with a norm */
  int64_t moving_mean, moving_variance; /* offsets in statistics, only with batch norm */
} cnn_network_block;

typedef struct {
  int32_t block_count;
  cnn_network_block blocks[CNN_MAX_BLOCKS];
  size_t map_side;     /* P of the map that the head reads; R without blocks */
  size_t map_channels; /* F of the last block; C without blocks */
  int32_t head;        /* CNN_HEAD_* */
  size_t grid;
  size_t features; /* D */
  size_t hidden;   /* units, 0 = none */
  size_t outputs;
  size_t dense_inputs; /* of the output layer: hidden or D */
  /* offsets in parameters; query only with attention, hidden_* only with a hidden layer */
  int64_t query, hidden_kernel, hidden_bias, dense_kernel, dense_bias;
  int64_t conv_parameters, parameters, statistics;
} cnn_network;

/* For a configuration whose single fields are in range. Returns 0 and the setting at fault in
 * *field (not NULL) if a kernel, pool or grid does not fit into what it is given. */
int cnn_network_of(cnn_network *network, const char **field, const cnn_config *config);

/* Pixel values of one image: R*R*C. */
size_t cnn_values_per_image(const cnn_config *config);

/* Forward multiply-adds of a block's convolution per image: k*k*C*F*side^2. */
int64_t cnn_block_macs(const cnn_network_block *block);

#endif
