import ArenaCore
import Foundation

/// What a person wants to know after a match.
struct MatchReport {
  let outcome: LocalMatchRun.Outcome
  /// Where agents' logs are; nil where no agent has one.
  let logDirectory: String?

  private var result: MatchResult { outcome.result }

  /// The report, without a final line break.
  var text: String {
    var lines = [AgentTable.text(of: result.agentResults), "", verdict]
    for agent in result.agentResults {
      guard let failure = agent.failure else { continue }
      lines.append("\(agent.agentID): it \(failure.message)" + place(of: failure))
      if let traceback = failure.traceback { lines.append(indented(traceback)) }
    }
    lines.append("")
    if let recording = result.recording, let path = recording.path {
      lines.append("replay   \(path) (\(recording.frames) frames, \(recording.bytes) bytes)")
      if let reason = recording.endedBecause { lines.append("         \(reason)") }
      lines += recording.delivery.map(deliveryLines) ?? []
    }
    if let logDirectory { lines.append("logs     \(logDirectory)/") }
    lines.append("seed     \(result.seed)")
    if let sandbox = outcome.sandbox {
      lines.append("sandbox  \(sandbox.summary)" + sandbox.unenforced.map { "; \($0)" }.joined())
    }
    lines.append("A cluster adds a container image, a node's resources and a network policy for each agent.")
    return lines.joined(separator: "\n")
  }

  private func deliveryLines(_ delivery: DeliveryResult) -> [String] {
    let all = [delivery] + (delivery.others ?? [])
    return all.filter(\.delivered).map { "         delivered to \($0.url)" }
      + all.filter { !$0.delivered }.map { "         not delivered to \($0.url): \($0.error ?? ""); the file remains" }
  }

  private var verdict: String {
    let steps =
      "\(result.totalSteps) \(result.totalSteps == 1 ? "step" : "steps") in \(String(format: "%.2f", result.executionTimeSeconds)) s"
    return switch result.status {
    case .success: (result.winnerAgentID.map { "\($0) wins" } ?? "a draw") + " after \(steps)"
    case .timeout: "no winner: \(result.errorMessage ?? "the time is over"), \(steps)"
    case .cancelled: "cancelled: \(result.errorMessage ?? "")"
    case .error: "the match failed: \(result.errorMessage ?? "")"
    }
  }

  private func place(of failure: FailureReport) -> String {
    guard let game = failure.game, let step = failure.step else { return "" }
    return " (game \(game + 1), after \(step) \(step == 1 ? "step" : "steps"))"
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
  }

  /// A time in the unit that suits it; a dash where nothing was measured.
  static func time(_ thinkTime: ThinkTime, _ seconds: Double) -> String {
    guard thinkTime.count > 0 else { return "–" }
    return time(seconds)
  }

  /// A time in the unit that suits it.
  static func time(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.001: String(format: "%.0f µs", seconds * 1e6)
    case ..<1: String(format: "%.1f ms", seconds * 1e3)
    default: String(format: "%.2f s", seconds)
    }
  }

  /// A number without a fraction where it has none.
  static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? String(format: "%.3f", value)
  }
}
