import ArenaCore
import Foundation
import TestSupport
import Testing

/// Machines without bubblewrap.
@Suite struct FallbackTests {
  /// A `PATH` with what every machine has, and no bubblewrap.
  private static func path(_ workshop: Workshop) throws -> String {
    let folder = workshop.folder.appending(path: "bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in ["env", "prlimit", "setpriv"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: name).path,
        withDestinationPath: "/usr/bin/\(name)"
      )
    }
    return folder.path
  }

  @Test func `the match is played without it, and the output says so`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.run(
      [
        "match", "pong", try workshop.agent(Workshop.stays), "builtin:noop", "--config", "max_steps=5", "--python",
        TestPython.executable.path,
      ],
      environment: ["PATH": try Self.path(workshop)]
    )
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput.contains("\nsandbox  agents run as plain processes that see this machine"))
    #expect(outcome.standardOutput.contains("bubblewrap (bwrap) is not on PATH"))
  }

  @Test func `where it was asked for, the match is not played`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.run(
      [
        "match", "pong", try workshop.agent(Workshop.stays), "builtin:noop", "--sandbox", "bwrap", "--python",
        TestPython.executable.path,
      ],
      environment: ["PATH": try Self.path(workshop)]
    )
    #expect(outcome.status == 1)
    #expect(outcome.standardOutput == "")
    #expect(outcome.standardError == "Error: the sandbox cannot be used: bubblewrap (bwrap) is not on PATH\n")
    #expect(try workshop.files == ["player.py"])
  }

  @Test func `without any Python the refusal says how to name one`() async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent(Workshop.stays)
    let outcome = try await workshop.run(
      ["match", "pong", agent, "builtin:noop"],
      environment: ["PATH": try Self.path(workshop)]
    )
    outcome.expectRefusal(["\"python3\"", "not on PATH", "Python 3.8 or later", "--python"])
  }

  @Test func `built-in agents need neither`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.run(
      ["match", "pong", "builtin:noop", "builtin:random", "--no-replay", "--config", "max_steps=5"],
      environment: ["PATH": try Self.path(workshop)]
    )
    #expect(outcome.status == 0)
    #expect(!outcome.standardOutput.contains("sandbox"))
  }
}
