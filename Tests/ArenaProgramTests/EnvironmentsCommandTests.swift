import ArenaCore
import Foundation
import Testing

/// `arena environments`, and what else can be asked without playing.
@Suite struct EnvironmentsCommandTests {
  @Test func `a person reads every environment with its spaces and settings`() async throws {
    let outcome = try await Workshop().run(["environments"])
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    let text = outcome.standardOutput
    #expect(text.hasPrefix("pong\n"))
    for line in [
      "seats        2, all act at every step", "action       Discrete(3)",
      "observation  Box([0 0 -1 -1 0 0 0 0], [1 1 1 1 1 1 100 100], (8,), float32)",
      "reward       -1 to 1 per step", "max_steps=", "ball_speed=", "also called  rl-arena/Pong-v0",
    ] {
      #expect(text.contains(line), "\(line) is not in \(text)")
    }
  }

  @Test func `a program reads every environment from one JSON array`() async throws {
    let outcome = try await Workshop().run(["environments", "--json"])
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    let games = try JSONDecoder().decode([[String: JSONValue]].self, from: Data(outcome.standardOutput.utf8))
    let pong = try #require(games.first { $0["name"] == .string("pong") })
    #expect(pong["seats"] == .integer(2))
    #expect(pong["simultaneous"] == .bool(true))
    for key in ["summary", "observation", "action", "reward_range", "configuration", "aliases"] {
      #expect(pong[key] != nil, "\(key)")
    }
    guard case .object(let space) = pong["action"] else {
      Issue.record("no action space: \(pong)")
      return
    }
    #expect(space["type"] == .string("Discrete"))
    #expect(space["n"] == .integer(3))
  }

  @Test(arguments: ["pong", "Pong", "Pong-v0", "rl-arena/Pong-v0", "rl_arena:pong"])
  func `every name of an environment plays it`(name: String) async throws {
    let outcome = try await Workshop().run([
      "match", name, "builtin:noop", "builtin:noop", "--json", "--no-replay", "--config", "max_steps=1",
    ])
    #expect(outcome.status == 0)
    #expect(try outcome.result.environment == "pong")
  }

  @Test(arguments: [["--help"], ["match", "--help"], ["agent", "check", "--help"], ["--version"]])
  func `help and version go to standard output with status 0`(arguments: [String]) async throws {
    let outcome = try await Workshop().run(arguments)
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    #expect(!outcome.standardOutput.isEmpty)
  }
}
