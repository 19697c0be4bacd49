import AgentSandbox
import Foundation
import Testing

/// What happens when agents take more than they may have.
@Suite struct LimitTests {
  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func runningOutOfMemoryIsReportedAsSuch(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(choice, limits: SandboxLimits(memoryBytes: 64 << 20))
    let (_, report) = try await fixture.run("data = b'x' * (512 << 20)")
    if fixture.sandbox.unenforced.contains(where: { $0.hasPrefix("memory") }) {
      #expect(report.logTail.contains("MemoryError"))
    } else {
      #expect(report.ranOutOfMemory)
      #expect(report.signal == SIGKILL)
      #expect(report.ending == "was killed: out of memory")
      #expect((report.peakMemoryBytes ?? 0) > 32 << 20)
    }
  }

  @Test func memoryInTmpCountsToo() async throws {
    let fixture = try await Fixture(limits: SandboxLimits(memoryBytes: 64 << 20, tmpBytes: 1 << 30))
    guard !fixture.sandbox.unenforced.contains(where: { $0.hasPrefix("memory") }) else { return }
    let (_, report) = try await fixture.run(
      "with open('/tmp/x', 'wb') as f:\n    for _ in range(200): f.write(bytes(1 << 20))"
    )
    #expect(report.ranOutOfMemory)
  }

  @Test func aForkBombStopsAtTheLimitAndHurtsNobodyElse() async throws {
    let fixture = try await Fixture(limits: SandboxLimits(memoryBytes: 256 << 20, maxProcesses: 20))
    let listener = try Listener(path: fixture.seats.socketPath(seat: 1))
    let calm = try await fixture.start(
      .python(
        path: try fixture.agent(
          """
          import os, socket, subprocess
          connection = socket.socket(socket.AF_UNIX)
          connection.connect(os.environ["RL_ARENA_SOCKET"])
          connection.send(b"1")
          connection.recv(1)
          subprocess.run(["true"], check=True)
          connection.send(b"2")
          """
        )
      ),
      seat: 1
    )
    let connection = try await listener.accept()
    #expect(try await connection.byte() == UInt8(ascii: "1"))
    let bomb = try await fixture.start(
      .python(
        path: try fixture.agent(
          """
          import os, signal, sys
          count = 0
          while True:
              try:
                  if os.fork() == 0:
                      signal.pause()
                  count += 1
              except BlockingIOError:
                  break
          print(count)
          os._exit(0)
          """
        )
      )
    )
    let report = await bomb.waitUntilEnd()
    let count = Int(
      try String(contentsOfFile: bomb.standardOutputLog, encoding: .utf8).trimmingCharacters(
        in: .whitespacesAndNewlines
      )
    )
    #expect(report.exitStatus == 0, "\(report)")
    #expect((15...22).contains(count ?? -1))
    try connection.send()
    #expect(try await connection.byte() == UInt8(ascii: "2"))
    #expect(await calm.waitUntilEnd().exitStatus == 0)
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func filesStopAtTheirLargestSize(choice: SandboxChoice) async throws {
    let fixture = try await Fixture(
      choice,
      limits: SandboxLimits(memoryBytes: 256 << 20, fileSizeBytes: 1 << 20, tmpBytes: 64 << 20)
    )
    let (output, report) = try await fixture.run(
      """
      import tempfile
      with tempfile.TemporaryFile() as file:
          try:
              file.write(bytes(4 << 20))
              file.flush()
          except OSError as error:
              print(error.strerror)
              file = open("/dev/null")
      """
    )
    #expect(output.hasPrefix("File too large"), "\(report)")
  }

  @Test func aFloodOfOutputIsDrainedAndCut() async throws {
    let limits = SandboxLimits(memoryBytes: 256 << 20, logBytes: 10_000)
    let fixture = try await Fixture(limits: limits)
    let agent = try await fixture.start(
      .python(
        path: try fixture.agent(
          """
          import sys
          for _ in range(64):
              sys.stdout.write("x" * (1 << 20))
              sys.stderr.write("y" * (1 << 20))
          sys.stderr.write("the end")
          """
        )
      )
    )
    let report = await agent.waitUntilEnd()
    #expect(report.exitStatus == 0)
    let note = "\n[rl-arena: \((64 << 20) - 10_000) more bytes were dropped]\n"
    let output = try String(contentsOfFile: agent.standardOutputLog, encoding: .utf8)
    #expect(output.utf8.count == 10_000 + note.utf8.count)
    #expect(output.hasSuffix(note))
    #expect(report.logTail.hasSuffix("ythe end"))
    #expect(report.logTail.utf8.count == 4096)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/sys/fs/cgroup"), "no control groups here"))
  func processorTimeIsCounted() async throws {
    let fixture = try await Fixture()
    let (_, report) = try await fixture.run("sum(range(10**6))")
    #expect(report.cpuTime.map { $0 > .milliseconds(5) } ?? true)
  }
}
