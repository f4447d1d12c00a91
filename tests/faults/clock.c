/* Shifts the wall clock of one process while it runs: LD_PRELOAD, for tests only.
 * CLOCK_FILE names 8 bytes: nanoseconds to add to CLOCK_REALTIME. Elapsed time and every sleep stay as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static int (*real)(clockid_t, struct timespec *);
static volatile int64_t *shift;

__attribute__((constructor)) static void init(void) {
  real = dlsym(RTLD_NEXT, "clock_gettime");
  char *path = getenv("CLOCK_FILE");
  int fd = path ? open(path, O_RDONLY) : -1;
  if (fd < 0) return;
  void *at = mmap(0, 8, PROT_READ, MAP_SHARED, fd, 0);
  if (at != MAP_FAILED) shift = at;
}

int clock_gettime(clockid_t clock, struct timespec *t) {
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(clock, t);
  if (done || !shift || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return done;
  int64_t nsec = t->tv_nsec + *shift % 1000000000;
  t->tv_sec += *shift / 1000000000;
  if (nsec < 0) { nsec += 1000000000; t->tv_sec--; }
  if (nsec >= 1000000000) { nsec -= 1000000000; t->tv_sec++; }
  t->tv_nsec = nsec;
  return 0;
}
int gettimeofday(struct timeval *tv, void *tz) {
  struct timespec t;
  (void)tz;
  clock_gettime(CLOCK_REALTIME, &t);
  tv->tv_sec = t.tv_sec;
  tv->tv_usec = t.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *p) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (p) *p = t.tv_sec;
  return t.tv_sec;
}
