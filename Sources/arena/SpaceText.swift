import ArenaCore

/// Spaces as Gymnasium prints them.
enum SpaceText {
  /// One line for `space`.
  static func describe(_ space: Space) -> String {
    switch space {
    case .discrete(let n, let start):
      start == 0 ? "Discrete(\(n))" : "Discrete(\(n), start=\(start))"
    case .multiDiscrete(let nvec, _, _): "MultiDiscrete(\(nvec))"
    case .multiBinary(let shape): "MultiBinary(\(shape))"
    case .box(let box): "Box(\(bounds(box.low)), \(bounds(box.high)), \(box.shape), \(box.dtype.rawValue))"
    case .text(let minLength, let maxLength, _): "Text(\(minLength), \(maxLength))"
    case .dict(let parts): "Dict(" + parts.map { "\($0.key): \(describe($0.space))" }.joined(separator: ", ") + ")"
    case .tuple(let parts): "Tuple(" + parts.map(describe).joined(separator: ", ") + ")"
    }
  }

  private static func bounds(_ bounds: [Space.Bound]) -> String {
    let texts = bounds.map { bound in
      switch bound {
      case .unbounded: "inf"
      case .integer(let value): "\(value)"
      case .unsigned(let value): "\(value)"
      case .real(let value): MatchReport.number(value)
      }
    }
    return texts.count == 1 ? texts[0] : "[" + texts.joined(separator: " ") + "]"
  }
}
