import AgentProtocol
import ArenaCore
import Foundation
import TestSupport
import Testing

/// Spaces and bytes held against NumPy and Gymnasium.
@Suite struct NumPyTests {
  /// Draws from Gymnasium's own spaces and writes, one JSON object a line: the SPACE, a value, its bytes.
  static let script = """
    import json, sys
    import gymnasium as gym, numpy as np
    from gymnasium import spaces as s

    def bounds(array):
        return [None if np.isinf(x) else x for x in array.ravel().tolist()]

    def describe(space):
        if isinstance(space, s.Discrete):
            return {"type": "Discrete", "n": int(space.n), "start": int(space.start)}
        if isinstance(space, s.MultiDiscrete):
            return {"type": "MultiDiscrete", "nvec": space.nvec.ravel().tolist(), "start": space.start.ravel().tolist(),
                    "shape": list(space.shape)}
        if isinstance(space, s.MultiBinary):
            return {"type": "MultiBinary", "shape": list(space.shape)}
        if isinstance(space, s.Box):
            dtype = str(space.dtype)
            low, high = (bounds(b) for b in (space.low, space.high))
            if dtype == "bool":
                low, high = ([int(x) for x in b] for b in (low, high))
            return {"type": "Box", "dtype": dtype, "shape": list(space.shape), "low": low, "high": high}
        if isinstance(space, s.Text):
            return {"type": "Text", "min_length": space.min_length, "max_length": space.max_length,
                    "charset": "".join(sorted(space.character_set))}
        if isinstance(space, s.Dict):
            return {"type": "Dict", "spaces": [[key, describe(child)] for key, child in space.spaces.items()]}
        return {"type": "Tuple", "spaces": [describe(child) for child in space.spaces]}

    def arrays(space, value):
        # In order: each leaf's bytes and alignment as NumPy has them.
        if isinstance(space, s.Dict):
            return [leaf for key, child in space.spaces.items() for leaf in arrays(child, value[key])]
        if isinstance(space, s.Tuple):
            return [leaf for child, part in zip(space.spaces, value) for leaf in arrays(child, part)]
        if isinstance(space, s.Text):
            encoded = value.encode()
            data = np.uint32(len(encoded)).tobytes() + encoded
            return [(data.ljust(4 + 4 * space.max_length, b"\\0"), np.dtype("u4").alignment)]
        array = np.asarray(value, space.dtype)
        return [(array.tobytes(), array.dtype.alignment)]

    def value_of(space, value):
        if isinstance(space, s.Dict):
            return {key: value_of(child, value[key]) for key, child in space.spaces.items()}
        if isinstance(space, s.Tuple):
            return [value_of(child, part) for child, part in zip(space.spaces, value)]
        if isinstance(space, s.Discrete):
            return int(value)
        if isinstance(space, s.Text):
            return value
        array = np.asarray(value)
        # NumPy's shortest decimal of the narrow type.
        return [float(str(x)) if array.dtype.kind == "f" else int(x) for x in array.ravel()]

    dtypes = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
    boxes = [s.Box(0, 1, (2, 3), bool)]
    for name in dtypes:
        info = np.iinfo(name) if "int" in name else np.finfo(name)
        # Half of it: Gymnasium cannot draw from a range wider than a double.
        scale = 1 if "int" in name else 2
        boxes += [s.Box(info.min // scale, info.max // scale, (3,), name), s.Box(1, 7, (2, 2), name)]
    boxes += [s.Box(-np.inf, np.inf, (3,), "float32"), s.Box(np.float32([0.1, -5]), np.float32([0.3, np.inf])),
              s.Box(-0.1, 0.1, (5,), "float16")]
    flat = [s.Discrete(5, start=-2), s.MultiDiscrete([3, 4]), s.MultiDiscrete([[2, 3], [4, 5]], start=[[1, 2], [-3, 0]]),
            s.MultiBinary(7), s.MultiBinary((2, 3)), s.Text(6, min_length=2, charset="abé🏓")]
    nested = [s.Tuple([boxes[i], flat[j], boxes[k]]) for i, j, k in [(0, 5, 3), (17, 3, 22), (1, 1, 21), (5, 4, 0)]]
    nested += [s.Dict({"b": nested[0], "a": s.Dict({"z": boxes[18], "y": flat[3], "x": boxes[20]}), "c": flat[0]})]
    for index, space in enumerate(boxes + flat + nested):
        space.seed(index)
        for _ in range(20):
            value = space.sample()
            data = b""
            for leaf, alignment in arrays(space, value):
                data += bytes(-len(data) % alignment) + leaf
            data += bytes(-len(data) % 8)
            print(json.dumps({"space": describe(space), "value": value_of(space, value), "hex": data.hex()}))
    """

  struct Case: Decodable {
    var space: JSONValue
    var value: JSONValue
    var hex: String
  }

  @Test func `values, offsets and bytes are those of NumPy, and Gymnasium's samples may be played`() async throws {
    let lines = try await TestPython.run(Self.script).split(separator: UInt8(ascii: "\n"))
    #expect(lines.count > 700)
    for line in lines {
      let example = try JSONDecoder().decode(Case.self, from: line)
      let layout = try SpaceLayout(parsing: example.space)
      let bytes = Vectors.bytes(example.hex)
      let problem = ActionChecker(layout).problem(with: bytes.span.bytes, mask: RawSpan())
      let written = try layout.bytes(of: example.value)
      guard written == bytes, problem == nil,
        try layout.bytes(of: asRead(layout.value(in: bytes.span.bytes))) == bytes
      else {
        Issue.record("\(layout.jsonDescription) \(hex(written)) is not \(example.hex); \(problem ?? "")")
        return
      }
    }
  }
}
