import AgentSandbox
import Glibc

/// Starts agents and waits for their end, as a process of its own that a test can kill or run as another user.
///
/// Arguments: the sandbox, the Python, the agent host, the log folder, then a socket path and an agent for each seat.
/// It prints `started`, and at the end one line per agent; what is not enforced goes before, marked `unenforced:`.
@main
enum SandboxHarness {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 7, let choice = SandboxChoice(rawValue: arguments[1]) else { exit(2) }
    let limits = SandboxLimits(memoryBytes: 256 << 20, maxProcesses: 20, tmpBytes: 1 << 20)
    let sandbox = try await AgentSandbox(choice, limits: limits)
    for sentence in sandbox.unenforced { say("unenforced: \(sentence)") }
    let interpreter = try await PythonInterpreter.discover(override: arguments[2])
    var agents: [SandboxedAgent] = []
    for index in stride(from: 5, to: arguments.count - 1, by: 2) {
      agents.append(
        try await sandbox.start(
          AgentLaunch(
            name: "agent-\(agents.count)",
            program: .python(path: arguments[index + 1]),
            interpreter: interpreter,
            hostFile: arguments[3],
            socketPath: arguments[index],
            logDirectory: arguments[4]
          )
        )
      )
    }
    say("started")
    for agent in agents { say("\(agent.name) \(await agent.waitUntilEnd().ending)") }
  }

  /// Prints without a buffer, so that whoever reads the pipe sees it at once.
  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(1, bytes, bytes.count)
  }
}
