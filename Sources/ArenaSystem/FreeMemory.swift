internal import CLinux

/// Memory that this process has freed and still holds.
public enum FreeMemory {
  /// Gives it back to the system, between one large piece of work and the next.
  public static func release() { rl_arena_trim_heap() }
}
