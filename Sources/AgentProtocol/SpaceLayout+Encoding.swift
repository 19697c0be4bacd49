public import ArenaCore

extension SpaceLayout {
  /// The bytes of `value`, which is written as `value(in:)` gives it.
  ///
  /// - Throws: `FieldError` with the path of the first part that has the wrong type or number of elements. Bounds are not checked.
  public func bytes(of value: JSONValue) throws(FieldError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    var next = 0
    try write(value, as: space, path: "value", into: &bytes, next: &next)
    return bytes
  }

  private func write(
    _ value: JSONValue,
    as space: Space,
    path: String,
    into bytes: inout [UInt8],
    next: inout Int
  ) throws(FieldError) {
    switch (space, value) {
    case (.dict(let parts), .object(let members)):
      for (key, part) in parts {
        guard let member = members[key] else {
          throw FieldError(field: "\(path).\(key)", given: "missing", allowed: "present")
        }
        try write(member, as: part, path: "\(path).\(key)", into: &bytes, next: &next)
      }
    case (.tuple(let parts), .array(let elements)) where parts.count == elements.count:
      for (index, part) in parts.enumerated() {
        try write(elements[index], as: part, path: "\(path)[\(index)]", into: &bytes, next: &next)
      }
    case (.dict, _):
      throw FieldError(field: path, given: value.description, allowed: "an object")
    case (.tuple(let parts), _):
      throw FieldError(field: path, given: value.description, allowed: "an array of \(parts.count)")
    default:
      let leaf = leaves[next]
      next += 1
      try Self.write(value, as: space, path: path, at: leaf.offset, into: &bytes)
    }
  }

  private static func write(
    _ value: JSONValue,
    as leaf: Space,
    path: String,
    at offset: Int,
    into bytes: inout [UInt8]
  ) throws(FieldError) {
    switch leaf {
    case .discrete:
      try store(value, as: .int64, path: path, at: offset, into: &bytes)
    case .multiDiscrete(_, _, let shape):
      try store(array: value, shape, as: .int64, path: path, at: offset, into: &bytes)
    case .multiBinary(let shape):
      try store(array: value, shape, as: .int8, path: path, at: offset, into: &bytes)
    case .box(let box):
      try store(array: value, box.shape, as: box.dtype, path: path, at: offset, into: &bytes)
    case .text(_, let maxLength, _):
      guard case .string(let string) = value, string.unicodeScalars.count <= maxLength else {
        throw FieldError(field: path, given: value.description, allowed: "a string of at most \(maxLength) characters")
      }
      bytes.withUnsafeMutableBytes { buffer in
        var region = buffer.mutableBytes
        TextLeaf.write(string, into: &region, at: offset, size: 4 + 4 * maxLength)
      }
    case .dict, .tuple:
      preconditionFailure("an inner node is not a leaf")
    }
  }

  private static func store(
    array value: JSONValue,
    _ shape: [Int],
    as dtype: DType,
    path: String,
    at offset: Int,
    into bytes: inout [UInt8]
  ) throws(FieldError) {
    if shape.isEmpty { return try store(value, as: dtype, path: path, at: offset, into: &bytes) }
    let count = shape.reduce(1, *)
    guard case .array(let elements) = value, elements.count == count else {
      throw FieldError(field: path, given: value.description, allowed: "an array of \(count)")
    }
    for (index, element) in elements.enumerated() {
      try store(element, as: dtype, path: "\(path)[\(index)]", at: offset + index * dtype.itemSize, into: &bytes)
    }
  }

  private static func store(
    _ value: JSONValue,
    as dtype: DType,
    path: String,
    at offset: Int,
    into bytes: inout [UInt8]
  ) throws(FieldError) {
    guard let pattern = bitPattern(of: value, as: dtype) else {
      throw FieldError(field: path, given: value.description, allowed: "a number that \(dtype.rawValue) can hold")
    }
    for byte in 0..<dtype.itemSize { bytes[offset + byte] = UInt8(truncatingIfNeeded: pattern >> (8 * UInt64(byte))) }
  }

  private static func bitPattern(of value: JSONValue, as dtype: DType) -> UInt64? {
    switch dtype {
    case .bool: integer(value, UInt8.self).flatMap { $0 <= 1 ? UInt64($0) : nil }
    case .int8: integer(value, Int8.self).map { UInt64(UInt8(bitPattern: $0)) }
    case .int16: integer(value, Int16.self).map { UInt64(UInt16(bitPattern: $0)) }
    case .int32: integer(value, Int32.self).map { UInt64(UInt32(bitPattern: $0)) }
    case .int64: integer(value, Int64.self).map { UInt64(bitPattern: $0) }
    case .uint8: integer(value, UInt8.self).map { UInt64($0) }
    case .uint16: integer(value, UInt16.self).map { UInt64($0) }
    case .uint32: integer(value, UInt32.self).map { UInt64($0) }
    case .uint64: integer(value, UInt64.self)
    case .float16: real(value, Float16.self).map { UInt64($0.bitPattern) }
    case .float32: real(value, Float.self).map { UInt64($0.bitPattern) }
    case .float64: real(value, Double.self).map(\.bitPattern)
    }
  }

  private static func integer<Value: FixedWidthInteger>(_ value: JSONValue, _ type: Value.Type) -> Value? {
    switch value {
    case .integer(let integer): Value(exactly: integer)
    case .unsigned(let unsigned): Value(exactly: unsigned)
    case .bool(let bool): bool ? 1 : 0
    default: nil
    }
  }

  private static func real<Value: BinaryFloatingPoint>(_ value: JSONValue, _ type: Value.Type) -> Value? {
    switch value {
    case .string("NaN"): .nan
    case .string("inf"): .infinity
    case .string("-inf"): -.infinity
    default: value.double.map { Value($0) }.flatMap { $0.isFinite ? $0 : nil }
    }
  }
}
