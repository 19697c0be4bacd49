/// The names and numbers of a replay file. Source: the MCAP specification, <https://mcap.dev/spec>.
enum ReplayFormat {
  /// The bytes that begin and end every MCAP file.
  static let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
  /// The profile in the file's Header.
  static let profile = "rl-arena"
  /// The writing library in the file's Header.
  static let library = "rl-arena-replay 1.0"
  /// The name of MCAP's zstd compression.
  static let compression = "zstd"
  /// The name of MCAP's protobuf encoding, of schemas and of messages.
  static let encoding = "protobuf"

  /// The first byte of a record.
  enum Opcode: UInt8 {
    case header = 0x01
    case footer = 0x02
    case schema = 0x03
    case channel = 0x04
    case message = 0x05
    case chunk = 0x06
    case chunkIndex = 0x08
    case statistics = 0x0B
    case metadata = 0x0C
    case metadataIndex = 0x0D
    case summaryOffset = 0x0E
    case dataEnd = 0x0F
  }

  /// The channels of a replay. A channel's schema has the same number.
  enum Channel: UInt16, CaseIterable {
    /// One `Frame` per step.
    case frames = 1
    /// A `GameEvent` at the beginning and at the end of every game.
    case games = 2

    /// The channel's topic.
    var topic: String {
      switch self {
      case .frames: "/frames"
      case .games: "/games"
      }
    }

    /// The full name of the channel's protobuf message.
    var message: String {
      switch self {
      case .frames: "rl_arena.replay.Frame"
      case .games: "rl_arena.replay.GameEvent"
      }
    }
  }
}
