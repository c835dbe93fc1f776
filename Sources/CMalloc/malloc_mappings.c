#include "malloc_mappings.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

int malloc_map_from(size_t byte_count) {
#if defined(__GLIBC__)
  const char *tunables = getenv("GLIBC_TUNABLES");
  if (getenv("MALLOC_MMAP_THRESHOLD_") || (tunables && strstr(tunables, "mmap_threshold"))) return 0;
  return mallopt(M_MMAP_THRESHOLD, (int)byte_count);
#else
  (void)byte_count;
  return 0;
#endif
}
