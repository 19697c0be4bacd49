internal import ArenaCore

/// Decides whether the bytes of an action lie within the action space and are legal now.
///
/// A class, so that asking it in every step never copies the description of the space.
public final class ActionChecker: Sendable {
  private enum Plan: Sendable {
    /// The one shape that nearly every game has.
    case discrete(start: Int64, n: Int64)
    case leaves
  }

  /// The actions of a Discrete space; nil for any other.
  public var discreteActions: ClosedRange<Int64>? {
    guard case .discrete(let start, let n) = plan else { return nil }
    return start...start + (n - 1)
  }

  /// The action space.
  public let layout: SpaceLayout
  private let plan: Plan

  /// A checker for actions of `layout`.
  public init(_ layout: SpaceLayout) {
    self.layout = layout
    if case .discrete(let n, let start) = layout.space {
      plan = .discrete(start: start, n: n)
    } else {
      plan = .leaves
    }
  }

  /// What is wrong with `action`, as the end of a sentence that begins with "the action"; nil if it may be played.
  ///
  /// - Parameters:
  ///   - action: `layout.size` bytes.
  ///   - mask: one byte per action, or no bytes where the game has no mask.
  /// - Complexity: O(n) in the bytes of the action; allocates only for the sentence.
  public func problem(with action: RawSpan, mask: RawSpan) -> String? {
    switch plan {
    case .discrete(let start, let n):
      let value = action.integer(at: 0, as: Int64.self)
      guard value >= start, value <= start + (n - 1) else { return Self.outside(value, start, n) }
      guard mask.isEmpty || mask.integer(at: Int(value - start), as: UInt8.self) != 0 else {
        return "\(value) is not legal now"
      }
      return nil
    case .leaves:
      return problemInLeaves(of: action, mask: mask)
    }
  }

  private static func outside(_ value: Int64, _ start: Int64, _ n: Int64) -> String {
    "\(value) is not in \(start)…\(start + (n - 1))"
  }

  /// What is wrong with an action of any space.
  private func problemInLeaves(of action: RawSpan, mask: RawSpan) -> String? {
    for leaf in layout.leaves {
      if let problem = Self.problem(with: action.extracting(leaf.offset..<leaf.offset + leaf.size), leaf.space) {
        return leaf.path.isEmpty ? problem : "at \(leaf.path.joined(separator: ".")): \(problem)"
      }
    }
    return maskProblem(action: action, mask: mask)
  }

  private func maskProblem(action: RawSpan, mask: RawSpan) -> String? {
    guard !mask.isEmpty, case .multiDiscrete(let nvec, let start, _) = layout.space else { return nil }
    var base = 0
    for (index, n) in nvec.enumerated() {
      let value = action.integer(at: index * 8, as: Int64.self)
      guard mask.integer(at: base + Int(value - start[index]), as: UInt8.self) != 0 else {
        return "\(value) as element \(index) is not legal now"
      }
      base += Int(n)
    }
    return nil
  }

  private static func problem(with bytes: RawSpan, _ space: Space) -> String? {
    switch space {
    case .discrete(let n, let start):
      let value = bytes.integer(at: 0, as: Int64.self)
      return value >= start && value <= start + (n - 1) ? nil : outside(value, start, n)
    case .multiDiscrete(let nvec, let start, _):
      for index in nvec.indices {
        let value = bytes.integer(at: index * 8, as: Int64.self)
        guard value >= start[index], value <= start[index] + (nvec[index] - 1) else {
          return "\(value) as element \(index) is not in \(start[index])…\(start[index] + (nvec[index] - 1))"
        }
      }
      return nil
    case .multiBinary:
      for index in 0..<bytes.byteCount {
        let value = bytes.integer(at: index, as: Int8.self)
        guard value == 0 || value == 1 else { return "\(value) as element \(index) is not 0 or 1" }
      }
      return nil
    case .box(let box):
      return BoxBounds.problem(with: bytes, box)
    case .text(let minLength, let maxLength, let charset):
      return TextLeaf.problem(with: bytes, minLength: minLength, maxLength: maxLength, charset: charset)
    case .dict, .tuple:
      preconditionFailure("an inner node is not a leaf")
    }
  }
}
