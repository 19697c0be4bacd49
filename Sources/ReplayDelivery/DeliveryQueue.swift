internal import ArenaCore

/// Which file of a volume is delivered next, and when, as a state machine: it does no I/O and has no clock of its own.
///
/// A file is delivered once it is finished, or has been left alone for long. One that could not be delivered is tried again, ever more seldom;
/// where that was not the file's own doing, everything else waits as well.
struct DeliveryQueue: Sendable {
  /// A file to deliver.
  struct Work: Equatable, Sendable {
    var file: ReplayVolume.Sighting
    /// Whether it has no end, and is delivered because nobody writes to it any more.
    var isAbandoned: Bool
  }

  private struct Entry {
    var file: ReplayVolume.Sighting
    /// When it may be delivered, as time since the queue began.
    var due: Duration
    var isAbandoned: Bool
    var failures = 0
  }

  private let idle: Duration
  private let policy: RetryPolicy
  private var generator: SplitMix64
  private var entries: [String: Entry] = [:]
  private var delivered: [String: DeliverableFile.Identity] = [:]
  private var pausedUntil = Duration.zero
  private var failuresInARow = 0

  /// A queue.
  ///
  /// - Parameters:
  ///   - idle: how long nobody may have written to a file that has no end.
  ///   - policy: how long to wait after failures; neither attempts nor the whole time are bounded.
  init(idle: Duration, policy: RetryPolicy, seed: UInt64) {
    self.idle = idle
    self.policy = policy
    generator = SplitMix64(seed: seed)
  }

  /// Takes note of what the volume holds: files that are gone are forgotten, those that were written to wait anew.
  ///
  /// - Parameters:
  ///   - now: time since the queue began.
  ///   - date: the time of day, in nanoseconds since 1970, on the clock that files are dated by.
  mutating func saw(_ files: [ReplayVolume.Sighting], at now: Duration, date: Int64) {
    var next: [String: Entry] = [:]
    var still: [String: DeliverableFile.Identity] = [:]
    for file in files {
      if delivered[file.name] == file.identity {
        still[file.name] = file.identity
        continue
      }
      if let entry = entries[file.name], entry.file == file {
        next[file.name] = entry
        continue
      }
      let age = Duration.nanoseconds(max(0, date.subtractingReportingOverflow(file.identity.modified).partialValue))
      let due = file.isFinished ? now : now + max(.zero, idle - age)
      next[file.name] = Entry(file: file, due: due, isAbandoned: !file.isFinished)
    }
    entries = next
    delivered = still
  }

  /// The file to deliver now, if there is one: that which has been due for longest.
  func next(at now: Duration) -> Work? {
    guard now >= pausedUntil else { return nil }
    let first = entries.values.filter { $0.due <= now }.min { ($0.due, $0.file.name) < ($1.due, $1.file.name) }
    return first.map { Work(file: $0.file, isAbandoned: $0.isAbandoned) }
  }

  /// When there may be one at the earliest, as far as is known; nil where nothing waits.
  var nextMoment: Duration? { entries.values.map { max($0.due, pausedUntil) }.min() }

  /// Files that wait to be delivered.
  var waiting: Int { entries.count }

  /// Tells that a file was delivered.
  mutating func delivered(_ work: Work) {
    failuresInARow = 0
    pausedUntil = .zero
    entries[work.file.name] = nil
    delivered[work.file.name] = work.file.identity
  }

  /// Tells that a file could not be delivered, at `now`.
  ///
  /// - Parameter isAboutFile: whether that is the file's own doing.
  /// - Returns: how long it waits.
  mutating func failed(_ work: Work, isAboutFile: Bool, at now: Duration) -> Duration {
    guard var entry = entries[work.file.name] else { return .zero }
    entry.failures += 1
    var wait = policy.delay(afterFailures: entry.failures, using: &generator)
    if !isAboutFile {
      failuresInARow += 1
      let pause = policy.delay(afterFailures: failuresInARow, using: &generator)
      pausedUntil = now + max(pause, .milliseconds(1))
      // It is the place that has to recover, and any file will tell whether it has.
      wait = pause
    }
    entry.due = now + max(wait, .milliseconds(1))
    entries[work.file.name] = entry
    return wait
  }
}
