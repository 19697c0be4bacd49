internal import AgentProtocol
public import ArenaCore
public import Environments
internal import Glibc

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a replay says about the match it records: who, what, by which rules, with which software.
public enum Provenance {
  /// Metadata records by name, for the replay of `spec` in `game`. The seed must have been drawn.
  ///
  /// - Parameter node: the machine's name in its cluster; nil where it has none.
  public static func metadata(
    of spec: MatchSpec,
    game: EnvironmentSpec,
    node: String? = nil
  ) -> [String: [String: String]] {
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
        "write_timeout_sec": "\(spec.limits.writeTimeout.inSeconds)",
        "stall_threshold_sec": "\(spec.limits.stallThreshold.inSeconds)",
        "max_faults": "\(spec.policy.maxFaults)",
      ],
      "policy": policy(spec.policy),
      "platform": platform(node: node),
    ]
    for (index, agent) in spec.agents.enumerated() {
      records["agent \(index)"] = agent.metadata.merging(["agent_id": agent.agentID, "version": agent.version ?? ""]) {
        $1
      }
      records["agent \(index)"]?["image"] = agent.image
      records["agent \(index)"]?["image_digest"] = agent.imageDigest
    }
    return records
  }

  private static func policy(_ policy: FaultPolicy) -> [String: String] {
    var values = Dictionary(uniqueKeysWithValues: FaultKind.allCases.map { ($0.rawValue, policy[$0].rawValue) })
    values["on_platform_stall"] = policy.onPlatformStall.rawValue
    values["max_voids"] = "\(policy.maxVoids)"
    values["startup_fault_is_error"] = "\(policy.startupFaultIsError)"
    return values
  }

  private static func platform(node: String?) -> [String: String] {
    var name = utsname()
    uname(&name)
    var values = [
      "kernel": text(&name.release), "architecture": text(&name.machine),
      "processors": "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))",
    ]
    values["node"] = node
    return values
  }

  /// The text in one of the kernel's fixed fields.
  private static func text<Field>(_ field: inout Field) -> String {
    withUnsafeBytes(of: &field) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// `value` as JSON with its keys in order.
  static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
