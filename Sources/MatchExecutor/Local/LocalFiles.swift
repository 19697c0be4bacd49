internal import AgentSandbox
internal import ArenaSystem
internal import Glibc
internal import Replay

/// Where the replays and logs of matches on this machine lie: `replays/` and `logs/<match id>/` under one root.
struct LocalFiles: Sendable {
  /// The configured folder.
  let root: String

  /// The replay of a match.
  func replay(_ matchID: String) -> ReplayFiles { ReplayFiles(root: root, matchID: matchID) }

  /// The folder of a match's logs.
  func logFolder(_ matchID: String) -> String { "\(root)/logs/\(matchID)" }

  /// The match's own log.
  func log(_ matchID: String) -> String { "\(logFolder(matchID))/orchestrator.log" }

  /// What an agent wrote to standard output and to standard error.
  func agentLogs(_ record: MatchRecord, agent: Int) -> [String] {
    let name = LocalMatch.logName(seat: agent, agentID: record.agentIDs[agent])
    return ["stdout", "stderr"].map { "\(logFolder(record.matchID))/\(name).\($0).log" }
  }

  /// Makes the folders for a match.
  ///
  /// - Throws: `SystemFailure` if that cannot be done.
  func makeFolders(_ matchID: String) throws(SystemFailure) {
    try replay(matchID).makeFolder()
    for path in ["\(root)/logs", logFolder(matchID)] {
      guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemFailure("making the folder \(path)", errno) }
    }
  }
}
