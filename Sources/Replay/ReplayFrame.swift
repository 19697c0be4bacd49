public import ArenaCore

/// One step as a replay holds it: a message on `/frames`.
public struct ReplayFrame: Equatable, Sendable {
  /// The step within its game, from 1.
  public var step: Int
  /// The game within the match, from 0.
  public var game: Int
  /// Nanoseconds since the Unix epoch when the step was over, in whole microseconds.
  public var timeNanoseconds: UInt64
  /// Whether the game came to an end by its own rules.
  public var terminated: Bool
  /// Whether the game was cut off.
  public var truncated: Bool
  /// What happened at each seat, in the order of the seats.
  public var seats: [Seat]
  /// Answers to earlier steps that arrived during this one and were dropped.
  public var lateAnswers: [LateAnswer]
  /// What the environment says about its state after the step: a JSON object, or empty.
  public var info: String

  /// One seat's part of a step.
  public struct Seat: Equatable, Sendable {
    /// What the seat sees after the step, in the observation space's layout; seat 0's where the file left it out.
    public var observation: [UInt8]
    /// What was played, in the action space's layout; empty where the seat did not act.
    public var action: [UInt8]
    /// What the seat earned in this step.
    public var reward: Double
    /// What the agent did wrong in this step.
    public var fault: FaultKind?
    /// From the observation handed over to the answer or the deadline.
    public var thinkTimeMicroseconds: UInt64
    /// Whether the fault came while the platform itself stalled.
    public var platformStall: Bool
    /// Whether the game asked the seat to act.
    public var acted: Bool
    /// Whether the seat has forfeited, in this step or before.
    public var forfeited: Bool
    /// The legal actions when the action was chosen, one byte each; empty where the game has none.
    public var actionMask: [UInt8]
    /// What the agent noted for itself.
    public var note: String
    /// What is known about the fault.
    public var faultMessage: String

    /// A seat's part.
    public init(
      observation: [UInt8] = [],
      action: [UInt8] = [],
      reward: Double = 0,
      fault: FaultKind? = nil,
      thinkTimeMicroseconds: UInt64 = 0,
      platformStall: Bool = false,
      acted: Bool = true,
      forfeited: Bool = false,
      actionMask: [UInt8] = [],
      note: String = "",
      faultMessage: String = ""
    ) {
      self.observation = observation
      self.action = action
      self.reward = reward
      self.fault = fault
      self.thinkTimeMicroseconds = thinkTimeMicroseconds
      self.platformStall = platformStall
      self.acted = acted
      self.forfeited = forfeited
      self.actionMask = actionMask
      self.note = note
      self.faultMessage = faultMessage
    }
  }

  /// An answer that came after its deadline.
  public struct LateAnswer: Equatable, Sendable {
    /// The seat that answered.
    public var seat: Int
    /// The step that it answered, in the same game.
    public var step: Int
    /// From that step's deadline to the answer.
    public var delayMicroseconds: UInt64

    /// A late answer.
    public init(seat: Int, step: Int, delayMicroseconds: UInt64) {
      self.seat = seat
      self.step = step
      self.delayMicroseconds = delayMicroseconds
    }
  }

  /// A frame.
  public init(
    step: Int,
    game: Int,
    timeNanoseconds: UInt64,
    terminated: Bool = false,
    truncated: Bool = false,
    seats: [Seat],
    lateAnswers: [LateAnswer] = [],
    info: String = ""
  ) {
    self.step = step
    self.game = game
    self.timeNanoseconds = timeNanoseconds
    self.terminated = terminated
    self.truncated = truncated
    self.seats = seats
    self.lateAnswers = lateAnswers
    self.info = info
  }
}
