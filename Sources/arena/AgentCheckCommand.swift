import ArenaCore
import ArenaSystem
import ArgumentParser
import Environments
import Foundation
import MatchEngine

/// `arena agent check`: plays a short match against a random opponent and tells the author what the arena will see.
struct AgentCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tell whether an agent loads, answers, answers legally, and how fast.",
    discussion: "Exit status: 0 the agent is ready, 1 it is not, 2 the command cannot be carried out as it was given."
  )

  @Argument(help: "A directory, a .py file, or exec:PATH.")
  var agent: String

  @Option(help: "The environment that it is meant for.")
  var environment: String

  @OptionGroup var sandboxOptions: SandboxOptions

  @Flag(help: "Print the findings as JSON.")
  var json = false

  /// Steps in each seat that are enough to see an agent play, where the game has a limit to set.
  private static let steps: Int64 = 200
  /// Long enough to see an agent play; a slow one need not finish.
  private static let patience: Duration = .seconds(30)

  mutating func run() async throws {
    let resources = try LocalConfiguration.resources()
    let game = try EnvironmentRegistry.standard.make(environment, configuration: [:]).spec
    let entrants = try Entrants([agent] + Array(repeating: "builtin:random", count: game.seats - 1))
    guard entrants.needSandbox else {
      throw FieldError(
        field: "agent",
        given: "\"\(agent)\"",
        allowed: "an agent of your own; built-in ones need no check"
      )
    }
    var configuration: [String: JSONValue] = [:]
    if game.configuration["max_steps"] != nil { configuration["max_steps"] = .integer(Self.steps) }
    var budgets = resources.limits
    budgets.matchTimeout = min(budgets.matchTimeout ?? Self.patience, Self.patience)
    let spec = try MatchSpec(
      matchID: "check",
      environment: environment,
      environmentConfiguration: configuration,
      agents: entrants.specs,
      limits: budgets,
      policy: FaultPolicy(maxFaults: 0),
      games: game.seats,
      recordReplay: false
    )
    let folder = FileManager.default.temporaryDirectory.appending(path: "rl-arena-check-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = LocalMatchRun(
      spec: spec,
      entrants: entrants,
      options: sandboxOptions,
      resources: resources,
      logDirectory: folder,
      replayPath: nil
    )
    let outcome = try await run.play()
    let findings = AgentFindings(outcome.result, stepTimeout: resources.limits.stepTimeout)
    OutputStream.standardOutput((json ? findings.json : findings.text) + "\n")
    if !findings.isReady { throw ExitCode(ArenaCommand.failed) }
  }
}
