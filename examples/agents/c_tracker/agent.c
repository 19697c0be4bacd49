/* A whole RL Arena agent in C11 and POSIX: it plays pong by following the ball.
 * The host half below (transport, frames, JSON, conversation) is docs/PROTOCOL.md, version 1; only `decide` knows pong. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { HELLO = 1, WELCOME, READY, RESET, OBSERVE, ACT, FINISH, ERROR }; /* kinds, section 3 */
enum { ERROR_STARTUP = 3 }; /* `flags` of the one `error` that we may have to send */
enum { UP = 0, STAY = 1, DOWN = 2 }; /* the actions of pong */
/* Bytes: a frame's header, an `observe` before its observation, Box(float32, [8]), Discrete(3) as an int64, and the most
 * that we accept and send in one payload. Only `welcome` is ever large. */
enum { HEADER = 16, PREFIX = 32, OBSERVATION = 8 * 4, ACTION = 8, MAX_PAYLOAD = 1 << 20, MAX_SENT = 256 };

struct frame {
    uint32_t length, kind;
    uint64_t sequence;
    const uint8_t *payload; /* valid until the next call of `next_frame` */
};

static int connection; /* one socket, for as long as the process lives */

static _Noreturn void fail(const char *why) {
    fprintf(stderr, "c_tracker: %s\n", why); /* standard error is free for us: the protocol has a socket of its own */
    exit(EXIT_FAILURE);
}

/* ---- Bytes. Built from shifts, so that neither the byte order nor the alignment of this machine matters. ---- */

static uint64_t load(const uint8_t *bytes, int count) {
    uint64_t value = 0;
    for (int i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

static void store(uint8_t *bytes, int count, uint64_t value) {
    for (int i = 0; i < count; i++) bytes[i] = (uint8_t)(value >> 8 * i);
}

static float load_float(const uint8_t *bytes) {
    uint32_t bits = (uint32_t)load(bytes, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double seconds(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- JSON. We read a handful of members and skip the rest, known or not, in whatever order they come.
 * Texts end with a NUL, which is never part of JSON, so no reader runs past the end. NULL stands for "not there". ---- */

static const char *skip_space(const char *text) { return text + strspn(text, " \t\r\n"); }
static bool has_prefix(const char *text, const char *prefix) { return text && strncmp(text, prefix, strlen(prefix)) == 0; }

static const char *skip_string(const char *text) { /* from the opening quote to behind the closing one */
    for (text++; *text != '"'; text++) {
        if (*text == '\\') text++; /* an escaped quote ends nothing */
        if (*text == '\0') return NULL;
    }
    return text + 1;
}

static const char *skip_value(const char *text) { /* counts brackets instead of recursing: no depth can hurt the stack */
    long depth = 0;
    do {
        text = skip_space(text);
        if (*text == '\0') return NULL;
        depth += (*text == '{' || *text == '[') - (*text == '}' || *text == ']');
        if (*text == '"') text = skip_string(text);
        else if (strchr("{[]},:", *text) != NULL) text++;
        else text += strcspn(text, " \t\r\n\"{[]},:"); /* a number, true, false or null */
    } while (text != NULL && depth > 0);
    return text;
}

static const char *member(const char *object, const char *name) { /* the value of a direct member, not of a nested one */
    if (object == NULL || *(object = skip_space(object)) != '{') return NULL;
    do {
        const char *key = skip_space(object + 1); /* behind the `{` or `,` */
        const char *end = *key == '"' ? skip_string(key) : NULL;
        if (end == NULL || *(object = skip_space(end)) != ':') return NULL;
        const char *value = skip_space(object + 1);
        size_t length = (size_t)(end - key) - 2; /* without the quotes */
        if (length == strlen(name) && memcmp(key + 1, name, length) == 0) return value;
        if ((object = skip_value(value)) == NULL) return NULL;
        object = skip_space(object);
    } while (*object == ',');
    return NULL;
}

static long long natural(const char *object, const char *name) { /* -1: no such member, or it is no natural number */
    const char *value = member(object, name);
    return value != NULL && *value >= '0' && *value <= '9' ? strtoll(value, NULL, 10) : -1;
}

static const char *as_text(const struct frame *frame) { /* a copy, because the byte behind the payload is not ours to zero */
    static char text[MAX_PAYLOAD + 1];
    memcpy(text, frame->payload, frame->length);
    text[frame->length] = '\0';
    return text;
}

/* ---- Transport, sections 1 and 2 ---- */

static void connect_to_arena(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *budget = getenv("RL_ARENA_STARTUP_TIMEOUT");
    double deadline = seconds(CLOCK_MONOTONIC) + (budget != NULL ? strtod(budget, NULL) : 60);
    if (strlen(path) >= sizeof address.sun_path) fail("the path of the socket is too long");
    strcpy(address.sun_path, path);
    for (;;) { /* the socket may appear only after us; a socket that failed to connect is not fit for a second try */
        connection = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connection < 0) fail("no socket to be had");
        if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0) return;
        bool worth_retrying = errno == ENOENT || errno == ECONNREFUSED || errno == EINTR;
        close(connection);
        if (!worth_retrying || seconds(CLOCK_MONOTONIC) > deadline) fail("cannot connect to the socket");
        nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    }
}

static void send_frame(uint8_t kind, uint8_t flags, uint64_t sequence, const void *payload, size_t length) {
    uint8_t frame[HEADER + MAX_SENT] = {0}; /* `reserved` stays zero */
    store(frame, 4, length);
    frame[4] = kind;
    frame[5] = flags;
    store(frame + 8, 8, sequence);
    memcpy(frame + HEADER, payload, length);
    for (size_t sent = 0; sent < HEADER + length;) { /* a stream may take any part of it */
        ssize_t count = write(connection, frame + sent, HEADER + length - sent);
        if (count >= 0) sent += (size_t)count;
        else if (errno == EPIPE || errno == ECONNRESET) exit(EXIT_SUCCESS); /* closed by the other side: we are done */
        else if (errno != EINTR) fail("cannot write to the socket");
    }
}

/* The next frame, whether or not it has to be waited for. False: `wait` was false and no whole frame is here.
 * The end of the connection ends the process. */
static bool next_frame(struct frame *frame, bool wait) {
    static uint8_t buffer[HEADER + MAX_PAYLOAD]; /* room for the largest frame, so a whole one always fits */
    static size_t begin, end;                    /* the bytes received and not yet handed out */
    for (;;) {
        if (end - begin >= HEADER) {
            const uint8_t *header = buffer + begin;
            *frame = (struct frame){(uint32_t)load(header, 4), header[4], load(header + 8, 8), header + HEADER};
            if (frame->length > MAX_PAYLOAD) fail("protocol fault: a payload larger than hello allows");
            if (header[5] != 0 || load(header + 6, 2) != 0) fail("protocol fault: flags or reserved is not 0");
            if (end - begin - HEADER >= frame->length) {
                begin += HEADER + frame->length;
                return true;
            }
        }
        if (!wait && poll(&(struct pollfd){.fd = connection, .events = POLLIN}, 1, 0) == 0) return false;
        memmove(buffer, buffer + begin, end - begin);
        end -= begin;
        begin = 0;
        ssize_t count = read(connection, buffer + end, sizeof buffer - end);
        if (count == 0 || (count < 0 && errno == ECONNRESET)) exit(EXIT_SUCCESS); /* the match is over */
        if (count > 0) end += (size_t)count;
        else if (errno != EINTR) fail("cannot read from the socket");
    }
}

/* The observation is ball x, y, vx, vy, the left and the right paddle's y, the two scores: the same for both seats. */
static int64_t decide(const uint8_t *observation, long long player_id) {
    const float dead_zone = 0.03f; /* over half of the 0.05 that a paddle moves, or it would tremble around the ball */
    float offset = load_float(observation + 4 * 1) - load_float(observation + 4 * (4 + player_id));
    return offset < -dead_zone ? UP : offset > dead_zone ? DOWN : STAY; /* y grows downwards; NaN would mean STAY */
}

/* ---- The conversation, section 4 ---- */

static long long seat_of(const char *json) { /* from `welcome` and every `reset`: a series rotates the seats */
    long long player_id = natural(json, "player_id");
    if (player_id != 0 && player_id != 1) fail("protocol fault: no player_id that pong knows");
    return player_id;
}

static bool can_play(const char *welcome) {
    return natural(welcome, "protocol_version") == 1 && has_prefix(member(welcome, "environment"), "\"pong\"")
        && natural(member(welcome, "observation"), "size") == OBSERVATION
        && natural(member(welcome, "action"), "size") == ACTION;
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : getenv("RL_ARENA_SOCKET");
    if (path == NULL) fail("RL_ARENA_SOCKET is not set");
    signal(SIGPIPE, SIG_IGN); /* an arena that has gone is an EPIPE to handle, not a reason to be killed */
    connect_to_arena(path);
    struct frame frame;
    char hello[MAX_SENT];
    snprintf(hello, sizeof hello, "{\"protocol_versions\":[1],\"host\":\"c_tracker 1.0\",\"max_payload\":%d}", MAX_PAYLOAD);
    send_frame(HELLO, 0, 0, hello, strlen(hello));
    next_frame(&frame, true);
    if (frame.kind != WELCOME) fail(frame.kind == ERROR ? as_text(&frame) : "protocol fault: no welcome");
    const char *welcome = as_text(&frame);
    if (!can_play(welcome)) {
        static const char problem[] = "{\"message\":\"c_tracker plays pong, by version 1 of the protocol\"}";
        send_frame(ERROR, ERROR_STARTUP, 0, problem, strlen(problem));
        return EXIT_FAILURE;
    }
    long long player_id = seat_of(welcome), mask_size = natural(welcome, "action_mask_size");
    double cpu_time_at_ready = seconds(CLOCK_PROCESS_CPUTIME_ID);
    send_frame(READY, 0, 0, "{}", 2);

    uint64_t unanswered = 0;          /* the newest observe that has no answer yet; they count from 1, so 0 is none */
    uint8_t observation[OBSERVATION]; /* and a copy of what it showed */
    for (;;) {
        /* Answer only when nothing more is waiting: after a delay the older observes have been overtaken. */
        if (!next_frame(&frame, unanswered == 0)) {
            uint8_t act[8 + ACTION];
            store(act, 8, (uint64_t)((seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_time_at_ready) * 1e9));
            store(act + 8, ACTION, (uint64_t)decide(observation, player_id));
            send_frame(ACT, 0, unanswered, act, sizeof act);
            unanswered = 0;
            continue;
        }
        switch (frame.kind) {
        case RESET:
            unanswered = 0; /* it belonged to a game that is over */
            player_id = seat_of(as_text(&frame));
            send_frame(READY, 0, frame.sequence, "{}", 2);
            break;
        case OBSERVE:
            if (frame.length != PREFIX + OBSERVATION + mask_size) fail("protocol fault: an observe of the wrong size");
            memcpy(observation, frame.payload + PREFIX, OBSERVATION);
            unanswered = frame.sequence;
            break;
        case FINISH:
            unanswered = 0;
            if (has_prefix(member(as_text(&frame), "final"), "true")) return EXIT_SUCCESS;
            break;
        case ERROR: fail(as_text(&frame)); /* the arena explains itself, then closes */
        default: fail("protocol fault: a kind that only an agent may send, or that nobody knows");
        }
    }
}
