import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// How the orchestrator ends: by signals, by limits, and with a recording that fails.
@Suite struct OrchestratorLifeTests {
  @Test(arguments: [("terminates_the_orchestrator", "SIGTERM"), ("interrupts_the_orchestrator", "SIGINT")])
  func `a signal in mid-match cancels it, with its result and replay complete`(bot: String, signal: String) async throws
  {
    let outcome = try await ArenaMatch.play([.bot(bot), .good])
    let result = try outcome.result
    #expect(outcome.ending == .status(3))
    #expect(result.status == .cancelled)
    #expect(result.winnerAgentID == nil)
    #expect(result.errorMessage == "the orchestrator was ended by \(signal)")
    #expect(result.totalSteps == 2)
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && !$0.forfeited })
    let replay = try await outcome.replay()
    #expect(replay.isComplete)
    #expect(replay.frames.count == 2)
    #expect(replay.metadata["result"]?["status"] == "cancelled")
    #expect(outcome.agents.allSatisfy { $0.ending == .status(0) })
    #expect(outcome.agents[1].report["end"] == .string("final"))
  }

  @Test func `SIGTERM ends the orchestrator within two seconds`() async throws {
    try await MatchSlots.shared.run {
      let match = try ArenaMatch([.bot("silent_from_step_200"), .good], Self.long)
      #expect(try await match.eventually { try await Self.hasFrames(match) })
      match.orchestrator.send(SIGTERM)
      #expect(await match.orchestrator.end(within: 2) == .status(3))
      let outcome = try await match.finish()
      #expect(try outcome.result.status == .cancelled)
      #expect(try outcome.result.totalSteps == 199)
    }
  }

  @Test(arguments: [[Agent.absent, .absent], [.bot("never_ready"), .absent], [.bot("never_says_hello"), .good]])
  func `SIGTERM before all agents are ready cancels the match`(agents: [Agent]) async throws {
    try await MatchSlots.shared.run {
      let match = try ArenaMatch(agents)
      #expect(await match.eventually { match.isWaitingForAgents && match.haveAgentsConnected })
      match.orchestrator.send(SIGTERM)
      #expect(await match.orchestrator.end(within: 2) == .status(3))
      let outcome = try await match.finish()
      let result = try outcome.result
      #expect(result.status == .cancelled)
      #expect(result.totalSteps == 0)
      #expect(result.agentResults.allSatisfy { $0.faults.isEmpty })
    }
  }

  @Test func `after a SIGKILL agents end by themselves and the replay's chunks can be read`() async throws {
    try await MatchSlots.shared.run {
      let match = try ArenaMatch([.bot("silent_from_step_200"), PythonAgentTests.stays], Self.long)
      #expect(try await match.eventually { try await Self.hasFrames(match) })
      match.orchestrator.send(SIGKILL)
      let outcome = try await match.finish()
      #expect(outcome.ending == .signal(SIGKILL))
      #expect(outcome.agents.allSatisfy { $0.ending == .status(0) })
      let replay = try await outcome.replay()
      #expect(!replay.isComplete)
      #expect(replay.frames.map(\.game) == Array(repeating: 0, count: 199))
      #expect(replay.metadata["match"]?["match_id"] == "match")
      #expect(outcome.standardOutput.isEmpty)
    }
  }

  private static let long: [String: JSONValue] = [
    "environment_config": .object(["max_steps": .integer(1000)]), "timeout_sec": .integer(120),
    "step_timeout_sec": .integer(120),
  ]

  /// Whether the 199 frames before the bot's silence have reached the file.
  private static func hasFrames(_ match: ArenaMatch) async throws -> Bool {
    let file = match.folder.appending(path: "replay/replays/match.mcap")
    guard access(file.path, F_OK) == 0, let size = try? Data(contentsOf: file).count, size > 5000 else { return false }
    return try await ReplayContents.read(file).frames.count == 199
  }

  @Test func `a second orchestrator at the same sockets is not disturbed by what a killed one left`() async throws {
    try await MatchSlots.shared.run {
      let first = try ArenaMatch([.absent, .absent])
      #expect(await first.eventually { first.isWaitingForAgents })
      first.orchestrator.send(SIGKILL)
      #expect(await first.orchestrator.end(within: 10) == .signal(SIGKILL))
      let again = try ChildProcess(
        ArenaMatch.orchestratorPath,
        ["--config", first.folder.appending(path: "config.json").path],
        folder: first.folder,
        name: "second"
      )
      defer { again.killGroup() }
      #expect(await first.eventually { again.standardError.contains("waiting for agents") })
      again.send(SIGTERM)
      #expect(await again.end(within: 10) == .status(3))
    }
  }

  @Test func `the match's limit wins over everything else`() async throws {
    let outcome = try await ArenaMatch.play(
      [.bot("silence"), .good],
      ["timeout_sec": .number(1.5), "step_timeout_sec": .integer(0)]
    )
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.status == .timeout)
    #expect(result.winnerAgentID == nil)
    #expect(result.errorMessage == "the match's limit of 1.5 s passed in game 0 after 2 steps")
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && !$0.forfeited })
    #expect(result.executionTimeSeconds >= 1.5)
    #expect(try await outcome.replay().isComplete)
    #expect(outcome.agents[1].report["end"] == .string("final"))
  }

  /// Plays a match whose verdict is due so many seconds after its processes were started.
  private static func play(_ agents: [Agent], verdictDueIn seconds: Double) async throws -> MatchOutcome {
    try await MatchSlots.shared.run {
      try await ArenaMatch(agents, ["verdict_by": .number(Date.now.timeIntervalSince1970 + seconds)]).finish()
    }
  }

  @Test func `nobody is blamed where the verdict is due before the agents are ready`() async throws {
    let outcome = try await Self.play([.bot("never_ready"), .good], verdictDueIn: 4)
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.status == .timeout)
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && !$0.forfeited })
  }

  @Test func `the verdict is in by the time it is due`() async throws {
    let outcome = try await Self.play([.bot("silence"), .good], verdictDueIn: 4)
    let result = try outcome.result
    #expect(result.status == .timeout)
    #expect(result.errorMessage?.contains("due") == true)
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty })
  }

  @Test func `an agent that does not come forfeits when the time to start is over`() async throws {
    let outcome = try await ArenaMatch.play([.absent, .good], ["startup_timeout_sec": .integer(3)])
    let result = try outcome.result
    #expect(outcome.ending == .status(0))
    #expect(result.winnerAgentID == "right")
    #expect(result.agentResults[0].faults == ["startup": 1])
    #expect(result.agentResults[0].errorMessage == "it did not connect within 3.0 s")
    #expect(result.agentResults[1].startupTimeSeconds ?? 99 < 3)
  }

  @Test(arguments: ["missing/folder", "message/not/a/folder", "/proc"])
  func `a replay that cannot be written does not stop the match`(path: String) async throws {
    try await MatchSlots.shared.run {
      let folder = path.hasPrefix("/") ? path : "/nonexistent/\(path)"
      let match = try ArenaMatch([.good, .good], ["replay": .object(["dir": .string(folder)])])
      let outcome = try await match.finish()
      let result = try outcome.result
      #expect(outcome.ending == .status(0))
      #expect(result.status == .success)
      #expect(result.totalSteps == 12)
      #expect(result.recording?.frames == 0)
      #expect(result.recording?.endedBecause?.contains(folder) == true, "\(result.recording?.endedBecause ?? "none")")
      #expect(outcome.log.contains { $0["level"] == .string("warning") })
    }
  }

  @Test func `no replay is written where none is wanted`() async throws {
    let outcome = try await ArenaMatch.play([.good, .good], ["record_replay": .bool(false)])
    #expect(try outcome.result.recording == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: outcome.replayFolder.path).isEmpty)
  }

  @Test func `a replay holds every step once, with the match's names and limits`() async throws {
    let outcome = try await ArenaMatch.play([.good, .builtIn("noop")], ["games": .integer(2)])
    let result = try outcome.result
    let replay = try await outcome.replay()
    #expect(replay.isComplete)
    #expect(replay.frames.count == 24 && result.totalSteps == 24)
    #expect(replay.frames.map(\.game) == Array(repeating: 0, count: 12) + Array(repeating: 1, count: 12))
    #expect(Set(replay.frames.map { [$0.game, $0.step] }).count == 24)
    #expect(replay.gameEvents == 4)
    #expect(replay.metadata["match"]?["seed"] == "7")
    #expect(replay.metadata["agent 0"]?["agent_id"] == "left")
    #expect(replay.frames.allSatisfy { $0.seats.count == 2 && $0.seats.allSatisfy { $0.observation.count == 64 } })
    let size = try Data(contentsOf: outcome.replayFolder.appending(path: "match.mcap")).count
    #expect(result.recording?.bytes == size)
  }

  @Test func `descriptors do not pile up while strangers knock`() async throws {
    try await MatchSlots.shared.run {
      let match = try ArenaMatch([.bot("connects_in_crowds"), .absent])
      #expect(await match.eventually { match.isWaitingForAgents && match.haveAgentsConnected })
      // Those that are being turned away at the moment count too.
      #expect(await match.eventually { match.orchestrator.openDescriptors < 30 })
      match.orchestrator.send(SIGTERM)
      _ = try await match.finish()
    }
  }
}
