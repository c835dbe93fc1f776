#include "allocation_counter.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#if defined(__GLIBC__) && !defined(HAS_SANITIZER)

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

// A model that needs no allocation to reach the variable.
static __thread allocation_count total __attribute__((tls_model("initial-exec")));

static void add(size_t bytes) {
  total.calls += 1;
  total.large_calls += bytes >= allocation_counter_large;
  total.bytes += bytes;
}

void *malloc(size_t size) {
  add(size);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  add(count * size);
  return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
  add(size);
  return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
  add(size);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  // What the standard asks for: a power of two that holds a pointer.
  if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) {
    return EINVAL;
  }
  void *memory = memalign(alignment, size);
  if (memory == NULL) {
    return ENOMEM;
  }
  *result = memory;
  return 0;
}

bool allocation_counter_is_active(void) { return true; }

allocation_count allocation_counter_total(void) { return total; }

#else

bool allocation_counter_is_active(void) { return false; }

allocation_count allocation_counter_total(void) { return (allocation_count){0}; }

#endif
