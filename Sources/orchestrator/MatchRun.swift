import ArenaCore
import ArenaSystem
import Dispatch
import Environments
import Glibc
import Logging
import MatchEngine
import Replay

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
    let files = configuration.replayRoot.map { ReplayFiles(root: $0, matchID: configuration.spec.matchID) }
    makeFolder(of: files)
    var result = await play(configuration, environment, files, termination)
    logVerdict(result)
    // Whatever happens from here on, the verdict is there.
    writeTerminationMessage(result, configuration)
    if let files {
      // What the match took goes back to the system first: its peak and that of the exports do not add up.
      FreeMemory.release()
      let publication = ReplayPublication(files, forms: configuration.replayForms)
      publication.complete(&result, reasonToEnd: reasonToEnd(configuration, termination))
      logReplay(result)
      await upload(publication.paths(of: result), of: &result, configuration, termination)
      writeTerminationMessage(result, configuration)
    }
    OutputStream.standardOutput(ResultMessage.whole(result) + "\n")
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
    _ files: ReplayFiles?,
    _ termination: TerminationSignals
  ) async -> MatchResult {
    var spec = configuration.spec
    let seed = spec.seed ?? MatchSeed.drawn().value
    spec.seed = seed
    let name = environment.spec.name
    let match: Match
    do throws(SystemFailure) {
      match = try Match(plan(spec, configuration, files, environment.spec), environment: environment)
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
    _ files: ReplayFiles?,
    _ game: EnvironmentSpec
  ) -> MatchPlan {
    var plan = MatchPlan(
      spec: spec,
      sources: configuration.sources,
      replayPath: files?.path(.mcap),
      provenance: Provenance.metadata(of: spec, game: game, node: configuration.node),
      verdictBy: configuration.verdictBy
    )
    plan.replayOptions = configuration.replayOptions
    return plan
  }

  /// Makes the folder of the replay. Where that fails, the recording says why.
  private func makeFolder(of files: ReplayFiles?) {
    do throws(SystemFailure) {
      try files?.makeFolder()
    } catch {
      logger.warning("there is no folder for the replay", metadata: ["reason": "\(error)"])
    }
  }

  /// Says why the replay's other forms must be left out, as soon as there is a reason: the pod is being ended, the verdict is due, or
  /// they take too long.
  private func reasonToEnd(
    _ configuration: OrchestratorConfiguration,
    _ termination: TerminationSignals
  ) -> () -> String? {
    let started = ContinuousClock.now
    return {
      if let name = termination.received { return "the orchestrator was ended by \(name)" }
      if ContinuousClock.now - started > configuration.exportTimeout {
        return "it took longer than \(configuration.exportTimeout.inSeconds) s"
      }
      if let verdictBy = configuration.verdictBy, RealtimeClock.seconds > verdictBy {
        return "the verdict was due"
      }
      return nil
    }
  }

  /// Has the files of a match that is over, the replay first, uploaded where the configuration asks for that, and notes what came of it.
  private func upload(
    _ files: [String],
    of result: inout MatchResult,
    _ configuration: OrchestratorConfiguration,
    _ termination: TerminationSignals
  ) async {
    guard let upload = configuration.upload, !files.isEmpty else { return }
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

  // MARK: - What is told

  private func logVerdict(_ result: MatchResult) {
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
  }

  private func logReplay(_ result: MatchResult) {
    for (form, reason) in (result.recording?.exportErrors ?? [:]).sorted(by: { $0.key < $1.key }) {
      logger.warning("a form of the replay is missing", metadata: ["form": "\(form)", "reason": "\(reason)"])
    }
  }

  private func writeTerminationMessage(_ result: MatchResult, _ configuration: OrchestratorConfiguration) {
    let defaultPath = OrchestratorConfiguration.defaultTerminationMessagePath
    // Kubernetes makes the default file; where it is not there, nobody waits for it.
    guard let path = configuration.terminationMessagePath ?? (access(defaultPath, W_OK) == 0 ? defaultPath : nil)
    else { return }
    do throws(SystemFailure) {
      try OutputStream.replaceFile(
        path,
        with: ResultMessage.shortened(result, toFit: configuration.terminationMessageBytes)
      )
    } catch {
      logger.error("the termination message was not written", metadata: ["reason": "\(error)"])
    }
  }
}
