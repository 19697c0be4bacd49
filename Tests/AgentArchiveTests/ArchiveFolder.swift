import AgentArchive
import Foundation
import Glibc

/// A folder of one test's own.
final class ArchiveFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "archive-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Names in the folder.
  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }

  /// Unpacks `archive` to `name` and returns every file's contents by its path, folders as nil.
  func unpack(_ archive: AgentArchive, to name: String = "out") throws -> [String: [UInt8]?] {
    try archive.unpack(to: path(name))
    var result: [String: [UInt8]?] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: path(name)) {
      var isFolder: ObjCBool = false
      let full = "\(self.path(name))/\(path)"
      _ = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
      result[path] = isFolder.boolValue ? .some(nil) : try [UInt8](Data(contentsOf: URL(filePath: full)))
    }
    return result
  }

  /// The permission bits of `name`.
  func mode(_ name: String) -> mode_t {
    var status = stat()
    return lstat(path(name), &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  /// Runs a program in this folder and waits for its end.
  func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = url
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
  }

  struct Failure: Error { let status: Int32 }
}
