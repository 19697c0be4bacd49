public import Foundation

/// The Python that the tests use: `.venv` at the package's root, which `make test` creates from `Tests/Python/requirements.txt`.
public enum TestPython {
  /// The package's root folder.
  public static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The interpreter.
  public static let executable = packageRoot.appending(path: ".venv/bin/python")

  /// A Python program that did not end with status 0.
  public struct Failure: Error, CustomStringConvertible {
    /// Its exit status and what it printed.
    public let description: String
  }

  /// Runs `script` with `arguments` and returns what it wrote to standard output.
  ///
  /// - Throws: `Failure` with its standard error if the program does not end with status 0.
  public static func run(_ script: String, arguments: [String] = [], input: Data = Data()) async throws -> Data {
    // Waiting blocks: on a thread of its own, so that no other test has to wait as well.
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try runAndWait(script, arguments, input) })
      }
    }
  }

  private static func runAndWait(_ script: String, _ arguments: [String], _ input: Data) throws -> Data {
    let process = Process()
    process.executableURL = executable
    process.arguments = ["-c", script] + arguments
    let folder = FileManager.default.temporaryDirectory.appending(path: "python-for-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["in", "out", "err"].map { folder.appending(path: $0) }
    try input.write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let complaint = try String(decoding: Data(contentsOf: files[2]), as: UTF8.self)
      throw Failure(description: "python ended with status \(process.terminationStatus): \(complaint)")
    }
    return try Data(contentsOf: files[1])
  }
}
