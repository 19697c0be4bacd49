/// Reads a replay: from front to back, or any frame of it.
///
/// Only the index and one chunk are in memory, two while an iteration goes on. A file without its end, such as one that a killed process
/// left behind, is read once when it is opened, and gives every chunk that is whole. What does not agree with its checksum, and sizes
/// beyond the limits, are errors that say where.
///
/// One thread at a time may use a reader and its iterations.
public final class ReplayReader {
  /// Where the file is.
  public let path: String
  let input: ReplayInput
  let limits: ReplayReaderLimits
  let decoder: ChunkDecoder
  let index: ReplayIndex
  var numbering: FrameNumbering
  /// The chunk that was read last, with its number.
  private var kept: (number: Int, contents: ChunkContents)?

  /// Opens a replay.
  ///
  /// Reads the index, or the whole file where it has none; and once all of the file for its checksum, where it is not too large for that.
  ///
  /// - Throws: `ReplayError` if the file cannot be read, is not a replay, or ends before its Header.
  public init(path: String, limits: ReplayReaderLimits = .standard) throws(ReplayError) {
    self.path = path
    self.limits = limits
    input = try ReplayInput(path: path)
    decoder = ChunkDecoder(path: path, limits: limits)
    let start = try ReplayPreamble.check(input, limits).end
    index = try Self.makeIndex(input, limits, decoder, start)
    numbering = index.framesBefore.map { .counted($0) } ?? .unknown
  }

  private static func makeIndex(
    _ input: ReplayInput,
    _ limits: ReplayReaderLimits,
    _ decoder: ChunkDecoder,
    _ start: UInt64
  ) throws(ReplayError) -> ReplayIndex {
    var problem: ReplayError?
    do throws(ReplayError) {
      if let index = try SummaryIndexer.index(input, limits) { return index }
    } catch {
      guard error.kind == .damaged || error.kind == .tooLarge else { throw error }
      problem = error
    }
    var index = try ScanIndexer.index(input, limits, decoder, from: start)
    if let problem { index.note(problem) }
    return index
  }

  /// The file's size in bytes.
  public var size: UInt64 { input.size }

  /// All Metadata records by name; a later one of the same name wins.
  public var metadata: [String: [String: String]] { index.metadata }

  /// Whether the file has its end: DataEnd, an index that makes sense, and the Footer.
  public var isComplete: Bool { index.isComplete }

  /// What is known to be wrong with the file; nil where nothing is. Every iteration to the end throws it there, if not before.
  public var damage: ReplayError? { index.damage }

  /// Frames over all games that can be read.
  public var frameCount: Int { index.frames }

  /// Starts and ends of games that can be read.
  public var gameEventCount: Int { index.gameEvents }

  /// Chunks that can be read.
  public var chunkCount: Int { index.chunks.count }

  /// When the first message was recorded and the last, in nanoseconds since the Unix epoch; nil if there is none.
  public var times: ClosedRange<UInt64>? { index.times }

  /// Bytes of all chunks once decompressed.
  public var uncompressedSize: UInt64 { index.chunks.reduce(0) { $0 + $1.uncompressedSize } }

  /// All events from the beginning, in their order.
  ///
  /// - Throws: nothing yet; the iteration throws when it comes upon damage.
  public func makeEvents() throws(ReplayError) -> ReplayEvents {
    ReplayEvents(self, chunk: 0, position: 0, frames: frameCount)
  }

  /// The events from a frame on, in their order. What finds a frame finds the beginning: see `frame(_:)`.
  ///
  /// - Parameter number: the frame, counted from 0 over all games; `frameCount` gives no frame.
  /// - Throws: `ReplayError` if there is no such frame, or its chunk cannot be read.
  public func makeEvents(fromFrame number: Int) throws(ReplayError) -> ReplayEvents {
    if number == frameCount { return ReplayEvents(self, chunk: index.chunks.count, position: 0, frames: 0) }
    let place = try place(ofFrame: number)
    return ReplayEvents(self, chunk: place.chunk, position: place.position, frames: frameCount - number)
  }

  /// A frame.
  ///
  /// Its chunk is found through the index by bisection: O(log chunks) chunks are read, and none for a neighbour of the last frame. A
  /// file whose frames have gaps, as a repaired one may, is read once before its first frame is found.
  ///
  /// - Parameter number: the frame, counted from 0 over all games.
  /// - Throws: `ReplayError` if there is no such frame, or its chunk cannot be read.
  public func frame(_ number: Int) throws(ReplayError) -> ReplayFrame {
    let place = try place(ofFrame: number)
    let chunk = try contents(ofChunk: place.chunk).chunk
    var position = place.position
    guard let message = try chunk.message(after: &position) else {
      throw chunk.error(at: place.position, "no frame stands here")
    }
    return try EventDecoder(limits: limits).frame(message, in: chunk)
  }

  // MARK: - Chunks

  /// The messages of a chunk, read unless it is the one that was read last.
  ///
  /// - Throws: `ReplayError` if it cannot be read, or is not as the index has it.
  func contents(ofChunk number: Int) throws(ReplayError) -> ChunkContents {
    if let kept, kept.number == number { return kept.contents }
    // The one before makes room first.
    kept = nil
    let chunk = try readChunk(number)
    let contents = ChunkContents(chunk: chunk, tally: try chunk.tally())
    kept = (number, contents)
    return contents
  }

  /// Reads a chunk.
  ///
  /// - Throws: `ReplayError` if it cannot be read, or is not as the index has it.
  func readChunk(_ number: Int) throws(ReplayError) -> ReplayChunk {
    let place = index.chunks[number]
    var scanner = RecordScanner(input, limits: limits, from: place.offset, to: place.offset + place.length)
    guard case .record(let record) = try scanner.place(), record.is(.chunk), record.end == scanner.end else {
      throw ReplayError(
        .damaged,
        path,
        at: place.offset,
        "no chunk of \(place.length) bytes stands here, as the index says"
      )
    }
    let (header, chunk) = try decoder.chunk(try scanner.content(of: record), of: record)
    guard header.uncompressedSize == place.uncompressedSize, header.compressedSize == place.compressedSize else {
      throw ReplayError(
        .damaged,
        path,
        at: place.offset,
        "the chunk's sizes are \(header.compressedSize) and \(header.uncompressedSize) bytes, the index says "
          + "\(place.compressedSize) and \(place.uncompressedSize)"
      )
    }
    return chunk
  }
}
