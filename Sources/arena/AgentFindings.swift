import ArenaCore
import Foundation

/// What a check found out about an agent.
struct AgentFindings {
  /// One thing that was looked at.
  struct Finding: Encodable {
    var name: String
    var passed: Bool
    var detail: String
  }

  /// What was looked at, in the order in which an author would mend it.
  let findings: [Finding]
  /// What the agent's code said when it failed.
  let traceback: String?
  /// The end of its log, where it failed.
  let log: String?

  /// Whether the agent may be uploaded.
  var isReady: Bool { findings.allSatisfy(\.passed) }

  /// Reads the findings off the result of a match in which the agent is the first of the request.
  init(_ result: MatchResult, stepTimeout: Duration?) {
    let agent = result.agentResults[0]
    traceback = agent.failure?.traceback
    log = agent.failure == nil ? nil : agent.failure?.logTail
    guard result.status == .success || result.status == .timeout || agent.failure != nil else {
      findings = [Finding(name: "starts", passed: false, detail: result.errorMessage ?? "the match failed")]
      return
    }
    guard let startup = agent.startupTimeSeconds else {
      findings = [Finding(name: "loads", passed: false, detail: agent.errorMessage ?? "it never became ready")]
      return
    }
    let failure = agent.errorMessage ?? ""
    func count(_ kind: FaultKind) -> Int { agent.faults[kind.rawValue] ?? 0 }
    func finding(_ name: String, _ faults: Int, _ passed: String) -> Finding {
      Finding(name: name, passed: faults == 0, detail: faults == 0 ? passed : "\(faults) times not; first: \(failure)")
    }
    let answers = agent.thinkTime.count
    let limit = stepTimeout.map { "; the limit is \(MatchReport.time($0.inSeconds))" } ?? ""
    let speed =
      "p50 \(MatchReport.time(agent.thinkTime.p50Seconds)), p99 \(MatchReport.time(agent.thinkTime.p99Seconds)), longest \(MatchReport.time(agent.thinkTime.maxSeconds))"
    findings = [
      Finding(name: "loads", passed: true, detail: "ready after \(MatchReport.time(startup))"),
      finding(
        "answers",
        count(.exception) + count(.disconnected) + count(.protocol),
        "\(answers) answers in \(result.games.count == 1 ? "1 game" : "\(result.games.count) games, in different seats")"
      ),
      finding("legally", count(.invalidAction), "every action lies within the action space"),
      finding("in time", count(.timeout), speed + limit),
    ]
  }

  /// The findings for a person.
  var text: String {
    var lines = findings.map { "\($0.passed ? "✓" : "✗") \($0.name): \($0.detail)" }
    if let traceback { lines += traceback.split(separator: "\n").map { "    \($0)" } }
    if traceback == nil, let log, !log.isEmpty {
      lines.append("  the end of its log:")
      lines += log.split(separator: "\n").suffix(20).map { "    \($0)" }
    }
    lines.append(isReady ? "The agent is ready." : "The agent is not ready.")
    return lines.joined(separator: "\n")
  }

  /// The findings for a program.
  var json: String {
    struct Document: Encodable {
      var ready: Bool
      var findings: [Finding]
      var traceback: String?
      var log: String?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let document = Document(ready: isReady, findings: findings, traceback: traceback, log: log)
    return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
