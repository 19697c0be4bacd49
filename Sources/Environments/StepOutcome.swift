/// Whether a step ended the game, in Gymnasium's terms.
public struct StepOutcome: Equatable, Sendable {
  /// The game came to an end by its own rules.
  public var terminated: Bool
  /// The game was cut off, for instance by its limit of steps.
  public var truncated: Bool

  /// The outcome of a step.
  public init(terminated: Bool, truncated: Bool) {
    self.terminated = terminated
    self.truncated = truncated
  }

  /// Whether the game is over, either way.
  public var isOver: Bool { terminated || truncated }
}
