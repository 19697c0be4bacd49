internal import ArenaCore

/// The inclusive bounds of a `Box`: checks them, and elements against them.
///
/// Bounds count as the box's dtype holds them, as they do in Gymnasium: 0.1 in a float32 box is the float32 next to it.
enum BoxBounds {
  /// What is wrong with the first element that lies outside; nil if none does.
  ///
  /// - Parameter box: one whose own bounds are in order.
  static func problem(with bytes: RawSpan, _ box: Space.Box) -> String? {
    switch box.dtype {
    case .bool, .uint8: integers(bytes, box, UInt8.self)
    case .int8: integers(bytes, box, Int8.self)
    case .int16: integers(bytes, box, Int16.self)
    case .int32: integers(bytes, box, Int32.self)
    case .int64: integers(bytes, box, Int64.self)
    case .uint16: integers(bytes, box, UInt16.self)
    case .uint32: integers(bytes, box, UInt32.self)
    case .uint64: integers(bytes, box, UInt64.self)
    case .float16: reals(bytes, box) { Float16(bitPattern: $0.integer(at: $1 * 2, as: UInt16.self)) }
    case .float32: reals(bytes, box) { Float(bitPattern: $0.integer(at: $1 * 4, as: UInt32.self)) }
    case .float64: reals(bytes, box) { Double(bitPattern: $0.integer(at: $1 * 8, as: UInt64.self)) }
    }
  }

  private static func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan,
    _ box: Space.Box,
    _ type: Value.Type
  ) -> String? {
    for index in 0..<box.count {
      let value = bytes.integer(at: index * box.dtype.itemSize, as: type)
      let (low, high) = integerLimits(of: box, index, type)
      if value < low || value > high { return outside(value, index) }
    }
    return nil
  }

  private static func reals<Value: BinaryFloatingPoint & CustomStringConvertible>(
    _ bytes: RawSpan,
    _ box: Space.Box,
    _ element: (RawSpan, Int) -> Value
  ) -> String? {
    for index in 0..<box.count {
      let value = element(bytes, index)
      let (low, high) = realLimits(of: box, index, Value.self)
      if value.isNaN || value < low || value > high { return outside(value, index) }
    }
    return nil
  }

  private static func outside(_ value: some CustomStringConvertible, _ index: Int) -> String {
    "\(value) as element \(index) is outside the bounds"
  }

  // MARK: - The bounds of one element

  /// The least and the greatest value of element `index` of a box of integers or booleans.
  static func integerLimits<Value: FixedWidthInteger>(
    of box: Space.Box,
    _ index: Int,
    _ type: Value.Type
  ) -> (low: Value, high: Value) {
    (
      integer(bound(box.low, index)) ?? .min,
      integer(bound(box.high, index)) ?? (box.dtype == .bool ? 1 : .max)
    )
  }

  /// The least and the greatest value of element `index` of a box of floats; infinite where there is no bound.
  static func realLimits<Value: BinaryFloatingPoint>(
    of box: Space.Box,
    _ index: Int,
    _ type: Value.Type
  ) -> (low: Value, high: Value) {
    (real(bound(box.low, index)) ?? -.infinity, real(bound(box.high, index)) ?? .infinity)
  }

  private static func bound(_ bounds: [Space.Bound], _ index: Int) -> Space.Bound {
    bounds.count == 1 ? bounds[0] : bounds[index]
  }

  private static func integer<Value: FixedWidthInteger>(_ bound: Space.Bound) -> Value? {
    switch bound {
    case .unbounded, .real: nil
    case .integer(let value): Value(clamping: value)
    case .unsigned(let value): Value(clamping: value)
    }
  }

  private static func real<Value: BinaryFloatingPoint>(_ bound: Space.Bound) -> Value? {
    switch bound {
    case .unbounded: nil
    case .integer(let value): Value(value)
    case .unsigned(let value): Value(value)
    case .real(let value): Value(value)
    }
  }

  // MARK: - The bounds themselves

  /// What is wrong with the bounds of `box`, and on which side; nil if they are in order.
  ///
  /// - Parameter box: one with a bound, or a bound per element, on each side.
  static func problem(withBoundsOf box: Space.Box) -> (side: String, problem: (given: String, allowed: String))? {
    for (side, bounds) in [("low", box.low), ("high", box.high)] {
      if let stranger = bounds.first(where: { !holds($0, box.dtype) }) {
        return (side, ("\(stranger)", "a number that \(box.dtype.rawValue) can hold, or none"))
      }
    }
    for index in 0..<max(box.low.count, box.high.count) {
      let (low, high) = (bound(box.low, index), bound(box.high, index))
      if isAbove(low, high, box.dtype) {
        return ("low", ("\(low)", "at most the upper bound, \(high)"))
      }
    }
    return nil
  }

  private static func isAbove(_ low: Space.Bound, _ high: Space.Bound, _ dtype: DType) -> Bool {
    switch (low, high) {
    case (.unbounded, _), (_, .unbounded): false
    case (.integer(let low), .integer(let high)): low > high
    case (.unsigned(let low), .unsigned(let high)): low > high
    case (.unsigned(let low), .integer(let high)): low > high
    case (.integer(let low), .unsigned(let high)): low > high
    default: real(low) ?? -Double.infinity > real(high) ?? Double.infinity
    }
  }

  private static func holds(_ bound: Space.Bound, _ dtype: DType) -> Bool {
    func fits<Value: FixedWidthInteger>(_ type: Value.Type) -> Bool {
      switch bound {
      case .unbounded: true
      case .integer(let value): Value(exactly: value) != nil
      case .unsigned(let value): Value(exactly: value) != nil
      case .real: false
      }
    }
    func fits<Value: BinaryFloatingPoint>(_ type: Value.Type) -> Bool { (real(bound) ?? Value.zero).isFinite }
    return switch dtype {
    case .bool: fits(UInt8.self) && (integer(bound) ?? UInt8.zero) <= 1
    case .int8: fits(Int8.self)
    case .int16: fits(Int16.self)
    case .int32: fits(Int32.self)
    case .int64: fits(Int64.self)
    case .uint8: fits(UInt8.self)
    case .uint16: fits(UInt16.self)
    case .uint32: fits(UInt32.self)
    case .uint64: fits(UInt64.self)
    case .float16: fits(Float16.self)
    case .float32: fits(Float.self)
    case .float64: fits(Double.self)
    }
  }
}
