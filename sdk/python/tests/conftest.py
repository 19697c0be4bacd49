from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


@pytest.fixture
def write_agent(tmp_path):
    """Writes an agent's folder: write_agent("code") for agent.py, or write_agent({"name.py": "code"})."""

    def write(files):
        folder = tmp_path / "the agent"
        folder.mkdir(exist_ok=True)
        for name, code in ({"agent.py": files} if isinstance(files, str) else files).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(code), encoding="utf-8")
        return folder

    return write


@pytest.fixture(params=[True, False], ids=["numpy", "lists"])
def numpy(request):
    if request.param:
        pytest.importorskip("numpy")
    return request.param


@pytest.fixture(scope="session")
def pong_replay(tmp_path_factory):
    """Two games of pong between random agents: the path of the replay."""
    from replays import play

    arguments = ("builtin:random", "builtin:random", "--games", "2", "--seed", "5", "--config", "max_steps=2500")
    return play(tmp_path_factory.mktemp("pong"), *arguments)


@pytest.fixture(scope="session")
def schema(pong_replay):
    """The messages of a replay."""
    from replays import Schema

    return Schema(pong_replay)
