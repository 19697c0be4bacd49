#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int rl_arena_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  *pid = credentials.pid;
  *uid = credentials.uid;
  *gid = credentials.gid;
  return 0;
}

int rl_arena_set_idle_scheduling(void) {
  const struct sched_param parameters = {.sched_priority = 0};
  return sched_setscheduler(0, SCHED_IDLE, &parameters);
}

int rl_arena_set_default_scheduling(void) {
  const struct sched_param parameters = {.sched_priority = 0};
  return sched_setscheduler(0, SCHED_OTHER, &parameters);
}

int rl_arena_set_batch_scheduling(void) {
  const struct sched_param parameters = {.sched_priority = 0};
  return sched_setscheduler(0, SCHED_BATCH, &parameters);
}

int rl_arena_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

void rl_arena_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

void rl_arena_trim_heap(void) { malloc_trim(0); }

int rl_arena_pidfd_open(pid_t process) {
  return (int)syscall(SYS_pidfd_open, process, 0);
}

int rl_arena_watch_file(int file) {
  const int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (watch < 0) return -1;
  // This name leads to the open file itself, whatever has taken its path meanwhile.
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  if (inotify_add_watch(watch, path, IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF) >= 0) return watch;
  const int error = errno;
  close(watch);
  errno = error;
  return -1;
}

int rl_arena_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int rl_arena_pipe(int *reader, int *writer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  *reader = ends[0];
  *writer = ends[1];
  return 0;
}

int rl_arena_allowed_processors(int *processors, int capacity) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
  int count = 0;
  for (int processor = 0; processor < CPU_SETSIZE && count < capacity; processor++) {
    if (CPU_ISSET(processor, &set)) processors[count++] = processor;
  }
  return count;
}

int rl_arena_use_processors(const int *processors, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int index = 0; index < count; index++) CPU_SET(processors[index], &set);
  return sched_setaffinity(0, sizeof set, &set);
}

int rl_arena_use_processors_of_process(void) {
  cpu_set_t set;
  if (sched_getaffinity(getpid(), sizeof set, &set) != 0) return -1;
  return sched_setaffinity(0, sizeof set, &set);
}
