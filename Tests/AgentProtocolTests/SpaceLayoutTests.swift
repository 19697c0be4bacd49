import AgentProtocol
import ArenaCore
import Foundation
import Testing

/// Where leaves lie, and which spaces cannot be.
@Suite struct SpaceLayoutTests {
  static func scalar(_ dtype: DType) -> Space { .box(dtype, shape: [], low: nil, high: nil) }

  @Test(arguments: DType.allCases) func `a leaf is aligned to its element and the total to 8`(dtype: DType) throws {
    let layout = try SpaceLayout(.tuple([Self.scalar(.bool), Self.scalar(dtype), Self.scalar(.int8)]))
    #expect(layout.leaves.map(\.offset) == [0, dtype.itemSize, 2 * dtype.itemSize])
    #expect(layout.size % 8 == 0)
    #expect(layout.size - (2 * dtype.itemSize + 1) < 8)
  }

  @Test func `leaves come depth first with their paths`() throws {
    let layout = try SpaceLayout(
      .dict([
        ("b", .tuple([Self.scalar(.uint8), .dict([("inner", .discrete(n: 2))])])),
        ("a", .text(minLength: 0, maxLength: 1, charset: nil)),
      ])
    )
    #expect(layout.leaves.map(\.path) == [["b", "0"], ["b", "1", "inner"], ["a"]])
    #expect(layout.leaves.map(\.offset) == [0, 8, 16])
    #expect(layout.leaves.map(\.size) == [1, 8, 8])
    #expect(layout.size == 24)
  }

  @Test(arguments: [Space.dict([]), .tuple([]), .dict([("nothing", .tuple([]))])])
  func `a space without leaves takes no bytes`(space: Space) throws {
    let layout = try SpaceLayout(space)
    #expect(layout.size == 0)
    #expect(try layout.bytes(of: layout.value(in: RawSpan())) == [])
  }

  static let impossible: [(Space, field: String)] = [
    (.discrete(n: 0), "space.n"),
    (.discrete(n: -1), "space.n"),
    (.discrete(n: .max, start: 2), "space.n"),
    (.discrete(n: 2, start: .max), "space.n"),
    (.multiDiscrete([3, 0]), "space.nvec"),
    (.multiDiscrete(nvec: [1, 2], start: [0], shape: [2]), "space.nvec"),
    (.multiDiscrete(nvec: [1, 2], start: [0, 0], shape: [3]), "space.nvec"),
    (.multiDiscrete(nvec: [1, 2], start: [0, .max], shape: [2]), "space.nvec"),
    (.multiBinary(shape: [0]), "space.shape"),
    (.multiBinary(shape: [-1, -1]), "space.shape"),
    (.multiBinary(shape: [1 << 40, 1 << 40]), "space.shape"),
    (.multiBinary(shape: [1 << 30, 2]), "space.shape"),
    (.box(.uint8, shape: [3, 0], low: nil, high: nil), "space.shape"),
    (.box(.float64, shape: [1 << 28], low: nil, high: nil), "space"),
    (.box(.init(dtype: .int8, shape: [3], low: [.integer(0), .integer(1)], high: [.unbounded])), "space.low"),
    (.box(.init(dtype: .int8, shape: [3], low: [.unbounded], high: [])), "space.high"),
    (.box(.int8, shape: [1], low: 2, high: 1), "space.low"),
    (.box(.int8, shape: [1], low: -129, high: 1), "space.low"),
    (.box(.uint8, shape: [1], low: 0, high: 256), "space.high"),
    (.box(.uint8, shape: [1], low: 0, high: 0.5), "space.high"),
    (.box(.uint64, shape: [1], low: -1, high: nil), "space.low"),
    (.box(.bool, shape: [1], low: 0, high: 2), "space.high"),
    (.box(.float16, shape: [1], low: 0, high: 1e6), "space.high"),
    (.box(.float32, shape: [1], low: 1, high: 0), "space.low"),
    (.box(.init(dtype: .float64, shape: [], low: [.real(.nan)], high: [.unbounded])), "space.low"),
    (
      .box(.init(dtype: .uint64, shape: [2], low: [.unbounded], high: [.unsigned(.max), .real(1.5)])),
      "space.high"
    ),
    (
      .box(.init(dtype: .int16, shape: [2], low: [.integer(0), .integer(8)], high: [.integer(7)])),
      "space.low"
    ),
    (.text(minLength: -1, maxLength: 1, charset: nil), "space.max_length"),
    (.text(minLength: 2, maxLength: 1, charset: nil), "space.max_length"),
    (.text(minLength: 0, maxLength: .max, charset: nil), "space.max_length"),
    (.text(minLength: 1, maxLength: 1, charset: ""), "space.charset"),
    (.dict([("a", .tuple([.discrete(n: 1), .discrete(n: 0)]))]), "space.a.1.n"),
    (.dict([("a", .discrete(n: 1)), ("a", .discrete(n: 1))]), "space.a"),
    (.tuple([.multiBinary(shape: [1 << 30]), .multiBinary(shape: [1])]), "space.1"),
  ]

  @Test(arguments: impossible) func `a space that cannot be is refused by name`(space: Space, field: String) {
    let error = #expect(throws: FieldError.self) { try SpaceLayout(space) }
    #expect(error?.field == field)
  }

  static let possible: [Space] = [
    .discrete(n: .max), .discrete(n: .max, start: 1), .discrete(n: .max, start: .min), .discrete(n: 1, start: .max),
    .multiBinary(shape: [1 << 30]), .box(.float64, shape: [1 << 27], low: nil, high: nil),
    .text(minLength: 0, maxLength: 0, charset: ""), .box(.int64, shape: [], low: -0x1p63, high: nil),
    .box(.uint64, shape: [], low: 0x1p63, high: nil), .box(.float32, shape: [2], low: 0.1, high: 0.1),
    .box(.bool, shape: [2], low: 1, high: 1), .box(.float64, shape: [], low: -.infinity, high: .infinity),
  ]

  @Test(arguments: possible) func `extremes that fit are laid out, and read back from their description`(
    space: Space
  ) throws {
    let layout = try SpaceLayout(space)
    #expect(layout.size <= SpaceLayout.maximumSize)
    #expect(try SpaceLayout(parsing: layout.jsonDescription) == layout)
    #expect(try JSONDecoder().decode(SpaceLayout.self, from: JSONEncoder().encode(layout)) == layout)
  }
}

/// Values against bytes.
@Suite struct SpaceValueTests {
  @Test func `every float16 reads back from its JSON to the same bits`() throws {
    let all = (UInt16.min...UInt16.max).filter { !Float16(bitPattern: $0).isNaN }
    let layout = try SpaceLayout(.box(.float16, shape: [all.count], low: nil, high: nil))
    let bytes = all.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let padded = bytes + [UInt8](repeating: 0, count: layout.size - bytes.count)
    let json = try JSONEncoder().encode(layout.value(in: padded.span.bytes))
    #expect(try layout.bytes(of: JSONDecoder().decode(JSONValue.self, from: json)) == padded)
  }

  @Test func `any float32 and float64 reads back from its JSON to the same bits`() throws {
    var generator = SplitMix64(seed: 5)
    let layout = try SpaceLayout(
      .tuple([
        .box(.float32, shape: [2], low: nil, high: nil), .box(.float64, shape: [2], low: nil, high: nil),
        .box(.int64, shape: [1], low: nil, high: nil), .box(.uint64, shape: [1], low: nil, high: nil),
      ])
    )
    for _ in 0..<2000 {
      let bytes = (0..<layout.size).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let value = layout.value(in: bytes.span.bytes)
      let json = try JSONEncoder().encode(value)
      let again = try layout.bytes(of: JSONDecoder().decode(JSONValue.self, from: json))
      if "\(value)".contains("NaN") { continue }
      guard layout.value(in: again.span.bytes) == value, again == bytes || hasNaN(value) else {
        Issue.record("\(hex(bytes)) became \(hex(again))")
        return
      }
    }
  }

  private func hasNaN(_ value: JSONValue) -> Bool {
    switch value {
    case .string("NaN"): true
    case .array(let elements): elements.contains { hasNaN($0) }
    default: false
    }
  }

  static let wrong: [(Space, JSONValue, field: String)] = [
    (.discrete(n: 3), .number(0.5), "value"),
    (.discrete(n: 3), .string("1"), "value"),
    (.discrete(n: 3), .unsigned(.max), "value"),
    (.multiDiscrete([3, 3]), .array([.integer(1)]), "value"),
    (.multiBinary(shape: [2]), .array([.integer(1), .integer(128)]), "value[1]"),
    (.box(.bool, shape: [1], low: nil, high: nil), .array([.integer(2)]), "value[0]"),
    (.box(.uint8, shape: [1], low: nil, high: nil), .array([.integer(-1)]), "value[0]"),
    (.box(.uint64, shape: [1], low: nil, high: nil), .array([.integer(-1)]), "value[0]"),
    (.box(.float16, shape: [1], low: nil, high: nil), .array([.number(65520)]), "value[0]"),
    (.box(.float32, shape: [1], low: nil, high: nil), .array([.number(1e39)]), "value[0]"),
    (.box(.float32, shape: [1], low: nil, high: nil), .array([.string("nan")]), "value[0]"),
    (.box(.float32, shape: [], low: nil, high: nil), .array([.number(1)]), "value"),
    (.box(.float32, shape: [1], low: nil, high: nil), .number(1), "value"),
    (.text(minLength: 0, maxLength: 1, charset: nil), .string("ab"), "value"),
    (.text(minLength: 0, maxLength: 1, charset: nil), .integer(1), "value"),
    (.dict([("a", .discrete(n: 1))]), .object([:]), "value.a"),
    (.dict([("a", .discrete(n: 1))]), .array([]), "value"),
    (.tuple([.discrete(n: 1), .discrete(n: 1)]), .array([.integer(0)]), "value"),
    (.tuple([.dict([("k", .discrete(n: 1))])]), .array([.object(["k": .null])]), "value[0].k"),
  ]

  @Test(arguments: wrong) func `a value of the wrong form is refused where it is wrong`(
    space: Space,
    value: JSONValue,
    field: String
  ) {
    let error = #expect(throws: FieldError.self) { try SpaceLayout(space).bytes(of: value) }
    #expect(error?.field == field)
  }

  @Test func `text that counts four bytes a character fills its leaf exactly`() throws {
    let layout = try SpaceLayout(.text(minLength: 0, maxLength: 3, charset: nil))
    let bytes = try layout.bytes(of: .string("🏓🏓🏓"))
    #expect(bytes.count == 16)
    #expect(layout.value(in: bytes.span.bytes) == .string("🏓🏓🏓"))
    #expect(throws: FieldError.self) { try layout.bytes(of: .string("e\u{301}e\u{301}")) }
  }
}

/// Reading a SPACE.
@Suite struct SpaceParsingTests {
  static func json(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  static let wrong: [(String, field: String, allowed: String)] = [
    ("3", "space", "an object"),
    ("{}", "space.type", "kind of space"),
    (#"{"type": 3}"#, "space.type", "a string"),
    (#"{"type": "Graph"}"#, "space.type", "one of Discrete"),
    (#"{"type": "Discrete"}"#, "space.n", "number of actions"),
    (#"{"type": "Discrete", "n": 0}"#, "space.n", "1…"),
    (#"{"type": "Discrete", "n": 2.5}"#, "space.n", "whole number"),
    (#"{"type": "Discrete", "n": 2, "start": 9223372036854775807}"#, "space.n", "64 bits"),
    (#"{"type": "Discrete", "n": 2, "dtype": "int32"}"#, "space.dtype", "int64"),
    (#"{"type": "Discrete", "n": 2, "offset": 8}"#, "space.offset", "0"),
    (#"{"type": "Discrete", "n": 2, "size": 4}"#, "space.size", "8"),
    (#"{"type": "MultiDiscrete", "nvec": [2, "x"]}"#, "space.nvec[1]", "whole number"),
    (#"{"type": "MultiDiscrete", "nvec": [2], "shape": [2]}"#, "space.nvec", "2 numbers"),
    (#"{"type": "MultiBinary"}"#, "space.shape", "array"),
    (#"{"type": "MultiBinary", "shape": [1e30]}"#, "space.shape[0]", "whole number"),
    (#"{"type": "Box", "shape": [1]}"#, "space.dtype", "float32"),
    (#"{"type": "Box", "dtype": "complex64", "shape": [1]}"#, "space.dtype", "float32"),
    (#"{"type": "Box", "dtype": "int8", "shape": [1], "low": 0.5}"#, "space.low", "whole number or null"),
    (#"{"type": "Box", "dtype": "int8", "shape": [1], "low": "0"}"#, "space.low", "whole number or null"),
    (#"{"type": "Box", "dtype": "int8", "shape": [2], "high": [0, true]}"#, "space.high[1]", "whole number or null"),
    (#"{"type": "Box", "dtype": "int8", "shape": [2], "high": [0, 1, 2]}"#, "space.high", "one bound"),
    (#"{"type": "Text"}"#, "space.max_length", "whole number"),
    (#"{"type": "Text", "max_length": 2, "charset": []}"#, "space.charset", "string"),
    (#"{"type": "Tuple"}"#, "space.spaces", "array"),
    (#"{"type": "Tuple", "spaces": [{"type": "Discrete"}]}"#, "space.0.n", "number of actions"),
    (#"{"type": "Dict", "spaces": {"a": {}}}"#, "space.spaces", "array"),
    (#"{"type": "Dict", "spaces": [["a"]]}"#, "space.spaces[0]", "pair"),
    (#"{"type": "Dict", "spaces": [["a", {"type": "Tuple", "spaces": [7]}]]}"#, "space.a.0", "object"),
    (
      #"{"type": "Tuple", "spaces": [{"type": "Discrete", "n": 1}, {"type": "Discrete", "n": 1, "offset": 16}]}"#,
      "space.1.offset", "8"
    ),
  ]

  @Test(arguments: wrong) func `what cannot be read is named`(text: String, field: String, allowed: String) throws {
    let value = try Self.json(text)
    let error = #expect(throws: FieldError.self) { try SpaceLayout(parsing: value) }
    #expect(error?.field == field)
    #expect(error?.allowed.contains(allowed) == true, "\(error?.allowed ?? "")")
    let renamed = #expect(throws: FieldError.self) { try SpaceLayout(parsing: value, path: "spaces.action") }
    #expect(renamed?.field == "spaces.action" + field.dropFirst(5))
  }

  @Test func `offsets, starts and lengths may be left out`() throws {
    #expect(
      try SpaceLayout(parsing: Self.json(#"{"type": "MultiDiscrete", "nvec": [2, 3]}"#)).space
        == .multiDiscrete([2, 3])
    )
    #expect(
      try SpaceLayout(parsing: Self.json(#"{"type": "Text", "max_length": 2}"#)).space
        == .text(minLength: 0, maxLength: 2, charset: nil)
    )
  }

  @Test func `a stated total that is wrong is refused`() {
    let text = #"{"size": 16, "space": {"type": "Discrete", "n": 2}}"#
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(SpaceLayout.self, from: Data(text.utf8)) }
  }
}
