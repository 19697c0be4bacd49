import NIOCore
import Testing

@testable import GRPCNghttp2Transport

@Suite("What a connection may hold")
struct BudgetTests {
  private static func id(_ slot: UInt32) -> CallID { CallID(slot: slot, generation: 0) }

  @Test("long messages wait for room, in the order of asking")
  func reservations() {
    var budget = ReceiveBudget(limit: 100)
    #expect(budget.reserve(60, for: Self.id(1)) == true)
    #expect(budget.reserve(50, for: Self.id(2)) == false)
    #expect(budget.reserve(10, for: Self.id(3)) == false, "what would fit waits behind what came first")
    let next = budget.release(60)
    #expect(next?.id == Self.id(2))
    let third = budget.release(0)
    #expect(third?.id == Self.id(3))
    #expect(budget.reserved == 60)
    #expect(budget.release(0) == nil)
  }

  @Test("a message longer than all room is let in alone")
  func longest() {
    var budget = ReceiveBudget(limit: 100)
    #expect(budget.reserve(1000, for: Self.id(1)) == true)
    #expect(budget.reserve(1, for: Self.id(2)) == false)
    #expect(budget.release(1000)?.id == Self.id(2))
  }

  @Test("deadlines come up in order, and those of calls that ended are thrown out")
  func deadlines() {
    var queue = DeadlineQueue()
    let start = NIODeadline.uptimeNanoseconds(1000)
    for slot in 0..<10_000 as Range<UInt32> {
      queue.add(Self.id(slot), at: start + .seconds(Int64(10_000 - slot)), open: 1) { $0.slot > 9_990 }
    }
    #expect(queue.count < 200)
    #expect(queue.next == start + .seconds(1))
    #expect(queue.popDue(now: start) == nil)
    #expect(queue.popDue(now: start + .seconds(2)) == Self.id(9_999))
    #expect(queue.popDue(now: start + .seconds(2)) == Self.id(9_998))
    #expect(queue.popDue(now: start + .seconds(2)) == nil)
  }

  @Test("a client may provoke only so many resets")
  func resets() {
    var now = NIODeadline.uptimeNanoseconds(1000)
    var allowance = ResetAllowance(now: now)
    for _ in 0..<500 { #expect(allowance.take(now: now) == true) }
    #expect(allowance.take(now: now) == false)
    now = now + .seconds(1)
    for _ in 0..<50 { #expect(allowance.take(now: now) == true) }
    #expect(allowance.take(now: now) == false)
  }
}
