extension ReplayWriter {
  /// Records that a game begins.
  ///
  /// - Parameters:
  ///   - game: the game within the match, from 0.
  ///   - environmentSeed: what the environment was reset with.
  ///   - agents: the agent in each seat, as its index in the request.
  ///   - observations: what each seat saw after the reset, in the observation space's layout.
  ///   - timeNanoseconds: nanoseconds since the Unix epoch.
  public func addGameStart(
    game: Int,
    environmentSeed: UInt64,
    agents: [Int],
    observations: [[UInt8]],
    timeNanoseconds: UInt64
  ) {
    let size = observations.reduce(0) { $0 + $1.count + ProtobufWriter.maximumFieldSize }
    addGameEvent(1, expecting: size + 10 * agents.count, timeNanoseconds: timeNanoseconds) { writer, time in
      writer.field(1, UInt64(game))
      writer.field(2, environmentSeed)
      if !agents.isEmpty {
        let packed = writer.begin(3, expecting: agents.count)
        for agent in agents { writer.varint(UInt64(agent)) }
        writer.end(packed)
      }
      for observation in observations { observation.withUnsafeBytes { writer.field(4, $0) } }
      writer.field(5, time / 1000)
    }
  }

  /// Records that a game ends.
  ///
  /// - Parameters:
  ///   - game: the game within the match, from 0.
  ///   - outcomes: how it ended for each seat.
  ///   - scores: each seat's score.
  ///   - steps: steps played.
  ///   - reason: why it ended, in words.
  ///   - info: what the environment says about its last state: a JSON object, or empty.
  ///   - timeNanoseconds: nanoseconds since the Unix epoch.
  ///   - faults: those that ended the game before their step could be played.
  public func addGameEnd(
    game: Int,
    outcomes: [SeatOutcome],
    scores: [Double],
    steps: Int,
    reason: String,
    info: String = "",
    timeNanoseconds: UInt64,
    faults: [FinalFault] = []
  ) {
    let faultSize = faults.reduce(0) { $0 + $1.message.utf8.count + 5 * ProtobufWriter.maximumFieldSize }
    let size = outcomes.count + 8 * scores.count + reason.utf8.count + info.utf8.count + faultSize
    addGameEvent(2, expecting: size, timeNanoseconds: timeNanoseconds) { writer, time in
      writer.field(1, UInt64(game))
      if !outcomes.isEmpty {
        let packed = writer.begin(2, expecting: outcomes.count)
        for outcome in outcomes { writer.varint(UInt64(outcome.rawValue)) }
        writer.end(packed)
      }
      if !scores.isEmpty {
        let packed = writer.begin(3, expecting: 8 * scores.count)
        for score in scores { writer.double(score) }
        writer.end(packed)
      }
      writer.field(4, UInt64(steps))
      for (number, text) in [(UInt8(5), reason), (6, info)] where !text.isEmpty {
        Array(text.utf8).withUnsafeBytes { writer.field(number, $0) }
      }
      writer.field(7, time / 1000)
      for fault in faults {
        let message = writer.begin(8, expecting: fault.message.utf8.count)
        writer.field(1, UInt64(fault.seat))
        writer.field(2, fault.kind?.replayNumber ?? 0)
        if !fault.message.isEmpty { Array(fault.message.utf8).withUnsafeBytes { writer.field(3, $0) } }
        writer.field(4, fault.platformStall)
        writer.end(message)
      }
    }
  }

  /// Records a message on `/games` that takes about `size` bytes.
  private func addGameEvent(
    _ number: UInt8,
    expecting size: Int,
    timeNanoseconds: UInt64,
    _ fields: (inout ProtobufWriter, UInt64) -> Void
  ) {
    gameEvents += 1
    guard beginMessage(.games, sequence: gameEvents, timeNanoseconds: timeNanoseconds) else { return }
    let time = lastTime
    write(size + 12 * ProtobufWriter.maximumFieldSize) {
      let event = $0.begin(number, expecting: size)
      fields(&$0, time)
      $0.end(event)
    }
    open.pointee.gameEvents += 1
    endMessage()
  }
}
