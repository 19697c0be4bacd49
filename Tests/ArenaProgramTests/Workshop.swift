import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// A folder of one test's own, with the agents that it needs, from which `arena` is run as its users run it.
///
/// Whatever `arena` puts aside while it runs goes into this folder too, so that a test can tell what is left behind.
final class Workshop: Sendable {
  /// The program that was built with these tests.
  static let arenaPath: String = {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "arena").path
  }()

  /// A program that was cut short may not have anything to say: this is how long one may take at most.
  static let patience = 90.0

  /// An agent that keeps its paddle where it is.
  static let stays = "def get_action(observation):\n    return 1\n"

  let folder: URL

  /// Where `arena` puts its sockets.
  var runtimeFolder: URL { folder.appending(path: "run") }
  /// Where `arena` is run.
  var workingDirectory: URL { folder.appending(path: "work") }
  private var temporaryFolder: URL { folder.appending(path: "tmp") }

  init() throws {
    // Under /tmp by name, where a socket's path is short.
    var template = Array("/tmp/arena-program-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ChildProcess.Failure(description: "no folder: \(errno)") }
    folder = URL(filePath: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    for folder in [runtimeFolder, workingDirectory, temporaryFolder] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes `text` to `path`, seen from the working directory, and returns the path.
  @discardableResult
  func write(_ text: String, to path: String, executable: Bool = false) throws -> String {
    let file = workingDirectory.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path) }
    return path
  }

  /// Writes an agent to a file of this name, and returns the path.
  func agent(_ source: String, _ name: String = "player") throws -> String { try write(source, to: "\(name).py") }

  /// Starts `arena` and does not wait for it.
  func start(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildProcess {
    // `env` becomes `arena`, in another folder than that of the tests.
    try ChildProcess(
      "/usr/bin/env",
      ["-C", workingDirectory.path, Self.arenaPath] + arguments,
      environment: variables.merging(environment) { $1 },
      folder: folder,
      name: "arena-\(UUID().uuidString)"
    )
  }

  /// The variables that keep what `arena` puts aside in this folder.
  var variables: [String: String] { ["XDG_RUNTIME_DIR": runtimeFolder.path, "TMPDIR": temporaryFolder.path] }

  /// Runs `arena` to its end and checks that it leaves nothing behind.
  func run(
    _ arguments: [String],
    environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ArenaOutcome {
    try await MatchSlots.shared.run {
      try await finish(try start(arguments, environment: environment), sourceLocation: sourceLocation)
    }
  }

  /// Plays a match of 40 steps for the sake of its result.
  func play(
    _ agents: [String],
    _ options: [String] = [],
    steps: Int = 40,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> (result: MatchResult, outcome: ArenaOutcome) {
    let arguments = ["match", "pong"] + agents + ["--json", "--seed", "7", "--config", "max_steps=\(steps)"] + options
    let outcome = try await run(arguments, sourceLocation: sourceLocation)
    return (try outcome.result, outcome)
  }

  /// Waits for the end of a run, and checks that it leaves nothing behind.
  func finish(
    _ process: ChildProcess,
    within seconds: Double = Workshop.patience,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ArenaOutcome {
    let ending = await process.end(within: seconds)
    #expect(ending != nil, "arena did not end", sourceLocation: sourceLocation)
    #expect(process.survivors.isEmpty, sourceLocation: sourceLocation)
    for folder in [runtimeFolder, temporaryFolder] {
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left.isEmpty, "left behind in \(folder.lastPathComponent)", sourceLocation: sourceLocation)
    }
    return ArenaOutcome(
      ending: ending,
      standardOutput: process.standardOutput,
      standardError: process.standardError
    )
  }

  /// Files under the working directory, seen from there.
  var files: [String] {
    get throws { try FileManager.default.subpathsOfDirectory(atPath: workingDirectory.path).sorted() }
  }

  /// The only file in `folder`, or the first under it, whose name ends so.
  func file(endingIn suffix: String, in folder: String = "replays") throws -> URL {
    let name = try #require(try files.first { $0.hasPrefix(folder + "/") && $0.hasSuffix(suffix) })
    return workingDirectory.appending(path: name)
  }

  /// The text of the only such file.
  func text(endingIn suffix: String, in folder: String = "replays") throws -> String {
    String(decoding: try Data(contentsOf: try file(endingIn: suffix, in: folder)), as: UTF8.self)
  }

  /// The ids of processes on whose command line `word` stands, other than those of the tests themselves.
  static func processes(mentioning word: String) -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { process in
      guard process != getpid(), let line = try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline")) else {
        return false
      }
      return String(decoding: line, as: UTF8.self).contains(word)
    }
  }

  /// Asks again and again, for at most a minute, whether something has come true.
  static func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if try condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }
}
