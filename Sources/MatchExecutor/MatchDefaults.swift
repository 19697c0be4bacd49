public import ArenaCore

/// What holds for a match where its request says nothing.
public struct MatchDefaults: Sendable {
  /// Time budgets.
  public var limits: MatchLimits
  /// What faults lead to.
  public var policy: FaultPolicy
  /// Steps after which a game is over at the latest, where the environment can be told so; nil for its own default.
  public var maxStepsPerMatch: Int?

  /// Defaults.
  public init(
    limits: MatchLimits = MatchLimits(),
    policy: FaultPolicy = FaultPolicy(),
    maxStepsPerMatch: Int? = nil
  ) {
    self.limits = limits
    self.policy = policy
    self.maxStepsPerMatch = maxStepsPerMatch
  }
}
