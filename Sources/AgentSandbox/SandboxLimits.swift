public import ArenaCore

/// What one agent may use of this machine.
public struct SandboxLimits: Sendable, Equatable {
  /// Processors' worth of time, such as 0.5 or 2.
  public var cpuCount: Double
  /// Memory of all the agent's processes and its private `/tmp` together, in bytes.
  public var memoryBytes: Int
  /// Processes and threads at any one time.
  public var maxProcesses: Int
  /// The largest file the agent may write, in bytes.
  public var fileSizeBytes: Int
  /// Size of the private `/tmp`, and of `/dev/shm`, in bytes.
  public var tmpBytes: Int
  /// How much of each of the agent's two output streams is kept, in bytes.
  public var logBytes: Int

  /// Limits with the defaults of a laptop match.
  public init(
    cpuCount: Double = 1,
    memoryBytes: Int = 2 << 30,
    maxProcesses: Int = 128,
    fileSizeBytes: Int = 256 << 20,
    tmpBytes: Int = 256 << 20,
    logBytes: Int = 10 << 20
  ) {
    self.cpuCount = cpuCount
    self.memoryBytes = memoryBytes
    self.maxProcesses = maxProcesses
    self.fileSizeBytes = fileSizeBytes
    self.tmpBytes = tmpBytes
    self.logBytes = logBytes
  }

  /// How many threads numeric libraries should start: `cpuCount`, rounded up.
  var threadCount: Int { max(1, Int(cpuCount.rounded(.up))) }

  /// Checks that every limit is one the kernel can hold.
  ///
  /// - Throws: `FieldError` about the first limit that is not.
  public func validate() throws(FieldError) {
    guard cpuCount >= 0.01, cpuCount <= 1024 else {
      throw FieldError(field: "cpu_count", given: "\(cpuCount)", allowed: "between 0.01 and 1024")
    }
    let fields: [(String, Int, Int)] = [
      ("memory_bytes", memoryBytes, 16 << 20), ("max_processes", maxProcesses, 1),
      ("file_size_bytes", fileSizeBytes, 4096), ("tmp_bytes", tmpBytes, 4096), ("log_bytes", logBytes, 0),
    ]
    for (field, value, least) in fields where value < least || value > 1 << 50 {
      throw FieldError(field: field, given: "\(value)", allowed: "between \(least) and \(1 << 50)")
    }
  }
}
