/// An `act` payload: `docs/PROTOCOL.md` section 7.
public enum ActPayload {
  /// Bytes before the action: the CPU time used since `ready`, in nanoseconds.
  public static let prefixSize = 8

  /// The CPU time that the agent reports, in nanoseconds; 0 if unknown.
  public static func cpuTimeNanoseconds(_ payload: RawSpan) -> UInt64 {
    payload.integer(at: 0, as: UInt64.self)
  }

  /// Writes a whole `act` frame: header, CPU time, action.
  public static func write(
    to frame: inout MutableRawSpan,
    sequence: UInt64,
    cpuTimeNanoseconds: UInt64,
    action: RawSpan
  ) {
    FrameHeader(length: UInt32(prefixSize + action.byteCount), kind: .act, sequence: sequence).write(to: &frame)
    frame.store(cpuTimeNanoseconds, at: FrameHeader.size)
    for index in 0..<action.byteCount {
      frame.store(action.integer(at: index, as: UInt8.self), at: FrameHeader.size + prefixSize + index)
    }
  }
}
