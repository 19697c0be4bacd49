public import ArenaCore

/// Where the leaves of a space lie in the bytes of an observation or an action.
///
/// The rules are section 8 of `docs/PROTOCOL.md`: depth first, each leaf aligned to its element, the total a multiple of 8.
public struct SpaceLayout: Equatable, Sendable {
  /// One array, number or string of the space.
  public struct Leaf: Equatable, Sendable {
    /// Keys and positions that lead to the leaf; empty where the space is a single leaf.
    public var path: [String]
    /// The leaf's own space: never a `dict` or a `tuple`.
    public var space: Space
    /// Bytes from the start of the value.
    public var offset: Int
    /// Bytes that the leaf takes.
    public var size: Int
  }

  /// The space that is laid out.
  public let space: Space
  /// The leaves in the order of their offsets.
  public let leaves: [Leaf]
  /// Bytes of a whole value, a multiple of 8.
  public let size: Int

  /// Values larger than this are not laid out: 1 GiB.
  public static let maximumSize = 1 << 30

  /// Lays `space` out.
  ///
  /// - Throws: `FieldError` for a space that cannot be: an empty or negative extent, bounds that do not fit, over 1 GiB.
  public init(_ space: Space) throws(FieldError) {
    var leaves: [Leaf] = []
    var end = 0
    try Self.place(space, path: [], into: &leaves, end: &end)
    self.space = space
    self.leaves = leaves
    size = (end + 7) / 8 * 8
  }

  private static func place(
    _ space: Space,
    path: [String],
    into leaves: inout [Leaf],
    end: inout Int
  ) throws(FieldError) {
    switch space {
    case .dict(let parts):
      var keys: Set<String> = []
      for (key, part) in parts {
        guard keys.insert(key).inserted else {
          throw FieldError(field: name(path + [key]), given: "there twice", allowed: "a key of its own")
        }
        try place(part, path: path + [key], into: &leaves, end: &end)
      }
    case .tuple(let parts):
      for (index, part) in parts.enumerated() {
        try place(part, path: path + [String(index)], into: &leaves, end: &end)
      }
    default:
      let (alignment, size) = try extent(of: space, path: path)
      let offset = (end + alignment - 1) / alignment * alignment
      end = offset + size
      guard end <= maximumSize else {
        throw FieldError(field: name(path), given: "\(end) bytes", allowed: "at most \(maximumSize) bytes in all")
      }
      leaves.append(Leaf(path: path, space: space, offset: offset, size: size))
    }
  }

  /// Alignment and size of a leaf, in bytes.
  private static func extent(of leaf: Space, path: [String]) throws(FieldError) -> (alignment: Int, size: Int) {
    switch leaf {
    case .discrete(let n, let start):
      guard n > 0, !start.addingReportingOverflow(n - 1).overflow else {
        throw FieldError(field: name(path) + ".n", given: "\(n)", allowed: "at least 1 and within 64 bits from start")
      }
      return (8, 8)
    case .multiDiscrete(let nvec, let start, let shape):
      let count = try elements(shape, path: path)
      guard nvec.count == count, start.count == count, nvec.allSatisfy({ $0 > 0 }),
        zip(nvec, start).allSatisfy({ !$1.addingReportingOverflow($0 - 1).overflow })
      else {
        throw FieldError(field: name(path) + ".nvec", given: "\(nvec)", allowed: "\(count) numbers of at least 1")
      }
      return (8, try bytes(count, of: 8, path: path))
    case .multiBinary(let shape):
      return (1, try elements(shape, path: path))
    case .box(let box):
      let count = try elements(box.shape, path: path)
      for (side, bounds) in [("low", box.low), ("high", box.high)] where bounds.count != 1 && bounds.count != count {
        throw FieldError(
          field: name(path) + "." + side,
          given: "\(bounds.count) bounds",
          allowed: "one bound, or one for each of \(count)"
        )
      }
      let size = try bytes(count, of: box.dtype.itemSize, path: path)
      if let (side, problem) = BoxBounds.problem(withBoundsOf: box) {
        throw FieldError(field: "\(name(path)).\(side)", given: problem.given, allowed: problem.allowed)
      }
      return (box.dtype.itemSize, size)
    case .text(let minLength, let maxLength, let charset):
      guard minLength >= 0, maxLength >= minLength, maxLength <= maximumSize / 4 - 1 else {
        throw FieldError(
          field: name(path) + ".max_length",
          given: "\(maxLength)",
          allowed: "\(minLength)…\(maximumSize / 4 - 1)"
        )
      }
      guard minLength == 0 || charset?.isEmpty != true else {
        throw FieldError(field: name(path) + ".charset", given: "empty", allowed: "null or at least one character")
      }
      return (4, 4 + 4 * maxLength)
    case .dict, .tuple:
      preconditionFailure("an inner node has no extent of its own")
    }
  }

  private static func elements(_ shape: [Int], path: [String]) throws(FieldError) -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product <= maximumSize else {
        throw FieldError(
          field: name(path) + ".shape",
          given: "\(shape)",
          allowed: "positive numbers and at most \(maximumSize) elements"
        )
      }
      count = product
    }
    return count
  }

  private static func bytes(_ count: Int, of itemSize: Int, path: [String]) throws(FieldError) -> Int {
    guard count <= maximumSize / itemSize else {
      throw FieldError(field: name(path), given: "\(count) elements", allowed: "at most \(maximumSize) bytes in all")
    }
    return count * itemSize
  }

  /// What messages call the whole space.
  static let rootName = "space"

  private static func name(_ path: [String]) -> String { ([rootName] + path).joined(separator: ".") }
}
