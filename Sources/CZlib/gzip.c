#include "gzip.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

// The fastest level: what is served changes with every request.
enum { level = 1, gzip_window_bits = 15 + 16, memory_level = 8, header_bytes = 32 };

size_t gzip_bound(size_t count) {
  if (count > UINT_MAX / 2) return 0;
  return compressBound(count) + header_bytes;
}

size_t gzip_compress(const uint8_t *bytes, size_t count, uint8_t *output, size_t capacity) {
  size_t bound = gzip_bound(count);
  if (bound == 0 || capacity < bound || capacity > UINT_MAX) return 0;
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  int status = deflateInit2(
      &stream, level, Z_DEFLATED, gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY);
  if (status != Z_OK) return 0;
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)count;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  status = deflate(&stream, Z_FINISH);
  size_t written = stream.total_out;
  deflateEnd(&stream);
  return status == Z_STREAM_END ? written : 0;
}
