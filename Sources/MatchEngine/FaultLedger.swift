internal import ArenaCore

/// Counts one agent's faults and says what each leads to.
struct FaultLedger: Sendable {
  private let policy: FaultPolicy
  private var counts: [FaultKind: Int] = [:]
  private var inGame = 0

  init(_ policy: FaultPolicy) {
    self.policy = policy
  }

  /// Faults of all kinds.
  var total: Int { counts.values.reduce(0, +) }

  /// Faults by the names that users see.
  var byName: [String: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
  }

  /// A new game begins; its allowance is whole again.
  mutating func beginGame() { inGame = 0 }

  /// Whether it has had more faults in this game than are allowed.
  var isExhausted: Bool { policy.maxFaults > 0 && inGame > policy.maxFaults }

  /// Counts a fault.
  ///
  /// - Parameter duringStall: whether the platform itself stalled at that moment.
  mutating func record(_ kind: FaultKind, duringStall: Bool = false) -> FaultConsequence {
    counts[kind, default: 0] += 1
    inGame += 1
    if kind == .timeout, duringStall, policy.onPlatformStall == .void { return .void }
    let consequence = policy[kind]
    return consequence == .fallback && isExhausted ? .forfeit : consequence
  }
}
