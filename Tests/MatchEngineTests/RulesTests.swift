import ArenaCore
import Testing

@testable import MatchEngine

/// What faults lead to.
@Suite struct FaultLedgerTests {
  @Test(arguments: [0, 1, 3, 10]) func `as many faults as allowed play the fallback action, one more forfeits`(
    allowed: Int
  ) {
    var ledger = FaultLedger(FaultPolicy(maxFaults: allowed))
    let kinds: [FaultKind] = [.timeout, .invalidAction, .exception]
    for number in 1...30 {
      let expected: FaultConsequence = allowed == 0 || number <= allowed ? .fallback : .forfeit
      #expect(ledger.record(kinds[number % 3]) == expected, "fault \(number)")
    }
    #expect(ledger.total == 30)
    #expect(ledger.byName == ["timeout": 10, "invalid_action": 10, "exception": 10])
  }

  @Test func `the allowance is per game, the count is not`() {
    var ledger = FaultLedger(FaultPolicy(maxFaults: 2))
    for _ in 0..<3 {
      ledger.beginGame()
      #expect(ledger.record(.timeout) == .fallback)
      #expect(ledger.record(.timeout) == .fallback)
      #expect(ledger.record(.timeout) == .forfeit)
    }
    #expect(ledger.total == 9)
  }

  @Test(arguments: FaultKind.allCases, FaultConsequence.allCases)
  func `the policy decides`(kind: FaultKind, consequence: FaultConsequence) {
    var ledger = FaultLedger(FaultPolicy(consequences: [kind: consequence], maxFaults: 0))
    #expect(ledger.record(kind) == consequence)
    #expect(ledger.byName == [kind.rawValue: 1])
  }

  @Test func `a stall voids only where the policy says so, and only timeouts`() {
    var marking = FaultLedger(FaultPolicy())
    #expect(marking.record(.timeout, duringStall: true) == .fallback)
    var voiding = FaultLedger(FaultPolicy(maxFaults: 1, onPlatformStall: .void))
    #expect(voiding.record(.timeout, duringStall: true) == .void)
    #expect(voiding.record(.exception, duringStall: true) == .forfeit)
    #expect(voiding.record(.protocol, duringStall: true) == .forfeit)
  }
}

/// Time for answers.
@Suite struct TimeBudgetTests {
  static func budget(_ step: Duration?, bank: Duration = .zero) -> TimeBudget {
    TimeBudget(MatchLimits(stepTimeout: step, timeBank: bank))
  }

  @Test func `a deadline is the free time and the bank`() {
    #expect(Self.budget(.nanoseconds(5)).deadline(from: 100) == 105)
    #expect(Self.budget(.nanoseconds(5), bank: .nanoseconds(7)).deadline(from: 100) == 112)
    #expect(Self.budget(nil, bank: .nanoseconds(7)).deadline(from: 100) == .max)
  }

  @Test func `only what goes beyond the free time eats into the bank`() {
    var budget = Self.budget(.nanoseconds(10), bank: .nanoseconds(100))
    for (thought, left) in [(0, 100), (10, 100), (11, 99), (60, 49), (59, 0), (11, 0), (Int64.max, 0)]
      as [(Int64, Int64)]
    {
      budget.charge(thought)
      #expect(budget.bank == left, "after \(thought)")
    }
    #expect(budget.deadline(from: 0) == 10)
    budget.beginGame()
    #expect(budget.bank == 100)
  }

  @Test func `without a limit nothing is charged`() {
    var budget = Self.budget(nil, bank: .nanoseconds(3))
    budget.charge(.max)
    #expect(budget.bank == 3)
  }

  @Test(
    arguments: [
      (Duration.seconds(Int64.max), .zero, 0), (.nanoseconds(Int64.max), .nanoseconds(1), 0),
      (.nanoseconds(1), .zero, .max), (.nanoseconds(Int64.max / 2), .nanoseconds(Int64.max / 2), 2),
    ] as [(Duration, Duration, Int64)]
  )
  func `what 64 bits do not hold is no deadline`(step: Duration, bank: Duration, instant: Int64) {
    #expect(Self.budget(step, bank: bank).deadline(from: instant) == .max)
  }
}

/// Who won, against the rules as a sentence says them.
@Suite struct SeriesVerdictTests {
  /// All lists of `length` elements of `choices`.
  static func lists<Element>(_ choices: [Element], length: Int) -> [[Element]] {
    (0..<length).reduce([[]]) { lists, _ in lists.flatMap { list in choices.map { list + [$0] } } }
  }

  @Test(arguments: 1...4) func `a game is won by the one highest score that was not forfeited`(seats: Int) {
    for scores in Self.lists([-1.0, 0, 1.5], length: seats) {
      for forfeited in Self.lists([false, true], length: seats) {
        // An agent wins if it did not forfeit and every other one forfeited or has less.
        let winners = (0..<seats).filter { agent in
          !forfeited[agent]
            && (0..<seats).allSatisfy { $0 == agent || forfeited[$0] || scores[$0] < scores[agent] }
        }
        #expect(winners.count <= 1)
        guard SeriesVerdict.winner(scores: scores, forfeited: forfeited) == winners.first else {
          Issue.record("\(scores), forfeited \(forfeited)")
          return
        }
      }
    }
  }

  @Test(arguments: [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3), (4, 2)])
  func `a series is won by most games, then by the sum of scores`(games: Int, agents: Int) {
    for winners in Self.lists([nil] + (0..<agents).map { Optional($0) }, length: games) {
      for totals in Self.lists([0.0, 1, 2], length: agents) {
        func isAhead(_ agent: Int, of other: Int) -> Bool {
          let (wins, others) = (winners.count { $0 == agent }, winners.count { $0 == other })
          // A match of one game is decided by that game alone.
          return wins > others || (games > 1 && wins == others && totals[agent] > totals[other])
        }
        let first = (0..<agents).first { agent in
          (0..<agents).allSatisfy { $0 == agent || isAhead(agent, of: $0) }
        }
        // Alone, an agent is ahead of everybody; it has won if it won a game.
        let expected = first.flatMap { agents > 1 || winners.contains($0) ? $0 : nil }
        guard SeriesVerdict.winner(ofGames: winners, totals: totals) == expected else {
          Issue.record("\(winners), totals \(totals)")
          return
        }
      }
    }
  }

  @Test func `scores that are no numbers make a draw`() {
    #expect(SeriesVerdict.winner(scores: [.nan, .nan], forfeited: [false, false]) == nil)
    #expect(SeriesVerdict.winner(scores: [.infinity, 1], forfeited: [false, false]) == 0)
  }

  @Test func `an only agent that lost its only game has not won`() {
    #expect(SeriesVerdict.winner(ofGames: [nil], totals: [0]) == nil)
    #expect(SeriesVerdict.winner(ofGames: [nil, nil], totals: [3]) == nil)
    #expect(SeriesVerdict.winner(ofGames: [nil, 0], totals: [3]) == 0)
  }
}
