/// The fixed part of an `observe` payload: `docs/PROTOCOL.md` section 6.
public struct ObservePayload: Equatable, Sendable {
  /// Bytes before the observation.
  public static let prefixSize = 32
  /// Bytes from the start of the frame to the observation.
  public static let observationOffset = FrameHeader.size + prefixSize

  /// Reward since the seat's last observation.
  public var reward: Double
  /// Time for this answer that costs nothing, in nanoseconds; 0 for no limit.
  public var stepTimeoutNanoseconds: UInt64
  /// What is left in the time bank, in nanoseconds.
  public var timeBankNanoseconds: UInt64
  /// Steps of this game already played.
  public var step: UInt32
  /// Number of the game, from 0.
  public var game: UInt32

  /// The fixed part.
  @inlinable
  public init(
    reward: Double,
    stepTimeoutNanoseconds: UInt64,
    timeBankNanoseconds: UInt64,
    step: UInt32,
    game: UInt32
  ) {
    self.reward = reward
    self.stepTimeoutNanoseconds = stepTimeoutNanoseconds
    self.timeBankNanoseconds = timeBankNanoseconds
    self.step = step
    self.game = game
  }

  /// Reads the fixed part of a payload.
  public init(_ payload: RawSpan) {
    reward = Double(bitPattern: payload.integer(at: 0, as: UInt64.self))
    stepTimeoutNanoseconds = payload.integer(at: 8, as: UInt64.self)
    timeBankNanoseconds = payload.integer(at: 16, as: UInt64.self)
    step = payload.integer(at: 24, as: UInt32.self)
    game = payload.integer(at: 28, as: UInt32.self)
  }

  /// Writes header and fixed part to the start of `frame`, whose payload takes `payloadSize` bytes.
  @inlinable @inline(__always)
  public func write(to frame: inout MutableRawSpan, sequence: UInt64, payloadSize: Int) {
    precondition(frame.byteCount >= Self.observationOffset)
    let header = FrameHeader(length: UInt32(truncatingIfNeeded: payloadSize), kind: .observe, sequence: sequence)
    frame.store(header.firstWord, atUnchecked: 0)
    frame.store(sequence, atUnchecked: 8)
    frame.store(reward.bitPattern, atUnchecked: 16)
    frame.store(stepTimeoutNanoseconds, atUnchecked: 24)
    frame.store(timeBankNanoseconds, atUnchecked: 32)
    frame.store(step, atUnchecked: 40)
    frame.store(game, atUnchecked: 44)
  }

  /// Size of a whole payload.
  public static func size(observation: Int, actionMask: Int) -> Int { prefixSize + observation + actionMask }
}
