"""What is found in an agent's source, on which line and in which words, and what is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rl_arena_validate

SCRIPT = Path(rl_arena_validate.__file__)
DISCRETE = {"type": "Discrete", "n": 3, "start": 0}
PLAYS = "def get_action(observation):\n    return 1\n"


def run(path, rules=None, python=sys.executable):
    """Runs the program as the executor does; returns errors, warnings and the files that were read."""
    command = [python, "-I", "-S", "-B", str(SCRIPT), str(path), "--rules", json.dumps(rules or {})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[-1]["errors"], lines[-1]["warnings"], [line["reading"] for line in lines[:-1]]


@pytest.fixture
def check(write_agent):
    """Reads an agent in this process: check(code or files, rule=…) returns errors and warnings."""

    def read(files, **rules):
        folder = write_agent(files)
        if not (folder / "requirements.txt").exists():
            (folder / "requirements.txt").write_text("")
        found = []
        rl_arena_validate.in_deep_thread(
            lambda: found.append(rl_arena_validate.validate(str(folder), rl_arena_validate.Rules(rules)))
        )
        return found[0].errors, found[0].warnings

    return read


def places(sentences):
    """The lines that sentences are about, and the forbidden thing each names."""
    result = []
    for sentence in sentences:
        place, _, text = sentence.partition(": ")
        file, _, line = place.rpartition(":")
        assert ", which is forbidden" in text or "is forbidden" in text, sentence
        name = text.split(", which")[0].split(" ", 1)[1]
        result.append((int(line), name) if file == "agent.py" else (file, int(line), name))
    return result


FORBIDDEN = {
    "import": ("import subprocess", [(1, "subprocess")]),
    "import as": ("import subprocess as sp\nsp.run([])", [(1, "subprocess"), (2, "subprocess.run")]),
    "from import": ("from subprocess import Popen\nPopen([])", [(1, "subprocess.Popen"), (2, "subprocess.Popen")]),
    "from import as": ("from os import system as s\ns('x')", [(1, "os.system"), (2, "os.system")]),
    "in parentheses": ("from os import (\n    path,\n    system,\n)", [(1, "os.system")]),
    "module alias": ("import os as o\no.system('x')", [(2, "os.system")]),
    "submodule import": ("import os.path\nos.system('x')", [(2, "os.system")]),
    "in a function": ("def f():\n    import os\n    os.system('x')", [(3, "os.system")]),
    "in a method": ("import os\nclass A:\n    def f(self):\n        return os.system", [(4, "os.system")]),
    "built-in": ("eval('1')\nexec('1')\ncompile('1', '', 'eval')", [(1, "eval"), (2, "exec"), (3, "compile")]),
    "built-in passed on": ("list(map(eval, []))", [(1, "eval")]),
    "alias by assignment": ("e = eval\ne('1')", [(1, "eval"), (2, "eval")]),
    "alias of an alias": ("import os\nf = os.system\ng = f\ng('x')", [(2, "os.system"), (3, "os.system"), (4, "os.system")]),
    "alias in a tuple": ("a, b = print, eval\nb('1')", [(1, "eval"), (2, "eval")]),
    "alias of a module": ("import os\nx = os\nx.system('x')", [(3, "os.system")]),
    "walrus": ("import os\n(x := os).system('x')", [(2, "os.system")]),
    "conditional": ("import os, sys\n(os if sys else None).system('x')", [(2, "os.system")]),
    "or": ("import os\n(None or os).system('x')", [(2, "os.system")]),
    "list": ("import os\n[os][0].system('x')", [(2, "os.system")]),
    "dictionary": ("import os\nd = {'a': 1, 'b': os}\nd['b'].system('x')", [(3, "os.system")]),
    "loop": ("import os\nfor m in (os,):\n    m.system('x')", [(3, "os.system")]),
    "comprehension": ("import os\n[m.system('x') for m in (os,)]", [(2, "os.system")]),
    "loop over names": ("import os\nfor n in ('path', 'system'):\n    getattr(os, n)", [(3, "os.system")]),
    "lambda": ("import os\nf = lambda: os\nf().system('x')", [(3, "os.system")]),
    "returned": ("def f():\n    import os\n    return os\nf().system('x')", [(4, "os.system")]),
    "argument": ("import os\ndef f(m):\n    m.system('x')\nf(os)", [(3, "os.system")]),
    "keyword argument": ("import os\ndef f(*, m):\n    m.system('x')\nf(m=os)", [(3, "os.system")]),
    "default": ("import os\ndef f(m=os):\n    m.system('x')", [(3, "os.system")]),
    "attribute of self": (
        "import os\nclass A:\n    def __init__(self):\n        self.m = os\n    def f(self):\n        self.m.system('x')",
        [(6, "os.system")],
    ),
    "class attribute": ("import os\nclass A:\n    m = os\nA.m.system('x')\nA().m.system('x')", [(4, "os.system"), (5, "os.system")]),
    "inherited": ("import os\nclass A:\n    m = os\nclass B(A): pass\nB().m.system('x')", [(5, "os.system")]),
    "constructor's argument": (
        "import os\nclass A:\n    def __init__(self, m):\n        self.m = m\n        self.m.system('x')\nA(os)",
        [(5, "os.system")],
    ),
    "global": ("def f():\n    global x\n    import os as x\ndef g():\n    x.system('x')", [(5, "os.system")]),
    "nonlocal": ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        import os as x\n    x.system('x')", [(6, "os.system")]),
    "try": ("try:\n    import os as o\nexcept ImportError:\n    o = None\no.system('x')", [(5, "os.system")]),
    "getattr": ("import os\ngetattr(os, 'system')('x')", [(2, "os.system")]),
    "getattr, put together": ("import os\ngetattr(os, 'sys' + 'tem')('x')", [(2, "os.system")]),
    "getattr, by name": ("import os\nn = 'system'\ngetattr(os, n)", [(3, "os.system")]),
    "getattr, grown": ("import os\nn = 'sys'\nn += 'tem'\ngetattr(os, n)", [(4, "os.system")]),
    "getattr, backwards": ("import os\ngetattr(os, 'metsys'[::-1])", [(2, "os.system")]),
    "getattr, joined": ("import os\ngetattr(os, ''.join(['sys', 'tem']))", [(2, "os.system")]),
    "getattr, replaced": ("import os\ngetattr(os, 'syXtem'.replace('X', 's'))", [(2, "os.system")]),
    "getattr, formatted": ("import os\ngetattr(os, '%stem' % 'sys')\ngetattr(os, f\"{'sys'}tem\")\ngetattr(os, '{}tem'.format('sys'))", [(2, "os.system"), (3, "os.system"), (4, "os.system")]),
    "getattr, lower": ("import os\ngetattr(os, 'SYSTEM'.lower())", [(2, "os.system")]),
    "getattr, letters": ("import os\ngetattr(os, chr(115) + 'ystem')", [(2, "os.system")]),
    "getattr, base64": ("import os, base64\ngetattr(os, base64.b64decode('c3lzdGVt').decode())", [(2, "os.system")]),
    "getattr, bytes": ("import os\ngetattr(os, b'system'.decode())", [(2, "os.system")]),
    "getattr, hexadecimal": ("import os\ngetattr(os, bytes.fromhex('73797374656d').decode())", [(2, "os.system")]),
    "getattr, rot13": ("import os, codecs\ngetattr(os, codecs.decode('flfgrz', 'rot13'))", [(2, "os.system")]),
    "getattr of built-ins": ("import builtins\ngetattr(builtins, 'eval')('1')", [(2, "eval")]),
    "__getattribute__": ("import os\nos.__getattribute__('system')", [(2, "os.system")]),
    "attrgetter": ("import os, operator\noperator.attrgetter('system')(os)", [(2, "os.system")]),
    "methodcaller": ("import os, operator\noperator.methodcaller('system', 'x')(os)", [(2, "os.system")]),
    "partial": ("import os, functools\nfunctools.partial(os.system, 'x')()", [(2, "os.system")]),
    "vars": ("import os\nvars(os)['system']", [(2, "os.system")]),
    "__dict__": ("import os\nos.__dict__['system']\nos.__dict__.get('system')", [(2, "os.system"), (3, "os.system")]),
    "__import__": ("__import__('os').system('x')", [(1, "__import__"), (1, "os.system")]),
    "__import__ of a submodule": ("__import__('os.path').system('x')", [(1, "__import__"), (1, "os.system")]),
    "import_module": ("import importlib\nimportlib.import_module('subprocess')", [(2, "subprocess")]),
    "import_module as": ("from importlib import import_module as i\ni('sub' + 'process').run([])", [(2, "subprocess.run")]),
    "import_module, keyword": ("import importlib\nimportlib.import_module(name='subprocess')", [(2, "subprocess")]),
    "resolve_name": ("import pkgutil\npkgutil.resolve_name('os:system')", [(2, "os.system")]),
    "sys.modules": ("import sys\nsys.modules['os'].system('x')", [(2, "os.system")]),
    "sys.modules.get": ("import sys\nsys.modules.get('os').system('x')", [(2, "os.system")]),
    "globals": ("globals()['__builtins__']['eval']('1')", [(1, "eval")]),
    "globals, member": ("import os\nglobals()['os'].system('x')", [(2, "os.system")]),
    "__builtins__": ("__builtins__.eval('1')\n__builtins__['eval']('1')\nvars(__builtins__)['eval']", [(1, "eval"), (2, "eval"), (3, "eval")]),
    "builtins": ("import builtins\nbuiltins.eval('1')", [(2, "eval")]),
    "builtins as": ("from builtins import eval as e\ne('1')", [(1, "eval"), (2, "eval")]),
    "__globals__": ("def f(): pass\nf.__globals__['__builtins__']['eval']", [(2, "eval")]),
    "__self__": ("print.__self__.eval('1')", [(1, "eval")]),
    "star": ("from os import *\nsystem('x')", [(1, "all of os: os.system is forbidden"), (2, "os.system")]),
    "through another module": ("import shutil\nshutil.os.system('x')", [(2, "os.system")]),
    "through a package": ("import torch\ntorch.os.system('x')", [(2, "os.system")]),
    "from another module": ("from shutil import os as o\no.system('x')", [(2, "os.system")]),
    "posix": ("import posix\nposix.system('x')", [(2, "os.system")]),
    "_posixsubprocess": ("import _posixsubprocess", [(1, "subprocess")]),
    "asyncio's": ("import asyncio\nasyncio.subprocess.PIPE", [(2, "subprocess.PIPE")]),
    "decorator": ("@eval\nclass A: pass", [(1, "eval")]),
    "default value": ("def f(x=eval): pass", [(1, "eval")]),
    "call in a type hint": ("def f(x: eval('1')) -> None: pass", [(1, "eval")]),
    "f-string": ("import os\nf'{os.system(1)}'", [(2, "os.system")]),
    "match": ("import os\nx = [os]\nfor y in x: y.system('x')", [(3, "os.system")]),
}  # fmt: skip


@pytest.mark.parametrize("code, expected", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_is_forbidden_is_found_under_any_name(check, code, expected):
    errors, _ = check(code + "\n" + PLAYS)
    assert places(errors) == expected


INNOCENT = {
    "a model's eval": "import torch\nmodel = torch.nn.Linear(1, 1)\nmodel.eval()\ntorch.load('x').eval()\ntorch.compile(model)",
    "a method called eval": "class A:\n    def eval(self): return 1\n    def f(self): return self.eval()\nA().eval()",
    "an attribute called eval": "class A:\n    def __init__(self): self.eval = 1; self.system = self.eval\n    def f(self): return self.eval",
    "re.compile": "import re\nre.compile('x')\nfrom re import compile as c\nc('x')",
    "from re import compile": "from re import compile\ncompile('x')",
    "a data frame": "import pandas as pd\ndf = pd.DataFrame()\ndf.eval('a')\npd.eval('a')",
    "a function called system": "def system(x): return x\nsystem('x')\nclass A:\n    system = 1\nA.system",
    "a function called eval": "def eval(x): return x\neval(1)",
    "a local called eval": "def f():\n    eval = 1\n    return eval",
    "a parameter called os": "def f(os, eval):\n    eval(os.system)",
    "a loop variable called exec": "for exec in range(3):\n    print(exec)\n[compile for compile in (1, 2)]",
    "an exception's name": "try:\n    pass\nexcept ValueError as eval:\n    print(eval)",
    "strings": "x = 'import subprocess; os.system(1); eval(2)'\n'''eval('x')'''\ny = {'eval': 1}['eval']",
    "comments": "# import subprocess\nx = 1  # eval(os.system)",
    "type hints": "import os\ndef f(x: eval, y: 'subprocess.Popen' = None) -> exec: pass\nz: compile = None",
    "imports for type checkers": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import subprocess\n    from os import system\ndef f(x: subprocess.Popen): pass",
    "other members": "import os\nos.path.join('a', 'b')\nos.environ.get('x')\nfrom os import path, getcwd\nimport os.path as p\np.join('a')",
    "getattr of an object": "class A: pass\ngetattr(A(), 'system')\nname = input\ngetattr(A(), str(name))",
    "a keyword": "dict(eval=1, exec=2)\nprint(dict(compile=1)['compile'])",
    "numpy's": "import numpy as np\nnp.random.rand()\nnp.linalg.eig",
    "an own module": {"agent.py": "import system\nsystem.system()\n" + PLAYS, "system.py": "def system(): pass\n"},
    "an own member": {"agent.py": "from helper import eval\neval(1)\n" + PLAYS, "helper.py": "def eval(x): return x\n"},
    "deleted": "import os\nos = None\ndel os",
    "set": "class A: pass\nA.eval = 1\nA().exec = 2",
    "a class that evaluates": "class Evaluator:\n    def compile(self): return self\n    def exec(self): return self\nEvaluator().compile().exec()",
}  # fmt: skip


@pytest.mark.parametrize("code", INNOCENT.values(), ids=INNOCENT.keys())
def test_what_only_looks_like_it_is_left_alone(check, code):
    errors, warnings = check(code if isinstance(code, dict) else code + "\n" + PLAYS)
    assert errors == []
    assert warnings == []


def test_it_is_followed_across_the_agents_files(check):
    errors, _ = check(
        {
            "agent.py": "from helper import sp\nimport helper, pkg.tools as t\nhelper.run('x')\nt.o.system('x')\n"
            + PLAYS,
            "helper.py": "import subprocess as sp\nfrom pkg import run\n",
            "pkg/__init__.py": "from .tools import run\n",
            "pkg/tools.py": "import os as o\nrun = o.system\n",
        }
    )
    assert places(errors) == [
        (1, "subprocess"),
        (3, "os.system"),
        (4, "os.system"),
        ("helper.py", 1, "subprocess"),
        ("helper.py", 2, "os.system"),
        ("pkg/__init__.py", 1, "os.system"),
        ("pkg/tools.py", 2, "os.system"),
    ]


def test_files_that_import_each_other_are_read(check):
    files = {
        "agent.py": "from b import x\ny = x\n" + PLAYS,
        "b.py": "from agent import y\nx = y\nfrom c import *\nz\n",
        "c.py": "from b import *\nimport os\nz = x = os.system\n",
    }
    assert places(check(files)[0]) == [("b.py", 4, "os.system"), ("c.py", 3, "os.system")]


@pytest.mark.parametrize(
    "code, text",
    [
        ("import os\ngetattr(os, input())", "takes a member of os whose name is only known when it runs"),
        ("import os\nvars(os)[input()]", "takes a member of os whose name is only known when it runs"),
        (
            "import importlib\nimportlib.import_module(input())",
            "imports a module whose name is only known when it runs",
        ),
        ("import sys\nsys.modules[input()]", "takes a module whose name is only known when it runs"),
        ("x = 1\n().__class__.__base__.__subclasses__()", "uses __subclasses__, through which anything can be reached"),
    ],
)
def test_where_reading_ends_is_a_warning(check, code, text):
    errors, warnings = check(code + "\n" + PLAYS)
    assert errors == []
    assert warnings == [f"agent.py:2: {text}: whether it is forbidden cannot be read"]


def test_a_name_taken_from_a_harmless_module_is_no_warning(check):
    assert check("import torch, math\nname = input()\ngetattr(torch.nn, name)\ngetattr(math, name)\n" + PLAYS) == (
        [],
        [],
    )


@pytest.mark.parametrize(
    "entries, code, expected",
    [
        (["socket"], "import socket\nsocket.socket()", [(1, "socket"), (2, "socket.socket")]),
        (["os"], "import os.path\nfrom os import getcwd", [(1, "os.path"), (2, "os.getcwd")]),
        (["os.exec*"], "import os\nos.execv('x', [])\nos.execlp('x')\nos.exit", [(2, "os.execv"), (3, "os.execlp")]),
        (["random"], "import numpy\nnumpy.random.rand()\nimport random", [(3, "random")]),
        (["builtins.open", "input"], "open('x')\ninput()", [(1, "open"), (2, "input")]),
        (["xml.dom"], "import xml.dom.minidom as m\nimport xml.sax", [(1, "xml.dom.minidom")]),
        (["xml.dom"], "from xml import dom, sax", [(1, "xml.dom")]),
        ([" ", ""], "eval('1')", []),
    ],
)
def test_the_list_is_the_operators(check, entries, code, expected):
    errors, _ = check(code + "\n" + PLAYS, forbidden_imports=entries)
    assert places(errors) == expected


BROKEN = {
    "syntax": (b"x = 1\ndef f(:\n    pass\n", "agent.py:2: syntax error: "),
    "indentation": (b"x = 1\n  y = 2\n", "agent.py:2: syntax error: unexpected indent"),
    "return outside": (b"x = 1\n\nreturn 1\n", "agent.py:3: syntax error: 'return' outside function"),
    "NUL": (b"x = 1\ny = \0\n", "agent.py:2: there is a NUL byte; it is no text"),
    "not UTF-8": (b"x = 1\n# caf\xe9\n", "agent.py:2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "agent.py:1: there is a NUL byte"),
    "unknown encoding": (b"# coding: klingon\nx = 1\n", "agent.py:1: "),
    "bomb of parentheses": (b"x = " + b"(" * 1_000_000, "agent.py:1: "),
    "bomb of minus signs": (b"x = " + b"-" * 1_000_000 + b"1", "agent.py:1: "),
    "bomb of attributes": (b"x = a" + b".a" * 500_000, "agent.py:1: "),
    "bomb of sums": (b"x = 1" + b"+1" * 500_000, "agent.py:1: "),
    "bomb of calls": (b"x = f" + b"()" * 500_000, "agent.py:1: "),
    "bomb of blocks": (b"".join(b" " * i + b"if 1:\n" for i in range(1200)), "agent.py:"),
}


@pytest.mark.parametrize("source, text", BROKEN.values(), ids=BROKEN.keys())
def test_what_python_cannot_read_is_said_with_its_line(tmp_path, source, text):
    (tmp_path / "agent.py").write_bytes(source)
    errors, _, _ = run(tmp_path, {"memory_bytes": 1 << 30, "cpu_seconds": 20})
    assert len(errors) == 1
    assert errors[0].startswith(text)


def test_declared_encodings_are_honoured(tmp_path):
    (tmp_path / "agent.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\nimport subprocess\n" + PLAYS.encode())
    assert run(tmp_path)[0] == ["agent.py:3: imports subprocess, which is forbidden"]
    (tmp_path / "agent.py").write_bytes(b"\xef\xbb\xbfimport subprocess\n" + PLAYS.encode())
    assert run(tmp_path)[0] == ["agent.py:1: imports subprocess, which is forbidden"]


def test_nothing_is_run(tmp_path):
    marker = tmp_path / "marker"
    folder = tmp_path / "agent"
    folder.mkdir()
    write = f"open({str(marker)!r}, 'w').write('x')\n"
    for name in ("agent.py", "json.py", "sitecustomize.py", "ast.py", "__init__.py", "rl_arena_validate.py"):
        (folder / name).write_text(write + PLAYS)
    assert run(folder)[0] == []
    assert not marker.exists()
    assert sorted(os.listdir(folder)) == sorted(
        ["agent.py", "json.py", "sitecustomize.py", "ast.py", "__init__.py", "rl_arena_validate.py"]
    )


ENTRIES = {
    "function": (PLAYS, []),
    "class": ("class Agent:\n    def get_action(self, observation): return 1", []),
    "class that acts": ("class Agent:\n    def act(self, o, train=False): return 1", []),
    "class of another name": ("class Bot:\n    def predict(self, o, *rest, **k): return 1, None", []),
    "player_id": ("class Agent:\n    def __init__(self, player_id): pass\n    def act(self, o): return 1", []),
    "seat": ("class Agent:\n    def __init__(self, pid): pass\n    def act(self, o): return 1", []),
    "keyword only": ("class Agent:\n    def __init__(self, *, player_id): pass\n    def act(self, o): return 1", []),
    "anything": ("class Agent:\n    def __init__(self, **k): pass\n    def act(self, o): return 1", []),
    "library's base": ("from rl_arena.core.agent import Agent\nclass Mine(Agent):\n    def act(self, o): return 1", []),
    "library's base, replaced": ("from rl_arena.core.agent import Agent as Base\nclass Agent(Base):\n    def act(self, o): return 1", []),
    "library's base, or none": ("try:\n    from rl_arena.core.agent import Agent\nexcept ImportError:\n    Agent = object\nclass Mine(Agent):\n    def act(self, o): return 1", []),
    "library's base, and no act": ("try:\n    from rl_arena.core.agent import Agent\nexcept ImportError:\n    Agent = object\nclass Mine(Agent):\n    def ac(self, o): return 1", ["agent.py:1: it holds no agent"]),
    "a trained model": ("from stable_baselines3 import PPO\nmodel = PPO.load('m.zip')\ndef get_action(o): return model.predict(o)[0]", []),
    "create_agent": ("class A:\n    def act(self, o): return 1\ndef create_agent(): return A()", []),
    "create_agent(player_id)": ("class A:\n    def act(self, o): return 1\ndef create_agent(player_id): return A()", []),
    "create_agent of a function": ("def create_agent(): return lambda o: 1", []),
    "create_agent elsewhere": ("from mylib import create_agent", []),
    "static": ("class Agent:\n    @staticmethod\n    def act(o): return 1", []),
    "no_grad": ("import torch\nclass Agent:\n    @torch.no_grad()\n    def act(self, o): return 1", []),
    "assigned": ("def f(o): return 1\nget_action = f", []),
    "dataclass": ("from dataclasses import dataclass\n@dataclass\nclass Agent:\n    x: int\n    def act(self, o): return 1", []),
    "base and leaf": ("class Base:\n    def act(self, o): return 1\nclass Mine(Base): pass", []),
    "helper classes": ("from torch import nn\nclass Net(nn.Module):\n    def forward(self, x): return x\nclass Bot:\n    def act(self, o): return 1", []),
    "nothing": ("x = 1", ["agent.py:1: it holds no agent: looked for a function create_agent"]),
    "a slip": ("def get_actions(observation): return 1", ["agent.py:1: it holds no agent", "it defines `get_actions`: rename it to `get_action`"]),
    "a slip in a class": ("class Bot:\n    def get_acton(self, o): return 1", ["class `Bot` defines `get_acton`: rename it"]),
    "abstract": ("from abc import ABC, abstractmethod\nclass Agent(ABC):\n    @abstractmethod\n    def act(self, o): ...", ["class `Agent` (abstract: it lacks act)"]),
    "two classes": ("class A:\n    def act(self, o): return 1\nclass B:\n    def act(self, o): return 1", ["agent.py:1: which class is the agent? A, B can all play"]),
    "async": ("\nasync def get_action(o): return 1", ["agent.py:2: get_action is `async`; it has to be a plain function"]),
    "async method": ("class Agent:\n    async def act(self, o): return 1", ["agent.py:2: Agent.act is `async`"]),
    "generator": ("def get_action(o):\n    yield 1", ["agent.py:1: get_action is a generator"]),
    "no parameter": ("def get_action(): return 1", ["agent.py:1: get_action() cannot be called with one argument, the observation: it takes none"]),
    "two parameters": ("def get_action(observation, mask): return 1", ["it also requires `mask`"]),
    "keyword-only parameter": ("def get_action(observation, *, mask): return 1", ["it also requires `mask`"]),
    "no self": ("class Agent:\n    def get_action(): return 1", ["agent.py:2: Agent.get_action takes no `self`; write get_action(self, observation)"]),
    "only self": ("class Agent:\n    def get_action(self): return 1", ["agent.py:2: Agent.get_action() cannot be called with one argument"]),
    "inherited": ("class Base:\n    def act(self, o, m): return 1\nclass Agent(Base): pass", ["agent.py:2: Agent.act(o, m) cannot be called"]),
    "constructor": ("class Agent:\n    def __init__(self, size, depth): pass\n    def act(self, o): return 1", ["agent.py:2: Agent requires `size`, `depth`, which the arena does not give"]),
    "constructor with player_id": ("class Agent:\n    def __init__(self, player_id, depth): pass\n    def act(self, o): return 1", ["agent.py:2: Agent requires `depth`"]),
    "create_agent(size)": ("def create_agent(size): return lambda o: 1", ["agent.py:1: create_agent requires `size`"]),
    "create_agent forgets": ("class A:\n    def act(self, o): return 1\ndef create_agent():\n    A()", ["agent.py:3: create_agent returns nothing: did you forget `return`?"]),
    "create_agent gives a class": ("class A:\n    def act(self, o): return 1\ndef create_agent():\n    return A", ["agent.py:4: create_agent returns the class A, not an instance of it: add ()"]),
    "create_agent gives another": ("class A: pass\ndef create_agent(): return A()", ["agent.py:2: create_agent returns a A, which has none of get_action, act, predict"]),
    "async create_agent": ("async def create_agent(): return 1", ["create_agent is `async`"]),
}  # fmt: skip


@pytest.mark.parametrize("code, expected", ENTRIES.values(), ids=ENTRIES.keys())
def test_what_plays_is_found_as_the_host_finds_it(check, code, expected):
    errors, _ = check(code + "\n")
    assert bool(errors) == bool(expected)
    for text in expected:
        assert text in errors[0]
    assert len(errors) <= 1


def test_what_the_host_accepts_is_accepted_and_what_it_refuses_is_refused(check):
    """Every agent of the host's own tests, of which some cannot be judged without running them."""
    from test_loading import PLAYERS

    for name, (code, _) in PLAYERS.items():
        assert check(code)[0] == [], name


@pytest.mark.parametrize(
    "files, text",
    [
        ({"a.py": PLAYS, "b.py": PLAYS}, "which file is the agent? There are a.py, b.py: name one of them agent.py"),
        ({"readme.txt": ""}, "there is no .py file; the agent's file is called agent.py"),
        ({"src/agent.py": PLAYS}, "there is no .py file at the top, only deeper ones such as src/agent.py"),
    ],
)
def test_the_agents_file_is_named_as_the_host_needs_it(check, files, text):
    assert check(files)[0][0].startswith(text)


@pytest.mark.parametrize(
    "names, chosen",
    [
        (["agent.py", "main.py", "x.py"], "agent.py"),
        (["main.py", "x.py"], "main.py"),
        (["__init__.py", "x.py"], "x.py"),
    ],
)
def test_the_same_file_is_chosen_as_by_the_host(check, names, chosen):
    errors, _ = check({name: "" if name == chosen else PLAYS for name in names})
    assert errors[0].startswith(f"{chosen}:1: it holds no agent")


RETURNS = [
    ("return 'up'", "'up'"),
    ("return 7", "7"),
    ("return -1", "-1"),
    ("return", "None"),
    ("return None", "None"),
    ("return 1.5", "1.5"),
    ("x = 3\n    return x", "3"),
    ("return 1 if observation else 'no'", "'no'"),
    ("return 2", None),
    ("return True", None),
    ("return 1.0", None),
    ("return [1]", None),
    ("return int(observation[0])", None),
    ("raise NotImplementedError", None),
    ("...", None),
]


@pytest.mark.parametrize("body, shown", RETURNS)
def test_what_is_evidently_no_action_is_a_warning(check, body, shown):
    code = f"class Agent:\n    def get_action(self, observation):\n        {body}\n".replace(
        "\n    return", "\n        return"
    )
    errors, warnings = check(code, action_space=DISCRETE, environment="pong")
    assert errors == []
    if shown is None:
        assert warnings == []
    else:
        line = 2 + len(body.splitlines())
        assert warnings == [
            f"agent.py:{line}: Agent.get_action returns {shown}; an action of pong is one integer in 0…2"
        ]


def test_a_function_without_return_is_a_warning(check):
    warnings = check("def get_action(o):\n    print(o)\n", action_space=DISCRETE)[1]
    assert warnings == ["agent.py:1: get_action returns nothing; an action is one integer in 0…2"]


def test_files_are_held_to_the_rules(check, tmp_path):
    files = {
        "agent.py": PLAYS,
        "long.py": "x = 1\n" * 11,
        "big.json": "0" * 600,
        "lib.so": "",
        "LICENSE": "",
        "A.TXT": "",
    }
    errors, _ = check(
        {**files, "__pycache__/x.pyc": "", ".git/config": ""},
        allowed_extensions=[".py", ".json", ".txt", "LICENSE"],
        max_lines=10,
        max_file_bytes=500,
    )
    assert errors == [
        "big.json: it has 600 bytes; at most 500 bytes are allowed",
        "lib.so: files of this kind are not accepted; allowed are .py, .json, .txt, LICENSE",
        "long.py:11: it has 11 lines; at most 10 are allowed",
    ]
    assert "the agent has 708 bytes; at most 700 bytes are allowed" in check({}, max_total_bytes=700)[0]
    assert "the agent has more than 2 files" in check({}, max_files=2)[0]


def test_links_and_pipes_are_refused(tmp_path):
    (tmp_path / "agent.py").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "notes.txt").write_text("")
    errors, _, _ = run(tmp_path)
    assert errors[:3] == [
        "there is no .py file; the agent's file is called agent.py",
        "agent.py: it is a symbolic link; put the file itself there",
        "folder: it is a symbolic link; put the files themselves there",
    ]
    assert "pipe.txt: it is neither a file nor a folder" in errors


def test_requirements_are_looked_at(write_agent):
    folder = write_agent(PLAYS)
    assert run(folder)[1] == [
        "there is no requirements.txt; without one, only the standard library is certain to be there"
    ]
    (folder / "requirements.txt").write_text("numpy==2.0\n# torch\n\ntorch>=2\n-r x\ngym @ file:x\nscipy  # y\n")
    assert run(folder)[1] == [
        "requirements.txt:4: torch has no fixed version; write torch==VERSION",
        "requirements.txt:7: scipy has no fixed version; write scipy==VERSION",
    ]
    (folder / "requirements.txt").write_bytes(b"\xff\xfe\0")
    assert run(folder)[1] == ["requirements.txt: it is not a text in UTF-8"]


def test_findings_are_bounded_and_once_per_line(check):
    errors, _ = check("import os\n" + "os.system(1); os.system(2)\n" * 30 + PLAYS, max_findings=10)
    assert len(errors) == 11
    assert errors[0] == "agent.py:2: uses os.system, which is forbidden"
    assert errors[10] == "and 20 more"


def test_names_cannot_forge_lines(tmp_path):
    (tmp_path / "a\nerrors: none\x1b[2J.py").write_text("eval(1)\n" + PLAYS)
    errors, _, _ = run(tmp_path)
    assert errors == ["a\\x0aerrors: none\\x1b[2J.py:1: uses eval, which is forbidden"]


def test_one_file_of_any_name_may_be_given(write_agent):
    folder = write_agent({"my-bot 2.py": "eval(1)\n" + PLAYS, "other.py": "exec(1)"})
    errors, _, reading = run(folder / "my-bot 2.py")
    assert errors == ["my-bot 2.py:1: uses eval, which is forbidden"]
    assert set(reading) == {"my-bot 2.py"}


def test_a_tangle_ends_in_time(check):
    tangle = "\n".join(
        f"def f{i}(x=None):\n    return f{(i + 1) % 300}(f{(i * 7) % 300}) or f{(i * 3) % 300}(x)" for i in range(300)
    )
    assert check(tangle + "\n" + PLAYS)[0] == []
    doubling = "a0 = ['x']\n" + "".join(f"a{i + 1} = (a{i} + a{i}) or [a{i}, a{i}][0]\n" for i in range(400))
    assert check(doubling + PLAYS)[0] == []


def test_constants_are_not_blown_up(check):
    code = "import os\nx = 'a' * 10**9\ny = '%1000000000d' % 1\nz = '{:>999999999}'.format(1)\nw = 'a'.replace('a', 'b' * 4000) * 4000\n"
    code += "v = x\n" + "v = v + v\n" * 60 + "n = 7\n" + "n = n * n * 10**4000\n" * 5 + "getattr(os, v)\n"
    errors, warnings = check(code + PLAYS)
    assert errors == []
    assert [w.split(": ")[1] for w in warnings] == ["takes a member of os whose name is only known when it runs"]


def test_a_person_can_use_it(write_agent):
    folder = write_agent("eval(1)\n" + PLAYS)
    done = subprocess.run([sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "error: agent.py:1: uses eval, which is forbidden"
    assert done.stdout.splitlines()[1].startswith("warning: there is no requirements.txt")
    (folder / "agent.py").write_text(PLAYS)
    assert subprocess.run([sys.executable, str(SCRIPT), str(folder)], stdout=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["/nowhere"], "there is no folder and no file /nowhere"),
        ([".", "--rules", "{"], "Expecting"),
        ([".", "--rules", "[]"], "no object"),
        ([".", "--rules", '{"max_line": 1}'], "unknown rule 'max_line'"),
        ([".", "--rules", '{"_x": 1}'], "unknown rule '_x'"),
        ([".", "--rules", '{"max_lines": "1"}'], "'max_lines' has a value of the wrong type"),
        ([".", "--rules", '{"forbidden_imports": [1]}'], "'forbidden_imports' has a value of the wrong type"),
    ],
)
def test_wrong_arguments_are_explained(tmp_path, arguments, text):
    done = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert text in done.stderr


def test_memory_and_time_are_limited(tmp_path):
    (tmp_path / "agent.py").write_text("x = [" + "a," * 4_000_000 + "]\n" + PLAYS)
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(tmp_path), "--rules"]
    done = subprocess.run([*command, json.dumps({"memory_bytes": 400 << 20})], capture_output=True, text=True)
    assert done.returncode == 75 or "too large" in done.stdout
    done = subprocess.run([*command, json.dumps({"cpu_seconds": 1})], capture_output=True, text=True)
    assert done.returncode == -24  # SIGXCPU
    assert done.stdout.splitlines()[-1] == '{"reading": "agent.py"}'
