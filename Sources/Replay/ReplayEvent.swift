/// A message of a replay, in the order in which it was recorded.
public enum ReplayEvent: Equatable, Sendable {
  /// A game begins.
  case gameStart(GameStart)
  /// A step was played.
  case frame(ReplayFrame)
  /// A game is over.
  case gameEnd(GameEnd)

  /// Everything that the environment needs to play a game again, apart from the actions.
  public struct GameStart: Equatable, Sendable {
    /// The game within the match, from 0.
    public var game: Int
    /// What the environment was reset with.
    public var environmentSeed: UInt64
    /// The agent in each seat, as its index in the request.
    public var agents: [Int]
    /// What each seat saw after the reset, in the observation space's layout.
    public var observations: [[UInt8]]
    /// Nanoseconds since the Unix epoch, in whole microseconds.
    public var timeNanoseconds: UInt64

    /// A game's start.
    public init(game: Int, environmentSeed: UInt64, agents: [Int], observations: [[UInt8]], timeNanoseconds: UInt64) {
      self.game = game
      self.environmentSeed = environmentSeed
      self.agents = agents
      self.observations = observations
      self.timeNanoseconds = timeNanoseconds
    }
  }

  /// How a game ended.
  public struct GameEnd: Equatable, Sendable {
    /// The game within the match, from 0.
    public var game: Int
    /// How it ended for each seat.
    public var outcomes: [SeatOutcome]
    /// Each seat's score.
    public var scores: [Double]
    /// Steps played.
    public var steps: Int
    /// Why it ended, in words.
    public var reason: String
    /// What the environment says about its last state: a JSON object, or empty.
    public var info: String
    /// Nanoseconds since the Unix epoch, in whole microseconds.
    public var timeNanoseconds: UInt64
    /// What agents did wrong in the step after the last, which was not played any more.
    public var faults: [FinalFault]

    /// A game's end.
    public init(
      game: Int,
      outcomes: [SeatOutcome],
      scores: [Double],
      steps: Int,
      reason: String,
      info: String,
      timeNanoseconds: UInt64,
      faults: [FinalFault] = []
    ) {
      self.game = game
      self.outcomes = outcomes
      self.scores = scores
      self.steps = steps
      self.reason = reason
      self.info = info
      self.timeNanoseconds = timeNanoseconds
      self.faults = faults
    }
  }
}
