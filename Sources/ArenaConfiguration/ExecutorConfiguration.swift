public import AgentValidation
internal import ArenaSystem

/// Everything that `config/limits.yaml` sets, one property a section. `docs/CONFIGURATION.md` lists the keys.
public struct ExecutorConfiguration: Sendable, Equatable {
  /// The section `executor`.
  public var executor: ServiceSettings
  /// The section `k8s`.
  public var kubernetes = KubernetesSettings()
  /// The section `resource_limits`.
  public var resources = MatchResources()
  /// The section `sandbox`, but for what `replay` and `validation` have of it.
  public var sandbox = SandboxSettings()
  /// The section `validation`, and `sandbox.max_code_size_mb`.
  public var validation = ValidationRules()
  /// The section `replay`, and `sandbox.replay_dir`.
  public var replay = ReplaySettings()
  /// The section `logging`.
  public var logging = LoggingSettings()

  /// The defaults on a machine with `processors` processors; without a number, as many as this process may use.
  public init(processors: Int? = nil) {
    executor = ServiceSettings(processors: processors ?? ThreadProcessors.allowed.count)
  }

  init(_ reading: inout ConfigurationReading, processors: Int?) {
    executor = ServiceSettings(&reading, processors: processors ?? ThreadProcessors.allowed.count)
    kubernetes = KubernetesSettings(&reading)
    resources = MatchResources(&reading)
    sandbox = SandboxSettings(&reading)
    validation = reading.validationRules()
    replay = ReplaySettings(&reading)
    logging = LoggingSettings(&reading)
  }
}
