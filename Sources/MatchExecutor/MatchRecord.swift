/// A match as the executor knows it.
public struct MatchRecord: Sendable {
  /// Its name.
  public let matchID: String
  /// Its environment, as the request names it.
  public let environment: String
  /// The agents' names in the order of the request.
  public let agentIDs: [String]
  /// SHA-256 of the request, 64 hexadecimal digits.
  public let requestDigest: String
  /// Its number among all matches of this executor, in the order of arrival.
  public let number: UInt64
  /// Where it is in its life.
  public internal(set) var phase = MatchPhase.queued
  /// When it went through its phases.
  public internal(set) var timings: PhaseTimings
  /// What the platform says about it, such as why it has no place yet; empty where it says nothing.
  public internal(set) var message = ""
  /// How far it has come, while it runs.
  public internal(set) var standing: MatchStanding?
  /// What came of it, once it is over.
  public internal(set) var finished: FinishedMatch?
}
