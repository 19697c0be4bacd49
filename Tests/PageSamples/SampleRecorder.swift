import AgentProtocol
import ArenaCore
import Foundation
import MatchEngine
import Replay
import TestSupport

/// Records a match that is made up, as the orchestrator would.
struct SampleRecorder {
  private let writer: ReplayWriter
  private let environment: String
  private let agents: [String]
  private var time: UInt64 = 1_763_844_159_000_000_000
  private var game = -1
  private var step = 0
  private var totalSteps = 0
  private var games: [GameResult] = []
  private var scores: [Double] = []
  private var seats: [Int] = []

  init(
    _ path: String,
    environment: String,
    configuration: [String: JSONValue] = [:],
    agents: [String],
    observation: SpaceLayout,
    action: SpaceLayout
  ) throws {
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
    self.environment = environment
    self.agents = agents
    var metadata = [
      "match": [
        "match_id": "sample-\(environment.split(separator: "/").last ?? "")", "environment": environment,
        "seed": "18446744073709551615", "version": ArenaVersion.current,
      ],
      "environment": [
        "configuration": try json(JSONValue.object(configuration)), "observation": try json(observation),
        "action": try json(action),
      ],
    ]
    for (index, agent) in agents.enumerated() { metadata["agent \(index)"] = ["agent_id": agent] }
    writer = ReplayWriter(path: path, metadata: metadata, options: try ReplayOptions(chunkBytes: 16_384))
  }

  /// Begins a game with agents in these seats.
  mutating func beginGame(seats: [Int], observations: [[UInt8]]) {
    game += 1
    step = 0
    self.seats = seats
    scores = [Double](repeating: 0, count: agents.count)
    writer.addGameStart(
      game: game,
      environmentSeed: UInt64.max - UInt64(game),
      agents: seats,
      observations: observations,
      timeNanoseconds: time
    )
  }

  /// Records a step.
  mutating func add(
    _ seats: [ReplayFrame.Seat],
    lateAnswers: [ReplayFrame.LateAnswer] = [],
    info: String = "",
    isLast: Bool = false
  ) {
    step += 1
    totalSteps += 1
    time += 33_000 + UInt64(step % 7) * 1000
    for (seat, part) in seats.enumerated() { scores[self.seats[seat]] += part.reward }
    writer.add(
      ReplayFrame(
        step: step,
        game: game,
        timeNanoseconds: time,
        terminated: isLast,
        seats: seats,
        lateAnswers: lateAnswers,
        info: info
      )
    )
  }

  /// Ends the game; the highest score wins.
  mutating func endGame(reason: GameResult.Ending = .terminated) {
    let best = scores.max() ?? 0
    let winner = scores.count { $0 == best } == 1 ? scores.firstIndex(of: best) : nil
    writer.addGameEnd(
      game: game,
      outcomes: seats.map { winner == nil ? .draw : winner == $0 ? .win : .loss },
      scores: seats.map { scores[$0] },
      steps: step,
      reason: reason.rawValue,
      info: "{}",
      timeNanoseconds: time
    )
    var result = GameResult(game: game, seed: UInt64.max - UInt64(game), seats: seats.map { agents[$0] })
    result.scores = scores
    result.winnerAgentID = winner.map { agents[$0] }
    result.steps = step
    result.ending = reason
    games.append(result)
  }

  /// Ends the recording.
  ///
  /// - Parameters:
  ///   - error: what the result says about the match.
  ///   - failures: what is known about the agents' failures, by agent.
  func finish(error: String? = nil, failures: [Int: FailureReport] = [:]) {
    var result = MatchResult(
      matchID: "sample",
      environment: environment,
      status: games.isEmpty ? .error : .success,
      agentResults: agents.map { AgentResult(agentID: $0) },
      seed: .max
    )
    for game in games { for index in agents.indices { result.agentResults[index].score += game.scores[index] } }
    for (agent, failure) in failures { result.agentResults[agent].failure = failure }
    let scores = result.agentResults.map(\.score)
    if let best = scores.max(), scores.count(where: { $0 == best }) == 1, !games.isEmpty {
      result.winnerAgentID = scores.firstIndex(of: best).map { agents[$0] }
    }
    result.games = games
    result.totalSteps = totalSteps
    result.executionTimeSeconds = Double(totalSteps) * 36e-6
    result.errorMessage = error
    writer.close(finalMetadata: ["result": ["json": ResultMessage.whole(result)]])
  }
}
