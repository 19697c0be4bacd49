"""A match as the orchestrator sees it: observations, faults, order, and how the process ends."""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
import time

import pytest
from orchestrator import ACT, ERROR, EXAMPLES, FINISH, OBSERVE, READY, RESET, Seat, pack_frame


def leaf(kind, offset, size, **members):
    return {"type": kind, "offset": offset, "size": size, **members}


EVERYTHING = {"type": "Dict", "spaces": [
    ["image", leaf("Box", 0, 6, dtype="uint8", shape=[2, 3], low=0, high=255)],
    ["half", leaf("Box", 6, 2, dtype="float16", shape=[], low=None, high=None)],
    ["hand", {"type": "Tuple", "spaces": [
        leaf("Discrete", 8, 8, dtype="int64", n=3, start=-1),
        leaf("Text", 16, 12, dtype="utf8", min_length=0, max_length=2, charset=None),
        leaf("MultiBinary", 28, 2, dtype="int8", shape=[2])]}],
]}  # fmt: skip

SEEN = struct.pack("<6Be q I8s 2b2x", 1, 2, 3, 4, 5, 255, 1.5, -1, 5, "é✓".encode(), 1, 0)

CHECK_LISTS = """
def get_action(o):
    assert o == {"observation": {"image": [[1, 2, 3], [4, 5, 255]], "half": 1.5, "hand": (-1, "é✓", [1, 0])},
                 "action_mask": [1, 0, 1]}, o
    assert type(o["observation"]["hand"][0]) is int
    return 1
"""

CHECK_NUMPY = """
import numpy as np
kept = []
def get_action(o):
    mask, o = o["action_mask"], o["observation"]
    assert mask.tolist() == [1, 0, 1] and mask.dtype == np.int8
    assert o["image"].tolist() == [[1, 2, 3], [4, 5, 255]] and o["image"].dtype == np.uint8
    assert o["half"].shape == () and o["half"].dtype == np.float16 and o["half"] == 1.5
    assert o["hand"][:2] == (-1, "é✓") and type(o["hand"]) is tuple and o["hand"][2].tolist() == [1, 0]
    for array in (o["image"], mask):
        assert array.flags.owndata and array.flags.writeable and not any(array is k for k in kept)
        array += 1
        kept.append(array)
    assert all((k == kept[i % 2]).all() for i, k in enumerate(kept))
    return 1
"""


def test_observations_arrive_as_they_are_and_belong_to_the_agent(write_agent, numpy):
    with Seat(write_agent(CHECK_NUMPY if numpy else CHECK_LISTS), numpy=numpy) as seat:
        seat.start(observation=EVERYTHING, mask_size=3)
        for _ in range(3):
            assert seat.step(SEEN, mask=[1, 0, 1]) == struct.pack("<q", 1)
        assert seat.end()[0] == 0


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise MemoryError", "MemoryError"),
        ("f = lambda: f(); f()", "RecursionError: maximum recursion depth exceeded"),
        ("raise BadError", "BadError: <its message raised another exception>"),
        ("raise ValueError('\\x01' * 100000 + '\\ud800')", "ValueError: "),
        ("raise ValueError('ü' * 100000)", "ValueError: "),
    ],
)
def test_an_exception_is_reported_and_play_goes_on(write_agent, statement, message):
    code = f"""
class BadError(Exception):
    def __str__(self): raise RuntimeError
count = 0
def get_action(o):
    global count
    count += 1
    if count == 1:
        {statement}
    return 2
"""
    with Seat(write_agent({"agent.py": code}), numpy=False) as seat:
        seat.start()
        flags, payload = seat.play()
        assert flags == 1
        assert payload["message"].startswith(message)
        assert len(payload["message"].encode()) <= 2048
        assert len(payload["traceback"].encode()) <= 16384
        assert "rl_arena_agent.py" not in payload["traceback"]
        if len(payload["message"]) < 200:
            assert "agent.py" in payload["traceback"]
        assert seat.play() == 2
        assert seat.end()[0] == 0


def test_reset_is_called_before_every_game_and_may_raise(write_agent):
    code = """
        resets = 0
        def reset():
            global resets
            resets += 1
            if resets == 2: raise SystemExit("no")
        def get_action(o): return resets
    """
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        assert seat.play() == 1
        seat.finish(final=False)
        kind, flags, sequence, payload = seat.reset()
        assert (kind, flags, sequence, payload["message"]) == (ERROR, 1, 2, "SystemExit: no")
        assert seat.play() == 2
        assert seat.end()[0] == 0


@pytest.mark.parametrize(("init", "new"), [("self, player_id", True), ("self, player_id=0", True), ("self", False)])
def test_a_new_seat_means_a_new_agent_only_if_it_asked_for_its_seat(write_agent, init, new):
    value = "player_id" if "player_id" in init else "0"
    code = f"""
        made = 0
        class Agent:
            def __init__({init}):
                global made
                made += 1
                self.player_id = {value}
            def act(self, o): return self.player_id + (made - 1)
    """
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        assert seat.play() == 0
        assert seat.reset(0)[0] == READY
        assert seat.play() == 0
        assert seat.reset(1)[0] == READY
        assert seat.play() == (2 if new else 1)
        assert seat.end()[0] == 0


def test_of_several_waiting_observations_the_newest_is_answered(write_agent):
    code = "seen = []\ndef get_action(o):\n seen.append(o[0]); return len(seen) - 1"
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        seat.connection.sendall(b"".join(seat.observe_frame() for _ in range(3)))
        kind, _, sequence, payload = seat.receive()
        assert (kind, sequence, payload[8:]) == (ACT, 3, struct.pack("<q", 0))
        # An observation of a game that is over is nobody's business any more.
        old = seat.observe_frame()
        finish = pack_frame(FINISH, 0, 1, b'{"final":false}')
        reset = pack_frame(RESET, 0, 2, b'{"game":1,"player_id":0}')
        seat.connection.sendall(old + finish + reset + seat.observe_frame())
        assert seat.receive()[0] == READY
        assert seat.receive()[2] == 5
        assert seat.play() == 2
        assert seat.end()[0] == 0


def test_frames_may_arrive_in_any_pieces(write_agent):
    with Seat(write_agent("def get_action(o): return int(o[0])"), numpy=False) as seat:
        seat.start()
        stream = b""
        for value in (0, 1, 2):
            stream = seat.observe_frame(struct.pack("<8f", value, *[0] * 7))
            for at in range(0, len(stream), 7):
                seat.connection.sendall(stream[at : at + 7])
                time.sleep(0.001)
            assert seat.answer()[3][8:] == struct.pack("<q", value)
        first, second = (seat.observe_frame(struct.pack("<8f", v, *[0] * 7)) for v in (1, 2))
        seat.connection.sendall(first + second[:50])
        assert seat.receive()[3][8:] == struct.pack("<q", 1)
        seat.connection.sendall(second[50:])
        assert seat.receive()[3][8:] == struct.pack("<q", 2)
        assert seat.end()[0] == 0


def test_large_observations(write_agent, numpy):
    size = 3 * 1000 * 1000
    image = leaf("Box", 0, size, dtype="uint8", shape=[1000, 1000, 3], low=0, high=255)
    with Seat(write_agent("def get_action(o): return int(o[999][999][2])"), numpy=numpy) as seat:
        seat.start(observation=image)
        for value in (1, 2):
            assert seat.step(bytes(size - 1) + bytes([value])) == struct.pack("<q", value)
        assert seat.end()[0] == 0


@pytest.mark.parametrize(
    "data",
    [
        pack_frame(ACT, 0, 1, bytes(16)),
        pack_frame(99, 0, 0, b""),
        pack_frame(OBSERVE, 1, 1, bytes(64)),
        pack_frame(OBSERVE, 0, 1, bytes(65)),
        pack_frame(RESET, 0, 1, b"[1]"),
        pack_frame(RESET, 0, 1, b"{"),
        struct.pack("<IBBHQ", 2**32 - 1, OBSERVE, 0, 0, 1),
        pack_frame(ERROR, 0, 0, b'{"message":"because"}'),
    ],
)
def test_what_breaks_the_protocol_ends_the_host_with_one_line(write_agent, data):
    with Seat(write_agent("def get_action(o): return 1"), numpy=False) as seat:
        seat.start()
        seat.connection.sendall(data)
        status, _, err = seat.wait()
        assert status == 76
        assert err.startswith("rl_arena_agent: ")
        assert err.count("\n") == 1


def test_what_an_agent_prints_cannot_reach_the_socket(write_agent):
    code = """
        import os, sys, subprocess
        print("at import")
        def get_action(o):
            print("é ✓ \\ud800 no newline", end="")
            os.write(1, b"raw\\n")
            subprocess.run(["sh", "-c", "echo child; ls -l /proc/self/fd | grep -c socket: || true"])
            return 2
    """
    with Seat(write_agent(code), numpy=False, environment={"LC_ALL": "C"}) as seat:
        seat.start()
        assert seat.play() == 2
        status, out, err = seat.end()
        assert (status, err) == (0, "")
        assert "at import\n" in out
        assert "child\n0\n" in out
        assert "é ✓ \\ud800 no newline" in out


def test_lines_survive_a_kill(write_agent):
    with Seat(
        write_agent("import os\ndef get_action(o):\n print('last words'); os.kill(os.getpid(), 9)"), numpy=False
    ) as seat:
        seat.start()
        with pytest.raises(EOFError):
            seat.play()
        assert seat.wait()[:2] == (-9, "last words\n")


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.closerange(0, 64)",
        "import sys; sys.stdout = sys.stderr = None",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import sys; sys.stdout = open('/dev/full', 'w')",
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "import os; os.chdir('/'); os.environ.clear()",
    ],
)
def test_an_agent_may_wreck_its_process(write_agent, code):
    with Seat(write_agent(code + "\ndef get_action(o): return 2"), numpy=False) as seat:
        seat.start()
        assert seat.play() == 2
        seat.finish()
        assert seat.wait()[0] == 0


def test_forked_children_have_no_part_in_the_match(write_agent):
    code = """
        import os
        def get_action(o):
            os.fork()  # and the child returns into the host
            return 2
    """
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        for _ in range(3):
            assert seat.play() == 2
        status, _, err = seat.end()
        assert (status, err) == (0, "")


def test_threads_do_not_keep_the_process_alive(write_agent):
    code = """
        import atexit, threading, time
        threading.Thread(target=time.sleep, args=(1000,)).start()
        atexit.register(time.sleep, 1000)
        def get_action(o): return 2
    """
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        assert seat.end()[0] == 0


@pytest.mark.parametrize("moment", ["waiting", "playing", "loading"])
def test_sigterm_ends_the_host_with_status_0(write_agent, moment):
    import_time = "time.sleep(100)" if moment == "loading" else ""
    code = f"import time\n{import_time}\ndef get_action(o):\n time.sleep(100)"
    with Seat(write_agent(code), numpy=False) as seat:
        if moment == "loading":
            seat.accept()
            seat.welcome()
        else:
            seat.start()
        if moment == "playing":
            seat.observe()
        time.sleep(0.2)
        seat.process.send_signal(signal.SIGTERM)
        assert seat.wait()[0] == 0


def test_a_closed_connection_ends_the_host_with_status_0(write_agent):
    with Seat(write_agent("def get_action(o): return 2"), numpy=False) as seat:
        seat.start()
        seat.connection.shutdown(socket.SHUT_RDWR)
        status, _, err = seat.wait()
        assert (status, err) == (0, "")


def test_logs_are_whole_frames_and_bounded(write_agent):
    code = """
        import threading, rl_arena_agent
        def chat():
            while True: rl_arena_agent.log("from a thread " * 20)
        threading.Thread(target=chat, daemon=True).start()
        def get_action(o):
            rl_arena_agent.log("é" * 100_000, level="warning")
            raise ValueError("x" * 100_000)
    """
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        for _ in range(5):
            flags, payload = seat.play()
            assert flags == 1
            sent = sum(len(text.encode()) for text in seat.logs)
            assert all(len(text.encode()) <= 4096 for text in seat.logs)
            assert sent + len(str(payload)) < 65536
        seat.finish()
        reader = threading.Thread(target=lambda: iter(seat.connection.recv, b""))
        reader.start()
        assert seat.wait()[0] == 0
        reader.join()


def test_the_process_is_prepared_before_the_agent_runs(write_agent):
    code = """
        import os, resource
        assert os.environ["HOME"] == "/tmp", os.environ["HOME"]
        assert os.environ["OMP_NUM_THREADS"] == "2" and os.environ["MKL_NUM_THREADS"] == "1"
        assert resource.getrlimit(resource.RLIMIT_NPROC) == (4000, 4000)
        def get_action(o): return 2
    """
    environment = {"HOME": "/nonexistent", "RL_ARENA_CPU_LIMIT": "2", "MKL_NUM_THREADS": "1",
                   "RL_ARENA_PROCESS_LIMIT": "4000"}  # fmt: skip
    with Seat(write_agent(code), environment=environment) as seat:
        seat.start()
        assert seat.play() == 2
        assert seat.end()[0] == 0


def test_hello_comes_before_the_agent_is_loaded(write_agent):
    with Seat(write_agent("raise SystemError('loaded')"), numpy=False) as seat:
        hello = seat.accept()
        assert hello["protocol_versions"] == [1]
        seat.connection.settimeout(0.3)
        with pytest.raises(socket.timeout):
            seat.receive()


def test_the_socket_may_appear_late_and_be_given_as_an_option(write_agent):
    folder = write_agent("def get_action(o): return 2")
    with Seat(folder, numpy=False, listen=False) as seat:
        time.sleep(0.3)
        seat.listen()
        seat.start()
        assert seat.end()[0] == 0
    with Seat(folder, numpy=False, environment={"RL_ARENA_SOCKET": "/nowhere"}) as named:
        named.process.kill()
        arguments = ("--socket", named.path)
        with Seat(folder, numpy=False, environment={"RL_ARENA_SOCKET": "/nowhere"}, arguments=arguments) as seat:
            seat.connection, _ = named.listener.accept()
            assert seat.receive()[0] == 1


def test_no_orchestrator_is_one_clear_line(write_agent):
    environment = {"RL_ARENA_STARTUP_TIMEOUT": "0.2"}
    with Seat(write_agent(""), numpy=False, listen=False, environment=environment) as seat:
        status, _, err = seat.wait()
        assert status == 69
        assert err == f"rl_arena_agent: cannot connect to {seat.path}: No such file or directory\n"


def test_cpu_time_is_reported(write_agent):
    code = "import time\ndef get_action(o):\n end = time.process_time() + 0.05\n while time.process_time() < end: pass\n return 1"
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        seat.observe()
        (used,) = struct.unpack_from("<Q", seat.answer()[3])
        assert 50_000_000 <= used < 5_000_000_000
        assert seat.end()[0] == 0


@pytest.mark.parametrize("name", ["tracker", "predictor", "random_walk.py"])
@pytest.mark.parametrize("seat_number", [0, 1])
def test_the_examples_play(name, seat_number, numpy):
    with Seat(EXAMPLES / name, numpy=numpy) as seat:
        seat.start(player_id=seat_number)
        # The ball flies level at 0.9 towards this seat; its own paddle is below it, the other one above.
        paddles = [0.2, 0.99] if seat_number else [0.99, 0.2]
        paddles.reverse()
        towards = 0.02 if seat_number else -0.02
        action = seat.play(0.5, 0.9, towards, 0.0, paddles[0], paddles[1])
        own = paddles[seat_number]
        assert action in ((0, 1, 2) if name == "random_walk.py" else (2 if own < 0.9 else 0,))
        assert seat.end()[0] == 0
    assert os.path.exists(EXAMPLES / name)
