/// What reading one agent's source may take.
public struct AnalysisLimits: Sendable, Equatable {
  /// Address space of the process that reads, in bytes.
  public var memoryBytes: Int
  /// Processor time, in whole seconds.
  public var processorSeconds: Int
  /// Time by the clock.
  public var time: Duration
  /// Errors that are listed, and warnings; of others it is said how many there are.
  public var findings: Int

  /// More than findings and progress of the largest agent take.
  static let outputBytes = 4 << 20

  /// Limits that an agent of 50 MiB keeps, unless it was made to break them.
  public init(
    memoryBytes: Int = 1 << 30,
    processorSeconds: Int = 20,
    time: Duration = .seconds(60),
    findings: Int = 100
  ) {
    self.memoryBytes = memoryBytes
    self.processorSeconds = processorSeconds
    self.time = time
    self.findings = findings
  }
}
