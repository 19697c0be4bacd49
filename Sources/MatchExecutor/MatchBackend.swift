public import Replay

/// What plays matches: this machine, or a cluster.
///
/// The service checks requests, answers callers and streams; a backend finds places for matches, plays them, and tells `matches`
/// how they go.
public protocol MatchBackend: Sendable {
  /// The matches that are known, and those who wait for them.
  var matches: MatchTable { get }

  /// Takes a match, or finds it again if it was taken before.
  ///
  /// - Parameter callerDeadline: seconds since 1970 at which the caller stops waiting; nil for a caller that waits for ever.
  /// - Throws: `MatchRefusal`.
  func submit(_ match: AcceptedMatch, callerDeadline: Double?) async throws -> MatchWait

  /// Looks for a match that `matches` may not know, such as one that another executor took, and makes it known.
  ///
  /// - Throws: `MatchRefusal.unavailable` if that cannot be found out. That there is none is no error.
  func find(_ matchID: String) async throws

  /// Calls a match off and returns when it is over. One that is over stays as it is.
  ///
  /// - Throws: `MatchRefusal`.
  func cancel(_ matchID: String, reason: String) async throws

  /// Runs `body`, during which `matches` is told of the match's standing again and again.
  func whileWatched(_ matchID: String, _ body: @Sendable () async throws -> Void) async throws

  /// A match's log.
  ///
  /// - Parameters:
  ///   - agent: the agent's place in the request; nil for the log of the match itself.
  ///   - follows: whether to go on until the match is over.
  /// - Throws: `MatchRefusal`.
  func log(of match: MatchRecord, agent: Int?, follows: Bool) async throws -> ByteStream

  /// A match's replay.
  ///
  /// - Parameter follows: whether to go on until the match is over.
  /// - Throws: `MatchRefusal`.
  func replay(of match: MatchRecord, form: ReplayFiles.Form, follows: Bool) async throws -> ByteStream

  /// Takes no new match from here on, lets those it has taken end within `patience`, gives up the rest, and returns when nothing
  /// runs any more.
  func drain(within patience: Duration) async
}
