internal import ArenaCore
internal import ArenaSystem
internal import Synchronization

/// All matches that an executor knows, who waits for them, and who watches them.
///
/// It decides nothing about when and where a match is played: a backend does, and tells the table. What is over is forgotten after
/// the retention time, by whatever call comes next.
public final class MatchTable: Sendable {
  /// Gives the time in seconds since 1970.
  public typealias Clock = @Sendable () -> Double

  private struct Entry {
    var record: MatchRecord
    /// Those who wait, each with the time at which it stops waiting.
    var callers: [UInt64: Double?] = [:]
    var waiting: [UInt64: CheckedContinuation<FinishedMatch, any Error>] = [:]
    var watchers: [UInt64: AsyncStream<Void>.Continuation] = [:]
    /// What callers who have not begun to wait will be told, once it is known that there will be no result.
    var refusal: MatchRefusal?
    var standing: (@Sendable () -> MatchStanding?)?
  }

  private struct State {
    var entries: [String: Entry] = [:]
    /// Every match's id by its number.
    var order: [(number: UInt64, matchID: String)] = []
    /// Matches that are over, in the order in which they ended.
    var finished: [(time: Double, matchID: String, number: UInt64)] = []
    var finishedStart = 0
    var lastNumber: UInt64 = 0
    var unfinished = 0
    var running = 0
    /// Why no match is taken any more.
    var closed: MatchRefusal?
    var idle: [CheckedContinuation<Void, Never>] = []
  }

  private let capacity: Int
  private let retention: Double
  private let clock: Clock
  private let state = Mutex(State())

  /// An empty table.
  ///
  /// - Parameters:
  ///   - capacity: matches that may be unfinished at a time.
  ///   - retention: how long what is over is kept.
  public convenience init(capacity: Int, retention: Duration) {
    self.init(capacity: capacity, retention: retention, clock: { RealtimeClock.seconds })
  }

  init(capacity: Int, retention: Duration, clock: @escaping Clock) {
    self.capacity = capacity
    // Whoever waits hears of the result before it is forgotten.
    self.retention = max(1, retention.inSeconds)
    self.clock = clock
  }

  // MARK: - What callers do

  /// Takes `match`, or finds it again.
  ///
  /// - Parameter callerDeadline: seconds since 1970 at which the caller stops waiting; nil for never.
  /// - Returns: the caller's wait, and whether the match is new.
  /// - Throws: `MatchRefusal` if there is another match with its id, no room, or no match is taken any more.
  func enlist(_ match: AcceptedMatch, callerDeadline: Double?) throws(MatchRefusal) -> (wait: MatchWait, isNew: Bool) {
    let id = match.spec.matchID
    let now = clock()
    let enlisted = state.withLock { state -> Result<(number: UInt64, isNew: Bool), MatchRefusal> in
      forget(&state, now)
      state.lastNumber += 1
      let number = state.lastNumber
      if let known = state.entries[id] {
        guard known.record.requestDigest == match.requestDigest else {
          return .failure(.differentRequest(matchID: id))
        }
        state.entries[id]?.callers[number] = .some(callerDeadline)
        return .success((number, false))
      }
      if let closed = state.closed { return .failure(closed) }
      guard state.unfinished < capacity else {
        return .failure(
          .full("\(capacity) matches are waiting or being played, which is as many as are taken; ask again")
        )
      }
      let record = MatchRecord(
        matchID: id,
        environment: match.spec.environment,
        agentIDs: match.spec.agents.map(\.agentID),
        requestDigest: match.requestDigest,
        number: number,
        timings: PhaseTimings(queued: now)
      )
      state.entries[id] = Entry(record: record, callers: [number: callerDeadline])
      state.order.append((number, id))
      state.unfinished += 1
      return .success((number, true))
    }
    let (number, isNew) = try enlisted.get()
    return (MatchWait(matchID: id, table: self, number: number), isNew)
  }

  func await(_ id: String, caller: UInt64, _ continuation: CheckedContinuation<FinishedMatch, any Error>) {
    let answer = state.withLock { state -> Result<FinishedMatch, any Error>? in
      guard let entry = state.entries[id], entry.callers[caller] != nil else { return .failure(CancellationError()) }
      // A match that was given up may have been called off since: that is no result to keep.
      if let refusal = entry.refusal { return .failure(refusal) }
      if let finished = entry.record.finished { return .success(finished) }
      state.entries[id]?.waiting[caller] = continuation
      return nil
    }
    if let answer { continuation.resume(with: answer) }
  }

  func leave(_ id: String, caller: UInt64) {
    let continuation = state.withLock { state -> CheckedContinuation<FinishedMatch, any Error>? in
      guard state.entries[id]?.callers.removeValue(forKey: caller) != nil else { return nil }
      return state.entries[id]?.waiting.removeValue(forKey: caller)
    }
    continuation?.resume(throwing: CancellationError())
  }

  /// The match `id` as it is now; nil if it is not known.
  public func record(_ id: String) -> MatchRecord? {
    let now = clock()
    return state.withLock { state in
      forget(&state, now)
      return state.entries[id].map(Self.current)
    }
  }

  /// Matches from the newest to the oldest.
  ///
  /// - Parameters:
  ///   - number: only those that came before the match of this number; nil for all.
  ///   - limit: at most so many.
  ///   - isWanted: which ones.
  /// - Complexity: O(n) in the number of matches kept.
  public func records(
    before number: UInt64? = nil,
    limit: Int,
    where isWanted: (MatchRecord) -> Bool
  ) -> [MatchRecord] {
    let now = clock()
    return state.withLock { state in
      forget(&state, now)
      var records: [MatchRecord] = []
      for (entryNumber, id) in state.order.reversed() where number.map({ entryNumber < $0 }) ?? true {
        guard records.count < limit else { break }
        guard let entry = state.entries[id], entry.record.number == entryNumber, isWanted(entry.record) else {
          continue
        }
        records.append(Self.current(entry))
      }
      return records
    }
  }

  /// Matches that are being played, and those that wait for a place.
  public var load: (running: Int, queued: Int) {
    state.withLock { ($0.running, $0.unfinished - $0.running) }
  }

  /// Whether matches are taken.
  public var isOpen: Bool { state.withLock { $0.closed == nil } }

  /// Yields at once, and then whenever something about match `id` changes, until its end; of changes that nobody took in time, the last.
  public func changes(of id: String) -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    state.withLock { state in
      state.lastNumber += 1
      let number = state.lastNumber
      guard let entry = state.entries[id] else { return continuation.finish() }
      continuation.yield()
      guard entry.record.finished == nil else { return continuation.finish() }
      state.entries[id]?.watchers[number] = continuation
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { $0.entries[id]?.watchers[number] = nil }
      }
    }
    return stream
  }

  // MARK: - What backends tell

  /// Match `id` has come to `phase`. A phase that lies behind it changes nothing.
  public func advance(_ id: String, to phase: MatchPhase, message: String = "") {
    let now = clock()
    change(id) { record, state in
      guard phase >= record.phase, phase != .finished else { return }
      if phase == .running, record.phase < .running { state.running += 1 }
      record.phase = phase
      record.message = message
      if record.timings[phase] == nil { record.timings[phase] = now }
    }
  }

  /// All code that match `id` needs is there.
  public func pulled(_ id: String) {
    let now = clock()
    change(id) { record, _ in record.timings.pulled = now }
  }

  /// How the standing of match `id` is found out while it runs.
  func provideStanding(_ id: String, _ standing: @escaping @Sendable () -> MatchStanding?) {
    state.withLock { $0.entries[id]?.standing = standing }
  }

  /// Tells those who watch match `id` to look at it.
  func touch(_ id: String) { change(id) { _, _ in } }

  /// Match `id` is over.
  public func finish(_ id: String, _ finished: FinishedMatch) {
    let now = clock()
    let told = state.withLock { state -> Entry? in
      guard var entry = state.entries[id], entry.record.finished == nil else { return nil }
      let before = entry
      if entry.record.phase == .running { state.running -= 1 }
      state.unfinished -= 1
      entry.record.phase = .finished
      entry.record.message = ""
      entry.record.standing = nil
      entry.record.timings.finished = now
      entry.record.timings.started = finished.result.startedAt
      entry.record.finished = finished
      entry.waiting = [:]
      entry.watchers = [:]
      entry.standing = nil
      state.entries[id] = entry
      state.finished.append((now, id, entry.record.number))
      wakeIdle(&state)
      return before
    }
    guard let told else { return }
    for continuation in told.waiting.values { continuation.resume(returning: finished) }
    for watcher in told.watchers.values {
      watcher.yield()
      watcher.finish()
    }
  }

  /// The verdict on match `id` has to be in by then for the last of its callers to hear it, in seconds since 1970; nil where nobody's
  /// deadline matters.
  func callersDeadline(_ id: String) -> Double? {
    state.withLock { state in
      guard let callers = state.entries[id]?.callers.values, !callers.isEmpty else { return nil }
      var latest = 0.0
      for deadline in callers {
        guard let deadline else { return nil }
        latest = max(latest, deadline)
      }
      return latest
    }
  }

  /// Takes no new match from here on: they are refused with `refusal`.
  func close(_ refusal: MatchRefusal) { state.withLock { $0.closed = refusal } }

  /// Tells all who wait for an unfinished match that there will be no result.
  func giveUp(_ refusal: MatchRefusal) {
    let waiting = state.withLock { state in
      var all: [CheckedContinuation<FinishedMatch, any Error>] = []
      for (id, entry) in state.entries where entry.record.finished == nil {
        all += entry.waiting.values
        state.entries[id]?.waiting = [:]
        state.entries[id]?.refusal = refusal
      }
      return all
    }
    for continuation in waiting { continuation.resume(throwing: refusal) }
  }

  /// Returns when no match is unfinished. A cancelled task waits no longer.
  func waitUntilIdle() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isIdle = state.withLock { state in
          guard state.unfinished > 0, !Task.isCancelled else { return true }
          state.idle.append(continuation)
          return false
        }
        if isIdle { continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        defer { state.idle = [] }
        return state.idle
      }
      for continuation in waiting { continuation.resume() }
    }
  }

  // MARK: - The state

  private func change(_ id: String, _ body: (inout MatchRecord, inout State) -> Void) {
    let watchers = state.withLock { state -> [AsyncStream<Void>.Continuation] in
      guard var entry = state.entries[id], entry.record.finished == nil else { return [] }
      body(&entry.record, &state)
      state.entries[id] = entry
      return Array(entry.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  private static func current(_ entry: Entry) -> MatchRecord {
    var record = entry.record
    if let standing = entry.standing?() { record.standing = standing }
    return record
  }

  private func wakeIdle(_ state: inout State) {
    guard state.unfinished == 0 else { return }
    for continuation in state.idle { continuation.resume() }
    state.idle = []
  }

  /// Forgets what was over for longer than the retention time.
  private func forget(_ state: inout State, _ now: Double) {
    var forgotten = 0
    while state.finishedStart < state.finished.count {
      let (time, id, number) = state.finished[state.finishedStart]
      guard now - time >= retention else { break }
      state.finishedStart += 1
      if state.entries[id]?.record.number == number { state.entries[id] = nil }
      forgotten += 1
    }
    guard forgotten > 0 else { return }
    if state.finishedStart > state.finished.count / 2 {
      state.finished.removeFirst(state.finishedStart)
      state.finishedStart = 0
    }
    if state.order.count > 2 * state.entries.count + 16 {
      state.order.removeAll { state.entries[$0.matchID]?.record.number != $0.number }
    }
  }
}
