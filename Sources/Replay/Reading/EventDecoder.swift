internal import ArenaCore
import SwiftProtobuf

/// Turns a message's bytes into the event that they tell.
struct EventDecoder {
  let limits: ReplayReaderLimits

  /// The event of a message; nil for one on a channel that replays do not have.
  ///
  /// - Throws: `ReplayError` if it is larger than the limits, no such protobuf message, or says what cannot be.
  func event(_ message: ReplayChunk.Message, in chunk: ReplayChunk) throws(ReplayError) -> ReplayEvent? {
    switch message.channel {
    case .frames: .frame(try frame(message, in: chunk))
    case .games: try gameEvent(message, in: chunk)
    case nil: nil
    }
  }

  /// The frame of a message on `/frames`.
  ///
  /// - Throws: `ReplayError` as `event` does.
  func frame(_ message: ReplayChunk.Message, in chunk: ReplayChunk) throws(ReplayError) -> ReplayFrame {
    let decoded = try decode(RlArena_Replay_Frame.self, message, of: .frames, in: chunk)
    func error(_ problem: String) -> ReplayError { chunk.error(at: message.data.lowerBound, problem) }
    guard let step = Int(exactly: decoded.step) else { throw error("a frame's step is \(decoded.step)") }
    var frame = ReplayFrame(
      step: step,
      game: Int(decoded.game),
      timeNanoseconds: message.time,
      terminated: decoded.terminated,
      truncated: decoded.truncated,
      seats: [],
      info: decoded.info
    )
    frame.seats.reserveCapacity(decoded.seats.count)
    for (index, seat) in decoded.seats.enumerated() {
      let shared = frame.seats.first?.observation ?? []
      var fault: FaultKind?
      if seat.fault != .none {
        fault = FaultKind(replayNumber: seat.fault.rawValue)
        guard fault != nil else {
          throw error("seat \(index) has fault \(seat.fault.rawValue), which this version does not know")
        }
      }
      frame.seats.append(
        ReplayFrame.Seat(
          observation: seat.hasObservation ? Array(seat.observation) : shared,
          action: Array(seat.action),
          reward: seat.reward,
          fault: fault,
          thinkTimeMicroseconds: seat.thinkTime,
          platformStall: seat.platformStall,
          acted: !seat.idle,
          forfeited: seat.forfeited,
          actionMask: Array(seat.actionMask),
          note: seat.note,
          faultMessage: seat.faultMessage
        )
      )
    }
    for answer in decoded.lateAnswers {
      guard let step = Int(exactly: answer.step) else { throw error("a late answer's step is \(answer.step)") }
      frame.lateAnswers.append(
        ReplayFrame.LateAnswer(seat: Int(answer.seat), step: step, delayMicroseconds: answer.delay)
      )
    }
    return frame
  }

  private func gameEvent(_ message: ReplayChunk.Message, in chunk: ReplayChunk) throws(ReplayError) -> ReplayEvent {
    let decoded = try decode(RlArena_Replay_GameEvent.self, message, of: .games, in: chunk)
    func error(_ problem: String) -> ReplayError { chunk.error(at: message.data.lowerBound, problem) }
    func nanoseconds(_ microseconds: UInt64) throws(ReplayError) -> UInt64 {
      let (time, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
      guard !overflow else { throw error("its time is \(microseconds) µs, beyond all clocks") }
      return time
    }
    switch decoded.event {
    case .start(let start):
      return .gameStart(
        ReplayEvent.GameStart(
          game: Int(start.game),
          environmentSeed: start.environmentSeed,
          agents: start.agents.map { Int($0) },
          observations: start.observations.map { Array($0) },
          timeNanoseconds: try nanoseconds(start.time)
        )
      )
    case .end(let end):
      guard let steps = Int(exactly: end.steps) else { throw error("a game's end says \(end.steps) steps") }
      var outcomes: [SeatOutcome] = []
      for outcome in end.outcomes {
        guard let known = UInt8(exactly: outcome.rawValue).flatMap(SeatOutcome.init(rawValue:)) else {
          throw error("a game's end has outcome \(outcome.rawValue), which this version does not know")
        }
        outcomes.append(known)
      }
      return .gameEnd(
        ReplayEvent.GameEnd(
          game: Int(end.game),
          outcomes: outcomes,
          scores: end.scores,
          steps: steps,
          reason: end.reason,
          info: end.info,
          timeNanoseconds: try nanoseconds(end.time),
          faults: end.faults.map { fault in
            FinalFault(
              seat: Int(fault.seat),
              kind: FaultKind(replayNumber: fault.kind.rawValue),
              message: fault.message,
              platformStall: fault.platformStall
            )
          }
        )
      )
    case nil:
      throw error("a message on \(ReplayFormat.Channel.games.topic) is neither a game's start nor its end")
    }
  }

  private func decode<Decoded: SwiftProtobuf.Message>(
    _ type: Decoded.Type,
    _ message: ReplayChunk.Message,
    of channel: ReplayFormat.Channel,
    in chunk: ReplayChunk
  ) throws(ReplayError) -> Decoded {
    let start = message.data.lowerBound
    guard message.data.count <= limits.messageBytes else {
      throw chunk.error(
        at: start,
        "a message has \(message.data.count) bytes; at most \(limits.messageBytes) are read",
        .tooLarge
      )
    }
    guard let entries = ProtobufFields.entries(chunk.bytes, message.data, of: channel) else {
      throw chunk.error(at: start, "a message on \(channel.topic) is no \(channel.message): it is cut within a field")
    }
    guard entries <= limits.entries else {
      throw chunk.error(
        at: start,
        "a message's lists have \(entries) entries; at most \(limits.entries) are read",
        .tooLarge
      )
    }
    do {
      return try Decoded(serializedBytes: chunk.bytes.span.bytes.extracting(message.data))
    } catch {
      throw chunk.error(at: start, "a message on \(channel.topic) is no \(channel.message): \(error)")
    }
  }
}
