import ArenaCore
import Synchronization
import Testing

@testable import MatchExecutor

/// A clock that stands until it is moved.
private final class HandClock: Sendable {
  private let time = Mutex(1_000_000.0)
  var now: Double { time.withLock { $0 } }
  func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

@Suite struct MatchTableTests {
  private let clock = HandClock()

  private func table(capacity: Int = 10, retention: Duration = .seconds(3600)) -> MatchTable {
    MatchTable(capacity: capacity, retention: retention, clock: { [clock] in clock.now })
  }

  private func match(_ id: String, digest: String = "a", environment: String = "pong") throws -> AcceptedMatch {
    let spec = try MatchSpec(
      matchID: id,
      environment: environment,
      agents: [AgentSpec(agentID: "x"), AgentSpec(agentID: "y")]
    )
    return AcceptedMatch(spec: spec, sources: [], requestDigest: digest)
  }

  private func finished(_ id: String) -> FinishedMatch {
    FinishedMatch(MatchResult(matchID: id, environment: "pong", status: .success, agentResults: [], seed: 7))
  }

  @Test func aMatchIsNewOnceAndFoundAgain() async throws {
    let table = table()
    let first = try table.enlist(match("m"), callerDeadline: nil)
    let second = try table.enlist(match("m"), callerDeadline: nil)
    #expect(first.isNew && !second.isNew)
    #expect(table.load == (0, 1))
    async let a = first.wait.outcome()
    async let b = second.wait.outcome()
    table.finish("m", finished("m"))
    #expect(try await a == finished("m"))
    #expect(try await b == finished("m"))
    let third = try table.enlist(match("m"), callerDeadline: nil)
    #expect(try await third.wait.outcome() == finished("m"))
    #expect(table.load == (0, 0))
  }

  @Test func anotherRequestUnderTheSameNameIsRefused() throws {
    let table = table()
    let known = try table.enlist(match("m"), callerDeadline: nil)
    #expect(throws: MatchRefusal.differentRequest(matchID: "m")) {
      try table.enlist(match("m", digest: "b"), callerDeadline: nil)
    }
    withExtendedLifetime(known) {}
  }

  @Test func thereIsRoomForSoManyUnfinishedMatches() throws {
    let table = table(capacity: 2)
    _ = try table.enlist(match("1"), callerDeadline: nil)
    _ = try table.enlist(match("2"), callerDeadline: nil)
    let refusal = #expect(throws: MatchRefusal.self) { try table.enlist(match("3"), callerDeadline: nil) }
    #expect(refusal?.code == .resourceExhausted)
    table.finish("1", finished("1"))
    #expect(try table.enlist(match("3"), callerDeadline: nil).isNew)
  }

  @Test func aCallerThatLeavesDoesNotEndTheMatch() async throws {
    let table = table()
    let wait = try table.enlist(match("m"), callerDeadline: 5).wait
    let task = Task { try await wait.outcome() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(table.record("m")?.phase == .queued)
    #expect(table.callersDeadline("m") == nil)
    table.finish("m", finished("m"))
    #expect(table.record("m")?.finished == finished("m"))
  }

  @Test func theLastCallersDeadlineCounts() throws {
    let table = table()
    let first = try table.enlist(match("m"), callerDeadline: 10).wait
    #expect(table.callersDeadline("m") == 10)
    let second = try table.enlist(match("m"), callerDeadline: 30).wait
    #expect(table.callersDeadline("m") == 30)
    let patient = try table.enlist(match("m"), callerDeadline: nil).wait
    #expect(table.callersDeadline("m") == nil)
    patient.leave()
    second.leave()
    #expect(table.callersDeadline("m") == 10)
    first.leave()
  }

  @Test func whatIsOverIsForgottenAfterTheRetentionTime() throws {
    let table = table(retention: .seconds(60))
    _ = try table.enlist(match("m"), callerDeadline: nil)
    table.finish("m", finished("m"))
    clock.advance(59)
    #expect(table.record("m") != nil)
    _ = try table.enlist(match("n"), callerDeadline: nil)
    clock.advance(2)
    #expect(table.record("m") == nil)
    #expect(table.record("n") != nil)
    // And may be played again, by another request.
    #expect(try table.enlist(match("m", digest: "b"), callerDeadline: nil).isNew)
    clock.advance(1000)
    #expect(table.record("m") != nil)
  }

  @Test func manyMatchesComeAndGo() throws {
    let table = table(retention: .seconds(1))
    for round in 0..<2000 {
      let id = "m\(round % 7)"
      #expect(try table.enlist(match(id), callerDeadline: nil).isNew)
      table.finish(id, finished(id))
      clock.advance(1)
    }
    #expect(table.records(limit: 100) { _ in true }.isEmpty)
  }

  @Test func phasesOnlyGoForward() throws {
    let table = table()
    _ = try table.enlist(match("m"), callerDeadline: nil)
    clock.advance(1)
    table.advance("m", to: .running)
    #expect(table.load == (1, 0))
    clock.advance(1)
    table.advance("m", to: .scheduled)
    table.advance("m", to: .running, message: "again")
    let record = try #require(table.record("m"))
    #expect(record.phase == .running && record.message == "again")
    #expect(
      record.timings.queued == 1_000_000 && record.timings.running == 1_000_001 && record.timings.scheduled == nil
    )
    table.finish("m", finished("m"))
    #expect(table.load == (0, 0))
    #expect(table.record("m")?.timings.finished == 1_000_002)
  }

  @Test func aWatcherSeesTheLastOfWhatItMissedAndTheEnd() async throws {
    let table = table()
    _ = try table.enlist(match("m"), callerDeadline: nil)
    var changes = table.changes(of: "m").makeAsyncIterator()
    #expect(await changes.next() != nil)
    table.advance("m", to: .scheduled)
    table.advance("m", to: .running)
    #expect(await changes.next() != nil)
    #expect(table.record("m")?.phase == .running)
    table.finish("m", finished("m"))
    #expect(await changes.next() != nil)
    #expect(await changes.next() == nil)
    var late = table.changes(of: "m").makeAsyncIterator()
    #expect(await late.next() != nil)
    #expect(await late.next() == nil)
    var unknown = table.changes(of: "nobody").makeAsyncIterator()
    #expect(await unknown.next() == nil)
  }

  @Test func listsArePagedByArrival() throws {
    let table = table(capacity: 100)
    for number in 0..<10 { _ = try table.enlist(match("m\(number)"), callerDeadline: nil) }
    let newest = table.records(limit: 3) { _ in true }
    #expect(newest.map(\.matchID) == ["m9", "m8", "m7"])
    let next = table.records(before: newest.last?.number, limit: 3) { _ in true }
    #expect(next.map(\.matchID) == ["m6", "m5", "m4"])
    #expect(table.records(limit: 100) { $0.matchID == "m3" }.count == 1)
  }

  @Test func whenClosedItStillKnowsWhatItHas() async throws {
    let table = table()
    let wait = try table.enlist(match("m"), callerDeadline: nil).wait
    table.close(.unavailable("closed"))
    #expect(!table.isOpen)
    #expect(throws: MatchRefusal.unavailable("closed")) { try table.enlist(match("n"), callerDeadline: nil) }
    #expect(try !table.enlist(match("m"), callerDeadline: nil).isNew)
    let outcome = Task { try await wait.outcome() }
    table.giveUp(.unavailable("gone"))
    await #expect(throws: MatchRefusal.unavailable("gone")) { try await outcome.value }
    // Those who come only now are told the same.
    let late = try table.enlist(match("m"), callerDeadline: nil).wait
    await #expect(throws: MatchRefusal.unavailable("gone")) { try await late.outcome() }
  }

  @Test func whoWaitsForTheLastMatchIsWoken() async throws {
    let table = table()
    await table.waitUntilIdle()
    _ = try table.enlist(match("m"), callerDeadline: nil)
    async let idle: Void = table.waitUntilIdle()
    table.finish("m", finished("m"))
    await idle
    _ = try table.enlist(match("n"), callerDeadline: nil)
    let impatient = Task { await table.waitUntilIdle() }
    impatient.cancel()
    await impatient.value
  }
}
