/*
 * A slow disk: every sync of a file takes SLOW_SYNC_MS milliseconds longer (default 5), as on a network disk.
 *   cc -shared -fPIC -O2 -o slow-sync.so slow-sync.c -ldl
 *   LD_PRELOAD=./slow-sync.so SLOW_SYNC_MS=5 node …
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*sync_function)(int);

static void pause_a_while(void) {
  const char *text = getenv("SLOW_SYNC_MS");
  double ms = text ? atof(text) : 5;
  struct timespec left = {(time_t)(ms / 1000), (long)((ms - 1000 * (time_t)(ms / 1000)) * 1e6)};
  while (nanosleep(&left, &left) != 0) {
  }
}

int fsync(int file) {
  static sync_function real;
  if (!real) real = (sync_function)dlsym(RTLD_NEXT, "fsync");
  pause_a_while();
  return real(file);
}

int fdatasync(int file) {
  static sync_function real;
  if (!real) real = (sync_function)dlsym(RTLD_NEXT, "fdatasync");
  pause_a_while();
  return real(file);
}
