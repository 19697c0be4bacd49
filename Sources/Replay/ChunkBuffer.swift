/// One slot of the ring between the match's thread and the recording thread: bytes on their way to the file.
struct ChunkBuffer: ~Copyable {
  /// What the bytes are.
  enum Kind {
    /// Messages that become one compressed chunk.
    case chunk
    /// What a replay begins with, written as it is.
    case preamble
    /// One Metadata record, written as it is.
    case metadata(name: String)
    /// Nothing: the recording ends here.
    case end
  }

  /// The records.
  var bytes: ByteBuffer
  /// What the records are.
  var kind = Kind.chunk
  /// Messages per channel.
  var frames: UInt64 = 0
  /// Messages on `/games`.
  var gameEvents: UInt64 = 0
  /// `log_time` of the first message, in nanoseconds since the Unix epoch.
  var firstTime: UInt64 = 0
  /// `log_time` of the last message, in nanoseconds since the Unix epoch.
  var lastTime: UInt64 = 0

  /// An empty chunk with room for `capacity` bytes.
  init(capacity: Int) { bytes = ByteBuffer(capacity: capacity) }

  /// Whether there is nothing in it.
  var isEmpty: Bool { bytes.count == 0 }

  /// Makes it an empty chunk again; its memory stays.
  mutating func clear() {
    bytes.truncate(to: 0)
    kind = .chunk
    frames = 0
    gameEvents = 0
    firstTime = 0
    lastTime = 0
  }
}
