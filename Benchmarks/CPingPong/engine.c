#define _GNU_SOURCE
#include "CPingPong.h"
#include "frames.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct seat {
  int socket;
  char incoming[4096];
  size_t count;
  char observe[C_PING_PONG_OBSERVE_SIZE];
  int64_t action;
};

struct game {
  const int *listeners;
  size_t steps;
  int64_t *instants;
  int status;
  struct seat seats[2];
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Waits until `seat` has sent a whole frame of `kind`, and forgets it. For the frames before the first step.
static int expect(struct seat *seat, uint8_t kind) {
  struct header header;
  while (true) {
    if (seat->count >= sizeof header) {
      memcpy(&header, seat->incoming, sizeof header);
      if (header.kind != kind || header.length > sizeof seat->incoming - sizeof header) return EPROTO;
      const size_t size = sizeof header + header.length;
      if (seat->count >= size) {
        memmove(seat->incoming, seat->incoming + size, seat->count - size);
        seat->count -= size;
        return 0;
      }
    }
    struct pollfd polled = {.fd = seat->socket, .events = POLLIN};
    if (poll(&polled, 1, 10000) == 0) return ETIMEDOUT;
    const ssize_t received = recv(seat->socket, seat->incoming + seat->count, sizeof seat->incoming - seat->count, 0);
    if (received <= 0) return received == 0 ? ECONNRESET : errno;
    seat->count += (size_t)received;
  }
}

static int send_json(struct seat *seat, uint8_t kind, uint64_t sequence, const char *json) {
  char frame[128];
  const size_t length = strlen(json);
  const struct header header = {.length = (uint32_t)length, .kind = kind, .sequence = sequence};
  memcpy(frame, &header, sizeof header);
  memcpy(frame + sizeof header, json, length);
  return send(seat->socket, frame, sizeof header + length, MSG_NOSIGNAL) < 0 ? errno : 0;
}

static int begin(struct game *game) {
  static const char *const welcomes[2] = {"{\"player_id\":0}", "{\"player_id\":1}"};
  int status = 0;
  for (int index = 0; index < 2 && status == 0; index++) {
    struct seat *seat = &game->seats[index];
    struct pollfd polled = {.fd = game->listeners[index], .events = POLLIN};
    if (poll(&polled, 1, 10000) == 0) return ETIMEDOUT;
    seat->socket = accept4(game->listeners[index], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (seat->socket < 0) return errno;
    const struct header header = {.length = C_PING_PONG_OBSERVE_SIZE - sizeof header, .kind = KIND_OBSERVE};
    memcpy(seat->observe, &header, sizeof header);
    status = expect(seat, KIND_HELLO);
    if (status == 0) status = send_json(seat, KIND_WELCOME, 0, welcomes[index]);
    if (status == 0) status = expect(seat, KIND_READY);
  }
  for (int index = 0; index < 2 && status == 0; index++) {
    status = send_json(&game->seats[index], KIND_RESET, 1, welcomes[index]);
    if (status == 0) status = expect(&game->seats[index], KIND_READY);
  }
  return status;
}

/// Takes what `seat` has sent. Returns 1 once its answer to `sequence` is there, 0 before, -1 for anything else.
static int receive(struct seat *seat, uint64_t sequence) {
  const ssize_t received = recv(seat->socket, seat->incoming + seat->count, sizeof seat->incoming - seat->count, 0);
  if (received <= 0) return -1;
  seat->count += (size_t)received;
  if (seat->count < C_PING_PONG_ACT_SIZE) return 0;
  struct header header;
  memcpy(&header, seat->incoming, sizeof header);
  if (header.kind != KIND_ACT || header.sequence != sequence || seat->count != C_PING_PONG_ACT_SIZE) return -1;
  memcpy(&seat->action, seat->incoming + 24, sizeof seat->action);
  seat->count = 0;
  return 1;
}

static int play(struct game *game) {
  for (size_t step = 0; step < game->steps; step++) {
    game->instants[step] = now();
    const uint64_t sequence = step + 1;
    struct pollfd polled[2];
    for (int index = 0; index < 2; index++) {
      struct seat *seat = &game->seats[index];
      memcpy(seat->observe + 8, &sequence, sizeof sequence);
      if (send(seat->socket, seat->observe, sizeof seat->observe, MSG_NOSIGNAL) != sizeof seat->observe) return EPIPE;
      polled[index] = (struct pollfd){.fd = seat->socket, .events = POLLIN};
    }
    for (int awaited = 2; awaited > 0;) {
      if (poll(polled, 2, -1) < 0) return errno;
      for (int index = 0; index < 2; index++) {
        if (polled[index].fd < 0 || polled[index].revents == 0) continue;
        const int answered = receive(&game->seats[index], sequence);
        if (answered < 0) return EPROTO;
        if (answered == 0) continue;
        polled[index].fd = -1;
        awaited--;
      }
    }
  }
  game->instants[game->steps] = now();
  return 0;
}

static void *run(void *argument) {
  prctl(PR_SET_NAME, "c-ping-pong");
  struct game *game = argument;
  game->status = begin(game);
  if (game->status == 0) game->status = play(game);
  for (int index = 0; index < 2; index++) {
    if (game->seats[index].socket >= 0) close(game->seats[index].socket);
  }
  return NULL;
}

int c_ping_pong_listen(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(address.sun_path, path);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return -1;
  if (bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) {
    const int status = errno;
    close(listener);
    errno = status;
    return -1;
  }
  return listener;
}

int c_ping_pong_play(const int listeners[2], size_t steps, int64_t *instants) {
  struct game game = {.listeners = listeners, .steps = steps, .instants = instants};
  game.seats[0].socket = game.seats[1].socket = -1;
  pthread_t thread;
  const int status = pthread_create(&thread, NULL, run, &game);
  if (status != 0) return status;
  pthread_join(thread, NULL);
  return game.status;
}
