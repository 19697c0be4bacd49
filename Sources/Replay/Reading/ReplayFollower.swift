internal import ArenaSystem
internal import Glibc

/// Reads a replay while it is written: each event once its chunk is whole.
///
///     let follower = try ReplayFollower(path: path)
///     while !follower.isFinished {
///       while let event = try follower.next() { show(event) }
///       try follower.wait(atMost: .seconds(10))
///     }
///
/// One chunk is in memory. One thread at a time may use it.
public final class ReplayFollower {
  /// Where the file is.
  public let path: String
  /// The Metadata records so far by name; a later one of the same name wins.
  public private(set) var metadata: [String: [String: String]] = [:]
  /// Whether the Footer was read and all events before it were given: nothing more will come.
  public var isFinished: Bool { state == .finished && chunk == nil }

  private enum State {
    case preamble
    case data
    case summary
    case finished
  }

  private let input: ReplayInput
  private let limits: ReplayReaderLimits
  private let decoder: ChunkDecoder
  private let watch: FileWatch
  private var state = State.preamble
  private var scanner: RecordScanner
  private var chunk: ReplayChunk?
  /// Where the next message begins in `chunk`.
  private var position = 0
  private var metadataBytes: UInt64 = 0
  private var failure: ReplayError?
  /// Bytes of the last record read, and where they lie, by which a file that was overwritten is told.
  private var mark: (offset: UInt64, bytes: [UInt8])?

  /// Begins to follow a file, which may be empty still.
  ///
  /// - Throws: `ReplayError` if the file cannot be read.
  public init(path: String, limits: ReplayReaderLimits = .standard) throws(ReplayError) {
    self.path = path
    self.limits = limits
    input = try ReplayInput(path: path)
    watch = FileWatch(input.descriptor)
    decoder = ChunkDecoder(path: path, limits: limits)
    scanner = RecordScanner(input, limits: limits, from: 0, to: 0)
  }

  /// The next event; nil where none is complete yet.
  ///
  /// - Throws: `ReplayError` if the file is damaged, is not a replay, or was replaced or shortened. It says the same again from then on.
  public func next() throws(ReplayError) -> ReplayEvent? {
    if let failure { throw failure }
    do throws(ReplayError) {
      return try advance()
    } catch {
      chunk = nil
      failure = error
      throw error
    }
  }

  /// Waits until the file has grown beyond what was read of it, or has changed in another way.
  ///
  /// - Parameters:
  ///   - limit: when to stop waiting.
  ///   - interrupt: a descriptor whose becoming readable ends the wait; -1 for none.
  /// - Returns: whether `next()` has something new to look at.
  /// - Throws: `ReplayError` if the system does not tell the file's size.
  @discardableResult
  public func wait(atMost limit: Duration, interrupt: Int32 = -1) throws(ReplayError) -> Bool {
    let deadline = MonotonicClock.instant(MonotonicClock.now(), plus: limit)
    while failure == nil, state != .finished, chunk == nil {
      let seen = scanner.end
      try input.updateSize()
      if input.size != seen || !input.isInPlace { return true }
      guard MonotonicClock.now() < deadline, !Self.isReadable(interrupt) else { return false }
      watch.wait(until: deadline, interrupt: interrupt)
    }
    return true
  }

  private static func isReadable(_ descriptor: Int32) -> Bool {
    guard descriptor >= 0 else { return false }
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }

  // MARK: - Records

  private func advance() throws(ReplayError) -> ReplayEvent? {
    let events = EventDecoder(limits: limits)
    var isNew = false
    while true {
      if let chunk {
        while let message = try chunk.message(after: &position) {
          guard let event = try events.event(message, in: chunk) else { continue }
          if position == chunk.bytes.count { self.chunk = nil }
          return event
        }
        self.chunk = nil
      }
      switch state {
      case .finished: return nil
      case .preamble: if try readPreamble() { continue }
      case .data, .summary: if try readRecord() { continue }
      }
      // All of what was there is read: look once for more.
      guard !isNew, try look() else { return nil }
      isNew = true
    }
  }

  /// Takes note of the file's growth.
  ///
  /// - Returns: whether there is any.
  private func look() throws(ReplayError) -> Bool {
    let seen = scanner.end
    try input.updateSize()
    guard input.size >= scanner.position else {
      throw ReplayError(
        .changed,
        path,
        at: input.size,
        "the file became shorter while it was followed: \(scanner.position) bytes of it had been read"
      )
    }
    if let mark, try input.read(at: mark.offset, count: mark.bytes.count) != mark.bytes {
      throw ReplayError(.changed, path, at: mark.offset, "the file was overwritten while it was followed")
    }
    guard input.isInPlace else {
      throw ReplayError(.changed, path, "the file was replaced or removed while it was followed")
    }
    guard input.size != seen else { return false }
    // A new scanner, as what was read ahead may have been taken back.
    scanner = RecordScanner(input, limits: limits, from: scanner.position, to: input.size)
    return true
  }

  /// Reads magic and Header, if they are there.
  private func readPreamble() throws(ReplayError) -> Bool {
    guard input.size > 0 else { return false }
    do throws(ReplayError) {
      scanner.position = try ReplayPreamble.check(input, limits).end
    } catch {
      guard error.kind == .cutOff else { throw error }
      return false
    }
    scanner.end = max(scanner.end, scanner.position)
    state = .data
    return true
  }

  /// Reads the next record, if all of it is there.
  private func readRecord() throws(ReplayError) -> Bool {
    do throws(ReplayError) {
      guard case .record(let record) = try scanner.place() else { return false }
      try read(record)
      scanner.skip(record)
      return true
    } catch {
      // A writer whose disk is full takes back the record that it could not write as a whole.
      guard error.kind == .changed else { throw error }
      try input.updateSize()
      guard input.size >= scanner.position else { throw error }
      scanner = RecordScanner(input, limits: limits, from: scanner.position, to: input.size)
      return false
    }
  }

  private func read(_ record: RecordHeader) throws(ReplayError) {
    if state == .summary {
      if record.is(.footer) { state = .finished }
      return
    }
    let content = try scanner.content(of: record)
    let fields = RecordFields(content, origin: record.content, path: path)
    switch DataRecord(record.opcode) {
    case .schema: try ReplayPreamble.checkSchema(fields)
    case .channel: try ReplayPreamble.checkChannel(fields)
    case .messageIndex: try DataRecord.checkMessageIndex(fields)
    case .metadata:
      metadataBytes += record.length
      guard metadataBytes <= limits.metadataBytes, metadata.count < limits.entries else {
        throw limits.tooMuchMetadata(at: record.offset, in: path)
      }
      let (name, values) = try ReplayPreamble.metadata(fields, limits)
      metadata[name] = values
    case .chunk:
      chunk = try decoder.chunk(content, of: record).1
      position = 0
    case .dataEnd: state = .summary
    case nil: throw DataRecord.misplaced(record, in: path)
    }
    mark = (record.content, Array(content.prefix(64)))
  }
}
