import Foundation
import Testing

@testable import AgentSandbox

@Suite struct ProcessorSharesTests {
  @Test(arguments: [
    (available: [0, 1], agents: 2, threads: 1, first: 0, shares: [[0], [1]], match: [1]),
    (available: [0, 1], agents: 2, threads: 1, first: 1, shares: [[1], [0]], match: [0]),
    (available: [2, 5, 7, 9], agents: 2, threads: 2, first: 3, shares: [[9, 2], [5, 7]], match: [5, 7]),
    (available: [0, 1, 2, 3, 4], agents: 2, threads: 8, first: 0, shares: [[0, 1], [2, 3]], match: [4]),
    (available: [0, 1, 2, 3], agents: 2, threads: 1, first: 1, shares: [[1], [2]], match: [3, 0]),
    (available: [3], agents: 1, threads: 4, first: 0, shares: [[3]], match: [3]),
  ])
  func agentsGetProcessorsOfTheirOwn(
    available: [Int],
    agents: Int,
    threads: Int,
    first: Int,
    shares: [[Int]],
    match: [Int]
  ) throws {
    let divided = try #require(ProcessorShares(available, agents: agents, threads: threads, first: first))
    #expect(divided.agents == shares)
    #expect(divided.match == match)
    #expect(divided.matchSharesWithAgent == shares.contains(match))
  }

  @Test(arguments: [(available: [0], agents: 2), (available: [], agents: 1), (available: [0, 1], agents: 0)])
  func whereThereAreTooFewNobodyIsHeldToAny(available: [Int], agents: Int) {
    #expect(ProcessorShares(available, agents: agents, threads: 1, first: 0) == nil)
  }

  @Test func anAgentRunsWhereItIsTold() async throws {
    let fixture = try await Fixture()
    let processor = try #require(ProcessorShares(agents: 1, threads: 1)?.agents.first?.first)
    let path = try fixture.agent("import os; print(sorted(os.sched_getaffinity(0)))")
    let agent = try await fixture.start(.python(path: path), processors: [processor])
    _ = await agent.waitUntilEnd()
    #expect(try String(contentsOfFile: agent.standardOutputLog, encoding: .utf8) == "[\(processor)]\n")
  }
}
