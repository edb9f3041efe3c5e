/* The same bits on every machine and compiler: hashes of drawn sets, pictures and labels. A
 * mismatch prints the new hash; commit it only for a change of the generator that is meant. */
#include "check.h"
#include "scene_help.h"

typedef struct {
  const char *name;
  int32_t family;
  int32_t reference;
  int32_t channels;
  int32_t classes;
  int32_t resolution;
  const char *field; /* one setting off its default, NULL, or "busy": every nuisance */
  double value;
  uint64_t hash;
} golden;

static const golden goldens[] = {
    {"default 12", 0, 192, 1, 5, 12, NULL, 0.0, UINT64_C(0xd85d9f77784e4be9)},
    {"default 24", 0, 192, 1, 5, 24, NULL, 0.0, UINT64_C(0x737ca16768d636ed)},
    {"default 48", 0, 192, 1, 5, 48, NULL, 0.0, UINT64_C(0xd816645bea99c303)},
    {"default, other luck", 0, 192, 1, 5, 24, "seed", 2147483647.0, UINT64_C(0xc3c3e455d8ad4e1b)},
    {"colour 64", 0, 256, 3, 2, 64, NULL, 0.0, UINT64_C(0x0e30f2a13214f2bd)},
    {"colour 256", 0, 256, 3, 20, 256, NULL, 0.0, UINT64_C(0x68814a26eb1f2dc3)},
    {"odd blocks", 0, 192, 3, 20, 64, NULL, 0.0, UINT64_C(0xc48d63faa5d56200)},
    {"templates, coarse", 1, 192, 1, 63, 16, NULL, 0.0, UINT64_C(0xd562d3de9c16ff71)},
    {"templates, fine", 1, 192, 1, 8, 48, "band_low", 16.0, UINT64_C(0x7b65c06c475db8b7)},
    {"templates, many", 1, 256, 3, 255, 32, "band_width", 16.0, UINT64_C(0x2042723b7be23021)},
    {"textures, disc", 2, 192, 1, 4, 32, NULL, 0.0, UINT64_C(0x1815399ae5d9311f)},
    {"textures, frame", 2, 192, 3, 4, 24, "radius", 0.0, UINT64_C(0xce52cf74d620c6b6)},
    {"textures, many", 2, 256, 1, 63, 64, "gratings", 64.0, UINT64_C(0xcb78c2ac437595ad)},
    {"noise 64", 3, 256, 3, 2, 64, NULL, 0.0, UINT64_C(0xd0eb07e928da2123)},
    {"noise 6", 3, 192, 1, 5, 6, NULL, 0.0, UINT64_C(0xf103a23451979403)},
    {"wrong labels", 0, 192, 1, 5, 24, "label_noise", 0.4, UINT64_C(0xfb100902684f9a4e)},
    {"signs", 4, 192, 1, 26, 48, NULL, 0.0, UINT64_C(0xba6190ff648a5af8)},
    {"signs, many", 4, 256, 3, 255, 16, "radius", 0.45, UINT64_C(0x34710e0cfe8e130a)},
    {"polygons", 5, 192, 1, 8, 48, NULL, 0.0, UINT64_C(0x499ffcd7189a5be4)},
    {"hues", 6, 256, 3, 5, 32, NULL, 0.0, UINT64_C(0x84964f13345ff590)},
    {"busy stripes", 0, 192, 3, 5, 24, "busy", 1.0, UINT64_C(0x857b3da81dd06506)},
    {"busy templates", 1, 192, 3, 5, 24, "busy", 1.0, UINT64_C(0x9a32abdcd5b66bab)},
    {"busy textures", 2, 192, 3, 5, 24, "busy", 1.0, UINT64_C(0xa286b7aa4aa001a0)},
    {"busy signs", 4, 192, 3, 5, 24, "busy", 1.0, UINT64_C(0xe2203aa20e6ddf9d)},
    {"busy polygons, wide", 5, 256, 3, 5, 32, "busy", 1.0, UINT64_C(0x5dc09732ff29d487)},
    {"busy hues", 6, 192, 3, 5, 24, "busy", 1.0, UINT64_C(0xc4c65fedf0bbb0cc)},
    {"nearest", 0, 192, 1, 5, 24, "downsample", 1.0, UINT64_C(0xc3d579d085a061b4)},
    {"bilinear", 0, 192, 3, 5, 24, "downsample", 2.0, UINT64_C(0xdfa71212aad60c23)},
    {"shuffled labels", 0, 192, 1, 5, 24, "shuffle_test_labels", 1.0, UINT64_C(0xa5a2dff0dd7e6e9e)},
};

/* Pictures 3..10 of both splits, pixels then labels. */
static uint64_t hash_of(const golden *g) {
  enum { FIRST = 3, COUNT = 8 };
  cnn_scene scene = scene_of(g->family, g->classes, g->reference, g->channels);
  if (g->field != NULL && strcmp(g->field, "busy") == 0) {
    scene = busy_scene(g->family, g->classes, g->reference);
  } else {
    CHECK(g->field == NULL || cnn_scene_set(&scene, g->field, g->value) == CNN_OK, "%s", g->name);
  }
  const size_t bytes = (size_t)(COUNT * g->resolution * g->resolution * g->channels);
  uint8_t *pixels = must_allocate(bytes);
  uint8_t labels[COUNT];
  uint64_t hash = 0;
  for (int32_t split = 0; split < 2; split++) {
    CHECK(draw_set(pixels, labels, &scene, g->resolution, split, FIRST, COUNT) == CNN_OK, "%s",
          g->name);
    hash = hash_bytes(hash, pixels, bytes);
    hash = hash_bytes(hash, labels, COUNT);
  }
  free(pixels);
  return hash;
}

int main(void) {
  for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
    const uint64_t hash = hash_of(&goldens[i]);
    CHECK(hash == goldens[i].hash, "%s: %016llx", goldens[i].name, (unsigned long long)hash);
  }
  return check_finish("test_scene_golden");
}
