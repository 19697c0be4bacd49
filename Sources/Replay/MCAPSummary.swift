/// What a replay's summary tells: it grows by one entry per chunk and by one per Metadata record.
struct MCAPSummary {
  /// Where a chunk lies and what it spans.
  struct Chunk {
    /// `log_time` of its first message, in nanoseconds since the Unix epoch.
    var firstTime: UInt64
    /// `log_time` of its last message, in nanoseconds since the Unix epoch.
    var lastTime: UInt64
    /// Where its record starts in the file, in bytes.
    var offset: UInt64
    /// Bytes of its record, opcode and length included.
    var length: UInt64
    /// Bytes of its records field.
    var compressedSize: UInt64
    /// Bytes of its records once decompressed.
    var uncompressedSize: UInt64
  }

  /// Where a Metadata record lies.
  struct Metadata {
    /// Where the record starts in the file, in bytes.
    var offset: UInt64
    /// Bytes of the record, opcode and length included.
    var length: UInt64
    /// Its name.
    var name: String
  }

  /// Messages on `/frames`.
  private(set) var frames: UInt64 = 0
  /// Messages on `/games`.
  private(set) var gameEvents: UInt64 = 0
  private var chunks: [Chunk] = []
  private var metadata: [Metadata] = []

  /// Notes a chunk that holds so many messages.
  mutating func add(_ chunk: Chunk, frames: UInt64, gameEvents: UInt64) {
    chunks.append(chunk)
    self.frames += frames
    self.gameEvents += gameEvents
  }

  /// Notes a Metadata record.
  mutating func add(_ record: Metadata) { metadata.append(record) }

  /// What follows the data of a file of `size` bytes with CRC-32 `checksum`: DataEnd, summary, summary offsets, Footer, magic.
  func ending(size: UInt64, checksum: UInt32) -> ByteBuffer {
    var buffer = ByteBuffer(capacity: 8192 + 128 * (chunks.count + metadata.count))
    buffer.appendRecord(.dataEnd) { $0.append(checksum) }

    let start = buffer.count
    var groups: [(opcode: ReplayFormat.Opcode, start: Int, length: Int)] = []
    for opcode in [ReplayFormat.Opcode.schema, .channel, .statistics, .chunkIndex, .metadataIndex] {
      let groupStart = buffer.count
      appendGroup(opcode, to: &buffer)
      if buffer.count > groupStart { groups.append((opcode, groupStart, buffer.count - groupStart)) }
    }

    let offsetsStart = buffer.count
    for group in groups {
      buffer.appendRecord(.summaryOffset) {
        $0.append(group.opcode.rawValue)
        $0.append(size + UInt64(group.start))
        $0.append(UInt64(group.length))
      }
    }
    // The checksum covers the Footer too, up to the checksum itself: its length must stand there already.
    buffer.append(ReplayFormat.Opcode.footer.rawValue)
    buffer.append(UInt64(20))
    buffer.append(size + UInt64(start))
    buffer.append(size + UInt64(offsetsStart))
    buffer.append(ReplayFile.checksum(of: UnsafeRawBufferPointer(rebasing: buffer.bytes[start...])))
    buffer.append(contentsOf: ReplayFormat.magic)
    return buffer
  }

  /// Appends all records of one kind that the summary has.
  private func appendGroup(_ opcode: ReplayFormat.Opcode, to buffer: inout ByteBuffer) {
    switch opcode {
    case .schema: for channel in ReplayFormat.Channel.allCases { buffer.appendSchema(of: channel) }
    case .channel: for channel in ReplayFormat.Channel.allCases { buffer.appendChannel(channel) }
    case .statistics: appendStatistics(to: &buffer)
    case .chunkIndex: for chunk in chunks { Self.append(chunk, to: &buffer) }
    case .metadataIndex: for record in metadata { Self.append(record, to: &buffer) }
    default: preconditionFailure("a summary has no records of kind \(opcode)")
    }
  }

  private func appendStatistics(to buffer: inout ByteBuffer) {
    buffer.appendRecord(.statistics) {
      $0.append(frames + gameEvents)
      $0.append(UInt16(ReplayFormat.Channel.allCases.count))
      $0.append(UInt32(ReplayFormat.Channel.allCases.count))
      $0.append(UInt32(0))  // Attachments.
      $0.append(UInt32(metadata.count))
      $0.append(UInt32(chunks.count))
      $0.append(chunks.first?.firstTime ?? 0)
      $0.append(chunks.last?.lastTime ?? 0)
      let counts = [(ReplayFormat.Channel.frames, frames), (.games, gameEvents)].filter { $0.1 > 0 }
      $0.append(UInt32(10 * counts.count))
      for (channel, count) in counts {
        $0.append(channel.rawValue)
        $0.append(count)
      }
    }
  }

  private static func append(_ chunk: Chunk, to buffer: inout ByteBuffer) {
    buffer.appendRecord(.chunkIndex) {
      $0.append(chunk.firstTime)
      $0.append(chunk.lastTime)
      $0.append(chunk.offset)
      $0.append(chunk.length)
      $0.append(UInt32(0))  // No Message Index records: an empty map,
      $0.append(UInt64(0))  // of no length.
      $0.append(ReplayFormat.compression)
      $0.append(chunk.compressedSize)
      $0.append(chunk.uncompressedSize)
    }
  }

  private static func append(_ record: Metadata, to buffer: inout ByteBuffer) {
    buffer.appendRecord(.metadataIndex) {
      $0.append(record.offset)
      $0.append(record.length)
      $0.append(record.name)
    }
  }
}
