internal import Synchronization

/// One caller's wait for the end of a match. A caller that goes away ends its wait, never the match.
public final class MatchWait: Sendable {
  /// The match.
  public let matchID: String
  private let table: MatchTable
  private let number: UInt64

  init(matchID: String, table: MatchTable, number: UInt64) {
    self.matchID = matchID
    self.table = table
    self.number = number
  }

  deinit { leave() }

  /// What came of the match, once it is over. May be asked for once.
  ///
  /// - Throws: `MatchRefusal` if the executor gives the match up, `CancellationError` if the task is cancelled or `leave` called.
  public func outcome() async throws -> FinishedMatch {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { table.await(matchID, caller: number, $0) }
    } onCancel: {
      leave()
    }
  }

  /// Waits no longer.
  public func leave() { table.leave(matchID, caller: number) }
}
