public import ArenaSystem

/// Lets a few matches run at a time: with dozens on two cores, the machine and not the agents would miss the deadlines.
public enum MatchSlots {
  /// The slots of all tests.
  public static let shared = Slots(count: 4)
}
