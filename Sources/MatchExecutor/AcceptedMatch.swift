public import ArenaCore

/// A match that was asked for, checked and complete.
public struct AcceptedMatch: Sendable {
  /// What to play. Its seed may be missing, then it is drawn when the match begins.
  public var spec: MatchSpec
  /// Where the agents come from, in the order of the request.
  public var sources: [AgentSource]
  /// What each agent may use, where the request says so.
  public var resources: RequestedResources
  /// The more, the earlier the match is begun.
  public var priority: Int32
  /// SHA-256 of the request: equal requests have equal digests. 64 hexadecimal digits.
  public var requestDigest: String

  /// A match.
  public init(
    spec: MatchSpec,
    sources: [AgentSource],
    resources: RequestedResources = RequestedResources(),
    priority: Int32 = 0,
    requestDigest: String
  ) {
    self.spec = spec
    self.sources = sources
    self.resources = resources
    self.priority = priority
    self.requestDigest = requestDigest
  }
}
