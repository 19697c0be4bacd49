/// Which consequence each kind of fault has, and how many faults a game allows. A policy is data: operators set it.
public struct FaultPolicy: Equatable, Sendable {
  /// What happens with a timeout that came while the platform itself stalled.
  public enum PlatformStall: String, Codable, Sendable, CaseIterable {
    /// The timeout counts and is marked for the operator to judge.
    case mark
    /// The match is void and may be played again.
    case void
  }

  private var consequences: [FaultKind: FaultConsequence]

  /// Faults of one agent in one game after which it forfeits; 0 for no limit.
  public var maxFaults: Int
  /// What a timeout during a platform stall leads to.
  public var onPlatformStall: PlatformStall
  /// How often a void match may be played again.
  public var maxVoids: Int
  /// Whether any agent that does not start makes the match an ERROR instead of forfeiting.
  public var startupFaultIsError: Bool

  /// The default policy: start-up, protocol and disconnection forfeit, everything else plays the fallback action.
  public init(
    consequences: [FaultKind: FaultConsequence] = [:],
    maxFaults: Int = 10,
    onPlatformStall: PlatformStall = .mark,
    maxVoids: Int = 1,
    startupFaultIsError: Bool = false
  ) {
    self.consequences = consequences
    self.maxFaults = maxFaults
    self.onPlatformStall = onPlatformStall
    self.maxVoids = maxVoids
    self.startupFaultIsError = startupFaultIsError
  }

  /// The consequence of a fault of `kind`.
  public subscript(kind: FaultKind) -> FaultConsequence {
    get { consequences[kind] ?? Self.defaultConsequence(of: kind) }
    set { consequences[kind] = newValue }
  }

  /// The consequence that a fault has where nobody configured another.
  public static func defaultConsequence(of kind: FaultKind) -> FaultConsequence {
    switch kind {
    case .timeout, .invalidAction, .exception: .fallback
    case .protocol, .disconnected, .startup: .forfeit
    }
  }

  /// Consequences that cannot be had: after these faults there is nobody left who could play on.
  public static func isPossible(_ consequence: FaultConsequence, for kind: FaultKind) -> Bool {
    switch kind {
    case .timeout, .invalidAction, .exception: true
    case .protocol, .disconnected, .startup: consequence != .fallback
    }
  }
}
