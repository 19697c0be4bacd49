import ArenaCore
import Testing

@testable import MatchExecutor

@Suite struct MatchQueueTests {
  private func match(_ id: String, priority: Int32 = 0) throws -> AcceptedMatch {
    let spec = try MatchSpec(matchID: id, environment: "pong", agents: [])
    return AcceptedMatch(spec: spec, sources: [], priority: priority, requestDigest: "")
  }

  @Test func equalsComeInTheOrderOfTheirArrival() throws {
    var queue = MatchQueue()
    for number in 0..<100 { queue.append(try match("m\(number)")) }
    for number in 0..<100 { #expect(queue.popFirst()?.spec.matchID == "m\(number)") }
    #expect(queue.popFirst() == nil)
  }

  @Test func aHigherPriorityComesFirst() throws {
    var queue = MatchQueue()
    for (id, priority) in [("a", 0), ("b", 5), ("c", -3), ("d", 5), ("e", Int32.max)] as [(String, Int32)] {
      queue.append(try match(id, priority: priority))
    }
    var order: [String] = []
    while let match = queue.popFirst() { order.append(match.spec.matchID) }
    #expect(order == ["e", "b", "d", "a", "c"])
  }

  @Test func oneCanBeTakenOut() throws {
    var queue = MatchQueue()
    for id in ["a", "b", "c"] { queue.append(try match(id)) }
    #expect(queue.remove("b")?.spec.matchID == "b")
    #expect(queue.remove("b") == nil)
    #expect(queue.popFirst()?.spec.matchID == "a")
    #expect(queue.removeAll().map(\.spec.matchID) == ["c"])
    #expect(queue.popFirst() == nil)
  }
}
