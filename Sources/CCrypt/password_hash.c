#define _GNU_SOURCE
#include "password_hash.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

bool password_hash_matches(const char *password, const char *hash) {
  struct crypt_data *data = calloc(1, sizeof *data);
  if (data == NULL) return false;
  bool matches = false;
  const char *made = crypt_r(password, hash, data);
  // A failure is told by a text that begins with an asterisk, which no hash does.
  if (made != NULL && made[0] != '*') {
    size_t length = strlen(made);
    if (length == strlen(hash)) {
      unsigned char difference = 0;
      for (size_t i = 0; i < length; i++) difference |= (unsigned char)(made[i] ^ hash[i]);
      matches = difference == 0;
    }
  }
  explicit_bzero(data, sizeof *data);
  free(data);
  return matches;
}
