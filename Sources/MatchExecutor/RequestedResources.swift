/// What a request says that each agent may use. What it leaves out is as configured.
public struct RequestedResources: Sendable, Equatable {
  /// Processor cores.
  public var cpuCount: Double?
  /// Memory, in bytes.
  public var memoryBytes: Int?
  /// Number of GPUs.
  public var gpus: Int?

  /// Nothing is said.
  public init(cpuCount: Double? = nil, memoryBytes: Int? = nil, gpus: Int? = nil) {
    self.cpuCount = cpuCount
    self.memoryBytes = memoryBytes
    self.gpus = gpus
  }
}
