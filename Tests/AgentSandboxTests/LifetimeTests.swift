import AgentSandbox
import Foundation
import Testing

/// How agents end, and that nothing of them is left.
@Suite struct LifetimeTests {
  /// Connects, forks a child that keeps the connection too, says so, and waits for ever.
  private static let family = """
    import os, signal, socket
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.environ["RL_ARENA_SOCKET"])
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        connection.send(b"!")
    while True:
        signal.pause()
    """

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func exitStatusAndLogTailAreReported(choice: SandboxChoice) async throws {
    let (_, report) = try await Fixture(choice).run("import sys; sys.exit('goodbye')")
    #expect(report.hasEnded)
    #expect(report.exitStatus == 1)
    #expect(report.signal == nil)
    #expect(report.logTail == "goodbye\n")
    #expect(!report.ranOutOfMemory && !report.wasStopped)
    #expect(report.launchFailure == nil)
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func aSignalIsReported(choice: SandboxChoice) async throws {
    let (_, report) = try await Fixture(choice).run("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    #expect(report.signal == SIGSEGV)
    #expect(report.exitStatus == nil)
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func killEndsTheWholeFamily(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let listener = try Listener(path: fixture.seats.socketPath(seat: 0))
    let agent = try await fixture.start(.python(path: try fixture.agent(Self.family)))
    let connection = try await listener.accept()
    #expect(try await connection.byte() != nil)
    #expect(!agent.snapshot().hasEnded)
    agent.kill()
    #expect(try await connection.byte() == nil)
    let report = await agent.waitUntilEnd()
    #expect(report.signal == SIGKILL)
    #expect(report.wasStopped)
    agent.kill()
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func whatTheAgentLeavesBehindIsEndedWithIt(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let listener = try Listener(path: fixture.seats.socketPath(seat: 0))
    let path = try fixture.agent(
      """
      import os, signal, socket
      connection = socket.socket(socket.AF_UNIX)
      connection.connect(os.environ["RL_ARENA_SOCKET"])
      reader, writer = os.pipe()
      if os.fork() == 0:
          \(choice == .bubblewrap ? "os.setsid()" : "pass")
          connection.send(b"!")
          os.write(writer, b"!")
          while True:
              signal.pause()
      os.read(reader, 1)
      """
    )
    let agent = try await fixture.start(.python(path: path))
    let connection = try await listener.accept()
    #expect(try await connection.byte() != nil)
    #expect(try await connection.byte() == nil)
    #expect(await agent.waitUntilEnd().exitStatus == 0)
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func terminateAsksFirst(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let listener = try Listener(path: fixture.seats.socketPath(seat: 0))
    let path = try fixture.agent(
      """
      import os, signal, socket, sys
      signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
      connection = socket.socket(socket.AF_UNIX)
      connection.connect(os.environ["RL_ARENA_SOCKET"])
      connection.send(b"!")
      while True:
          signal.pause()
      """
    )
    let agent = try await fixture.start(.python(path: path))
    let connection = try await listener.accept()
    #expect(try await connection.byte() != nil)
    agent.terminate(grace: .seconds(20))
    let report = agent.waitUntilEnd(upTo: .seconds(20))
    #expect(report.exitStatus == 7)
    #expect(report.wasStopped)
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func terminateDoesNotAskTwice(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let listener = try Listener(path: fixture.seats.socketPath(seat: 0))
    let agent = try await fixture.start(
      .python(path: try fixture.agent("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + Self.family))
    )
    let connection = try await listener.accept()
    #expect(try await connection.byte() != nil)
    agent.terminate(grace: .milliseconds(50))
    #expect(await agent.waitUntilEnd().signal == SIGKILL)
    #expect(try await connection.byte() == nil)
  }

  @Test func killRightAfterTheStartLeavesNothing() async throws {
    let fixture = try await Fixture()
    for _ in 0..<10 {
      let agent = try await fixture.start(.python(path: try fixture.agent("import signal; signal.pause()")))
      agent.kill()
      let report = agent.waitUntilEnd(upTo: .seconds(20))
      #expect(report.hasEnded && report.wasStopped && report.launchFailure == nil)
    }
  }

  @Test func aFailureOfThePlatformIsToldFromOneOfTheAgent() async throws {
    let fixture = try await Fixture()
    let path = try fixture.agent("")
    // A prefix like this cannot be mounted: it lies where the sandbox has its own read-only files.
    var interpreter = fixture.interpreter
    interpreter.executable = "/nowhere/python3"
    await #expect(throws: SandboxError.self) {
      try await fixture.sandbox.start(
        AgentLaunch(
          name: "x",
          program: .python(path: path),
          interpreter: interpreter,
          hostFile: fixture.hostFile,
          socketPath: fixture.seats.socketPath(seat: 0),
          logDirectory: fixture.folder
        )
      )
    }
    // The socket folder is gone when bubblewrap looks for it.
    let agent = try await fixture.sandbox.start(
      AgentLaunch(
        name: "y",
        program: .python(path: path),
        interpreter: fixture.interpreter,
        hostFile: fixture.hostFile,
        socketPath: "/nowhere/seat-0/agent.sock",
        logDirectory: fixture.folder
      )
    )
    let report = await agent.waitUntilEnd()
    #expect(report.launchFailure?.contains("/nowhere/seat-0") == true, "\(report)")
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func killingTheParentTakesEveryAgentAlong(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    let seats = [0, 1].map { fixture.seats.socketPath(seat: $0) }
    let listeners = try seats.map(Listener.init)
    // A plain process's own children are out of reach, as `unenforced` says.
    let code = choice == .bubblewrap ? Self.family : Self.family.replacing("os.fork() == 0", with: "True")
    let harness = Process()
    harness.executableURL = Self.harness
    harness.arguments = [
      choice.rawValue, fixture.interpreter.executable, fixture.hostFile, "\(fixture.folder)/logs", seats[0],
      try fixture.agent(code), seats[1], try fixture.agent(code),
    ]
    harness.standardOutput = FileHandle.nullDevice
    try harness.run()
    var connections: [Listener.Connection] = []
    for listener in listeners { connections.append(try await listener.accept()) }
    for connection in connections { #expect(try await connection.byte() != nil) }
    kill(harness.processIdentifier, SIGKILL)
    harness.waitUntilExit()
    for connection in connections { #expect(try await connection.byte() == nil) }
    // Clears away the empty control groups.
    _ = try await AgentSandbox(choice)
  }

  /// bubblewrap's own `--die-with-parent` is not in force while it builds the sandbox; see `Trampoline.gate`.
  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func killingTheParentDuringTheStartLeavesNothingEither(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice)
    // A path of its own marks every process that belongs to this test.
    let marker = "\(fixture.folder)/marked-python"
    try FileManager.default.createSymbolicLink(atPath: marker, withDestinationPath: fixture.interpreter.executable)
    let path = try fixture.agent("import signal; signal.pause()")
    for round in 0..<40 {
      let harness = Process()
      let output = Pipe()
      harness.executableURL = Self.harness
      harness.arguments = [
        choice.rawValue, marker, fixture.hostFile, "\(fixture.folder)/logs", fixture.seats.socketPath(seat: 0), path,
      ]
      harness.standardOutput = output
      try harness.run()
      // It says that it has started an agent when that agent's process has only begun to become one.
      var text = Data()
      while !text.contains(Data("started".utf8)) {
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { break }
        text += more
      }
      // Every round meets the start at a later moment.
      let moment = ContinuousClock.now + .microseconds(200 * round)
      while ContinuousClock.now < moment {}
      kill(harness.processIdentifier, SIGKILL)
      harness.waitUntilExit()
      // The next round would clear away what this one left.
      let deadline = ContinuousClock.now + .seconds(30)
      while Self.processes(naming: marker) > 0 && ContinuousClock.now < deadline { await Task.yield() }
      try #require(Self.processes(naming: marker) == 0, "in round \(round)")
    }
    _ = try await AgentSandbox(choice)
  }

  private static func processes(naming marker: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.count { name in
      guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
        return false
      }
      return String(decoding: line, as: UTF8.self).contains(marker)
    }
  }

  @Test(
    .enabled(if: geteuid() == 0 && access("/usr/bin/python3", X_OK) == 0, "needs to be root to become somebody else")
  )
  func anOrdinaryUserGetsTheSandboxToo() async throws {
    let fixture = try await Fixture()
    let path = try fixture.agent(
      """
      import os, signal
      count = 0
      try:
          while True:
              if os.fork() == 0:
                  signal.pause()
              count += 1
      except BlockingIOError:
          pass
      os._exit(count)
      """
    )
    let logs = "\(fixture.folder)/user-logs"
    try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    chmod(logs, 0o777)
    let seat = "\(fixture.folder)/seat"
    try FileManager.default.createDirectory(atPath: seat, withIntermediateDirectories: true)
    let harness = Process()
    let output = Pipe()
    harness.executableURL = URL(filePath: "/usr/bin/setpriv")
    harness.arguments = [
      "--reuid", "12345", "--regid", "12345", "--clear-groups", Self.harness.path, "bwrap", "/usr/bin/python3",
      fixture.hostFile, logs, "\(seat)/agent.sock", path,
    ]
    harness.standardOutput = output
    try harness.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    harness.waitUntilExit()
    #expect(text.contains("unenforced: memory is limited for each process"), "\(text)")
    let count = text.split(separator: "\n").last?.split(separator: " ").last.flatMap { Int($0) }
    #expect((15...20).contains(count ?? -1), "\(text)")
  }

  private static let harness = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "SandboxHarness")
}
