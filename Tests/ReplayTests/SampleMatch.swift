import Replay
import TestSupport

/// A match that is recorded by the real writer, with the events that must be read back.
struct SampleMatch {
  /// Metadata at the file's beginning.
  static let metadata = ["match": ["match_id": "sample", "seed": "7"], "agent 0": ["agent_id": "left – ↑"]]
  /// Metadata at its end.
  static let result = ["result": ["status": "success"]]

  /// Steps of each game.
  var steps = [40, 1, 25]
  /// Bytes of an observation.
  var observationSize = 64
  /// Bytes at which a chunk closes.
  var chunkBytes = 1024

  /// All events in their order.
  var events: [ReplayEvent] {
    var events: [ReplayEvent] = []
    var time = ReplayWriter.sampleTime
    for (game, steps) in steps.enumerated() {
      events.append(
        .gameStart(
          ReplayEvent.GameStart(
            game: game,
            environmentSeed: UInt64.max - UInt64(game),
            agents: game % 2 == 0 ? [0, 1] : [1, 0],
            observations: [observation(step: 0, seat: 0), observation(step: 0, seat: 1)],
            timeNanoseconds: time
          )
        )
      )
      for step in 1...steps {
        time += 33_000
        events.append(.frame(frame(step: step, game: game, isLast: step == steps, time: time)))
      }
      time += 5000
      events.append(
        .gameEnd(
          ReplayEvent.GameEnd(
            game: game,
            outcomes: [.win, .loss],
            scores: [1.5, -1.5],
            steps: steps,
            reason: "terminated",
            info: #"{"winner":0}"#,
            timeNanoseconds: time,
            faults: game == 1
              ? [
                FinalFault(seat: 1, kind: .disconnected, message: "left – ↑", platformStall: true),
                FinalFault(seat: 0, kind: .timeout, message: ""),
              ] : []
          )
        )
      )
    }
    return events
  }

  /// The frames among them.
  var frames: [ReplayFrame] {
    events.compactMap { event in if case .frame(let frame) = event { frame } else { nil } }
  }

  /// Bytes that differ from step to step and are hard to compress; both seats see the same in every third step.
  private func observation(step: Int, seat: Int) -> [UInt8] {
    var state = UInt64(step * 2 + (step % 3 == 0 ? 0 : seat) + 1) &* 0x9E37_79B9_7F4A_7C15
    return (0..<observationSize).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  private func frame(step: Int, game: Int, isLast: Bool, time: UInt64) -> ReplayFrame {
    var frame = ReplayFrame(step: step, game: game, timeNanoseconds: time, terminated: isLast, seats: [])
    for seat in 0..<2 {
      frame.seats.append(
        ReplayFrame.Seat(
          observation: observation(step: step, seat: seat),
          action: [UInt8(step % 3), 0, 0, 0, 0, 0, 0, 0],
          reward: seat == 0 ? 0.5 : -0.0,
          thinkTimeMicroseconds: UInt64(step) * 7
        )
      )
    }
    if step % 10 == 0 {
      frame.seats[1].fault = step % 20 == 0 ? .timeout : .startup
      frame.seats[1].faultMessage = "ValueError: nope"
      frame.seats[1].platformStall = true
      frame.seats[1].forfeited = true
      frame.seats[0].note = "plan: ↑"
      frame.seats[0].actionMask = [1, 0, 1]
      frame.lateAnswers = [ReplayFrame.LateAnswer(seat: 1, step: step - 1, delayMicroseconds: 77)]
      frame.info = #"{"ball":[0.5,0.25]}"#
    }
    if step % 11 == 0 {
      frame.seats[0].acted = false
      frame.seats[0].action = []
    }
    return frame
  }

  /// Records the match; `pause` is called after each frame.
  func write(to path: String, pause: (ReplayWriter) throws -> Void = { _ in }) throws {
    let writer = ReplayWriter(path: path, metadata: Self.metadata, options: try ReplayOptions(chunkBytes: chunkBytes))
    for event in events {
      switch event {
      case .gameStart(let start):
        writer.addGameStart(
          game: start.game,
          environmentSeed: start.environmentSeed,
          agents: start.agents,
          observations: start.observations,
          timeNanoseconds: start.timeNanoseconds
        )
      case .frame(let frame):
        writer.add(frame)
        try pause(writer)
      case .gameEnd(let end):
        writer.addGameEnd(
          game: end.game,
          outcomes: end.outcomes,
          scores: end.scores,
          steps: end.steps,
          reason: end.reason,
          info: end.info,
          timeNanoseconds: end.timeNanoseconds,
          faults: end.faults
        )
      }
    }
    writer.close(finalMetadata: Self.result)
  }
}

extension ReplayReader {
  /// All events from the beginning.
  func allEvents() throws(ReplayError) -> [ReplayEvent] { try Self.rest(of: makeEvents()) }

  /// What is left of an iteration.
  static func rest(of iteration: consuming ReplayEvents) throws(ReplayError) -> [ReplayEvent] {
    var all: [ReplayEvent] = []
    while let event = try iteration.next() { all.append(event) }
    return all
  }
}
