#define _GNU_SOURCE
#include "CLinux.h"

#include <sched.h>

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

int rl_arena_set_batch_scheduling(void) {
  const struct sched_param parameters = {.sched_priority = 0};
  return sched_setscheduler(0, SCHED_BATCH, &parameters);
}
#include <sys/syscall.h>
#include <unistd.h>
#include <stdint.h>
int rl_arena_try(int policy, int nicev, unsigned long slice_ns) {
  struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t prio; uint64_t runtime, deadline, period; uint32_t umin, umax; } a = {sizeof a, policy, 0, nicev, 0, slice_ns, 0, 0, 0, 0};
  return syscall(SYS_sched_setattr, 0, &a, 0);
}

int rl_arena_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

void rl_arena_name_thread(const char *name) { prctl(PR_SET_NAME, name); }
