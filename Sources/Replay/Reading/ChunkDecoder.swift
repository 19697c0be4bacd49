import CZstd

/// Turns the record of a chunk into its messages. Sizes are checked before memory is taken.
final class ChunkDecoder {
  /// The fields before a chunk's compressed records.
  struct Header: Equatable {
    var firstTime: UInt64
    var lastTime: UInt64
    var uncompressedSize: UInt64
    var checksum: UInt32
    var compression: String
    var compressedSize: UInt64
  }

  private let path: String
  private let limits: ReplayReaderLimits
  private let context: OpaquePointer?

  /// A decoder for chunks of the file at `path`.
  init(path: String, limits: ReplayReaderLimits) {
    self.path = path
    self.limits = limits
    context = ZSTD_createDCtx()
  }

  deinit { ZSTD_freeDCtx(context) }

  /// The chunk's fields before its compressed records, and where those lie in `content`.
  ///
  /// - Throws: `ReplayError` if the record is not as it should be.
  func header(_ content: [UInt8], of record: RecordHeader) throws(ReplayError) -> (Header, records: Range<Int>) {
    var fields = RecordFields(content, origin: record.content, path: path)
    let firstTime = try fields.integer(UInt64.self, "message_start_time")
    let lastTime = try fields.integer(UInt64.self, "message_end_time")
    let size = try fields.integer(UInt64.self, "uncompressed_size")
    let checksum = try fields.integer(UInt32.self, "uncompressed_crc")
    let compression = try fields.string("compression")
    let compressedSize = try fields.integer(UInt64.self, "records")
    let records = try fields.skip(compressedSize, "records")
    guard fields.remaining == 0 else { throw fields.error("\(fields.remaining) bytes follow the chunk's records") }
    let header = Header(
      firstTime: firstTime,
      lastTime: lastTime,
      uncompressedSize: size,
      checksum: checksum,
      compression: compression,
      compressedSize: compressedSize
    )
    return (header, records)
  }

  /// The chunk in `content`, which is that of `record`, with its records decompressed and their CRC-32 checked.
  ///
  /// - Throws: `ReplayError` if it is damaged, too large, or compressed in a way that replays are not.
  func chunk(_ content: [UInt8], of record: RecordHeader) throws(ReplayError) -> (Header, ReplayChunk) {
    let (header, records) = try header(content, of: record)
    func error(_ problem: String, _ kind: ReplayError.Kind = .damaged) -> ReplayError {
      ReplayError(kind, path, at: record.offset, problem)
    }
    guard header.uncompressedSize <= limits.chunkBytes else {
      throw error(
        "a chunk says that it has \(header.uncompressedSize) bytes uncompressed; at most \(limits.chunkBytes) are read",
        .tooLarge
      )
    }
    let size = Int(header.uncompressedSize)
    let bytes: [UInt8]
    switch header.compression {
    case "":
      guard records.count == size else {
        throw error("the chunk has \(records.count) bytes of records instead of the \(size) that it states")
      }
      bytes = Array(content[records])
    case ReplayFormat.compression:
      var result = 0
      bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
        content.withUnsafeBytes { content in
          let source = UnsafeRawBufferPointer(rebasing: content[records])
          result = ZSTD_decompressDCtx(context, buffer.baseAddress, size, source.baseAddress, source.count)
        }
        filled = ZSTD_isError(result) == 0 ? result : 0
      }
      guard ZSTD_isError(result) == 0 else {
        throw error("the chunk cannot be decompressed: \(String(cString: ZSTD_getErrorName(result)))")
      }
      guard bytes.count == size else {
        throw error("the chunk has \(bytes.count) bytes decompressed instead of the \(size) that it states")
      }
    default:
      throw error("the chunk's compression is \"\(header.compression)\"; a replay's is \"\(ReplayFormat.compression)\"")
    }
    // MCAP lets writers leave the checksum out, as 0.
    let checksum = bytes.withUnsafeBytes { ReplayFile.checksum(of: $0) }
    guard header.checksum == 0 || header.checksum == checksum else {
      throw error("the chunk's CRC-32 is \(header.checksum), that of its records \(checksum)")
    }
    return (header, ReplayChunk(path: path, offset: record.offset, bytes: bytes))
  }
}
