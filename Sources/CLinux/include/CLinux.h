// The kernel interfaces that Glibc's module map leaves out.
#ifndef RL_ARENA_CLINUX_H
#define RL_ARENA_CLINUX_H

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// The credentials of the process at the other end of a Unix-domain socket, as `SO_PEERCRED` gives them.
/// Returns 0, or -1 with `errno` set.
int rl_arena_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);

/// Gives the calling thread the kernel's idle scheduling class, so that it yields to any other thread at once.
/// Returns 0, or -1 with `errno` set.
int rl_arena_set_idle_scheduling(void);

/// Gives the calling thread the batch scheduling class. Returns 0, or -1 with `errno` set.
int rl_arena_set_batch_scheduling(void);

/// Gives the calling thread the default scheduling class. Returns 0, or -1 with `errno` set.
int rl_arena_set_default_scheduling(void);

/// A system call with six arguments, made in place: glibc's `send` and `recv` are cancellation points, which in a process with several
/// threads takes two locked instructions per call, and lie on pages of their own.
static inline long rl_arena_system_call(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  register long fourth __asm__("r10") = d;
  register long fifth __asm__("r8") = e;
  register long sixth __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                   : "rcx", "r11", "memory");
  return result;
#else
  const long result = syscall(number, a, b, c, d, e, f);
  return result < 0 ? -errno : result;
#endif
}

/// send(2), without SIGPIPE. Returns the bytes taken, or the negated error number.
static inline long rl_arena_send(int socket, const void *bytes, size_t count) {
  return rl_arena_system_call(SYS_sendto, socket, (long)bytes, (long)count, MSG_NOSIGNAL, 0, 0);
}

/// recv(2). Returns the bytes received, 0 at the end of the stream, or the negated error number.
static inline long rl_arena_receive(int socket, void *bytes, size_t count) {
  return rl_arena_system_call(SYS_recvfrom, socket, (long)bytes, (long)count, 0, 0, 0);
}

/// Accepts a connection as a non-blocking socket that children do not inherit. Returns it, or -1 with `errno` set.
int rl_arena_accept(int listener);

/// Names the calling thread; the kernel keeps 15 bytes.
void rl_arena_name_thread(const char *name);

/// Gives memory that was freed back to the system (malloc_trim(3)).
void rl_arena_trim_heap(void);

/// A descriptor that becomes readable when `process` ends, closed on exec (pidfd_open(2), Linux 5.3).
/// Returns it, or -1 with `errno` set.
int rl_arena_pidfd_open(pid_t process);

/// A descriptor that becomes readable when the file behind `file` is written to, moved, or unlinked (inotify(7)), non-blocking and closed on
/// exec. Returns it, or -1 with `errno` set.
int rl_arena_watch_file(int file);

/// A file in memory that has no name and is closed on exec; `name` is for debuggers. Returns its descriptor, or -1 with `errno` set.
int rl_arena_memory_file(const char *name);

/// A pipe whose ends are closed on exec. Returns 0, or -1 with `errno` set.
int rl_arena_pipe(int *reader, int *writer);

/// Fills `processors` with the numbers of those that the calling thread may use, at most `capacity`.
/// Returns how many there are, or -1 with `errno` set.
int rl_arena_allowed_processors(int *processors, int capacity);

/// Keeps the calling thread on `count` processors. Returns 0, or -1 with `errno` set.
int rl_arena_use_processors(const int *processors, int count);

/// Lets the calling thread use all processors that the process's first thread may use. Returns 0, or -1 with `errno` set.
int rl_arena_use_processors_of_process(void);

#endif
