/// Makes the index of a file that has none, by reading it once from front to back, with one chunk in memory.
struct ScanIndexer {
  private let input: ReplayInput
  private let limits: ReplayReaderLimits
  private let decoder: ChunkDecoder
  private var index = ReplayIndex()
  private var metadataBytes: UInt64 = 0

  /// The index of all whole records from `start` on. Where they are damaged or too large, it ends, and says so.
  ///
  /// - Throws: `ReplayError` if the file cannot be read.
  static func index(
    _ input: ReplayInput,
    _ limits: ReplayReaderLimits,
    _ decoder: ChunkDecoder,
    from start: UInt64
  ) throws(ReplayError) -> ReplayIndex {
    var indexer = ScanIndexer(input: input, limits: limits, decoder: decoder)
    indexer.index.framesBefore = []
    do throws(ReplayError) {
      try indexer.scan(from: start)
    } catch {
      guard error.kind == .damaged || error.kind == .tooLarge else { throw error }
      indexer.index.note(error)
    }
    return indexer.index
  }

  private init(input: ReplayInput, limits: ReplayReaderLimits, decoder: ChunkDecoder) {
    self.input = input
    self.limits = limits
    self.decoder = decoder
  }

  private mutating func scan(from start: UInt64) throws(ReplayError) {
    var scanner = RecordScanner(input, limits: limits, from: start, to: input.size)
    while case .record(let record) = try scanner.place() {
      switch DataRecord(record.opcode) {
      case .schema: try ReplayPreamble.checkSchema(try scanner.fields(of: record))
      case .channel: try ReplayPreamble.checkChannel(try scanner.fields(of: record))
      case .messageIndex: try DataRecord.checkMessageIndex(try scanner.fields(of: record))
      case .metadata: try addMetadata(record, &scanner)
      case .chunk: try addChunk(record, try scanner.content(of: record))
      case .dataEnd: return try checkData(try scanner.fields(of: record), end: record.offset)
      case nil: throw DataRecord.misplaced(record, in: input.path)
      }
      scanner.skip(record)
    }
  }

  private mutating func addChunk(_ record: RecordHeader, _ content: [UInt8]) throws(ReplayError) {
    let (header, chunk) = try decoder.chunk(content, of: record)
    guard index.chunks.count < limits.chunks else {
      throw ReplayError(.tooLarge, input.path, at: record.offset, "the file has over \(limits.chunks) chunks")
    }
    let tally = try chunk.tally()
    index.framesBefore?.append(index.frames)
    index.frames += tally.frames
    index.gameEvents += tally.gameEvents
    if let first = tally.firstTime, let last = tally.lastTime { index.include(first, last) }
    index.chunks.append(
      MCAPSummary.Chunk(
        firstTime: header.firstTime,
        lastTime: header.lastTime,
        offset: record.offset,
        length: record.length + UInt64(RecordHeader.size),
        compressedSize: header.compressedSize,
        uncompressedSize: header.uncompressedSize
      )
    )
  }

  private mutating func addMetadata(_ record: RecordHeader, _ scanner: inout RecordScanner) throws(ReplayError) {
    metadataBytes += record.length
    guard metadataBytes <= limits.metadataBytes, index.metadata.count < limits.entries else {
      throw limits.tooMuchMetadata(at: record.offset, in: input.path)
    }
    let fields = try scanner.fields(of: record)
    do throws(ReplayError) {
      let (name, values) = try ReplayPreamble.metadata(fields, limits)
      index.metadata[name] = values
    } catch {
      // Chunks may follow all the same.
      index.note(error)
    }
  }

  /// The file was cut within its summary: its data are whole, and have a checksum.
  private func checkData(_ record: RecordFields, end: UInt64) throws(ReplayError) {
    var fields = record
    let expected = try fields.integer(UInt32.self, "data_section_crc")
    guard fields.remaining == 0 else { throw fields.error("a DataEnd record has 4 bytes") }
    guard expected != 0, end <= limits.checkedBytes else { return }
    let actual = try input.checksum(of: 0..<end)
    guard actual == expected else {
      throw record.error(
        "the CRC-32 of all that stands before is \(actual), DataEnd says \(expected): a part is damaged"
      )
    }
  }
}
