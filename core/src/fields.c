/* See fields.h. Also the public defaults and setters. Refuses unknown names, values outside a
 * field's range, NaN, and fractions for integer fields; a refused value changes nothing. */
#include "fields.h"

#include <stddef.h>
#include <string.h>

typedef struct {
  const char *name;
  size_t offset; /* of the member in its struct */
  int is_integer;
  double low;
  double high;
} field;

#define FIELD_IS_INTEGER(type) _Generic((type)0, int32_t : 1, double : 0)
#define FIELD_INITIAL(type, name, initial, low, high) .name = (initial),
#define CONFIG_FIELD(type, name, initial, low, high)                                               \
  {#name, offsetof(cnn_config, name), FIELD_IS_INTEGER(type), (low), (high)},
#define SCENE_FIELD(type, name, initial, low, high)                                                \
  {#name, offsetof(cnn_scene, name), FIELD_IS_INTEGER(type), (low), (high)},

static const field config_fields[] = {CNN_CONFIG_FIELDS(CONFIG_FIELD)};
static const field scene_fields[] = {CNN_SCENE_FIELDS(SCENE_FIELD)};

enum {
  CONFIG_FIELD_COUNT = sizeof config_fields / sizeof config_fields[0],
  SCENE_FIELD_COUNT = sizeof scene_fields / sizeof scene_fields[0]
};

/* false for NaN */
static int field_holds(const field *f, double value) {
  return value >= f->low && value <= f->high;
}

static double field_read(const field *f, const void *object) {
  const char *member = (const char *)object + f->offset;
  if (f->is_integer) {
    int32_t integer;
    memcpy(&integer, member, sizeof integer);
    return integer;
  }
  double value;
  memcpy(&value, member, sizeof value);
  return value;
}

/* 1 if the value was taken. */
static int fields_set(void *object, const field *fields, int count, const char *name,
                      double value) {
  for (int i = 0; i < count; i++) {
    const field *f = &fields[i];
    if (strcmp(f->name, name) != 0) {
      continue;
    }
    if (!field_holds(f, value)) {
      return 0;
    }
    char *member = (char *)object + f->offset;
    if (f->is_integer) {
      const int32_t integer = (int32_t)value; /* in range: field_holds */
      if ((double)integer != value) {
        return 0;
      }
      memcpy(member, &integer, sizeof integer);
    } else {
      memcpy(member, &value, sizeof value);
    }
    return 1;
  }
  return 0;
}

static const char *fields_outside(const void *object, const field *fields, int count) {
  for (int i = 0; i < count; i++) {
    if (!field_holds(&fields[i], field_read(&fields[i], object))) {
      return fields[i].name;
    }
  }
  return NULL;
}

cnn_config cnn_config_default(void) {
  const cnn_config config = {CNN_CONFIG_FIELDS(FIELD_INITIAL)};
  return config;
}

cnn_status cnn_config_set(cnn_config *config, const char *name, double value) {
  if (config == NULL || name == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  return fields_set(config, config_fields, CONFIG_FIELD_COUNT, name, value) ? CNN_OK
                                                                            : CNN_ERROR_CONFIG;
}

const char *cnn_config_field_outside(const cnn_config *config) {
  return fields_outside(config, config_fields, CONFIG_FIELD_COUNT);
}

cnn_scene cnn_scene_default(void) {
  const cnn_scene scene = {CNN_SCENE_FIELDS(FIELD_INITIAL)};
  return scene;
}

cnn_status cnn_scene_set(cnn_scene *scene, const char *name, double value) {
  if (scene == NULL || name == NULL) {
    return CNN_ERROR_ARGUMENT;
  }
  return fields_set(scene, scene_fields, SCENE_FIELD_COUNT, name, value) ? CNN_OK : CNN_ERROR_SCENE;
}

const char *cnn_scene_field_outside(const cnn_scene *scene) {
  return fields_outside(scene, scene_fields, SCENE_FIELD_COUNT);
}
