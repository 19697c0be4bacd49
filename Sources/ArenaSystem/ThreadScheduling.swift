internal import CLinux

/// How readily the calling thread takes the processor from others when it wakes (sched_setscheduler(2)).
public enum ThreadScheduling {
  /// At once, where its share allows: the default policy.
  public static func wakeAtOnce() { _ = rl_arena_set_default_scheduling() }

  /// When the running thread sleeps or its time slice, a few milliseconds, is over: the batch policy.
  public static func wakeInTurn() { _ = rl_arena_set_batch_scheduling() }
}
