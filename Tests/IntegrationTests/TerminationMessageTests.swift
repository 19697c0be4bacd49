import ArenaCore
import Foundation
import TestSupport
import Testing

/// The result as Kubernetes takes it: a file that must fit its share of bytes and stay JSON.
@Suite struct TerminationMessageTests {
  /// Raises with what takes many bytes per character, and more than one way to count characters.
  static let talkative = Agent.python(
    """
    def get_action(observation):
      raise ValueError("👩‍👩‍👧‍👦é漢\\x00\\"\\\\\\n" * 200)
    """
  )

  @Test(arguments: [128, 160, 200, 256, 300, 400, 512, 700, 1024, 2048, 4096])
  func `the message is within its budget and valid JSON`(budget: Int) async throws {
    let outcome = try await Self.play(budget, names: [String(repeating: "長い名前", count: 20), "b"])
    let message = try #require(outcome.terminationMessage)
    #expect(message.count <= budget)
    let tree = try JSONDecoder().decode([String: JSONValue].self, from: message)
    #expect(tree["status"] == .string("success"))
    if message.count < budget / 2 { #expect(budget >= 4096 || tree["truncated"] == .bool(true)) }
    #expect(!String(decoding: message, as: UTF8.self).contains("\u{FFFD}"))
    let result = try outcome.result
    #expect(result.agentResults[0].failure?.traceback != nil)
    if budget >= 512 {
      #expect(tree["winner_agent_id"] == .string("b"))
      #expect(tree["total_steps"] == .integer(Int64(result.totalSteps)))
    }
  }

  @Test func `the longest names fit the smallest budget`() async throws {
    let names = ["a", "b"].map { String(repeating: $0, count: 256) }
    let outcome = try await Self.play(128, names: names, matchID: String(repeating: "m", count: 128))
    let message = try #require(outcome.terminationMessage)
    #expect(message.count <= 128)
    #expect(try JSONDecoder().decode([String: JSONValue].self, from: message)["status"] == .string("success"))
  }

  @Test func `the message of a quiet match is the whole result`() async throws {
    let outcome = try await ArenaMatch.play([.good, .good])
    let message = try #require(outcome.terminationMessage)
    #expect(try JSONDecoder().decode(MatchResult.self, from: message) == outcome.result)
  }

  @Test func `a message that cannot be written costs nothing else`() async throws {
    let outcome = try await ArenaMatch.play(
      [.good, .good],
      ["termination_message": .object(["path": .string("/nonexistent/message")])]
    )
    #expect(outcome.ending == .status(0))
    #expect(try outcome.result.status == .success)
    #expect(outcome.log.contains { $0["message"] == .string("the termination message was not written") })
  }

  @Test func `the published keys are there, with null where there is nothing`() async throws {
    let outcome = try await ArenaMatch.play([.good, .good], ["record_replay": .bool(false)])
    let tree = try JSONDecoder().decode([String: JSONValue].self, from: Data(outcome.standardOutput.utf8))
    for key in ["replay_url", "replay_html_url"] { #expect(tree[key] == .null, "\(key)") }
    for key in ["match_id", "status", "agent_results", "total_steps", "execution_time_sec"] {
      #expect(tree[key] != nil)
    }
    #expect(tree["error_message"] == .null)
    #expect(tree.keys.contains("winner_agent_id"))
  }

  private static func play(_ budget: Int, names: [String], matchID: String = "match") async throws -> MatchOutcome {
    try await MatchSlots.shared.run {
      try await ArenaMatch(
        [talkative, .good],
        ["match_id": .string(matchID), "max_faults": .integer(2)],
        names: names,
        messageBytes: budget
      ).finish()
    }
  }
}
