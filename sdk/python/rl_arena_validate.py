"""Reads an agent's files as RL Arena does when they are uploaded, without running any of them.

    python3 rl_arena_validate.py PATH [--environment NAME | --rules JSON]

Prints what would keep the agent from being accepted (errors) and what its author may want to know (warnings), each with
file and line, and ends with status 0 if there are no errors, 1 if there are, 2 if the command is wrong.

PATH is the agent's folder, or its one ``.py`` file. ``--rules`` takes a JSON object with the members of :class:`Rules`,
and the answer then is a JSON object with ``errors``, ``warnings`` and ``python``, and status 0, or status 75 where the
files need more memory than the rules allow. Lines before the answer are ``{"reading": FILE}``: if this process is
killed, the last of them tells over which file.

What it can find is what can be read off the text: names and their aliases, constant strings, what is imported from
where, across the agent's files. It is a courtesy to authors, not the wall: that is the sandbox.

One file, standard library only, Python 3.8 and later.
"""

from __future__ import annotations

import ast
import base64
import builtins
import codecs
import difflib
import fnmatch
import io
import json
import os
import re
import resource
import sys
import threading
import tokenize
import warnings
from typing import (
    Any,
    Dict,
    FrozenSet,
    Iterable,
    List,
    NamedTuple,
    NoReturn,
    Optional,
    Sequence,
    Set,
    Tuple,
    Union,
)

__all__ = ["Report", "Rules", "main", "validate"]

MIB = 1024 * 1024

STACK_BYTES = 256 * MIB
"""Of the thread that reads: deeply nested source recurses deeply, in C and in Python."""
RECURSION_LIMIT = 12_000
EVALUATION_BUDGET = 1_000_000
"""Expressions that are looked at for one file before the rest of it counts as too long to read."""
ROUNDS = 2
"""How often all is read before it is judged: each finds more of what goes round in circles and through calls."""
MAX_VALUES = 32
"""Values that one expression is followed for."""
MAX_CONSTANT = 4096
"""Characters of a constant that is put together from parts."""
MAX_MESSAGE = 500

EXIT_OUT_OF_MEMORY = 75

SKIPPED_FOLDERS = frozenset(
    [
        "__pycache__",
        "__MACOSX",
        ".git",
        ".hg",
        ".svn",
        ".venv",
        ".idea",
        ".vscode",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
    ]
)
"""Left beside people's files by their tools, and no part of an agent."""

PLAYING_METHODS = ("get_action", "act", "predict")
SEAT_NAMES = ("player", "player_index", "player_idx", "player_number", "pid", "seat", "agent_id")
"""What a factory's one required argument may be called, besides ``player_id``: as in rl_arena_agent.py."""


class Rules:
    """What an agent may be, with the executor's defaults."""

    forbidden_imports: Sequence[str] = ("os.system", "subprocess", "eval", "exec", "compile", "__import__")
    """Modules (``subprocess``), members of modules (``os.system``, ``os.exec*``) and built-in functions (``eval``)."""
    allowed_extensions: Sequence[str] = (
        *(
            ".py",
            ".txt",
            ".json",
            ".npy",
            ".npz",
            ".pt",
            ".pth",
            ".onnx",
            ".safetensors",
            ".pkl",
            ".zip",
            ".csv",
            ".yaml",
        ),
        *(".yml", ".toml", ".md", ".gitignore", "LICENSE"),
    )
    """Ends of file names, and whole names of files that have no extension."""
    max_lines: int = 5000
    """Of one ``.py`` file."""
    max_file_bytes: int = 10 * MIB
    max_total_bytes: int = 50 * MIB
    max_files: int = 1000
    environment: str = ""
    """The game the agent is for, for messages."""
    action_space: Optional[Dict[str, Any]] = None
    """What it accepts as an action, as docs/PROTOCOL.md describes spaces; None if that is not known."""
    max_findings: int = 100
    """Errors that are listed, and warnings."""
    memory_bytes: int = 0
    """Of this process; 0 for no limit."""
    cpu_seconds: int = 0
    """Of this process; 0 for no limit."""

    def __init__(self, members: Optional[Dict[str, Any]] = None) -> None:
        """Takes rules from a JSON object; raises ``ValueError`` about an unknown member or a wrong type."""
        for name, value in (members or {}).items():
            default = getattr(Rules, name, None)
            if name.startswith("_") or not hasattr(Rules, name):
                raise ValueError(f"unknown rule {name!r}")
            if isinstance(default, tuple):
                right = isinstance(value, list) and all(isinstance(item, str) for item in value)
            elif name == "action_space":
                right = value is None or isinstance(value, dict)
            else:
                right = type(value) is type(default)
            if not right:
                raise ValueError(f"the rule {name!r} has a value of the wrong type")
            setattr(self, name, value)


class Report:
    """What was found, each finding once per file, line and text."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._errors: Set[Tuple[str, int, str]] = set()
        self._warnings: Set[Tuple[str, int, str]] = set()

    def error(self, file: str, line: int, text: str) -> None:
        """Notes what keeps the agent from being accepted; line 0 is for the whole file, an empty file for the agent."""
        self._errors.add((file, line, text))

    def warning(self, file: str, line: int, text: str) -> None:
        """Notes what the author may want to know."""
        self._warnings.add((file, line, text))

    @property
    def errors(self) -> List[str]:
        """All errors as sentences, sorted by file and line."""
        return self._sentences(self._errors)

    @property
    def warnings(self) -> List[str]:
        """All warnings as sentences, sorted by file and line."""
        return self._sentences(self._warnings)

    def _sentences(self, findings: Set[Tuple[str, int, str]]) -> List[str]:
        ordered = sorted(findings)
        sentences = []
        for file, line, text in ordered[: self._limit]:
            place = f"{printable(file, 200)}:{line}: " if line else f"{printable(file, 200)}: " if file else ""
            sentences.append(place + printable(text, MAX_MESSAGE))
        if len(ordered) > self._limit:
            sentences.append(f"and {len(ordered) - self._limit} more")
        return sentences


def printable(text: str, limit: int) -> str:
    """Returns ``text`` on one line, without anything that a terminal or a log would act on."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


# ----------------------------------------------------------------------------------------------------------------------
# Files
# ----------------------------------------------------------------------------------------------------------------------


def list_files(root: str, rules: Rules, report: Report) -> List[str]:
    """Returns the paths of all files under ``root``, with ``/``, and reports what must not be there."""
    found: List[str] = []
    total = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        relative = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if relative == "." else relative + "/"
        for name in folders:
            if os.path.islink(os.path.join(folder, name)):
                report.error(prefix + name, 0, "it is a symbolic link; put the files themselves there")
        for name in sorted(names):
            path = prefix + name
            full = os.path.join(folder, name)
            if name == ".DS_Store" or name.startswith("._"):
                continue
            if os.path.islink(full):
                report.error(path, 0, "it is a symbolic link; put the file itself there")
                continue
            if not os.path.isfile(full):
                report.error(path, 0, "it is neither a file nor a folder")
                continue
            size = os.path.getsize(full)
            total += size
            found.append(path)
            if size > rules.max_file_bytes:
                report.error(path, 0, f"it has {mib(size)}; at most {mib(rules.max_file_bytes)} are allowed")
            if not has_allowed_name(name, rules):
                allowed = ", ".join(rules.allowed_extensions)
                report.error(path, 0, f"files of this kind are not accepted; allowed are {allowed}")
            if len(found) > rules.max_files:
                report.error("", 0, f"the agent has more than {rules.max_files} files")
                return found[:-1]
    if total > rules.max_total_bytes:
        report.error("", 0, f"the agent has {mib(total)}; at most {mib(rules.max_total_bytes)} are allowed")
    return found


def mib(size: int) -> str:
    """Returns a size for people."""
    return f"{size / MIB:.1f} MiB".replace(".0 MiB", " MiB") if size >= MIB // 10 else f"{size} bytes"


def has_allowed_name(name: str, rules: Rules) -> bool:
    """Tells whether a file of this name is accepted."""
    lowered = name.lower()
    return any(
        lowered.endswith(allowed.lower()) if allowed.startswith(".") else lowered == allowed.lower()
        for allowed in rules.allowed_extensions
    )


def read_requirements(root: str, files: Sequence[str], report: Report) -> None:
    """Warns about a requirements.txt that is missing, or that leaves versions open."""
    if "requirements.txt" not in files:
        report.warning(
            "", 0, "there is no requirements.txt; without one, only the standard library is certain to be there"
        )
        return
    try:
        with open(os.path.join(root, "requirements.txt"), encoding="utf-8-sig") as file:
            lines = file.read(MIB).splitlines()
    except (OSError, UnicodeDecodeError):
        report.warning("requirements.txt", 0, "it is not a text in UTF-8")
        return
    for number, line in enumerate(lines, 1):
        requirement = line.split("#")[0].strip()
        if requirement and not requirement.startswith("-") and not re.search(r"==|===|@|~=", requirement):
            name = re.split(r"[\s<>=!;\[]", requirement)[0]
            report.warning("requirements.txt", number, f"{name} has no fixed version; write {name}==VERSION")


# ----------------------------------------------------------------------------------------------------------------------
# Source
# ----------------------------------------------------------------------------------------------------------------------


def parse(path: str, data: bytes, report: Report) -> Optional[ast.Module]:
    """Parses one file and reports what keeps Python from reading it; returns None then."""
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        report.error(path, line, "there is a NUL byte; it is no text")
        return None
    version = ".".join(str(part) for part in sys.version_info[:2])
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if encoding in ("utf-8", "utf-8-sig"):
            data.decode(encoding)
        tree = ast.parse(data, path)
        compile(tree, path, "exec", dont_inherit=True)  # code is made, and thrown away: some errors are found only so
        return tree
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        report.error(path, line, f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8")
    except SyntaxError as error:
        text = f"syntax error: {error.msg} (read by Python {version})"
        report.error(path, max(1, error.lineno or 1), text)
    except (RecursionError, MemoryError):
        report.error(path, 1, "it is nested too deeply, or too large, for Python to read it")
    except (ValueError, LookupError, OverflowError) as error:
        report.error(path, 1, f"Python cannot read it: {error}")
    return None


class Value(NamedTuple):
    """What an expression may stand for, as far as it can be read.

    ``kind`` and ``data`` are one of: ``ref`` and the dotted name of something outside the agent's files; ``const`` and
    a constant; ``own`` and one of its modules; ``func``, ``class``, ``instance``, ``method`` and a scope; ``items`` and
    a display with its scope; ``names`` and the value whose members a dictionary holds; ``getter`` and ``lookup`` and
    the value that a call takes a member of; ``bound`` and a constant with a method's name; ``attrgetter`` and
    ``methodcaller`` and the member's name; ``unknown``.
    """

    kind: str
    data: Any = None


Values = FrozenSet[Value]
NOTHING: Values = frozenset()
UNKNOWN = Value("unknown")
UNKNOWN_ONLY: Values = frozenset([UNKNOWN])
Constant = (str, bytes, int, float, bool, type(None))


def ref(name: str) -> Values:
    """Returns the value of something outside the agent's files."""
    return frozenset([Value("ref", name)])


def const(value: Any) -> Values:
    """Returns the value of a constant, unless it is too large to be followed."""
    if isinstance(value, (str, bytes)) and len(value) > MAX_CONSTANT:
        return UNKNOWN_ONLY
    if isinstance(value, int) and value.bit_length() > 4096:
        return UNKNOWN_ONLY
    return frozenset([Value("const", Literal(value))])


class Literal:
    """A constant that differs from its equals of another type: 1 is not True here."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and type(self.value) is type(other.value) and bool(self.value == other.value)

    def __hash__(self) -> int:
        return hash(self.value)


class Binding(NamedTuple):
    """One way in which a name gets a value, such as by assignment (``value``) or in a loop (``element``)."""

    kind: str
    node: Any
    scope: Any
    extra: Any = None


FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """The names of a module, a class, a function or a comprehension."""

    def __init__(self, kind: str, node: Any, parent: Optional[Scope], module: Module) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.module = module
        self.names: Dict[str, List[Binding]] = {}
        self.outer: Dict[str, str] = {}
        """Names that a ``global`` or ``nonlocal`` statement takes from elsewhere."""
        self.stars: List[str] = []
        self.instance: Dict[str, List[Binding]] = {}
        """Of a class: what its methods set on ``self``."""
        self.returns: List[Optional[ast.expr]] = []
        self.return_lines: List[int] = []
        self.yields = False
        self.raises = False
        self.arguments: Dict[str, List[Tuple[ast.expr, Scope]]] = {}
        """Of a function: what its callers pass, by parameter."""

    @property
    def name(self) -> str:
        """The name of the class or function."""
        return str(getattr(self.node, "name", "lambda"))

    def bind(self, name: str, binding: Binding) -> None:
        """Adds one way in which ``name`` gets a value."""
        target: Optional[Scope] = self
        if self.outer.get(name) == "global":
            target = self.module.scope
        elif self.outer.get(name) == "nonlocal":
            target = self.parent
            while target is not None and (target.kind != "function" or name not in target.names):
                target = target.parent
        (target or self).names.setdefault(name, []).append(binding)


class Module:
    """One ``.py`` file of the agent."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        parts = path[: -len(".py")].split("/")
        self.is_package = parts[-1] == "__init__"
        if self.is_package and len(parts) > 1:
            parts = parts[:-1]
        self.name = ".".join(parts)
        self.tree = tree
        self.scope = Scope("module", tree, None, self)
        self.scopes: Dict[ast.AST, Scope] = {tree: self.scope}
        self.expressions: List[Tuple[ast.expr, Scope]] = []
        """What is looked at, each before its parts."""
        self.imports: List[Tuple[Union[ast.Import, ast.ImportFrom], Scope]] = []
        Binder(self).body(tree.body, self.scope)

    def absolute(self, node: ast.ImportFrom) -> str:
        """Returns the module that ``from`` names, without leading dots."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        kept = parts[: len(parts) - node.level + (1 if self.is_package else 0)]
        return ".".join(kept + ([node.module] if node.module else []))


class Binder:
    """Collects a module's scopes, and in each the ways in which its names get their values."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def body(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Reads the statements of one scope."""
        self._declare(statements, scope)
        for statement in statements:
            self.visit(statement, scope)

    def _declare(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Finds ``global`` and ``nonlocal`` first: they hold for the whole scope, wherever they stand in it."""
        pending: List[ast.AST] = list(statements)
        while pending:
            node = pending.pop()
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                kind = "global" if isinstance(node, ast.Global) else "nonlocal"
                scope.outer.update((name, kind) for name in node.names)
            elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.expr)):
                pending.extend(ast.iter_child_nodes(node))

    def visit(self, node: ast.AST, scope: Scope) -> None:
        """Reads one node and its parts."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in node.decorator_list:
                self.visit(part, scope)
            self._function(node, scope)
        elif isinstance(node, ast.Lambda):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, scope)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, scope)
        elif isinstance(node, ast.If) and is_type_checking(node.test):
            for statement in node.orelse:
                self.visit(statement, scope)
            self._bind_only(node.body, scope)
        else:
            self._bindings(node, scope)
            self._parts(node, scope)

    def _parts(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)) and is_read(node):
            self.module.expressions.append((node, scope))
        for field, part in ast.iter_fields(node):
            if field == "annotation":
                self._annotation(part, scope)
            elif isinstance(part, ast.AST):
                self.visit(part, scope)
            elif isinstance(part, list):
                for item in part:
                    if isinstance(item, ast.AST):
                        self.visit(item, scope)

    def _annotation(self, node: Optional[ast.AST], scope: Scope) -> None:
        """Reads a type hint: its names do nothing, but calls in it do."""
        if node is not None and any(isinstance(part, ast.Call) for part in ast.walk(node)):
            self.visit(node, scope)

    def _bind_only(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        """Reads imports that only a type checker sees: their names are known, and nothing is imported."""
        for statement in statements:
            for node in ast.walk(statement):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    for alias in node.names:
                        scope.bind((alias.asname or alias.name).split(".")[0], Binding("known", UNKNOWN_ONLY, scope))

    def _bindings(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value, scope)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            where = scope
            while isinstance(node, ast.NamedExpr) and where.kind == "comprehension" and where.parent is not None:
                where = where.parent
            self._assign(node.target, node.value, where, scope)
        elif isinstance(node, ast.AugAssign):
            left = ast.copy_location(as_read(node.target), node.target)
            total = ast.copy_location(ast.BinOp(left=left, op=node.op, right=node.value), node)
            self._assign(node.target, total, scope)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self._assign_element(node.target, node.iter, scope)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    self._assign(item.optional_vars, None, scope)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            scope.bind(node.name, Binding("known", UNKNOWN_ONLY, scope))
        elif type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):  # Python 3.10
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if name:
                scope.bind(name, Binding("known", UNKNOWN_ONLY, scope))
        elif isinstance(node, ast.Return):
            scope.returns.append(node.value)
            scope.return_lines.append(node.lineno)
        elif isinstance(node, (ast.Yield, ast.YieldFrom)):
            scope.yields = True
        elif isinstance(node, ast.Raise):
            scope.raises = True

    def _assign(
        self, target: ast.expr, value: Optional[ast.expr], scope: Scope, value_scope: Optional[Scope] = None
    ) -> None:
        value_scope = value_scope or scope
        bound = Binding("known", UNKNOWN_ONLY, scope) if value is None else Binding("value", value, value_scope)
        if isinstance(target, ast.Name):
            scope.bind(target.id, bound)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, None, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, part in enumerate(target.elts):
                if value is None or any(isinstance(p, ast.Starred) for p in target.elts):
                    self._assign(part, None, scope)
                elif isinstance(part, ast.Name):
                    scope.bind(part.id, Binding("item", value, value_scope, index))
                elif isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                    self._assign(part, value.elts[index], scope, value_scope)
                else:
                    self._assign(part, None, scope)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and scope.kind == "function":
            owner = scope.parent
            if owner is not None and owner.kind == "class" and target.value.id == first_parameter(scope.node):
                owner.instance.setdefault(target.attr, []).append(bound)

    def _assign_element(
        self, target: ast.expr, value: ast.expr, scope: Scope, value_scope: Optional[Scope] = None
    ) -> None:
        if isinstance(target, ast.Name):
            scope.bind(target.id, Binding("element", value, value_scope or scope))
        else:
            self._assign(target, None, scope)

    def _function(self, node: FunctionNode, scope: Scope) -> None:
        inner = Scope("function", node, scope, self.module)
        self.module.scopes[node] = inner
        if not isinstance(node, ast.Lambda):
            scope.bind(node.name, Binding("known", frozenset([Value("func", inner)]), scope))
            self._annotation(node.returns, scope)
        arguments = node.args
        positional = list(getattr(arguments, "posonlyargs", [])) + arguments.args
        defaults: List[Optional[ast.expr]] = [None] * (len(positional) - len(arguments.defaults))
        defaults += arguments.defaults
        for parameter, default in list(zip(positional, defaults)) + list(
            zip(arguments.kwonlyargs, arguments.kw_defaults)
        ):
            self._annotation(parameter.annotation, scope)
            inner.bind(parameter.arg, Binding("param", default, scope, (inner, parameter.arg)))
            if default is not None:
                self.visit(default, scope)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                self._annotation(rest.annotation, scope)
                inner.bind(rest.arg, Binding("known", UNKNOWN_ONLY, scope))
        if scope.kind == "class" and positional and not isinstance(node, ast.Lambda):
            kinds = {part.id for part in node.decorator_list if isinstance(part, ast.Name)}
            if not kinds:
                owner = frozenset([Value("instance", scope)])
                inner.names[positional[0].arg] = [Binding("known", owner, scope)]
        if isinstance(node, ast.Lambda):
            inner.returns.append(node.body)
            inner.return_lines.append(node.lineno)
            self.visit(node.body, inner)
        else:
            self.body(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope("class", node, scope, self.module)
        self.module.scopes[node] = inner
        scope.bind(node.name, Binding("known", frozenset([Value("class", inner)]), scope))
        for part in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(part, scope)
        self.body(node.body, inner)

    def _comprehension(self, node: Any, scope: Scope) -> None:
        inner = Scope("comprehension", node, scope, self.module)
        self.module.scopes[node] = inner
        for index, generator in enumerate(node.generators):
            where = scope if index == 0 else inner
            self.visit(generator.iter, where)
            self._assign_element(generator.target, generator.iter, inner, where)
            for condition in generator.ifs:
                self.visit(condition, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.visit(part, inner)

    def _import(self, node: Union[ast.Import, ast.ImportFrom], scope: Scope) -> None:
        self.module.imports.append((node, scope))
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.name if alias.asname else alias.name.split(".")[0]
                scope.bind(alias.asname or bound, Binding("module", bound, scope))
            return
        origin = self.module.absolute(node)
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(origin)
            else:
                scope.bind(alias.asname or alias.name, Binding("member", origin, scope, alias.name))


def is_read(node: ast.AST) -> bool:
    """Tells whether an expression's value is used, rather than set or deleted."""
    return isinstance(getattr(node, "ctx", None), ast.Load) or isinstance(node, ast.Call)


def as_read(target: ast.expr) -> ast.expr:
    """Returns the expression that reads what ``target`` sets."""
    if isinstance(target, ast.Name):
        return ast.Name(id=target.id, ctx=ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(value=target.value, attr=target.attr, ctx=ast.Load())
    return ast.Constant(value=None)


def first_parameter(node: Any) -> Optional[str]:
    """Returns the name of a function's first parameter."""
    arguments = node.args
    positional = list(getattr(arguments, "posonlyargs", [])) + arguments.args
    return positional[0].arg if positional else None


def is_type_checking(test: ast.expr) -> bool:
    """Tells whether a condition is ``TYPE_CHECKING``."""
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


# ----------------------------------------------------------------------------------------------------------------------
# What expressions stand for
# ----------------------------------------------------------------------------------------------------------------------

BUILTINS = frozenset(dir(builtins))
SAME_MODULES = {"posix": "os", "nt": "os", "_posixsubprocess": "subprocess", "__builtin__": "builtins", "_io": "io"}
"""Modules in which others are made."""
CARRIED_MODULES = frozenset(["os", "sys", "builtins", "subprocess", "importlib"])
"""Modules that many others hold as a member: ``shutil.os`` is ``os``."""
SAFE_METHODS = frozenset(
    [
        "join",
        "replace",
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "format",
        "decode",
        "encode",
        "title",
        "swapcase",
        "capitalize",
        "removeprefix",
        "removesuffix",
    ]
)
SAFE_CODECS = frozenset(["rot13", "rot_13", "hex", "utf-8", "utf8", "ascii", "latin-1", "latin1"])
IMPORTERS = frozenset(
    [
        "builtins.__import__",
        "importlib.import_module",
        "importlib.__import__",
        "importlib.reload",
        "imp.load_module",
        "imp.load_source",
        "pkgutil.resolve_name",
        "importlib.machinery.SourceFileLoader",
        "runpy.run_path",
        "runpy.run_module",
    ]
)
TRAPDOORS = frozenset(
    ["__subclasses__", "__globals__", "__code__", "__closure__", "f_globals", "f_builtins", "gi_frame"]
)
"""Attributes through which everything can be reached from anything."""


def stdlib_names() -> FrozenSet[str]:
    """Returns the names of the standard library's modules."""
    known = getattr(sys, "stdlib_module_names", None)  # Python 3.10
    if known is not None:
        return frozenset(known)
    folder = os.path.dirname(os.__file__)
    return frozenset(name.split(".")[0] for name in os.listdir(folder)) | frozenset(sys.builtin_module_names)


STDLIB = stdlib_names()


class Forbidden:
    """The list of what must not be used, by dotted name."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._exact: Dict[str, str] = {}
        self._patterns: List[Tuple[int, str, str]] = []
        self.heads: Set[str] = set()
        for entry in entries:
            name = entry.strip()
            if not name:
                continue
            dotted = f"builtins.{name}" if "." not in name and name in BUILTINS else name
            self.heads.add(dotted.split(".")[0])
            if "*" in dotted:
                self._patterns.append((dotted.count(".") + 1, dotted, name))
            else:
                self._exact[dotted] = name

    def match(self, dotted: str) -> Optional[str]:
        """Returns the entry that forbids ``dotted`` or something that it is a part of."""
        parts = dotted.split(".")
        for count in range(1, len(parts) + 1):
            entry = self._exact.get(".".join(parts[:count]))
            if entry is not None:
                return entry
        for count, pattern, entry in self._patterns:
            if len(parts) >= count and fnmatch.fnmatchcase(".".join(parts[:count]), pattern):
                return entry
        return None

    def inside(self, module: str) -> List[str]:
        """Returns the entries that forbid members of ``module``."""
        prefix = module + "."
        names = [entry for dotted, entry in self._exact.items() if dotted.startswith(prefix)]
        return sorted(names + [entry for _, dotted, entry in self._patterns if dotted.startswith(prefix)])


class Evaluator:
    """Says what expressions stand for, as far as that can be read."""

    def __init__(self, modules: Sequence[Module], forbidden: Forbidden) -> None:
        self.forbidden = forbidden
        self.modules = {module.name: module for module in modules}
        self._packages = {module.name[:i] for module in modules for i, c in enumerate(module.name) if c == "."}
        self._carried = CARRIED_MODULES | forbidden.heads
        self._memo: Dict[ast.AST, Values] = {}
        self._active: Set[Any] = set()
        self._gathered: Dict[int, Tuple[Any, Values]] = {}
        """What names and functions stand for, by identity, as far as it is known in this round."""
        self._previous: Dict[int, Tuple[Any, Values]] = {}
        """The same of the round before, with which circles begin."""
        self.dynamic: Dict[ast.AST, str] = {}
        """Calls and subscripts that cannot be resolved, and what they may hide."""
        self.steps = 0

    def restart(self) -> None:
        """Begins another round, which knows what this one has found out about circles and about functions' callers."""
        self._previous = self._gathered
        self._gathered = {}
        self._memo.clear()
        self.dynamic.clear()
        self.steps = 0

    def is_own(self, name: str) -> bool:
        """Tells whether ``name`` is a module or a folder of the agent."""
        return name in self.modules or name in self._packages

    def values(self, node: ast.expr, scope: Scope) -> Values:
        """Returns what ``node`` may stand for; nothing while that is just being found out."""
        known = self._memo.get(node)
        if known is not None:
            return known
        if node in self._active:
            return NOTHING
        self.steps += 1
        if self.steps > EVALUATION_BUDGET:
            return UNKNOWN_ONLY
        self._active.add(node)
        try:
            result = few(self._evaluate(node, scope))
        finally:
            self._active.discard(node)
        self._memo[node] = result
        return result

    def _gather(self, owner: Any, parts: Iterable[Any], read: Any) -> Values:
        """Returns what all parts of ``owner`` may stand for; in a circle, what is known of it so far."""
        key = id(owner)
        known = self._gathered.get(key)
        if known is not None:
            return known[1]
        result: Values = self._previous.get(key, (None, NOTHING))[1]
        for part in parts:
            self._gathered[key] = (owner, result)  # with its owner, whose identity must stay its own
            result = few(result | read(part))
        self._gathered[key] = (owner, result)
        return result

    def _evaluate(self, node: ast.expr, scope: Scope) -> Values:
        if isinstance(node, ast.Constant):
            return const(node.value) if isinstance(node.value, Constant) else UNKNOWN_ONLY
        if isinstance(node, ast.Name):
            return self.lookup(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self._each(self.values(node.value, scope), lambda v: self.attribute(v, node.attr, scope))
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        if isinstance(node, ast.BinOp):
            return self._combine([self.values(node.left, scope), self.values(node.right, scope)], binary(node.op))
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, scope)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            return frozenset([Value("items", (node, scope))])
        if isinstance(node, ast.IfExp):
            return self.values(node.body, scope) | self.values(node.orelse, scope)
        if isinstance(node, ast.BoolOp):
            return self._union(self.values(part, scope) for part in node.values)
        if isinstance(node, ast.NamedExpr):
            return self.values(node.value, scope)
        if isinstance(node, ast.Lambda):
            return frozenset([Value("func", scope.module.scopes[node])])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._combine(
                [self.values(node.operand, scope)], lambda v: -v if isinstance(v, (int, float)) else None
            )
        return UNKNOWN_ONLY

    @staticmethod
    def _union(values: Iterable[Values]) -> Values:
        result: Set[Value] = set()
        for part in values:
            result |= part
        return frozenset(result)

    def _each(self, values: Values, change: Any) -> Values:
        return self._union(change(value) for value in values)

    def _combine(self, parts: Sequence[Values], fold: Any) -> Values:
        """Folds constants: every combination of them, as long as there are few."""
        rows: List[List[Any]] = [[]]
        is_known = True
        for part in parts:
            constants = sorted((v.data.value for v in part if v.kind == "const"), key=repr)
            is_known = is_known and len(constants) == len(part)
            rows = [[*row, value] for row in rows for value in constants][:MAX_VALUES]
        result: Set[Value] = set() if is_known else {UNKNOWN}
        for row in rows:
            try:
                folded = fold(*row)
            except (TypeError, ValueError, LookupError, AttributeError, OverflowError):
                folded = None
            result |= UNKNOWN_ONLY if folded is None else const(folded)
        return frozenset(result)

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Values:
        parts: List[Values] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                plain = part.conversion == -1 and part.format_spec is None
                parts.append(self.values(part.value, scope) if plain else UNKNOWN_ONLY)
            else:
                parts.append(self.values(part, scope))
        return self._combine(parts, lambda *texts: "".join(map(str, texts)))

    # Names

    def lookup(self, name: str, scope: Scope) -> Values:
        """Returns what ``name`` may stand for in ``scope``."""
        current: Optional[Scope] = scope
        while current is not None:
            if current.outer.get(name) == "global":
                current = current.module.scope
            if name in current.names and (current.kind != "class" or current is scope):
                return self._bound(current.names[name])
            current = current.parent
        result = self._starred(name, scope.module)
        if name == "__builtins__":
            return ref("builtins")
        return result | ref(f"builtins.{name}") if name in BUILTINS else result or UNKNOWN_ONLY

    def _starred(self, name: str, module: Module) -> Values:
        """What ``name`` is if a ``from … import *`` brought it in."""
        result: Values = NOTHING
        for origin in module.scope.stars:
            if self.is_own(origin):
                result |= self.member(origin, name)
            elif not name.startswith("_"):
                result |= self.external(f"{origin}.{name}")
        return result

    def _bound(self, bindings: Sequence[Binding]) -> Values:
        return self._gather(bindings, bindings, self._binding)

    def _binding(self, binding: Binding) -> Values:
        kind, node, scope, extra = binding
        if kind == "known":
            return node  # type: ignore[no-any-return]
        if kind == "value":
            return self.values(node, scope)
        if kind == "element":
            return self._each(self.values(node, scope), self._elements)
        if kind == "item":
            index = const(extra)
            return self._each(self.values(node, scope), lambda v: self.item(v, index, scope))
        if kind == "param":
            function, name = extra
            result = UNKNOWN_ONLY if node is None else UNKNOWN_ONLY | self.values(node, scope)
            passed = function.arguments.get(name, ())
            return result | self._union(self.values(value, where) for value, where in passed)
        if kind == "module":
            return self.module(node)
        return self.member(node, extra) if self.is_own(node) else self.external(f"{node}.{extra}")

    def module(self, name: str) -> Values:
        """Returns the module that ``import`` finds by this name."""
        if self.is_own(name) and not self.forbidden.match(name):
            return frozenset([Value("own", name)])
        return self.external(name)

    def member(self, module: str, name: str) -> Values:
        """Returns a member of one of the agent's own modules; nothing if it has none of that name."""
        key = (module, name)
        if key in self._active:
            return NOTHING
        self._active.add(key)
        try:
            found = self.modules.get(module)
            result: Values = NOTHING
            if found is not None and name in found.scope.names:
                result |= self._bound(found.scope.names[name])
            elif found is not None:
                result |= self._starred(name, found)
            if self.is_own(f"{module}.{name}"):
                result |= frozenset([Value("own", f"{module}.{name}")])
            return result
        finally:
            self._active.discard(key)

    def external(self, dotted: str) -> Values:
        """Returns something that is not the agent's, under the name it is forbidden by if it has several."""
        parts = dotted.split(".")
        head = parts[0]
        for index in range(len(parts) - 1, 0, -1):
            name = SAME_MODULES.get(parts[index], parts[index].lstrip("_"))
            # Of other people's packages only what surely is the module: numpy.random is not random.
            if name != head and name in (self._carried if head in STDLIB else CARRIED_MODULES):
                parts = [name, *parts[index + 1 :]]
                break
        parts[0] = SAME_MODULES.get(parts[0], parts[0])
        return ref(".".join(parts))

    # Members

    def attribute(self, value: Value, name: str, scope: Scope) -> Values:
        """Returns the attribute ``name`` of ``value``."""
        kind, data = value
        if name == "__builtins__":
            return ref("builtins")
        if name in ("__globals__", "f_globals") and kind != "ref":
            return frozenset([Value("names", Value("own", scope.module.name))])
        if name == "f_builtins":
            return ref("builtins")
        if name == "__dict__" and kind in ("ref", "own"):
            return frozenset([Value("names", value)])
        if name in ("__getattribute__", "__getattr__") and kind in ("ref", "own"):
            return frozenset([Value("getter", value)])
        if name in ("get", "pop", "setdefault", "__getitem__") and (
            kind == "names" or value == Value("ref", "sys.modules")
        ):
            return frozenset([Value("lookup", value)])
        if kind == "ref":
            return (
                ref("builtins")
                if name == "__self__" and data.startswith("builtins.")
                else self.external(f"{data}.{name}")
            )
        if kind == "own":
            return self.member(data, name) or UNKNOWN_ONLY
        if kind == "const":
            return frozenset([Value("bound", (data, name))])
        if kind in ("class", "instance"):
            return self._class_attribute(data, name, kind == "instance")
        return UNKNOWN_ONLY

    def member_of(self, owner: Scope, name: str) -> Values:
        """Returns what the class ``owner`` itself holds under ``name``."""
        return self._bound(owner.names.get(name, ()))

    def _class_attribute(self, owner: Scope, name: str, is_instance: bool) -> Values:
        result: Values = NOTHING
        for base in self.ancestors(owner)[0]:
            if is_instance and name in base.instance:
                result |= self._bound(base.instance[name])
            if name in base.names:
                found = self._bound(base.names[name])
                if is_instance:
                    found = frozenset(
                        Value("method", v.data) if v.kind == "func" and not is_static(v.data.node) else v for v in found
                    )
                return result | found
        return result or UNKNOWN_ONLY

    def ancestors(self, owner: Scope) -> Tuple[List[Scope], List[str]]:
        """Returns a class with its base classes of the agent's own, nearest first, and the names of all others."""
        own: List[Scope] = []
        others: List[str] = []
        pending = [owner]
        while pending and len(own) < 100:
            current = pending.pop(0)
            if current in own:
                continue
            own.append(current)
            for base in current.node.bases:
                for value in self.values(base, current.parent or current):
                    if value.kind == "class":
                        pending.append(value.data)
                    else:
                        others.append(str(value.data) if value.kind == "ref" else "?")
        return own, others

    def item(self, value: Value, keys: Values, scope: Scope) -> Values:
        """Returns ``value[key]`` for every key."""
        kind, data = value
        names = [v.data.value for v in keys if v.kind == "const"]
        if kind == "items":
            return self._display_item(data[0], data[1], names if len(names) == len(keys) else None)
        result: Values = UNKNOWN_ONLY if len(names) < len(keys) else NOTHING
        for name in names:
            if kind == "const":
                result |= self._combine([frozenset([value]), const(name)], lambda text, index: text[index])
            elif not isinstance(name, str):
                result |= UNKNOWN_ONLY
            elif value == Value("ref", "sys.modules"):
                result |= self.module(name)
            elif kind == "names" and data.kind == "own" and name == "__builtins__":
                result |= ref("builtins")
            elif kind == "names":
                result |= self.attribute(data, name, scope)
            elif value == Value("ref", "builtins"):  # __builtins__ is a dictionary, except in the main program
                result |= self.external(f"builtins.{name}")
            else:
                result |= UNKNOWN_ONLY
        return result

    def _display_item(self, node: Any, scope: Scope, names: Optional[List[Any]]) -> Values:
        if isinstance(node, ast.Dict):
            result: Values = NOTHING
            for key, value in zip(node.keys, node.values):
                known = self.values(key, scope) if key is not None else UNKNOWN_ONLY
                constants = [v.data for v in known if v.kind == "const"]
                if names is None or len(constants) < len(known) or any(Literal(n) in constants for n in names):
                    result |= self.values(value, scope)
            return result or UNKNOWN_ONLY
        elements = node.elts
        if (
            names
            and len(names) == 1
            and type(names[0]) is int
            and not any(isinstance(e, ast.Starred) for e in elements)
        ):
            if -len(elements) <= names[0] < len(elements):
                return self.values(elements[names[0]], scope)
            return UNKNOWN_ONLY
        return self._elements(Value("items", (node, scope)))

    def _elements(self, value: Value) -> Values:
        """Returns what a loop over ``value`` goes through."""
        if value.kind != "items":
            return UNKNOWN_ONLY
        node, scope = value.data
        result: Values = NOTHING
        for element in node.keys if isinstance(node, ast.Dict) else node.elts:
            if element is None or isinstance(element, ast.Starred):
                result |= UNKNOWN_ONLY
            else:
                result |= self.values(element, scope)
        return result or UNKNOWN_ONLY

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Values:
        index: Any = node.slice
        if type(index).__name__ == "Index":  # Python 3.8
            index = index.value
        owners = self.values(node.value, scope)
        if isinstance(index, ast.Slice):
            bounds = [
                const(None) if bound is None else self.values(bound, scope)
                for bound in (index.lower, index.upper, index.step)
            ]
            return self._combine([owners, *bounds], lambda text, *bound: text[slice(*bound)])
        if not isinstance(index, ast.expr):
            return UNKNOWN_ONLY
        keys = self.values(index, scope)
        if UNKNOWN in keys:
            for owner in owners:
                self._note_dynamic(node, owner.data if owner.kind == "names" else owner)
        return self._each(owners, lambda v: self.item(v, keys, scope))

    def _note_dynamic(self, node: ast.expr, owner: Value) -> None:
        """Notes that a member is taken whose name cannot be read, where it might be a forbidden one."""
        if owner == Value("ref", "sys.modules"):
            self.dynamic[node] = "takes a module whose name is only known when it runs"
        elif owner.kind == "ref" and (self.forbidden.inside(owner.data) or self.forbidden.match(owner.data)):
            self.dynamic[node] = f"takes a member of {owner.data} whose name is only known when it runs"

    # Calls

    def _call(self, node: ast.Call, scope: Scope) -> Values:
        result: Values = NOTHING
        for function in self.values(node.func, scope):
            kind, data = function
            if kind == "ref":
                result |= self._call_external(data, node, scope)
            elif kind in ("func", "method"):
                self._pass_arguments(data, node, scope, 1 if kind == "method" else 0)
                result |= self.returned(data)
            elif kind == "class":
                for constructor in self._class_attribute(data, "__init__", False):
                    if constructor.kind == "func":
                        self._pass_arguments(constructor.data, node, scope, 1)
                result |= frozenset([Value("instance", data)])
            elif kind in ("getter", "lookup"):
                result |= self._take(function, node, scope)
            elif kind == "attrgetter" and node.args:
                result |= self._each(self.values(node.args[0], scope), lambda v, n=data: self._path(v, n, scope))
            elif kind == "methodcaller" and node.args:
                for owner in self.values(node.args[0], scope):
                    result |= self.attribute(owner, data, scope)
            elif kind == "bound":
                result |= self._call_constant(data[0].value, data[1], node, scope)
            else:
                result |= UNKNOWN_ONLY
        return result

    def _path(self, value: Value, dotted: str, scope: Scope) -> Values:
        result: Values = frozenset([value])
        for name in dotted.split("."):
            result = self._each(result, lambda v, n=name: self.attribute(v, n, scope))
        return result

    def _take(self, function: Value, node: ast.Call, scope: Scope) -> Values:
        keys = self.values(node.args[0], scope) if node.args else UNKNOWN_ONLY
        owner = function.data
        if UNKNOWN in keys:
            self._note_dynamic(node, owner.data if owner.kind == "names" else owner)
        if function.kind == "lookup":
            return self.item(owner, keys, scope)
        names = [v.data.value for v in keys if v.kind == "const" and isinstance(v.data.value, str)]
        return self._union([UNKNOWN_ONLY, *(self.attribute(owner, name, scope) for name in names)])

    def returned(self, function: Scope) -> Values:
        """Returns what a function of the agent may return."""
        if function.yields or isinstance(function.node, ast.AsyncFunctionDef):
            return UNKNOWN_ONLY
        if not function.returns:
            return const(None)
        read = lambda node: const(None) if node is None else self.values(node, function)  # noqa: E731
        return self._gather(function.returns, function.returns, read)

    def _pass_arguments(self, function: Scope, node: ast.Call, scope: Scope, skipped: int) -> None:
        """Remembers what a function is called with."""
        arguments = function.node.args
        names = [a.arg for a in list(getattr(arguments, "posonlyargs", [])) + arguments.args][skipped:]
        pairs: List[Tuple[str, ast.expr]] = []
        for name, value in zip(names, node.args):
            if isinstance(value, ast.Starred):
                break
            pairs.append((name, value))
        pairs += [(keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg is not None]
        for name, value in pairs:
            known = function.arguments.setdefault(name, [])
            if len(known) < MAX_VALUES and all(other is not value for other, _ in known):
                known.append((value, scope))

    def _call_constant(self, value: Any, method: str, node: ast.Call, scope: Scope) -> Values:
        """Folds a method call on a text."""
        if method not in SAFE_METHODS or node.keywords:
            return UNKNOWN_ONLY
        if method == "join" and len(node.args) == 1:
            parts = self._ordered(node.args[0], scope)
            return UNKNOWN_ONLY if parts is None else self._combine(parts, lambda *texts: value.join(texts))
        arguments = [self.values(argument, scope) for argument in node.args]
        return self._combine(arguments, lambda *given: fold_method(value, method, given))

    def _ordered(self, node: ast.expr, scope: Scope) -> Optional[List[Values]]:
        """Returns the elements of a display or the letters of a text, in order; None if they cannot be read."""
        found = self.values(node, scope)
        if len(found) != 1:
            return None
        kind, data = next(iter(found))
        if kind == "const" and isinstance(data.value, str):
            return [const(letter) for letter in data.value[:256]]
        if kind == "items" and isinstance(data[0], (ast.List, ast.Tuple)) and len(data[0].elts) <= 256:
            return [self.values(element, data[1]) for element in data[0].elts]
        return None

    def _call_external(self, name: str, node: ast.Call, scope: Scope) -> Values:
        arguments = [self.values(argument, scope) for argument in node.args if not isinstance(argument, ast.Starred)]
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        if name in IMPORTERS:
            if not arguments and "name" in keywords:
                arguments = [self.values(keywords["name"], scope)]
            return self._import_call(name, arguments, node)
        if name in ("builtins.getattr", "builtins.hasattr") and len(arguments) >= 2:
            return self._getattr(arguments, node, scope) if name.endswith("getattr") else UNKNOWN_ONLY
        if name == "builtins.vars" and arguments:
            known = [v for v in arguments[0] if v.kind in ("ref", "own")]
            return frozenset(Value("names", v) for v in known) or UNKNOWN_ONLY
        if name in ("builtins.globals", "builtins.locals", "builtins.vars"):
            return frozenset([Value("names", Value("own", scope.module.name))])
        if name in ("operator.attrgetter", "operator.methodcaller") and arguments:
            kind = name.split(".")[1]
            texts = [v.data.value for v in arguments[0] if v.kind == "const" and isinstance(v.data.value, str)]
            return frozenset(Value(kind, text) for text in texts) or UNKNOWN_ONLY
        if name == "functools.partial" and arguments:
            return arguments[0]
        fold = EXTERNAL_FOLDS.get(name)
        return self._combine(arguments, fold) if fold is not None and arguments else UNKNOWN_ONLY

    def _import_call(self, name: str, arguments: Sequence[Values], node: ast.Call) -> Values:
        names = arguments[0] if arguments else UNKNOWN_ONLY
        if name == "importlib.reload":
            return names
        result: Values = NOTHING
        for value in names:
            if value.kind == "const" and isinstance(value.data.value, str):
                dotted = value.data.value.replace(":", ".")
                found = self.module(dotted)
                # __import__("os.path") is os, but os.path has been imported too.
                result |= found | self.module(dotted.split(".")[0]) if name.endswith("__import__") else found
            else:
                self.dynamic[node] = "imports a module whose name is only known when it runs"
                result |= UNKNOWN_ONLY
        return result

    def _getattr(self, arguments: Sequence[Values], node: ast.Call, scope: Scope) -> Values:
        result: Values = arguments[2] if len(arguments) > 2 else NOTHING
        for owner in arguments[0]:
            for name in arguments[1]:
                if name.kind == "const" and isinstance(name.data.value, str):
                    result |= self.attribute(owner, name.data.value, scope)
                else:
                    self._note_dynamic(node, owner)
                    result |= UNKNOWN_ONLY
        return result


def few(values: Values) -> Values:
    """Returns the values, or some of them and that there are others: those that can be forbidden first."""
    if len(values) <= MAX_VALUES:
        return values
    kept = sorted(values, key=lambda v: (v.kind != "ref", v.kind, repr(getattr(v.data, "value", v.data))))
    return frozenset(kept[:MAX_VALUES]) | UNKNOWN_ONLY


def binary(operator: ast.operator) -> Any:
    """Returns the function that folds two constants."""

    def fold(left: Any, right: Any) -> Any:
        if isinstance(operator, ast.Add) and type(left) is type(right):
            return left + right
        if isinstance(operator, ast.Mult) and isinstance(right, (str, bytes)):
            left, right = right, left
        if isinstance(operator, ast.Mult) and isinstance(left, (str, bytes)) and isinstance(right, int):
            return left * right if len(left) * max(0, right) <= MAX_CONSTANT else None
        if (
            isinstance(operator, ast.Mod)
            and isinstance(left, str)
            and set(re.findall("%.?", left)) <= {"%s", "%d", "%%"}
        ):
            return left % right
        if isinstance(operator, (ast.Sub, ast.BitXor)) and isinstance(left, int) and isinstance(right, int):
            return left - right if isinstance(operator, ast.Sub) else left ^ right
        return None

    return fold


def fold_method(value: Any, method: str, arguments: Sequence[Any]) -> Any:
    """Returns what a method of a constant text returns; None where that might be large."""
    if method == "format" and re.search(r"[:!.\[]", value):
        return None
    if method == "replace" and len(value) * (1 + max(len(a) for a in arguments if isinstance(a, type(value)))) > 65536:
        return None
    if method in ("encode", "decode") and not all(a in SAFE_CODECS for a in arguments):
        return None
    return getattr(value, method)(*arguments)


EXTERNAL_FOLDS: Dict[str, Any] = {
    "builtins.chr": chr,
    "builtins.str": lambda value: value if isinstance(value, str) else str(value) if isinstance(value, int) else None,
    "builtins.bytes.fromhex": bytes.fromhex,
    "base64.b64decode": lambda value: base64.b64decode(value),
    "base64.b16decode": lambda value: base64.b16decode(value),
    "base64.b32decode": lambda value: base64.b32decode(value),
    "codecs.decode": lambda value, codec: codecs.decode(value, codec) if codec in SAFE_CODECS else None,
    "binascii.unhexlify": lambda value: bytes.fromhex(value if isinstance(value, str) else value.decode()),
}
"""Functions of the standard library that put texts together."""


def is_static(node: Any) -> bool:
    """Tells whether a function of a class is no method of its instances."""
    return any(isinstance(part, ast.Name) and part.id == "staticmethod" for part in getattr(node, "decorator_list", ()))


# ----------------------------------------------------------------------------------------------------------------------
# What is forbidden
# ----------------------------------------------------------------------------------------------------------------------


class Search:
    """Looks for what is forbidden in one module."""

    def __init__(self, module: Module, evaluator: Evaluator, report: Report) -> None:
        self.module = module
        self.evaluator = evaluator
        self.forbidden = evaluator.forbidden
        self.report = report
        self._found: Set[Tuple[int, str]] = set()

    def run(self) -> None:
        """Reports everything that is found."""
        for node, _ in self.module.imports:
            self._import(node)
        for expression, scope in self.module.expressions:
            for value in self.evaluator.values(expression, scope):
                if value.kind == "ref":
                    self._use(expression, value.data)
            self._hidden(expression)
        if self.evaluator.steps > EVALUATION_BUDGET:
            self.report.warning(self.module.path, 1, "it is too long to be read to the end")

    def _error(self, line: int, entry: str, text: str) -> None:
        if (line, entry) not in self._found:
            self._found.add((line, entry))
            self.report.error(self.module.path, line, text)

    def _use(self, node: ast.expr, dotted: str) -> None:
        entry = self.forbidden.match(dotted)
        if entry is None:
            return
        name = without_builtins(dotted)
        spelt = spell(node)
        here = "" if spelt in (name, entry) else f", here as `{spelt}`"
        self._error(node.lineno, entry, f"uses {name}, which is forbidden{here}")

    def _import(self, node: Union[ast.Import, ast.ImportFrom]) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self._imported(node, self.evaluator.module(alias.name), alias.name)
            return
        origin = self.module.absolute(node)
        is_own = self.evaluator.is_own(origin)
        for alias in node.names:
            if alias.name == "*":
                values = self.evaluator.module(origin)
                self._imported(node, values, origin)
                inside = (
                    [] if is_own else [e for e in self.forbidden.inside(origin) if not e.split(".")[-1].startswith("_")]
                )
                if inside:
                    self._error(node.lineno, inside[0], f"imports all of {origin}: {', '.join(inside)} is forbidden")
            elif is_own:
                self._imported(node, self.evaluator.member(origin, alias.name), alias.name)
            else:
                self._imported(node, self.evaluator.external(f"{origin}.{alias.name}"), f"{origin}.{alias.name}")

    def _imported(self, node: ast.stmt, values: Values, spelt: str) -> None:
        for value in values:
            entry = self.forbidden.match(value.data) if value.kind == "ref" else None
            if entry is not None:
                name, spelt = without_builtins(value.data), without_builtins(spelt)
                here = "" if name.startswith(spelt) or spelt.startswith(name) else f", here as `{spelt}`"
                self._error(node.lineno, entry, f"imports {name}, which is forbidden{here}")

    def _hidden(self, node: ast.expr) -> None:
        """Warns where reading ends."""
        text = self.evaluator.dynamic.get(node)
        if text is not None:
            self.report.warning(self.module.path, node.lineno, f"{text}: whether it is forbidden cannot be read")
        if isinstance(node, ast.Attribute) and node.attr in TRAPDOORS:
            text = f"uses {node.attr}, through which anything can be reached: whether it is forbidden cannot be read"
            self.report.warning(self.module.path, node.lineno, text)


def without_builtins(dotted: str) -> str:
    """Returns a dotted name as people write it."""
    return dotted[len("builtins.") :] if dotted.startswith("builtins.") else dotted


def spell(node: ast.AST, depth: int = 8) -> str:
    """Returns an expression as it is written, in short."""
    if depth == 0:
        return "…"
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{spell(node.value, depth - 1)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{spell(node.func, depth - 1)}(…)"
    if isinstance(node, ast.Subscript):
        return f"{spell(node.value, depth - 1)}[…]"
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, int)):
        return repr(node.value)[:40]
    return "…"


# ----------------------------------------------------------------------------------------------------------------------
# What plays
# ----------------------------------------------------------------------------------------------------------------------


def find_agent_file(files: Sequence[str], report: Report) -> Optional[str]:
    """Returns the file that the host will load, by the same order as it, or reports that there is none."""
    names = [path for path in files if path.endswith(".py") and "/" not in path]
    for name in ("agent.py", "main.py"):
        if name in names:
            return name
    candidates = [name for name in names if name != "__init__.py"] or names
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        report.error("", 0, f"which file is the agent? There are {', '.join(candidates)}: name one of them agent.py")
    elif any(path.endswith(".py") for path in files):
        deep = next(path for path in files if path.endswith(".py"))
        report.error(
            "", 0, f"there is no .py file at the top, only deeper ones such as {deep}; agent.py belongs at the top"
        )
    else:
        report.error("", 0, "there is no .py file; the agent's file is called agent.py")
    return None


class EntryPoint:
    """Finds what plays in the agent's file, by the host's rules, and checks that the host can call it."""

    ABSTRACT_BASES = frozenset(["abc.ABC", "typing.Protocol"])
    PLAIN_DECORATORS = frozenset(
        [
            "torch.no_grad",
            "torch.inference_mode",
            "functools.wraps",
            "functools.lru_cache",
            "functools.cache",
            "typing.override",
            "typing.final",
            "typing_extensions.override",
            "builtins.staticmethod",
            "builtins.classmethod",
        ]
    )
    """Decorators that leave a function's parameters as they are."""

    def __init__(self, module: Module, evaluator: Evaluator, rules: Rules, report: Report) -> None:
        self.module = module
        self.evaluator = evaluator
        self.rules = rules
        self.report = report
        self.file = module.path

    def check(self) -> None:
        """Reports what would keep the host from playing with the module."""
        create_agent = self._top("create_agent")
        # `from rl_arena import *` brings in a create_agent of the library's that wraps a trained model.
        if create_agent and not all(v.kind == "ref" and v.data.startswith("rl_arena.") for v in create_agent):
            self._check_factory(create_agent)
            return
        if self._top("get_action"):
            for value in self._top("get_action"):
                if value.kind == "func":
                    self._check_play(value.data, "get_action", False)
            return
        agents = self._top("Agent")
        own = [v.data for v in agents if v.kind == "class"]
        stand_ins = [Value("ref", "builtins.object")]  # for a library that is missing
        if any(v.kind not in ("class", "const") and not is_library_agent(v) and v not in stand_ins for v in agents):
            return  # from elsewhere: what it is cannot be read
        if own and any(self._can_play(c) for c in own):
            for agent in own:
                self._check_class(agent)
            return
        self._check_only_class()

    def _top(self, name: str) -> Values:
        return self.evaluator.member(self.module.name, name)

    def _check_only_class(self) -> None:
        classes: List[Scope] = []
        for bindings in self.module.scope.names.values():
            for binding in bindings:
                for value in binding.node if binding.kind == "known" else ():
                    if value.kind == "class" and value.data.module is self.module and value.data not in classes:
                        classes.append(value.data)
        players = [c for c in classes if self._can_play(c)]
        bases = {id(base) for c in players for base in self.evaluator.ancestors(c)[0][1:]}
        leaves = [c for c in players if id(c) not in bases]
        sure = [c for c in leaves if self._can_play(c) == "surely"]
        if len(sure) == 1:
            self._check_class(sure[0])
        elif sure:
            names = ", ".join(c.name for c in sure)
            text = f"which class is the agent? {names} can all play: name one of them Agent, or define create_agent()"
            self.report.error(self.file, sure[0].node.lineno, text)
        elif leaves or any(
            not self.evaluator.is_own(s) and not s.startswith("rl_arena") for s in self.module.scope.stars
        ):
            self.report.warning(self.file, 1, "what plays comes from another package; whether it can cannot be read")
        else:
            self.report.error(self.file, 1, self._nothing(classes))

    def _nothing(self, classes: Sequence[Scope]) -> str:
        functions = [n for n in self.module.scope.names if any(v.kind == "func" for v in self._top(n))]
        found = [f"function `{n}`" for n in functions if not n.startswith("_")]
        for c in classes:
            missing = self._abstract(c)
            found.append(f"class `{c.name}`" + (f" (abstract: it lacks {', '.join(missing)})" if missing else ""))
        hint = near_miss("it", [*functions, *(c.name for c in classes)], ("get_action", "create_agent", "Agent"))
        for c in classes:
            hint = hint or near_miss(f"class `{c.name}`", list(c.names), PLAYING_METHODS)
        return (
            "it holds no agent: looked for a function create_agent, a function get_action, a class Agent, or one class "
            f"with get_action, act or predict; found {', '.join(found[:10]) or 'no function and no class'}{hint}"
        )

    # Classes

    def _abstract(self, owner: Scope) -> List[str]:
        """Returns the methods that an abstract class lacks."""
        own, others = self.evaluator.ancestors(owner)
        is_abstract = any(base in self.ABSTRACT_BASES or is_library_agent(Value("ref", base)) for base in others)
        for base in own:
            for keyword in base.node.keywords:
                is_abstract = is_abstract or (keyword.arg == "metaclass")
        if not is_abstract:
            return []
        missing: List[str] = []
        seen: Set[str] = set()
        for base in own:
            for name, bindings in base.names.items():
                if name not in seen and any(self._is_abstract(binding) for binding in bindings):
                    missing.append(name)
                seen.add(name)
        if "act" not in seen and any(is_library_agent(Value("ref", base)) for base in others):
            missing.append("act")
        return sorted(missing)

    def _is_abstract(self, binding: Binding) -> bool:
        values = binding.node if binding.kind == "known" else ()
        return any(
            v.kind == "func" and any(spell(d).split(".")[-1] == "abstractmethod" for d in decorators(v.data))
            for v in values
        )

    def _can_play(self, owner: Scope) -> str:
        """Returns ``surely``, ``perhaps`` where that depends on another package, or an empty text."""
        if self._abstract(owner):
            return ""
        own, others = self.evaluator.ancestors(owner)
        if any(method in base.names or method in base.instance for base in own for method in PLAYING_METHODS):
            return "surely"
        return "perhaps" if any(not self._is_plain(base) for base in others) else ""

    def _is_plain(self, base: str) -> bool:
        """Tells whether a base class from elsewhere brings no playing method."""
        return base.split(".")[0] in STDLIB or base.startswith("torch.nn.") or base == "builtins.object"

    def _check_class(self, owner: Scope) -> None:
        self._check_constructor(owner)
        self._check_instance(owner)

    def _check_constructor(self, owner: Scope) -> None:
        own, _ = self.evaluator.ancestors(owner)
        if any(decorators(base) or base.node.keywords or "__new__" in base.names for base in own):
            return  # what the constructor takes is made elsewhere
        for base in own:
            if "__init__" in base.names:
                for value in self.evaluator.member_of(base, "__init__"):
                    if value.kind == "func" and self._has_own_parameters(value.data):
                        self._check_creation(value.data, owner.name, 1)
                return

    def _check_instance(self, owner: Scope) -> None:
        own, others = self.evaluator.ancestors(owner)
        for method in PLAYING_METHODS:
            for base in own:
                if method in base.instance:
                    return
                if method not in base.names:
                    continue
                for value in self.evaluator.member_of(base, method):
                    if value.kind == "func":
                        self._check_play(value.data, f"{owner.name}.{method}", not is_static(value.data.node))
                return
            if any(not self._is_plain(base) and not is_library_agent(Value("ref", base)) for base in others):
                return

    # Functions

    def _has_own_parameters(self, function: Scope) -> bool:
        for decorator in decorators(function):
            node = decorator.func if isinstance(decorator, ast.Call) else decorator
            values = self.evaluator.values(node, function.parent or function)
            if not values or any(v.kind != "ref" or v.data not in self.PLAIN_DECORATORS for v in values):
                return False
        return True

    def _check_factory(self, values: Values) -> None:
        for value in values:
            if value.kind == "class":
                self._check_class(value.data)
            elif value.kind == "func":
                self._check_factory_function(value.data)

    def _check_factory_function(self, function: Scope) -> None:
        file, line = function.module.path, function.node.lineno
        if isinstance(function.node, ast.AsyncFunctionDef) or function.yields:
            kind = "`async`" if isinstance(function.node, ast.AsyncFunctionDef) else "a generator"
            self.report.error(
                file, line, f"create_agent is {kind}; it has to be a plain function that returns the agent"
            )
            return
        if not self._has_own_parameters(function):
            return
        self._check_creation(function, "create_agent", 0)
        if not function.returns and not function.raises:
            self.report.error(file, line, "create_agent returns nothing: did you forget `return`?")
        for node, where in zip(function.returns, function.return_lines):
            for value in const(None) if node is None else self.evaluator.values(node, function):
                if value.kind == "class":
                    text = f"create_agent returns the class {value.data.name}, not an instance of it: add ()"
                    self.report.error(file, where, text)
                elif value.kind == "instance":
                    self._check_instance(value.data)
                    if not self._can_play(value.data):
                        methods = ", ".join(PLAYING_METHODS)
                        hint = near_miss(f"class `{value.data.name}`", list(value.data.names), PLAYING_METHODS)
                        text = f"create_agent returns a {value.data.name}, which has none of {methods}{hint}"
                        self.report.error(file, where, text)
                elif value.kind == "func":
                    self._check_play(value.data, value.data.name, False)
                elif value.kind == "const" and len(function.returns) == 1:
                    self.report.error(file, where, f"create_agent returns {value.data.value!r}, which is no agent")

    def _check_creation(self, function: Scope, name: str, skipped: int) -> None:
        """Checks that a factory or constructor needs nothing but the seat, as rl_arena_agent.py does."""
        arguments = function.node.args
        positional, required, keywords = parameters(function, skipped)
        if arguments.kwarg is None and "player_id" not in positional + [a.arg for a in arguments.kwonlyargs]:
            if len(required) + len(keywords) == 1 and required and required[0] in SEAT_NAMES:
                return
            missing = required + keywords
        elif arguments.kwarg is not None and "player_id" not in positional:
            missing = required + keywords
        else:
            missing = [p for p in required + keywords if p != "player_id"]
        if missing:
            names = ", ".join(f"`{p}`" for p in missing)
            text = (
                f"{name} requires {names}, which the arena does not give: it passes player_id where it is asked for, "
            )
            text += "nothing else. Give the others defaults"
            self.report.error(function.module.path, function.node.lineno, text)

    def _check_play(self, function: Scope, name: str, is_method: bool) -> None:
        """Checks that a function can be called with an observation and gives an action."""
        file, line, node = function.module.path, function.node.lineno, function.node
        if isinstance(node, ast.AsyncFunctionDef):
            self.report.error(file, line, f"{name} is `async`; it has to be a plain function")
            return
        if function.yields:
            self.report.error(file, line, f"{name} is a generator: it has a `yield`; it has to return the action")
            return
        if not self._has_own_parameters(function):
            return
        positional, required, keywords = parameters(function, 0)
        if is_method and not positional and node.args.vararg is None:
            self.report.error(file, line, f"{name} takes no `self`; write {name.split('.')[-1]}(self, observation)")
            return
        positional, required, keywords = parameters(function, 1 if is_method else 0)
        shown = f"{name}({', '.join(positional) or ''})"
        if len(required) > 1 or keywords:
            extra = ", ".join(f"`{p}`" for p in required[1:] + keywords)
            text = f"{shown} cannot be called with one argument, the observation: it also requires {extra}"
            self.report.error(file, line, text)
        elif not positional and node.args.vararg is None:
            self.report.error(file, line, f"{shown} cannot be called with one argument, the observation: it takes none")
        self._check_answers(function, name)

    def _check_answers(self, function: Scope, name: str) -> None:
        """Warns about what is returned and evidently is no action."""
        wanted = describe_action(self.rules.action_space)
        if wanted is None or not self._is_plain_return(function):
            return
        of = f" of {self.rules.environment}" if self.rules.environment else ""
        file = function.module.path
        if not function.returns and not function.raises:
            text = f"{name} returns nothing; an action{of} is {wanted}"
            self.report.warning(file, function.node.lineno, text)
        for node, line in zip(function.returns, function.return_lines):
            for value in const(None) if node is None else self.evaluator.values(node, function):
                if value.kind == "const" and not may_be_action(value.data.value, self.rules.action_space):
                    text = f"{name} returns {printable(repr(value.data.value), 60)}; an action{of} is {wanted}"
                    self.report.warning(file, line, text)

    def _is_plain_return(self, function: Scope) -> bool:
        return not any(is_stub(statement) for statement in getattr(function.node, "body", [])[-1:])


def is_stub(statement: Any) -> bool:
    """Tells whether a function's body leaves it to others, with ``...`` or ``raise``."""
    is_dots = (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and statement.value.value is ...
    )
    return is_dots or isinstance(statement, ast.Raise)


def decorators(scope: Scope) -> List[ast.expr]:
    """Returns the decorators of a class or function."""
    return list(getattr(scope.node, "decorator_list", []))


def parameters(function: Scope, skipped: int) -> Tuple[List[str], List[str], List[str]]:
    """Returns all positional parameters, those of them that are required, and the required keyword-only ones."""
    arguments = function.node.args
    positional = [a.arg for a in list(getattr(arguments, "posonlyargs", [])) + arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    keywords = [a.arg for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults) if default is None]
    return positional[skipped:], required[skipped:], keywords


def is_library_agent(value: Value) -> bool:
    """Tells whether ``value`` is the abstract Agent of the rl-arena package."""
    return value.kind == "ref" and value.data.startswith("rl_arena.") and value.data.endswith(".Agent")


def near_miss(where: str, names: Sequence[str], wanted: Sequence[str]) -> str:
    """Returns a sentence about a name that looks like a slip for a wanted one, or an empty text."""
    plain = {name.replace("_", "").lower(): name for name in wanted}
    for name in names:
        if name in wanted or name.startswith("__"):
            continue
        match = difflib.get_close_matches(name.replace("_", "").lower(), plain, 1, 0.75)
        if match:
            return f". {where} defines `{name}`: rename it to `{plain[match[0]]}`"
    return ""


def describe_action(space: Optional[Dict[str, Any]]) -> Optional[str]:
    """Returns what an action is, for the spaces about which constants can be wrong; None for others."""
    if space is None:
        return None
    kind = space.get("type")
    if kind == "Discrete":
        start, count = space.get("start", 0), space.get("n", 0)
        return f"one integer in {start}…{start + count - 1}"
    if kind in ("Box", "MultiDiscrete", "MultiBinary"):
        return f"an array of shape {tuple(space.get('shape', ()))}"
    return {"Text": "a text", "Dict": "a dictionary", "Tuple": "a tuple"}.get(str(kind))


def may_be_action(value: Any, space: Optional[Dict[str, Any]]) -> bool:
    """Tells whether a constant may be an action of ``space``; in doubt it may."""
    kind = (space or {}).get("type")
    if kind == "Text":
        return isinstance(value, str)
    if value is None or isinstance(value, (str, bytes)):
        return False
    if kind == "Discrete" and space is not None:
        start, count = space.get("start", 0), space.get("n", 0)
        return isinstance(value, (int, float)) and value == int(value) and start <= value < start + count
    return kind not in ("Dict", "Tuple")


# ----------------------------------------------------------------------------------------------------------------------
# All of it
# ----------------------------------------------------------------------------------------------------------------------


def validate(root: str, rules: Rules, reading: Any = None) -> Report:
    """Reads the agent at ``root``; ``reading`` is called with each file's path before it is read."""
    report = Report(rules.max_findings)
    if os.path.isfile(root):
        root, name = os.path.split(os.path.abspath(root))
        files = [name]
    else:
        files = list_files(root, rules, report)
    if not files:
        report.error("", 0, "there are no files")
        return report
    modules: List[Module] = []
    for path in files:
        if path.endswith(".py"):
            if reading is not None:
                reading(path)
            module = read_module(root, path, rules, report)
            if module is not None:
                modules.append(module)
    search(modules, rules, report, reading)
    agent_file = find_agent_file(files, report)
    evaluator = Evaluator(modules, Forbidden(()))
    for module in modules:
        if module.path == agent_file:
            guarded(module.path, report, EntryPoint(module, evaluator, rules, report).check)
    read_requirements(root, files, report)
    return report


def read_module(root: str, path: str, rules: Rules, report: Report) -> Optional[Module]:
    """Reads one file; returns None, and says why, if it cannot be read."""
    full = os.path.join(root, path)
    if os.path.getsize(full) > rules.max_file_bytes:
        return None  # reported with the files
    with open(full, "rb") as file:
        data = file.read(rules.max_file_bytes + 1)
    lines = data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)
    if lines > rules.max_lines:
        report.error(path, rules.max_lines + 1, f"it has {lines} lines; at most {rules.max_lines} are allowed")
        return None
    tree = parse(path, data, report)
    if tree is None:
        return None
    made: List[Module] = []
    guarded(path, report, lambda: made.append(Module(path, tree)))
    return made[0] if made else None


def search(modules: Sequence[Module], rules: Rules, report: Report, reading: Any) -> None:
    """Looks for what is forbidden, in a last round after others that find out what functions are called with."""
    evaluator = Evaluator(modules, Forbidden(rules.forbidden_imports))
    for _ in range(ROUNDS):
        for module in modules:
            if reading is not None:
                reading(module.path)
            evaluator.steps = 0
            guarded(
                module.path, report, lambda m=module: [evaluator.values(node, scope) for node, scope in m.expressions]
            )
        evaluator.restart()
    for module in modules:
        if reading is not None:
            reading(module.path)
        evaluator.steps = 0
        guarded(module.path, report, Search(module, evaluator, report).run)


def guarded(path: str, report: Report, work: Any) -> None:
    """Runs ``work`` on a file, whose expressions may be too deep for it."""
    try:
        work()
    except RecursionError:
        report.error(path, 1, "it is nested too deeply to be read")


def limit_process(rules: Rules) -> None:
    """Holds this process to the rules' limits, for good."""
    # A second more for the hard limit on time: SIGXCPU says what was exceeded, SIGKILL does not.
    limits = ((resource.RLIMIT_AS, rules.memory_bytes, 0), (resource.RLIMIT_CPU, rules.cpu_seconds, 1))
    for kind, value, more in limits:
        if value:
            _, most = resource.getrlimit(kind)
            hard = value + more if most == resource.RLIM_INFINITY else min(value + more, most)
            resource.setrlimit(kind, (min(value, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def in_deep_thread(work: Any) -> None:
    """Runs ``work`` where recursion may go deep."""
    failures: List[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    sys.setrecursionlimit(RECURSION_LIMIT)
    threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def answer(directory: str, rules: Rules) -> None:
    """Prints the findings as JSON, and before them which file is being read."""

    def reading(path: str) -> None:
        sys.stdout.write(json.dumps({"reading": path}) + "\n")
        sys.stdout.flush()

    report = validate(directory, rules, reading)
    version = ".".join(str(part) for part in sys.version_info[:3])
    document = {"errors": report.errors, "warnings": report.warnings, "python": version}
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def show(directory: str, rules: Rules) -> bool:
    """Prints the findings for a person; returns whether there are errors."""
    report = validate(directory, rules)
    for kind, sentences in (("error", report.errors), ("warning", report.warnings)):
        for sentence in sentences:
            sys.stdout.write(f"{kind}: {sentence}\n")
    return bool(report.errors)


def main(arguments: Optional[Sequence[str]] = None) -> NoReturn:
    """Runs the command with these arguments (default: the command line's) and ends the process."""
    import argparse

    parser = argparse.ArgumentParser(description="Reads an agent's files without running any of them.")
    parser.add_argument("path", help="the folder with agent.py, or the agent's one .py file")
    parser.add_argument("--environment", default="", help="the game it is for, for messages")
    parser.add_argument("--rules", help="a JSON object of rules; the findings are JSON then")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # the agent's source may be old-fashioned
    if not os.path.isdir(options.path) and not os.path.isfile(options.path):
        parser.error(f"there is no folder and no file {options.path}")
    if options.rules is None:
        rules = Rules({"environment": options.environment})
        has_errors: List[bool] = []
        in_deep_thread(lambda: has_errors.append(show(options.path, rules)))
        sys.exit(1 if has_errors[0] else 0)
    try:
        members = json.loads(options.rules)
        if not isinstance(members, dict):
            raise ValueError("the rules are no object")
        rules = Rules(members)
    except ValueError as error:
        parser.error(str(error))
    limit_process(rules)
    try:
        in_deep_thread(lambda: answer(options.path, rules))
    except MemoryError:
        sys.exit(EXIT_OUT_OF_MEMORY)
    sys.exit(0)


if __name__ == "__main__":
    main()
