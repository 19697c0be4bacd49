import ArenaCore
import Foundation
import Testing

/// A match's configuration, read from JSON.
@Suite struct MatchSpecTests {
  static func spec(_ text: String) throws -> MatchSpec {
    try MatchSpec(reading: FieldReader(JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))))
  }

  /// The smallest match, with `members` added or put in place of its own.
  static func spec(with members: String) throws -> MatchSpec {
    let decoder = JSONDecoder()
    let base = #"{"match_id": "m", "environment": "pong", "agents": [{"agent_id": "a"}, {"agent_id": "b"}]}"#
    let smallest = try decoder.decode([String: JSONValue].self, from: Data(base.utf8))
    let added = try decoder.decode([String: JSONValue].self, from: Data("{\(members)}".utf8))
    return try MatchSpec(reading: FieldReader(.object(smallest.merging(added) { $1 })))
  }

  @Test func `the smallest configuration has the promised defaults`() throws {
    let spec = try Self.spec(with: "")
    #expect(spec.matchID == "m")
    #expect(spec.agents == [AgentSpec(agentID: "a"), AgentSpec(agentID: "b")])
    #expect(spec.limits == MatchLimits())
    #expect(spec.limits.startupTimeout == .seconds(60))
    #expect(spec.limits.stepTimeout == .seconds(5))
    #expect(spec.limits.timeBank == .zero)
    #expect(spec.limits.matchTimeout == .seconds(300))
    #expect(spec.policy == FaultPolicy())
    #expect(spec.policy.maxFaults == 10)
    #expect(spec.policy.maxVoids == 1)
    #expect(spec.policy.onPlatformStall == .mark)
    #expect(!spec.policy.startupFaultIsError)
    #expect(spec.seed == nil)
    #expect(spec.games == 1)
    #expect(spec.recordReplay)
    #expect(spec.environmentConfiguration.isEmpty)
  }

  @Test func `every key is read`() throws {
    let spec = try Self.spec(
      #"""
      {"match_id": "a.B-1_", "environment": "Pong", "environment_config": {"max_steps": 3}, "seed": 18446744073709551615,
       "games": 1000, "record_replay": false, "startup_timeout_sec": 0.001, "step_timeout_sec": 86400,
       "time_bank_sec": 1.5, "timeout_sec": 12, "write_timeout_sec": 2, "stall_threshold_sec": 0.25, "max_faults": 0,
       "on_platform_stall": "void", "max_voids": 10, "startup_fault_is_error": true, "future_key": [],
       "faults": {"timeout": "forfeit", "exception": "void", "protocol": "void", "startup": null},
       "agents": [{"agent_id": "é", "version": "2", "metadata": {"runtime": "image"}}]}
      """#
    )
    #expect(spec.environmentConfiguration == ["max_steps": .integer(3)])
    #expect(spec.seed == .max)
    #expect(spec.games == 1000)
    #expect(!spec.recordReplay)
    #expect(
      spec.limits
        == MatchLimits(
          startupTimeout: .milliseconds(1),
          stepTimeout: .seconds(86_400),
          timeBank: .milliseconds(1500),
          matchTimeout: .seconds(12),
          writeTimeout: .seconds(2),
          stallThreshold: .milliseconds(250)
        )
    )
    #expect(spec.policy.maxFaults == 0)
    #expect(spec.policy.onPlatformStall == .void)
    #expect(spec.policy.maxVoids == 10)
    #expect(spec.policy.startupFaultIsError)
    #expect(spec.policy[.timeout] == .forfeit)
    #expect(spec.policy[.exception] == .void)
    #expect(spec.policy[.protocol] == .void)
    #expect(spec.policy[.startup] == .forfeit)
    #expect(spec.policy[.invalidAction] == .fallback)
    #expect(spec.agents == [AgentSpec(agentID: "é", version: "2", metadata: ["runtime": "image"])])
  }

  @Test func `a step timeout of 0 is none, and a match timeout of 0 is the default`() throws {
    let spec = try Self.spec(with: #""step_timeout_sec": 0, "timeout_sec": 0"#)
    #expect(spec.limits.stepTimeout == nil)
    #expect(spec.limits.matchTimeout == .seconds(300))
  }

  static let wrong: [(String, field: String)] = [
    (#""match_id": null"#, "match_id"), (#""match_id": 3"#, "match_id"), (#""match_id": """#, "match_id"),
    (#""match_id": ".hidden""#, "match_id"), (#""match_id": "a/b""#, "match_id"), (#""match_id": "é""#, "match_id"),
    (#""match_id": "a b""#, "match_id"), (#""match_id": "\#(String(repeating: "m", count: 129))""#, "match_id"),
    (#""environment": null"#, "environment"), (#""environment": ["pong"]"#, "environment"),
    (#""environment_config": []"#, "environment_config"), (#""agents": null"#, "agents"), (#""agents": []"#, "agents"),
    (#""agents": {}"#, "agents"), (#""agents": ["a"]"#, "agents[0]"), (#""agents": [{}]"#, "agents[0].agent_id"),
    (#""agents": [{"agent_id": 1}]"#, "agents[0].agent_id"), (#""agents": [{"agent_id": ""}]"#, "agents[0].agent_id"),
    (#""agents": [{"agent_id": "\#(String(repeating: "a", count: 257))"}]"#, "agents[0].agent_id"),
    (#""agents": [{"agent_id": "a"}, {"agent_id": "a"}]"#, "agents[1].agent_id"),
    (#""agents": [{"agent_id": "a", "version": 1}]"#, "agents[0].version"),
    (#""agents": [{"agent_id": "a", "metadata": []}]"#, "agents[0].metadata"),
    (#""agents": [{"agent_id": "a", "metadata": {"k": 1}}]"#, "agents[0].metadata.k"),
    (#""seed": -1"#, "seed"), (#""seed": 18446744073709551616"#, "seed"), (#""seed": "7""#, "seed"),
    (#""seed": 0.5"#, "seed"), (#""games": 0"#, "games"), (#""games": 1001"#, "games"), (#""games": 1.5"#, "games"),
    (#""record_replay": 1"#, "record_replay"), (#""startup_timeout_sec": 0"#, "startup_timeout_sec"),
    (#""startup_timeout_sec": 86400.1"#, "startup_timeout_sec"), (#""step_timeout_sec": -1"#, "step_timeout_sec"),
    (#""step_timeout_sec": 1e-10"#, "step_timeout_sec"), (#""step_timeout_sec": "5s""#, "step_timeout_sec"),
    (#""time_bank_sec": -0.1"#, "time_bank_sec"), (#""timeout_sec": 1e300"#, "timeout_sec"),
    (#""write_timeout_sec": 0"#, "write_timeout_sec"), (#""stall_threshold_sec": true"#, "stall_threshold_sec"),
    (#""max_faults": -1"#, "max_faults"), (#""max_faults": 1000001"#, "max_faults"),
    (#""on_platform_stall": "ignore""#, "on_platform_stall"), (#""max_voids": 11"#, "max_voids"),
    (#""startup_fault_is_error": "yes""#, "startup_fault_is_error"), (#""faults": []"#, "faults"),
    (#""faults": {"crash": "forfeit"}"#, "faults.crash"), (#""faults": {"timeout": "lose"}"#, "faults.timeout"),
    (#""faults": {"protocol": "fallback"}"#, "faults.protocol"),
    (#""faults": {"disconnected": "fallback"}"#, "faults.disconnected"),
    (#""faults": {"startup": "fallback"}"#, "faults.startup"),
  ]

  @Test(arguments: wrong) func `what is not allowed is named`(members: String, field: String) {
    let error = #expect(throws: FieldError.self) { try Self.spec(with: members) }
    #expect(error?.field == field)
  }

  @Test func `the longest allowed names are taken`() throws {
    let (match, agent) = (String(repeating: "m", count: 128), String(repeating: "é", count: 128))
    let spec = try Self.spec(
      #"{"match_id": "\#(match)", "environment": "x", "agents": [{"agent_id": "\#(agent)"}]}"#
    )
    #expect(spec.matchID == match)
    #expect(spec.agents[0].agentID == agent)
  }
}
