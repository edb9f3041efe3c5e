/* Defaults and setters of both setting lists, and the status sentences. Both structs are read into
 * one row of doubles, so that "nothing else changed" is one comparison. */
#include "check.h"
#include "fields.h"

#include <string.h>

typedef struct {
  const char *name;
  double initial;
  double low;
  double high;
  int is_integer;
} expectation;

#define EXPECT_FIELD(type, name, initial, low, high)                                               \
  {#name, (double)(initial), (double)(low), (double)(high),                                        \
   _Generic((type)0, int32_t : 1, double : 0)},
#define READ_FIELD(type, name, initial, low, high) *values++ = (double)object->name;

static const expectation config_list[] = {CNN_CONFIG_FIELDS(EXPECT_FIELD)};
static const expectation scene_list[] = {CNN_SCENE_FIELDS(EXPECT_FIELD)};
enum {
  CONFIG_COUNT = sizeof config_list / sizeof config_list[0],
  SCENE_COUNT = sizeof scene_list / sizeof scene_list[0],
  MOST = 64
};

static void read_config(double *values, const cnn_config *object) {
  CNN_CONFIG_FIELDS(READ_FIELD)
}
static void read_scene(double *values, const cnn_scene *object) {
  CNN_SCENE_FIELDS(READ_FIELD)
}

/* One interface over the two structs. */
typedef struct {
  int is_scene;
  cnn_config config;
  cnn_scene scene;
} settings;

static settings fresh(int is_scene) {
  settings s = {is_scene, cnn_config_default(), cnn_scene_default()};
  return s;
}

static void read_all(double *values, const settings *s) {
  if (s->is_scene) {
    read_scene(values, &s->scene);
  } else {
    read_config(values, &s->config);
  }
}

static int taken(settings *s, const char *name, double value) {
  const cnn_status status =
      s->is_scene ? cnn_scene_set(&s->scene, name, value) : cnn_config_set(&s->config, name, value);
  CHECK(status == CNN_OK || status == (s->is_scene ? CNN_ERROR_SCENE : CNN_ERROR_CONFIG),
        "%s: status %d", name, (int)status);
  return status == CNN_OK;
}

static const char *outside(const settings *s) {
  return s->is_scene ? cnn_scene_field_outside(&s->scene) : cnn_config_field_outside(&s->config);
}

/* Sets one field to both ends, then offers values to refuse; only that field may differ after. */
static void test_field(int is_scene, const expectation *field, int position, int count) {
  settings s = fresh(is_scene);
  double before[MOST];
  double after[MOST];
  read_all(before, &s);
  CHECK(before[position] == field->initial, "%s: default %g", field->name, before[position]);
  CHECK(field->initial >= field->low && field->initial <= field->high, "%s", field->name);
  CHECK(taken(&s, field->name, field->low), "%s takes %g", field->name, field->low);
  read_all(after, &s);
  CHECK(after[position] == field->low, "%s is %g", field->name, after[position]);
  CHECK(taken(&s, field->name, field->high), "%s takes %g", field->name, field->high);
  const double refused[] = {field->high * 1.5 + 1.0, field->low - 1.0, NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    CHECK(!taken(&s, field->name, refused[i]), "%s refuses %g", field->name, refused[i]);
  }
  CHECK(!field->is_integer || !taken(&s, field->name, field->low + 0.5), "%s refuses a fraction",
        field->name);
  CHECK(outside(&s) == NULL, "%s: all inside", field->name);
  read_all(after, &s);
  CHECK(after[position] == field->high, "%s is %g", field->name, after[position]);
  for (int i = 0; i < count; i++) {
    CHECK(i == position || after[i] == before[i], "%s changed field %d", field->name, i);
  }
}

static void test_outside(void) {
  cnn_config config = cnn_config_default();
  config.epsilon = NAN;
  CHECK(strcmp(cnn_config_field_outside(&config), "epsilon") == 0, "epsilon NaN");
  config.resolution = 257;
  CHECK(strcmp(cnn_config_field_outside(&config), "resolution") == 0, "the first one is named");
  cnn_scene scene = cnn_scene_default();
  scene.seed = -1;
  CHECK(strcmp(cnn_scene_field_outside(&scene), "seed") == 0, "seed -1");
}

static void test_refusals(void) {
  cnn_config config = cnn_config_default();
  cnn_scene scene = cnn_scene_default();
  CHECK(cnn_config_set(&config, "stripes", 1.0) == CNN_ERROR_CONFIG, "a scene's field");
  CHECK(cnn_config_set(&config, "", 1.0) == CNN_ERROR_CONFIG, "empty name");
  CHECK(cnn_config_set(&config, "resolutio", 24.0) == CNN_ERROR_CONFIG, "a prefix");
  CHECK(cnn_scene_set(&scene, "filters", 1.0) == CNN_ERROR_SCENE, "a network's field");
  CHECK(cnn_config_set(NULL, "seed", 1.0) == CNN_ERROR_ARGUMENT, "no struct");
  CHECK(cnn_config_set(&config, NULL, 1.0) == CNN_ERROR_ARGUMENT, "no name");
  CHECK(cnn_scene_set(NULL, "seed", 1.0) == CNN_ERROR_ARGUMENT, "no struct");
  CHECK(cnn_scene_set(&scene, NULL, 1.0) == CNN_ERROR_ARGUMENT, "no name");
}

static void test_status_texts(void) {
  for (int i = 0; i < (int)CNN_STATUS_COUNT; i++) {
    const char *text = cnn_status_text((cnn_status)i);
    CHECK(text != NULL && strlen(text) >= 4, "status %d has a sentence", i);
    for (int j = 0; j < i && text != NULL; j++) {
      CHECK(strcmp(text, cnn_status_text((cnn_status)j)) != 0, "statuses %d and %d differ", i, j);
    }
  }
  CHECK(strstr(cnn_status_text(CNN_ERROR_MEMORY), "cnn_config_plan") != NULL, "names the remedy");
  CHECK(strstr(cnn_status_text(CNN_STATUS_COUNT), "unknown") != NULL, "one past the end");
  CHECK(strstr(cnn_status_text((cnn_status)-1), "unknown") != NULL, "negative");
}

int main(void) {
  for (int i = 0; i < CONFIG_COUNT; i++) {
    test_field(0, &config_list[i], i, CONFIG_COUNT);
  }
  for (int i = 0; i < SCENE_COUNT; i++) {
    test_field(1, &scene_list[i], i, SCENE_COUNT);
  }
  test_outside();
  test_refusals();
  test_status_texts();
  return check_finish("test_fields");
}
