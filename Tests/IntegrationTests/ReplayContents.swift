import Foundation
import TestSupport

/// What the `mcap` package reads from a replay, from front to back.
struct ReplayContents: Decodable, Sendable {
  /// One step. The encoded times are left out where frames are compared.
  struct Frame: Decodable, Equatable, Sendable {
    var step: Int
    var game: Int
    var seats: [Seat]

    /// The frame with all times 0.
    var timeless: Frame {
      var frame = self
      for seat in seats.indices { frame.seats[seat].thinkTime = 0 }
      return frame
    }
  }

  /// One seat in one step; observation and action as hexadecimal digits, the time in microseconds.
  struct Seat: Decodable, Equatable, Sendable {
    var observation: String
    var action: String
    var reward: Double
    var fault: String?
    var platformStall: Bool
    var forfeited: Bool
    var thinkTime: Int
  }

  var frames: [Frame]
  var gameEvents: Int
  var metadata: [String: [String: String]]
  /// Whether the file has its end.
  var isComplete: Bool

  /// Reads the file at `path`.
  static func read(_ path: URL) async throws -> ReplayContents {
    let folder = path.deletingLastPathComponent()
    let script = TestPython.packageRoot.appending(path: "Tests/IntegrationTests/Reader/read_replay.py").path
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
