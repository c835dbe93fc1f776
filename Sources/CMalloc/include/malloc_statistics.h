#ifndef BLOCKHOUSE_MALLOC_STATISTICS_H
#define BLOCKHOUSE_MALLOC_STATISTICS_H

#include <stddef.h>

/// What the C library's allocator holds, in bytes.
struct malloc_statistics {
  /// In use by the program, in arenas and in mappings of their own.
  size_t used;
  /// Freed and kept for later.
  size_t idle;
  /// Taken from the system: `used` and `idle` together.
  size_t taken;
};

/// Locks each arena for a moment. All zero where the C library does not tell.
struct malloc_statistics malloc_statistics_read(void);

#endif
