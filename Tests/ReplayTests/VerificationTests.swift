import ArenaCore
import Environments
import Foundation
import Replay
import Testing

/// Proof: what a replay says follows from its seed and actions, or the first difference is named.
@Suite struct VerificationTests {
  private static func verify(
    _ match: ReplayMatch,
    _ events: [ReplayEvent],
    registry: EnvironmentRegistry = .standard
  ) throws -> ReplayVerification {
    var verification = try ReplayVerification(match, registry: registry)
    for event in events { verification.add(event) }
    verification.finish()
    return verification
  }

  @Test func `a series of pong is as the game has it`() async throws {
    let played = try await PlayedMatch.play(games: 3)
    let verification = try Self.verify(try played.match, try played.events)
    #expect(verification.difference == nil)
    #expect(verification.frames == 90 && verification.completeGames == 3)
  }

  @Test func `a game with turns, legal actions and scores of its own is too`() async throws {
    for seed in 0..<9 as Range<UInt64> {
      let played = try await PlayedMatch.play("nim", registry: NimGame.registry, steps: nil, games: 2, seed: seed)
      let verification = try Self.verify(try played.match, try played.events, registry: NimGame.registry)
      #expect(verification.difference == nil)
      #expect(verification.completeGames == 2)
    }
  }

  @Test func `a replay that breaks off is verified as far as it goes`() async throws {
    let played = try await PlayedMatch.play()
    let verification = try Self.verify(try played.match, Array(try played.events.prefix(20)))
    #expect(verification.difference == nil)
    #expect(verification.frames == 19 && verification.completeGames == 0)
  }

  /// One lie in a replay of two games of 30 steps, and where it must be found.
  struct Lie: Sendable, CustomTestStringConvertible {
    var name: String
    var game: Int?
    var step: Int?
    var seat: Int?
    var says: String
    var tell: @Sendable (inout [ReplayEvent]) -> Void

    var testDescription: String { name }
  }

  /// The index of a step's frame: events are start, frames, end, start, frames, end.
  private static func index(game: Int, step: Int) -> Int { game * 32 + step }

  private static func inFrame(
    _ game: Int,
    _ step: Int,
    _ change: @escaping @Sendable (inout ReplayFrame) -> Void
  ) -> @Sendable (inout [ReplayEvent]) -> Void {
    { events in
      let index = index(game: game, step: step)
      guard case .frame(var frame) = events[index] else { return }
      change(&frame)
      events[index] = .frame(frame)
    }
  }

  private static func inStart(
    _ game: Int,
    _ change: @escaping @Sendable (inout ReplayEvent.GameStart) -> Void
  ) -> @Sendable (inout [ReplayEvent]) -> Void {
    { events in
      guard case .gameStart(var start) = events[game * 32] else { return }
      change(&start)
      events[game * 32] = .gameStart(start)
    }
  }

  private static func inEnd(
    _ game: Int,
    _ change: @escaping @Sendable (inout ReplayEvent.GameEnd) -> Void
  ) -> @Sendable (inout [ReplayEvent]) -> Void {
    { events in
      let index = index(game: game, step: 31)
      guard case .gameEnd(var end) = events[index] else { return }
      change(&end)
      events[index] = .gameEnd(end)
    }
  }

  static let lies: [Lie] = [
    Lie(
      name: "a bit of an observation",
      game: 1,
      step: 17,
      seat: 1,
      says: "byte 5",
      tell: inFrame(1, 17) { $0.seats[1].observation[5] ^= 1 }
    ),
    Lie(
      name: "an observation that is too short",
      game: 0,
      step: 1,
      seat: 0,
      says: "31 bytes instead of 32",
      tell: inFrame(0, 1) { $0.seats[0].observation.removeLast() }
    ),
    Lie(
      name: "a reward",
      game: 0,
      step: 30,
      seat: 0,
      says: "reward is 1.0",
      tell: inFrame(0, 30) { $0.seats[0].reward = 1 }
    ),
    Lie(
      name: "the sign of a reward of nothing",
      game: 0,
      step: 3,
      seat: 1,
      says: "reward is -0.0",
      tell: inFrame(0, 3) { $0.seats[1].reward = -0.0 }
    ),
    Lie(
      name: "another action",
      game: 1,
      step: 9,
      seat: 0,
      says: "observation",
      tell: inFrame(1, 9) { frame in
        for seat in frame.seats.indices { frame.seats[seat].action[0] = frame.seats[seat].action[0] == 0 ? 2 : 0 }
      }
    ),
    Lie(
      name: "an action that the game lacks",
      game: 0,
      step: 2,
      seat: 0,
      says: "3 is not in 0…2",
      tell: inFrame(0, 2) { $0.seats[0].action[0] = 3 }
    ),
    Lie(
      name: "no action",
      game: 0,
      step: 2,
      seat: 0,
      says: "no action",
      tell: inFrame(0, 2) { $0.seats[0].action = [] }
    ),
    Lie(
      name: "an idle seat",
      game: 0,
      step: 4,
      seat: 1,
      says: "turn",
      tell: inFrame(0, 4) { $0.seats[1].acted = false }
    ),
    Lie(name: "an early end", game: 0, step: 5, says: "terminated true", tell: inFrame(0, 5) { $0.terminated = true }),
    Lie(name: "no end", game: 1, step: 30, says: "truncated false", tell: inFrame(1, 30) { $0.truncated = false }),
    Lie(
      name: "a step left out",
      game: 0,
      step: 8,
      says: "follows step 6",
      tell: { $0.remove(at: index(game: 0, step: 7)) }
    ),
    Lie(
      name: "a step told twice",
      game: 0,
      step: 7,
      says: "follows step 7",
      tell: { $0.insert($0[index(game: 0, step: 7)], at: index(game: 0, step: 8)) }
    ),
    Lie(name: "no beginning", game: nil, step: 1, says: "beginning", tell: { $0.removeFirst() }),
    Lie(name: "no beginning of the second", game: nil, step: 1, says: "beginning", tell: { $0.remove(at: 32) }),
    Lie(name: "a seat left out", game: 0, step: 6, says: "1 seats", tell: inFrame(0, 6) { $0.seats.removeLast() }),
    Lie(name: "another seed", game: 0, step: 0, says: "match's seed 7", tell: inStart(0) { $0.environmentSeed = 8 }),
    Lie(
      name: "the first game's seed in the second",
      game: 1,
      step: 0,
      says: "does not follow",
      tell: inStart(1) { $0.environmentSeed = 7 }
    ),
    Lie(name: "an agent in both seats", game: 0, step: 0, says: "[1, 1]", tell: inStart(0) { $0.agents = [1, 1] }),
    Lie(
      name: "what is seen at first",
      game: 1,
      step: 0,
      seat: 0,
      says: "byte 0",
      tell: inStart(1) { $0.observations[0][0] ^= 1 }
    ),
    Lie(name: "a score", game: 1, seat: 1, says: "score is 3.0", tell: inEnd(1) { $0.scores[1] = 3 }),
    Lie(name: "an outcome", game: 0, seat: 0, says: "outcome is a", tell: inEnd(0) { $0.outcomes.swapAt(0, 1) }),
    Lie(name: "the number of steps", game: 0, says: "29 steps", tell: inEnd(0) { $0.steps = 29 }),
    Lie(name: "another game's end", game: 0, says: "game 1", tell: inEnd(0) { $0.game = 1 }),
  ]

  @Test(arguments: lies)
  func `a lie is found where it was told`(lie: Lie) async throws {
    // Somebody has scored in both games, so that their outcomes are no draws.
    let played = try await PlayedMatch.play(seed: 7)
    var events = try played.events
    let truth = events
    lie.tell(&events)
    // Descriptions tell 0.0 from -0.0.
    let isLie = "\(events)" != "\(truth)"
    #expect(isLie, "nothing was changed")
    let difference = try #require(try Self.verify(try played.match, events).difference)
    #expect(difference.game == lie.game && difference.step == lie.step && difference.seat == lie.seat, "\(difference)")
    #expect(difference.what.contains(lie.says), "\(difference)")
  }

  @Test func `a winner who did not win is found`() async throws {
    let played = try await PlayedMatch.play("nim", registry: NimGame.registry, steps: nil, games: 1)
    var match = try played.match
    guard case .object(var result) = match.result, case .string(let winner) = result["winner_agent_id"] else {
      Issue.record("somebody wins nim")
      return
    }
    let loser = try #require(match.agentIDs.first { $0 != winner })
    result["winner_agent_id"] = .string(loser)
    match.result = .object(result)
    let difference = try Self.verify(match, try played.events, registry: NimGame.registry).difference
    #expect(difference?.description == "the recorded winner is \(loser), by the games it is \(winner)")
  }

  @Test func `legal actions that were not the game's are found`() async throws {
    let played = try await PlayedMatch.play("nim", registry: NimGame.registry, steps: nil, games: 1)
    var events = try played.events
    guard case .frame(var frame) = events[1], let seat = frame.seats.firstIndex(where: \.acted) else { return }
    frame.seats[seat].actionMask[2] ^= 1
    events[1] = .frame(frame)
    let difference = try Self.verify(try played.match, events, registry: NimGame.registry).difference
    #expect(difference?.what.contains("legal actions") == true)
  }

  @Test func `a game that nobody knows, and settings that it does not take, are said`() async throws {
    let played = try await PlayedMatch.play("nim", registry: NimGame.registry, steps: nil, games: 1)
    #expect(throws: FieldError.self) { try ReplayVerification(try played.match) }
    var match = try await PlayedMatch.play().match
    match.configuration["ball_sped"] = .number(1)
    #expect(throws: FieldError.self) { try ReplayVerification(match) }
  }

  @Test func `other settings than those it was played with are found`() async throws {
    let played = try await PlayedMatch.play()
    var match = try played.match
    match.configuration["ball_speed"] = .number(0.5)
    let difference = try Self.verify(match, try played.events).difference
    #expect(difference?.game == 0 && difference?.what.contains("observation") == true)
  }
}
