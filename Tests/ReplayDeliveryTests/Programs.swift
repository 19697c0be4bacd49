import ArenaCore
import Foundation
import TestSupport

/// Runs the programs as their users do, in a folder of the test's own.
final class Programs: Sendable {
  let folder: ScratchFolder
  /// Variables that all of them get.
  let variables: [String: String]

  /// What a run came to.
  struct Outcome: Sendable {
    var ending: ChildProcess.Ending?
    var standardOutput: String
    var standardError: String

    /// Standard output as one JSON value.
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
      try JSONDecoder().decode(type, from: Data(standardOutput.utf8))
    }
  }

  private static let builtPrograms: URL = {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(filePath: tests).deletingLastPathComponent()
  }()

  /// The path of the program `name` that was built with these tests.
  static func path(_ name: String) -> String { builtPrograms.appending(path: name).path }

  init(variables: [String: String] = [:]) throws {
    folder = try ScratchFolder()
    self.variables = variables
  }

  /// Starts `arena` in the folder and does not wait for it.
  func start(_ arguments: [String], _ more: [String: String] = [:]) throws -> ChildProcess {
    try ChildProcess(
      "/usr/bin/env",
      ["-C", folder.url.path, Self.path("arena")] + arguments,
      environment: variables.merging(more) { $1 },
      folder: folder.url,
      name: ".arena-\(UUID().uuidString)"
    )
  }

  /// Waits for the end of a program.
  func finish(_ process: ChildProcess, within seconds: Double = 90) async -> Outcome {
    let ending = await process.end(within: seconds)
    return Outcome(
      ending: ending,
      standardOutput: process.standardOutput,
      standardError: process.standardError
    )
  }

  /// Runs `arena` to its end.
  func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> Outcome {
    await finish(try start(arguments, more))
  }

  /// Files in the folder but for the programs' output.
  var files: [String] { folder.contents.filter { !$0.hasPrefix(".arena-") } }
}
