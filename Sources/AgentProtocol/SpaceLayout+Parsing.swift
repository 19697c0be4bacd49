public import ArenaCore

extension SpaceLayout: Decodable {
  /// Reads `{"size": …, "space": …}` as `encode(to:)` writes it.
  ///
  /// - Throws: `DecodingError.dataCorrupted`, whose underlying error is a `FieldError`, for a space that cannot be laid out or whose
  ///   stated size or offsets are not those of the rules.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    do {
      try self.init(parsing: container.decode(JSONValue.self, forKey: .space))
      let stated = try container.decode(Int.self, forKey: .size)
      guard stated == size else { throw FieldError(field: "size", given: "\(stated)", allowed: "\(size)") }
    } catch let error as FieldError {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath,
          debugDescription: error.description,
          underlyingError: error
        )
      )
    }
  }

  /// Reads a SPACE of `docs/PROTOCOL.md` section 8 and lays it out.
  ///
  /// Offsets and sizes may be left out of it; where they are given, they must be those that follow from the rules.
  ///
  /// - Parameters:
  ///   - value: the SPACE.
  ///   - path: what messages call it.
  /// - Throws: `FieldError` that names the first part which is missing or not allowed.
  public init(parsing value: JSONValue, path: String = "space") throws(FieldError) {
    var parser = SpaceParser()
    let space = try parser.space(value, path: path)
    do throws(FieldError) {
      try self.init(space)
    } catch {
      throw FieldError(
        field: path + error.field.dropFirst(Self.rootName.count),
        given: error.given,
        allowed: error.allowed
      )
    }
    for (leaf, stated) in zip(leaves, parser.leaves) {
      if let offset = stated.offset, offset != leaf.offset {
        throw FieldError(field: stated.path + ".offset", given: "\(offset)", allowed: "\(leaf.offset)")
      }
      if let size = stated.size, size != leaf.size {
        throw FieldError(field: stated.path + ".size", given: "\(size)", allowed: "\(leaf.size)")
      }
    }
  }
}

/// Reads the tree of a SPACE and remembers what it says about the places of its leaves.
private struct SpaceParser {
  /// What a leaf says about its own place.
  struct StatedLeaf {
    var path: String
    var offset: Int?
    var size: Int?
  }

  /// The leaves so far, depth first.
  var leaves: [StatedLeaf] = []

  private static let anyInteger = Int64.min...Int64.max
  private static let extent = 0...Int64(SpaceLayout.maximumSize)

  mutating func space(_ value: JSONValue, path: String) throws(FieldError) -> Space {
    let reader = try FieldReader(value, path: path)
    let type = try required(reader, "type", reader.string("type"), "the name of a kind of space")
    if type == "Dict" { return .dict(try members(reader)) }
    if type == "Tuple" {
      var parts: [Space] = []
      for (index, part) in try required(reader, "spaces", reader.array("spaces"), "an array of spaces").enumerated() {
        parts.append(try space(part, path: "\(path).\(index)"))
      }
      return .tuple(parts)
    }
    leaves.append(
      StatedLeaf(
        path: path,
        offset: try reader.integer("offset", in: Self.extent),
        size: try reader.integer("size", in: Self.extent)
      )
    )
    return try leaf(type, reader)
  }

  private mutating func members(_ reader: FieldReader) throws(FieldError) -> [(key: String, space: Space)] {
    var parts: [(key: String, space: Space)] = []
    for (index, part) in try required(reader, "spaces", reader.array("spaces"), "an array of pairs").enumerated() {
      guard case .array(let pair) = part, pair.count == 2, case .string(let key) = pair[0] else {
        throw FieldError(
          field: "\(reader.name("spaces"))[\(index)]",
          given: part.description,
          allowed: "a pair of a key and a space"
        )
      }
      parts.append((key, try space(pair[1], path: "\(reader.path).\(key)")))
    }
    return parts
  }

  private func leaf(_ type: String, _ reader: FieldReader) throws(FieldError) -> Space {
    switch type {
    case "Discrete":
      try expect(reader, dtype: "int64")
      let n = try required(reader, "n", reader.integer("n", in: 1...Int64.max), "the number of actions")
      return .discrete(n: Int64(n), start: Int64(try reader.integer("start", in: Self.anyInteger) ?? 0))
    case "MultiDiscrete":
      try expect(reader, dtype: "int64")
      let nvec = try required(reader, "nvec", integers(reader, "nvec"), "an array of whole numbers")
      return .multiDiscrete(
        nvec: nvec,
        start: try integers(reader, "start") ?? nvec.map { _ in 0 },
        shape: try integers(reader, "shape")?.map { Int($0) } ?? [nvec.count]
      )
    case "MultiBinary":
      try expect(reader, dtype: "int8")
      return .multiBinary(shape: try shape(reader))
    case "Box":
      let dtype = try required(reader, "dtype", reader.choice("dtype", of: DType.self), "a dtype such as float32")
      return .box(
        Space.Box(
          dtype: dtype,
          shape: try shape(reader),
          low: try bounds(reader, "low", dtype),
          high: try bounds(reader, "high", dtype)
        )
      )
    case "Text":
      try expect(reader, dtype: "utf8")
      return .text(
        minLength: try reader.integer("min_length", in: Self.extent) ?? 0,
        maxLength: try required(reader, "max_length", reader.integer("max_length", in: Self.extent), "a whole number"),
        charset: try reader.string("charset")
      )
    default:
      throw FieldError(
        field: reader.name("type"),
        given: JSONValue.string(type).description,
        allowed: "one of Discrete, MultiDiscrete, MultiBinary, Box, Text, Dict, Tuple"
      )
    }
  }

  private func required<Value>(
    _ reader: FieldReader,
    _ key: String,
    _ value: Value?,
    _ allowed: String
  ) throws(FieldError) -> Value {
    guard let value else { throw reader.wrong(key, nil, allowed) }
    return value
  }

  private func expect(_ reader: FieldReader, dtype: String) throws(FieldError) {
    guard let stated = try reader.string("dtype"), stated != dtype else { return }
    throw reader.wrong("dtype", .string(stated), "\"\(dtype)\"")
  }

  private func shape(_ reader: FieldReader) throws(FieldError) -> [Int] {
    try required(reader, "shape", integers(reader, "shape"), "an array of whole numbers").map { Int($0) }
  }

  private func integers(_ reader: FieldReader, _ key: String) throws(FieldError) -> [Int64]? {
    guard let elements = try reader.array(key) else { return nil }
    var numbers: [Int64] = []
    numbers.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      guard case .integer(let number) = element else {
        throw FieldError(
          field: "\(reader.name(key))[\(index)]",
          given: element.description,
          allowed: "a whole number of 64 bits"
        )
      }
      numbers.append(number)
    }
    return numbers
  }

  private func bounds(_ reader: FieldReader, _ key: String, _ dtype: DType) throws(FieldError) -> [Space.Bound] {
    guard let value = reader.value(key) else { return [.unbounded] }
    guard case .array(let elements) = value else { return [try bound(value, reader.name(key), dtype)] }
    var bounds: [Space.Bound] = []
    bounds.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      bounds.append(try bound(element, "\(reader.name(key))[\(index)]", dtype))
    }
    return bounds
  }

  /// JSON does not tell 1 from 1.0: the dtype says which of them a bound is.
  private func bound(_ value: JSONValue, _ field: String, _ dtype: DType) throws(FieldError) -> Space.Bound {
    switch value {
    case .null: return .unbounded
    case .integer(let number): return dtype.isFloatingPoint ? .real(Double(number)) : .integer(number)
    case .unsigned(let number): return dtype.isFloatingPoint ? .real(Double(number)) : .unsigned(number)
    case .number(let number) where dtype.isFloatingPoint: return .real(number)
    default:
      throw FieldError(
        field: field,
        given: value.description,
        allowed: dtype.isFloatingPoint ? "a number or null" : "a whole number or null"
      )
    }
  }
}
