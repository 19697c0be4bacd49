internal import ArenaCore
internal import Environments
internal import MatchEngine

/// Turns a request into a match that can be played, or says about every field what is wrong with it.
struct RequestReader: Sendable {
  /// The games there are.
  let registry: EnvironmentRegistry
  /// What holds where a request says nothing.
  let defaults: MatchDefaults

  /// Bytes of what an agent is called, and of its version.
  private static let longestName = 256
  /// Members of an agent's metadata, and bytes of all of them.
  private static let mostMetadata = 64
  private static let metadataBytes = 16 << 10
  private static let leastMemory = 16 << 20
  private static let mostMemory = 1 << 50
  private static let mostGPUs: UInt32 = 64
  /// Members of an environment's configuration, and bytes of each.
  private static let mostSettings = 100
  private static let settingBytes = 4096

  /// Reads `request`.
  ///
  /// - Throws: `MatchRefusal.invalid` with all that is wrong.
  func read(_ request: Executor_MatchRequest) throws -> AcceptedMatch {
    var errors: [FieldError] = []
    let agents = request.agents.enumerated().map { index, agent in
      AgentSpec(
        agentID: agent.agentID,
        version: agent.version.isEmpty ? nil : agent.version,
        metadata: agent.metadata,
        image: agent.dockerImage.isEmpty ? nil : agent.dockerImage
      )
    }
    let games = Int(request.games == 0 ? 1 : request.games)
    errors += MatchSpec.errors(matchID: request.matchID, agents: agents, games: games)
    let settings = settings(request.environmentConfig, &errors)
    var configuration: [String: JSONValue] = [:]
    do throws(FieldError) {
      configuration = try self.configuration(request.environment, settings, agents: agents.count)
    } catch {
      errors.append(error)
    }
    var sources: [AgentSource] = []
    for (index, agent) in request.agents.enumerated() {
      let field = "agents[\(index)]"
      checkRecord(of: agent, field: field, &errors)
      do throws(FieldError) {
        sources.append(try AgentSource(image: agent.dockerImage, codeURL: agent.codeURL, field: field))
      } catch {
        errors.append(error)
      }
    }
    let limits = limits(request, &errors)
    let resources = resources(request.resources, &errors)
    guard errors.isEmpty else { throw MatchRefusal.invalid(errors) }
    let spec = try MatchSpec(
      matchID: request.matchID,
      environment: request.environment,
      environmentConfiguration: configuration,
      agents: agents,
      limits: limits,
      policy: policy(request),
      seed: request.hasSeed ? request.seed : nil,
      games: games,
      recordReplay: request.recordReplay
    )
    return AcceptedMatch(
      spec: spec,
      sources: sources,
      resources: resources,
      priority: request.priority,
      requestDigest: try RequestDigest.digest(of: request)
    )
  }

  // MARK: - The environment

  private func settings(_ texts: [String: String], _ errors: inout [FieldError]) -> [String: JSONValue] {
    guard texts.count <= Self.mostSettings else {
      errors.append(
        FieldError(
          field: "environment_config",
          given: "\(texts.count) settings",
          allowed: "at most \(Self.mostSettings)"
        )
      )
      return [:]
    }
    var settings: [String: JSONValue] = [:]
    for (key, text) in texts.sorted(by: { $0.key < $1.key }) {
      guard text.utf8.count <= Self.settingBytes else {
        errors.append(
          FieldError(
            field: "environment_config.\(key)",
            given: "\(text.utf8.count) bytes long",
            allowed: "at most \(Self.settingBytes) bytes long"
          )
        )
        continue
      }
      settings[key] = JSONFile.setting(text)
    }
    return settings
  }

  /// The environment's configuration by the request and by the operator's limits.
  private func configuration(
    _ environment: String,
    _ settings: [String: JSONValue],
    agents: Int
  ) throws(FieldError) -> [String: JSONValue] {
    let (spec, settings) = try registry.configuration(
      of: environment,
      settings,
      mostSteps: defaults.maxStepsPerMatch
    )
    guard agents == spec.seats else {
      throw FieldError(
        field: "agents",
        given: "\(agents) agents",
        allowed: "\(spec.seats): \(spec.name) has \(spec.seats) seats"
      )
    }
    return settings
  }

  // MARK: - The agents

  private func checkRecord(of agent: Executor_AgentData, field: String, _ errors: inout [FieldError]) {
    if agent.version.utf8.count > Self.longestName {
      errors.append(
        FieldError(
          field: "\(field).version",
          given: "\(agent.version.utf8.count) bytes long",
          allowed: "at most \(Self.longestName) bytes long"
        )
      )
    }
    let bytes = agent.metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    if agent.metadata.count > Self.mostMetadata || bytes > Self.metadataBytes {
      errors.append(
        FieldError(
          field: "\(field).metadata",
          given: "\(agent.metadata.count) entries of \(bytes) bytes",
          allowed: "at most \(Self.mostMetadata) entries of \(Self.metadataBytes) bytes together"
        )
      )
    }
  }

  // MARK: - Limits

  private func limits(_ request: Executor_MatchRequest, _ errors: inout [FieldError]) -> MatchLimits {
    var limits = defaults.limits
    let most = MatchSpec.maximumSeconds
    /// The seconds of a field within `range`, or nil with an error.
    func seconds(_ field: String, _ value: Double, in range: ClosedRange<Double>) -> Duration? {
      if range.contains(value), let duration = Duration(inSeconds: value) { return duration }
      errors.append(
        FieldError(
          field: field,
          given: "\(value)",
          allowed: "a number of seconds in \(range.lowerBound)…\(range.upperBound)"
        )
      )
      return nil
    }
    if request.timeoutSec != 0 {
      if Double(request.timeoutSec) <= most {
        limits.matchTimeout = .seconds(Int(request.timeoutSec))
      } else {
        errors.append(
          FieldError(
            field: "timeout_sec",
            given: "\(request.timeoutSec)",
            allowed: "at most \(Int(most)), which is a day; 0 stands for the configured default"
          )
        )
      }
    }
    if request.hasStepTimeoutSec, let value = seconds("step_timeout_sec", request.stepTimeoutSec, in: 0.001...most) {
      limits.stepTimeout = value
    }
    if request.hasTimeBankSec, let value = seconds("time_bank_sec", request.timeBankSec, in: 0...most) {
      limits.timeBank = value
    }
    if request.hasStartupTimeoutSec,
      let value = seconds("startup_timeout_sec", request.startupTimeoutSec, in: 0.001...most)
    {
      limits.startupTimeout = value
    }
    if request.hasMaxFaults, request.maxFaults > 1_000_000 {
      errors.append(
        FieldError(
          field: "max_faults",
          given: "\(request.maxFaults)",
          allowed: "at most 1000000; 0 stands for no limit"
        )
      )
    }
    return limits
  }

  private func policy(_ request: Executor_MatchRequest) -> FaultPolicy {
    var policy = defaults.policy
    if request.hasMaxFaults { policy.maxFaults = Int(request.maxFaults) }
    return policy
  }

  private func resources(_ request: Executor_Resources, _ errors: inout [FieldError]) -> RequestedResources {
    var resources = RequestedResources()
    if request.hasCpu {
      resources.cpuCount = request.cpu
      if !(0.01...1024).contains(request.cpu) {
        errors.append(
          FieldError(field: "resources.cpu", given: "\(request.cpu)", allowed: "a number of cores in 0.01…1024")
        )
      }
    }
    if request.hasMemoryBytes {
      resources.memoryBytes = Int(clamping: request.memoryBytes)
      if !(UInt64(Self.leastMemory)...UInt64(Self.mostMemory)).contains(request.memoryBytes) {
        errors.append(
          FieldError(
            field: "resources.memory_bytes",
            given: "\(request.memoryBytes)",
            allowed: "a number of bytes in \(Self.leastMemory)…\(Self.mostMemory)"
          )
        )
      }
    }
    if request.hasGpu, request.gpu > 0 {
      resources.gpus = Int(request.gpu)
      if request.gpu > Self.mostGPUs {
        errors.append(
          FieldError(field: "resources.gpu", given: "\(request.gpu)", allowed: "at most \(Self.mostGPUs)")
        )
      }
    }
    return resources
  }
}
