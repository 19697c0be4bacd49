import Testing

@testable import MatchEngine

@Suite struct WakePolicyTests {
  private let quick = WakePolicy.quickStep
  private let slow = WakePolicy.quickStep + 1

  private func afterManyQuickSteps() -> WakePolicy {
    var policy = WakePolicy(sharesProcessor: true, stepTimeout: WakePolicy.leastStepTimeout)
    for _ in 1..<WakePolicy.quickStepsNeeded { #expect(policy.stepEnded(after: quick) == nil) }
    #expect(policy.stepEnded(after: quick) == .inTurn)
    return policy
  }

  @Test func manyQuickStepsLetTheThreadWakeInTurnOnce() {
    var policy = afterManyQuickSteps()
    for _ in 0..<200 { #expect(policy.stepEnded(after: quick) == nil) }
  }

  @Test func aStepThatGoesOnEndsThatAtOnce() {
    var policy = afterManyQuickSteps()
    #expect(policy.stepGoesOn(after: quick) == nil)
    #expect(policy.stepGoesOn(after: slow) == .atOnce)
    #expect(policy.stepGoesOn(after: slow) == nil)
    #expect(policy.stepEnded(after: slow) == nil)
  }

  @Test func aSlowStepMeansThatManyQuickOnesMustComeAgain() {
    var policy = afterManyQuickSteps()
    #expect(policy.stepEnded(after: slow) == .atOnce)
    for _ in 1..<WakePolicy.quickStepsNeeded { #expect(policy.stepEnded(after: quick) == nil) }
    #expect(policy.stepEnded(after: quick) == .inTurn)
  }

  @Test(arguments: [
    (shares: false, timeout: Int64?.none), (shares: true, timeout: WakePolicy.leastStepTimeout - 1),
    (shares: false, timeout: WakePolicy.leastStepTimeout),
  ])
  func elsewhereTheThreadAlwaysWakesAtOnce(shares: Bool, timeout: Int64?) {
    var policy = WakePolicy(sharesProcessor: shares, stepTimeout: timeout)
    for _ in 0..<200 { #expect(policy.stepEnded(after: quick) == nil) }
    #expect(policy.stepGoesOn(after: slow) == nil)
  }
}
