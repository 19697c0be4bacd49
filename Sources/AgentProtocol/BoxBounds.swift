internal import ArenaCore

/// Checks the elements of a `Box` against its inclusive bounds.
enum BoxBounds {
  /// What is wrong with the first element that lies outside; nil if none does.
  static func problem(with bytes: RawSpan, _ box: Space.Box) -> String? {
    switch box.dtype {
    case .bool: boolean(bytes)
    case .int8: signed(bytes, box, Int8.self)
    case .int16: signed(bytes, box, Int16.self)
    case .int32: signed(bytes, box, Int32.self)
    case .int64: signed(bytes, box, Int64.self)
    case .uint8: unsigned(bytes, box, UInt8.self)
    case .uint16: unsigned(bytes, box, UInt16.self)
    case .uint32: unsigned(bytes, box, UInt32.self)
    case .uint64: unsigned(bytes, box, UInt64.self)
    case .float16: real(bytes, box) { Double(Float16(bitPattern: $0.integer(at: $1 * 2, as: UInt16.self))) }
    case .float32: real(bytes, box) { Double(Float(bitPattern: $0.integer(at: $1 * 4, as: UInt32.self))) }
    case .float64: real(bytes, box) { Double(bitPattern: $0.integer(at: $1 * 8, as: UInt64.self)) }
    }
  }

  private static func boolean(_ bytes: RawSpan) -> String? {
    for index in 0..<bytes.byteCount where bytes.integer(at: index, as: UInt8.self) > 1 {
      return "element \(index) is neither 0 nor 1"
    }
    return nil
  }

  private static func signed<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan,
    _ box: Space.Box,
    _ type: Value.Type
  ) -> String? {
    for index in 0..<box.count {
      let value = Int64(bytes.integer(at: index * box.dtype.itemSize, as: type))
      if isBelow(value, bound(box.low, index)) || isAbove(value, bound(box.high, index)) {
        return outside(value, index)
      }
    }
    return nil
  }

  private static func unsigned<Value: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: RawSpan,
    _ box: Space.Box,
    _ type: Value.Type
  ) -> String? {
    for index in 0..<box.count {
      let value = UInt64(bytes.integer(at: index * box.dtype.itemSize, as: type))
      if isBelow(value, bound(box.low, index)) || isAbove(value, bound(box.high, index)) {
        return outside(value, index)
      }
    }
    return nil
  }

  private static func real(_ bytes: RawSpan, _ box: Space.Box, _ element: (RawSpan, Int) -> Double) -> String? {
    for index in 0..<box.count {
      let value = element(bytes, index)
      if value.isNaN || value < lowest(bound(box.low, index)) || value > highest(bound(box.high, index)) {
        return outside(value, index)
      }
    }
    return nil
  }

  private static func outside(_ value: some CustomStringConvertible, _ index: Int) -> String {
    "\(value) as element \(index) is outside the bounds"
  }

  private static func bound(_ bounds: [Space.Bound], _ index: Int) -> Space.Bound {
    bounds.count == 1 ? bounds[0] : bounds[index]
  }

  private static func isBelow(_ value: some BinaryInteger, _ bound: Space.Bound) -> Bool {
    switch bound {
    case .unbounded: false
    case .integer(let limit): value < limit
    case .unsigned(let limit): value < limit
    case .real(let limit): Double(value) < limit
    }
  }

  private static func isAbove(_ value: some BinaryInteger, _ bound: Space.Bound) -> Bool {
    switch bound {
    case .unbounded: false
    case .integer(let limit): value > limit
    case .unsigned(let limit): value > limit
    case .real(let limit): Double(value) > limit
    }
  }

  private static func lowest(_ bound: Space.Bound) -> Double { finite(bound) ?? -.infinity }

  private static func highest(_ bound: Space.Bound) -> Double { finite(bound) ?? .infinity }

  private static func finite(_ bound: Space.Bound) -> Double? {
    switch bound {
    case .unbounded: nil
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .real(let value): value
    }
  }
}
