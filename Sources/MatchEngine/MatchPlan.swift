public import ArenaCore
public import Replay

/// Everything that a match needs beside its environment: what to play, who plays, where the replay goes.
public struct MatchPlan: Sendable {
  /// What to play.
  public var spec: MatchSpec
  /// Where the moves come from, in the order of the request's agents.
  public var sources: [SeatSource]
  /// The file that the replay is written to; nil for none. The replay of a voided attempt gets `.void1` … before its ending.
  public var replayPath: String?
  /// How the replay is written.
  public var replayOptions = ReplayOptions.standard
  /// What the replay says about the match's provenance: Metadata records by name.
  public var provenance: [String: [String: String]]
  /// Seconds since 1970 by which the verdict must be in; nil where nobody waits that way.
  public var verdictBy: Double?
  /// The processors that the match's thread keeps to; nil for all. Agents are served in the order of the request, so of those that
  /// share a processor with it, the last is the best.
  public var processors: [Int]?
  /// Whether an agent runs on those processors too.
  public var sharesProcessor = false
  /// What is known about an agent's process from outside, by its index in the request and the kind of its gravest fault;
  /// asked once the match is over. After `disconnected` and `startup` the process has ended or is about to.
  public var processReport: (@Sendable (Int, FaultKind) -> ProcessReport?)?

  /// A plan.
  public init(
    spec: MatchSpec,
    sources: [SeatSource],
    replayPath: String? = nil,
    provenance: [String: [String: String]] = [:],
    verdictBy: Double? = nil,
    processReport: (@Sendable (Int, FaultKind) -> ProcessReport?)? = nil
  ) {
    self.spec = spec
    self.sources = sources
    self.replayPath = replayPath
    self.provenance = provenance
    self.verdictBy = verdictBy
    self.processReport = processReport
  }
}
