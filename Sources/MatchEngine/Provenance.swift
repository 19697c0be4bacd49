internal import AgentProtocol
public import ArenaCore
public import Environments

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a replay says about the match it records: who, what, by which rules, with which software.
public enum Provenance {
  /// Metadata records by name, for the replay of `spec` in `game`. The seed must have been drawn.
  public static func metadata(of spec: MatchSpec, game: EnvironmentSpec) -> [String: [String: String]] {
    var records = [
      "match": [
        "match_id": spec.matchID, "environment": game.name, "games": "\(spec.games)",
        "seed": spec.seed.map { "\($0)" } ?? "", "version": ArenaVersion.current,
      ],
      "environment": [
        "configuration": json(JSONValue.object(game.configuration)),
        "observation": json(game.observation), "action": json(game.action),
        "action_mask_size": "\(game.actionMaskSize)",
      ],
      "limits": [
        "startup_timeout_sec": "\(spec.limits.startupTimeout.inSeconds)",
        "step_timeout_sec": spec.limits.stepTimeout.map { "\($0.inSeconds)" } ?? "none",
        "time_bank_sec": "\(spec.limits.timeBank.inSeconds)",
        "timeout_sec": spec.limits.matchTimeout.map { "\($0.inSeconds)" } ?? "none",
        "max_faults": "\(spec.policy.maxFaults)",
      ],
      "policy": Dictionary(uniqueKeysWithValues: FaultKind.allCases.map { ($0.rawValue, spec.policy[$0].rawValue) }),
    ]
    for (index, agent) in spec.agents.enumerated() {
      records["agent \(index)"] = agent.metadata.merging(["agent_id": agent.agentID, "version": agent.version ?? ""]) {
        $1
      }
    }
    return records
  }

  /// `value` as JSON with its keys in order.
  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
