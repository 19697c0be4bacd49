/// The agents that need no process.
public enum BuiltInAgent: String, Sendable, CaseIterable {
  /// Plays uniformly drawn legal actions from a stream of the match's seed.
  case random
  /// Plays the environment's no-op, or a drawn legal action where there is none.
  case noop
}
