#include "malloc_statistics.h"

#include <malloc.h>

struct malloc_statistics malloc_statistics_read(void) {
  struct malloc_statistics result = {0, 0, 0};
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
  struct mallinfo2 info = mallinfo2();
  result.used = info.uordblks + info.hblkhd;
  result.idle = info.fordblks;
  result.taken = info.arena + info.hblkhd;
#endif
  return result;
}
