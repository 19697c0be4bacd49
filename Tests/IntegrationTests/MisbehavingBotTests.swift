import ArenaCore
import Foundation
import TestSupport
import Testing

/// Every way to break the protocol, in both seats, against an opponent that keeps to it.
@Suite struct MisbehavingBotTests {
  @Test(arguments: Misbehaviour.early, [0, 1])
  func `before the first observation costs its own match only`(misbehaviour: Misbehaviour, seat: Int) async throws {
    try await check(misbehaviour, in: seat)
  }

  @Test(arguments: Misbehaviour.fatal, [0, 1])
  func `in the game costs its own match only`(misbehaviour: Misbehaviour, seat: Int) async throws {
    try await check(misbehaviour, in: seat)
  }

  @Test(arguments: Misbehaviour.survivable, [0, 1])
  func `the game goes on`(misbehaviour: Misbehaviour, seat: Int) async throws {
    try await check(misbehaviour, in: seat)
  }

  /// Plays the match and holds everything in its result against the table.
  private func check(_ misbehaviour: Misbehaviour, in seat: Int) async throws {
    let bots: [Agent] = seat == 0 ? [.bot(misbehaviour.bot), .good] : [.good, .bot(misbehaviour.bot)]
    let outcome = try await ArenaMatch.play(bots, misbehaviour.configuration)
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.status == .success)
    #expect(result.agentResults.map(\.agentID) == ["left", "right"])
    check(result.agentResults[seat], is: misbehaviour)
    checkUnharmed(result.agentResults[1 - seat], outcome.agents[1 - seat], result, misbehaviour)
    if misbehaviour.forfeits {
      #expect(result.winnerAgentID == result.agentResults[1 - seat].agentID)
      #expect(result.games.last?.ending == .forfeit)
      #expect(result.games.last?.forfeits == [result.agentResults[seat].agentID])
      #expect(
        result.errorMessage?.contains("forfeited: it \(result.agentResults[seat].failure?.message ?? "?")") == true
      )
    } else {
      #expect(result.games.last?.ending == .truncated)
      #expect(result.totalSteps == 12)
      let scores = result.agentResults.map(\.score)
      #expect(result.winnerAgentID == (scores[0] == scores[1] ? nil : scores[0] > scores[1] ? "left" : "right"))
      #expect(result.errorMessage == nil)
    }
    #expect(result.recording?.frames == result.totalSteps)
    #expect(result.recording?.endedBecause == nil)
  }

  private func check(_ agent: AgentResult, is misbehaviour: Misbehaviour) {
    #expect(agent.faults == (misbehaviour.fault.map { [$0.rawValue: misbehaviour.count] } ?? [:]))
    #expect(agent.errors == (misbehaviour.fault == nil ? 0 : misbehaviour.count))
    #expect(agent.forfeited == misbehaviour.forfeits)
    #expect(agent.failure?.kind == misbehaviour.fault)
    let message = agent.failure?.message ?? ""
    #expect(misbehaviour.says.isEmpty || message.contains(misbehaviour.says), "it says: \(message)")
    #expect(agent.errorMessage == (misbehaviour.fault == nil ? nil : "it \(message)"))
    #expect(agent.droppedAnswers.late >= misbehaviour.dropped.late)
    #expect(agent.droppedAnswers.duplicate >= misbehaviour.dropped.duplicate)
  }

  private func checkUnharmed(
    _ agent: AgentResult,
    _ process: MatchOutcome.AgentOutcome,
    _ result: MatchResult,
    _ misbehaviour: Misbehaviour
  ) {
    #expect(agent.faults == [:])
    #expect(agent.errors == 0)
    #expect(!agent.forfeited)
    #expect(agent.failure == nil)
    #expect(agent.droppedAnswers == AgentResult.DroppedAnswers())
    let time = agent.thinkTime
    #expect((result.totalSteps...result.totalSteps + 1).contains(time.count))
    #expect(time.maxSeconds <= time.totalSeconds && time.totalSeconds <= time.maxSeconds * Double(max(1, time.count)))
    #expect(time.p50Seconds <= time.maxSeconds * 1.02 && time.maxSeconds < 20)
    #expect(process.ending == .status(0))
    #expect(process.report["end"] == .string("final"))
    if misbehaviour.forfeits, case .array(let finishes) = process.report["finishes"],
      case .object(let last) = finishes.last
    {
      #expect(last["outcome"] == .string("win"))
    }
  }

  @Test func `a second connection is turned away`() async throws {
    let outcome = try await ArenaMatch.play([.bot("connects_twice"), .good])
    #expect(outcome.agents[0].report["second connection"] == .string("refused"))
  }

  @Test func `an agent is told how it broke the protocol`() async throws {
    let outcome = try await ArenaMatch.play([.bot("other_version"), .good])
    guard case .array(let errors) = outcome.agents[0].report["errors"], case .string(let message) = errors.first else {
      Issue.record("no error frame came: \(outcome.agents[0].standardOutput)")
      return
    }
    #expect(message.contains("protocol versions [2, 3]"))
  }

  @Test func `an agent that could not load has its message and traceback in the result`() async throws {
    let failure = try #require(
      try await ArenaMatch.play([.bot("fails_to_load"), .good]).result.agentResults[0].failure
    )
    #expect(failure.message == "could not be loaded: no model in /app")
    #expect(failure.traceback == "line 7")
  }

  @Test func `the last bytes of a broken agent are in the result`() async throws {
    let failure = try #require(
      try await ArenaMatch.play([.good, .bot("a_web_request")]).result.agentResults[1].failure
    )
    #expect(failure.lastBytes?.hasPrefix("474554202f20485454502f312e31") == true)
    #expect(failure.lastObservationStep == 2)
    #expect(failure.step == 2)
    #expect(failure.game == 0)
  }

  @Test func `an agent that never reads holds up no step for longer than its limits, even when its socket is full`()
    async throws
  {
    let outcome = try await ArenaMatch.play(
      [.bot("never_reads"), .good],
      [
        "environment_config": .object(["max_steps": .integer(700)]), "step_timeout_sec": .number(0.002),
        "write_timeout_sec": .number(0.002), "max_faults": .integer(0),
      ]
    )
    let result = try outcome.result
    #expect(result.status == .success)
    #expect(result.totalSteps == 700)
    #expect(result.agentResults[0].faults["timeout"] == 700)
    #expect(!result.agentResults[0].forfeited)
    // Two milliseconds are not much for the opponent either: it may miss some, but it is there to the end.
    #expect(result.agentResults[1].faults.keys.allSatisfy { $0 == "timeout" })
    #expect(outcome.agents[1].report["end"] == .string("final"))
  }

  @Test func `a seat that closes after its answer leaves the frames as they were`() async throws {
    let outcome = try await ArenaMatch.play([.bot("answers_and_closes"), .good])
    let frames = try await outcome.replay().frames
    #expect(try outcome.result.agentResults[0].faults == ["disconnected": 1])
    #expect(try outcome.result.totalSteps == 3)
    #expect(frames.count == 3)
    #expect(frames.allSatisfy { $0.seats.allSatisfy { $0.fault == nil && !$0.forfeited } })
  }

  @Test func `both seats may misbehave at once`() async throws {
    let outcome = try await ArenaMatch.play([.bot("garbage"), .bot("closes_in_mid_game")])
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.status == .success)
    #expect(result.agentResults.contains { $0.forfeited })
    #expect(result.games.last?.ending == .forfeit)
  }

  @Test func `a reset that fails is told from an answer that is late`() async throws {
    let outcome = try await ArenaMatch.play(
      [.bot("raises_in_the_second_reset"), .good],
      ["games": .integer(2), "step_timeout_sec": .number(0.6), "startup_timeout_sec": .integer(5)]
    )
    let agent = try outcome.result.agentResults[0]
    #expect(agent.faults == ["timeout": 1, "exception": 1])
    #expect(!agent.forfeited)
    #expect(try outcome.result.totalSteps == 24)
  }
}
