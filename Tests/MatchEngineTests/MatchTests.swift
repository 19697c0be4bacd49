import AgentProtocol
import ArenaCore
import Foundation
import Glibc
import Synchronization
import Testing

@testable import MatchEngine

/// Whole matches over real sockets, against agents on threads of their own.
@Suite struct MatchTests {
  /// One agent of a test.
  enum Agent {
    case builtIn(BuiltInAgent)
    case socket(
      onReset: (@Sendable (ProtocolClient, UInt64) -> Void)? = nil,
      @Sendable (ProtocolClient, ProtocolClient.Observation) -> Bool
    )
  }

  /// What came of a match.
  struct Outcome {
    var result: MatchResult
    /// By agent; empty for built-in ones.
    var stories: [ProtocolClient.Story]
    var record: TestGame.Record
  }

  /// Answers every observation with `action`.
  static func plays(_ action: Int64) -> Agent {
    .socket { client, observation in
      client.act(observation.sequence, action)
      return true
    }
  }

  /// Plays until step `step`, then leaves.
  static func leaves(at step: Int64) -> Agent {
    .socket { client, observation in
      guard observation.first < step else { return false }
      client.act(observation.sequence, 1)
      return true
    }
  }

  static func play(
    _ rules: TestGame.Rules,
    _ agents: [Agent],
    limits: MatchLimits = MatchLimits(),
    policy: FaultPolicy = FaultPolicy(),
    games: Int = 1,
    seed: UInt64 = 7,
    during: @escaping @Sendable (Match) -> Void = { _ in }
  ) async throws -> Outcome {
    let folder = SeatListenerTests.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let record = TestGame.Record()
    let spec = try MatchSpec(
      matchID: "m",
      environment: "test",
      agents: agents.indices.map { AgentSpec(agentID: "agent\($0)") },
      limits: limits,
      policy: policy,
      seed: seed,
      games: games
    )
    let sources = agents.enumerated().map { index, agent in
      switch agent {
      case .builtIn(let builtIn): SeatSource.builtIn(builtIn)
      case .socket: SeatSource.socket(path: "\(folder)/\(index)")
      }
    }
    let match = try Match(MatchPlan(spec: spec, sources: sources), environment: TestGame(rules, record: record))
    return await withTaskGroup(of: (Int, ProtocolClient.Story).self) { group in
      for (index, agent) in agents.enumerated() {
        guard case .socket(let onReset, let answer) = agent else { continue }
        let path = "\(folder)/\(index)"
        group.addTask {
          if let onReset { return (index, await ProtocolClient.play(path, onReset: onReset, answer: answer)) }
          return (index, await ProtocolClient.play(path, answer: answer))
        }
      }
      during(match)
      let result = await match.play()
      var stories = [ProtocolClient.Story](repeating: ProtocolClient.Story(), count: agents.count)
      for await (index, story) in group { stories[index] = story }
      return Outcome(result: result, stories: stories, record: record)
    }
  }

  // MARK: - Games as they should be

  @Test func `three seats take turns, with masks that nobody can get around`() async throws {
    let rules = TestGame.Rules(seats: 3, takesTurns: true, steps: 12, isMasked: true)
    // Agent 0 plays the action of which the mask says that it is illegal, agent 1 the one after it.
    let outcome = try await Self.play(
      rules,
      [
        .socket { client, observation in
          #expect(observation.mask.firstIndex(of: 0) == Int(observation.first % 4))
          client.act(observation.sequence, observation.first % 4)
          return true
        },
        .socket { client, observation in
          client.act(observation.sequence, (observation.first + 1) % 4)
          return true
        },
        .builtIn(.random),
      ]
    )
    #expect(outcome.result.status == .success)
    #expect(outcome.result.totalSteps == 12)
    #expect(outcome.record.problems.withLock { $0 } == [])
    #expect(outcome.result.agentResults.map(\.faults) == [["invalid_action": 4], [:], [:]])
    #expect(outcome.result.agentResults.map(\.score) == [0, 12, 24])
    #expect(outcome.result.winnerAgentID == "agent2")
    #expect(outcome.stories[0].sequences == [1, 2, 3, 4])
    #expect(outcome.record.actions.withLock { actions in [1, 4, 7, 10].map { actions[$0][1] } } == [2, 1, 0, 3])
    #expect(outcome.result.games[0].info == ["played": .integer(12)])
  }

  @Test func `every reward reaches its agent, in observations or at the end`() async throws {
    var rules = TestGame.Rules(seats: 3, takesTurns: true, steps: 11)
    rules.reward = { seat, step in Double(1 << step) * Double(seat + 1) }
    let outcome = try await Self.play(rules, [Self.plays(0), Self.plays(1), Self.plays(2)])
    for (seat, story) in outcome.stories.enumerated() {
      let score = Double((1 << 11) - 1) * Double(seat + 1)
      #expect(outcome.result.agentResults[seat].score == score)
      #expect(story.rewards.reduce(0, +) + (story.finishes.first?.reward ?? 0) == score)
      #expect(story.finishes.first?.score == score)
      #expect(story.finishes.first?.outcome == (seat == 2 ? .win : .loss))
      #expect(story.finishes.first?.final == true)
      #expect(story.welcome?.playerID == seat)
    }
  }

  @Test func `observations of 2 MiB arrive whole`() async throws {
    var rules = TestGame.Rules(steps: 8)
    rules.observationBytes = 2 << 20
    let check: Agent = .socket { client, observation in
      #expect(observation.observation.count == 2 << 20)
      for step in 0..<observation.first {
        #expect(observation.observation.span.bytes.integer(at: 8 + Int(step) * 8, as: Int64.self) == step + 1)
      }
      client.act(observation.sequence, observation.first % 4)
      return true
    }
    let outcome = try await Self.play(rules, [check, check])
    #expect(outcome.result.status == .success)
    #expect(outcome.result.agentResults.map(\.errors) == [0, 0])
    #expect(outcome.record.actions.withLock { $0 } == (0..<8).map { [$0 % 4, $0 % 4] })
  }

  @Test func `one seat plays alone, and wins unless it forfeits`() async throws {
    let alone = try await Self.play(TestGame.Rules(seats: 1), [Self.plays(3)])
    #expect(alone.result.winnerAgentID == "agent0")
    #expect(alone.result.totalSteps == 6)
    let gone = try await Self.play(TestGame.Rules(seats: 1), [Self.leaves(at: 2)])
    #expect(gone.result.status == .success)
    #expect(gone.result.winnerAgentID == nil)
    #expect(gone.result.agentResults[0].forfeited)
  }

  @Test func `scores that the environment declares decide`() async throws {
    var rules = TestGame.Rules()
    rules.hasOwnScores = true
    let outcome = try await Self.play(rules, [Self.plays(0), Self.plays(0)])
    #expect(outcome.result.agentResults.map(\.score) == [100, 99])
    #expect(outcome.result.winnerAgentID == "agent0")
  }

  @Test func `a series rotates seats, and starts every game afresh`() async throws {
    var rules = TestGame.Rules(steps: 4)
    rules.observationBytes = 48
    let check: Agent = .socket { client, observation in
      // No mark of the game before may be left.
      let marks = (1..<6).map { observation.observation.span.bytes.integer(at: $0 * 8, as: Int64.self) }
      #expect(marks.count { $0 != 0 } == Int(observation.first), "\(marks) in step \(observation.first)")
      #expect(observation.prefix.step == UInt32(observation.first))
      client.act(observation.sequence, 1)
      return true
    }
    let outcome = try await Self.play(rules, [check, check], games: 3)
    #expect(outcome.result.games.map(\.seats) == [["agent0", "agent1"], ["agent1", "agent0"], ["agent0", "agent1"]])
    #expect(outcome.result.games.map(\.winnerAgentID) == ["agent1", "agent0", "agent1"])
    #expect(outcome.result.winnerAgentID == "agent1")
    #expect(outcome.result.agentResults.map(\.score) == [4, 8])
    #expect(outcome.result.totalSteps == 12)
    #expect(outcome.stories[0].resets.map(\.playerID) == [0, 1, 0])
    #expect(outcome.stories[0].finishes.map(\.final) == [false, false, true])
    #expect(outcome.stories[0].sequences == Array(1...12))
    #expect(outcome.record.seeds.withLock { $0 } == (0..<3).map { MatchSeed(7).environment(game: $0) })
  }

  @Test func `the same seed plays the same match`() async throws {
    func actions(_ seed: UInt64) async throws -> [[Int64]] {
      let rules = TestGame.Rules(seats: 3, takesTurns: true, steps: 40, isMasked: true)
      let outcome = try await Self.play(rules, [.builtIn(.random), .builtIn(.noop), .builtIn(.random)], seed: seed)
      #expect(outcome.record.problems.withLock { $0 } == [])
      return outcome.record.actions.withLock { $0 }
    }
    let first = try await actions(1)
    #expect(try await actions(1) == first)
    #expect(try await actions(2) != first)
  }

  // MARK: - Faults

  @Test func `a late answer is dropped by its sequence, and the next one counts`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(steps: 3),
      [
        .socket { client, observation in
          // The answer to the first comes with that to the second.
          if observation.sequence == 1 { return true }
          if observation.sequence == 2 { client.act(1, 3) }
          client.act(observation.sequence, 2)
          return true
        },
        Self.plays(1),
      ],
      limits: MatchLimits(stepTimeout: .milliseconds(100))
    )
    #expect(outcome.result.status == .success)
    let agent = outcome.result.agentResults[0]
    #expect(agent.faults["timeout", default: 0] >= 1)
    #expect(agent.droppedAnswers.late == 1)
    #expect(agent.failure?.kind == .timeout)
    #expect(agent.failure?.lastObservationStep != nil)
    #expect(outcome.record.actions.withLock { $0[2][0] } == 2)
  }

  @Test func `second answers are dropped and counted, without a fault`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(steps: 20),
      [
        .socket { client, observation in
          client.send(ProtocolClient.act(observation.sequence, 2) + ProtocolClient.act(observation.sequence, 3))
          return true
        },
        Self.plays(1),
      ]
    )
    #expect(outcome.result.agentResults[0].errors == 0)
    #expect(outcome.result.agentResults[0].droppedAnswers.duplicate >= 19)
    #expect(outcome.record.actions.withLock { $0.allSatisfy { $0 == [2, 1] } })
  }

  /// What an agent does at step 2, and the fault that it must be.
  static let faults:
    [(name: String, fault: FaultKind, forfeits: Bool, act: @Sendable (ProtocolClient, UInt64) -> Bool)] = [
      (
        "an action outside the space", .invalidAction, false,
        { client, sequence in
          client.act(sequence, 4); return true
        }
      ),
      (
        "the largest number there is", .invalidAction, false,
        { client, sequence in
          client.act(sequence, .max); return true
        }
      ),
      (
        "an action of the wrong size", .invalidAction, false,
        { client, sequence in
          client.send(SeatLinkTests.bytes(SeatLinkTests.frame(.act, sequence, payload: 15)))
          return true
        }
      ),
      (
        "an empty action", .invalidAction, false,
        { client, sequence in
          client.send(SeatLinkTests.bytes(SeatLinkTests.frame(.act, sequence, payload: 0)))
          return true
        }
      ),
      (
        "an exception", .exception, false,
        { client, sequence in
          client.send(
            ControlFrame.encode(.error, flags: 1, sequence: sequence, ErrorPayload(message: "boom", traceback: "T"))
          )
          return true
        }
      ),
      (
        "nothing to encode", .invalidAction, false,
        { client, sequence in
          client.send(ControlFrame.encode(.error, flags: 2, sequence: sequence, ErrorPayload(message: "None")))
          return true
        }
      ),
      (
        "garbage", .protocol, true,
        { client, _ in
          client.send([UInt8](repeating: 0xFF, count: 64)); return true
        }
      ),
      (
        "4 GiB", .protocol, true,
        { client, _ in
          client.send([255, 255, 255, 255, 6, 0, 0, 0] + [UInt8](repeating: 0, count: 8)); return true
        }
      ),
      (
        "the future", .protocol, true,
        { client, sequence in
          client.act(sequence + 1, 0); return true
        }
      ),
      (
        "hello again", .protocol, true,
        { client, _ in
          client.send(ControlFrame.encode(.hello, HelloPayload(protocolVersions: [1]))); return true
        }
      ),
      (
        "JSON that does not parse", .protocol, true,
        { client, _ in
          client.send(SeatLinkTests.bytes(SeatLinkTests.frame(.log, 0, payload: 7)))
          return true
        }
      ),
      (
        "a flood of logs", .protocol, true,
        { client, _ in
          let log = ControlFrame.encode(.log, LogPayload(text: String(repeating: "x", count: 40_000)))
          client.send(log + log)
          return true
        }
      ),
      ("leaves", .disconnected, true, { _, _ in false }),
    ]

  @Test(arguments: faults.indices) func `what an agent does wrong is its fault alone`(index: Int) async throws {
    let (name, fault, forfeits, act) = Self.faults[index]
    var rules = TestGame.Rules(seats: 3, steps: 6)
    rules.reward = { seat, _ in seat == 0 ? 10 : Double(seat) }
    let outcome = try await Self.play(
      rules,
      [
        .socket { client, observation in
          guard observation.first != 2 else { return act(client, observation.sequence) }
          client.act(observation.sequence, 1)
          return true
        },
        Self.plays(2), Self.plays(3),
      ]
    )
    let result = outcome.result
    #expect(result.status == .success, "\(name): \(result.errorMessage ?? "")")
    #expect(result.totalSteps == 6, "\(name): the others play on")
    #expect(result.agentResults.map(\.faults) == [[fault.rawValue: 1], [:], [:]], "\(name)")
    #expect(result.agentResults.map(\.forfeited) == [forfeits, false, false], "\(name)")
    #expect(result.winnerAgentID == (forfeits ? "agent2" : "agent0"), "\(name)")
    #expect(result.agentResults[0].failure?.kind == fault)
    #expect(result.agentResults[0].failure?.step == 2, "\(name)")
    #expect(outcome.record.problems.withLock { $0 } == [], "\(name)")
    #expect(outcome.record.actions.withLock { $0.allSatisfy { $0[1] == 2 && $0[2] == 3 } }, "\(name)")
    if fault == .exception {
      #expect(result.agentResults[0].failure?.message.contains("boom") == true)
      #expect(result.agentResults[0].failure?.traceback == "T")
    }
    if fault == .protocol { #expect(outcome.stories[0].error?.hasPrefix("protocol: ") == true, "\(name)") }
  }

  @Test func `one of two that forfeits has lost`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(steps: 100),
      [Self.plays(0), Self.leaves(at: 3)]
    )
    #expect(outcome.result.totalSteps == 3)
    #expect(outcome.result.winnerAgentID == "agent0")
    #expect(outcome.result.games[0].ending == .forfeit)
    #expect(outcome.result.errorMessage?.contains("agent1 forfeited") == true)
    #expect(outcome.stories[0].finishes.first?.outcome == .win)
  }

  @Test func `one fault more than allowed forfeits`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(steps: 100),
      [Self.plays(7), Self.plays(1)],
      policy: FaultPolicy(maxFaults: 3)
    )
    #expect(outcome.result.agentResults[0].faults == ["invalid_action": 4])
    #expect(outcome.result.agentResults[0].forfeited)
    #expect(outcome.result.totalSteps == 3)
    #expect(outcome.result.winnerAgentID == "agent1")
  }

  @Test func `a reset that raises is an exception, and the game is played`() async throws {
    let raising: @Sendable (ProtocolClient, UInt64) -> Void = { client, sequence in
      client.send(ControlFrame.encode(.error, flags: 1, sequence: sequence, ErrorPayload(message: "reset broke")))
    }
    let outcome = try await Self.play(
      TestGame.Rules(),
      [
        .socket(onReset: raising) { client, observation in
          client.act(observation.sequence, 1)
          return true
        },
        Self.plays(1),
      ],
      games: 2
    )
    #expect(outcome.result.agentResults[0].faults == ["exception": 2])
    #expect(outcome.result.totalSteps == 12)
    #expect(outcome.result.status == .success)
  }

  @Test func `a fault that voids is played again, and then is an error`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(),
      [Self.plays(9), Self.plays(1)],
      policy: FaultPolicy(consequences: [.invalidAction: .void], maxVoids: 2)
    )
    #expect(outcome.result.status == .error)
    #expect(outcome.result.voids == 2)
    #expect(outcome.stories[1].resets.count == 3)
    #expect(outcome.result.winnerAgentID == nil)
  }

  @Test func `an agent that does not read loses its observations, not its rewards`() async throws {
    var rules = TestGame.Rules(steps: 6)
    rules.observationBytes = 2 << 20
    rules.reward = { _, step in Double(1 << step) }
    let gate = Gate()
    rules.beforeStep = { step in if step == 3 { gate.open() } }
    let outcome = try await Self.play(
      rules,
      [
        .socket { client, observation in
          // Reads the first observation, then nothing until the fourth step is played.
          if observation.sequence == 1 { gate.wait() }
          client.act(observation.sequence, 1)
          return true
        },
        .builtIn(.random),
      ],
      limits: MatchLimits(stepTimeout: .milliseconds(100), writeTimeout: .milliseconds(50))
    )
    #expect(outcome.result.status == .success)
    let (agent, story) = (outcome.result.agentResults[0], outcome.stories[0])
    #expect(agent.faults["timeout", default: 0] >= 3)
    #expect(agent.errors == agent.faults["timeout"])
    #expect(agent.score == 63)
    if let finish = story.finishes.first { #expect(story.rewards.reduce(0, +) + finish.reward == 63) }
    #expect(story.sequences == story.sequences.sorted())
  }

  // MARK: - Endings that are nobody's fault

  @Test func `an environment that fails in mid-game makes an error, with no winner`() async throws {
    var rules = TestGame.Rules()
    rules.failsAt = 3
    let outcome = try await Self.play(rules, [Self.plays(0), Self.plays(0)])
    #expect(outcome.result.status == .error)
    #expect(outcome.result.errorMessage?.contains("the board fell over") == true)
    #expect(outcome.result.winnerAgentID == nil)
    #expect(outcome.result.totalSteps == 3)
    #expect(outcome.result.games[0].ending == .aborted)
    #expect(outcome.result.agentResults.map(\.errors) == [0, 0])
    #expect(
      outcome.stories.map { $0.finishes.first?.outcome } == [FinishPayload.Outcome.none, FinishPayload.Outcome.none]
    )
    #expect(outcome.stories[0].finishes.first?.final == true)
  }

  @Test func `an environment that cannot even start makes an error`() async throws {
    var rules = TestGame.Rules()
    rules.failsAtReset = true
    let outcome = try await Self.play(rules, [Self.plays(0), .builtIn(.random)])
    #expect(outcome.result.status == .error)
    #expect(outcome.result.errorMessage?.contains("no dice") == true)
    #expect(outcome.result.totalSteps == 0)
  }

  @Test func `the match's limit wins over a step's, and names no winner`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(),
      [.socket { _, _ in true }, Self.plays(1)],
      limits: MatchLimits(stepTimeout: nil, matchTimeout: .milliseconds(150))
    )
    #expect(outcome.result.status == .timeout)
    #expect(outcome.result.winnerAgentID == nil)
    #expect(outcome.result.agentResults.map(\.errors) == [0, 0])
    #expect(outcome.result.executionTimeSeconds >= 0.15)
    #expect(outcome.stories[1].finishes.first?.outcome == FinishPayload.Outcome.none)
  }

  @Test func `a match can be called off before and while it is played`() async throws {
    let before = try await Self.play(
      TestGame.Rules(),
      [Self.plays(0), Self.plays(0)],
      during: { $0.cancel("not now") }
    )
    #expect(before.result.status == .cancelled)
    #expect(before.result.errorMessage == "not now")
    let held = Mutex<Match?>(nil)
    let midway = try await Self.play(
      TestGame.Rules(steps: 1_000_000),
      [
        .socket { client, observation in
          if observation.first == 5 { held.withLock { $0?.cancel("enough") } }
          client.act(observation.sequence, 0)
          return true
        },
        .builtIn(.noop),
      ],
      during: { match in held.withLock { $0 = match } }
    )
    held.withLock { $0 = nil }
    #expect(midway.result.status == .cancelled)
    #expect(midway.result.errorMessage == "enough")
    #expect(midway.result.totalSteps < 1_000_000)
  }

  // MARK: - Start-up

  @Test func `an agent that never comes forfeits, and if none comes the match is an error`() async throws {
    let limits = MatchLimits(startupTimeout: .milliseconds(150))
    let folder = SeatListenerTests.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for sources in [
      [SeatSource.socket(path: folder + "/a"), .builtIn(.random)],
      [.socket(path: folder + "/a"), .socket(path: folder + "/b")],
    ] {
      let spec = try MatchSpec(
        matchID: "m",
        environment: "test",
        agents: [AgentSpec(agentID: "a"), AgentSpec(agentID: "b")],
        limits: limits
      )
      let match = try Match(
        MatchPlan(spec: spec, sources: sources),
        environment: TestGame(TestGame.Rules(), record: TestGame.Record())
      )
      let result = await match.play()
      #expect(result.agentResults[0].faults == ["startup": 1])
      #expect(result.agentResults[0].forfeited)
      if case .builtIn = sources[1] {
        #expect(result.status == .success)
        #expect(result.winnerAgentID == "b")
      } else {
        #expect(result.status == .error)
        #expect(result.errorMessage?.hasPrefix("no agent started") == true)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }

  @Test func `a platform that cannot start an agent makes an error of it, not a fault`() async throws {
    let outcome = try await Self.play(
      TestGame.Rules(),
      [Self.plays(0), Self.plays(0)],
      during: { $0.agentNotStarted(1, reason: "no such image") }
    )
    #expect(outcome.result.status == .error)
    #expect(outcome.result.errorMessage?.contains("agent1") == true)
    #expect(outcome.result.agentResults[1].errors == 0)
  }
}

/// Lets threads wait until it is opened.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  /// Lets one thread pass.
  func open() { semaphore.signal() }

  /// Waits until it is open.
  func wait() { semaphore.wait() }
}
