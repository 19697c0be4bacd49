internal import ArenaCore

/// One agent's time: the free part of every step, and the bank that longer answers eat into. Times are nanoseconds.
struct TimeBudget: Sendable {
  /// Free time per step; nil for no limit.
  let stepTimeout: Int64?
  private let fullBank: Int64
  /// What is left in the bank.
  private(set) var bank: Int64

  init(_ limits: MatchLimits) {
    stepTimeout = limits.stepTimeout?.nanoseconds
    fullBank = limits.timeBank.nanoseconds
    bank = fullBank
  }

  /// A new game begins with a full bank.
  mutating func beginGame() { bank = fullBank }

  /// The instant by which an answer to an observation handed over at `instant` must have arrived.
  func deadline(from instant: Int64) -> Int64 {
    guard let stepTimeout else { return .max }
    let (allowance, overflow) = stepTimeout.addingReportingOverflow(bank)
    let (deadline, overflowed) = instant.addingReportingOverflow(allowance)
    return overflow || overflowed ? .max : deadline
  }

  /// Takes what an answer after `thought` nanoseconds used beyond its free time.
  mutating func charge(_ thought: Int64) {
    guard let stepTimeout, thought > stepTimeout else { return }
    bank = max(0, bank - (thought - stepTimeout))
  }
}
