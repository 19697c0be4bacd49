public import Foundation

/// What the `mcap` package reads from a replay, from front to back.
public struct ReplayContents: Decodable, Sendable {
  /// One step. The encoded times are left out where frames are compared.
  public struct Frame: Decodable, Equatable, Sendable {
    /// Steps of the game before it.
    public var step: Int
    /// Which game, from 0.
    public var game: Int
    /// By seat.
    public var seats: [Seat]

    /// The frame with all times 0.
    public var timeless: Frame {
      var frame = self
      for seat in seats.indices { frame.seats[seat].thinkTime = 0 }
      return frame
    }
  }

  /// One seat in one step; observation and action as hexadecimal digits, the time in microseconds.
  public struct Seat: Decodable, Equatable, Sendable {
    /// What the seat saw.
    public var observation: String
    /// What was played.
    public var action: String
    /// What it earned by it.
    public var reward: Double
    /// The kind of fault; nil for none.
    public var fault: String?
    /// Whether the platform stood still.
    public var platformStall: Bool
    /// Whether the seat had forfeited.
    public var forfeited: Bool
    /// How long it took to answer.
    public var thinkTime: Int
  }

  /// Every step, in order.
  public var frames: [Frame]
  /// Messages on the channel `/games`.
  public var gameEvents: Int
  /// Metadata records by their names.
  public var metadata: [String: [String: String]]
  /// Whether the file has its end.
  public var isComplete: Bool

  /// Reads the file at `path`.
  ///
  /// - Throws: `ChildProcess.Failure` with the reader's complaint if it is no replay.
  public static func read(_ path: URL) async throws -> ReplayContents {
    let folder = path.deletingLastPathComponent()
    let script = TestPython.packageRoot.appending(path: "Tests/TestSupport/Reader/read_replay.py").path
    let reader = try ChildProcess(
      TestPython.executable.path,
      [script, path.path],
      folder: folder,
      name: "reader-\(UUID().uuidString)"
    )
    guard await reader.end(within: 60) == .status(0) else {
      throw ChildProcess.Failure(description: "reading \(path.path): \(reader.standardError)")
    }
    return try JSONDecoder().decode(ReplayContents.self, from: Data(reader.standardOutput.utf8))
  }
}
