import ArenaConfiguration
import ArenaCore
import ArenaSystem
import ArgumentParser
import Environments
import Foundation
import MatchEngine

/// `arena match`: plays one match and says what came of it.
struct MatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Play a match between agents on this machine.",
    discussion: """
      An AGENT is a directory or .py file written for RL Arena, exec:PATH for a program that speaks the agent
      protocol, or builtin:random or builtin:noop. Durations are written like 500ms, 5s or 2m.
      Exit status: 0 played, 1 the match failed, 2 the command cannot be carried out as it was given.
      """
  )

  @Argument(help: "The environment, such as pong. `arena environments` lists them.")
  var environment: String

  @Argument(help: ArgumentHelp("The agents, one for each seat.", valueName: "agent"))
  var agents: [String]

  @Option(
    parsing: .unconditional,
    help: "Everything random in the match follows from this number, 0 to 2^64 - 1. (default: drawn and reported)",
    transform: NumberArgument.parseSeed
  )
  var seed: UInt64?

  @Option(help: "Number of games; the agents rotate through the seats.", transform: NumberArgument.parseGames)
  var games = 1

  @Option(
    help: "Time for one answer. (default: as in config/limits.yaml, else 5s)",
    transform: DurationArgument.parseLimit
  )
  var stepTimeout: Duration?

  @Option(
    help: "Extra time per agent and game for answers beyond the step timeout. (default: 0s)",
    transform: DurationArgument.parse
  )
  var timeBank: Duration?

  @Option(
    help: "Time for the whole match. (default: as in config/limits.yaml, else 300s)",
    transform: DurationArgument.parseLimit
  )
  var matchTimeout: Duration?

  @Option(
    help: "Faults of an agent in one game that are more than this forfeit; 0 for no limit.",
    transform: NumberArgument.parseFaults
  )
  var maxFaults = 10

  @Option(help: ArgumentHelp("A setting of the environment; may be repeated.", valueName: "key=value"))
  var config: [String] = []

  @Option(help: "Folder for the replay and the agents' logs.")
  var replayDir = "replays"

  @Flag(help: "Write no replay.")
  var noReplay = false

  @OptionGroup var delivery: MatchDelivery

  @OptionGroup var sandboxOptions: SandboxOptions

  @Flag(help: "No time limits, for debugging an agent.")
  var noTimeouts = false

  @Flag(help: "Print the result as JSON, and nothing else.")
  var json = false

  mutating func run() async throws {
    let target = try delivery.target(isRecorded: !noReplay)
    let resources = try LocalConfiguration.resources()
    let entrants = try Entrants(agents)
    let matchID = Self.newMatchID()
    let spec = try matchSpec(matchID: matchID, entrants: entrants, resources: resources)
    let logDirectory = "\(replayDir)/\(matchID).logs"
    let run = LocalMatchRun(
      spec: spec,
      entrants: entrants,
      options: sandboxOptions,
      resources: resources,
      logDirectory: logDirectory,
      replayPath: noReplay ? nil : "\(replayDir)/\(matchID).mcap"
    )
    var bar: ProgressBar?
    var outcome: LocalMatchRun.Outcome
    do {
      outcome = try await run.play { progress, mostSteps throws(FieldError) in
        if !noReplay || entrants.needSandbox { try Self.makeFolder(replayDir) }
        if !json { bar = ProgressBar.start(progress, agents: spec.agents.map(\.agentID), mostSteps: mostSteps) }
      }
    } catch let error as FieldError {
      throw Self.inTermsOfOptions(error)
    }
    bar?.stop()
    if let target { await delivery.deliver(&outcome.result, to: target) }
    let text =
      json
      ? ResultMessage.whole(outcome.result)
      : MatchReport(outcome: outcome, logDirectory: entrants.needSandbox ? logDirectory : nil).text
    OutputStream.standardOutput(text + "\n")
    switch outcome.result.status {
    case .success, .timeout: break
    case .error, .cancelled: throw ExitCode(ArenaCommand.failed)
    }
  }

  private func matchSpec(
    matchID: String,
    entrants: Entrants,
    resources: MatchResources
  ) throws(FieldError) -> MatchSpec {
    var budgets = resources.limits
    if let stepTimeout { budgets.stepTimeout = stepTimeout }
    if let timeBank { budgets.timeBank = timeBank }
    if let matchTimeout { budgets.matchTimeout = matchTimeout }
    if noTimeouts {
      budgets.stepTimeout = nil
      budgets.matchTimeout = nil
      budgets.startupTimeout = .seconds(Int(MatchSpec.maximumSeconds))
    }
    let arguments = try ConfigurationArguments.read(config)
    let settings: [String: JSONValue]
    do throws(FieldError) {
      settings = try EnvironmentRegistry.standard.configuration(
        of: environment,
        arguments,
        mostSteps: resources.maxStepsPerMatch
      ).settings
    } catch {
      throw Self.inTermsOfOptions(error)
    }
    return try MatchSpec(
      matchID: matchID,
      environment: environment,
      environmentConfiguration: settings,
      agents: entrants.specs,
      limits: budgets,
      policy: FaultPolicy(maxFaults: maxFaults),
      seed: seed ?? MatchSeed.drawn().value,
      games: games,
      recordReplay: !noReplay
    )
  }

  /// The same error about the option that the user wrote, where it is about a field of the match.
  private static func inTermsOfOptions(_ error: FieldError) -> FieldError {
    let settings = "environment_config."
    guard error.field.hasPrefix(settings) else { return error }
    let option = "--config \(error.field.dropFirst(settings.count))"
    return FieldError(field: option, given: error.given, allowed: error.allowed)
  }

  /// A name for the match by the time of day; two in the same second differ in their last part.
  private static func newMatchID() -> String {
    let style = Date.VerbatimFormatStyle(
      format:
        "\(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)-\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\(second: .twoDigits)",
      timeZone: .gmt,
      calendar: Calendar(identifier: .gregorian)
    )
    let suffix = String(UInt16.random(in: .min ... .max), radix: 16)
    return "match-\(Date.now.formatted(style))-\(String(repeating: "0", count: 4 - suffix.count))\(suffix)"
  }

  private static func makeFolder(_ path: String) throws(FieldError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FieldError(
        field: "--replay-dir",
        given: "\"\(path)\", which cannot be made",
        allowed: "a folder that can be written to"
      )
    }
  }
}
