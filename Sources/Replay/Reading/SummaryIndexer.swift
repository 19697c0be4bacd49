/// Reads the index at a complete file's end.
struct SummaryIndexer {
  private let input: ReplayInput
  private let limits: ReplayReaderLimits
  private var index = ReplayIndex()
  private var metadata: [MCAPSummary.Metadata] = []
  private var metadataBytes: UInt64 = 0
  private var statistics: (chunks: UInt32, metadata: UInt32)?
  private var uncompressedBytes: UInt64 = 0
  /// Where the data section ends.
  private var dataEnd: UInt64 = 0

  private static let footerSize = RecordHeader.size + 20
  private static let dataEndSize = UInt64(RecordHeader.size + 4)

  private init(_ input: ReplayInput, _ limits: ReplayReaderLimits) {
    self.input = input
    self.limits = limits
  }

  /// The index at the end of a file; nil where the file has no end.
  ///
  /// - Throws: `ReplayError` if there is an end, but no index that could be relied upon.
  static func index(_ input: ReplayInput, _ limits: ReplayReaderLimits) throws(ReplayError) -> ReplayIndex? {
    let magic = ReplayFormat.magic
    let size = UInt64(footerSize + magic.count)
    guard input.size >= UInt64(magic.count) + size else { return nil }
    let start = input.size - size
    let end = try input.read(at: start, count: Int(size))
    guard end[0] == ReplayFormat.Opcode.footer.rawValue, end.suffix(magic.count).elementsEqual(magic) else {
      return nil
    }
    var fields = RecordFields(end, 1..<footerSize, origin: start, path: input.path)
    guard try fields.integer(UInt64.self, "length") == 20 else { return nil }
    var indexer = SummaryIndexer(input, limits)
    try indexer.read(
      from: try fields.integer(UInt64.self, "summary_start"),
      to: start,
      offsets: try fields.integer(UInt64.self, "summary_offset_start"),
      checksum: try fields.integer(UInt32.self, "summary_crc")
    )
    return indexer.index
  }

  private func damaged(_ offset: UInt64, _ problem: String) -> ReplayError {
    ReplayError(.damaged, input.path, at: offset, problem)
  }

  private mutating func read(
    from start: UInt64,
    to footer: UInt64,
    offsets: UInt64,
    checksum: UInt32
  ) throws(ReplayError) {
    let first = UInt64(ReplayFormat.magic.count) + Self.dataEndSize
    guard start >= first, start <= footer else {
      throw damaged(
        footer,
        start == 0
          ? "the Footer says that there is no summary"
          : "the Footer says that the summary starts at byte \(start), which is not between \(first) and \(footer)"
      )
    }
    guard offsets == 0 || (start...footer).contains(offsets) else {
      throw damaged(footer, "the Footer says that summary offsets start at byte \(offsets), outside the summary")
    }
    let actual = try input.checksum(of: start..<input.size - UInt64(ReplayFormat.magic.count + 4))
    guard checksum == 0 || checksum == actual else {
      throw damaged(start, "the summary's CRC-32 is \(actual), the Footer says \(checksum)")
    }
    dataEnd = start - Self.dataEndSize
    let expected = try dataChecksum()
    try readSummary(from: start, to: footer)
    try checkStatistics(at: start)
    readMetadata()
    index.isComplete = true
    if expected != 0, input.size <= limits.checkedBytes {
      let actual = try input.checksum(of: 0..<dataEnd)
      if actual != expected {
        index.note(
          damaged(
            dataEnd,
            "the CRC-32 of all that stands before is \(actual), DataEnd says \(expected): a part is damaged"
          )
        )
      }
    }
  }

  /// The checksum in the DataEnd record, which stands before the summary.
  private func dataChecksum() throws(ReplayError) -> UInt32 {
    let bytes = try input.read(at: dataEnd, count: Int(Self.dataEndSize))
    var fields = RecordFields(bytes, 1..<bytes.count, origin: dataEnd, path: input.path)
    guard bytes[0] == ReplayFormat.Opcode.dataEnd.rawValue, try fields.integer(UInt64.self, "length") == 4 else {
      throw damaged(dataEnd, "no DataEnd record stands before the summary")
    }
    return try fields.integer(UInt32.self, "data_section_crc")
  }

  private mutating func readSummary(from start: UInt64, to end: UInt64) throws(ReplayError) {
    var scanner = RecordScanner(input, limits: limits, from: start, to: end)
    while true {
      switch try scanner.place() {
      case .end: return
      case .incomplete(let missing):
        throw damaged(scanner.position, "a record of the summary reaches \(missing) bytes beyond it")
      case .record(let record):
        switch ReplayFormat.Opcode(rawValue: record.opcode) {
        case .channel: try ReplayPreamble.checkChannel(try scanner.fields(of: record))
        case .statistics: try addStatistics(try scanner.fields(of: record))
        case .chunkIndex: try addChunk(try scanner.fields(of: record))
        case .metadataIndex: try addMetadata(try scanner.fields(of: record))
        default: break
        }
        scanner.skip(record)
      }
    }
  }

  private mutating func addChunk(_ record: RecordFields) throws(ReplayError) {
    var fields = record
    let firstTime = try fields.integer(UInt64.self, "message_start_time")
    let lastTime = try fields.integer(UInt64.self, "message_end_time")
    let offset = try fields.integer(UInt64.self, "chunk_start_offset")
    let length = try fields.integer(UInt64.self, "chunk_length")
    _ = try fields.skip(try fields.integer(UInt32.self, "message_index_offsets"), "message_index_offsets")
    _ = try fields.integer(UInt64.self, "message_index_length")
    _ = try fields.string("compression")
    let chunk = MCAPSummary.Chunk(
      firstTime: firstTime,
      lastTime: lastTime,
      offset: offset,
      length: length,
      compressedSize: try fields.integer(UInt64.self, "compressed_size"),
      uncompressedSize: try fields.integer(UInt64.self, "uncompressed_size")
    )
    let earliest = index.chunks.last.map { $0.offset + $0.length } ?? UInt64(ReplayFormat.magic.count)
    guard chunk.offset >= earliest, chunk.offset <= dataEnd, chunk.length <= dataEnd - chunk.offset else {
      throw record.error(
        "the index places a chunk of \(chunk.length) bytes at byte \(chunk.offset), which is not between \(earliest) and \(dataEnd)"
      )
    }
    guard chunk.uncompressedSize <= limits.chunkBytes, chunk.length <= limits.recordBytes else {
      throw ReplayError(
        .tooLarge,
        input.path,
        at: chunk.offset,
        "a chunk has \(chunk.uncompressedSize) bytes, \(chunk.length) of them in the file; at most \(limits.chunkBytes) and "
          + "\(limits.recordBytes) are read"
      )
    }
    guard index.chunks.count < limits.chunks else {
      throw ReplayError(.tooLarge, input.path, at: record.offset, "the file has over \(limits.chunks) chunks")
    }
    // Cannot overflow: every chunk is within the limits.
    uncompressedBytes += chunk.uncompressedSize
    index.chunks.append(chunk)
  }

  private mutating func addMetadata(_ record: RecordFields) throws(ReplayError) {
    var fields = record
    let offset = try fields.integer(UInt64.self, "offset")
    let length = try fields.integer(UInt64.self, "length")
    let name = try fields.string("name")
    guard offset <= dataEnd, length <= dataEnd - offset, length >= RecordHeader.size else {
      throw record.error("the index places a Metadata record of \(length) bytes at byte \(offset), outside the data")
    }
    metadataBytes += length
    // The index's own entry of it takes memory too.
    guard metadataBytes <= limits.metadataBytes, metadata.count < limits.entries else {
      throw limits.tooMuchMetadata(at: offset, in: input.path)
    }
    metadata.append(MCAPSummary.Metadata(offset: offset, length: length, name: name))
  }

  private mutating func addStatistics(_ record: RecordFields) throws(ReplayError) {
    var fields = record
    _ = try fields.integer(UInt64.self, "message_count")
    _ = try fields.integer(UInt16.self, "schema_count")
    _ = try fields.integer(UInt32.self, "channel_count")
    _ = try fields.integer(UInt32.self, "attachment_count")
    let metadata = try fields.integer(UInt32.self, "metadata_count")
    let chunks = try fields.integer(UInt32.self, "chunk_count")
    statistics = (chunks, metadata)
    let first = try fields.integer(UInt64.self, "message_start_time")
    let last = try fields.integer(UInt64.self, "message_end_time")
    let counts = try fields.integer(UInt32.self, "channel_message_counts")
    for _ in 0..<counts / 10 {
      let channel = try fields.integer(UInt16.self, "channel_id")
      let count = try fields.integer(UInt64.self, "message_count")
      guard let count = Int(exactly: count) else { throw fields.error("the index says \(count) messages") }
      switch ReplayFormat.Channel(rawValue: channel) {
      case .frames: index.frames = count
      case .games: index.gameEvents = count
      case nil: break
      }
    }
    if chunks > 0 { index.include(first, last) }
  }

  /// Holds what the statistics say against what the index lists.
  private func checkStatistics(at start: UInt64) throws(ReplayError) {
    guard let statistics else { throw damaged(start, "the summary has no Statistics") }
    guard statistics.chunks == index.chunks.count, statistics.metadata == metadata.count else {
      throw damaged(
        start,
        "the Statistics say \(statistics.chunks) chunks and \(statistics.metadata) Metadata records; the index has "
          + "\(index.chunks.count) and \(metadata.count)"
      )
    }
    let (messages, overflow) = index.frames.addingReportingOverflow(index.gameEvents)
    // A message takes 31 bytes without its data.
    guard !overflow, messages <= uncompressedBytes / 31 else {
      throw damaged(
        start,
        "the Statistics say \(index.frames) frames and \(index.gameEvents) game events, for which the chunks are too small"
      )
    }
  }

  /// Reads the Metadata records; one that is damaged is left out, and noted.
  private mutating func readMetadata() {
    for place in metadata {
      do throws(ReplayError) {
        var scanner = RecordScanner(input, limits: limits, from: place.offset, to: place.offset + place.length)
        guard case .record(let record) = try scanner.place(), record.is(.metadata), record.end == scanner.end else {
          throw damaged(place.offset, "no Metadata record of \(place.length) bytes stands here, as the index says")
        }
        let (name, values) = try ReplayPreamble.metadata(try scanner.fields(of: record), limits)
        guard name == place.name else {
          throw damaged(place.offset, "the index calls the Metadata record \"\(place.name)\", it is \"\(name)\"")
        }
        index.metadata[name] = values
      } catch {
        index.note(error)
      }
    }
  }
}
