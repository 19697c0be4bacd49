// The kernel interfaces that Glibc's module map leaves out.
#ifndef RL_ARENA_CLINUX_H
#define RL_ARENA_CLINUX_H

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>

/// The credentials of the process at the other end of a Unix-domain socket, as `SO_PEERCRED` gives them.
/// Returns 0, or -1 with `errno` set.
int rl_arena_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

/// Gives the calling thread the kernel's idle scheduling class, so that it yields to any other thread at once.
/// Returns 0, or -1 with `errno` set.
int rl_arena_set_idle_scheduling(void);

/// Gives the calling thread the batch scheduling class. Returns 0, or -1 with `errno` set.
int rl_arena_set_batch_scheduling(void);

/// Accepts a connection as a non-blocking socket that children do not inherit. Returns it, or -1 with `errno` set.
int rl_arena_accept(int listener);

/// Names the calling thread; the kernel keeps 15 bytes.
void rl_arena_name_thread(const char *name);

/// A descriptor that becomes readable when `process` ends, closed on exec (pidfd_open(2), Linux 5.3).
/// Returns it, or -1 with `errno` set.
int rl_arena_pidfd_open(pid_t process);

/// A pipe whose ends are closed on exec. Returns 0, or -1 with `errno` set.
int rl_arena_pipe(int *reader, int *writer);

/// Fills `processors` with the numbers of those that the calling thread may use, at most `capacity`.
/// Returns how many there are, or -1 with `errno` set.
int rl_arena_allowed_processors(int *processors, int capacity);

#endif
