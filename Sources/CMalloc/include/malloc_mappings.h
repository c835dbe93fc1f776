#ifndef BLOCKHOUSE_MALLOC_MAPPINGS_H
#define BLOCKHOUSE_MALLOC_MAPPINGS_H

#include <stddef.h>

/// From now on memory of that size or more is a mapping of its own, which goes back to the system when
/// it is freed. Otherwise the allocator raises its limit to the size of whatever was freed, up to 32 MiB,
/// and keeps such memory, once for each of its arenas.
///
/// Nothing happens where the environment says how large mappings are, or the C library is another one.
/// Returns 1 when the limit was set.
int malloc_map_from(size_t byte_count);

#endif
