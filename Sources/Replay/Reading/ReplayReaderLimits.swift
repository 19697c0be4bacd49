/// How much of a file a reader takes into memory. Sizes that a file states are held against these before anything is allocated.
public struct ReplayReaderLimits: Equatable, Sendable {
  /// Bytes of a chunk's records once decompressed.
  public var chunkBytes: UInt64
  /// Bytes of one record as it lies in the file.
  public var recordBytes: UInt64
  /// Bytes of all Metadata records together.
  public var metadataBytes: UInt64
  /// Chunks of a file; each takes 56 bytes in memory.
  public var chunks: Int
  /// Bytes of one message.
  public var messageBytes: Int
  /// Seats of a frame, late answers of a frame, and entries of any other list in a message.
  public var entries: Int
  /// Files larger than this are opened without a look at the checksum of their whole data, which means reading them once.
  public var checkedBytes: UInt64

  /// The defaults: chunks, records and messages of 64 MiB, Metadata of 16 MiB, 4 Mi chunks, lists of 65,536 entries; files of up to 256 MiB
  /// are checked when they are opened.
  public static let standard = ReplayReaderLimits()

  /// Limits that differ from the defaults where they are given.
  public init(
    chunkBytes: UInt64 = 64 << 20,
    recordBytes: UInt64 = 64 << 20,
    metadataBytes: UInt64 = 16 << 20,
    chunks: Int = 4 << 20,
    messageBytes: Int = 64 << 20,
    entries: Int = 65_536,
    checkedBytes: UInt64 = 256 << 20
  ) {
    self.chunkBytes = chunkBytes
    self.recordBytes = recordBytes
    self.metadataBytes = metadataBytes
    self.chunks = chunks
    self.messageBytes = messageBytes
    self.entries = entries
    self.checkedBytes = checkedBytes
  }

  /// The error about Metadata beyond these limits.
  ///
  /// - Parameters:
  ///   - offset: where the first record beyond them stands.
  ///   - path: its file.
  func tooMuchMetadata(at offset: UInt64, in path: String) -> ReplayError {
    ReplayError(
      .tooLarge,
      path,
      at: offset,
      "the file has over \(metadataBytes) bytes of Metadata, or over \(entries) records of it"
    )
  }
}
