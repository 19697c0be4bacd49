/// One repair: goes through the records of the old file and writes the new one.
struct RepairRun: ~Copyable {
  private let input: ReplayInput
  private let limits: ReplayReaderLimits
  private let decoder: ChunkDecoder
  private var file: ReplayFile
  private var summary = MCAPSummary()
  /// What was kept and what was not, so far.
  private(set) var report: ReplayRepairReport
  private var nextSequence: UInt32?
  /// Where the old file's data end; nil until its DataEnd is found.
  private var dataEnd: (offset: UInt64, checksum: UInt32)?

  /// A repair that writes to `temporary`, and reports the file as `output`.
  ///
  /// - Throws: `ReplayError` if that cannot be written.
  init(
    _ input: ReplayInput,
    _ limits: ReplayReaderLimits,
    to temporary: String,
    reportedAs output: String
  ) throws(ReplayError) {
    self.input = input
    self.limits = limits
    decoder = ChunkDecoder(path: input.path, limits: limits)
    report = ReplayRepairReport(path: output)
    do throws(ReplayFailure) {
      file = try ReplayFile(path: temporary)
    } catch {
      throw ReplayError(.inaccessible, output, "\(error)")
    }
  }

  /// Reads the old file and writes the new one.
  ///
  /// - Throws: `ReplayError` if the one cannot be read, or the other not be written.
  mutating func run() throws(ReplayError) {
    let start = try findStart()
    var preamble = ByteBuffer(capacity: 8192)
    preamble.appendPreamble()
    try write(preamble.bytes)
    try copyRecords(from: start)
    try checkData()
    report.bytes = file.size
    let ending = summary.ending(size: file.size, checksum: file.checksum)
    try write(ending.bytes)
    do throws(ReplayFailure) {
      try file.synchronize()
    } catch {
      throw ReplayError(.inaccessible, report.path, "\(error)")
    }
    report.bytes = file.size
    report.sha256 = file.sha256
  }

  /// Where the records after the Header begin. Either the magic or the Header may be damaged, not both: then it is another kind of file.
  private mutating func findStart() throws(ReplayError) -> UInt64 {
    let magic = ReplayFormat.magic
    do throws(ReplayError) {
      return try ReplayPreamble.check(input, limits).end
    } catch {
      guard error.kind == .damaged || (error.kind == .notAReplay && error.offset == 0) else { throw error }
      guard input.size > UInt64(magic.count + RecordHeader.size) else { throw error }
      if error.kind == .notAReplay {
        var scanner = RecordScanner(input, limits: limits, from: UInt64(magic.count), to: input.size)
        guard case .record(let record)? = try? scanner.place(), record.is(.header), let end = record.end,
          var fields = try? scanner.fields(of: record), (try? fields.string("profile")) == ReplayFormat.profile
        else { throw error }
        report.lose(0..<UInt64(magic.count), error.problem)
        return end
      }
      let start = UInt64(magic.count)
      let next = try nextRecord(from: start) ?? input.size
      report.lose(start..<next, error.problem)
      return next
    }
  }

  // MARK: - Records

  private mutating func copyRecords(from start: UInt64) throws(ReplayError) {
    var position = start
    while position < input.size, dataEnd == nil {
      var problem: String
      // Where the next record begins, and whether that can be trusted.
      var end: UInt64?
      var isEndSure = false
      do throws(ReplayError) {
        var scanner = RecordScanner(input, limits: limits, from: position, to: input.size)
        switch try scanner.place() {
        case .end: return
        case .incomplete(let missing): problem = "the file ends within a record, of which \(missing) bytes are missing"
        case .record(let record):
          let content = try scanner.content(of: record)
          // A chunk says twice how large it is.
          isEndSure = record.is(.chunk) && (try? decoder.header(content, of: record)) != nil
          end = record.end
          try copy(record, content)
          position = record.end ?? input.size
          continue
        }
      } catch {
        // What is wrong with the old file is no reason to end; what is wrong with reading or writing is.
        guard error.kind == .damaged || error.kind == .tooLarge else { throw error }
        problem = error.problem
      }
      if let end, !isEndSure { isEndSure = try isRecord(at: end) }
      if !isEndSure { end = try nextRecord(from: position + 1) }
      let following = end ?? input.size
      report.lose(position..<following, problem)
      position = following
    }
  }

  /// Copies a record, if the new file shall have it.
  private mutating func copy(_ record: RecordHeader, _ content: [UInt8]) throws(ReplayError) {
    let fields = RecordFields(content, origin: record.content, path: input.path)
    switch DataRecord(record.opcode) {
    // The new file has Schemas and Channels of its own, and no Message Index.
    case .schema: try ReplayPreamble.checkSchema(fields)
    case .channel: try ReplayPreamble.checkChannel(fields)
    case .messageIndex: try DataRecord.checkMessageIndex(fields)
    case .metadata:
      let name = try ReplayPreamble.metadata(fields, limits).name
      let offset = file.size
      try write(record, content)
      summary.add(MCAPSummary.Metadata(offset: offset, length: file.size - offset, name: name))
      report.metadata += 1
    case .chunk: try copyChunk(record, content)
    case .dataEnd:
      guard try nextRecord(from: record.content) == nil else {
        throw fields.error("a DataEnd record stands here, but data follow it")
      }
      var fields = fields
      dataEnd = (record.offset, try fields.integer(UInt32.self, "data_section_crc"))
    case nil: throw DataRecord.misplaced(record, in: input.path)
    }
  }

  private mutating func copyChunk(_ record: RecordHeader, _ content: [UInt8]) throws(ReplayError) {
    let (header, chunk) = try decoder.chunk(content, of: record)
    let tally = try chunk.tally()
    var content = content
    let times = (tally.firstTime ?? 0, tally.lastTime ?? 0)
    if times != (header.firstTime, header.lastTime) {
      content.withUnsafeMutableBytes { bytes in
        bytes.storeBytes(of: times.0.littleEndian, as: UInt64.self)
        bytes.storeBytes(of: times.1.littleEndian, toByteOffset: 8, as: UInt64.self)
      }
      report.lose(
        record.offset..<record.offset,
        "the chunk's times were not those of its messages; they were put right"
      )
    }
    let offset = file.size
    try write(record, content)
    let place = MCAPSummary.Chunk(
      firstTime: times.0,
      lastTime: times.1,
      offset: offset,
      length: file.size - offset,
      compressedSize: header.compressedSize,
      uncompressedSize: header.uncompressedSize
    )
    summary.add(place, frames: UInt64(tally.frames), gameEvents: UInt64(tally.gameEvents))
    report.chunks += 1
    report.frames += tally.frames
    report.gameEvents += tally.gameEvents
    if let first = tally.firstSequence {
      if first > nextSequence ?? 1 { report.missingFrames += UInt64(first - (nextSequence ?? 1)) }
      nextSequence = first &+ UInt32(truncatingIfNeeded: tally.frames)
    }
  }

  /// Holds the old file against its checksum: Metadata has none of its own.
  private mutating func checkData() throws(ReplayError) {
    guard let dataEnd else {
      if report.losses.isEmpty {
        report.lose(input.size..<input.size, "the file ends here without its index, which was made anew")
      }
      return
    }
    guard report.losses.isEmpty else { return }
    if dataEnd.checksum != 0, try input.checksum(of: 0..<dataEnd.offset) != dataEnd.checksum {
      return report.lose(
        dataEnd.offset..<dataEnd.offset,
        "the file's CRC-32 is not that of its data, though all chunks are right: something in its Metadata or before is damaged"
      )
    }
    do throws(ReplayError) {
      report.wasComplete = try SummaryIndexer.index(input, limits) != nil
      if !report.wasComplete { report.lose(input.size..<input.size, "the file's index is cut off; it was made anew") }
    } catch {
      report.lose(dataEnd.offset..<dataEnd.offset, "the file's index is damaged and was made anew: \(error.problem)")
    }
  }

  // MARK: - Finding records again

  /// Whether a record that may stand there begins at `offset`, or the file ends.
  private func isRecord(at offset: UInt64) throws(ReplayError) -> Bool {
    var scanner = RecordScanner(input, limits: limits, from: offset, to: input.size)
    do throws(ReplayError) {
      switch try scanner.place() {
      case .end: return true
      case .incomplete: return false
      case .record(let record): return DataRecord(record.opcode) != nil
      }
    } catch {
      guard error.kind == .damaged || error.kind == .tooLarge else { throw error }
      return false
    }
  }

  /// Where the next chunk or Metadata record begins whose content is right beyond doubt; nil if there is none.
  private func nextRecord(from start: UInt64) throws(ReplayError) -> UInt64? {
    let windowSize: UInt64 = 65_536
    var windowStart = start
    while windowStart + UInt64(RecordHeader.size) <= input.size {
      let window = try input.read(at: windowStart, count: Int(min(windowSize, input.size - windowStart)))
      var offset = 0
      while offset + RecordHeader.size <= window.count {
        // The four highest bytes of the length are zero.
        if window[offset] == DataRecord.chunk.rawValue || window[offset] == DataRecord.metadata.rawValue,
          window[offset + 5] | window[offset + 6] | window[offset + 7] | window[offset + 8] == 0,
          try isIntact(at: windowStart + UInt64(offset))
        {
          return windowStart + UInt64(offset)
        }
        offset += 1
      }
      // The last bytes, too few for a record's header, are looked at again.
      windowStart += UInt64(offset)
    }
    return nil
  }

  /// Whether a chunk with the right checksum, or a Metadata record without a flaw, begins at `offset`.
  private func isIntact(at offset: UInt64) throws(ReplayError) -> Bool {
    var scanner = RecordScanner(input, limits: limits, from: offset, to: input.size)
    do throws(ReplayError) {
      guard case .record(let record) = try scanner.place() else { return false }
      guard record.is(.chunk) || record.length <= limits.metadataBytes else { return false }
      let content = try scanner.content(of: record)
      if record.is(.metadata) {
        _ = try ReplayPreamble.metadata(RecordFields(content, origin: record.content, path: input.path), limits)
        // Eight zeros are a Metadata record with neither name nor values, and stand anywhere.
        return record.length > 8
      }
      _ = try decoder.chunk(content, of: record).1.tally()
      return record.is(.chunk)
    } catch {
      guard error.kind == .damaged || error.kind == .tooLarge else { throw error }
      return false
    }
  }

  // MARK: - Writing

  private mutating func write(_ record: RecordHeader, _ content: [UInt8]) throws(ReplayError) {
    var whole = ByteBuffer(capacity: RecordHeader.size + content.count)
    whole.append(record.opcode)
    whole.append(record.length)
    whole.append(contentsOf: content)
    try write(whole.bytes)
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ReplayError) {
    do throws(ReplayFailure) {
      try file.append(bytes)
    } catch {
      throw ReplayError(.inaccessible, report.path, "\(error)")
    }
  }
}
