#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Counts what a thread takes from the heap, by standing before the C library's allocator.
///
/// Other threads do not disturb the count, so tests may run side by side.

typedef struct {
  uint64_t calls;
  /// Of these, calls for at least ``allocation_counter_large`` bytes.
  uint64_t large_calls;
  /// As asked for.
  uint64_t bytes;
} allocation_count;

/// More than a closure's context or a boxed value takes, less than the array of a column.
static const uint64_t allocation_counter_large = 256;

/// Whether allocations are counted at all: not with a sanitizer, which has its own allocator, and
/// only with glibc.
bool allocation_counter_is_active(void);

/// What this thread has taken since it began; never decreases.
allocation_count allocation_counter_total(void);
