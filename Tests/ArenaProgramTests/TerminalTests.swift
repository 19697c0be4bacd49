import Foundation
import TestSupport
import Testing

/// What a person sees on a terminal.
@Suite struct TerminalTests {
  /// Runs a command on a terminal of 60 columns, and writes what appears there and the exit status.
  private static let terminal = """
    import fcntl, os, pty, struct, sys, termios
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        os.execv(sys.argv[1], sys.argv[1:])
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # that is how Linux says that nobody has the terminal open any more
            break
        if not part:
            break
        shown += part
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    sys.stdout.buffer.write(shown)
    sys.exit(status)
    """

  private static func run(_ workshop: Workshop, _ arguments: [String]) async throws -> ArenaOutcome {
    try await MatchSlots.shared.run {
      let command = ["-IS", "-c", terminal, "/usr/bin/env", "-C", workshop.workingDirectory.path, Workshop.arenaPath]
      let process = try ChildProcess(
        TestPython.executable.path,
        command + arguments,
        environment: workshop.variables,
        folder: workshop.folder,
        name: "terminal"
      )
      return try await workshop.finish(process)
    }
  }

  private static let clearLine = "\r\u{1B}[2K"

  /// Agents whose names are longer than a line, and a game that takes a while.
  private static func match(_ workshop: Workshop, name: String) throws -> [String] {
    let slow = try workshop.agent("import time\ndef get_action(o):\n    time.sleep(0.01)\n    return 1\n", name)
    return ["match", "pong", slow, "builtin:noop", "--config", "max_steps=60", "--no-timeouts"]
  }

  @Test(arguments: ["player", String(repeating: "long", count: 20)])
  func `the progress is shown while a match is played, and is gone before the table comes`(name: String) async throws {
    let workshop = try Workshop()
    let outcome = try await Self.run(workshop, try Self.match(workshop, name: name))
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let parts = outcome.standardOutput.components(separatedBy: Self.clearLine)
    #expect(parts.count > 3)
    let lines = parts.filter { $0.contains("]  game 1, step ") }
    #expect(lines.allSatisfy { $0.hasPrefix("[") })
    // The bar fills up.
    let filled = lines.map { line in line.prefix { $0 != "]" }.count { $0 == "#" } }
    #expect(filled == filled.sorted() && filled.first != filled.last, "\(lines)")
    // A line that wraps could not be cleared.
    for part in parts.dropLast() { #expect(part.count < 60 && !part.contains("\n"), "\(part)") }
    let table = try #require(parts.last)
    #expect(table.hasPrefix("seat  agent"))
    #expect(table.contains("after 60 steps"))
    #expect(!table.contains("\u{1B}"))
  }

  @Test func `with --json there is no progress on a terminal either`() async throws {
    let workshop = try Workshop()
    let outcome = try await Self.run(workshop, try Self.match(workshop, name: "player") + ["--json"])
    #expect(outcome.status == 0)
    #expect(try outcome.result.totalSteps == 60)
  }

  @Test func `a refusal on a terminal is as plain as elsewhere`() async throws {
    let workshop = try Workshop()
    let outcome = try await Self.run(workshop, ["match", "pong", "nosuch", "builtin:noop"])
    #expect(outcome.status == 2)
    #expect(outcome.standardOutput.hasPrefix("Error: agent 1 is \"nosuch\""))
    #expect(!outcome.standardOutput.contains("\u{1B}"))
  }
}
