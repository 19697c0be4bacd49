/// The time budgets of a match. `nil` stands for no limit.
public struct MatchLimits: Equatable, Sendable {
  /// For connecting, loading and becoming ready; the same again for each later game's reset.
  public var startupTimeout: Duration
  /// For one answer, free of charge.
  public var stepTimeout: Duration?
  /// Extra time per agent and game that answers may use up once they pass `stepTimeout`.
  public var timeBank: Duration
  /// For the whole match, start-up excluded; wins over all others.
  public var matchTimeout: Duration?
  /// For handing one frame to an agent that does not read.
  public var writeTimeout: Duration
  /// The loop's own lateness from which on a timeout is marked as a platform stall.
  public var stallThreshold: Duration

  /// Limits with the defaults that the documentation promises.
  public init(
    startupTimeout: Duration = .seconds(60),
    stepTimeout: Duration? = .seconds(5),
    timeBank: Duration = .zero,
    matchTimeout: Duration? = .seconds(300),
    writeTimeout: Duration = .seconds(1),
    stallThreshold: Duration = .milliseconds(100)
  ) {
    self.startupTimeout = startupTimeout
    self.stepTimeout = stepTimeout
    self.timeBank = timeBank
    self.matchTimeout = matchTimeout
    self.writeTimeout = writeTimeout
    self.stallThreshold = stallThreshold
  }
}
