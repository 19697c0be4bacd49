"""Which file is loaded, what in it is played with, and what its author is told if neither can be found."""

from __future__ import annotations

import pytest
from orchestrator import ERROR, READY, Seat

TWO = "def get_action(observation): return 2\n"


def outcome(agent, seat=0, **options):
    """Loads an agent and plays one step in this seat; returns the action, or the text of the start-up error."""
    with Seat(agent, numpy=False, **options) as game:
        kind, flags, sequence, payload = game.load(player_id=seat)
        assert sequence == 0
        if kind == ERROR:
            assert flags == 3
            status, _, err = game.wait()
            assert status == 1
            assert 'rl_arena_agent.py", line' not in err
            return payload["message"]
        assert kind == READY
        assert payload["load_time_ns"] > 0
        game.reset(seat)
        action = game.play()
        assert game.end()[0] == 0
        return action


@pytest.mark.parametrize(
    "names",
    [("agent.py", "main.py", "other.py"), ("main.py", "other.py"), ("only.py",), ("__init__.py", "only.py")],
)
def test_the_first_of_agent_main_and_the_only_file_is_loaded(write_agent, names):
    chosen = "only.py" if "only.py" in names else names[0]
    files = {name: TWO if name == chosen else "raise ValueError('the wrong file')" for name in names}
    assert outcome(write_agent(files)) == 2


@pytest.mark.parametrize("name", ["3f2b-11aa_1730.py", "random.py", "class.py", "agent.py", "json.py", "héé.py"])
def test_a_single_file_of_any_name_is_loaded(write_agent, name):
    code = "import random, json\nrandom.random(); json.dumps(1)\n" + TWO
    assert outcome(write_agent({name: code}) / name) == 2


def test_several_files_are_listed(write_agent):
    message = outcome(write_agent({"a.py": TWO, "b.py": TWO}))
    assert "a.py, b.py" in message
    assert "agent.py" in message


def test_a_folder_without_python_says_what_it_holds(write_agent):
    message = outcome(write_agent({"agent.txt": TWO}))
    assert "no .py file" in message
    assert "agent.txt" in message


def test_a_missing_path_and_a_file_that_is_not_python_are_named(tmp_path):
    assert "/nowhere" in outcome(tmp_path / "nowhere")
    (tmp_path / "x.txt").write_text("")
    assert "not a .py file" in outcome(tmp_path / "x.txt")


def test_the_path_may_come_from_the_environment(write_agent):
    assert outcome(None, environment={"RL_ARENA_AGENT": str(write_agent(TWO))}) == 2


PLAYERS = {
    "create_agent without arguments": ("class A:\n def act(s, o): return 2\ndef create_agent(): return A()", 2),
    "create_agent(player_id)": ("class A:\n def act(s, o): return s.p\ndef create_agent(player_id):\n a = A(); a.p = player_id; return a", 1),
    "create_agent(*, player_id)": ("def create_agent(*, player_id): return lambda o: player_id", 1),
    "create_agent(player_id, /)": ("def create_agent(player_id, /): return lambda o: player_id", 1),
    "create_agent(**kwargs)": ("def create_agent(**kwargs): return lambda o: kwargs['player_id']", 1),
    "create_agent(seat)": ("def create_agent(seat): return lambda o: seat", 1),
    "create_agent with defaults": ("def create_agent(size=2, *a): return lambda o: size", 2),
    "create_agent is a class": ("class create_agent:\n def __init__(s, player_id): s.p = player_id\n def act(s, o): return s.p", 1),
    "create_agent before get_action": ("def get_action(o): return 0\ndef create_agent(): return lambda o: 2", 2),
    "get_action before Agent": ("class Agent:\n def act(s, o): return 0\ndef get_action(o): return 2", 2),
    "get_action with an optional argument": ("def get_action(o, info=None): return 2", 2),
    "get_action is an object": ("class P:\n def __call__(s, o): return 2\nget_action = P()", 2),
    "Agent with get_action": ("class Agent:\n def get_action(s, o): return 2\n def act(s, o): return 0", 2),
    "Agent with act": ("class Agent:\n def act(s, observation, info=None): return 2\n def predict(s, o): return 0", 2),
    "Agent with predict": ("class Agent:\n def predict(s, observation, state=None): return [2], None", 2),
    "predict that returns no tuple": ("class Agent:\n def predict(s, o): return 2", 2),
    "Agent(player_id)": ("class Agent:\n def __init__(s, player_id): s.p = player_id\n def act(s, o): return s.p", 1),
    "Agent that keeps an untold player_id": ("class Agent:\n def __init__(s): s.player_id = 0\n def act(s, o): return s.player_id", 1),
    "Agent before other classes": ("class Other:\n def act(s, o): return 0\nclass Agent:\n def act(s, o): return 2", 2),
    "Agent from a helper module": ("from helper import Agent", 2),
    "the only class": ("import argparse\nclass Net: pass\nclass MyBot:\n def act(s, o): return 2", 2),
    "the only class that others do not extend": ("class Base:\n def act(s, o): return 0\nclass Bot(Base):\n def act(s, o): return 2", 2),
    "an abstract class named Agent is skipped": (
        "from abc import ABC, abstractmethod\nclass Agent(ABC):\n @abstractmethod\n def act(s, o): ...\n"
        "class Mine(Agent):\n def act(s, o): return 2", 2),
    "the library's base imported": (
        "from rl_arena.core.agent import Agent\nclass Mine(Agent):\n def act(self, observation): return 2", 2),
    "the library's base from its top": (
        "from rl_arena import Agent\nclass Mine(Agent):\n def act(self, observation): return self.player_id", 1),
    "the library's base by attribute": (
        "import rl_arena\nfrom rl_arena.core.types import ActionType\n"
        "class Agent(rl_arena.core.agent.Agent):\n def act(self, observation): return self.player_id", 1),
    "a main block does not run": (TWO + "if __name__ == '__main__': raise SystemExit(3)", 2),
    "file, arguments, folder and module are the agent's": (
        "import os, sys\nassert os.path.basename(__file__) == 'agent.py' and sys.argv == [__file__]\n"
        "assert os.getcwd() == os.path.dirname(__file__) == sys.path[0]\nassert sys.modules['agent'].__file__ == __file__\n" + TWO, 2),
    "pickles and dataclasses": (
        "from __future__ import annotations\nimport pickle, dataclasses\n@dataclasses.dataclass\nclass P:\n x: int\n"
        "def get_action(o): return pickle.loads(pickle.dumps(P(2))).x", 2),
    "the host can be imported": ("import rl_arena_agent\ndef get_action(o): rl_arena_agent.log('hello'); return 2", 2),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), PLAYERS.values(), ids=PLAYERS.keys())
def test_what_plays(write_agent, code, expected):
    helper = "class Agent:\n def act(s, o): return 2\n"
    assert outcome(write_agent({"agent.py": code, "helper.py": helper}), seat=1) == expected


MISTAKES = {
    "a slip in a function's name": ("def get_actions(o): return 1", "agent.py defines `get_actions`: rename it to `get_action`"),
    "camel case": ("def getAction(o): return 1", "rename it to `get_action`"),
    "a slip in a class's name": ("class agent:\n def run(s, o): return 1", "rename it to `Agent`"),
    "a slip in a method's name": ("class Bot:\n def get_acton(s, o): return 1", "class `Bot` defines `get_acton`: rename it to `get_action`"),
    "a slip in create_agent's result": ("class Bot:\n def predit(s, o): return 1\ndef create_agent(): return Bot()", "rename it to `predict`"),
    "nothing at all": ("x = 1", "found no function and no class"),
    "what was found": ("def train(): pass\nclass Net: pass", "found function `train`, class `Net`"),
    "only an abstract class": (
        "from rl_arena import Agent\nclass Mine(Agent): pass", "class `Mine` (abstract: it lacks act)"),
    "several classes": ("class A:\n def act(s, o): return 1\nclass B:\n def act(s, o): return 1", "A, B can all play"),
    "more arguments than one": ("def get_action(observation, legal): return 1", "missing a required argument: 'legal'"),
    "no self": ("class Agent:\n def act(observation): return 1", "cannot be called with one argument"),
    "async": ("async def get_action(o): return 1", "async"),
    "a factory with other arguments": ("def create_agent(config): return 1", "create_agent of agent.py requires `config`"),
    "create_agent returns nothing": ("def create_agent(): pass", "did you forget `return`?"),
    "create_agent returns a class": ("class A:\n def act(s, o): return 1\ndef create_agent(): return A", "add ()"),
    "create_agent returns a number": ("def create_agent(): return 3", "is a int, which has none of"),
    "create_agent raises": ("def create_agent(): return 1 / 0", "ZeroDivisionError: division by zero"),
    "a missing module": ("import torchh.nn", "No module named 'torchh' (the module 'torchh' has to be in the agent's folder or"),
    "a relative import": ("from .helper import x", "without the dot"),
    "a syntax error": ("def get_action(o)\n return 1", "SyntaxError"),
    "sys.exit at import": ("import sys; sys.exit(0)", "SystemExit: 0 (the agent called sys.exit()"),
    "interrupted at import": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "recursion at import": ("def f(): f()\nf()", "RecursionError"),
    "what the stub lacks": ("import rl_arena\nrl_arena.make('pong')", "rl-arena is not installed here"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_are_explained(write_agent, code, expected):
    assert expected in outcome(write_agent(code))


def test_an_import_error_has_only_the_agents_frames(write_agent):
    folder = write_agent({"agent.py": "import helper\n", "helper.py": "x = 1\nboom = x / 0\n"})
    with Seat(folder, numpy=False) as seat:
        kind, flags, _, payload = seat.load()
        assert (kind, flags) == (ERROR, 3)
        assert "boom = x / 0" in payload["traceback"]
        assert payload["traceback"].index("agent.py") < payload["traceback"].index("helper.py")
        assert "rl_arena_agent.py" not in payload["traceback"]
        status, _, err = seat.wait()
        assert status == 1
        assert "boom = x / 0" in err


def test_the_agents_own_rl_arena_package_wins(write_agent):
    folder = write_agent({"rl_arena/__init__.py": "ANSWER = 2\n", "agent.py": "from rl_arena import ANSWER\n"
                          "def get_action(o): return ANSWER\n"})  # fmt: skip
    assert outcome(folder) == 2


def test_child_processes_can_import_the_agent_and_the_host(write_agent):
    code = """
        import multiprocessing, rl_arena_agent
        def double(x):
            rl_arena_agent.log("from a child: not in the match")
            return 2 * x
        def get_action(o):
            total = 0
            for method in ("spawn", "fork"):
                with multiprocessing.get_context(method).Pool(1) as pool:
                    total += pool.map(double, [1])[0]
            return total // 2
    """
    assert outcome(write_agent(code)) == 2
