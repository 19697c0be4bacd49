public import ArenaCore

/// One seat's part of a step, as `ReplayWriter.addSeat` takes it.
///
/// Bytes are not copied: they must stay as they are until that call returns.
public struct RecordedSeat {
  /// What the seat sees after the step, in the observation space's layout; no bytes where that is what seat 0 sees. An
  /// observation equal to seat 0's is stored once in any case.
  public var observation: UnsafeRawBufferPointer
  /// What was played, in the action space's layout; no bytes where the seat did not act.
  public var action: UnsafeRawBufferPointer
  /// What the seat earned in this step.
  public var reward: Double
  /// From the observation handed over to the answer or the deadline; recorded in whole microseconds.
  public var thinkTimeNanoseconds: UInt64
  /// What the agent did wrong in this step.
  public var fault: FaultKind?
  /// Whether the fault came while the platform itself stalled.
  public var platformStall = false
  /// Whether the game asked the seat to act.
  public var acted = true
  /// Whether the seat has forfeited, in this step or before.
  public var forfeited = false
  /// What most steps of most games do not have.
  public var details: Details?

  /// What most steps of most games do not have.
  public struct Details {
    /// The legal actions that were sent with the observation which the action answers, one byte each; no bytes where the game has none.
    public var actionMask = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What the agent noted for itself: UTF-8.
    public var note = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What is known about the fault: UTF-8.
    public var faultMessage = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Nothing yet.
    @inlinable
    public init() {}

    /// Bytes in all of them.
    var count: Int { actionMask.count + note.count + faultMessage.count }
  }

  /// A seat whose agent did nothing wrong and noted nothing.
  @inlinable
  public init(
    observation: UnsafeRawBufferPointer,
    action: UnsafeRawBufferPointer,
    reward: Double,
    thinkTimeNanoseconds: UInt64
  ) {
    self.observation = observation
    self.action = action
    self.reward = reward
    self.thinkTimeNanoseconds = thinkTimeNanoseconds
  }
}
