// What the agent and the ping-pong both need of docs/PROTOCOL.md.
#ifndef RL_ARENA_C_PING_PONG_FRAMES_H
#define RL_ARENA_C_PING_PONG_FRAMES_H

#include <stdint.h>

enum { KIND_HELLO = 1, KIND_WELCOME, KIND_READY, KIND_RESET, KIND_OBSERVE, KIND_ACT, KIND_FINISH };

/// The header of every frame. Both ends run on one machine, and that is little-endian: CPingPong/agent.c checks it.
struct header {
  uint32_t length;
  uint8_t kind;
  uint8_t flags;
  uint16_t reserved;
  uint64_t sequence;
};

#endif
