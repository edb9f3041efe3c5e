/* The setting lists of cnn.h (CNN_CONFIG_FIELDS, CNN_SCENE_FIELDS) as data: one table per struct,
 * one setter and one range check for both. Combinations of settings are checked elsewhere. */
#ifndef CNN_FIELDS_H
#define CNN_FIELDS_H

#include "cnn.h"

/* The first field of *config or *scene outside its own range (NaN counts as outside), or NULL. */
const char *cnn_config_field_outside(const cnn_config *config);
const char *cnn_scene_field_outside(const cnn_scene *scene);

#endif
