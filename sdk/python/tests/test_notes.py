"""Notes: frames of their own before the answer, bounded per step, and nothing outside a step."""

from __future__ import annotations

import struct

import pytest
from orchestrator import ACT, EXAMPLES, NOTE, PONG, READY, Seat


def test_a_note_comes_before_the_action_with_its_sequence(write_agent, numpy):
    code = """
        import rl_arena_agent
        def get_action(o):
            rl_arena_agent.note(f"x = {float(o[0])}")
            return 2
    """
    with Seat(write_agent(code), numpy=numpy) as seat:
        seat.start()
        for x in (0.5, 0.25):
            seat.observe(struct.pack("<8f", x, *[0] * 7))
            assert seat.receive() == (NOTE, 0, seat.sequence, f"x = {x}")
            assert seat.receive()[0] == ACT
        assert seat.end() == (0, "", "")


def test_notes_work_for_spaces_of_every_kind(write_agent):
    code = "import rl_arena_agent\ndef get_action(o):\n rl_arena_agent.note('n'); return [0.0] * 8"
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start(action=PONG)
        for sequence in (1, 2):
            seat.step()
            assert seat.notes == [(sequence, "n")]
        assert seat.end() == (0, "", "")


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        ("note('one'); note(''); note('two')", ["one", "two"]),
        ("note(1.5); note(None); note([1, 'a'])", ["1.5", "None", "[1, 'a']"]),
        ("note('a\\ud800b\\0\\n')", ["a?b\0\n"]),
        ("note('x' * 1024); note('more')", ["x" * 1024]),
        ("note('x' * 1023); note('more')", ["x" * 1023]),
        ("note('x' * 1022); note('more'); note('y')", ["x" * 1022, "m"]),
        ("note('↑' * 400); note('.')", ["↑" * 341]),
        ("note('x' * 1000); note('🏓' * 9); note('.')", ["x" * 1000, "🏓" * 5]),
        ("note('é' * 10_000_000)", ["é" * 512]),
        ("[note('line') for _ in range(1000)]", ["line"] * 205),
    ],
)
def test_a_steps_notes_are_cut_to_1024_bytes_between_characters(write_agent, call, sent):
    code = f"from rl_arena_agent import note\ndef get_action(o):\n {call}\n return 1"
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        for sequence in (1, 2):
            assert seat.play() == 1
            assert seat.notes == [(sequence, text) for text in sent]
            assert len("\n".join(sent).encode()) <= 1024
        assert seat.end() == (0, "", "")


@pytest.mark.parametrize(("ending", "flags"), [("1 / 0", 1), ("return 9", 2)])
def test_what_was_noted_before_a_fault_is_sent(write_agent, ending, flags):
    code = f"import rl_arena_agent\ndef get_action(o):\n rl_arena_agent.note('risky')\n {ending}"
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        for sequence in (1, 2):
            assert seat.play()[0] == flags
            assert seat.notes == [(sequence, "risky")]
        assert seat.end()[0] == 0


OUTSIDE = """
    import threading, rl_arena_agent
    asked, done = threading.Event(), threading.Event()
    rl_arena_agent.note("import")
    def between():
        while True:
            asked.wait()
            asked.clear()
            rl_arena_agent.note("thread")
            done.set()
    threading.Thread(target=between, daemon=True).start()
    steps = 0
    def reset():
        rl_arena_agent.note("reset")
        if steps:
            asked.set()
            done.wait()
            done.clear()
    def get_action(o):
        global steps
        steps += 1
        rl_arena_agent.note(steps)
        if steps == 2: {fault}
        return 1
"""


@pytest.mark.parametrize("fault", ["pass", "1 / 0", "return 'up'"])
def test_a_note_outside_a_step_is_dropped_and_standard_error_says_so_once(write_agent, fault):
    with Seat(write_agent(OUTSIDE.format(fault=fault)), numpy=False) as seat:
        seat.start()
        for sequence in (1, 2):
            seat.play()
            assert seat.notes == [(sequence, str(sequence))]
        for _ in range(2):
            seat.finish(final=False)
            assert seat.reset()[0] == READY
            assert seat.notes == []
        assert seat.play() == 1
        assert seat.notes == [(3, "3")]
        status, _, err = seat.end()
        warnings = [line for line in err.splitlines() if line.startswith("rl_arena_agent:")]
        assert status == 0
        assert warnings == [
            "rl_arena_agent: the note 'import' is dropped, as are others like it: no step is being played"
        ]


def test_a_note_of_another_thread_never_follows_the_answer(write_agent):
    code = """
        import threading, rl_arena_agent
        def chat():
            while True: rl_arena_agent.note(".")
        threading.Thread(target=chat, daemon=True).start()
        def get_action(o): return sum(range(20_000)) % 3
    """
    with Seat(write_agent(code), numpy=False) as seat:
        seat.start()
        for sequence in range(1, 101):
            seat.observe()
            frame = seat.receive()
            while frame[0] == NOTE:
                assert frame[2] == sequence
                frame = seat.receive()
            assert frame[0] == ACT
            assert frame[2] == sequence
        assert seat.end()[0] == 0


def test_without_a_match_a_note_is_dropped_with_a_warning(capsys, monkeypatch):
    import rl_arena_agent

    monkeypatch.setattr(rl_arena_agent, "_has_warned_of_notes", False)
    rl_arena_agent.note("a\nb" * 100)
    rl_arena_agent.note("c")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("rl_arena_agent: the note 'a ba ba b")
    assert err.count("\n") == 1
    assert len(err) < 160


def test_an_example_notes_where_it_expects_the_ball(numpy):
    with Seat(EXAMPLES / "predictor", numpy=numpy) as seat:
        seat.start(player_id=1)
        seat.play(0.5, 0.9, 0.02, 0.0, 0.5, 0.2)
        assert seat.notes == [(1, "ball at y = 0.900")]
        seat.play(0.5, 0.9, -0.02, 0.0, 0.5, 0.2)
        assert seat.notes == []
        assert seat.end()[0] == 0
