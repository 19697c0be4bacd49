/// What is fed with bytes that a fuzzer made up. A call returns, or the process traps: that is what the fuzzer looks for.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// The bytes are a replay: read it in every way there is, and follow it.
  case reader
  /// The bytes are a replay: repair it, and read what came of that.
  case repair
  /// The bytes are a replay: verify and export it.
  case export
  /// The bytes are what an agent sends.
  case frames

  /// Feeds it.
  public func run(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .reader: ReaderFuzz.run(bytes)
    case .repair: RepairFuzz.run(bytes)
    case .export: ExportFuzz.run(bytes)
    case .frames: FramesFuzz.run(bytes)
    }
  }
}
