import Foundation

/// A folder that lives as long as a test.
final class ReplayFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "rl-arena-replay-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  func path(_ name: String = "match.mcap") -> String { url.appending(path: name).path }
}
