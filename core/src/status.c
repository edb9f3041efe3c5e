/* The sentence of each status, from the one list in cnn.h. An unknown number gets a sentence too,
 * so that a caller never prints NULL. */
#include "cnn.h"

#define STATUS_TEXT(name, text) text,

const char *cnn_status_text(cnn_status status) {
  static const char *const texts[] = {CNN_STATUS_LIST(STATUS_TEXT)};
  const int number = (int)status; /* the enum may be unsigned; a bad value may be negative */
  if (number < 0 || number >= (int)CNN_STATUS_COUNT) {
    return "an unknown status: the caller and the core are of different versions, build both again";
  }
  return texts[number];
}
