/// What is known about an agent's process from outside it, at one moment.
public struct ProcessReport: Sendable, Equatable {
  /// Whether the process and everything it started are gone.
  public var hasEnded = false
  /// Its exit status, if it ended by itself with one.
  public var exitStatus: Int32?
  /// The signal that ended it. Under bubblewrap a status of 128 + N counts as signal N, since that is how signals show.
  public var signal: Int32?
  /// Whether the kernel killed any of its processes for want of memory. Always false where no control group counts it.
  public var ranOutOfMemory = false
  /// Whether it was told to end, so that its status says nothing about the agent.
  public var wasStopped = false
  /// What the platform did wrong, if the agent's program was never started.
  public var launchFailure: String?
  /// The last of its standard error, up to 4 KiB.
  public var logTail = ""
  /// The most memory all its processes used at once, in bytes, where a control group counts it.
  public var peakMemoryBytes: Int?
  /// Processor time of all its processes, where a control group counts it.
  public var cpuTime: Duration?

  /// The report of a process that was just started.
  public init() {}

  /// How it ended, as part of a sentence: "ended with status 1", "was killed: out of memory".
  public var ending: String {
    if let launchFailure { return "was not started: \(launchFailure)" }
    if ranOutOfMemory { return "was killed: out of memory" }
    if let signal { return "was ended by signal \(signal)" }
    if let exitStatus { return "ended with status \(exitStatus)" }
    return hasEnded ? "ended" : "is running"
  }
}
