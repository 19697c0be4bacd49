import ArenaCore
import ArenaSystem
import Glibc
import Testing

@testable import MatchEngine

/// The lazy timer. Waiting is `poll` on the signal itself, never a sleep.
@Suite struct StepDeadlineTests {
  /// Waits for the signal; whether it came within `milliseconds`, and when.
  static func wait(_ wake: WakeSignal, milliseconds: Int32) -> Int64? {
    var descriptor = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&descriptor, 1, milliseconds)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      wake.clear()
      return MonotonicClock.now()
    }
  }

  @Test(arguments: [-1_000_000_000, 0, 1_000, 1_000_000, 30_000_000] as [Int64])
  func `the loop is woken at the deadline and not before`(delay: Int64) throws {
    let wake = try WakeSignal()
    let deadline = StepDeadline(waking: wake)
    let instant = MonotonicClock.now() + delay
    deadline.set(instant)
    let woken = try #require(Self.wait(wake, milliseconds: 10_000))
    #expect(woken >= instant)
  }

  @Test(arguments: [Int64.min, -1, 0, 1]) func `an instant before all time wakes at once`(instant: Int64) throws {
    let wake = try WakeSignal()
    let deadline = StepDeadline(waking: wake)
    deadline.set(instant)
    #expect(Self.wait(wake, milliseconds: 10_000) != nil)
  }

  @Test func `an earlier deadline comes first, a later one is slept on`() throws {
    let wake = try WakeSignal()
    let deadline = StepDeadline(waking: wake)
    let now = MonotonicClock.now()
    deadline.set(now + 3_600_000_000_000)
    deadline.set(now + 5_000_000)
    let first = try #require(Self.wait(wake, milliseconds: 10_000))
    #expect(first >= now + 5_000_000 && first < now + 3_600_000_000_000)
    // Armed for the near one, asked for the far one: the timer fires, looks, and sleeps on.
    let next = MonotonicClock.now()
    deadline.set(next + 5_000_000)
    deadline.set(next + 40_000_000)
    let second = try #require(Self.wait(wake, milliseconds: 10_000))
    #expect(second >= next + 40_000_000)
  }

  @Test func `a cleared deadline wakes nobody`() throws {
    let wake = try WakeSignal()
    let deadline = StepDeadline(waking: wake)
    deadline.set(MonotonicClock.now() + 20_000_000)
    deadline.clear()
    #expect(Self.wait(wake, milliseconds: 60) == nil)
    deadline.set(.max)
    #expect(Self.wait(wake, milliseconds: 5) == nil)
  }

  /// Random deadlines, set anew from this thread while the timer fires on its own, as steps do it.
  @Test(arguments: 0..<4) func `no wake-up is lost, whatever is set while the timer fires`(seed: UInt64) throws {
    let wake = try WakeSignal()
    let deadline = StepDeadline(waking: wake)
    var generator = SplitMix64(seed: seed)
    for round in 0..<2000 {
      // Several deadlines that are overtaken, some of them just as the timer fires; the last one counts.
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        deadline.set(MonotonicClock.now() + Int64.random(in: -1000...300_000, using: &generator))
        if Bool.random(using: &generator) { deadline.clear() }
      }
      let instant = MonotonicClock.now() + Int64.random(in: 0...400_000, using: &generator)
      deadline.set(instant)
      while true {
        guard let woken = Self.wait(wake, milliseconds: 5_000) else {
          Issue.record("round \(round): never woken")
          return
        }
        // An overtaken deadline may still have woken; the one that counts must come too.
        if woken >= instant { break }
      }
      deadline.clear()
    }
  }
}
