import ArenaCore
import ArenaSystem
import Dispatch
import Environments
import Glibc
import Logging
import MatchEngine

/// One run of the orchestrator: reads the configuration, plays, reports.
struct MatchRun {
  let configPath: String
  var logger: Logger

  /// Plays the match and writes its result; returns the exit status.
  mutating func run() async -> OrchestratorExit {
    let termination = TerminationSignals()
    let configuration: OrchestratorConfiguration
    let environment: any Environment
    do throws(FieldError) {
      configuration = try OrchestratorConfiguration(JSONFile.read(configPath))
      environment = try EnvironmentRegistry.standard.make(
        configuration.spec.environment,
        configuration: configuration.spec.environmentConfiguration
      )
      try Self.check(configuration.spec, fits: environment.spec)
    } catch {
      logger.error("bad configuration", metadata: ["reason": "\(error)", "field": "\(error.field)"])
      return .badConfiguration
    }
    logger[metadataKey: "match_id"] = "\(configuration.spec.matchID)"
    var result = await play(configuration, environment, termination)
    if let path = result.recording?.path {
      await upload([path], of: &result, configuration, termination)
    }
    report(result, configuration)
    return OrchestratorExit(result.status)
  }

  private static func check(_ spec: MatchSpec, fits game: EnvironmentSpec) throws(FieldError) {
    guard spec.agents.count == game.seats else {
      throw FieldError(
        field: "agents",
        given: "\(spec.agents.count) agents",
        allowed: "\(game.seats) agents: \(game.name) has \(game.seats) seats"
      )
    }
  }

  private func play(
    _ configuration: OrchestratorConfiguration,
    _ environment: sending any Environment,
    _ termination: TerminationSignals
  ) async -> MatchResult {
    var spec = configuration.spec
    let seed = spec.seed ?? MatchSeed.drawn().value
    spec.seed = seed
    let name = environment.spec.name
    let match: Match
    do throws(SystemFailure) {
      match = try Match(plan(spec, configuration, environment.spec), environment: environment)
    } catch {
      logger.error("the match cannot begin", metadata: ["reason": "\(error)"])
      var result = MatchResult(
        matchID: spec.matchID,
        environment: name,
        status: .error,
        agentResults: spec.agents.map { AgentResult(agentID: $0.agentID) },
        seed: seed
      )
      result.errorMessage = "the match cannot begin: \(error)"
      return result
    }
    termination.onSignal { match.cancel("the orchestrator was ended by \($0)") }
    logger.info("waiting for agents", metadata: ["environment": "\(name)", "seed": "\(seed)"])
    let progress = ProgressLog(match.progress, logger: logger)
    defer { progress.stop() }
    return await match.play()
  }

  private func plan(
    _ spec: MatchSpec,
    _ configuration: OrchestratorConfiguration,
    _ game: EnvironmentSpec
  ) -> MatchPlan {
    var plan = MatchPlan(
      spec: spec,
      sources: configuration.sources,
      replayPath: configuration.replayFolder.map { "\($0)/\(spec.matchID).mcap" },
      provenance: Provenance.metadata(of: spec, game: game),
      verdictBy: configuration.verdictBy
    )
    plan.replayOptions = configuration.replayOptions
    return plan
  }

  /// Has the files of a match that is over, the replay first, uploaded where the configuration asks for that, and notes what came of it.
  private func upload(
    _ files: [String],
    of result: inout MatchResult,
    _ configuration: OrchestratorConfiguration,
    _ termination: TerminationSignals
  ) async {
    guard let upload = configuration.upload else { return }
    // Should the pod be gone before the upload is over, the verdict is known all the same.
    result.recording?.delivery = DeliveryResult(
      url: files[0],
      delivered: false,
      error: "the orchestrator ended before the upload was over"
    )
    writeTerminationMessage(result, configuration)
    result.recording?.delivery = await upload.deliver(
      files,
      verdictBy: configuration.verdictBy,
      termination: termination,
      logger: logger
    )
  }

  private func report(_ result: MatchResult, _ configuration: OrchestratorConfiguration) {
    logger.info(
      "the match is over",
      metadata: [
        "status": "\(result.status.rawValue)", "winner_agent_id": "\(result.winnerAgentID ?? "")",
        "total_steps": .stringConvertible(result.totalSteps), "error_message": "\(result.errorMessage ?? "")",
      ]
    )
    if let reason = result.recording?.endedBecause {
      logger.warning("the replay is not whole", metadata: ["reason": "\(reason)"])
    }
    writeTerminationMessage(result, configuration)
    OutputStream.standardOutput(ResultMessage.whole(result) + "\n")
  }

  private func writeTerminationMessage(_ result: MatchResult, _ configuration: OrchestratorConfiguration) {
    let message = ResultMessage.shortened(result, toFit: configuration.terminationMessageBytes)
    let defaultPath = OrchestratorConfiguration.defaultTerminationMessagePath
    // Kubernetes makes the default file; where it is not there, nobody waits for it.
    let path = configuration.terminationMessagePath ?? (access(defaultPath, W_OK) == 0 ? defaultPath : nil)
    if let path {
      do throws(SystemFailure) {
        try OutputStream.replaceFile(path, with: message)
      } catch {
        logger.error("the termination message was not written", metadata: ["reason": "\(error)"])
      }
    }
  }
}
