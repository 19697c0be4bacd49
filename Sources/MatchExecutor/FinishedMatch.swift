public import ArenaCore

/// What came of a match, and where it was played.
public struct FinishedMatch: Sendable, Equatable {
  /// The result.
  public var result: MatchResult
  /// Name of the machine in its cluster; nil where it has none.
  public var node: String?
  /// How often the platform began the match.
  public var attempts: Int
  /// Digests of the agents' images in the order of the request, where known.
  public var imageDigests: [String?]

  /// A match that is over.
  public init(_ result: MatchResult, node: String? = nil, attempts: Int = 1, imageDigests: [String?] = []) {
    self.result = result
    self.node = node
    self.attempts = attempts
    self.imageDigests = imageDigests
  }
}
