import AgentSandbox
import ArenaCore
import Foundation
import TestSupport

/// A folder for one test, an agent host that runs whatever it is given, and a sandbox to run it in.
final class Fixture {
  let folder: String
  let seats: SeatFolders
  let sandbox: AgentSandbox
  let interpreter: PythonInterpreter
  let hostFile: String
  private var count = 0

  init(
    _ choice: SandboxChoice = .bubblewrap,
    limits: SandboxLimits = SandboxLimits(memoryBytes: 256 << 20),
    python: String? = nil
  ) async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "sandbox-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    seats = try SeatFolders(seatCount: 2)
    sandbox = try await AgentSandbox(choice, limits: limits)
    interpreter = try await PythonInterpreter.discover(override: python)
    hostFile = "\(folder)/rl_arena_agent.py"
    try """
    import os, runpy, sys
    path = sys.argv[1]
    runpy.run_path(os.path.join(path, "agent.py") if os.path.isdir(path) else path, run_name="agent")
    """.write(toFile: hostFile, atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A new agent folder whose `agent.py` is `code`.
  func agent(_ code: String, in name: String? = nil) throws -> String {
    count += 1
    let path = "\(folder)/\(name ?? "agent-\(count)")"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try code.write(toFile: "\(path)/agent.py", atomically: true, encoding: .utf8)
    return path
  }

  /// Starts `program` in `seat`.
  func start(
    _ program: AgentProgram,
    seat: Int = 0,
    processors: [Int]? = nil,
    others: [AgentProgram] = []
  ) async throws -> SandboxedAgent {
    try await sandbox.start(
      AgentLaunch(
        name: "seat-\(seat)",
        program: program,
        interpreter: interpreter,
        hostFile: hostFile,
        socketPath: seats.socketPath(seat: seat),
        logDirectory: "\(folder)/logs",
        processors: processors,
        otherPrograms: others
      )
    )
  }

  /// Runs `code` to its end, and returns what it printed and the report.
  func run(_ code: String, others: [AgentProgram] = []) async throws -> (output: String, report: ProcessReport) {
    let agent = try await start(.python(path: try agent(code)), others: others)
    let report = await agent.waitUntilEnd()
    return (try String(contentsOfFile: agent.standardOutputLog, encoding: .utf8), report)
  }

  /// What `code` prints, which must be JSON.
  func probe(_ code: String, others: [AgentProgram] = []) async throws -> NSDictionary {
    let (output, report) = try await run(code, others: others)
    guard report.exitStatus == 0,
      let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? NSDictionary
    else { throw Failure(description: "\(report)\n\(output)") }
    return object
  }

  struct Failure: Error { let description: String }
}
