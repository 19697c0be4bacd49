import Foundation

/// A folder that lives as long as a test.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "rl-arena-delivery-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file, making the folders before it, and returns its path.
  @discardableResult
  func write(_ bytes: Data, to name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file)
    return file.path
  }

  /// Writes a text.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String { try write(Data(text.utf8), to: name) }

  /// Removes a file, if it is there.
  func remove(_ name: String) { try? FileManager.default.removeItem(at: url.appending(path: name)) }

  /// Whether there is such a file.
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// The paths of everything in it, seen from it.
  var contents: [String] { ((try? FileManager.default.subpathsOfDirectory(atPath: url.path)) ?? []).sorted() }

  /// Bytes that no two calls give alike.
  static func bytes(_ count: Int, seed: UInt64 = .random(in: .min ... .max)) -> Data {
    var state = seed | 1
    var data = Data(capacity: count + 8)
    while data.count < count {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      withUnsafeBytes(of: state) { data.append(contentsOf: $0) }
    }
    return data.prefix(count)
  }
}
