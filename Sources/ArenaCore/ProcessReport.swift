/// What is known about an agent's process from outside.
public struct ProcessReport: Equatable, Sendable {
  /// Exit status, once it has ended by itself.
  public var exitStatus: Int?
  /// The signal that ended it.
  public var signal: Int?
  /// Whether the kernel ended it for want of memory.
  public var outOfMemory: Bool
  /// The end of what it wrote to standard error.
  public var logTail: String?

  /// A report.
  public init(exitStatus: Int? = nil, signal: Int? = nil, outOfMemory: Bool = false, logTail: String? = nil) {
    self.exitStatus = exitStatus
    self.signal = signal
    self.outOfMemory = outOfMemory
    self.logTail = logTail
  }

  /// How the process ended, as the end of a sentence; nil while it runs.
  public var ending: String? {
    if outOfMemory { return "was killed: out of memory" }
    if let signal { return "was ended by signal \(signal)" }
    if let exitStatus { return "ended with status \(exitStatus)" }
    return nil
  }
}
