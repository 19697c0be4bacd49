#define _GNU_SOURCE
#include "CPingPong.h"
#include "frames.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little-endian");
_Static_assert(sizeof(struct header) == 16, "a header has 16 bytes");

struct agent {
  int socket;
  bool is_silent;
  /// Where to write when the first observation came, after which the agent leaves; NULL to stay.
  int64_t *first_observe;
  /// Where the observation holds the middle of the agent's own paddle.
  size_t paddle;
};

static int send_all(int socket, const void *bytes, size_t count) {
  while (count > 0) {
    const ssize_t sent = send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno;
    bytes = (const char *)bytes + sent;
    count -= (size_t)sent;
  }
  return 0;
}

static int send_json(int socket, uint8_t kind, uint64_t sequence, const char *json) {
  char frame[256];
  const size_t length = strlen(json);
  const struct header header = {.length = (uint32_t)length, .kind = kind, .sequence = sequence};
  memcpy(frame, &header, sizeof header);
  memcpy(frame + sizeof header, json, length);
  return send_all(socket, frame, sizeof header + length);
}

/// Moves the paddle towards the ball.
static int64_t choose(const struct agent *agent, const char *observation) {
  float values[8];
  memcpy(values, observation, sizeof values);
  const float distance = values[1] - values[agent->paddle];
  return distance > 0.02f ? 2 : distance < -0.02f ? 0 : 1;
}

static int act(const struct agent *agent, uint64_t sequence, const char *payload) {
  struct {
    struct header header;
    uint64_t cpu_time;
    int64_t action;
  } frame = {
      .header = {.length = 16, .kind = KIND_ACT, .sequence = sequence},
      .action = choose(agent, payload + 32),
  };
  _Static_assert(sizeof frame == C_PING_PONG_ACT_SIZE, "an act frame has 32 bytes");
  return send_all(agent->socket, &frame, sizeof frame);
}

/// Takes the seat that a `welcome` or `reset` names, whose payload is followed by a zero.
static void take_seat(struct agent *agent, const char *json) {
  const char *member = strstr(json, "\"player_id\":");
  if (member != NULL) agent->paddle = 4 + (strtol(member + strlen("\"player_id\":"), NULL, 10) == 1);
}

static int handle(struct agent *agent, const struct header *header, char *payload) {
  switch (header->kind) {
  case KIND_OBSERVE:
    if (agent->first_observe != NULL) {
      struct timespec time;
      clock_gettime(CLOCK_MONOTONIC, &time);
      *agent->first_observe = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
      return EPIPE;  // `serve` ends as if the match were over
    }
    return agent->is_silent ? 0 : act(agent, header->sequence, payload);
  case KIND_WELCOME:
  case KIND_RESET: {
    // The next frame's first byte, if it has come, lies where the zero must be.
    const char next = payload[header->length];
    payload[header->length] = 0;
    take_seat(agent, payload);
    payload[header->length] = next;
    return send_json(agent->socket, KIND_READY, header->sequence, "{}");
  }
  default:
    return 0;
  }
}

static int serve(struct agent *agent) {
  static char buffer[65536 + 1];
  size_t count = 0;
  int status = send_json(agent->socket, KIND_HELLO, 0, "{\"protocol_versions\":[1],\"host\":\"benchmark\",\"language\":\"C\"}");
  while (status == 0) {
    const ssize_t received = recv(agent->socket, buffer + count, sizeof buffer - 1 - count, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received == 0 || (received < 0 && errno == ECONNRESET)) return 0;
    if (received < 0) return errno;
    count += (size_t)received;
    size_t start = 0;
    struct header header;
    while (status == 0 && count - start >= sizeof header) {
      memcpy(&header, buffer + start, sizeof header);
      if (header.length > sizeof buffer - 1 - sizeof header) return EMSGSIZE;
      if (count - start < sizeof header + header.length) break;
      status = handle(agent, &header, buffer + start + sizeof header);
      start += sizeof header + header.length;
    }
    memmove(buffer, buffer + start, count - start);
    count -= start;
  }
  return status == EPIPE ? 0 : status;
}

int c_ping_pong_use_processor(int processor) {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  CPU_SET(processor, &processors);
  return sched_setaffinity(0, sizeof processors, &processors);
}

/// Connects, retrying a missing socket for ten seconds with `pause` nanoseconds in between.
static int connect_to(const char *path, long pause, int *connected) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return ENAMETOOLONG;
  strcpy(address.sun_path, path);
  const struct timespec rest = {.tv_nsec = pause};
  for (long attempts = 10000000000 / pause;; attempts--) {
    *connected = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*connected < 0) return errno;
    if (connect(*connected, (const struct sockaddr *)&address, sizeof address) == 0) return 0;
    const int status = errno;
    close(*connected);
    if (attempts == 0) return status;
    nanosleep(&rest, NULL);
  }
}

int c_ping_pong_agent(const char *path, int is_silent) {
  prctl(PR_SET_NAME, "native-agent");
  struct agent agent = {.is_silent = is_silent, .paddle = 4};
  int status = connect_to(path, 2000000, &agent.socket);
  if (status != 0) return status;
  status = serve(&agent);
  close(agent.socket);
  return status;
}

int c_ping_pong_first_observe(const char *path, int64_t *instant) {
  struct agent agent = {.is_silent = 1, .first_observe = instant};
  *instant = 0;
  int status = connect_to(path, 50000, &agent.socket);
  if (status != 0) return status;
  status = serve(&agent);
  close(agent.socket);
  return status == 0 && *instant == 0 ? ECONNRESET : status;
}
