import ArenaCore
import Foundation

/// What came of each agent, in columns.
enum AgentTable {
  /// The table, without a final line break.
  static func text(of agents: [AgentResult]) -> String {
    var rows = [["seat", "agent", "score", "faults", "think p50", "p99"]]
    for (seat, agent) in agents.enumerated() {
      let faults =
        agent.faults.isEmpty
        ? "0" : agent.faults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      rows.append([
        "\(seat)", agent.agentID, MatchReport.number(agent.score), faults + (agent.forfeited ? " (forfeited)" : ""),
        MatchReport.time(agent.thinkTime, agent.thinkTime.p50Seconds),
        MatchReport.time(agent.thinkTime, agent.thinkTime.p99Seconds),
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }
}
