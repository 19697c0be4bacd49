internal import ArenaCore

/// Draws actions uniformly from an action space; unbounded sides of a `Box` are drawn
/// from within 1 of the other bound, or of 0.
public struct ActionSampler: Sendable {
  private let layout: SpaceLayout

  /// A sampler of actions of `layout`.
  public init(_ layout: SpaceLayout) {
    self.layout = layout
  }

  /// Writes an action to `action`; legal ones only where `mask` has bytes.
  ///
  /// - Complexity: O(n) in the bytes of the action and the mask; a `Discrete` action allocates nothing.
  public func draw(
    into action: inout MutableRawSpan,
    mask: RawSpan,
    using generator: inout some RandomNumberGenerator
  ) {
    for index in layout.leaves.indices {
      draw(layout.leaves[index], into: &action, mask: layout.leaves.count == 1 ? mask : RawSpan(), using: &generator)
    }
  }

  private func draw(
    _ leaf: SpaceLayout.Leaf,
    into action: inout MutableRawSpan,
    mask: RawSpan,
    using generator: inout some RandomNumberGenerator
  ) {
    switch leaf.space {
    case .discrete(let n, let start):
      action.store(start + choice(n, mask: mask, from: 0, using: &generator), at: leaf.offset)
    case .multiDiscrete(let nvec, let start, _):
      var base = 0
      for index in nvec.indices {
        action.store(
          start[index] + choice(nvec[index], mask: mask, from: base, using: &generator),
          at: leaf.offset + index * 8
        )
        base += Int(nvec[index])
      }
    case .multiBinary:
      for index in 0..<leaf.size { action.store(Int8.random(in: 0...1, using: &generator), at: leaf.offset + index) }
    case .box(let box):
      for index in 0..<box.count {
        drawElement(of: box, index, into: &action, at: leaf.offset + index * box.dtype.itemSize, using: &generator)
      }
    case .text(let minLength, let maxLength, let charset):
      let alphabet = Array((charset ?? "abcdefghijklmnopqrstuvwxyz").unicodeScalars)
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: minLength...maxLength, using: &generator) {
        if let scalar = alphabet.randomElement(using: &generator) { text.append(scalar) }
      }
      action.store(UInt32(String(text).utf8.count), at: leaf.offset)
      var index = leaf.offset + 4
      for byte in String(text).utf8 {
        action.store(byte, at: index)
        index += 1
      }
    case .dict, .tuple:
      preconditionFailure("an inner node is not a leaf")
    }
  }

  /// A number in 0 ..< n whose byte of the mask, counted from `base`, is not 0; any number where none is.
  private func choice(
    _ n: Int64,
    mask: RawSpan,
    from base: Int,
    using generator: inout some RandomNumberGenerator
  ) -> Int64 {
    guard !mask.isEmpty else { return Int64.random(in: 0..<n, using: &generator) }
    var legal = 0
    for index in 0..<Int(n) where mask.integer(at: base + index, as: UInt8.self) != 0 { legal += 1 }
    guard legal > 0 else { return Int64.random(in: 0..<n, using: &generator) }
    var skip = Int.random(in: 0..<legal, using: &generator)
    for index in 0..<Int(n) where mask.integer(at: base + index, as: UInt8.self) != 0 {
      if skip == 0 { return Int64(index) }
      skip -= 1
    }
    preconditionFailure("one of the legal actions was chosen")
  }

  private func drawElement(
    of box: Space.Box,
    _ index: Int,
    into action: inout MutableRawSpan,
    at offset: Int,
    using generator: inout some RandomNumberGenerator
  ) {
    let low = box.low.count == 1 ? box.low[0] : box.low[index]
    let high = box.high.count == 1 ? box.high[0] : box.high[index]
    switch box.dtype {
    case .bool: action.store(UInt8.random(in: 0...1, using: &generator), at: offset)
    case .int8: action.store(integer(Int8.self, low, high, using: &generator), at: offset)
    case .int16: action.store(integer(Int16.self, low, high, using: &generator), at: offset)
    case .int32: action.store(integer(Int32.self, low, high, using: &generator), at: offset)
    case .int64: action.store(integer(Int64.self, low, high, using: &generator), at: offset)
    case .uint8: action.store(integer(UInt8.self, low, high, using: &generator), at: offset)
    case .uint16: action.store(integer(UInt16.self, low, high, using: &generator), at: offset)
    case .uint32: action.store(integer(UInt32.self, low, high, using: &generator), at: offset)
    case .uint64: action.store(integer(UInt64.self, low, high, using: &generator), at: offset)
    case .float16: action.store(Float16(real(low, high, using: &generator)).bitPattern, at: offset)
    case .float32: action.store(Float(real(low, high, using: &generator)).bitPattern, at: offset)
    case .float64: action.store(real(low, high, using: &generator).bitPattern, at: offset)
    }
  }

  private func integer<Value: FixedWidthInteger>(
    _ type: Value.Type,
    _ low: Space.Bound,
    _ high: Space.Bound,
    using generator: inout some RandomNumberGenerator
  ) -> Value {
    let lowest: Value = clamped(low) ?? .min
    let highest: Value = clamped(high) ?? .max
    return Value.random(in: lowest...max(lowest, highest), using: &generator)
  }

  private func clamped<Value: FixedWidthInteger>(_ bound: Space.Bound) -> Value? {
    switch bound {
    case .unbounded: nil
    case .integer(let value): Value(clamping: value)
    case .unsigned(let value): Value(clamping: value)
    case .real(let value): Value(exactly: value.rounded())
    }
  }

  private func real(
    _ low: Space.Bound,
    _ high: Space.Bound,
    using generator: inout some RandomNumberGenerator
  ) -> Double {
    let range: ClosedRange<Double> =
      switch (value(low), value(high)) {
      case (let low?, let high?) where (high - low).isFinite: low...max(low, high)
      case (let low?, nil): low...(low + 1)
      case (nil, let high?): (high - 1)...high
      default: -1...1
      }
    return Double.random(in: range, using: &generator)
  }

  private func value(_ bound: Space.Bound) -> Double? {
    switch bound {
    case .unbounded: nil
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .real(let value): value
    }
  }
}
