import AgentSandbox
import ArenaCore
import Foundation
import Testing

@Suite struct AgentProgramTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "program-test-\(UUID().uuidString)").path

  private func make(_ files: [String]) throws {
    for file in files {
      let path = "\(folder)/\(file)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true
      )
      try Data().write(to: URL(filePath: path))
    }
    try FileManager.default.createDirectory(atPath: "\(folder)/empty", withIntermediateDirectories: true)
  }

  @Test(arguments: ["a", "b", "c", "d/any name.py"])
  func whatTheHostLoadsIsAccepted(path: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make(["a/agent.py", "a/other.py", "b/main.py", "b/other.py", "c/only.py", "c/__init__.py", "d/any name.py"])
    #expect(try AgentProgram(argument: "\(folder)/\(path)") == .python(path: "\(folder)/\(path)"))
  }

  @Test(arguments: [
    ("missing", "which does not exist"), ("notes.txt", "which is not a .py file"), ("empty", "which is empty"),
    ("text", "which has no .py file"), ("many", "which has several .py files and neither agent.py nor main.py"),
  ])
  func whatCannotBeLoadedIsRefusedInOneSentence(path: String, reason: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try make(["notes.txt", "text/readme.md", "many/a.py", "many/b.py"])
    #expect {
      try AgentProgram(argument: "\(folder)/\(path)", field: "agents[1]")
    } throws: { "\($0)".hasPrefix("agents[1] is \"\(folder)/\(path)\", \(reason)") }
  }

  @Test(arguments: [
    ("/nowhere", "which does not exist"), ("/usr", "which is a directory"), ("/etc/passwd", "which is not executable"),
  ])
  func aProgramMustBeExecutable(path: String, reason: String) {
    #expect {
      try AgentProgram(argument: "exec:\(path)")
    } throws: { "\($0)" == "agent is \"exec:\(path)\", \(reason); it must be exec: and the path of an executable file" }
  }

  @Test func limitsAreChecked() {
    #expect(throws: FieldError(field: "max_processes", given: "", allowed: "")) {
      try SandboxLimits(maxProcesses: 0).validate()
    }
    #expect(throws: FieldError(field: "cpu_count", given: "", allowed: "")) {
      try SandboxLimits(cpuCount: .nan).validate()
    }
  }
}
