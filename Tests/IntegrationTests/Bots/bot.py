"""A player of pong that misbehaves in the way it is told to, written from docs/PROTOCOL.md alone.

    python3 bot.py SOCKET [BEHAVIOUR]

Without BEHAVIOUR, and in everything that BEHAVIOUR does not change, it plays by the rules: it always stays. What it saw
is the last line of its standard output, as JSON. Nothing is shared with the agent host, so that a mistake in the host
cannot hide the same mistake here.
"""

import json
import os
import select
import signal
import socket
import struct
import sys
import time

HELLO, WELCOME, READY, RESET, OBSERVE, ACT, FINISH, ERROR, LOG = range(1, 10)
STAY = 1


class Closed(Exception):
    """The orchestrator has closed the connection."""


class Bot:
    """One connection, and the rules. A behaviour is a subclass that breaks one of them."""

    #: The observation, counted from 1, at which a behaviour that happens once happens.
    moment = 3

    def __init__(self, path):
        self.path = path
        self.connection = None
        self.seen = {"observations": 0, "resets": [], "finishes": [], "errors": [], "end": "nothing"}

    # The wire.

    def connect(self):
        patience = time.monotonic() + 20
        while time.monotonic() < patience:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.connect(self.path)
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                connection.close()
                time.sleep(0.005)
        raise Closed

    def frame(self, kind, sequence=0, payload=b"", flags=0, reserved=0, length=None):
        if not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        return struct.pack("<IBBHQ", len(payload) if length is None else length, kind, flags, reserved, sequence) + payload

    def action(self, sequence, action=STAY):
        return self.frame(ACT, sequence, struct.pack("<Qq", 0, action))

    def write(self, data):
        try:
            self.connection.sendall(data)
        except BrokenPipeError:
            self.drain()  # what was sent before the connection was closed is still there to be read

    def read(self, count):
        data = b""
        while len(data) < count:
            part = self.connection.recv(count - len(data))
            if not part:
                raise Closed
            data += part
        return data

    def receive(self):
        length, kind, flags, reserved, sequence = struct.unpack("<IBBHQ", self.read(16))
        assert flags == 0 and reserved == 0
        return kind, sequence, self.read(length)

    def drain(self):
        """Reads on until the orchestrator closes the connection, and answers nothing more."""
        while True:
            self.note(*self.receive())

    def await_the_end(self):
        """Reads nothing, and waits until the orchestrator closes the connection."""
        poller = select.poll()
        poller.register(self.connection, 0)
        poller.poll()
        raise Closed

    def orchestrator(self):
        """The process that listens at the other end."""
        credentials = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII"))
        return struct.unpack("iII", credentials)[0]

    def stop_the_orchestrator(self):
        """Returns once none of its threads runs. It is given time to look at its clock after the sending, and to wait."""
        process = self.orchestrator()
        time.sleep(0.2)
        os.kill(process, signal.SIGSTOP)
        while True:
            states = set()
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/stat") as file:
                    states.add(file.read().rpartition(") ")[2][0])
            if states == {"T"}:
                return
            time.sleep(0.001)

    # The rules.

    def hello(self):
        self.write(self.frame(HELLO, payload={"protocol_versions": [1], "host": "bot"}))

    def ready(self, sequence):
        self.write(self.frame(READY, sequence, {}))

    def answer(self, sequence):
        self.write(self.action(sequence))

    def note(self, kind, sequence, payload):
        if kind == OBSERVE:
            self.seen["observations"] += 1
        elif kind == RESET:
            self.seen["resets"].append(json.loads(payload))
        elif kind == FINISH:
            self.seen["finishes"].append(json.loads(payload))
            if self.seen["finishes"][-1]["final"]:
                self.seen["end"] = "final"
        elif kind == ERROR:
            self.seen["errors"].append(json.loads(payload)["message"])

    def play(self):
        self.connection = self.connect()
        self.hello()
        while True:
            kind, sequence, payload = self.receive()
            self.note(kind, sequence, payload)
            if kind == WELCOME:
                self.ready(0)
            elif kind == RESET:
                self.ready(sequence)
            elif kind == OBSERVE:
                self.answer(sequence)
            elif kind == ERROR or self.seen["end"] == "final":
                return

    def run(self):
        try:
            self.play()
        except (Closed, ConnectionResetError, BrokenPipeError):
            if self.seen["end"] != "final":
                self.seen["end"] = "closed"
        print(json.dumps(self.seen), flush=True)


BEHAVIOURS = {"good": Bot}


def behaviour(bot):
    """Registers a behaviour under its class's name."""
    BEHAVIOURS[bot.__name__] = bot
    return bot


class Once(Bot):
    """Does something else than answering, once."""

    def answer(self, sequence):
        if sequence == self.moment:
            self.misbehave(sequence)
        else:
            super().answer(sequence)


# Before the first frame.


@behaviour
class closes_at_once(Bot):
    def hello(self):
        raise Closed


@behaviour
class never_says_hello(Bot):
    def hello(self):
        self.drain()


@behaviour
class half_a_hello(Bot):
    def hello(self):
        self.write(self.frame(HELLO, payload=b"{", length=50))
        self.drain()


@behaviour
class garbage_for_hello(Bot):
    def hello(self):
        self.write(bytes(range(255, 0, -1)) * 40)
        self.drain()


@behaviour
class hello_of_4_gib(Bot):
    def hello(self):
        self.write(self.frame(HELLO, length=0xFFFFFFFF))
        self.drain()


@behaviour
class hello_that_is_no_json(Bot):
    def hello(self):
        self.write(self.frame(HELLO, payload=b"hello!"))
        self.drain()


@behaviour
class hello_without_versions(Bot):
    def hello(self):
        self.write(self.frame(HELLO, payload={"host": "bot"}))
        self.drain()


@behaviour
class other_version(Bot):
    def hello(self):
        self.write(self.frame(HELLO, payload={"protocol_versions": [2, 3], "host": "bot"}))
        self.drain()


@behaviour
class too_small_for_the_game(Bot):
    def hello(self):
        self.write(self.frame(HELLO, payload={"protocol_versions": [1], "host": "bot", "max_payload": 16}))
        self.drain()


@behaviour
class hello_twice(Bot):
    def ready(self, sequence):
        self.hello()
        self.drain()


@behaviour
class does_not_wait_for_welcome(Bot):
    def hello(self):
        self.write(self.frame(HELLO, payload={"protocol_versions": [1], "host": "bot"}) + self.frame(READY, 0, {}))
        self.drain()


# While it loads.


@behaviour
class never_ready(Bot):
    def ready(self, sequence):
        self.drain()


@behaviour
class closes_instead_of_ready(Bot):
    def ready(self, sequence):
        raise Closed


@behaviour
class invalid_json_in_ready(Bot):
    def ready(self, sequence):
        self.write(self.frame(READY, sequence, b'{"load_time_ns": 1'))


@behaviour
class deep_json_in_ready(Bot):
    def ready(self, sequence):
        self.write(self.frame(READY, sequence, b"[" * 30_000 + b"]" * 30_000))


@behaviour
class fails_to_load(Bot):
    def ready(self, sequence):
        self.write(self.frame(ERROR, payload={"message": "no model in /app", "traceback": "line 7"}, flags=3))
        self.drain()


@behaviour
class floods_logs_while_loading(Bot):
    def ready(self, sequence):
        line = self.frame(LOG, payload={"text": "x" * 1000})
        self.write(line * 100)
        self.drain()


@behaviour
class never_resets(Bot):
    def ready(self, sequence):
        if sequence == 0:
            super().ready(sequence)


@behaviour
class closes_once_ready(Bot):
    def ready(self, sequence):
        super().ready(sequence)
        raise Closed


@behaviour
class ready_for_another_game(Bot):
    def ready(self, sequence):
        super().ready(sequence + 5 if sequence else 0)


# In the game, once.


@behaviour
class garbage(Once):
    def misbehave(self, sequence):
        self.write(bytes(range(255, 0, -1)) * 40)


@behaviour
class a_web_request(Once):
    def misbehave(self, sequence):
        self.write(b"GET / HTTP/1.1\r\nHost: orchestrator\r\n\r\n")


@behaviour
class length_of_4_gib(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence, b"\0" * 100, length=0xFFFFFFFF))


@behaviour
class just_over_the_limit(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence, length=65_537))


@behaviour
class oversized_act(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence, b"\0" * 65_536))


@behaviour
class empty_act(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence))


@behaviour
class wrong_size(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence, b"\0" * 9))


@behaviour
class out_of_range(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence, 3))


@behaviour
class far_out_of_range(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence, -(1 << 63)))


@behaviour
class answers_the_future(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence + 1))


@behaviour
class answers_nothing(Once):
    def misbehave(self, sequence):
        self.write(self.action(0))


@behaviour
class says_hello_again(Once):
    def misbehave(self, sequence):
        self.hello()


@behaviour
class ready_in_mid_game(Once):
    def misbehave(self, sequence):
        self.ready(1)


@behaviour
class kind_of_the_orchestrator(Once):
    def misbehave(self, sequence):
        self.write(self.frame(OBSERVE, sequence, b"\0" * 64))


@behaviour
class unknown_kind(Once):
    def misbehave(self, sequence):
        self.write(self.frame(77, sequence, b"\0" * 16))


@behaviour
class flags_on_act(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence, struct.pack("<Qq", 0, STAY), flags=1))


@behaviour
class error_with_unknown_flags(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ERROR, sequence, {"message": "?"}, flags=4))


@behaviour
class reserved_is_not_zero(Once):
    def misbehave(self, sequence):
        self.write(self.frame(ACT, sequence, struct.pack("<Qq", 0, STAY), reserved=1))


@behaviour
class floods_answers(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence) * 1000)


@behaviour
class floods_logs(Once):
    def misbehave(self, sequence):
        self.write(self.frame(LOG, payload={"text": "x" * 1000}) * 100)


@behaviour
class floods_empty_logs(Once):
    def misbehave(self, sequence):
        self.write(self.frame(LOG, payload={"text": ""}) * 5000)


@behaviour
class deep_json_in_log(Once):
    def misbehave(self, sequence):
        self.write(self.frame(LOG, payload=b'{"text":' + b"[" * 20_000))
        self.drain()


@behaviour
class closes_in_mid_game(Once):
    def misbehave(self, sequence):
        raise Closed


@behaviour
class answers_and_closes(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence))
        raise Closed


@behaviour
class closes_after_half_an_answer(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence)[:20])
        raise Closed


@behaviour
class stops_writing(Once):
    def misbehave(self, sequence):
        self.connection.shutdown(socket.SHUT_WR)
        self.drain()


@behaviour
class stops_reading(Once):
    def misbehave(self, sequence):
        self.connection.shutdown(socket.SHUT_RD)
        self.write(self.action(sequence))
        self.await_the_end()


@behaviour
class kills_itself(Once):
    def misbehave(self, sequence):
        os.kill(os.getpid(), signal.SIGKILL)


@behaviour
class leaves_a_child_with_the_socket(Once):
    def misbehave(self, sequence):
        if os.fork() > 0:
            os._exit(0)
        try:
            while True:
                self.receive()
        except (Closed, ConnectionResetError):
            os._exit(0)


@behaviour
class forks_many_children(Once):
    def misbehave(self, sequence):
        for _ in range(20):
            if os.fork() == 0:
                time.sleep(0.05)
                os._exit(0)
        for _ in range(20):
            os.wait()
        self.write(self.action(sequence))


@behaviour
class fills_standard_output(Once):
    def misbehave(self, sequence):
        os.write(1, b"x" * (1 << 20))
        os.write(2, b"x" * (1 << 20))
        os.write(1, b"\n")
        self.write(self.action(sequence))


@behaviour
class half_an_answer_and_silence(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence)[:20])
        self.drain()


@behaviour
class half_a_header_and_silence(Once):
    def misbehave(self, sequence):
        self.write(self.action(sequence)[:7])
        self.drain()


@behaviour
class silence(Once):
    def misbehave(self, sequence):
        self.drain()


@behaviour
class a_byte_at_a_time(Once):
    """Slower than any deadline, and yet never silent for long."""

    def misbehave(self, sequence):
        for byte in self.action(sequence):
            self.write(bytes([byte]))
            time.sleep(0.1)


@behaviour
class late_by_a_step(Once):
    """Answers observation 3 once observation 4 is there."""

    def misbehave(self, sequence):
        kind, next_sequence, payload = self.receive()
        assert kind == OBSERVE and next_sequence == sequence + 1
        self.note(kind, next_sequence, payload)
        self.write(self.action(sequence))
        self.write(self.action(next_sequence))


@behaviour
class stops_the_orchestrator(Once):
    """Misses a deadline that passes while the orchestrator cannot run."""

    def misbehave(self, sequence):
        self.stop_the_orchestrator()
        time.sleep(2)
        os.kill(self.orchestrator(), signal.SIGCONT)


@behaviour
class answers_while_the_orchestrator_stops(Once):
    """Answers in time, but the orchestrator can read it only when the deadline is over."""

    def misbehave(self, sequence):
        self.stop_the_orchestrator()
        self.write(self.action(sequence))
        time.sleep(2)
        os.kill(self.orchestrator(), signal.SIGCONT)


@behaviour
class terminates_the_orchestrator(Once):
    def misbehave(self, sequence):
        os.kill(self.orchestrator(), signal.SIGTERM)
        self.drain()


@behaviour
class interrupts_the_orchestrator(Once):
    def misbehave(self, sequence):
        os.kill(self.orchestrator(), signal.SIGINT)
        self.drain()


@behaviour
class kills_the_orchestrator(Once):
    moment = 5000

    def misbehave(self, sequence):
        os.kill(self.orchestrator(), signal.SIGKILL)
        self.drain()


@behaviour
class silent_from_step_200(Bot):
    def answer(self, sequence):
        if sequence == 200:
            self.drain()
        super().answer(sequence)


@behaviour
class connects_twice(Once):
    def misbehave(self, sequence):
        other = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            other.connect(self.path)
            self.seen["second connection"] = "accepted" if other.recv(1) else "closed"
        except OSError:
            self.seen["second connection"] = "refused"
        self.write(self.action(sequence))


# In the game, always.


@behaviour
class answers_twice(Bot):
    def answer(self, sequence):
        self.write(self.action(sequence) * 2)


@behaviour
class answers_twice_in_two_writes(Bot):
    def answer(self, sequence):
        self.write(self.action(sequence))
        self.write(self.action(sequence))


@behaviour
class answers_the_previous_step(Bot):
    def answer(self, sequence):
        self.write(self.action(max(1, sequence - 1)))


@behaviour
class always_out_of_range(Bot):
    def answer(self, sequence):
        self.write(self.action(sequence, 7))


@behaviour
class out_of_range_now_and_then(Bot):
    """Out of range in every seventieth step, which is too seldom to forfeit."""

    def answer(self, sequence):
        self.write(self.action(sequence, 9 if sequence % 70 == 0 else sequence % 3))


@behaviour
class reports_exceptions(Bot):
    def answer(self, sequence):
        report = {"message": f"number {sequence}", "traceback": f"Traceback of {sequence}"}
        self.write(self.frame(ERROR, sequence, report, flags=1))


@behaviour
class never_reads(Bot):
    def answer(self, sequence):
        self.await_the_end()


@behaviour
class logs_much_but_not_too_much(Bot):
    def answer(self, sequence):
        self.write(self.frame(LOG, payload={"text": "x" * 1000}) * 60)
        self.write(self.action(sequence))


@behaviour
class raises_in_the_second_reset(Bot):
    """Misses observation 3, answers only the newest from there on, and fails to reset itself for game 2."""

    def answer(self, sequence):
        if sequence != self.moment:
            super().answer(sequence)

    def ready(self, sequence):
        if sequence == 2:
            self.write(self.frame(ERROR, sequence, {"message": "reset failed"}, flags=1))
        else:
            super().ready(sequence)


@behaviour
class connects_in_crowds(Bot):
    """Comes with many connections at once; all but the first are nobody's."""

    def connect(self):
        connection = super().connect()
        self.crowd = []
        for _ in range(50):
            other = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            other.setblocking(False)
            try:
                other.connect(self.path)
            except OSError:
                pass
            self.crowd.append(other)
        return connection


if __name__ == "__main__":
    BEHAVIOURS[sys.argv[2] if len(sys.argv) > 2 else "good"](sys.argv[1]).run()
