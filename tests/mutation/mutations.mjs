// Bugs that the tests of the core must catch. Each is an exact text (found once in its file) and
// what it becomes, in one place or in several at a time: in a fast kernel and its plain twin alike,
// so that comparing the two finds nothing. `test` is the program in tests/core that must fail.

/** @typedef {{ file: string, find: string, replace: string }} Edit */
/** @typedef {{ name: string, test: string, edits: Edit[] }} Mutation */

/** @param {string} file in core/src @param {string} find @param {string} replace @returns {Edit} */
const edit = (file, find, replace) => ({ file: `core/src/${file}`, find, replace });

/** @param {string} test @param {string} name @param {Edit[]} edits @returns {Mutation} */
const bug = (test, name, ...edits) => ({ name, test, edits });

/** @type {Mutation[]} */
export const MUTATIONS = [
  // ---- Update
  bug(
    'test_update',
    'epsilon before the bias correction in the form that has it after',
    edit('schedule.c', 'root_scale = 1.0 / root_unbias2;', 'root_scale = 1.0;'),
  ),
  bug(
    'test_update',
    'the second moment is not corrected',
    edit('schedule.c', 'rate * root_unbias2 / unbias1;', 'rate / unbias1;'),
  ),
  bug(
    'test_trainer_updates',
    'the bias correction is one update behind',
    edit(
      'step.c',
      'b->beta1_power = t->beta1_power * c->beta1;',
      'b->beta1_power = t->beta1_power * (t->progress.step == 0 ? c->beta1 : 1.0);',
    ),
  ),
  bug(
    'test_update',
    'decay after the step',
    edit(
      'update.c',
      '*w = u->keep * *w - u->step_size * first / root;',
      '*w = u->keep * (*w - u->step_size * first / root);',
    ),
    edit(
      'update.c',
      '*w = kept - f32x4_splat(u->step_size) * *m / root;',
      '*w = (scaled ? f32x4_splat(u->keep) : f32x4_splat(1.0f)) * (*w - f32x4_splat(u->step_size) * *m / root);',
    ),
  ),
  bug(
    'test_update',
    'Nesterov without looking ahead',
    edit('update.c', 'u->nesterov ? u->momentum * velocity - step : velocity', 'velocity'),
    edit('update.c', 'u->nesterov ? f32x4_splat(u->momentum) * *m - step : *m', '*m'),
  ),
  bug(
    'test_update',
    'the first moment takes the whole gradient',
    edit('schedule.c', '(float)(1.0 - config->beta1)', '1.0f'),
  ),
  bug(
    'test_schedule',
    'no 2 in the slope of L2',
    edit('schedule.c', '(float)(2.0 * l2)', '(float)l2'),
  ),
  bug(
    'test_gradients',
    'L2 on a bias too',
    edit(
      'step.c',
      'add_l2(t, n->dense_kernel, n->dense_bias, first, last);',
      'add_l2(t, n->dense_kernel, n->parameters, first, last);',
    ),
  ),
  bug(
    'test_schedule',
    'small gradients are stretched to the limit',
    edit('schedule.c', 'limit == 0.0 || norm <= limit ? 1.0', 'limit == 0.0 ? 1.0'),
  ),
  bug(
    'test_trainer_updates',
    'clipping by the norm of the last block of parameters',
    edit(
      'step.c',
      'b->gradient_squares += cnn_square_sum(g, rows);',
      'b->gradient_squares = cnn_square_sum(g, rows);',
    ),
  ),
  bug(
    'test_schedule',
    'cosine one update behind',
    edit(
      'schedule.c',
      '(double)(t - warmup) / (double)(total',
      '(double)(t - warmup - 1) / (double)(total',
    ),
  ),
  bug(
    'test_schedule',
    'warm-up begins at zero',
    edit('schedule.c', '(double)t / (double)warmup', '(double)(t - 1) / (double)warmup'),
  ),
  // ---- Pool and ReLU
  bug(
    'test_activate_pool',
    'the last of equal maxima wins',
    edit(
      'pool.c',
      'return (next > best) | (next != next);',
      'return (next >= best) | (next != next);',
    ),
  ),
  bug(
    'test_conv',
    'the right one of equal maxima wins behind Winograd',
    edit('conv_winograd.c', 'y[1] > y[0]', 'y[1] >= y[0]'),
  ),
  bug(
    'test_activate_pool',
    'a unit at exactly zero has a gradient',
    edit('pool.c', 'winner[i] = y[i] <= 0.0f', 'winner[i] = y[i] < 0.0f'),
  ),
  bug(
    'test_activate_pool',
    'a mean of four over three',
    edit('pool.c', '(top + bottom) * 0.25f', '(top + bottom) / 3.0f'),
  ),
  bug(
    'test_activate_pool',
    'dropped rows keep what was in memory',
    edit('pool.c', 'if (side % 2 != 0) {', 'if (side % 2 != 0 && pool == CNN_POOL_MAX2) {'),
  ),
  // ---- Convolution
  bug(
    'test_conv',
    'same padding puts the odd row in front',
    edit('conv_shape.c', 'shape->before = total / 2;', 'shape->before = (total + 1) / 2;'),
  ),
  bug(
    'test_conv',
    'the last position at the right edge is left out',
    edit(
      'conv_shape.c',
      '(shape.image_side - shape.kernel) / shape.stride + 1;',
      '(shape.image_side - shape.kernel) / shape.stride + (shape.stride == 1);',
    ),
  ),
  bug(
    'test_conv',
    'a sign in a Winograd tile',
    edit(
      'conv_winograd.c',
      'f32x4_store(rows + 2 * step + x, d2 - d1);',
      'f32x4_store(rows + 2 * step + x, d1 - d2);',
    ),
  ),
  bug(
    'test_gradients',
    'the kernel gradient filter by filter, OIHW',
    edit(
      'conv_gradient.c',
      'dkernel[(ky * used + i) * shape.filters + f]',
      'dkernel[(f * shape.kernel + ky) * used + i]',
    ),
  ),
  bug(
    'test_gradients',
    'negative gradients are skipped in the kernel gradient',
    edit('conv_gradient.c', '& (g != (f32x4){0});', '& (g > (f32x4){0});'),
    edit('conv_gradient.c', 'g != 0.0f) {', 'g > 0.0f) {'),
    edit('conv_gradient_ref.c', 'dout[unit] == 0.0f', 'dout[unit] <= 0.0f'),
  ),
  bug(
    'test_gradients',
    'a winner is one pixel to the right whatever the stride',
    edit(
      'conv_gradient.c',
      'p / 2 * down + p % 2 * right',
      'p / 2 * down + p % 2 * shape.channels',
    ),
    edit(
      'conv_gradient_ref.c',
      'shape.image_side + shape.stride * x;',
      'shape.image_side + shape.stride * (x - position % 2) + position % 2;',
    ),
  ),
  bug(
    'test_conv_input_gradient',
    'the input gradient forgets the stride',
    edit(
      'conv_input_gradient.c',
      '(first + i) * shape.stride * shape.channels',
      '(first + i) * shape.channels',
    ),
  ),
  // ---- Norms
  bug(
    'test_gradients',
    'unbiased variance of a batch',
    edit(
      'forward.c',
      'state->batch_variance[f] /= values_per_filter(t);',
      'state->batch_variance[f] /= values_per_filter(t) - 1.0;',
    ),
  ),
  bug(
    'test_gradients',
    'the moving averages keep what they should take',
    edit(
      'norm.c',
      'CNN_NORM_MOMENTUM * (double)moving + (1.0 - CNN_NORM_MOMENTUM) * batch',
      '(1.0 - CNN_NORM_MOMENTUM) * (double)moving + CNN_NORM_MOMENTUM * batch',
    ),
  ),
  bug(
    'test_gradients',
    'the gradient of a batch norm without its mean',
    edit('norm.c', 'mean_dy[f] = (float)(dbeta[f] / count);', 'mean_dy[f] = 0.0f;'),
  ),
  bug(
    'test_layer_norm',
    'layer norm without epsilon',
    edit('norm_layer.c', 'variance + CNN_NORM_EPSILON', 'variance'),
  ),
  // ---- Heads
  bug(
    'test_head',
    'a grid cell ends one position early',
    edit('head.c', '((i + 1) * side + grid - 1) / grid', '(i + 1) * side / grid'),
  ),
  bug(
    'test_head',
    'the gradient of the global average is a sum',
    edit('head.c', 'dfeatures[f] / (float)positions', 'dfeatures[f]'),
  ),
  bug(
    'test_head',
    'the last of equal positions is the global maximum',
    edit('head.c', '(value > best)', '(value >= best)'),
    edit('head.c', 'if (value > features[f] ||', 'if (value >= features[f] ||'),
  ),
  bug(
    'test_head_attention',
    'softmax without its largest score taken off',
    edit('head_attention.c', 'filters) - largest)', 'filters))'),
  ),
  bug(
    'test_head_attention',
    'a sign in the gradient of attention',
    edit('head_attention.c', 'filters) - along)', 'filters) + along)'),
  ),
  bug(
    'test_gradients',
    "the query's gradient is that of the last image",
    edit('head_attention.c', 'dquery[f] += own[f];', 'dquery[f] = own[f];'),
  ),
  // ---- Loss
  bug(
    'test_gradients',
    'the gradient of the sum, not of the mean',
    edit('classifier.c', 'outputs, (double)b->count, smoothing);', 'outputs, 1.0, smoothing);'),
  ),
  bug(
    'test_loss',
    'smoothing over the other classes only',
    edit('loss.c', 'smoothing / (double)outputs', 'smoothing / (double)(outputs - 1)'),
  ),
  bug(
    'test_loss',
    'the last of equal logits is the answer',
    edit('loss.c', 'logits[j] > logits[best]', 'logits[j] >= logits[best]'),
  ),
  // ---- Dropout and augmentation
  bug(
    'test_dropout',
    'kept values are not scaled up',
    edit('augment.c', '(float)(1.0 / (1.0 - rate))', '1.0f'),
  ),
  bug(
    'test_gradients',
    'backward drops other features than forward',
    edit(
      'backward.c',
      'cnn_dropout(features, t->config.dropout, t->config.seed, t->progress.step,',
      'cnn_dropout(features, t->config.dropout, t->config.seed, t->progress.step + 1,',
    ),
  ),
  bug(
    'test_trainer_numbers',
    'dropout in evaluations',
    edit(
      'forward.c',
      'if (t->batch.learn && t->config.dropout > 0.0 && n->hidden == 0) {',
      'if (t->config.dropout > 0.0 && n->hidden == 0) {',
    ),
  ),
  bug(
    'test_augment',
    'what moves in on the right is the left border',
    edit('augment.c', 'at >= side ? side - 1 : at', 'at >= side ? 0 : at'),
  ),
  bug(
    'test_trainer_numbers',
    'evaluations see changed pictures',
    edit(
      'forward.c',
      'if (t->batch.learn && t->augmented != NULL) {\n    return',
      'if (t->augmented != NULL) {\n    return',
    ),
    edit(
      'forward.c',
      'if (t->batch.learn && t->augmented != NULL) {\n    cnn_augment',
      'if (t->augmented != NULL) {\n    cnn_augment',
    ),
  ),
  // ---- Ends
  bug(
    'test_trainer_ends',
    'the last weights stay instead of the best',
    edit(
      'trainer.c',
      'if (is_last && patience > 0) {',
      'if (is_last && patience > 0 && t->best == NULL) {',
    ),
  ),
  bug(
    'test_trainer_ends',
    'patience of one epoch more',
    edit('trainer.c', 't->progress.best_epoch >= patience', 't->progress.best_epoch > patience'),
  ),
  // ---- The run
  bug(
    'test_dense',
    'a hidden unit at zero passes its gradient on',
    edit('dense.c', 'dx[i] = x[i] > 0.0f', 'dx[i] = x[i] >= 0.0f'),
  ),
  bug(
    'test_trainer_numbers',
    'initial weights for the inputs alone',
    edit('create.c', '__builtin_sqrt(6.0 / fans)', '__builtin_sqrt(3.0 / fans)'),
  ),
  bug(
    'test_trainer',
    'the same order of pictures in every epoch',
    edit('trainer.c', '(uint64_t)t->progress.epoch, 0);', '0, 0);'),
  ),
  bug(
    'test_trainer',
    'the last partial batch of an epoch is left out',
    edit(
      'trainer.c',
      'if (t->cursor >= pass_images(t)->count) {',
      'if (t->cursor + (t->pass == CNN_PASS_LEARN ? t->config.batch - 1 : 0) >= pass_images(t)->count) {',
    ),
  ),
  bug(
    'test_save',
    'a saved state without its second moments',
    edit(
      'save.c',
      'cnn_tape_floats(s, t->moment2, parameters, 1);',
      'cnn_tape_floats(s, t->moment1, parameters, 1);',
    ),
  ),
];
