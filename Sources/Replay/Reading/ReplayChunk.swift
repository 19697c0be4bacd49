internal import AgentProtocol

/// The records of one chunk, decompressed.
struct ReplayChunk {
  /// A message as it lies in the chunk.
  struct Message {
    /// Its channel; nil for one that replays do not have.
    var channel: ReplayFormat.Channel?
    /// The number of the message within its channel, from 1, modulo 2³².
    var sequence: UInt32
    /// Nanoseconds since the Unix epoch.
    var time: UInt64
    /// Where its data lies in the chunk's records.
    var data: Range<Int>
  }

  /// What the messages of a chunk come to.
  struct Tally: Equatable {
    /// Messages on `/frames`.
    var frames = 0
    /// Messages on `/games`.
    var gameEvents = 0
    /// The sequence number of the first frame.
    var firstSequence: UInt32?
    /// Whether the sequence numbers of its frames have no gap.
    var isDense = true
    /// The earliest `log_time`.
    var firstTime: UInt64?
    /// The latest `log_time`.
    var lastTime: UInt64?
  }

  /// The file.
  let path: String
  /// Where the chunk's record starts in the file.
  let offset: UInt64
  /// The records.
  let bytes: [UInt8]

  /// An error about the record at `position`.
  func error(at position: Int, _ problem: String, _ kind: ReplayError.Kind = .damaged) -> ReplayError {
    ReplayError(kind, path, at: offset, "in the chunk that begins here, at byte \(position) of its records: \(problem)")
  }

  /// The next message from `position` on, which moves behind it; nil at the end. Records that are no messages are passed over.
  ///
  /// - Throws: `ReplayError` if the records do not fill the chunk.
  func message(after position: inout Int) throws(ReplayError) -> Message? {
    while position < bytes.count {
      let start = position
      let room = bytes.count - start - RecordHeader.size
      guard room >= 0 else { throw error(at: start, "the chunk ends within a record") }
      let length = integer(at: start + 1, as: UInt64.self)
      guard length <= UInt64(room) else {
        throw error(at: start, "a record says that it has \(length) bytes; the chunk has \(room) more")
      }
      let content = start + RecordHeader.size
      position = content + Int(length)
      guard bytes[start] == ReplayFormat.Opcode.message.rawValue else { continue }
      guard length >= 22 else { throw error(at: start, "a message has \(length) bytes; its fields alone take 22") }
      return Message(
        channel: ReplayFormat.Channel(rawValue: integer(at: content, as: UInt16.self)),
        sequence: integer(at: content + 2, as: UInt32.self),
        time: integer(at: content + 6, as: UInt64.self),
        data: content + 22..<position
      )
    }
    return nil
  }

  private func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
    bytes.span.bytes.integer(at: offset, as: type)
  }

  /// Counts the messages.
  ///
  /// - Throws: `ReplayError` if the records do not fill the chunk.
  func tally() throws(ReplayError) -> Tally {
    var tally = Tally()
    var position = 0
    while let message = try message(after: &position) {
      tally.firstTime = min(tally.firstTime ?? message.time, message.time)
      tally.lastTime = max(tally.lastTime ?? message.time, message.time)
      switch message.channel {
      case .frames:
        let first = tally.firstSequence ?? message.sequence
        tally.firstSequence = first
        if message.sequence != first &+ UInt32(truncatingIfNeeded: tally.frames) { tally.isDense = false }
        tally.frames += 1
      case .games: tally.gameEvents += 1
      case nil: break
      }
    }
    return tally
  }
}
