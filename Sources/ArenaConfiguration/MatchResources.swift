public import AgentSandbox
public import ArenaCore

/// The section `resource_limits`: what one match may use.
public struct MatchResources: Sendable, Equatable {
  /// CPU cores of one match: `cpu_count`, or `cpu_quota` / `cpu_period` where that is less.
  public var cpuCount = 2.0
  /// Memory of one match, in bytes (`memory_limit`).
  public var memoryBytes = 2 << 30
  /// Processes and threads of one agent (`pids_limit`).
  public var maxProcesses = 128
  /// Time budgets (`step_timeout_sec`, `init_timeout_sec`, `match_timeout_sec`).
  public var limits = MatchLimits()
  /// The setting `max_steps` of environments that have one, where a match does not say it itself; nil for the environment's own
  /// default (`max_steps_per_match`).
  public var maxStepsPerMatch: Int?

  static let leastMemory = 16 << 20

  /// The defaults.
  public init() {}

  init(_ reading: inout ConfigurationReading) {
    readProcessors(&reading)
    memoryBytes = reading.value("resource_limits.memory_limit", or: memoryBytes, shown: DockerSize.text) {
      (section, name) throws(FieldError) in
      guard let value = section.value(name) else { return nil }
      guard let bytes = DockerSize.bytes(value), bytes >= Self.leastMemory, bytes <= 1 << 50 else {
        throw section.wrong(name, value, "a size of at least 16m in \(DockerSize.notation)")
      }
      return bytes
    }
    reading.replaced(
      "resource_limits.memory_swap",
      { (section, name) throws(FieldError) -> JSONValue? in
        guard let value = section.value(name) else { return nil }
        guard value == .integer(-1) || DockerSize.bytes(value) != nil else {
          throw section.wrong(name, value, "-1 or a size in \(DockerSize.notation)")
        }
        return value
      },
      { _ in "agents get no swap; memory_limit is all the memory there is" }
    )
    maxProcesses = reading.integer("resource_limits.pids_limit", in: 1...1_000_000, or: maxProcesses)
    readTimes(&reading)
    reading.fixed("resource_limits.network_disabled", true, from: .fixedInSandbox, says: "no sandbox has a network")
    maxStepsPerMatch = reading.integer("resource_limits.max_steps_per_match", in: 1...1_000_000)
  }

  private mutating func readProcessors(_ reading: inout ConfigurationReading) {
    let count = "resource_limits.cpu_count"
    cpuCount = reading.value(count, or: cpuCount, shown: ConfigurationReading.shown) {
      (section, name) throws(FieldError) in
      guard let value = section.value(name) else { return nil }
      guard let number = value.double, (0.01...1024).contains(number) else {
        throw section.wrong(name, value, "a number in 0.01…1024")
      }
      return number
    }
    let period = reading.integer("resource_limits.cpu_period", in: 1000...1_000_000, or: 100_000)
    let quota = reading.optional("resource_limits.cpu_quota", shown: { "\($0)" }) {
      (section, name) throws(FieldError) -> Int? in
      let value = try section.integer(name, in: -1...1_024_000_000)
      guard let value, (1..<1000).contains(value) else { return value }
      throw section.wrong(name, section.value(name), "at least 1000 microseconds, or 0 or -1 for no limit")
    }
    if let quota, quota > 0, Double(quota) / Double(period) < cpuCount {
      cpuCount = max(0.01, Double(quota) / Double(period))
      reading.show(count, ConfigurationReading.shown(cpuCount), from: reading.source(of: "resource_limits.cpu_quota"))
    }
  }

  private mutating func readTimes(_ reading: inout ConfigurationReading) {
    let range = 0.001...MatchSpec.maximumSeconds
    if let time = limits.stepTimeout {
      limits.stepTimeout = reading.seconds("resource_limits.step_timeout_sec", in: range, or: time)
    }
    limits.startupTimeout = reading.seconds("resource_limits.init_timeout_sec", in: range, or: limits.startupTimeout)
    if let time = limits.matchTimeout {
      limits.matchTimeout = reading.seconds("resource_limits.match_timeout_sec", in: range, or: time)
    }
  }

  /// What one of `agents` agents may use: an equal share, of CPU time at least one core, of memory at least 16 MiB.
  public func sandboxLimits(agents: Int) -> SandboxLimits {
    SandboxLimits(
      cpuCount: max(1, cpuCount / Double(max(1, agents))),
      memoryBytes: max(Self.leastMemory, memoryBytes / max(1, agents)),
      maxProcesses: maxProcesses
    )
  }
}
