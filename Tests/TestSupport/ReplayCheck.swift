internal import Foundation

/// A complete replay whose summary and index were held against its content by the `mcap` package, and whose messages were decoded by the
/// schema in the file alone.
public struct ReplayCheck: Decodable, Sendable {
  /// Messages on `/frames`.
  public var frames: Int
  /// Messages on `/games`.
  public var gameEvents: Int
  /// Chunks.
  public var chunks: Int
  /// The names of its Metadata records.
  public var metadata: [String]
  /// What is wrong with the file.
  public var problems: [String]

  /// Checks the file at `path`.
  ///
  /// - Throws: `TestPython.Failure` with the reader's complaint if the file cannot be read at all.
  public static func check(_ path: String) async throws -> ReplayCheck {
    let script = TestPython.packageRoot.appending(path: "Tests/TestSupport/Reader/check_replay.py")
    let text = String(decoding: try Data(contentsOf: script), as: UTF8.self)
    return try JSONDecoder().decode(ReplayCheck.self, from: await TestPython.run(text, arguments: [path]))
  }
}
