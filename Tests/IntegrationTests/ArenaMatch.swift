import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// One match: an orchestrator, its agents and a folder of their own under /tmp, where a socket's path is short.
final class ArenaMatch: Sendable {
  /// The orchestrator that was built with these tests.
  static let orchestratorPath: String = {
    let tests =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "orchestrator").path
  }()

  /// The command-line program that was built with these tests.
  static let arenaPath = URL(filePath: orchestratorPath).deletingLastPathComponent().appending(path: "arena").path

  private static let bots = TestPython.packageRoot.appending(path: "Tests/IntegrationTests/Bots/bot.py").path
  private static let host = TestPython.packageRoot.appending(path: "sdk/python/rl_arena_agent.py").path

  let folder: URL
  let orchestrator: ChildProcess
  let agents: [ChildProcess?]

  /// Plays a match to its end and checks that nothing is left of it.
  static func play(
    _ agents: [Agent],
    _ configuration: [String: JSONValue] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> MatchOutcome {
    try await MatchSlots.shared.run {
      try await ArenaMatch(agents, configuration).finish(sourceLocation: sourceLocation)
    }
  }

  /// Starts the orchestrator with `configuration` over the defaults of these tests, and the agents, all at once.
  ///
  /// - Parameters:
  ///   - wrapper: the command that starts the orchestrator: a program and its arguments, before the orchestrator's own.
  ///   - prepare: called with the match's folder before anything is started.
  init(
    _ agents: [Agent],
    _ configuration: [String: JSONValue] = [:],
    names: [String] = ["left", "right"],
    messageBytes: Int = 2048,
    wrapper: (URL) -> [String] = { _ in [] },
    prepare: (URL) throws -> Void = { _ in }
  ) throws {
    let folder = try Self.makeFolder()
    self.folder = folder
    var entries: [JSONValue] = []
    for (index, agent) in agents.enumerated() {
      try FileManager.default.createDirectory(at: folder.appending(path: "\(index)"), withIntermediateDirectories: true)
      var entry: [String: JSONValue] = ["agent_id": .string(names[index])]
      if case .builtIn(let name) = agent { entry["builtin"] = .string(name) }
      entry["socket"] = .string(Self.socket(index, in: folder))
      entries.append(.object(entry))
    }
    let defaults: [String: JSONValue] = [
      "match_id": .string("match"), "environment": .string("pong"), "agents": .array(entries), "seed": .integer(7),
      "environment_config": .object(["max_steps": .integer(12)]), "startup_timeout_sec": .integer(30),
      "step_timeout_sec": .integer(20), "timeout_sec": .integer(60),
      "replay": .object(["dir": .string(folder.appending(path: "replay").path)]),
      "termination_message": .object([
        "path": .string(folder.appending(path: "message").path), "bytes": .integer(Int64(messageBytes)),
      ]),
    ]
    try FileManager.default.createDirectory(
      at: folder.appending(path: "replay/replays"),
      withIntermediateDirectories: true
    )
    let config = folder.appending(path: "config.json")
    try JSONEncoder().encode(Self.merged(defaults, configuration)).write(to: config)
    try prepare(folder)
    orchestrator = try Self.startOrchestrator(config: config.path, in: folder, wrapper: wrapper(folder))
    self.agents = try agents.enumerated().map { try Self.start($1, $0, in: folder) }
  }

  /// Starts the orchestrator with a configuration that is not this type's.
  init(configurationText: String?) throws {
    folder = try Self.makeFolder()
    let config = folder.appending(path: "config.json")
    try configurationText.map { try Data($0.utf8).write(to: config) }
    orchestrator = try Self.startOrchestrator(config: config.path, in: folder)
    agents = []
  }

  deinit {
    for process in agents + [orchestrator] { process?.killGroup() }
    try? FileManager.default.removeItem(at: folder)
  }

  private static func makeFolder() throws -> URL {
    var template = Array("/tmp/arena-match-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ChildProcess.Failure(description: "no folder: \(errno)") }
    return URL(filePath: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// What is set, over the defaults; how the replay is written, member by member.
  private static func merged(_ defaults: [String: JSONValue], _ set: [String: JSONValue]) -> [String: JSONValue] {
    var merged = defaults.merging(set) { $1 }
    if case .object(let old) = defaults["replay"], case .object(let new) = set["replay"] {
      merged["replay"] = .object(old.merging(new) { $1 })
    }
    return merged
  }

  private static func socket(_ index: Int, in folder: URL) -> String {
    folder.appending(path: "\(index)/agent.sock").path
  }

  private static func startOrchestrator(config: String, in folder: URL, wrapper: [String] = []) throws -> ChildProcess {
    let command = wrapper + [orchestratorPath, "--config", config]
    return try ChildProcess(command[0], Array(command.dropFirst()), folder: folder, name: "orchestrator")
  }

  private static func start(_ agent: Agent, _ index: Int, in folder: URL) throws -> ChildProcess? {
    let python = TestPython.executable.path
    switch agent {
    case .builtIn, .absent: return nil
    case .bot(let behaviour):
      // Without the packages of the environment, which take longer to find than the bot takes to play.
      let arguments = ["-I", "-S", bots, socket(index, in: folder), behaviour]
      return try ChildProcess(python, arguments, folder: folder, name: "agent\(index)")
    case .python(let source):
      let file = folder.appending(path: "agent\(index).py")
      try Data(source.utf8).write(to: file)
      let environment = ["RL_ARENA_SOCKET": socket(index, in: folder), "PYTHONDONTWRITEBYTECODE": "1"]
      return try ChildProcess(
        python,
        [host, file.path],
        environment: environment,
        folder: folder,
        name: "agent\(index)"
      )
    }
  }

  /// Whether the orchestrator listens, as its log says.
  var isWaitingForAgents: Bool { orchestrator.standardError.contains("waiting for agents") }

  /// Whether every agent that has a process has connected: its socket is then gone from the folder.
  var haveAgentsConnected: Bool {
    agents.indices.allSatisfy { agents[$0] == nil || access(Self.socket($0, in: folder), F_OK) != 0 }
  }

  /// Waits for the end of all processes, and checks that none of them, and no socket, is left behind.
  func finish(within seconds: Double = 90, sourceLocation: SourceLocation = #_sourceLocation) async throws
    -> MatchOutcome
  {
    let ending = await orchestrator.end(within: seconds)
    #expect(ending != nil, "the orchestrator did not end", sourceLocation: sourceLocation)
    var outcomes: [MatchOutcome.AgentOutcome] = []
    for agent in agents {
      var outcome = MatchOutcome.AgentOutcome()
      if let agent {
        outcome.ending = await agent.end(within: 30)
        #expect(outcome.ending != nil, "an agent had to be killed", sourceLocation: sourceLocation)
        outcome.standardOutput = agent.standardOutput
        outcome.standardError = agent.standardError
        let isAlone = await eventually { agent.survivors.isEmpty }
        #expect(isAlone, "a child of an agent lives on", sourceLocation: sourceLocation)
      }
      outcomes.append(outcome)
    }
    if ending != .signal(SIGKILL) {
      for index in agents.indices {
        let isThere = access(Self.socket(index, in: folder), F_OK) == 0
        #expect(!isThere, "socket \(index) is left", sourceLocation: sourceLocation)
      }
    }
    return MatchOutcome(
      ending: ending,
      standardOutput: orchestrator.standardOutput,
      log: try logLines(sourceLocation),
      terminationMessage: try? Data(contentsOf: folder.appending(path: "message")),
      agents: outcomes,
      replayFolder: folder.appending(path: "replay/replays"),
      match: self
    )
  }

  private func logLines(_ sourceLocation: SourceLocation) throws -> [[String: JSONValue]] {
    try orchestrator.standardError.split(separator: "\n").map { line in
      let record = try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
      for key in ["time", "level", "message"] {
        #expect(record[key] != nil, "a log line lacks \(key): \(line)", sourceLocation: sourceLocation)
      }
      return record
    }
  }

  /// Asks again and again, for at most half a minute, whether something has come true.
  func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
      if try await condition() { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }
}
