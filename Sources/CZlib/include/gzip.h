#ifndef BLOCKHOUSE_GZIP_H
#define BLOCKHOUSE_GZIP_H

#include <stddef.h>
#include <stdint.h>

/// Room that `gzip_compress` needs for any input of `count` bytes; 0 when it cannot be had.
size_t gzip_bound(size_t count);

/// Compresses `count` bytes into one gzip member (RFC 1952), fast rather than small.
///
/// Returns the bytes written; 0 when `capacity` is less than `gzip_bound(count)` or memory is out.
size_t gzip_compress(
    const uint8_t *_Nullable bytes, size_t count, uint8_t *_Nonnull output, size_t capacity);

#endif
