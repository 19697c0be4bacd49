import ArenaCore
import Foundation
import TestSupport
import Testing

/// Timeouts while the orchestrator itself could not run: it is stopped with SIGSTOP by one of its agents.
@Suite struct PlatformStallTests {
  private static let quick: [String: JSONValue] = ["step_timeout_sec": .integer(1)]
  private static let voiding: [String: JSONValue] = quick.merging(["on_platform_stall": .string("void")]) { $1 }

  @Test func `a timeout during a stall is marked in the result and in the frame`() async throws {
    let outcome = try await ArenaMatch.play([.bot("stops_the_orchestrator"), .good], Self.quick)
    let result = try outcome.result
    #expect(result.status == .success)
    #expect(result.voids == 0)
    #expect(result.platform.stalls >= 1)
    #expect(result.platform.timeoutsDuringStalls == 1)
    #expect(result.platform.loopLagMaxSeconds > 0.5)
    #expect(result.agentResults[0].faults == ["timeout": 1])
    #expect(result.agentResults[0].failure?.platformStall == true)
    #expect(result.agentResults[1].faults == [:])
    let frames = try await outcome.replay().frames
    #expect(frames.count == 12)
    #expect(frames[2].seats[0].fault == "timeout")
    #expect(frames[2].seats[0].platformStall)
    #expect(frames.count { $0.seats.contains { $0.platformStall } } == 1)
  }

  @Test func `an answer that came in time counts, however late the orchestrator reads it`() async throws {
    let outcome = try await ArenaMatch.play([.good, .bot("answers_while_the_orchestrator_stops")], Self.quick)
    let result = try outcome.result
    #expect(result.agentResults.map(\.faults) == [[:], [:]])
    #expect(result.totalSteps == 12)
  }

  @Test func `where stalls void the match it is played again and both replays are kept`() async throws {
    let outcome = try await ArenaMatch.play([.bot("stops_the_orchestrator"), .good], Self.voiding)
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.status == .success)
    #expect(result.voids == 1)
    #expect(result.totalSteps == 12)
    #expect(result.games.count == 1)
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && $0.failure == nil })
    let replay = try await outcome.replay()
    #expect(replay.isComplete && replay.frames.count == 12)
    #expect(replay.frames.allSatisfy { $0.seats.allSatisfy { $0.fault == nil } })
    let void = try await outcome.replay("match.void1.mcap")
    #expect(void.isComplete)
    #expect(void.frames.count == 2)
    #expect(void.metadata["void"]?["attempt"] == "1")
    #expect(void.frames.map(\.timeless) == replay.frames.prefix(2).map(\.timeless))
  }

  @Test func `where no void is left the timeout counts`() async throws {
    let outcome = try await ArenaMatch.play(
      [.bot("stops_the_orchestrator"), .good],
      Self.voiding.merging(["max_voids": .integer(0)]) { $1 }
    )
    let result = try outcome.result
    #expect(result.status == .success)
    #expect(result.voids == 0)
    #expect(result.agentResults[0].faults == ["timeout": 1])
  }

  @Test func `a fault that is configured to void does so, once`() async throws {
    let outcome = try await ArenaMatch.play(
      [.bot("out_of_range"), .good],
      ["faults": .object(["invalid_action": .string("void")])]
    )
    let result = try outcome.result
    #expect(result.status == .success)
    #expect(result.voids == 1)
    #expect(result.agentResults.map(\.faults) == [[:], [:]])
  }

  @Test func `a match that stays void is an error`() async throws {
    let outcome = try await ArenaMatch.play(
      [.bot("always_out_of_range"), .good],
      ["faults": .object(["invalid_action": .string("void")])]
    )
    #expect(outcome.ending == .status(1))
    #expect(try outcome.result.status == .error)
    #expect(try outcome.result.errorMessage?.contains("void") == true)
    #expect(try outcome.result.winnerAgentID == nil)
  }

  @Test func `a fault that is configured to forfeit does so at once`() async throws {
    let outcome = try await ArenaMatch.play(
      [.good, .bot("out_of_range")],
      ["faults": .object(["invalid_action": .string("forfeit")])]
    )
    #expect(try outcome.result.winnerAgentID == "left")
    #expect(try outcome.result.agentResults[1].forfeited)
  }
}
