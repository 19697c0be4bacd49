import ArenaSystem
import CLinux
import CZstd
import Glibc
import Synchronization

/// The thread that compresses chunks and writes them to the file.
///
/// A write error ends the recording: the thread then goes on emptying the ring, so that nobody waits for it, and keeps the error for the
/// report. All the file's bytes are written here and nowhere else.
final class ReplayRecorder {
  /// The queue from the match's thread.
  let ring: ChunkRing
  /// Whether the recording has ended early: what is handed over from then on is dropped. Read by the match's thread at every frame.
  let hasEnded = Atomic(false)

  // All below is touched by the creating thread until `start` and after `join`, and by the recording thread in between.
  private var file: ReplayFile?
  private var summary = MCAPSummary()
  private var output: ByteBuffer
  private let context: OpaquePointer?
  private let scheduling: ReplayOptions.Scheduling
  private let beforeEach: (@Sendable () -> Void)?
  private var thread: pthread_t?
  /// Why the recording ended early; nil while all is well.
  private(set) var failure: ReplayFailure?
  /// Whether the file was removed, and with it all that was recorded.
  private var isRemoved = false

  /// Bytes beside its messages that a buffer has room for, so that the frame which fills it need not make it grow.
  private static let slack = 4096

  /// A recorder that writes to `path`. Where that cannot be, it has ended already.
  ///
  /// - Parameter beforeEach: called on the recording thread before each buffer, for tests.
  init(path: String, options: ReplayOptions, beforeEach: (@Sendable () -> Void)?) {
    ring = ChunkRing(depth: options.queueDepth, capacity: options.chunkBytes + Self.slack)
    output = ByteBuffer(capacity: Self.chunkHeaderSize + ZSTD_compressBound(options.chunkBytes + Self.slack))
    context = ZSTD_createCCtx()
    scheduling = options.scheduling
    self.beforeEach = beforeEach
    do throws(ReplayFailure) {
      guard let context else { throw ReplayFailure("there is no memory for zstd's state") }
      ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(options.level))
      file = try ReplayFile(path: path)
    } catch {
      end(for: error)
    }
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Frames in the file.
  var frames: UInt64 { isRemoved ? 0 : summary.frames }

  /// The file's size in bytes.
  var bytes: UInt64 { isRemoved ? 0 : file?.size ?? 0 }

  /// SHA-256 of the file; nil where there is none.
  var sha256: String? { isRemoved ? nil : file?.sha256 }

  /// Starts the thread, if there is a file. It ends with the buffer that says so.
  func start() {
    guard file != nil else { return }
    var started = pthread_t()
    // The thread owns a reference of its own until it ends.
    let argument = Unmanaged.passRetained(self)
    let status = pthread_create(
      &started,
      nil,
      { argument in
        if let argument { Unmanaged<ReplayRecorder>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      },
      argument.toOpaque()
    )
    guard status == 0 else {
      argument.release()
      return end(for: ReplayFailure("the thread that compresses the replay could not be started", errno: status))
    }
    thread = started
  }

  /// Whether there is a thread that empties the ring.
  var isRunning: Bool { thread != nil }

  /// Waits for the thread, which has been handed the last buffer.
  func join() {
    if let thread { pthread_join(thread, nil) }
    thread = nil
  }

  private func run() {
    // Signals are for other threads. SIGXFSZ and SIGPIPE, which a write brings upon its own thread, become plain errors.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    rl_arena_name_thread("replay")
    giveWay()

    var isOver = false
    while !isOver {
      let buffer = ring.next()
      beforeEach?()
      if case .end = buffer.pointee.kind { isOver = true }
      do throws(ReplayFailure) {
        if isOver { try finish() } else if failure == nil { try record(&buffer.pointee) }
      } catch {
        end(for: error)
      }
      ring.release()
    }
  }

  /// Failing to give way is no reason not to record.
  private func giveWay() {
    // The match's thread, which started this one, may be kept on one processor.
    ThreadProcessors.useAll()
    switch scheduling {
    case .idle:
      _ = rl_arena_set_idle_scheduling()
    case .batch:
      _ = rl_arena_set_batch_scheduling()
      // On Linux, niceness is the thread's own.
      _ = nice(10)
    case .inherited:
      break
    }
  }

  /// Keeps the first failure.
  private func end(for failure: ReplayFailure) {
    if self.failure == nil { self.failure = failure }
    hasEnded.store(true, ordering: .relaxed)
  }

  /// Asks the kernel whether the file is still there.
  private func checkIsNotRemoved() throws(ReplayFailure) {
    do throws(ReplayFailure) {
      try file?.checkIsNotRemoved()
    } catch {
      isRemoved = true
      throw error
    }
  }

  private func record(_ buffer: inout ChunkBuffer) throws(ReplayFailure) {
    try checkIsNotRemoved()
    switch buffer.kind {
    case .chunk:
      try recordChunk(&buffer)
    case .preamble:
      try file?.append(buffer.bytes.bytes)
    case .metadata(let name):
      let offset = bytes
      try file?.append(buffer.bytes.bytes)
      summary.add(MCAPSummary.Metadata(offset: offset, length: bytes - offset, name: name))
    case .end:
      break
    }
  }

  private static let chunkHeaderSize = 1 + 8 + 8 + 8 + 8 + 4 + (4 + ReplayFormat.compression.utf8.count) + 8

  private func recordChunk(_ buffer: inout ChunkBuffer) throws(ReplayFailure) {
    let messages = buffer.bytes.bytes
    let bound = ZSTD_compressBound(messages.count)
    output.truncate(to: 0)
    output.reserve(Self.chunkHeaderSize + bound)
    let destination = output.base + Self.chunkHeaderSize
    let compressed = ZSTD_compress2(context, destination, bound, messages.baseAddress, messages.count)
    guard ZSTD_isError(compressed) == 0 else {
      throw ReplayFailure("compressing failed: \(String(cString: ZSTD_getErrorName(compressed)))")
    }
    output.append(ReplayFormat.Opcode.chunk.rawValue)
    output.append(UInt64(Self.chunkHeaderSize - 9 + compressed))
    output.append(buffer.firstTime)
    output.append(buffer.lastTime)
    output.append(UInt64(messages.count))
    output.append(ReplayFile.checksum(of: messages))
    output.append(ReplayFormat.compression)
    output.append(UInt64(compressed))
    output.advance(to: destination + compressed)

    let offset = bytes
    try file?.append(output.bytes)
    let chunk = MCAPSummary.Chunk(
      firstTime: buffer.firstTime,
      lastTime: buffer.lastTime,
      offset: offset,
      length: bytes - offset,
      compressedSize: UInt64(compressed),
      uncompressedSize: UInt64(messages.count)
    )
    summary.add(chunk, frames: buffer.frames, gameEvents: buffer.gameEvents)
  }

  /// Writes the file's index. After a failure too: what had to be taken back may have left room for it.
  private func finish() throws(ReplayFailure) {
    try checkIsNotRemoved()
    guard let size = file?.size, let checksum = file?.checksum, size > 0 else { return }
    let ending = summary.ending(size: size, checksum: checksum)
    try file?.append(ending.bytes)
    try file?.synchronize()
  }
}
