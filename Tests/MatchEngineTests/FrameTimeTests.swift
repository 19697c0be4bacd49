import ArenaCore
import ArenaSystem
import Foundation
import Replay
import Synchronization
import Testing

@testable import MatchEngine

/// Matches in which no answer has to be waited for.
@Suite struct FrameTimeTests {
  /// Plays `rules` between built-in agents.
  private func play(_ rules: TestGame.Rules, _ limits: MatchLimits = MatchLimits(), replay: String? = nil) async throws
    -> MatchResult
  {
    let spec = try MatchSpec(
      matchID: "m",
      environment: "test",
      agents: (0..<rules.seats).map { AgentSpec(agentID: "agent\($0)") },
      limits: limits,
      seed: 7
    )
    let plan = MatchPlan(spec: spec, sources: spec.agents.map { _ in .builtIn(.random) }, replayPath: replay)
    return await (try Match(plan, environment: TestGame(rules, record: TestGame.Record()))).play()
  }

  @Test(arguments: [false, true])
  func `frames of built-in agents have the times of their steps`(takesTurns: Bool) async throws {
    let folder = SeatListenerTests.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let instants = Mutex<[Int64]>([])
    var rules = TestGame.Rules(takesTurns: takesTurns, steps: 300)
    rules.beforeStep = { _ in instants.withLock { $0.append(MonotonicClock.now()) } }
    let begin = MonotonicClock.now()
    let result = try await play(rules, replay: "\(folder)/match.mcap")
    #expect(result.recording?.frames == 300)

    var times: [Int64] = []
    var events = try ReplayReader(path: "\(folder)/match.mcap").makeEvents()
    while let event = try events.next() {
      if case .frame(let frame) = event { times.append(Int64(frame.timeNanoseconds)) }
    }
    let stepped = instants.withLock { $0 }
    try #require(times.count == 300 && stepped.count == 300)
    // Each frame's time lies between the step before and its own step; a replay keeps whole microseconds.
    for step in 1..<300 {
      let sinceFirst = times[step] - times[0]
      #expect(sinceFirst >= stepped[step - 1] - stepped[0] - 1000, "step \(step)")
      #expect(sinceFirst <= stepped[step] - begin + 1000, "step \(step)")
    }
  }

  @Test func `a match of built-in agents ends at its limit`() async throws {
    let limits = MatchLimits(matchTimeout: .milliseconds(30))
    let result = try await play(TestGame.Rules(steps: 3_000_000), limits)
    #expect(result.status == .timeout)
    #expect(result.totalSteps < 3_000_000)
    #expect(result.executionTimeSeconds >= 0.03)
  }
}
