public import ArenaCore

/// How numbers that JSON lacks are written.
public enum NonFiniteNumbers: Sendable {
  /// As the strings `NaN`, `inf` and `-inf`.
  case named
  /// As `null`.
  case null
}

extension SpaceLayout {
  /// The value in `bytes` as JSON: arrays flat in C order, those of shape `[]` as a number, `Dict` as an object, `Tuple` as an array.
  ///
  /// - Parameters:
  ///   - bytes: `size` bytes.
  ///   - nonFinite: what becomes of floats that JSON lacks.
  public func value(in bytes: RawSpan, nonFinite: NonFiniteNumbers = .named) -> JSONValue {
    var next = 0
    return value(of: space, in: bytes, nonFinite, next: &next)
  }

  private func value(
    of space: Space,
    in bytes: RawSpan,
    _ nonFinite: NonFiniteNumbers,
    next: inout Int
  ) -> JSONValue {
    switch space {
    case .dict(let parts):
      var members: [String: JSONValue] = [:]
      for (key, part) in parts { members[key] = value(of: part, in: bytes, nonFinite, next: &next) }
      return .object(members)
    case .tuple(let parts):
      var elements: [JSONValue] = []
      for part in parts { elements.append(value(of: part, in: bytes, nonFinite, next: &next)) }
      return .array(elements)
    default:
      let leaf = leaves[next]
      next += 1
      return Self.value(ofLeaf: space, in: bytes.extracting(leaf.offset..<leaf.offset + leaf.size), nonFinite)
    }
  }

  private static func value(ofLeaf space: Space, in bytes: RawSpan, _ nonFinite: NonFiniteNumbers) -> JSONValue {
    switch space {
    case .discrete:
      .integer(bytes.integer(at: 0, as: Int64.self))
    case .multiDiscrete(_, _, let shape):
      array(shape, of: .int64, in: bytes, nonFinite)
    case .multiBinary(let shape):
      array(shape, of: .int8, in: bytes, nonFinite)
    case .box(let box):
      array(box.shape, of: box.dtype, in: bytes, nonFinite)
    case .text:
      .string(TextLeaf.string(in: bytes) ?? "")
    case .dict, .tuple:
      preconditionFailure("an inner node is not a leaf")
    }
  }

  private static func array(
    _ shape: [Int],
    of dtype: DType,
    in bytes: RawSpan,
    _ nonFinite: NonFiniteNumbers
  ) -> JSONValue {
    if shape.isEmpty { return element(dtype, in: bytes, at: 0, nonFinite) }
    let count = shape.reduce(1, *)
    var values: [JSONValue] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(element(dtype, in: bytes, at: index * dtype.itemSize, nonFinite)) }
    return .array(values)
  }

  private static func element(
    _ dtype: DType,
    in bytes: RawSpan,
    at offset: Int,
    _ nonFinite: NonFiniteNumbers
  ) -> JSONValue {
    switch dtype {
    case .bool, .uint8: .integer(Int64(bytes.integer(at: offset, as: UInt8.self)))
    case .int8: .integer(Int64(bytes.integer(at: offset, as: Int8.self)))
    case .int16: .integer(Int64(bytes.integer(at: offset, as: Int16.self)))
    case .int32: .integer(Int64(bytes.integer(at: offset, as: Int32.self)))
    case .int64: .integer(bytes.integer(at: offset, as: Int64.self))
    case .uint16: .integer(Int64(bytes.integer(at: offset, as: UInt16.self)))
    case .uint32: .integer(Int64(bytes.integer(at: offset, as: UInt32.self)))
    case .uint64: unsigned(bytes.integer(at: offset, as: UInt64.self))
    // The shortest decimal of the narrow type, read as a double, prints as that decimal again.
    case .float16: real(Float16(bitPattern: bytes.integer(at: offset, as: UInt16.self)), nonFinite)
    case .float32: real(Float(bitPattern: bytes.integer(at: offset, as: UInt32.self)), nonFinite)
    case .float64: real(Double(bitPattern: bytes.integer(at: offset, as: UInt64.self)), nonFinite)
    }
  }

  private static func unsigned(_ value: UInt64) -> JSONValue {
    Int64(exactly: value).map(JSONValue.integer) ?? .unsigned(value)
  }

  private static func real(
    _ value: some BinaryFloatingPoint & CustomStringConvertible,
    _ nonFinite: NonFiniteNumbers
  ) -> JSONValue {
    if nonFinite == .null, !value.isFinite { return .null }
    if value.isNaN { return .string("NaN") }
    if value.isInfinite { return .string(value < 0 ? "-inf" : "inf") }
    return .number(Double(value.description) ?? Double(value))
  }
}
