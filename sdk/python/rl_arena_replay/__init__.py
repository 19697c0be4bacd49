"""Reads RL Arena's replays: whole matches as NumPy arrays, step by step, or exported for offline learning.

    import rl_arena_replay

    replay = rl_arena_replay.load("match.mcap")
    for game in replay.games:
        for seat in game.seats:
            print(seat.agent_id, seat.rewards.sum(), seat.observations.shape)

On the command line, where FILE alone prints a summary:

    python3 -m rl_arena_replay FILE --to parquet -o OUT.parquet
    python3 -m rl_arena_replay FILE... --to minari -o FOLDER

The file format is docs/REPLAY.md. A file is read from front to back, its checksums with it, so the replay of a match
that is still being played, or whose orchestrator was killed, can be read up to its last complete chunk. What is damaged
is a :class:`ReplayError`, never a wrong array.

It needs NumPy and the packages mcap, zstandard and protobuf; the exports need pyarrow or minari.
"""

from __future__ import annotations

try:
    import google.protobuf
    import mcap
    import numpy
    import zstandard  # mcap can do without it, but not read a replay
except ImportError as missing:
    raise ImportError(
        f"rl_arena_replay needs a package that is not installed ({missing}): pip install numpy mcap zstandard protobuf"
    ) from missing
del google, mcap, numpy, zstandard

from .command import main
from .errors import ReplayError
from .file import PathLike
from .minari_export import to_minari
from .model import AgentInfo, Fault, Frame, FrameSeat, Game, LateAnswer, Match, Replay, Seat
from .parquet import to_parquet
from .reading import iter_frames, load
from .source import Source
from .spaces import Columns, Space

__all__ = [
    "AgentInfo", "Columns", "Fault", "Frame", "FrameSeat", "Game", "LateAnswer", "Match", "PathLike", "Replay",
    "ReplayError", "Seat", "Source", "Space", "iter_frames", "load", "main", "to_minari", "to_parquet",
]  # fmt: skip
