internal import ArenaCore
import ArenaSystem
import Glibc

/// Records a match to an MCAP file. One match's thread owns it.
///
/// A frame is told in parts, straight into the open chunk, so that nothing is copied twice:
///
///     writer.beginFrame(step: 1, game: 0, timeNanoseconds: now, terminated: false, truncated: false)
///     writer.addSeat(RecordedSeat(observation: first, action: up, reward: 0, thinkTimeNanoseconds: 21_500))
///     writer.addSeat(RecordedSeat(observation: second, action: stay, reward: 0, thinkTimeNanoseconds: 19_040))
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
  let chunkBytes: Int
  let chunkInterval: UInt64
  private let beforeWaiting: (() -> Void)?

  /// Frames begun, over all games.
  var frames: UInt64 = 0
  var gameEvents: UInt64 = 0
  /// The greatest `log_time` so far, in nanoseconds since the Unix epoch.
  var lastTime: UInt64 = 0
  var deadline: UInt64 = 0
  private var waited = Duration.zero
  var isClosed = false

  /// The ring's open buffer.
  var open: UnsafeMutablePointer<ChunkBuffer>
  /// Where the open message's record begins in the open chunk; nil between messages, and while nothing is recorded.
  var messageStart: Int?
  /// Seats of the open frame so far.
  var seats = 0
  /// Where seat 0's observation lies in the open chunk.
  var firstObservation = 0..<0

  /// Whether the match must wait before its next step: the open chunk is full, and no buffer is free to replace it.
  public internal(set) var isFull = false

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
    open = recorder.ring.open
    recorder.start()
    guard recorder.isRunning else { return }
    open.pointee.kind = .preamble
    open.pointee.bytes.appendPreamble()
    handOver()
    for (name, values) in metadata.sorted(by: { $0.key < $1.key }) { addMetadata(name: name, values) }
  }

  deinit { if !isClosed { close() } }

  // MARK: - Metadata

  /// Adds a Metadata record, in its place among the chunks. Waits for room where there is none; not for the step path.
  public func addMetadata(name: String, _ values: [String: String]) {
    precondition(messageStart == nil, "a frame is open")
    guard !isClosed, recorder.isRunning else { return }
    if !open.pointee.isEmpty { handOver() }
    open.pointee.kind = .metadata(name: name)
    open.pointee.bytes.appendRecord(.metadata) {
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
      open.pointee.bytes.truncate(to: start)
      messageStart = nil
    }
    if !isClosed {
      for (name, values) in finalMetadata.sorted(by: { $0.key < $1.key }) { addMetadata(name: name, values) }
      isClosed = true
      if recorder.isRunning {
        if !open.pointee.isEmpty { handOver() }
        open.pointee.kind = .end
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
      sha256: recorder.sha256,
      waited: waited,
      endedEarly: recorder.failure.map { ReplayReport.EarlyEnd(frame: recorder.frames + 1, reason: "\($0).") }
    )
  }

  /// Hands the open buffer over, as soon as another is free.
  func handOver() {
    recorder.ring.handOver()
    beginChunk()
  }

  func beginChunk() {
    open = recorder.ring.open
    isFull = false
    deadline = 0
  }
}
