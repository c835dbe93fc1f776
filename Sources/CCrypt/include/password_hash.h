#ifndef BLOCKHOUSE_PASSWORD_HASH_H
#define BLOCKHOUSE_PASSWORD_HASH_H

#include <stdbool.h>

/// Whether the password is the one that was hashed. Takes as long as the hash wants: blocking.
/// False for a hash that the C library cannot read. Both strings end with NUL.
bool password_hash_matches(const char *password, const char *hash);

#endif
