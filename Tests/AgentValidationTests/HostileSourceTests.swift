import AgentSandbox
import AgentValidation
import Foundation
import Glibc
import TestSupport
import Testing

/// Source made to do harm to whoever reads it.
///
/// One after the other: what keeps a processor busy for seconds is not to do so to the tests of deadlines beside it.
@Suite(.serialized) struct HostileSourceTests {
  private static let plays = ValidationFixture.plays

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `nothing in an archive is run`(sandbox: SandboxChoice) async throws {
    let fixture = try await ValidationFixture(sandbox: sandbox)
    let marker = fixture.folder.appending(path: "marker").path
    let code = "open('\(marker)', 'w').write('x')\n" + Self.plays
    // Names that Python looks for by itself, or that the reader imports.
    let names = [
      "agent", "json", "ast", "sitecustomize", "usercustomize", "encodings/__init__", "threading", "conftest",
    ]
    let report = try await fixture.validate(Dictionary(uniqueKeysWithValues: names.map { ("\($0).py", code) }))
    #expect(report.errors == [])
    #expect(!FileManager.default.fileExists(atPath: marker))
    #expect(fixture.leftovers == [])
  }

  /// By name, so that a test's log shows no megabytes.
  static let bombs: [String: String] = [
    "parentheses": "x = " + String(repeating: "(", count: 1 << 20),
    "minus signs": "x = " + String(repeating: "-", count: 1 << 20) + "1",
    "negations": "x = " + String(repeating: "not ", count: 1 << 18) + "1",
    "attributes": "x = a" + String(repeating: ".a", count: 1 << 19),
    "sums": "x = 1" + String(repeating: "+1", count: 1 << 19),
    "calls": "x = f" + String(repeating: "()", count: 1 << 19),
    "subscripts": "x = f" + String(repeating: "[0]", count: 1 << 18),
    "lambdas": "x = " + String(repeating: "lambda: ", count: 1 << 17) + "1",
    "conditions": "x = " + String(repeating: "1 if 1 else ", count: 1 << 16) + "1",
  ]

  @Test(arguments: bombs.keys.sorted())
  func `a megabyte of nesting is an error and no crash`(name: String) async throws {
    let source = try #require(Self.bombs[name])
    let report = try await ValidationFixture().validate(["agent.py": source + "\n" + Self.plays])
    #expect(report.errors.count == 1, "\(report)")
    #expect(report.errors.first?.hasPrefix("agent.py:") == true, "\(report)")
  }

  @Test func `long literals and many files are read`() async throws {
    let fixture = try await ValidationFixture()
    let literal = "x = '" + String(repeating: "a", count: 10_000_000) + "'\nimport subprocess\n" + Self.plays
    #expect(
      try await fixture.validate(["agent.py": literal]).errors == ["agent.py:2: imports subprocess, which is forbidden"]
    )
    var files = Dictionary(uniqueKeysWithValues: (0..<998).map { ("pkg/m\($0).py", "import os\nos.system('\($0)')\n") })
    files["agent.py"] = Self.plays
    let report = try await fixture.validate(files)
    #expect(report.errors.count == 101)
    #expect(report.errors.first == "pkg/m0.py:2: uses os.system, which is forbidden")
    #expect(report.errors.last == "and 898 more")
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `memory is limited`(sandbox: SandboxChoice) async throws {
    let fixture = try await ValidationFixture(limits: AnalysisLimits(memoryBytes: 400 << 20), sandbox: sandbox)
    let source = "x = [" + String(repeating: "a,", count: 4 << 20) + "]\n" + Self.plays
    let report = try await fixture.validate(["agent.py": source])
    #expect(report.errors.count == 1)
    let text = report.errors.first ?? ""
    #expect(
      text == "agent.py: reading it takes more than 400 MiB of memory"
        || text == "agent.py:1: it is nested too deeply, or too large, for Python to read it"
    )
  }

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `time is limited, by the processor and by the clock`(sandbox: SandboxChoice) async throws {
    let source = "x = [" + String(repeating: "a,", count: 4 << 20) + "]\n" + Self.plays
    let busy = try await ValidationFixture(limits: AnalysisLimits(processorSeconds: 1), sandbox: sandbox)
    #expect(
      try await busy.validate(["agent.py": source]).errors == [
        "agent.py: reading it takes more than 1 s of processor time"
      ]
    )
    let slow = try await ValidationFixture(limits: AnalysisLimits(time: .milliseconds(50)), sandbox: sandbox)
    let report = try await slow.validate(["agent.py": source])
    #expect(report.errors == ["reading it takes more than 0.05 s"])
    #expect(slow.leftovers == [])
  }

  @Test func `twenty at once get their own answers`() async throws {
    let fixture = try await ValidationFixture()
    let reports = try await withThrowingTaskGroup(of: (Int, ValidationReport).self) { group in
      for number in 0..<20 {
        group.addTask {
          let source = String(repeating: "x = 1\n", count: number) + "eval('1')\n" + Self.plays
          let zip = HandmadeZip(HandmadeZip.Entry("agent.py", source)).bytes
          return (number, try await fixture.validator.validate(zip: zip, environment: "pong"))
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(reports.count == 20)
    for (number, report) in reports {
      #expect(report.errors == ["agent.py:\(number + 1): uses eval, which is forbidden"])
    }
    #expect(fixture.leftovers == [])
  }

  @Test func `a cancelled validation leaves nothing behind`() async throws {
    let fixture = try await ValidationFixture()
    let source = "x = [" + String(repeating: "a,", count: 4 << 20) + "]\n" + Self.plays
    let task = Task { try await fixture.validate(["agent.py": source]) }
    while fixture.leftovers.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(fixture.leftovers == [])
  }
}
