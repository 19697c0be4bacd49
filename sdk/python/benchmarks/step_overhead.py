"""Measures what the host adds to a step: python3 benchmarks/step_overhead.py [STEPS]

Runs the host's own step, with pong's spaces and an agent that only returns 1, over a socket pair in one process: an
orchestrator's send, the host's step, an orchestrator's receive, taking turns. The same system calls, without the host
between them, are the baseline; both run in alternating rounds and the medians are compared.
"""

from __future__ import annotations

import socket
import statistics
import struct
import sys
import time
import types
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import rl_arena_agent as host

SHAPE = 8
WELCOME: Dict[str, Any] = {
    "observation": {
        "size": 4 * SHAPE,
        "space": {"type": "Box", "dtype": "float32", "shape": [SHAPE], "low": None, "high": None, "offset": 0},
    },
    "action": {"size": 8, "space": {"type": "Discrete", "n": 3, "start": 0, "offset": 0}},
    "action_mask_size": 0,
}


def make_rounds() -> Tuple[Callable[[int], float], Callable[[int], float]]:
    """Returns two functions that run a number of steps and return nanoseconds per step: the host's, the baseline's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    module = types.ModuleType("agent")
    module.__dict__["get_action"] = lambda _observation: 1
    match = host.Match(host.Link(theirs), WELCOME, host.Player(module, 0))
    observe = host.frame(host.OBSERVE, 0, 1, bytes(32 + 4 * SHAPE))
    act = bytearray(32)
    buffer = bytearray(65536)

    # Between its socket calls `serve` is a loop around this; the clock and the socket are the match's own.
    match.cpu_start = time.process_time_ns()
    step = match._make_step()
    receive, unpack = theirs.recv_into, host.HEADER_WORDS.unpack_from
    word_expected = host.header_word(host.OBSERVE, len(observe) - 16)

    def with_host(steps: int) -> float:
        start = time.perf_counter_ns()
        for _ in range(steps):
            ours.send(observe)
            count = receive(match.buffer)
            if count == match.observe_length:
                word, sequence = unpack(match.buffer)
                if word == word_expected:
                    step(sequence)
            ours.recv_into(act)
        return (time.perf_counter_ns() - start) / steps

    def baseline(steps: int) -> float:
        cpu_time = time.process_time_ns
        start = time.perf_counter_ns()
        for _ in range(steps):
            ours.send(observe)
            receive(buffer)
            cpu_time()
            theirs.sendall(act)
            ours.recv_into(act)
        return (time.perf_counter_ns() - start) / steps

    return with_host, baseline


def main() -> None:
    """Prints the medians and their difference."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    host.import_numpy()
    with_host, baseline = make_rounds()
    assert struct.calcsize("<QQQq") == 32
    hosted: List[float] = []
    bare: List[float] = []
    for _ in range(11):
        hosted.append(with_host(steps))
        bare.append(baseline(steps))
    with_median, bare_median = statistics.median(hosted), statistics.median(bare)
    numpy = f"NumPy {host.np.__version__}" if host.np else "no NumPy"
    print(f"Python {sys.version.split()[0]}, {numpy}, {steps} steps a round, medians of 11 rounds")
    print(f"system calls alone   {bare_median / 1000:6.2f} µs")
    print(f"with the host        {with_median / 1000:6.2f} µs")
    print(f"the host's overhead  {(with_median - bare_median) / 1000:6.2f} µs a step")


if __name__ == "__main__":
    main()
