import ArenaCore
import Foundation

/// What is left of a match once all its processes have ended.
struct MatchOutcome: Sendable {
  /// What is left of one agent.
  struct AgentOutcome: Sendable {
    /// How its process ended; nil where it had to be killed or there was none.
    var ending: ChildProcess.Ending?
    var standardOutput = ""
    var standardError = ""

    /// The last line of what it printed, which a bot writes about what it saw.
    var report: [String: JSONValue] {
      let line = standardOutput.split(separator: "\n").last.map(String.init) ?? ""
      return (try? JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))) ?? [:]
    }
  }

  /// How the orchestrator ended; nil where it had to be killed.
  var ending: ChildProcess.Ending?
  /// Its standard output.
  var standardOutput: String
  /// Its log, one object per line.
  var log: [[String: JSONValue]]
  /// The termination message, where there is one.
  var terminationMessage: Data?
  /// By the request's order.
  var agents: [AgentOutcome]
  /// Where replays are.
  var replayFolder: URL
  /// Keeps the folder.
  var match: ArenaMatch

  /// The result: the last line of standard output.
  var result: MatchResult {
    get throws {
      let line = standardOutput.split(separator: "\n").last.map(String.init) ?? ""
      return try JSONDecoder().decode(MatchResult.self, from: Data(line.utf8))
    }
  }

  /// The replay, read by the `mcap` package.
  func replay(_ name: String = "match.mcap") async throws -> ReplayContents {
    try await ReplayContents.read(replayFolder.appending(path: name))
  }
}
