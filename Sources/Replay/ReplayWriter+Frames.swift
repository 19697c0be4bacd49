internal import ArenaCore
internal import ArenaSystem
internal import Glibc

/// The frames' way into the open chunk: in a file of its own, so that it lies on few pages of memory.
extension ReplayWriter {
  /// Begins the frame of one step. Waits for room first, where the caller did not.
  ///
  /// - Parameters:
  ///   - step: the step within its game, from 1.
  ///   - game: the game within the match, from 0.
  ///   - timeNanoseconds: when the step was over, in nanoseconds since the Unix epoch. Recorded in whole microseconds; times never run
  ///     backwards in the file.
  ///   - terminated: whether the game came to an end by its own rules.
  ///   - truncated: whether the game was cut off.
  public func beginFrame(step: Int, game: Int, timeNanoseconds: UInt64, terminated: Bool, truncated: Bool) {
    frames += 1
    seats = 0
    firstObservation = 0..<0
    guard beginMessage(.frames, sequence: frames, timeNanoseconds: timeNanoseconds) else { return }
    write(4 * ProtobufWriter.maximumFieldSize) {
      $0.field(1, UInt64(step))
      $0.field(2, UInt64(game))
      $0.field(3, terminated)
      $0.field(4, truncated)
    }
  }

  /// Adds the next seat to the open frame, seat 0 first.
  public func addSeat(_ seat: borrowing RecordedSeat) {
    guard messageStart != nil else { return }
    let open = open
    let observation = seat.observation
    var contents = seat.action.count
    if let details = seat.details { contents += details.count }
    open.pointee.bytes.reserve(observation.count + contents + 12 * ProtobufWriter.maximumFieldSize)

    var isShared = false
    if seats > 0, observation.count == firstObservation.count, let bytes = observation.baseAddress {
      let first = open.pointee.bytes.base + firstObservation.lowerBound
      isShared = SmallBytes.areEqual(bytes, first, count: observation.count)
    }
    let isStored = !isShared && !observation.isEmpty
    if isStored { contents += observation.count }

    var writer = ProtobufWriter(at: open.pointee.bytes.end)
    let message = writer.begin(5, expecting: contents + 4)
    if isStored {
      writer.field(1, observation)
      if seats == 0 {
        let end = writer.cursor - open.pointee.bytes.base
        firstObservation = end - observation.count..<end
      }
    }
    if !seat.action.isEmpty { writer.field(2, seat.action) }
    writer.field(3, seat.reward)
    if let fault = seat.fault { writer.field(4, fault.replayNumber) }
    writer.field(5, seat.thinkTimeNanoseconds / 1000)
    writer.field(6, seat.platformStall)
    writer.field(7, !seat.acted)
    writer.field(8, seat.forfeited)
    if let details = seat.details {
      if !details.actionMask.isEmpty { writer.field(9, details.actionMask) }
      if !details.note.isEmpty { writer.field(10, details.note) }
      if !details.faultMessage.isEmpty { writer.field(11, details.faultMessage) }
    }
    writer.end(message)
    seats += 1
    open.pointee.bytes.advance(to: writer.cursor)
  }

  /// Adds an answer to an earlier step of this game that arrived during the open frame's step and was dropped. After all seats.
  ///
  /// - Parameters:
  ///   - seat: the seat that answered.
  ///   - step: the step that it answered.
  ///   - delayNanoseconds: from that step's deadline to the answer; recorded in whole microseconds.
  public func addLateAnswer(seat: Int, step: Int, delayNanoseconds: UInt64) {
    guard messageStart != nil else { return }
    write(4 * ProtobufWriter.maximumFieldSize) {
      let answer = $0.begin(6, expecting: 8)
      $0.field(1, UInt64(seat))
      $0.field(2, UInt64(step))
      $0.field(3, delayNanoseconds / 1000)
      $0.end(answer)
    }
  }

  /// Adds what the environment says about its state after the step: a JSON object. After all seats and late answers.
  public func addInfo(_ json: UTF8Span) {
    guard messageStart != nil, json.count > 0 else { return }
    write(json.count + ProtobufWriter.maximumFieldSize) { writer in
      json.span.withUnsafeBytes { writer.field(7, $0) }
    }
  }

  /// Ends the open frame. Hands the chunk over where it is full or old enough; never blocks.
  public func endFrame() {
    guard messageStart != nil else { return }
    open.pointee.frames += 1
    endMessage()
  }

  // MARK: - Messages

  /// Begins a message's record in the open chunk.
  ///
  /// - Returns: false where nothing is recorded any more.
  @inline(__always)
  func beginMessage(_ channel: ReplayFormat.Channel, sequence: UInt64, timeNanoseconds: UInt64) -> Bool {
    precondition(messageStart == nil, "a frame is open")
    if isFull { waitForRoom() }
    guard !isClosed, !recorder.hasEnded.load(ordering: .relaxed) else { return false }
    lastTime = max(lastTime, timeNanoseconds / 1000 * 1000)
    if open.pointee.isEmpty {
      open.pointee.firstTime = lastTime
      deadline = UInt64(MonotonicClock.now()) + chunkInterval
    }
    open.pointee.lastTime = lastTime
    messageStart = open.pointee.bytes.count
    open.pointee.bytes.reserve(Self.messageHeaderSize)
    let record = open.pointee.bytes.end
    record.storeBytes(of: ReplayFormat.Opcode.message.rawValue, as: UInt8.self)
    // The length, eight bytes from 1 on, is known at the message's end.
    record.storeBytes(of: channel.rawValue.littleEndian, toByteOffset: 9, as: UInt16.self)
    record.storeBytes(of: UInt32(truncatingIfNeeded: sequence).littleEndian, toByteOffset: 11, as: UInt32.self)
    record.storeBytes(of: lastTime.littleEndian, toByteOffset: 15, as: UInt64.self)
    record.storeBytes(of: lastTime.littleEndian, toByteOffset: 23, as: UInt64.self)
    open.pointee.bytes.advance(to: record + Self.messageHeaderSize)
    return true
  }

  private static let messageHeaderSize = 1 + 8 + 2 + 4 + 8 + 8

  /// Writes fields of the open message that take at most `size` bytes.
  @inline(__always)
  func write(_ size: Int, _ fields: (inout ProtobufWriter) -> Void) {
    open.pointee.bytes.reserve(size)
    var writer = ProtobufWriter(at: open.pointee.bytes.end)
    fields(&writer)
    open.pointee.bytes.advance(to: writer.cursor)
  }

  @inline(__always)
  func endMessage() {
    guard let start = messageStart else { return }
    messageStart = nil
    open.pointee.bytes.store(UInt64(open.pointee.bytes.count - start - 9), at: start + 1)
    let isLargeEnough = open.pointee.bytes.count >= chunkBytes
    if isLargeEnough || lastTime - open.pointee.firstTime >= chunkInterval {
      // A chunk that is only old may stay open while there is no room; one that is full may not.
      if recorder.ring.tryHandOver() { beginChunk() } else { isFull = isLargeEnough }
    }
  }
}
