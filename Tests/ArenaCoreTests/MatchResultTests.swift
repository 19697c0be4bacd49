import ArenaCore
import Foundation
import Testing

/// Results as JSON.
@Suite struct MatchResultTests {
  static let minimal = MatchResult(
    matchID: "m",
    environment: "pong",
    status: .cancelled,
    agentResults: [AgentResult(agentID: "a"), AgentResult(agentID: "b")],
    seed: .max
  )

  static let full: MatchResult = {
    var result = minimal
    result.status = .success
    result.winnerAgentID = "b"
    result.totalSteps = 7
    result.executionTimeSeconds = 0.125
    result.replayURL = "file:///a/b.json"
    result.replayHTMLURL = "file:///a/b.html"
    result.errorMessage = "a forfeited: it \"raised\" é"
    result.recording = RecordingResult(
      path: "/r/m.mcap",
      frames: 7,
      bytes: 99,
      endedBecause: "disk",
      waitedSeconds: 1.5
    )
    result.platform.cpuPressure = 0.5
    result.startedAt = 1_700_000_000.25
    result.voids = 1
    var game = GameResult(game: 0, seed: .max, seats: ["b", "a"])
    game.winnerAgentID = "b"
    game.ending = .forfeit
    game.info = ["score": .array([.integer(1), .number(0.5), .null]), "seed": .unsigned(.max)]
    result.games = [game, GameResult(game: 1, seed: 3, seats: ["a", "b"])]
    var agent = AgentResult(agentID: "a")
    agent.score = -1.5
    agent.errors = 3
    agent.faults = ["timeout": 2, "protocol": 1]
    agent.forfeited = true
    agent.errorMessage = "it broke"
    agent.cpuTimeSeconds = 0.5
    agent.startupTimeSeconds = 0.25
    agent.thinkTime.p99Seconds = 0.75
    agent.droppedAnswers.late = 2
    var failure = FailureReport(kind: .protocol, message: "sent a frame")
    failure.traceback = "Traceback\n"
    failure.game = 0
    failure.step = 3
    failure.lastObservationStep = 3
    failure.lastBytes = "00ff"
    failure.exitStatus = 1
    failure.signal = 9
    failure.outOfMemory = true
    failure.logTail = "log"
    failure.platformStall = true
    agent.failure = failure
    result.agentResults[0] = agent
    return result
  }()

  private func object(_ value: some Encodable) throws -> [String: JSONValue] {
    try JSONDecoder().decode([String: JSONValue].self, from: JSONEncoder().encode(value))
  }

  @Test(arguments: [minimal, full]) func `a result reads back from its JSON`(result: MatchResult) throws {
    #expect(try JSONDecoder().decode(MatchResult.self, from: JSONEncoder().encode(result)) == result)
  }

  @Test func `published keys are there even where they have no value`() throws {
    let result = try object(Self.minimal)
    for key in ["winner_agent_id", "replay_url", "replay_html_url", "error_message"] {
      #expect(result[key] == .null, "\(key)")
    }
    #expect(result["match_id"] == .string("m"))
    #expect(result["status"] == .string("cancelled"))
    #expect(result["total_steps"] == .integer(0))
    #expect(result["execution_time_sec"] == .integer(0))
    #expect(result["seed"] == .unsigned(.max))
    guard case .array(let agents) = result["agent_results"], case .object(let agent) = agents[0] else {
      return #expect(Bool(false), "agent_results is an array of objects")
    }
    #expect(agent["agent_id"] == .string("a"))
    #expect(agent["score"] == .integer(0))
    #expect(agent["errors"] == .integer(0))
    #expect(agent["error_message"] == .null)
    #expect(agent["faults"] == .object([:]))
    #expect(agent["forfeited"] == .bool(false))
    #expect(agents.count == 2)
  }

  @Test func `kinds of faults and statuses have the names that users see`() {
    #expect(
      FaultKind.allCases.map(\.rawValue)
        == ["timeout", "invalid_action", "exception", "protocol", "disconnected", "startup"]
    )
    #expect(MatchStatus.allCases.map(\.rawValue) == ["success", "timeout", "error", "cancelled"])
  }

  @Test(arguments: FaultKind.allCases) func `a policy is data with the documented default`(kind: FaultKind) {
    let playsOn: Set<FaultKind> = [.timeout, .invalidAction, .exception]
    #expect(FaultPolicy()[kind] == (playsOn.contains(kind) ? .fallback : .forfeit))
    #expect(FaultPolicy.isPossible(.fallback, for: kind) == playsOn.contains(kind))
    for consequence in FaultConsequence.allCases {
      #expect(FaultPolicy.isPossible(consequence, for: kind) || consequence == .fallback)
      var policy = FaultPolicy()
      policy[kind] = consequence
      #expect(policy[kind] == consequence)
      #expect(FaultPolicy(consequences: [kind: consequence]) == policy)
      for other in FaultKind.allCases where other != kind { #expect(policy[other] == FaultPolicy()[other]) }
    }
  }

  @Test func `a process's ending is a sentence's end`() {
    var report = ProcessReport()
    #expect(report.ending == "is running")
    report.hasEnded = true
    report.exitStatus = 0
    #expect(report.ending == "ended with status 0")
    report.signal = 9
    #expect(report.ending == "was ended by signal 9")
    report.ranOutOfMemory = true
    #expect(report.ending == "was killed: out of memory")
    report.launchFailure = "no such file"
    #expect(report.ending == "was not started: no such file")
  }
}
