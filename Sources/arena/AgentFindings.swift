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
    let answers = agent.thinkTime.count
    let games = result.games.count == 1 ? "1 game" : "\(result.games.count) games, in different seats"
    let limit = stepTimeout.map { "; the limit is \(MatchReport.time($0.inSeconds))" } ?? ""
    func finding(_ name: String, _ kinds: [FaultKind], _ passed: String?, advice: String = "") -> Finding? {
      let faults = kinds.map { agent.faults[$0.rawValue] ?? 0 }.reduce(0, +)
      guard faults > 0 else { return passed.map { Finding(name: name, passed: true, detail: $0) } }
      // The result tells about one fault: it may be of another kind.
      let first = agent.failure.flatMap { kinds.contains($0.kind) ? agent.errorMessage : nil }
      let count = faults == 1 ? "one time not" : "\(faults) times not"
      return Finding(name: name, passed: false, detail: count + (first.map { "; first: \($0)" } ?? "") + advice)
    }
    let speed = [
      ("p50", agent.thinkTime.p50Seconds), ("p99", agent.thinkTime.p99Seconds), ("longest", agent.thinkTime.maxSeconds),
    ].map { "\($0.0) \(MatchReport.time($0.1))" }.joined(separator: ", ")
    // What was never seen is neither right nor wrong.
    findings = [
      Finding(name: "loads", passed: true, detail: "ready after \(MatchReport.time(startup))"),
      finding(
        "answers",
        [.exception, .disconnected, .protocol],
        answers > 0 ? "\(answers) answers in \(games)" : nil
      ),
      finding("legally", [.invalidAction], answers > 0 ? "every action lies within the action space" : nil),
      finding(
        "in time",
        [.timeout],
        answers > 0 ? speed + limit : nil,
        advice: limit + ". What can be done once, such as reading a model, belongs before the first observation"
      ),
    ].compactMap(\.self)
  }

  /// The findings for a person.
  var text: String {
    var lines = findings.map { "\($0.passed ? "✓" : "✗") \($0.name): \($0.detail)" }
    if let traceback { lines += traceback.split(separator: "\n").map { "    \($0)" } }
    let said = findings.map(\.detail).joined()
    // The agent host logs what it reports: once is enough.
    let log = (log ?? "").split(separator: "\n").filter { !said.contains($0.replacing("rl_arena_agent: ", with: "")) }
    if traceback == nil, !log.isEmpty {
      lines.append("  the end of its log:")
      lines += log.suffix(20).map { "    \($0)" }
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
