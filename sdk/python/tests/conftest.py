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
