internal import ArenaSystem
internal import Dispatch
internal import Synchronization

/// Wakes the match loop at a deadline without touching a timer in steps that end in time.
///
/// The loop stores each deadline in an atomic. One Dispatch timer fires at the instant it is armed for, looks at the
/// deadline of that moment, and either wakes the loop or sleeps on. It is armed anew only for a deadline that lies
/// before the one it is armed for: re-arming it every step costs more than half of the step itself.
final class StepDeadline: Sendable {
  /// No deadline.
  static let never = Int64.max

  private let wake: WakeSignal
  private let queue: DispatchQueue
  /// Dispatch's sources may be used from any thread; only their Swift protocol does not say so.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer
  /// The instant at which the loop wants to be woken, in nanoseconds of the monotonic clock.
  private let target = Atomic<Int64>(never)
  /// The instant at which the timer will fire.
  private let armed = Atomic<Int64>(never)
  /// Held while the timer is armed, which steps that end in time do not.
  private let arming = Mutex(())

  init(waking wake: WakeSignal) {
    self.wake = wake
    queue = DispatchQueue(label: "rl-arena.step-deadline", qos: .userInteractive)
    timer = DispatchSource.makeTimerSource(flags: .strict, queue: queue)
    timer.setEventHandler { @Sendable [weak self] in self?.fired() }
    timer.activate()
  }

  deinit { timer.cancel() }

  /// Wakes the loop at `instant`, in nanoseconds of the monotonic clock, and at no other time.
  func set(_ instant: Int64) {
    target.store(instant, ordering: .sequentiallyConsistent)
    if instant < armed.load(ordering: .sequentiallyConsistent) { arm() }
  }

  /// Does not wake the loop until the next `set`.
  func clear() { target.store(Self.never, ordering: .relaxed) }

  /// Arms the timer for the target of this moment, if that lies before the instant for which it is armed.
  ///
  /// Two threads may find that the timer must be armed: the lock keeps what `armed` says and what the timer does one.
  private func arm() {
    arming.withLock { _ in
      let instant = target.load(ordering: .sequentiallyConsistent)
      guard instant < armed.load(ordering: .sequentiallyConsistent) else { return }
      armed.store(instant, ordering: .sequentiallyConsistent)
      timer.schedule(deadline: DispatchTime(uptimeNanoseconds: UInt64(max(instant, 1))), leeway: .nanoseconds(0))
    }
  }

  private func fired() {
    // Before the target is looked at: whoever sets another one from here on finds nothing armed, and arms.
    arming.withLock { _ in armed.store(Self.never, ordering: .sequentiallyConsistent) }
    let target = target.load(ordering: .sequentiallyConsistent)
    guard target != Self.never else { return }
    if target <= MonotonicClock.now() { wake.wake() } else { arm() }
  }
}
