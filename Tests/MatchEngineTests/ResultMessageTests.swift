import ArenaCore
import Foundation
import Testing

@testable import MatchEngine

/// Results that must fit a number of bytes.
@Suite struct ResultMessageTests {
  /// A result in which everything is as long as it can be, made of `character`.
  static func result(_ character: String, agents: Int = 2, games: Int = 3) -> MatchResult {
    func text(_ bytes: Int) -> String { String(repeating: character, count: max(1, bytes / character.utf8.count)) }
    let names = (0..<agents).map { "\($0)" + text(250) }
    let results = names.map { name in
      var agent = AgentResult(agentID: name)
      agent.errorMessage = text(4000)
      agent.faults = ["timeout": 10, "exception": 1]
      var failure = FailureReport(kind: .exception, message: text(2000))
      failure.traceback = text(2000)
      failure.logTail = text(2000)
      failure.lastBytes = String(repeating: "00", count: 64)
      agent.failure = failure
      agent.forfeited = true
      return agent
    }
    var result = MatchResult(
      matchID: String(repeating: "m", count: 128),
      environment: "pong",
      status: .cancelled,
      agentResults: results,
      seed: .max
    )
    result.winnerAgentID = names[0]
    result.errorMessage = text(8000)
    result.games = (0..<games).map { number in
      var game = GameResult(game: number, seed: .max, seats: names)
      game.info = ["text": .string(text(3000))]
      return game
    }
    return result
  }

  static let characters = ["x", "é", "✓", "🏓", "\u{1}", "\"", "e\u{301}", "👩‍👩‍👧‍👦", "\n"]

  @Test(arguments: characters) func `a shortened result is JSON, fits, and keeps its status at every budget`(
    character: String
  ) throws {
    let result = Self.result(character)
    let budgets =
      Array(stride(from: 60, through: 300, by: 7)) + Array(stride(from: 301, through: 4096, by: 271)) + [12_288]
    for budget in budgets {
      let message = ResultMessage.shortened(result, toFit: budget)
      guard message.utf8.count <= budget else {
        Issue.record("\(message.utf8.count) bytes do not fit \(budget)")
        return
      }
      let object = try JSONDecoder().decode([String: JSONValue].self, from: Data(message.utf8))
      #expect(object["status"] == .string("cancelled"))
      #expect(object["truncated"] == .bool(true))
      #expect(!message.contains("\u{FFFD}"))
      if let winner = object["winner_agent_id"] { #expect(winner == .string(result.winnerAgentID ?? "")) }
      if budget >= 12_288 { #expect(object["agent_results"] != nil) }
    }
  }

  @Test func `what fits is left as it is`() throws {
    let result = MatchResult(
      matchID: "m",
      environment: "pong",
      status: .success,
      agentResults: [AgentResult(agentID: "a")],
      seed: 1
    )
    let whole = ResultMessage.whole(result)
    #expect(!whole.contains("\n"))
    #expect(ResultMessage.shortened(result, toFit: whole.utf8.count) == whole)
    #expect(try JSONDecoder().decode(MatchResult.self, from: Data(whole.utf8)) == result)
    let shortened = ResultMessage.shortened(result, toFit: whole.utf8.count - 1)
    #expect(shortened.contains("\"truncated\":true"))
  }

  @Test func `a draw stays a draw`() throws {
    var result = Self.result("x")
    result.winnerAgentID = nil
    let message = ResultMessage.shortened(result, toFit: 200)
    #expect(message.contains("\"winner_agent_id\":null"))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, -0.0, 1e300]) func `any score can be written`(
    score: Double
  ) throws {
    var result = Self.result("x")
    result.agentResults[0].score = score
    _ = try JSONDecoder().decode(JSONValue.self, from: Data(ResultMessage.whole(result).utf8))
  }
}
