// The native agent of the benchmarks, and the ping-pong that a match is measured against: both in C, with nothing but the
// system calls that they cannot do without.
#ifndef RL_ARENA_C_PING_PONG_H
#define RL_ARENA_C_PING_PONG_H

#include <stddef.h>
#include <stdint.h>

/// Bytes of an `observe` frame of pong: header 16, fixed part 32, observation 32.
enum { C_PING_PONG_OBSERVE_SIZE = 80 };

/// Bytes of an `act` frame of pong: header 16, CPU time 8, action 8.
enum { C_PING_PONG_ACT_SIZE = 32 };

/// Plays pong over the socket at `path`, as docs/PROTOCOL.md has it, until the other side closes the connection. Retries
/// a missing socket for ten seconds. Where `is_silent`, observations are read and never answered.
/// Returns 0, or an `errno` value.
int c_ping_pong_agent(const char *path, int is_silent);

/// Connects to `path`, retrying a missing socket for ten seconds, and is an agent that is ready at once until its first
/// `observe` is there. Writes that instant to `instant`, in nanoseconds of the monotonic clock, and leaves.
/// Returns 0, or an `errno` value.
int c_ping_pong_first_observe(const char *path, int64_t *instant);

/// Keeps this process on one processor. Returns 0, or -1 with `errno` set.
int c_ping_pong_use_processor(int processor);

/// Listens at `path`. Returns the socket, or -1 with `errno` set.
int c_ping_pong_listen(const char *path);

/// Sends and receives the frames of `steps` steps with the agents that connect to the two listeners, on a thread of its
/// own, and writes the instant at which each step begins, and the one at which the last ends, to `instants`: `steps` + 1
/// nanoseconds of the monotonic clock. Returns 0, or an `errno` value.
int c_ping_pong_play(const int listeners[2], size_t steps, int64_t *instants);

#endif
