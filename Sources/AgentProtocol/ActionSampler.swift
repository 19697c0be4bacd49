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
        // Without a mask the sum means nothing, and may be more than an Int holds.
        if !mask.isEmpty { base += Int(nvec[index]) }
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
      TextLeaf.write(String(text), into: &action, at: leaf.offset, size: leaf.size)
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
    switch box.dtype {
    case .bool, .uint8: action.store(integer(UInt8.self, of: box, index, using: &generator), at: offset)
    case .int8: action.store(integer(Int8.self, of: box, index, using: &generator), at: offset)
    case .int16: action.store(integer(Int16.self, of: box, index, using: &generator), at: offset)
    case .int32: action.store(integer(Int32.self, of: box, index, using: &generator), at: offset)
    case .int64: action.store(integer(Int64.self, of: box, index, using: &generator), at: offset)
    case .uint16: action.store(integer(UInt16.self, of: box, index, using: &generator), at: offset)
    case .uint32: action.store(integer(UInt32.self, of: box, index, using: &generator), at: offset)
    case .uint64: action.store(integer(UInt64.self, of: box, index, using: &generator), at: offset)
    case .float16: action.store(real(Float16.self, of: box, index, using: &generator).bitPattern, at: offset)
    case .float32: action.store(real(Float.self, of: box, index, using: &generator).bitPattern, at: offset)
    case .float64: action.store(real(Double.self, of: box, index, using: &generator).bitPattern, at: offset)
    }
  }

  private func integer<Value: FixedWidthInteger>(
    _ type: Value.Type,
    of box: Space.Box,
    _ index: Int,
    using generator: inout some RandomNumberGenerator
  ) -> Value {
    let (low, high) = BoxBounds.integerLimits(of: box, index, type)
    return Value.random(in: low...high, using: &generator)
  }

  /// Both bounds are numbers of `Value`, and rounding keeps order: what is drawn between them stays between them.
  private func real<Value: BinaryFloatingPoint>(
    _ type: Value.Type,
    of box: Space.Box,
    _ index: Int,
    using generator: inout some RandomNumberGenerator
  ) -> Value {
    let limits = BoxBounds.realLimits(of: box, index, type)
    let (low, high) = (Double(limits.low), Double(limits.high))
    let drawn =
      switch (low.isFinite, high.isFinite) {
      case (true, true):
        // Half of it first: the distance of two doubles may be more than a double holds.
        min(max(2 * Double.random(in: low / 2...high / 2, using: &generator), low), high)
      case (true, false): Double.random(in: low...low + 1, using: &generator)
      case (false, true): Double.random(in: high - 1...high, using: &generator)
      case (false, false): Double.random(in: -1...1, using: &generator)
      }
    return Value(drawn)
  }
}
