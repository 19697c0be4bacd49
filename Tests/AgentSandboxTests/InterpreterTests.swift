import AgentSandbox
import Foundation
import TestSupport
import Testing

@Suite struct InterpreterTests {
  private static let question = "import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix]))"

  private func runs(_ fixture: Fixture) async throws -> [String] {
    let (output, report) = try await fixture.run(Self.question)
    #expect(report.exitStatus == 0, "\(report)")
    return try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String] ?? []
  }

  @Test func aVirtualEnvironmentUnderTmpWorksWithItsBaseElsewhere() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "venv-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let base = try await PythonInterpreter.discover()
    let process = try Process.run(
      URL(filePath: base.executable),
      arguments: ["-m", "venv", "--without-pip", "\(folder)/venv"]
    )
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let fixture = try await Fixture(python: "\(folder)/venv/bin/python3")
    let answer = try await runs(fixture)
    #expect(answer.count == 3 && answer[1] == "\(folder)/venv")
    #expect(answer.count == 3 && base.prefixes.contains(answer[2]))
  }

  @Test func linksOnTheWayToTheInterpreterWorkInside() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "link-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let base = try await PythonInterpreter.discover()
    let manager = FileManager.default
    try manager.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: "\(folder)/bin/second", withDestinationPath: base.executable)
    try manager.createSymbolicLink(atPath: "\(folder)/bin/first", withDestinationPath: "second")
    try manager.createSymbolicLink(atPath: "\(folder)/here", withDestinationPath: "bin")
    let answer = try await runs(Fixture(python: "\(folder)/here/first"))
    #expect(answer.first == "\(folder)/here/first")
  }

  @Test func theTestsOwnEnvironmentWorksWithItsPackages() async throws {
    let fixture = try await Fixture(python: TestPython.executable.path)
    #expect(fixture.interpreter.hasNumPy)
    let (output, report) = try await fixture.run("import numpy; print(int(numpy.arange(4).sum()))")
    #expect(report.exitStatus == 0, "\(report)")
    #expect(output == "6\n")
  }

  @Test(arguments: [
    ("/nowhere/python3", "not an executable file"), ("no-such-python", "not on PATH"),
    ("/bin/true", "does not answer like Python"), ("/bin/false", "does not run"),
  ])
  func whatIsNoPythonIsRefusedInOneSentence(path: String, reason: String) async throws {
    await #expect {
      try await PythonInterpreter.discover(override: path)
    } throws: { error in
      "\(error)".contains(reason) && "\(error)".hasPrefix("python is \"\(path)\"") && !"\(error)".contains("\n")
    }
  }

  @Test func anOldPythonIsRefused() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "old-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "#!/bin/sh\nprintf '%s\\n' rl-arena 3.7.17 /usr/bin/python3 0 /usr /usr /usr /usr\n".write(
      toFile: path,
      atomically: true,
      encoding: .utf8
    )
    chmod(path, 0o755)
    await #expect {
      try await PythonInterpreter.discover(override: path)
    } throws: { "\($0)".contains("which is Python 3.7.17; it must be the path of a Python 3.8 or later") }
  }
}
