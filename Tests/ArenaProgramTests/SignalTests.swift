import ArenaCore
import Foundation
import TestSupport
import Testing

/// Signals to `arena` in mid-match.
@Suite struct SignalTests {
  /// Starts a match that goes on for long, with agents by names that no other process has, and waits until it is played.
  private static func begin(_ workshop: Workshop, _ options: [String] = []) async throws -> (
    ChildProcess, names: [String]
  ) {
    let names = ["agent-\(UUID().uuidString)", "agent-\(UUID().uuidString)"]
    let source = """
      import os, sys, time
      if os.fork() == 0:
          while True:
              time.sleep(100)
      steps = 0
      def get_action(observation):
          global steps
          steps += 1
          if steps == 100:
              print("playing")
          time.sleep(0.001)
          return 1
      """
    let agents = try names.map { try workshop.agent(source, $0) }
    let process = try workshop.start(
      ["match", "pong"] + agents + ["--config", "max_steps=1000000", "--config", "winning_score=1000000"] + options
    )
    let isPlaying = try await Workshop.eventually {
      let logs = try workshop.files.filter { $0.hasSuffix(".stdout.log") }
      return try logs.count == 2
        && logs.allSatisfy {
          try String(contentsOf: workshop.workingDirectory.appending(path: $0), encoding: .utf8) == "playing\n"
        }
    }
    #expect(isPlaying, "\(process.standardError)")
    for name in names { #expect(!Workshop.processes(mentioning: name).isEmpty) }
    return (process, names)
  }

  @Test(arguments: [[], ["--sandbox", "none"]])
  func `a kill takes every agent along, and the next run cleans up`(options: [String]) async throws {
    try await MatchSlots.shared.run {
      let workshop = try Workshop()
      let (process, names) = try await Self.begin(workshop, options)
      process.send(SIGKILL)
      #expect(await process.end(within: 30) == .signal(SIGKILL))
      for name in names {
        let isGone = await Workshop.eventually {
          // Without a sandbox only the agent itself can be taken along, which the output says.
          let left = Workshop.processes(mentioning: name)
          if !options.isEmpty { for process in left where Self.parent(of: process) == 1 { kill(process, SIGKILL) } }
          return left.isEmpty
        }
        #expect(isGone)
      }
      let arguments = ["match", "pong", try workshop.agent(Workshop.stays), "builtin:noop", "--config", "max_steps=1"]
      let next = try await workshop.finish(try workshop.start(arguments))
      #expect(next.status == 0)
    }
  }

  private static func parent(of process: pid_t) -> pid_t? {
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let name = stat.range(of: ") ", options: .backwards)
    else { return nil }
    return stat[name.upperBound...].split(separator: " ").dropFirst().first.flatMap { pid_t($0) }
  }

  @Test(arguments: [SIGINT, SIGTERM], [true, false])
  func `a match that is interrupted is cancelled, with status 1 and a replay that can be read`(
    signal: Int32,
    json: Bool
  ) async throws {
    try await MatchSlots.shared.run {
      let workshop = try Workshop()
      let (process, names) = try await Self.begin(workshop, json ? ["--json"] : [])
      process.send(signal)
      let outcome = try await workshop.finish(process, within: 20)
      #expect(outcome.status == 1)
      #expect(outcome.standardError == "")
      let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
      let steps: Int
      if json {
        let result = try outcome.result
        #expect(result.status == .cancelled)
        #expect(result.winnerAgentID == nil)
        #expect(result.errorMessage?.contains(name) == true)
        steps = result.totalSteps
      } else {
        #expect(outcome.standardOutput.contains("\ncancelled: "))
        #expect(outcome.standardOutput.contains(name))
        steps = 100
      }
      let replay = try await ReplayContents.read(try workshop.file(endingIn: ".mcap"))
      #expect(replay.isComplete)
      #expect(replay.frames.count >= steps - 1)
      #expect(steps >= 99)
      for name in names { #expect(await Workshop.eventually { Workshop.processes(mentioning: name).isEmpty }) }
    }
  }

  @Test func `a match is cancelled while its agents load, too`() async throws {
    try await MatchSlots.shared.run {
      let workshop = try Workshop()
      let agent = try workshop.agent("import time\nprint('loading')\ntime.sleep(100)\n" + Workshop.stays)
      let process = try workshop.start(["match", "pong", agent, "builtin:noop"])
      let isLoading = try await Workshop.eventually {
        try workshop.files.contains { $0.hasSuffix(".stdout.log") }
          && workshop.text(endingIn: ".stdout.log") == "loading\n"
      }
      #expect(isLoading)
      process.send(SIGINT)
      let outcome = try await workshop.finish(process, within: 20)
      #expect(outcome.status == 1)
      #expect(outcome.standardOutput.contains("\ncancelled: "))
    }
  }
}
