/* Counts fsync and fdatasync of one process, and makes each take FLUSH_US microseconds more:
 * a fast disk with a write-back cache then behaves as a plain one does.
 * Linux only: cc -O2 -shared -fPIC -o flush.so flush.c -ldl; LD_PRELOAD=flush.so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static long count;

long flush_count(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

static int flush(const char *name, int fd) {
  const char *more = getenv("FLUSH_US");
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  if (more) usleep((useconds_t)atol(more));
  return real(fd);
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }
