internal import ArenaCore

/// One file's way into a store, as a state machine: what to do next, what to do again and when, and what came of it.
///
/// It does no I/O and has no clock of its own: every call says how long the upload has been going on.
///
///     switch upload.next(at: elapsed) {
///     case .start(let step): // Perform it, and tell `succeeded` or `failed`.
///     case .wait(let moment): // For a step in flight, at most until that moment.
///     case .finish(let outcome): // Done; steps still in flight may be called off.
///     }
struct Upload: Sendable {
  /// A request to the store.
  enum Step: Hashable, Sendable {
    /// Whether the object is there already.
    case look
    /// All of the file in one piece.
    case put
    /// Begin a multi-part upload.
    case create
    /// Which parts are there.
    case listParts
    /// One part, numbered from 1.
    case putPart(Int)
    /// Make an object of the parts.
    case complete
    /// Whether the object is there and is right.
    case check
  }

  /// What the caller is to do.
  enum Instruction: Equatable, Sendable {
    case start(Step)
    case wait(until: Duration)
    case finish(Outcome)
  }

  /// What came of the upload.
  enum Outcome: Equatable, Sendable {
    /// The object is there and is right.
    case delivered
    /// It is not, for this reason; whether trying again later makes sense.
    case failed(reason: String, isTransient: Bool)
  }

  /// What a step that succeeded came to.
  enum Answer: Equatable, Sendable {
    /// The object that is there is what is to be sent (`look`), or is as it must be (`check`).
    case matches
    /// The object that is there is something else, in a sentence.
    case differs(String)
    /// A part, or the whole, was taken.
    case stored
    /// A multi-part upload by this name has begun.
    case created(String)
    /// Parts that are there and are right.
    case parts(Set<Int>)
    /// The object was made of its parts.
    case completed
  }

  private enum Phase { case looking, single, creating, listing, parts, completing, checking }
  private struct Retry {
    let step: Step
    let due: Duration
  }

  /// Whether the multi-part upload may be begun anew: not so with a ticket, which is for one only.
  private let mayCreate: Bool
  private let parts: PartLayout?
  private let policy: RetryPolicy
  private let mostAtOnce: Int
  private var generator: SplitMix64

  private var phase: Phase
  private var outcome: Outcome?
  private var unsent: [Int] = []
  private var partsLeft: Set<Int> = []
  private var inFlight: Set<Step> = []
  private var retries: [Retry] = []
  private var failures: [Step: Int] = [:]
  private var pausedUntil = Duration.zero
  private var restarts = 0
  /// Whether all begins anew once nothing is in flight: what parts of the old upload come to must not be taken for the new one's.
  private var isRestarting = false
  private var lastReason: String?

  /// The multi-part upload, once there is one.
  private(set) var uploadID: String?
  /// Parts that were there already.
  private(set) var resumedParts: Set<Int> = []
  /// Whether the object was there before anything was sent.
  private(set) var wasThere = false
  /// Retries so far.
  private(set) var retryCount = 0

  /// How often a multi-part upload that the store has lost is begun anew.
  private static let mostRestarts = 2

  /// An upload.
  ///
  /// - Parameters:
  ///   - parts: how the file is cut; nil where it goes in one piece.
  ///   - uploadID: a multi-part upload that was begun before; nil where there is none.
  ///   - mayCreate: whether a multi-part upload may be begun.
  ///   - looksFirst: whether the object may be there already.
  ///   - mostAtOnce: parts in flight at a time.
  init(
    parts: PartLayout?,
    uploadID: String? = nil,
    mayCreate: Bool = true,
    looksFirst: Bool = true,
    policy: RetryPolicy,
    mostAtOnce: Int = 2,
    seed: UInt64
  ) {
    self.parts = parts
    self.uploadID = uploadID
    self.mayCreate = mayCreate
    self.policy = policy
    self.mostAtOnce = mostAtOnce
    generator = SplitMix64(seed: seed)
    phase = .looking
    if !looksFirst { begin() }
  }

  private mutating func begin() {
    guard let parts else { return phase = .single }
    partsLeft = Set(1...parts.count)
    unsent = Array((1...parts.count).reversed())
    resumedParts = []
    phase = uploadID == nil ? .creating : .listing
  }

  /// What to do at `now`, as time since the upload began. Called again after every step that is started or told of.
  mutating func next(at now: Duration) -> Instruction {
    if let outcome { return .finish(outcome) }
    guard now < policy.total else {
      return finish(.failed(reason: lastReason ?? "it took longer than \(policy.total)", isTransient: true))
    }
    if isRestarting, inFlight.isEmpty {
      isRestarting = false
      uploadID = nil
      failures = [:]
      begin()
    }
    guard now >= pausedUntil else { return .wait(until: min(pausedUntil, policy.total)) }
    if let index = retries.firstIndex(where: { $0.due <= now }), inFlight.count < mostAtOnce {
      return start(retries.remove(at: index).step)
    }
    if let step = freshStep() { return start(step) }
    return .wait(until: retries.map(\.due).reduce(policy.total, min))
  }

  /// The step that has not been tried yet, if one may begin.
  private mutating func freshStep() -> Step? {
    if phase == .parts, !isRestarting {
      // A part that failed counts as one in hand: a store in trouble gets no further ones.
      guard inFlight.count + retries.count < mostAtOnce, let number = unsent.popLast() else { return nil }
      return .putPart(number)
    }
    guard inFlight.isEmpty, retries.isEmpty, !isRestarting else { return nil }
    return switch phase {
    case .looking: .look
    case .single: .put
    case .creating: .create
    case .listing: .listParts
    case .completing: .complete
    case .checking: .check
    case .parts: nil
    }
  }

  private mutating func start(_ step: Step) -> Instruction {
    inFlight.insert(step)
    return .start(step)
  }

  private mutating func finish(_ outcome: Outcome) -> Instruction {
    self.outcome = outcome
    return .finish(outcome)
  }

  /// Tells what a step came to.
  mutating func succeeded(_ step: Step, _ answer: Answer) {
    guard outcome == nil, inFlight.remove(step) != nil, !isRestarting else { return }
    if step != .check { failures[step] = nil }
    switch (step, answer) {
    case (.look, .matches):
      wasThere = true
      // Where it is to be read back, that is done here as well.
      phase = .checking
    case (.check, .matches): outcome = .delivered
    case (.look, _): begin()
    case (.check, .differs(let difference)):
      // After a completion that came to nothing, it is an older object that is there.
      if failures[.complete] != nil {
        restart(difference)
      } else if wasThere {
        // It looked right, and was not.
        wasThere = false
        begin()
      } else {
        outcome = .failed(reason: difference, isTransient: false)
      }
    case (.put, _): phase = .checking
    case (.create, .created(let id)):
      uploadID = id
      phase = .parts
    case (.listParts, .parts(let there)):
      resumedParts = there.intersection(partsLeft)
      partsLeft.subtract(there)
      unsent.removeAll { there.contains($0) }
      phase = partsLeft.isEmpty ? .completing : .parts
    case (.putPart(let number), _):
      partsLeft.remove(number)
      if partsLeft.isEmpty { phase = .completing }
    case (.complete, _): phase = .checking
    case (.create, _), (.listParts, _), (.check, _):
      outcome = .failed(reason: "the store's answer to \(step) makes no sense", isTransient: false)
    }
  }

  /// Tells why a step failed at `now`.
  mutating func failed(_ step: Step, _ failure: UploadFailure, at now: Duration) {
    guard outcome == nil, inFlight.remove(step) != nil, !isRestarting else { return }
    lastReason = failure.reason
    switch (failure.kind, step) {
    case (.notFound, .look):
      begin()
    case (.refused, .look):
      // Who may write an object may not always ask for it; and an answer to HEAD has no room for a reason.
      begin()
    case (.notFound, .check):
      // A completion whose answer said that there is no upload any more: there was none, then.
      if failures[.complete] != nil { restart(failure.reason) } else { again(.check, failure, at: now) }
    case (.noSuchUpload, .complete):
      // It may be that the object was made, and the answer that said so was lost.
      failures[.complete, default: 0] += 1
      phase = .checking
    case (.noSuchUpload, _):
      restart(failure.reason)
    case (.refused, _), (.notFound, _):
      outcome = .failed(reason: failure.reason, isTransient: false)
    case (.slowDown, _):
      again(step, failure, at: now)
      if outcome == nil, let due = retries.last?.due { pausedUntil = max(pausedUntil, due) }
    case (.transient, _):
      again(step, failure, at: now)
    }
  }

  private mutating func again(_ step: Step, _ failure: UploadFailure, at now: Duration) {
    let count = failures[step, default: 0] + 1
    failures[step] = count
    let delay = max(policy.delay(afterFailures: count, using: &generator), failure.retryAfter ?? .zero)
    guard count < policy.attempts, now + delay < policy.total else {
      outcome = .failed(reason: failure.reason, isTransient: true)
      return
    }
    retryCount += 1
    retries.append(Retry(step: step, due: now + delay))
  }

  /// Begins the multi-part upload anew, where that is possible.
  private mutating func restart(_ reason: String) {
    restarts += 1
    guard mayCreate, restarts <= Self.mostRestarts else {
      outcome = .failed(reason: reason, isTransient: false)
      return
    }
    retries = []
    isRestarting = true
  }
}
