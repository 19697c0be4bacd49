import Foundation

/// Finds files of the tree that the user is in.
enum SourceTree {
  /// The path of `name` in `folder` or the nearest folder above it that has it.
  static func find(_ name: String, above folder: String) -> String? {
    var folder = URL(filePath: folder).standardizedFileURL
    while true {
      let candidate = folder.appending(path: name).path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      guard folder.path != "/" else { return nil }
      folder = folder.deletingLastPathComponent()
    }
  }
}
