import ArenaCore
import Foundation
import TestSupport
import Testing

/// Configurations that cannot be used: exit status 2, one sentence in the log, nothing else.
@Suite struct ConfigurationTests {
  /// A mistake, and what the sentence about it must contain.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var text: String?
    var says: [String]

    var testDescription: String { "\(says): \(text?.prefix(100) ?? "no file")" }
  }

  private static let agents = #"[{"agent_id": "a"}, {"agent_id": "b"}]"#

  /// A configuration with `members` beside a match of two agents; a member that is there twice has its last value.
  private static func configuration(_ members: String, agents: String = agents) -> String {
    #"{"match_id": "m", "environment": "pong", "agents": \#(agents), \#(members)}"#
  }

  static let mistakes: [Mistake] = [
    Mistake(text: nil, says: ["not there"]),
    Mistake(text: "", says: ["not valid JSON"]),
    Mistake(text: "{", says: ["not valid JSON"]),
    Mistake(text: "nonsense", says: ["not valid JSON"]),
    Mistake(text: String(repeating: "[", count: 100_000), says: ["not valid JSON"]),
    Mistake(text: "[]", says: ["the configuration is an array", "an object"]),
    Mistake(text: "null", says: ["the configuration is null"]),
    Mistake(text: "{}", says: ["match_id is missing"]),
    Mistake(text: #"{"match_id": "m"}"#, says: ["environment is missing"]),
    Mistake(text: #"{"match_id": "m", "environment": "pong"}"#, says: ["agents is missing"]),
    Mistake(text: #"{"match_id": 5, "environment": "pong"}"#, says: ["match_id is 5", "a string"]),
    Mistake(text: configuration("\"x\": 1", agents: "7"), says: ["agents is 7", "an array"]),
    Mistake(text: configuration("\"x\": 1", agents: "[]"), says: ["agents is an array of 0"]),
    Mistake(text: configuration("\"x\": 1", agents: "[7, 8]"), says: ["agents[0] is an integer", "an object"]),
    Mistake(text: configuration("\"x\": 1", agents: "[{}, {}]"), says: ["agents[0].agent_id is missing"]),
    Mistake(text: configuration("\"x\": 1", agents: #"[{"agent_id": "a"}]"#), says: ["agents is 1 agents", "2 seats"]),
    Mistake(
      text: configuration("\"x\": 1", agents: #"[{"agent_id": "a"}, {"agent_id": "b"}, {"agent_id": "c"}]"#),
      says: ["agents is 3 agents", "2 seats"]
    ),
    Mistake(
      text: configuration("\"x\": 1", agents: #"[{"agent_id": "a"}, {"agent_id": "a"}]"#),
      says: ["agents[1].agent_id is \"a\"", "different"]
    ),
    Mistake(
      text: configuration("\"x\": 1", agents: #"[{"agent_id": ""}, {"agent_id": "a"}]"#),
      says: ["agents[0].agent_id is \"\""]
    ),
    Mistake(
      text: configuration("\"x\": 1", agents: #"[{"agent_id": "a", "builtin": "genius"}, {"agent_id": "b"}]"#),
      says: ["agents[0].builtin is \"genius\"", "random"]
    ),
    Mistake(
      text: #"{"match_id": "../../etc/passwd", "environment": "pong", "agents": \#(agents)}"#,
      says: ["match_id is \"../../etc/passwd\""]
    ),
    Mistake(text: #"{"match_id": ".m", "environment": "pong", "agents": \#(agents)}"#, says: ["match_id is \".m\""]),
    Mistake(text: #"{"match_id": "", "environment": "pong", "agents": \#(agents)}"#, says: ["match_id is \"\""]),
    Mistake(
      text: #"{"match_id": "m", "environment": "pnog", "agents": \#(agents)}"#,
      says: ["environment is \"pnog\"", "did you mean pong?"]
    ),
    Mistake(text: #"{"match_id": "m", "environment": "", "agents": \#(agents)}"#, says: ["environment is empty"]),
    Mistake(
      text: configuration(#""environment_config": {"bal_speed": 1}"#),
      says: ["bal_speed", "did you mean ball_speed?"]
    ),
    Mistake(
      text: configuration(#""environment_config": {"ball_speed": "fast"}"#),
      says: ["environment_config.ball_speed"]
    ),
    Mistake(text: configuration(#""environment_config": 3"#), says: ["environment_config is 3", "an object"]),
    Mistake(text: configuration(#""seed": -1"#), says: ["seed is -1", "0…18446744073709551615"]),
    Mistake(text: configuration(#""seed": 18446744073709551616"#), says: ["seed is 1.8", "0…18446744073709551615"]),
    Mistake(text: configuration(#""seed": 1.5"#), says: ["seed is 1.5"]),
    Mistake(text: configuration(#""seed": "7""#), says: ["seed is \"7\""]),
    Mistake(text: configuration(#""games": 0"#), says: ["games is 0", "1…1000"]),
    Mistake(text: configuration(#""games": 1e30"#), says: ["games is 1e+30"]),
    Mistake(text: configuration(#""step_timeout_sec": -1"#), says: ["step_timeout_sec is -1"]),
    Mistake(text: configuration(#""step_timeout_sec": "5s""#), says: ["step_timeout_sec is \"5s\"", "seconds"]),
    Mistake(text: configuration(#""timeout_sec": 1e9"#), says: ["timeout_sec is"]),
    Mistake(text: configuration(#""startup_timeout_sec": 0"#), says: ["startup_timeout_sec is 0"]),
    Mistake(text: configuration(#""record_replay": "yes""#), says: ["record_replay is \"yes\"", "true or false"]),
    Mistake(text: configuration(#""max_faults": -1"#), says: ["max_faults is -1"]),
    Mistake(text: configuration(#""faults": {"laziness": "forfeit"}"#), says: ["faults.laziness", "invalid_action"]),
    Mistake(
      text: configuration(#""faults": {"timeout": "prison"}"#),
      says: ["faults.timeout is \"prison\"", "forfeit"]
    ),
    Mistake(
      text: configuration(#""faults": {"disconnected": "fallback"}"#),
      says: ["faults.disconnected", "nobody is left"]
    ),
    Mistake(text: configuration(#""on_platform_stall": "panic""#), says: ["on_platform_stall is \"panic\"", "void"]),
    Mistake(
      text: configuration(#""termination_message": {"bytes": 5}"#),
      says: ["termination_message.bytes is 5", "128"]
    ),
    Mistake(text: configuration(#""verdict_by": "soon""#), says: ["verdict_by is \"soon\""]),
  ]

  @Test(arguments: mistakes)
  func `a configuration that cannot be used is refused in one sentence`(mistake: Mistake) async throws {
    let outcome = try await MatchSlots.shared.run { try await ArenaMatch(configurationText: mistake.text).finish() }
    #expect(outcome.ending == .status(2))
    #expect(outcome.standardOutput.isEmpty)
    #expect(outcome.log.count == 1)
    guard case .string(let reason) = outcome.log.first?["reason"] else {
      Issue.record("no reason in the log: \(outcome.log)")
      return
    }
    for part in mistake.says { #expect(reason.contains(part), "it says: \(reason)") }
    #expect(reason.utf8.count < 500 && !reason.contains("\n"))
  }

  @Test func `a command line that is wrong has exit status 2 as well`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "arena-usage-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (index, arguments) in [[], ["--config"], ["--nonsense"], ["--config", "x", "--log-level", "loud"]].enumerated()
    {
      let process = try ChildProcess(ArenaMatch.orchestratorPath, arguments, folder: folder, name: "\(index)")
      #expect(await process.end(within: 60) == .status(2), "\(arguments)")
      #expect(process.standardOutput.isEmpty)
      #expect(process.standardError.contains("Error:"))
    }
  }

  @Test func `a socket that cannot be made is an error of the match, in one sentence`() async throws {
    let text = Self.configuration(#""sockets_dir": "/nonexistent/sockets""#)
    let outcome = try await MatchSlots.shared.run { try await ArenaMatch(configurationText: text).finish() }
    #expect(outcome.ending == .status(1))
    #expect(try outcome.result.status == .error)
    #expect(try outcome.result.errorMessage?.contains("/nonexistent/sockets/agent1/agent.sock") == true)
  }

  @Test func `a socket whose path is too long is an error that says so`() async throws {
    let text = Self.configuration(#""sockets_dir": "/tmp/\#(String(repeating: "x", count: 100))""#)
    let outcome = try await MatchSlots.shared.run { try await ArenaMatch(configurationText: text).finish() }
    #expect(outcome.ending == .status(1))
    #expect(try outcome.result.errorMessage?.contains("at most 107 fit") == true)
  }
}
