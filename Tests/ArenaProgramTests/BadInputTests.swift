import Foundation
import TestSupport
import Testing

/// Command lines that cannot be carried out: each gets one sentence, status 2, and leaves nothing.
@Suite struct BadInputTests {
  /// A command line, and what its refusal must say.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var says: [String]
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ arguments: [String], _ says: String...) {
      self.arguments = arguments
      self.says = says
    }

    /// A match that is all right but for these options.
    static func option(_ options: [String], _ says: String...) -> Refusal {
      var refusal = Refusal(["match", "pong", "good.py", "builtin:noop"] + options)
      refusal.says = says
      return refusal
    }

    /// A match that is all right but for its first agent.
    static func agent(_ agent: String, _ says: String...) -> Refusal {
      var refusal = Refusal(["match", "pong", agent, "builtin:noop"])
      refusal.says = ["agent 1", "\"\(agent)\""] + says
      return refusal
    }
  }

  static let commands: [Refusal] = [
    Refusal(["match"], "environment"),
    Refusal(["match", "pong"], "agent"),
    Refusal(["play"], "play"),
    Refusal(["match", "pong", "builtin:noop"], "number of agents is 1", "2: pong has 2 seats"),
    Refusal(["match", "pong", "builtin:noop", "good.py", "good.py"], "number of agents is 3", "2: pong has 2 seats"),
    Refusal(["match", "chess", "good.py", "builtin:noop"], "environment is \"chess\"", "must be pong"),
    Refusal(["match", "pogn", "good.py", "builtin:noop"], "environment is \"pogn\"", "did you mean pong?"),
    Refusal(["match", "", "good.py", "builtin:noop"], "environment is empty", "must be pong"),
    Refusal(["agent", "check"], "agent"),
    Refusal(["agent", "check", "good.py"], "--environment"),
    Refusal(["agent", "check", "good.py", "--environment", "chess"], "environment is \"chess\"", "must be pong"),
    Refusal(["agent", "check", "nosuch", "--environment", "pong"], "\"nosuch\"", "does not exist", "agent.py"),
    Refusal(["agent", "check", "builtin:noop", "--environment", "pong"], "\"builtin:noop\"", "an agent of your own"),
    Refusal(["environments", "pong"], "pong"),
  ]

  static let agents: [Refusal] = [
    .agent("nosuch", "does not exist", "a directory with agent.py, main.py or a single .py file"),
    .agent("empty", "is empty", "agent.py"),
    .agent("several", "several .py files", "agent.py"),
    .agent("without", "has no .py file", "agent.py"),
    .agent("notes.txt", "is not a .py file", ".py"),
    .agent("exec:nosuch", "does not exist", "executable"),
    .agent("exec:notes.txt", "is not executable", "executable"),
    .agent("exec:empty", "is a directory", "executable"),
    .agent("exec:", "does not exist", "executable"),
    .agent("builtin:expert", "builtin:random", "builtin:noop"),
    .agent("builtin:", "builtin:random", "builtin:noop"),
    .agent("/dev/null", "neither a file nor a directory"),
    .agent("", "does not exist"),
  ]

  static let options: [Refusal] =
    ["x", "-1", "1.5", "18446744073709551616", ""].map {
      .option(["--seed", $0], "'\($0)'", "--seed", "0…18446744073709551615")
    }
    + ["0", "1001", "x", "1.5"].map { .option(["--games", $0], "'\($0)'", "--games", "1…1000") }
    + ["-1", "1000001", "x"].map { .option(["--max-faults=\($0)"], "'\($0)'", "--max-faults", "0…1000000") }
    + ["5", "s", "2h", "-1s", "1e9s", "nans", "infs"].map {
      .option(["--step-timeout=\($0)"], "'\($0)'", "--step-timeout", "ms, s or m")
    }
    + [
      .option(["--match-timeout", "2 weeks"], "'2 weeks'", "--match-timeout", "ms, s or m"),
      .option(["--time-bank", "much"], "'much'", "--time-bank", "ms, s or m"),
      .option(["--step-timeout", "0s"], "'0s'", "more than 0", "--no-timeouts"),
      .option(["--config", "max_steps"], "\"max_steps\"", "key=value"),
      .option(["--config", "=3"], "\"=3\"", "key=value"),
      .option(["--config", "speed=3"], "--config speed", "max_steps", "ball_speed"),
      .option(["--config", "ball_sped=3"], "--config ball_sped", "did you mean ball_speed?"),
      .option(["--config", "max_steps=many"], "--config max_steps", "\"many\"", "a number"),
      .option(["--config", "max_steps=null"], "--config max_steps", "null", "a number"),
      .option(["--config", "max_steps=true"], "--config max_steps", "true", "a number"),
      .option(["--config", "max_steps=[1]"], "--config max_steps", "an array", "a number"),
      .option(["--config", "max_steps=1", "--config", "max_steps=2"], "--config max_steps", "twice", "once"),
      .option(["--sandbox", "docker"], "'docker'", "'auto', 'bwrap' or 'none'"),
      .option(["--python", "/nosuch/python"], "\"/nosuch/python\"", "Python 3.8 or later"),
      .option(["--python", "nosuchpython"], "\"nosuchpython\"", "not on PATH", "Python 3.8 or later"),
      .option(["--python", "notes.txt"], "\"notes.txt\"", "Python 3.8 or later"),
      .option(["--python", "./other"], "\"./other\"", "does not answer like Python", "Python 3.8 or later"),
      .option(["--python", "./failing"], "\"./failing\"", "does not run: no space left", "Python 3.8 or later"),
      .option(["--replay-dir", "notes.txt/sub"], "--replay-dir", "\"notes.txt/sub\"", "can be written to"),
      .option(["--replay-dir", "notes.txt"], "--replay-dir", "\"notes.txt\"", "can be written to"),
      .option(["--replay-dir", "/proc/nosuch"], "--replay-dir", "\"/proc/nosuch\"", "can be written to"),
      .option(["--replay-dir", ""], "--replay-dir", "\"\"", "can be written to"),
      .option(["--unknown"], "--unknown"),
      .option(["--seed"], "--seed"),
    ]

  @Test(arguments: commands + agents + options)
  func `what cannot be carried out is refused in one sentence and leaves nothing`(refusal: Refusal) async throws {
    let workshop = try Workshop()
    try workshop.write(Workshop.stays, to: "good.py")
    try workshop.write("nothing\n", to: "notes.txt")
    try workshop.write("nothing\n", to: "without/readme.md")
    for file in ["several/one.py", "several/two.py"] { try workshop.write(Workshop.stays, to: file) }
    try workshop.write("#!/bin/sh\necho hello\n", to: "other", executable: true)
    try workshop.write("#!/bin/sh\necho no space left >&2\nexit 3\n", to: "failing", executable: true)
    let empty = workshop.workingDirectory.appending(path: "empty")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    let before = try workshop.files
    try await workshop.run(refusal.arguments).expectRefusal(refusal.says)
    #expect(try workshop.files == before)
  }

  /// What stands in a limits file, and what its refusal must say.
  static let limits: [(text: String, says: [String])] = [
    ("resource_limits:\n  cpu_count: many\n", ["resource_limits.cpu_count", "\"many\"", "a number"]),
    ("resource_limits:\n  cpu_count: 0\n", ["resource_limits.cpu_count", "0", "0.01…1024"]),
    ("resource_limits:\n  memory_limit: 2x\n", ["resource_limits.memory_limit", "\"2x\"", "\"512m\""]),
    ("resource_limits:\n  memory_limit: 1m\n", ["resource_limits.memory_limit", "\"1m\"", "16m"]),
    ("resource_limits:\n  pids_limit: 0\n", ["resource_limits.pids_limit", "0", "1…1000000"]),
    ("resource_limits:\n  pids_limit: 1.5\n", ["resource_limits.pids_limit", "1.5"]),
    ("resource_limits:\n  step_timeout_sec: -1\n", ["resource_limits.step_timeout_sec", "-1"]),
    ("resource_limits:\n  match_timeout_sec: soon\n", ["resource_limits.match_timeout_sec", "\"soon\""]),
    ("resource_limits:\n  init_timeout_sec: 1e9\n", ["resource_limits.init_timeout_sec"]),
    ("resource_limits: 3\n", ["resource_limits"]),
    ("resource_limits: [\n", ["limits.yaml:2: ", "not valid YAML (column 1: "]),
    ("resource_limits:\n\tcpu_count: 1\n", ["limits.yaml:2: ", "not with tabs"]),
    ("resource_limits:\n  pids_limit: 1\n  pids_limit: 2\n", ["limits.yaml:3: ", "pids_limit", "line 2"]),
    ("just a sentence\n", ["limits.yaml:1: ", "it must be sections"]),
    ("resource_limits:\n  cpu_cuont: 1\n", ["limits.yaml:2: ", "did you mean cpu_count?"]),
  ]

  @Test(
    arguments: limits,
    [["match", "pong", "good.py", "builtin:noop"], ["agent", "check", "good.py", "--environment", "pong"]]
  )
  func `a limits file that cannot be used is named with its key`(
    limits: (text: String, says: [String]),
    command: [String]
  ) async throws {
    let workshop = try Workshop()
    try workshop.write(Workshop.stays, to: "good.py")
    let path = try workshop.write(limits.text, to: "limits.yaml")
    let outcome = try await workshop.run(command, environment: ["CONFIG_PATH": path])
    outcome.expectRefusal(["limits.yaml"] + limits.says)
  }

  @Test func `a limits file that is not there is named`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.run(
      ["match", "pong", "builtin:noop", "builtin:noop"],
      environment: ["CONFIG_PATH": "nosuch.yaml"]
    )
    outcome.expectRefusal(["nosuch.yaml", "a readable YAML file"])
  }
}
