import AgentSandbox
import Foundation
import Testing

/// Programs of ours that read strangers' files.
@Suite struct PythonToolTests {
  /// Runs `script` over the fixture's folder.
  private static func perform(
    _ script: String,
    _ fixture: Fixture,
    time: Duration = .seconds(60),
    outputBytes: Int = 1 << 20
  ) async throws -> PythonTool.Outcome {
    let path = "\(fixture.folder)/tool.py"
    try script.write(toFile: path, atomically: true, encoding: .utf8)
    let folder = try fixture.agent("secret = 1\n")
    return try await fixture.sandbox.perform(
      PythonTool(
        interpreter: fixture.interpreter,
        script: path,
        folder: folder,
        arguments: ["one", "two words"],
        timeLimit: time,
        outputBytes: outputBytes
      )
    )
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `it gets its folder, its arguments and no settings of anybody's`(choice: SandboxChoice) async throws {
    setenv("PYTHONPATH", "/nowhere", 1)
    let fixture = try await Fixture(choice)
    let outcome = try await Self.perform(
      """
      import os, sys
      print(open(os.path.join(sys.argv[1], "agent.py")).read(), sys.argv[2:], sys.flags.isolated, sys.flags.no_site)
      print(sorted(set(os.environ) - {"LC_CTYPE", "PWD"}))
      print("complaint", file=sys.stderr)
      """,
      fixture
    )
    #expect(outcome.ending == .status(0))
    let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
    #expect(lines == ["secret = 1", " ['one', 'two words'] 1 1", "['HOME', 'LANG', 'PATH']"])
    #expect(outcome.complaint == "complaint\n")
  }

  @Test func `in bubblewrap it has no network and nothing to write to`() async throws {
    let outcome = try await Self.perform(
      """
      import os, socket, sys
      def fails(work):
          try: work()
          except OSError: return True
          return False
      def connect(): socket.create_connection(("127.0.0.1", 22), 1)
      interfaces = [name for _, name in socket.if_nameindex()]
      folder = sys.argv[1]
      print(fails(connect), interfaces, fails(lambda: open(folder + "/x", "w")), fails(lambda: open("/x", "w")),
            fails(lambda: os.remove(folder + "/agent.py")), os.path.exists("/etc/shadow"), os.path.exists("/home"))
      """,
      try await Fixture()
    )
    #expect(String(decoding: outcome.output, as: UTF8.self) == "True ['lo'] True True True False False\n")
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `how it ended is told`(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let endings: [(String, PythonTool.Ending)] = [
      ("raise SystemExit(7)", .status(7)), ("import os; os.kill(os.getpid(), 11)", .signal(11)),
      ("import os; os.abort()", .signal(6)), ("def f(:", .status(1)),
    ]
    for (script, ending) in endings { #expect(try await Self.perform(script, fixture).ending == ending) }
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `after its time it is killed, with all that it has started`(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let name = "tool-\(UUID().uuidString)"
    let script = "import sys, time\n# \(name)\nprint(1, flush=True)\ntime.sleep(1000)"
    #expect(try await Self.perform(script, fixture, time: .milliseconds(300)).ending == .overdue)
    let folder = fixture.folder
    let deadline = ContinuousClock.now + .seconds(30)
    func isThere() throws -> Bool {
      try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { process in
        let line = try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))
        return line.map { String(decoding: $0, as: UTF8.self).contains("\(folder)/tool.py") } ?? false
      }
    }
    while try isThere(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
    #expect(try !isThere())
  }

  @Test func `what it writes is bounded`() async throws {
    let fixture = try await Fixture()
    await #expect(throws: SandboxError.self) {
      try await Self.perform("while True: print('x' * 1000)", fixture, outputBytes: 100_000)
    }
  }
}
