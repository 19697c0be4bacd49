public import ArenaCore

extension SpaceLayout: Encodable {
  enum CodingKeys: String, CodingKey {
    case size
    case space
  }

  /// Writes `{"size": …, "space": …}` as in `docs/PROTOCOL.md` section 8, every leaf with its offset.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(size, forKey: .size)
    var next = 0
    try container.encode(description(of: space, next: &next), forKey: .space)
  }

  /// The space as a JSON value, with dtypes, offsets and sizes.
  public var jsonDescription: JSONValue {
    var next = 0
    return description(of: space, next: &next)
  }

  private func description(of space: Space, next: inout Int) -> JSONValue {
    switch space {
    case .dict(let parts):
      var members: [JSONValue] = []
      for (key, part) in parts { members.append(.array([.string(key), description(of: part, next: &next)])) }
      return .object(["type": .string("Dict"), "spaces": .array(members)])
    case .tuple(let parts):
      var members: [JSONValue] = []
      for part in parts { members.append(description(of: part, next: &next)) }
      return .object(["type": .string("Tuple"), "spaces": .array(members)])
    default:
      let leaf = leaves[next]
      next += 1
      var members = Self.members(of: space)
      members["offset"] = .integer(Int64(leaf.offset))
      members["size"] = .integer(Int64(leaf.size))
      return .object(members)
    }
  }

  private static func members(of leaf: Space) -> [String: JSONValue] {
    switch leaf {
    case .discrete(let n, let start):
      ["type": .string("Discrete"), "dtype": .string("int64"), "n": .integer(n), "start": .integer(start)]
    case .multiDiscrete(let nvec, let start, let shape):
      [
        "type": .string("MultiDiscrete"), "dtype": .string("int64"), "shape": json(shape),
        "nvec": .array(nvec.map(JSONValue.integer)), "start": .array(start.map(JSONValue.integer)),
      ]
    case .multiBinary(let shape):
      ["type": .string("MultiBinary"), "dtype": .string("int8"), "shape": json(shape)]
    case .box(let box):
      [
        "type": .string("Box"), "dtype": .string(box.dtype.rawValue), "shape": json(box.shape),
        "low": json(box.low), "high": json(box.high),
      ]
    case .text(let minLength, let maxLength, let charset):
      [
        "type": .string("Text"), "dtype": .string("utf8"), "min_length": .integer(Int64(minLength)),
        "max_length": .integer(Int64(maxLength)), "charset": charset.map(JSONValue.string) ?? .null,
      ]
    case .dict, .tuple:
      preconditionFailure("an inner node is not a leaf")
    }
  }

  private static func json(_ shape: [Int]) -> JSONValue { .array(shape.map { .integer(Int64($0)) }) }

  private static func json(_ bounds: [Space.Bound]) -> JSONValue {
    let values = bounds.map { bound -> JSONValue in
      switch bound {
      case .unbounded: .null
      case .integer(let value): .integer(value)
      case .unsigned(let value): .unsigned(value)
      case .real(let value): .number(value)
      }
    }
    return values.count == 1 ? values[0] : .array(values)
  }
}
