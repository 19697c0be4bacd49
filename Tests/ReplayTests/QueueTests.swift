import ArenaCore
import Foundation
import Glibc
import Replay
import Testing

/// The bounded queue between the match's thread and the recording thread, which a gate holds up.
@Suite struct QueueTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  /// Holds a thread up until it is opened; open for good from then on.
  private final class Gate: Sendable {
    private let condition = NSCondition()
    nonisolated(unsafe) private var isOpen = false  // Read and written under the condition's lock only.

    func pass() { condition.withLock { while !isOpen { condition.wait() } } }

    func open() {
      condition.withLock {
        isOpen = true
        condition.broadcast()
      }
    }
  }

  @Test func aStalledThreadFillsTheQueueAndTheMatchWaits() async throws {
    let gate = Gate()
    let waits = Counter()
    let writer = ReplayWriter(
      path: folder.path(),
      metadata: [:],
      options: try ReplayOptions(chunkBytes: 1024, queueDepth: 3),
      beforeEachChunk: { gate.pass() },
      beforeWaiting: {
        // The match's thread is about to block: nothing has moved until now.
        #expect(waits.next() == 1)
        gate.open()
      }
    )
    // The preamble takes the first place, two chunks the others; the third chunk finds none.
    for step in 1...2 {
      writer.addSampleFrame(step: step, size: 2000)
      #expect(!writer.isFull)
      #expect(writer.waitForRoom() == .zero)
    }
    writer.addSampleFrame(step: 3, size: 2000)
    #expect(writer.isFull)
    #expect(waits.value == 0)

    let wait = writer.waitForRoom()
    #expect(waits.value == 1)
    #expect(wait > .zero)
    #expect(!writer.isFull)

    writer.addSampleFrame(step: 4, size: 2000)
    let report = writer.close()
    #expect(report.frames == 4)
    #expect(report.waited >= wait)
    #expect(try await PythonReader.read(folder.path()).frames.map(\.step) == [1, 2, 3, 4])
  }

  @Test func aMatchThatDoesNotAskWaitsAtItsNextFrame() throws {
    let gate = Gate()
    let waits = Counter()
    let writer = ReplayWriter(
      path: folder.path(),
      metadata: [:],
      options: try ReplayOptions(chunkBytes: 1024, queueDepth: 1),
      beforeEachChunk: { gate.pass() },
      beforeWaiting: {
        _ = waits.next()
        gate.open()
      }
    )
    writer.addSampleFrame(step: 1, size: 2000)
    #expect(writer.isFull)
    writer.addSampleFrame(step: 2, size: 2000)
    #expect(waits.value >= 1)
    #expect(writer.close().frames == 2)
  }

  @Test func anOldChunkIsHandedOverWhenItsTimeHasCome() async throws {
    let writer = ReplayWriter(path: folder.path())
    #expect(writer.openChunkDeadline == nil)
    writer.addSampleFrame(step: 1)
    let deadline = try #require(writer.openChunkDeadline)
    writer.closeChunkIfDue(now: deadline - 1)
    #expect(writer.openChunkDeadline == deadline)
    writer.closeChunkIfDue(now: deadline)
    #expect(writer.openChunkDeadline == nil)
    writer.closeChunkIfDue(now: deadline + 1)
    writer.addSampleFrame(step: 2)
    #expect(try #require(writer.openChunkDeadline) > deadline - 250_000_000)
    #expect(writer.close().frames == 2)
    #expect(try await PythonReader.read(folder.path()).statistics.chunkCount == 2)
  }

  @Test func anOldChunkStaysOpenWhileThereIsNoRoom() throws {
    let gate = Gate()
    let writer = ReplayWriter(
      path: folder.path(),
      metadata: [:],
      options: try ReplayOptions(queueDepth: 1),
      beforeEachChunk: { gate.pass() },
      beforeWaiting: nil
    )
    writer.addSampleFrame(step: 1)
    let deadline = try #require(writer.openChunkDeadline)
    writer.closeChunkIfDue(now: deadline)
    #expect(writer.openChunkDeadline == deadline + 250_000_000)
    #expect(!writer.isFull)
    writer.addSampleFrame(step: 2)
    gate.open()
    #expect(writer.close().frames == 2)
  }

  @Test(arguments: [ReplayOptions.Scheduling.batch, .idle, .inherited])
  func aMatchThatOutrunsTheThreadLosesNothing(scheduling: ReplayOptions.Scheduling) throws {
    let writer = ReplayWriter(
      path: folder.path(),
      options: try ReplayOptions(level: 9, chunkBytes: 4096, queueDepth: 1, scheduling: scheduling)
    )
    for step in 1...5000 { writer.addSampleFrame(step: step) }
    let report = writer.close()
    #expect(report.frames == 5000)
    #expect(report.lostFrames == 0)
    #expect(report.endedEarly == nil)
  }

  @Test func optionsOutsideTheirRangeAreRefused() {
    #expect(throws: FieldError(field: "level", given: "", allowed: "")) { try ReplayOptions(level: 0) }
    #expect(throws: FieldError(field: "chunk_bytes", given: "", allowed: "")) { try ReplayOptions(chunkBytes: 1023) }
    #expect(throws: FieldError(field: "queue_depth", given: "", allowed: "")) { try ReplayOptions(queueDepth: 0) }
    #expect(throws: FieldError(field: "chunk_interval", given: "", allowed: "")) {
      try ReplayOptions(chunkInterval: .microseconds(999))
    }
  }
}
