public import ArenaCore
import ArenaSystem
import Glibc

/// Records a match to an MCAP file. One match's thread owns it.
///
/// A frame is told in parts, straight into the open chunk, because spans cannot be kept:
///
///     writer.beginFrame(step: 1, game: 0, timeNanoseconds: now, terminated: false, truncated: false)
///     writer.addSeat(observation: first, action: up, reward: 0, thinkTimeNanoseconds: 21_500)
///     writer.addSeat(observation: second, action: stay, reward: 0, thinkTimeNanoseconds: 19_040)
///     writer.endFrame()
///
/// That path allocates nothing and takes no lock. A chunk that is full or old enough goes to a thread which compresses and writes it. Where
/// that thread has fallen behind by the whole queue, `isFull` says so, and the match waits between steps by `waitForRoom()`.
///
/// No error of the file reaches the match: the first one ends the recording, whatever comes later is counted and dropped, and the report
/// says at which frame that was and why. `docs/REPLAY.md` describes the file.
public final class ReplayWriter {
  /// Where the file is.
  public let path: String

  let recorder: ReplayRecorder
  private let chunkBytes: Int
  private let chunkInterval: UInt64
  private let beforeWaiting: (() -> Void)?

  /// Frames begun, over all games.
  private var frames: UInt64 = 0
  private var gameEvents: UInt64 = 0
  /// The greatest `log_time` so far, in nanoseconds since the Unix epoch.
  private var lastTime: UInt64 = 0
  private var deadline: UInt64 = 0
  private var waited = Duration.zero
  private var isClosed = false

  /// Where the open message's record begins in the open chunk; nil between messages, and while nothing is recorded.
  private var messageStart: Int?
  /// Seats of the open frame so far.
  private var seats = 0
  /// Where seat 0's observation lies in the open chunk.
  private var firstObservation = 0..<0

  /// Whether the match must wait before its next step: the open chunk is full, and no buffer is free to replace it.
  public private(set) var isFull = false

  /// Begins a recording.
  ///
  /// - Parameters:
  ///   - path: the file, which is created or replaced; its folder must exist. Where it cannot be written, the recording has ended early.
  ///   - metadata: the match's provenance: Metadata records by name.
  ///   - options: compression, chunks and the queue.
  public convenience init(path: String, metadata: [String: [String: String]] = [:], options: ReplayOptions = .standard)
  {
    self.init(path: path, metadata: metadata, options: options, beforeEachChunk: nil, beforeWaiting: nil)
  }

  /// Begins a recording that calls `beforeEachChunk` on the recording thread before it takes up a buffer, and `beforeWaiting` on the
  /// match's before it blocks.
  package init(
    path: String,
    metadata: [String: [String: String]],
    options: ReplayOptions,
    beforeEachChunk: (@Sendable () -> Void)?,
    beforeWaiting: (() -> Void)?
  ) {
    self.path = path
    chunkBytes = options.chunkBytes
    chunkInterval = UInt64(options.chunkInterval.nanoseconds)
    self.beforeWaiting = beforeWaiting
    recorder = ReplayRecorder(path: path, options: options, beforeEach: beforeEachChunk)
    recorder.start()
    guard recorder.isRunning else { return }
    recorder.ring.open.pointee.kind = .preamble
    recorder.ring.open.pointee.bytes.appendPreamble()
    handOver()
    for (name, values) in metadata.sorted(by: { $0.key < $1.key }) { addMetadata(name: name, values) }
  }

  deinit { if !isClosed { close() } }

  // MARK: - Frames

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
  ///
  /// - Parameters:
  ///   - observation: what the seat sees after the step, in the observation space's layout; nil where that is what seat 0 sees. An
  ///     observation equal to seat 0's is stored once in any case.
  ///   - action: what was played, in the action space's layout; nil where the seat did not act.
  ///   - reward: what the seat earned in this step.
  ///   - fault: what the agent did wrong in this step.
  ///   - platformStall: whether the fault came while the platform itself stalled.
  ///   - thinkTimeNanoseconds: from the observation handed over to the answer or the deadline; recorded in whole microseconds.
  ///   - acted: whether the game asked the seat to act.
  ///   - forfeited: whether the seat has forfeited, in this step or before.
  ///   - actionMask: the legal actions that were sent with the observation which the action answers, one byte each.
  ///   - note: what the agent noted for itself.
  ///   - faultMessage: what is known about the fault.
  public func addSeat(
    observation: RawSpan?,
    action: RawSpan?,
    reward: Double,
    fault: FaultKind? = nil,
    platformStall: Bool = false,
    thinkTimeNanoseconds: UInt64 = 0,
    acted: Bool = true,
    forfeited: Bool = false,
    actionMask: RawSpan? = nil,
    note: UTF8Span? = nil,
    faultMessage: UTF8Span? = nil
  ) {
    guard messageStart != nil else { return }
    let chunk = recorder.ring.open
    let observationSize = observation?.byteCount ?? 0
    let size =
      observationSize + (action?.byteCount ?? 0) + (actionMask?.byteCount ?? 0) + (note?.count ?? 0)
      + (faultMessage?.count ?? 0)
    chunk.pointee.bytes.reserve(size + 12 * ProtobufWriter.maximumFieldSize)

    let isFirst = seats == 0
    seats += 1
    var isShared = false
    if !isFirst, observationSize == firstObservation.count, observationSize > 0, let observation {
      let first = chunk.pointee.bytes.base + firstObservation.lowerBound
      isShared = observation.withUnsafeBytes { bytes in
        bytes.baseAddress.map { memcmp($0, first, bytes.count) == 0 } ?? false
      }
    }

    var writer = ProtobufWriter(at: chunk.pointee.bytes.end)
    let seat = writer.begin(5, expecting: (isShared ? size - observationSize : size) + 4)
    if let observation, !isShared {
      observation.withUnsafeBytes { writer.field(1, $0) }
      if isFirst {
        let end = writer.cursor - chunk.pointee.bytes.base
        firstObservation = end - observationSize..<end
      }
    }
    if let action, action.byteCount > 0 { action.withUnsafeBytes { writer.field(2, $0) } }
    writer.field(3, reward)
    if let fault { writer.field(4, fault.replayNumber) }
    writer.field(5, thinkTimeNanoseconds / 1000)
    writer.field(6, platformStall)
    writer.field(7, !acted)
    writer.field(8, forfeited)
    if let actionMask, actionMask.byteCount > 0 { actionMask.withUnsafeBytes { writer.field(9, $0) } }
    if let note, note.count > 0 { note.span.withUnsafeBytes { writer.field(10, $0) } }
    if let faultMessage, faultMessage.count > 0 { faultMessage.span.withUnsafeBytes { writer.field(11, $0) } }
    writer.end(seat)
    chunk.pointee.bytes.advance(to: writer.cursor)
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
    recorder.ring.open.pointee.frames += 1
    endMessage()
  }

  // MARK: - Metadata

  /// Adds a Metadata record, in its place among the chunks. Waits for room where there is none; not for the step path.
  public func addMetadata(name: String, _ values: [String: String]) {
    precondition(messageStart == nil, "a frame is open")
    guard !isClosed, recorder.isRunning else { return }
    if !recorder.ring.open.pointee.isEmpty { handOver() }
    recorder.ring.open.pointee.kind = .metadata(name: name)
    recorder.ring.open.pointee.bytes.appendRecord(.metadata) {
      $0.append(name)
      $0.append(values)
    }
    handOver()
  }

  // MARK: - Chunks

  /// When the open chunk must be closed, in nanoseconds of `CLOCK_MONOTONIC`; nil where it is empty.
  public var openChunkDeadline: UInt64? { deadline == 0 ? nil : deadline }

  /// Hands the open chunk over where its time has come. Never blocks: where no buffer is free, it stays open for another interval.
  ///
  /// - Parameter now: nanoseconds of `CLOCK_MONOTONIC`.
  public func closeChunkIfDue(now: UInt64) {
    guard deadline != 0, now >= deadline, messageStart == nil else { return }
    if recorder.ring.tryHandOver() { beginChunk() } else { deadline = now + chunkInterval }
  }

  /// Blocks until there is room for the next frame.
  ///
  /// - Returns: how long that took.
  @discardableResult
  public func waitForRoom() -> Duration {
    guard isFull else { return .zero }
    if recorder.ring.tryHandOver() {
      beginChunk()
      return .zero
    }
    let start = MonotonicClock.now()
    beforeWaiting?()
    handOver()
    let wait = Duration.nanoseconds(MonotonicClock.now() - start)
    waited += wait
    return wait
  }

  // MARK: - The end

  /// Ends the recording: writes what is left, the file's index, and has the kernel put it on the disk. Nothing can be added
  /// later. A frame that is open is dropped.
  ///
  /// - Parameter finalMetadata: Metadata records by name that are only known now, such as the match's result.
  /// - Returns: what became of the recording.
  @discardableResult
  public func close(finalMetadata: [String: [String: String]] = [:]) -> ReplayReport {
    if let start = messageStart {
      // Somebody left in the middle of telling a frame.
      recorder.ring.open.pointee.bytes.truncate(to: start)
      messageStart = nil
    }
    if !isClosed {
      for (name, values) in finalMetadata.sorted(by: { $0.key < $1.key }) { addMetadata(name: name, values) }
      isClosed = true
      if recorder.isRunning {
        if !recorder.ring.open.pointee.isEmpty { handOver() }
        recorder.ring.open.pointee.kind = .end
        recorder.ring.handOver()
        recorder.join()
      }
      isFull = false
      deadline = 0
    }
    return ReplayReport(
      path: path,
      frames: recorder.frames,
      lostFrames: frames - recorder.frames,
      bytes: recorder.bytes,
      waited: waited,
      endedEarly: recorder.failure.map { ReplayReport.EarlyEnd(frame: recorder.frames + 1, reason: "\($0).") }
    )
  }

  // MARK: - Messages

  /// Begins a message's record in the open chunk.
  ///
  /// - Returns: false where nothing is recorded any more.
  private func beginMessage(_ channel: ReplayFormat.Channel, sequence: UInt64, timeNanoseconds: UInt64) -> Bool {
    precondition(messageStart == nil, "a frame is open")
    if isFull { waitForRoom() }
    guard !isClosed, !recorder.hasEnded.load(ordering: .relaxed) else { return false }
    let chunk = recorder.ring.open
    lastTime = max(lastTime, timeNanoseconds / 1000 * 1000)
    if chunk.pointee.isEmpty {
      chunk.pointee.firstTime = lastTime
      deadline = UInt64(MonotonicClock.now()) + chunkInterval
    }
    chunk.pointee.lastTime = lastTime
    messageStart = chunk.pointee.bytes.count
    chunk.pointee.bytes.reserve(Self.messageHeaderSize)
    let record = chunk.pointee.bytes.end
    record.storeBytes(of: ReplayFormat.Opcode.message.rawValue, as: UInt8.self)
    // The length, eight bytes from 1 on, is known at the message's end.
    record.storeBytes(of: channel.rawValue.littleEndian, toByteOffset: 9, as: UInt16.self)
    record.storeBytes(of: UInt32(truncatingIfNeeded: sequence).littleEndian, toByteOffset: 11, as: UInt32.self)
    record.storeBytes(of: lastTime.littleEndian, toByteOffset: 15, as: UInt64.self)
    record.storeBytes(of: lastTime.littleEndian, toByteOffset: 23, as: UInt64.self)
    chunk.pointee.bytes.advance(to: record + Self.messageHeaderSize)
    return true
  }

  private static let messageHeaderSize = 1 + 8 + 2 + 4 + 8 + 8

  /// Writes fields of the open message that take at most `size` bytes.
  @inline(__always)
  private func write(_ size: Int, _ fields: (inout ProtobufWriter) -> Void) {
    let chunk = recorder.ring.open
    chunk.pointee.bytes.reserve(size)
    var writer = ProtobufWriter(at: chunk.pointee.bytes.end)
    fields(&writer)
    chunk.pointee.bytes.advance(to: writer.cursor)
  }

  private func endMessage() {
    guard let start = messageStart else { return }
    messageStart = nil
    let chunk = recorder.ring.open
    chunk.pointee.bytes.store(UInt64(chunk.pointee.bytes.count - start - 9), at: start + 1)
    let isLargeEnough = chunk.pointee.bytes.count >= chunkBytes
    if isLargeEnough || lastTime - chunk.pointee.firstTime >= chunkInterval {
      // A chunk that is only old may stay open while there is no room; one that is full may not.
      if recorder.ring.tryHandOver() { beginChunk() } else { isFull = isLargeEnough }
    }
  }

  /// Records a message on `/games` that takes about `size` bytes.
  func addGameEvent(
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
    recorder.ring.open.pointee.gameEvents += 1
    endMessage()
  }

  /// Hands the open buffer over, as soon as another is free.
  private func handOver() {
    recorder.ring.handOver()
    beginChunk()
  }

  private func beginChunk() {
    isFull = false
    deadline = 0
  }
}
