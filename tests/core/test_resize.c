/* cnn_image_resize against a naive average that counts the overlaps by brute force on the common
 * grid of both sides, for dividing and other sides, shrinking and enlarging. */
#include "check.h"
#include "scene_help.h"

static const int32_t sides[] = {1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 24, 25, 28, 31, 48, 64};
enum { SIDES = sizeof sides / sizeof sides[0] };

static void fill(uint8_t *pixels, size_t count, uint64_t key) {
  for (size_t i = 0; i < count; i++) {
    pixels[i] = (uint8_t)cnn_rng_at(key, i);
  }
}

/* Every cell (y, x) of the in*out x in*out grid belongs to one input and one output pixel. */
static void reference_resize(uint8_t *output, const uint8_t *input, int32_t out_side,
                             int32_t in_side, int32_t channels) {
  for (int32_t oy = 0; oy < out_side; oy++) {
    for (int32_t ox = 0; ox < out_side; ox++) {
      for (int32_t c = 0; c < channels; c++) {
        int64_t sum = 0;
        for (int32_t y = oy * in_side; y < (oy + 1) * in_side; y++) {
          for (int32_t x = ox * in_side; x < (ox + 1) * in_side; x++) {
            sum += input[((y / out_side) * in_side + x / out_side) * channels + c];
          }
        }
        const int64_t area = (int64_t)in_side * in_side;
        const int64_t whole = sum / area;
        const int up = 2 * (sum - whole * area) >= area;
        output[(oy * out_side + ox) * channels + c] = (uint8_t)(whole + up);
      }
    }
  }
}

static void test_against_reference(int32_t out_side, int32_t in_side, int32_t channels) {
  const size_t in_count = (size_t)(in_side * in_side * channels);
  const size_t out_count = (size_t)(out_side * out_side * channels);
  uint8_t *input = must_allocate(in_count);
  uint8_t *want = must_allocate(out_count);
  uint8_t *output = must_allocate(out_count + 16); /* 16 guard bytes */
  fill(input, in_count, (uint64_t)(in_side * 1000 + out_side));
  memset(output, 0xee, out_count + 16);
  reference_resize(want, input, out_side, in_side, channels);
  CHECK(cnn_image_resize(output, input, out_side, in_side, channels) == CNN_OK, "status");
  CHECK(memcmp(output, want, out_count) == 0, "%d -> %d pixels, %d channels", (int)in_side,
        (int)out_side, (int)channels);
  for (size_t i = 0; i < 16; i++) {
    CHECK(output[out_count + i] == 0xee, "wrote beyond the output");
  }
  free(output);
  free(want);
  free(input);
}

/* The largest sums: a white picture stays white at the largest side, and a half rounds up. */
static void test_extremes(void) {
  const size_t count = 4096u * 4096u;
  uint8_t *large = must_allocate(count);
  memset(large, 255, count);
  uint8_t small[9] = {0};
  CHECK(cnn_image_resize(small, large, 3, 4096, 1) == CNN_OK, "status");
  for (int32_t i = 0; i < 9; i++) {
    CHECK(small[i] == 255, "pixel %d is %d", (int)i, small[i]);
  }
  const uint8_t one = 77;
  CHECK(cnn_image_resize(large, &one, 4096, 1, 1) == CNN_OK, "status");
  CHECK(large[0] == 77 && large[count / 2] == 77 && large[count - 1] == 77, "enlarged");
  free(large);

  const uint8_t half[4] = {1, 1, 0, 0};
  const uint8_t below[4] = {1, 0, 0, 0};
  uint8_t mean = 9;
  CHECK(cnn_image_resize(&mean, half, 1, 2, 1) == CNN_OK && mean == 1, "1/2 -> %d", mean);
  CHECK(cnn_image_resize(&mean, below, 1, 2, 1) == CNN_OK && mean == 0, "1/4 -> %d", mean);
}

static void test_refusals(void) {
  uint8_t pixel[4] = {0};
  uint8_t output[4];
  CHECK(cnn_image_resize(NULL, pixel, 1, 1, 1) == CNN_ERROR_ARGUMENT, "no output");
  CHECK(cnn_image_resize(output, NULL, 1, 1, 1) == CNN_ERROR_ARGUMENT, "no input");
  CHECK(cnn_image_resize(output, pixel, 1, 1, 0) == CNN_ERROR_ARGUMENT, "no channel");
  CHECK(cnn_image_resize(output, pixel, 1, 1, 5) == CNN_ERROR_ARGUMENT, "five channels");
  CHECK(cnn_image_resize(output, pixel, 0, 1, 1) == CNN_ERROR_SIZE, "side 0");
  CHECK(cnn_image_resize(output, pixel, 1, 4097, 1) == CNN_ERROR_SIZE, "side 4097");
}

int main(void) {
  for (int32_t i = 0; i < SIDES; i++) {
    for (int32_t j = 0; j < SIDES; j++) {
      test_against_reference(sides[i], sides[j], 1);
      if (sides[i] <= 16 && sides[j] <= 16) {
        test_against_reference(sides[i], sides[j], 3);
        test_against_reference(sides[i], sides[j], 4);
      }
    }
  }
  test_extremes();
  test_refusals();
  return check_finish("test_resize");
}
