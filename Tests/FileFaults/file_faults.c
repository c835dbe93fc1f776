// Preloaded into a program, ends it at its n-th change of a file, and leaves the files as a power
// cut would have.
//
//   FAULT_ROOT    only files below this directory count
//   FAULT_AT      the change to end at, from 0; without it changes are only counted
//   FAULT_SEED    chooses what is lost
//   FAULT_COUNT   a file that is given the number of changes when the program ends well
//   FAULT_SHADOW  a directory on the same file system, to keep files that are deleted
//
// What may be lost: the rest of the write that was under way; what was written to a file since its
// last fsync, page by page and from its end on; the last names that were made, changed or removed
// in a directory since its last fsync.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 4096, MAX_NAMES = 16384, PAGE = 4096 };

struct file {
  dev_t device;
  ino_t inode;
  int descriptor;  // ours
  off_t synced;    // bytes that are safe
  int is_dirty;
};

enum kind { CREATED, LINKED, RENAMED, REMOVED, MADE_DIRECTORY };

struct name {
  enum kind kind;
  int is_safe;
  char *directory, *path, *from, *shadow;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MAX_FILES];
static int file_count;
static struct name names[MAX_NAMES];
static int name_count;
static long change_count;
static long fault_at = -1;
static uint64_t random_state;
static const char *root, *shadow;

#define REAL(result, name, ...)                                              \
  static result (*real_##name)(__VA_ARGS__);                                 \
  if (!real_##name) real_##name = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static uint64_t next_random(void) {
  uint64_t z = (random_state += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

static int counts(const char *path) {
  return root && strncmp(path, root, strlen(root)) == 0;
}

// The path of an open file, as it is called now.
static int path_of(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return counts(path);
}

static char *directory_of(const char *path) {
  char *copy = strdup(path), *slash = strrchr(copy, '/');
  if (slash) *slash = 0;
  return copy;
}

static struct file *file_of(int descriptor) {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  for (int i = 0; i < file_count; i++)
    if (files[i].device == status.st_dev && files[i].inode == status.st_ino) return &files[i];
  if (file_count == MAX_FILES) return NULL;
  struct file *file = &files[file_count++];
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  REAL(int, open, const char *, int, ...);
  *file = (struct file){status.st_dev, status.st_ino, real_open(link, O_RDWR | O_CLOEXEC),
                        status.st_size, 0};
  return file;
}

static void note(enum kind kind, const char *path, const char *from, char *kept) {
  if (name_count == MAX_NAMES) return;
  names[name_count++] =
      (struct name){kind, 0, directory_of(path), strdup(path), from ? strdup(from) : NULL, kept};
}

// Keeps what `path` names under another name, in case the change is lost.
static char *keep(const char *path) {
  struct stat status;
  if (!shadow || lstat(path, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  char *kept = malloc(PATH_MAX);
  snprintf(kept, PATH_MAX, "%s/%d-%d", shadow, getpid(), name_count);
  REAL(int, link, const char *, const char *);
  if (real_link(path, kept) == 0) return kept;
  free(kept);
  return NULL;
}

static void remove_tree(const char *path) {
  REAL(int, unlink, const char *);
  REAL(int, rmdir, const char *);
  DIR *directory = opendir(path);
  if (!directory) {
    real_unlink(path);
    return;
  }
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    char child[PATH_MAX * 2];
    snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    remove_tree(child);
  }
  closedir(directory);
  real_rmdir(path);
}

static void undo(struct name *name) {
  REAL(int, unlink, const char *);
  REAL(int, rename, const char *, const char *);
  switch (name->kind) {
    case CREATED:
    case LINKED: real_unlink(name->path); break;
    case MADE_DIRECTORY: remove_tree(name->path); break;
    case REMOVED:
      if (name->shadow) real_rename(name->shadow, name->path);
      break;
    case RENAMED:
      real_rename(name->path, name->from);
      if (name->shadow) real_rename(name->shadow, name->path);
      break;
  }
}

// Loses what was not synced, and ends the program.
static void power_cut(void) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
  static const char zeros[PAGE];
  for (int i = 0; i < file_count; i++) {
    struct stat status;
    struct file *file = &files[i];
    if (!file->is_dirty || file->descriptor < 0 || fstat(file->descriptor, &status) != 0) continue;
    off_t fresh = status.st_size - file->synced;
    if (fresh <= 0) continue;
    off_t end = status.st_size;
    if (next_random() % 2) end = file->synced + (off_t)(next_random() % (uint64_t)(fresh + 1));
    if (ftruncate(file->descriptor, end) != 0) continue;
    for (off_t at = file->synced; at < end;) {
      off_t stop = (at / PAGE + 1) * PAGE;
      if (stop > end) stop = end;
      if (next_random() % 4 == 0) real_pwrite(file->descriptor, zeros, (size_t)(stop - at), at);
      at = stop;
    }
  }
  // Of each directory the last changes are lost, from a random one on.
  for (int i = 0; i < name_count; i++) {
    if (names[i].is_safe || next_random() % 4) continue;
    for (int j = name_count - 1; j >= i; j--)
      if (!names[j].is_safe && !strcmp(names[j].directory, names[i].directory)) {
        undo(&names[j]);
        names[j].is_safe = 1;
      }
  }
  _exit(137);
}

// Says whether the program is to end at this change.
static int is_last(void) { return change_count++ == fault_at; }

// With the mutex held, ends the program before or after a change.
#define CHANGE(...)                             \
  int last = is_last();                         \
  if (last && next_random() % 2) power_cut();   \
  __VA_ARGS__;                                  \
  if (last) power_cut()

__attribute__((constructor)) static void begin(void) {
  root = getenv("FAULT_ROOT");
  shadow = getenv("FAULT_SHADOW");
  const char *at = getenv("FAULT_AT"), *seed = getenv("FAULT_SEED");
  if (at) fault_at = atol(at);
  if (seed) random_state = strtoull(seed, NULL, 10);
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("FAULT_COUNT");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (!file) return;
  fprintf(file, "%ld\n", change_count);
  fclose(file);
}

static int open_file(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (!(flags & O_CREAT) || !counts(path)) return real(path, flags, mode);
  pthread_mutex_lock(&mutex);
  struct stat status;
  int is_new = lstat(path, &status) != 0;
  int result;
  CHANGE(result = real(path, flags, mode);
         if (result >= 0 && is_new) note(CREATED, path, NULL, NULL);
         if (result >= 0) file_of(result));
  pthread_mutex_unlock(&mutex);
  return result;
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  REAL(int, open, const char *, int, ...);
  return open_file(real_open, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  REAL(int, open64, const char *, int, ...);
  return open_file(real_open64, path, flags, mode);
}

static size_t shortened(int last, size_t count) {
  return last ? (size_t)(next_random() % (count + 1)) : count;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  REAL(ssize_t, write, int, const void *, size_t);
  char path[PATH_MAX];
  if (!path_of(descriptor, path)) return real_write(descriptor, bytes, count);
  pthread_mutex_lock(&mutex);
  struct file *file = file_of(descriptor);
  int last = is_last();
  ssize_t result = real_write(descriptor, bytes, shortened(last, count));
  if (file) file->is_dirty = 1;
  if (last) power_cut();
  pthread_mutex_unlock(&mutex);
  return result;
}

static ssize_t write_at(
    ssize_t (*real)(int, const void *, size_t, off_t), int descriptor, const void *bytes,
    size_t count, off_t offset) {
  char path[PATH_MAX];
  if (!path_of(descriptor, path)) return real(descriptor, bytes, count, offset);
  pthread_mutex_lock(&mutex);
  struct file *file = file_of(descriptor);
  int last = is_last();
  ssize_t result = real(descriptor, bytes, shortened(last, count), offset);
  if (file) file->is_dirty = 1;
  if (last) power_cut();
  pthread_mutex_unlock(&mutex);
  return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
  return write_at(real_pwrite, descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  REAL(ssize_t, pwrite64, int, const void *, size_t, off_t);
  return write_at(real_pwrite64, descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
  REAL(int, fsync, int);
  char path[PATH_MAX];
  if (!path_of(descriptor, path)) return real_fsync(descriptor);
  pthread_mutex_lock(&mutex);
  int result = 0;
  // The real one would only take time: the machine stays on.
  CHANGE(struct stat status; fstat(descriptor, &status);
         if (S_ISDIR(status.st_mode)) {
           for (int i = 0; i < name_count; i++)
             if (!strcmp(names[i].directory, path)) names[i].is_safe = 1;
         } else {
           struct file *file = file_of(descriptor);
           if (file) file->synced = status.st_size, file->is_dirty = 0;
         });
  pthread_mutex_unlock(&mutex);
  return result;
}

int rename(const char *from, const char *to) {
  REAL(int, rename, const char *, const char *);
  if (!counts(to)) return real_rename(from, to);
  pthread_mutex_lock(&mutex);
  char *kept = keep(to);
  int result;
  CHANGE(result = real_rename(from, to); if (result == 0) note(RENAMED, to, from, kept));
  pthread_mutex_unlock(&mutex);
  return result;
}

int linkat(int old_directory, const char *from, int new_directory, const char *to, int flags) {
  REAL(int, linkat, int, const char *, int, const char *, int);
  if (!counts(to)) return real_linkat(old_directory, from, new_directory, to, flags);
  pthread_mutex_lock(&mutex);
  int result;
  CHANGE(result = real_linkat(old_directory, from, new_directory, to, flags);
         if (result == 0) note(LINKED, to, NULL, NULL));
  int number = errno;
  pthread_mutex_unlock(&mutex);
  errno = number;
  return result;
}

int unlink(const char *path) {
  REAL(int, unlink, const char *);
  struct stat status;
  if (!counts(path) || lstat(path, &status) != 0) return real_unlink(path);
  pthread_mutex_lock(&mutex);
  char *kept = keep(path);
  int result;
  CHANGE(result = real_unlink(path); if (result == 0) note(REMOVED, path, NULL, kept));
  int number = errno;
  pthread_mutex_unlock(&mutex);
  errno = number;
  return result;
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, mkdir, const char *, mode_t);
  struct stat status;
  if (!counts(path) || lstat(path, &status) == 0) return real_mkdir(path, mode);
  pthread_mutex_lock(&mutex);
  int result;
  CHANGE(result = real_mkdir(path, mode);
         if (result == 0) note(MADE_DIRECTORY, path, NULL, NULL));
  pthread_mutex_unlock(&mutex);
  return result;
}
