#define _GNU_SOURCE
#include "block_io.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t truncation_count;
static uintptr_t page_size;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;

static void restore_default(void) {
  struct sigaction action = {0};
  action.sa_handler = SIG_DFL;
  sigaction(SIGBUS, &action, NULL);
}

static void on_bus_error(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  // BUS_ADRERR is the code of a page behind the end of the mapped file. The faulting instruction
  // runs again after the return, now over zeros, or faults once more under the default action.
  if (info->si_code != BUS_ADRERR) {
    restore_default();
    return;
  }
  void *page = (void *)((uintptr_t)info->si_addr & ~(page_size - 1));
  void *zeros = mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (zeros == MAP_FAILED) {
    restore_default();
    return;
  }
  atomic_fetch_add_explicit(&truncation_count, 1, memory_order_relaxed);
}

static void install(void) {
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct sigaction action = {0};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, NULL);
}

void block_io_install_truncation_guard(void) { pthread_once(&install_once, install); }

uint64_t block_io_truncation_count(void) {
  return atomic_load_explicit(&truncation_count, memory_order_relaxed);
}

void block_io_start_writeback(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
  (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor;
  (void)offset;
  (void)count;
#endif
}
