import AgentProtocol
public import ArenaCore
import Foundation
import Testing

/// Which actions may be played, and that those drawn may.
@Suite struct ActionTests {
  static func real(_ dtype: DType, _ low: Double?, _ high: Double?) -> Space {
    .box(dtype, shape: [3], low: low, high: high)
  }

  static let numbers: [Space] =
    DType.allCases.map { real($0, nil, nil) }
    + [.int8, .int16, .int32, .int64].map { real($0, -1, 1) }
    + [.uint8, .uint16, .uint32, .uint64].map { real($0, 1, 1) }
    + [.float16, .float32, .float64].flatMap { dtype in
      [
        real(dtype, -1, 1), real(dtype, 0.1, 0.1), real(dtype, nil, 0.1), real(dtype, 0.1, nil), real(dtype, 0.1, 0.3),
        real(dtype, -0.0, 0), real(dtype, 1e-8, 1e-7), real(dtype, 2049, nil), real(dtype, nil, -2049),
      ]
    }
    + [
      real(.bool, 1, 1), real(.bool, 0, 0), real(.int64, -0x1p63, -0x1p62), real(.uint64, 0x1p63, nil),
      real(.float16, -65504, 65504), real(.float16, 65504, nil), real(.float16, nil, -65504),
      real(.float32, -Double(Float.greatestFiniteMagnitude), Double(Float.greatestFiniteMagnitude)),
      real(.float32, Double(Float.greatestFiniteMagnitude), nil),
      real(.float64, -.greatestFiniteMagnitude, .greatestFiniteMagnitude),
      real(.float64, -.greatestFiniteMagnitude, -1), real(.float64, .greatestFiniteMagnitude, nil),
      real(.float64, nil, -.greatestFiniteMagnitude), real(.float64, 0, .leastNonzeroMagnitude),
      .box(.init(dtype: .uint64, shape: [2], low: [.integer(5)], high: [.unsigned(.max), .integer(6)])),
      .box(.init(dtype: .int64, shape: [2], low: [.integer(.min)], high: [.integer(.max), .integer(.min)])),
      .box(.init(dtype: .float32, shape: [], low: [.integer(-1)], high: [.unbounded])),
    ]

  static let others: [Space] = [
    .discrete(n: 1), .discrete(n: 3, start: -1), .discrete(n: .max), .discrete(n: .max, start: .min),
    .discrete(n: 1, start: .max), .multiDiscrete([1, 7, 3]),
    .multiDiscrete(nvec: [2, .max], start: [.max - 1, .min], shape: [1, 2]), .multiBinary(shape: [3, 5]),
    .text(minLength: 0, maxLength: 0, charset: nil), .text(minLength: 0, maxLength: 9, charset: nil),
    .text(minLength: 2, maxLength: 5, charset: "é🏓\u{301}x"), .text(minLength: 0, maxLength: 4, charset: ""),
    .dict([("move", .discrete(n: 4)), ("say", .text(minLength: 1, maxLength: 3, charset: "ab"))]),
    .tuple([.multiBinary(shape: [1]), .dict([("x", .box(.float16, shape: [2, 2], low: 0.1, high: 0.7))])]),
    .tuple([]),
  ]

  @Test(arguments: numbers + others) func `actions that are drawn may be played`(space: Space) throws {
    let layout = try SpaceLayout(space)
    let (checker, sampler) = (ActionChecker(layout), ActionSampler(layout))
    var generator = SplitMix64(seed: 1)
    var action = [UInt8](repeating: 0, count: layout.size)
    for round in 0..<500 {
      action.withUnsafeMutableBytes { buffer in
        var bytes = buffer.mutableBytes
        sampler.draw(into: &bytes, mask: RawSpan(), using: &generator)
      }
      if let problem = checker.problem(with: action.span.bytes, mask: RawSpan()) {
        Issue.record("draw \(round), \(hex(action)): the action \(problem)")
        return
      }
    }
  }

  @Test func `a drawn text leaves nothing of a longer one behind`() throws {
    let layout = try SpaceLayout(.text(minLength: 0, maxLength: 20, charset: "é🏓"))
    var generator = SplitMix64(seed: 3)
    var action = [UInt8](repeating: 0, count: layout.size)
    for _ in 0..<100 {
      action.withUnsafeMutableBytes { buffer in
        var bytes = buffer.mutableBytes
        ActionSampler(layout).draw(into: &bytes, mask: RawSpan(), using: &generator)
      }
      #expect(try layout.bytes(of: layout.value(in: action.span.bytes)) == action)
    }
  }

  @Test func `a range wider than a double's is drawn over all of it`() throws {
    let layout = try SpaceLayout(Self.real(.float64, -.greatestFiniteMagnitude, .greatestFiniteMagnitude))
    var generator = SplitMix64(seed: 9)
    var action = [UInt8](repeating: 0, count: layout.size)
    action.withUnsafeMutableBytes { buffer in
      var bytes = buffer.mutableBytes
      ActionSampler(layout).draw(into: &bytes, mask: RawSpan(), using: &generator)
    }
    guard case .array(let drawn) = layout.value(in: action.span.bytes) else { return #expect(Bool(false)) }
    #expect(drawn.allSatisfy { abs($0.double ?? 0) > 1e300 })
  }

  static let verdicts: [(Space, JSONValue, Bool)] = [
    (.discrete(n: 3, start: -1), .integer(.max), false),
    (.discrete(n: 3, start: -1), .integer(.min), false),
    (.discrete(n: 3, start: -1), .integer(-1), true),
    (.discrete(n: 3, start: -1), .integer(1), true),
    (.discrete(n: 3, start: -1), .integer(2), false),
    (.discrete(n: .max, start: .min), .integer(.max), false),
    (.discrete(n: .max, start: .min), .integer(-2), true),
    (.discrete(n: .max, start: .min), .integer(-1), false),
    (.discrete(n: .max, start: 1), .integer(.min), false),
    (.discrete(n: .max, start: 1), .integer(.max), true),
    (.multiDiscrete(nvec: [2, 2], start: [-1, 5], shape: [2]), .array([.integer(.max), .integer(5)]), false),
    (.multiDiscrete(nvec: [2, 2], start: [-1, 5], shape: [2]), .array([.integer(0), .integer(6)]), true),
    (.multiDiscrete(nvec: [2, 2], start: [-1, 5], shape: [2]), .array([.integer(0), .integer(7)]), false),
    (.multiDiscrete(nvec: [.max], start: [1], shape: [1]), .array([.integer(.min)]), false),
    (.tuple([.discrete(n: 2, start: -5)]), .array([.integer(.max)]), false),
    (.multiBinary(shape: [2]), .array([.integer(1), .integer(-1)]), false),
    (.multiBinary(shape: [2]), .array([.integer(1), .integer(0)]), true),
    (.box(.int8, shape: [1], low: nil, high: nil), .array([.integer(-128)]), true),
    (.box(.int8, shape: [1], low: -1, high: 1), .array([.integer(-2)]), false),
    (.box(.uint64, shape: [1], low: 0, high: nil), .array([.unsigned(.max)]), true),
    (.box(.uint64, shape: [1], low: 0, high: 0x1p63), .array([.unsigned(1 << 63 + 1)]), false),
    (.box(.bool, shape: [2], low: 1, high: 1), .array([.integer(1), .integer(0)]), false),
    (.box(.float32, shape: [], low: 0.1, high: 0.1), .number(0.1), true),
    (.box(.float16, shape: [], low: 0.1, high: 0.1), .number(0.1), true),
    (.box(.float32, shape: [], low: nil, high: 0.1), .number(0.100000001), true),
    (.box(.float32, shape: [], low: nil, high: 0.1), .number(0.10000002), false),
    (.box(.float64, shape: [], low: nil, high: nil), .string("NaN"), false),
    (.box(.float64, shape: [], low: nil, high: nil), .string("-inf"), true),
    (.box(.float64, shape: [], low: -1, high: nil), .string("-inf"), false),
    (.box(.float64, shape: [], low: -1, high: nil), .string("inf"), true),
    (.box(.float32, shape: [], low: 0, high: 1), .number(-0.0), true),
    (.text(minLength: 2, maxLength: 3, charset: nil), .string("é🏓"), true),
    (.text(minLength: 2, maxLength: 3, charset: nil), .string("x"), false),
    (.text(minLength: 0, maxLength: 3, charset: "ab"), .string("abc"), false),
    (.text(minLength: 0, maxLength: 3, charset: "é"), .string("e\u{301}"), false),
  ]

  @Test(arguments: verdicts) func `an action is legal exactly within its space`(
    space: Space,
    value: JSONValue,
    isLegal: Bool
  ) throws {
    let layout = try SpaceLayout(space)
    let bytes = try layout.bytes(of: value)
    let problem = ActionChecker(layout).problem(with: bytes.span.bytes, mask: RawSpan())
    #expect((problem == nil) == isLegal, "\(problem ?? "")")
  }

  @Test(
    arguments: [
      [5, 0, 0, 0, 97, 98, 99, 0], [4, 0, 0, 0, 0xFF, 98, 99, 0], [0xFF, 0xFF, 0xFF, 0xFF, 97, 0, 0, 0],
      [2, 0, 0, 0, 0xC3, 0x28, 0, 0], [3, 0, 0, 0, 0xED, 0xA0, 0x80, 0],
    ] as [[UInt8]]
  )
  func `text that is not UTF-8 of its stated length is refused`(bytes: [UInt8]) throws {
    let layout = try SpaceLayout(.text(minLength: 0, maxLength: 1, charset: nil))
    #expect(ActionChecker(layout).problem(with: bytes.span.bytes, mask: RawSpan()) != nil)
  }

  @Test func `a fault deep in a space says where it is`() throws {
    let layout = try SpaceLayout(.dict([("a", .tuple([.discrete(n: 2), .discrete(n: 2)]))]))
    let bytes = try layout.bytes(of: .object(["a": .array([.integer(1), .integer(2)])]))
    #expect(ActionChecker(layout).problem(with: bytes.span.bytes, mask: RawSpan()) == "at a.1: 2 is not in 0…1")
  }

  // MARK: - Masks

  /// Every mask of a small space against the plain statement of what it means.
  @Test func `masks of a Discrete space mean what they say`() throws {
    let layout = try SpaceLayout(.discrete(n: 4, start: -2))
    let checker = ActionChecker(layout)
    var generator = SplitMix64(seed: 4)
    for bits in 0..<16 {
      let mask = (0..<4).map { UInt8(bits >> $0 & 1) }
      for value in -3...2 {
        let bytes = try layout.bytes(of: .integer(Int64(value)))
        let isLegal = (-2...1).contains(value) && mask[value + 2] == 1
        #expect((checker.problem(with: bytes.span.bytes, mask: mask.span.bytes) == nil) == isLegal)
      }
      let drawn = draw(layout, mask, 200, &generator)
      let legal = Set((0..<4).filter { mask[$0] == 1 }.map { JSONValue.integer(Int64($0 - 2)) })
      #expect(drawn == (legal.isEmpty ? Set((-2...1).map { .integer($0) }) : legal), "mask \(mask)")
    }
  }

  @Test func `masks of a MultiDiscrete space hold for each of its elements`() throws {
    let layout = try SpaceLayout(.multiDiscrete(nvec: [2, 3], start: [0, 10], shape: [2]))
    let checker = ActionChecker(layout)
    var generator = SplitMix64(seed: 4)
    for bits in 0..<32 {
      let mask = (0..<5).map { UInt8(bits >> $0 & 1) }
      let (first, second) = ((0..<2).filter { mask[$0] == 1 }, (0..<3).filter { mask[$0 + 2] == 1 })
      for a in 0..<2 {
        for b in 0..<3 {
          let bytes = try layout.bytes(of: .array([.integer(Int64(a)), .integer(Int64(b + 10))]))
          let isLegal = first.contains(a) && second.contains(b)
          #expect((checker.problem(with: bytes.span.bytes, mask: mask.span.bytes) == nil) == isLegal)
        }
      }
      let expected = Set(
        (first.isEmpty ? [0, 1] : first).flatMap { a in
          (second.isEmpty ? [0, 1, 2] : second).map { JSONValue.array([.integer(Int64(a)), .integer(Int64($0 + 10))]) }
        }
      )
      #expect(draw(layout, mask, 300, &generator) == expected, "mask \(mask)")
    }
  }

  private func draw(
    _ layout: SpaceLayout,
    _ mask: [UInt8],
    _ times: Int,
    _ generator: inout SplitMix64
  ) -> Set<JSONValue> {
    var drawn: Set<JSONValue> = []
    var action = [UInt8](repeating: 0, count: layout.size)
    for _ in 0..<times {
      action.withUnsafeMutableBytes { buffer in
        var bytes = buffer.mutableBytes
        ActionSampler(layout).draw(into: &bytes, mask: mask.span.bytes, using: &generator)
      }
      drawn.insert(layout.value(in: action.span.bytes))
    }
    return drawn
  }
}

extension JSONValue: Hashable {
  /// Good enough for sets in tests: equal values have equal descriptions down to elements.
  public func hash(into hasher: inout Hasher) {
    if case .array(let elements) = self { hasher.combine(elements) } else { hasher.combine(description) }
  }
}
