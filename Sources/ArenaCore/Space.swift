/// The set of values that an observation or an action may take, in Gymnasium's vocabulary.
///
/// Source of the vocabulary: <https://gymnasium.farama.org/api/spaces/>.
public indirect enum Space: Equatable, Sendable {
  /// One integer in `start ..< start + n`.
  case discrete(n: Int64, start: Int64 = 0)
  /// An integer array of `shape`; element i lies in `start[i] ..< start[i] + nvec[i]` (both flat, C order).
  case multiDiscrete(nvec: [Int64], start: [Int64], shape: [Int])
  /// An int8 array of `shape` that holds only 0 and 1.
  case multiBinary(shape: [Int])
  /// An array of `shape` and `dtype`, every element within inclusive bounds.
  case box(Box)
  /// A string whose length is counted in Unicode code points.
  case text(minLength: Int, maxLength: Int, charset: String?)
  /// Named subspaces, in this order.
  case dict([(key: String, space: Space)])
  /// Subspaces by position.
  case tuple([Space])

  /// What a `Box` space holds.
  public struct Box: Equatable, Sendable {
    /// Type of one element.
    public var dtype: DType
    /// Extent of each dimension; empty for a scalar.
    public var shape: [Int]
    /// Inclusive lower bounds: one for all elements, or one each in C order.
    public var low: [Bound]
    /// Inclusive upper bounds: one for all elements, or one each in C order.
    public var high: [Bound]

    /// A box with one bound, or one bound per element, on each side.
    public init(dtype: DType, shape: [Int], low: [Bound], high: [Bound]) {
      self.dtype = dtype
      self.shape = shape
      self.low = low
      self.high = high
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// One inclusive bound of a `Box`; integers are kept exactly.
  public enum Bound: Equatable, Sendable {
    /// No bound on this side.
    case unbounded
    /// A bound that is an integer.
    case integer(Int64)
    /// A bound above `Int64.max`, for `uint64`.
    case unsigned(UInt64)
    /// A bound of a floating-point box.
    case real(Double)
  }

  /// A multi-discrete space whose components all start at 0.
  public static func multiDiscrete(_ nvec: [Int64]) -> Space {
    .multiDiscrete(nvec: nvec, start: nvec.map { _ in 0 }, shape: [nvec.count])
  }

  /// A box of `dtype` and `shape` with the same bounds for all elements; nil stands for no bound.
  public static func box(_ dtype: DType, shape: [Int], low: Double?, high: Double?) -> Space {
    func bound(_ value: Double?) -> Bound {
      guard let value, value.isFinite else { return .unbounded }
      if dtype.isFloatingPoint { return .real(value) }
      return Int64(exactly: value).map(Bound.integer) ?? UInt64(exactly: value).map(Bound.unsigned) ?? .real(value)
    }
    return .box(Box(dtype: dtype, shape: shape, low: [bound(low)], high: [bound(high)]))
  }

  /// Two spaces are equal if they hold the same values in the same order of parts.
  public static func == (left: Space, right: Space) -> Bool {
    switch (left, right) {
    case (.discrete(let n, let start), .discrete(let otherN, let otherStart)):
      n == otherN && start == otherStart
    case (.multiDiscrete(let nvec, let start, let shape), .multiDiscrete(let otherNvec, let otherStart, let otherShape)):
      nvec == otherNvec && start == otherStart && shape == otherShape
    case (.multiBinary(let shape), .multiBinary(let otherShape)):
      shape == otherShape
    case (.box(let box), .box(let otherBox)):
      box == otherBox
    case (.text(let low, let high, let charset), .text(let otherLow, let otherHigh, let otherCharset)):
      low == otherLow && high == otherHigh && charset == otherCharset
    case (.dict(let parts), .dict(let otherParts)):
      parts.count == otherParts.count && zip(parts, otherParts).allSatisfy { $0.key == $1.key && $0.space == $1.space }
    case (.tuple(let parts), .tuple(let otherParts)):
      parts == otherParts
    default:
      false
    }
  }
}

extension Space.Bound: CustomStringConvertible {
  /// The number, or `none`.
  public var description: String {
    switch self {
    case .unbounded: "none"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .real(let value): "\(value)"
    }
  }
}
