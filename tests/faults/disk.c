/* A disk that is full while a file exists: LD_PRELOAD, for tests only.
 * DISK_FULL_WHILE names that file; DISK_FULL_IN is a part of the paths whose writes then fail with ENOSPC. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int full(int fd) {
  const char *flag = getenv("DISK_FULL_WHILE"), *in = getenv("DISK_FULL_IN");
  char link[64], path[4096];
  if (!flag || !in || access(flag, F_OK)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return strstr(path, in) != 0;
}

#define FAILS(fd) if (full(fd)) { errno = ENOSPC; return -1; }

ssize_t write(int fd, const void *b, size_t n) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  FAILS(fd)
  return real(fd, b, n);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  FAILS(fd)
  return real(fd, b, n, o);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite");
  FAILS(fd)
  return real(fd, b, n, o);
}
