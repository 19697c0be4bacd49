import ArenaCore
import Environments
import Replay

/// Pong between a player that follows the ball and one that often does not.
struct PongSample {
  /// Steps of each game.
  var steps: [Int]
  /// Whether the second agent does everything wrong that an agent can do.
  var isFaulty = false

  func record(to path: String) throws {
    let pong = try EnvironmentRegistry.standard.make(
      "pong",
      configuration: ["max_steps": .integer(1_000_000), "winning_score": .integer(1_000_000)]
    )
    var recorder = try SampleRecorder(
      path,
      environment: "pong",
      configuration: pong.spec.configuration,
      agents: ["tracker", isFaulty ? "clumsy" : "dreamer"],
      observation: pong.spec.observation,
      action: pong.spec.action
    )
    for (game, steps) in steps.enumerated() {
      try pong.reset(seed: UInt64(game) + 5)
      var state = Self.observation(of: pong)
      let seats = game % 2 == 0 ? [0, 1] : [1, 0]
      recorder.beginGame(seats: seats, observations: [state, state])
      for step in 1...steps {
        let actions = seats.enumerated().map { seat, agent in Self.action(agent, seat: seat, step: step, state) }
        var rewards = [0.0, 0.0]
        var span = rewards.mutableSpan
        let joined = actions.flatMap { Self.bytes($0) }
        _ = try pong.step(joined.span.bytes, rewards: &span)
        state = Self.observation(of: pong)
        var parts = seats.indices.map { seat in
          ReplayFrame.Seat(
            observation: state,
            action: Self.bytes(actions[seat]),
            reward: rewards[seat],
            thinkTimeMicroseconds: UInt64(20 + (step * 7 + seat * 13) % 31 + (step % 400 == 0 ? 900 : 0))
          )
        }
        var late: [ReplayFrame.LateAnswer] = []
        if isFaulty, let seat = seats.firstIndex(of: 1) {
          late = Self.spoil(&parts[seat], seat: seat, step: step, isLastGame: game == self.steps.count - 1)
        }
        recorder.add(parts, lateAnswers: late, isLast: step == steps)
      }
      recorder.endGame(reason: isFaulty && game == self.steps.count - 1 ? .forfeit : .truncated)
    }
    recorder.finish(
      error: steps.isEmpty ? "the environment could not be made" : nil,
      failures: isFaulty ? [1: Self.failure] : [:]
    )
  }

  /// What only the agent's author and the operator may see.
  private static var failure: FailureReport {
    var failure = FailureReport(kind: .exception, message: "it raised an exception")
    failure.traceback = "Traceback of a secret"
    failure.logTail = "log of a secret"
    failure.lastBytes = "5ec3e7"
    return failure
  }

  private static func observation(of pong: any Environment) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: pong.spec.observation.size)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    pong.writeObservation(for: 0, into: &raw)
    return bytes
  }

  private static func bytes(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

  /// Follows the ball; the second agent looks away now and then.
  private static func action(_ agent: Int, seat: Int, step: Int, _ state: [UInt8]) -> Int64 {
    if agent == 1, step / 60 % 3 == 0 { return Int64(step % 3) }
    func number(_ index: Int) -> Float {
      state.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) }
    }
    let distance = number(1) - number(4 + seat)
    return distance < -0.03 ? 0 : distance > 0.03 ? 2 : 1
  }

  private static func spoil(_ part: inout ReplayFrame.Seat, seat: Int, step: Int, isLastGame: Bool)
    -> [ReplayFrame.LateAnswer]
  {
    switch step {
    case 40, 41, 42:
      part.fault = .timeout
      part.thinkTimeMicroseconds = 5_000_000
      part.faultMessage = "no answer within 5 s"
      part.platformStall = step == 41
    case 44: return [ReplayFrame.LateAnswer(seat: seat, step: 42, delayMicroseconds: 7600)]
    case 90:
      part.fault = .invalidAction
      part.faultMessage = "the action must be one integer in 0…2, got str 'up'"
    case 130:
      part.fault = .exception
      part.faultMessage = "ValueError: I lost track of the ball"
      part.note = "Last seen near the upper wall.\nTrying the middle."
    case 290 where isLastGame:
      part.fault = .protocol
      part.faultMessage = "a frame of 99 MB was announced"
      part.forfeited = true
    case 291... where isLastGame:
      part.forfeited = true
      part.acted = false
      part.action = []
    default: break
    }
    return []
  }
}
