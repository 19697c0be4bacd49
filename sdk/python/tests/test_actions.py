"""Every kind of action an agent may return, valid or not, for every space, with NumPy and without."""

from __future__ import annotations

import struct

import pytest
from orchestrator import Seat


def act_with(write_agent, expressions, space, *, numpy, preamble=""):
    """Returns the answers to one step per expression: bytes, or the error's message."""
    listed = ",\n".join(f"lambda: ({e})" for e in expressions)
    code = f"{preamble}\nturns = iter([\n{listed}\n])\ndef get_action(observation):\n    return next(turns)()\n"
    with Seat(write_agent({"agent.py": code}), numpy=numpy) as seat:
        seat.start(action=space)
        answers = []
        for _ in expressions:
            answer = seat.step()
            if not isinstance(answer, bytes):
                assert answer[0] == 2, answer
                answer = answer[1]["message"]
            answers.append(answer)
        status, _, err = seat.end()
        assert (status, err) == (0, "")
        return answers


DISCRETE = {"type": "Discrete", "n": 3, "start": -1, "dtype": "int64", "offset": 0, "size": 8}

INTEGRAL = ["1", "True", "1.0", "[1]", "(1,)", "[[1]]", "[1.0]", "__import__('fractions').Fraction(2, 2)",
            "__import__('decimal').Decimal(1)", "Index()", "Tensor(1)", "2 - 1"]  # fmt: skip
INTEGRAL_NUMPY = ["np.int64(1)", "np.uint8(1)", "np.bool_(True)", "np.float32(1)", "np.array(1)", "np.array([1])",
                  "np.array([[1.0]])", "[np.int32(1)]", "np.array([True])", "np.array(1, object)",
                  "np.argmax([0, 1])"]  # fmt: skip
NOT_INTEGRAL = {
    "None": "None", "'up'": "str 'up'", "'1'": "str '1'", "b'1'": "bytes b'1'", "1.5": "float 1.5",
    "float('nan')": "float nan", "float('inf')": "float inf", "complex(1)": "complex (1+0j)", "[0, 1]": "list [0, 1]",
    "[]": "list []", "{1: 1}": "dict {1: 1}", "{1}": "set {1}", "2": "int 2", "-2": "int -2", "10**30": "int 1000",
    "object": "type <class 'object'>", "['1']": "list ['1']", "(1, None)": "tuple (1, None)", "Hostile()": "Hostile",
    "get_action": "function <function get_action",
}  # fmt: skip
NOT_INTEGRAL_NUMPY = {
    "np.array([0, 1])": "ndarray of shape (2,)", "np.float64('nan')": "float64", "np.array([])": "ndarray of shape (0,)",
    "np.str_('1')": "str_", "np.array(None)": "ndarray", "np.array(['1'])": "ndarray of shape (1,)",
    "np.complex64(1)": "complex64", "np.int64(2)": "int64", "np.array([[0.5]])": "ndarray of shape (1, 1)",
}  # fmt: skip

PREAMBLE = """
class Index:
    def __index__(self): return 1
class Tensor:
    "What a torch tensor looks like to the host."
    shape = (1,)
    def __init__(self, value): self.value = value
    def detach(self): return self
    def cpu(self): return self
    def item(self): return self.value
    def tolist(self): return [self.value]
    def __array__(self, dtype=None, copy=None):
        import numpy
        return numpy.array([self.value], dtype)
class Hostile:
    def __getattr__(self, name): raise RuntimeError(name)
    def __index__(self): raise RuntimeError("index")
    def __repr__(self): raise RuntimeError("repr")
"""


def test_one_integral_value_is_a_discrete_action(write_agent, numpy):
    expressions = INTEGRAL + (INTEGRAL_NUMPY if numpy else [])
    preamble = PREAMBLE + ("import numpy as np" if numpy else "")
    answers = act_with(write_agent, expressions, DISCRETE, numpy=numpy, preamble=preamble)
    assert dict(zip(expressions, answers)) == {e: struct.pack("<q", 1) for e in expressions}


def test_anything_else_is_refused_with_a_reason(write_agent, numpy):
    cases = {**NOT_INTEGRAL, **(NOT_INTEGRAL_NUMPY if numpy else {})}
    preamble = PREAMBLE + ("import numpy as np" if numpy else "")
    answers = act_with(write_agent, list(cases), DISCRETE, numpy=numpy, preamble=preamble)
    for (expression, expected), answer in zip(cases.items(), answers):
        assert isinstance(answer, str), expression
        assert answer.startswith("the action must be one integer in -1…1, got " + expected), (expression, answer)
        assert len(answer) < 300


def box(dtype, shape):
    items = 1
    for n in shape:
        items *= n
    size = items * {"8": 1, "6": 2, "2": 4, "4": 8, "l": 1}[dtype[-1]]
    return {"type": "Box", "dtype": dtype, "shape": shape, "low": None, "high": None, "offset": 0, "size": size}


PACKED_3F = struct.pack("<3f4x", 1, 2, 3)

ARRAYS = [
    ("float32", [3], ["[1, 2, 3]", "(1.0, 2, True + 2)", "[[1, 2, 3]]"[1:-1]], PACKED_3F),
    ("float16", [], ["1.5", "[1.5]"], struct.pack("<e6x", 1.5)),
    ("float64", [2, 1], ["[[1], [2]]"], struct.pack("<2d", 1, 2)),
    ("uint8", [2], ["[0, 255]", "[0.0, 255.0]"], bytes([0, 255, 0, 0, 0, 0, 0, 0])),
    ("int64", [1], ["-2**63", "[-2**63]"], struct.pack("<q", -(2**63))),
    ("uint64", [1], ["[2**64 - 1]"], b"\xff" * 8),
    ("bool", [3], ["[True, False, True]", "[1, 0, 1.0]"], bytes([1, 0, 1, 0, 0, 0, 0, 0])),
]


@pytest.mark.parametrize(("dtype", "shape", "expressions", "expected"), ARRAYS, ids=lambda v: str(v)[:12])
def test_boxes_take_nested_sequences_and_numbers(write_agent, numpy, dtype, shape, expressions, expected):
    answers = act_with(write_agent, expressions, box(dtype, shape), numpy=numpy)
    assert answers == [expected] * len(expressions)


def test_boxes_take_arrays_and_tensors(write_agent):
    pytest.importorskip("numpy")
    expressions = ["np.array([1, 2, 3])", "np.array([1, 2, 3], np.float32)", "np.array([[1, 2, 3]], np.float64)",
                   "np.array([[1], [2], [3]], '>f4').T[0]", "np.array([9, 1, 9, 2, 9, 3], np.float32)[1::2]"]  # fmt: skip
    answers = act_with(write_agent, expressions, box("float32", [3]), numpy=True, preamble="import numpy as np")
    assert answers == [PACKED_3F] * len(expressions)
    tensor = act_with(write_agent, ["Tensor(2)"], box("float32", [1]), numpy=True, preamble=PREAMBLE)
    assert tensor == [struct.pack("<f4x", 2)]


BAD_ARRAYS = [
    ("float32", [3], ["None", "'abc'", "[1, 2]", "[1, 2, 3, 4]", "[[1], [2]]", "[1, 2, None]", "[1, 2, 'x']", "1.0",
                      "{'a': 1}", "[1, 2, 1j]", "[1, [2], [3, 4]]", "[0, 0, 1e300]"]),
    ("uint8", [2], ["[0, 256]", "[-1, 0]", "[0, 1.5]", "[0, float('nan')]", "[0, 10**30]"]),
    ("bool", [2], ["[0, 2]", "[0, -1]", "[0, 0.5]"]),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "shape", "expressions"), BAD_ARRAYS, ids=lambda v: str(v)[:12])
def test_boxes_refuse_what_would_change_the_values(write_agent, numpy, dtype, shape, expressions):
    for expression, answer in zip(expressions, act_with(write_agent, expressions, box(dtype, shape), numpy=numpy)):
        assert isinstance(answer, str), expression
        assert answer.startswith("the action "), answer


def test_a_nan_in_a_box_is_left_to_the_orchestrator(write_agent, numpy):
    (answer,) = act_with(write_agent, ["[float('nan')]"], box("float64", [1]), numpy=numpy)
    assert answer == struct.pack("<d", float("nan"))


MULTI_DISCRETE = {"type": "MultiDiscrete", "nvec": [2, 3, 2, 2], "start": [0, 0, -1, 5], "shape": [2, 2],
                  "dtype": "int64", "offset": 0, "size": 32}  # fmt: skip
MULTI_BINARY = {"type": "MultiBinary", "shape": [3], "dtype": "int8", "offset": 0, "size": 3}
TEXT = {"type": "Text", "min_length": 1, "max_length": 3, "charset": "abé", "dtype": "utf8", "offset": 0, "size": 16}


def test_multi_discrete(write_agent, numpy):
    good = ["[[1, 2], [0, 6]]", "[[1.0, 2], [False, 6]]"]
    bad = ["[[1, 3], [0, 6]]", "[[1, 2], [-2, 6]]", "[1, 2, 0, 6]", "[[1, 2], [0, 5.5]]", "None"]
    answers = act_with(write_agent, good + bad, MULTI_DISCRETE, numpy=numpy)
    assert answers[:2] == [struct.pack("<4q", 1, 2, 0, 6)] * 2
    assert all(isinstance(answer, str) for answer in answers[2:])
    assert "must be an integer in 0…2, got 3" in answers[2]


def test_multi_binary(write_agent, numpy):
    good, bad = ["[1, 0, 1]", "[True, False, 1.0]"], ["[1, 0, 2]", "[1, 0]", "'101'"]
    answers = act_with(write_agent, good + bad, MULTI_BINARY, numpy=numpy)
    assert answers[:2] == [bytes([1, 0, 1, 0, 0, 0, 0, 0])] * 2
    assert all(isinstance(answer, str) for answer in answers[2:])


def test_text(write_agent, numpy):
    answers = act_with(write_agent, ["'ébé'", "'a'", "''", "'abab'", "'x'", "1", "b'a'"], TEXT, numpy=numpy)
    assert answers[0] == struct.pack("<I12s", 5, "ébé".encode())
    assert answers[1] == struct.pack("<I12s", 1, b"a")  # nothing is left of the longer one
    assert all(isinstance(answer, str) for answer in answers[2:])
    assert "'x', which is not in its charset" in answers[4]


def test_a_dict_needs_exactly_its_keys_and_a_tuple_its_length(write_agent, numpy):
    move = {**DISCRETE, "offset": 8}
    space = {"type": "Dict", "spaces": [["say", {**MULTI_BINARY}], ["at", {"type": "Tuple", "spaces": [move]}]]}
    good = "{'at': (1,), 'say': [1, 0, 1]}"
    bad = {
        "{'at': (1,)}": "must have the keys ['at', 'say'], got ['at']",
        "{'at': (1,), 'say': [1, 0, 1], 'more': 1}": "got ['at', 'more', 'say']",
        "[1, 2]": "must be a dict with the keys",
        "{'at': (1, 2), 'say': [1, 0, 1]}": "the action['at'] must be a tuple of 1",
        "{'at': (7,), 'say': [1, 0, 1]}": "the action['at'][0] must be one integer in -1…1, got int 7",
        "type('D', (dict,), {'keys': lambda s: 1 / 0})()": "the action cannot be read: ZeroDivisionError",
    }
    answers = act_with(write_agent, [good, *bad, good], space, numpy=numpy)
    assert answers[0] == answers[-1] == bytes([1, 0, 1, 0, 0, 0, 0, 0]) + struct.pack("<q", 1)
    for expected, answer in zip(bad.values(), answers[1:]):
        assert expected in answer
