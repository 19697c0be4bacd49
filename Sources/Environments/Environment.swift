public import ArenaCore

/// A game. One object plays one game after another; it is owned by the match's thread and never shared.
///
/// The order of calls is `reset`, then any number of `step` until one says that the game is over, then `reset` again.
/// After `reset` and after every `step` the engine asks for the observations of the seats that act.
/// The step path allocates nothing: observations are written straight into outgoing frames, actions are read from a buffer.
public protocol Environment: AnyObject {
  /// What the game is; it does not change in the object's life.
  var spec: EnvironmentSpec { get }

  /// Starts a game. Everything random in it follows from `seed`.
  ///
  /// - Throws: `EnvironmentFailure` if the game itself cannot go on; the match then ends with status ERROR.
  func reset(seed: UInt64) throws(EnvironmentFailure)

  /// Plays one step.
  ///
  /// - Parameters:
  ///   - actions: one action of `spec.action.size` bytes per seat, seat after seat; those of seats that do not act are
  ///     ignored. All lie within the action space and are legal.
  ///   - rewards: one per seat, 0 on entry; the game adds what each seat earned in this step.
  /// - Returns: whether the game is over.
  /// - Throws: `EnvironmentFailure` if the game itself cannot go on.
  func step(_ actions: RawSpan, rewards: inout MutableSpan<Double>) throws(EnvironmentFailure) -> StepOutcome

  /// Whether `seat` acts in the coming step. Simultaneous games need not say: all act.
  func acts(_ seat: Int) -> Bool

  /// Writes what `seat` sees now: exactly as many bytes as the observation space's layout takes, all zero on entry to a game.
  func writeObservation(for seat: Int, into bytes: inout MutableRawSpan)

  /// Writes one byte per action, 1 for legal and 0 for not, in the layout of `docs/PROTOCOL.md` section 6.
  /// Called only where the spec says that the game has a mask.
  func writeActionMask(for seat: Int, into bytes: inout MutableRawSpan)

  /// The score of `seat` so far, where the game declares its own; nil where it is the sum of rewards.
  func score(of seat: Int) -> Double?

  /// What the game says about its present state beside the observations, for results and replays.
  func info() -> [String: JSONValue]
}

extension Environment {
  /// All seats act.
  public func acts(_ seat: Int) -> Bool { true }

  /// The game has no mask.
  public func writeActionMask(for seat: Int, into bytes: inout MutableRawSpan) {
    preconditionFailure("\(spec.name) declares an action mask and does not write it")
  }

  /// Scores are sums of rewards.
  public func score(of seat: Int) -> Double? { nil }

  /// Nothing to say.
  public func info() -> [String: JSONValue] { [:] }
}
