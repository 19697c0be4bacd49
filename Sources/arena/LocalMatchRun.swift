import AgentSandbox
import ArenaConfiguration
import ArenaCore
import ArenaSystem
import Environments
import MatchEngine

/// Prepares a match on this machine and plays it, until it is over or a signal ends it.
struct LocalMatchRun {
  var spec: MatchSpec
  var entrants: Entrants
  var options: SandboxOptions
  var resources: MatchResources
  var logDirectory: String
  var replayPath: String?

  /// What was played, and what the user should know about how.
  struct Outcome {
    var result: MatchResult
    /// How agents were kept apart; nil where none was a process.
    var sandbox: AgentSandbox?
    var interpreter: PythonInterpreter?
  }

  /// Plays the match.
  ///
  /// - Parameter began: called once everything is checked and the match is prepared, with how far it has come, and the
  ///   steps after which it is over at the latest, where the game has such a limit.
  func play(began: (MatchProgress, Int?) throws -> Void = { _, _ in }) async throws -> Outcome {
    let environment = try EnvironmentRegistry.standard.make(
      spec.environment,
      configuration: spec.environmentConfiguration
    )
    let seats = environment.spec.seats
    guard spec.agents.count == seats else {
      throw FieldError(
        field: "the number of agents",
        given: "\(spec.agents.count)",
        allowed: "\(seats): \(environment.spec.name) has \(seats) seats"
      )
    }
    let mostSteps = environment.spec.configuration["max_steps"]?.double.flatMap { Int(exactly: $0) }
      .map { $0.multipliedReportingOverflow(by: spec.games) }.flatMap { $0.overflow ? nil : $0.partialValue }
    let parts = try await options.pythonParts(for: entrants)
    let sandbox = try await AgentSandbox(
      entrants.needSandbox ? options.sandbox : .none,
      limits: resources.sandboxLimits(agents: spec.agents.count)
    )
    let signals = TerminationSignals()
    let match = try LocalMatch(
      LocalMatch.Plan(
        spec: spec,
        entrants: entrants.entrants,
        interpreter: parts?.interpreter,
        hostFile: parts?.hostFile,
        logDirectory: logDirectory,
        replayPath: replayPath
      ),
      environment: environment,
      sandbox: sandbox
    )
    signals.onSignal { match.cancel("ended by \($0)") }
    try began(match.progress, mostSteps)
    let result = await match.play()
    return Outcome(result: result, sandbox: entrants.needSandbox ? sandbox : nil, interpreter: parts?.interpreter)
  }
}
