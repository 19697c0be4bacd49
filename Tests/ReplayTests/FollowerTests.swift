import ArenaSystem
import Foundation
import Glibc
import Replay
import Synchronization
import Testing

/// Files that are read while they are written.
@Suite struct FollowerTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  /// Reads until the file is finished, waiting for it by the kernel's word.
  private func follow(_ follower: ReplayFollower) throws -> [ReplayEvent] {
    var events: [ReplayEvent] = []
    while !follower.isFinished {
      while let event = try follower.next() { events.append(event) }
      guard try follower.wait(atMost: .seconds(60)) else { break }
    }
    return events
  }

  @Test func everyEventArrivesWhileAThreadWrites() throws {
    let match = SampleMatch(steps: [700, 300])
    let path = folder.path()
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let follower = try ReplayFollower(path: path)
    #expect(try follower.next() == nil)
    let failure = Mutex<(any Error)?>(nil)
    let thread = Thread {
      do { try match.write(to: path) { _ in sched_yield() } } catch { failure.withLock { $0 = error } }
    }
    thread.start()
    #expect(try follow(follower) == match.events)
    #expect(follower.isFinished)
    #expect(try follower.next() == nil)
    #expect(follower.metadata["result"] == ["status": "success"])
    #expect(failure.withLock { $0 } == nil)
  }

  @Test func aChunkIsSeenAsSoonAsItIsWritten() throws {
    let writer = ReplayWriter(path: folder.path())
    let follower = try ReplayFollower(path: folder.path())
    for step in 1...5 {
      writer.addSampleFrame(step: step)
      // Nothing of an open chunk is in the file.
      #expect(try follower.next() == nil)
      writer.closeChunkIfDue(now: .max)
      var event: ReplayEvent?
      while event == nil {
        #expect(try follower.wait(atMost: .seconds(60)))
        event = try follower.next()
      }
      guard case .frame(let frame) = event else { return #expect(Bool(false)) }
      #expect(frame.step == step)
    }
    #expect(!follower.isFinished)
    writer.close()
    #expect(try follow(follower).isEmpty)
    #expect(follower.isFinished)
  }

  @Test func recordsThatArriveByteByByteAreReadWhenTheyAreWhole() throws {
    let match = SampleMatch(steps: [12, 3])
    try match.write(to: folder.path("whole.mcap"))
    let bytes = try Data(contentsOf: URL(filePath: folder.path("whole.mcap")))
    #expect(FileManager.default.createFile(atPath: folder.path(), contents: nil))
    let follower = try ReplayFollower(path: folder.path())
    let file = try FileHandle(forWritingTo: URL(filePath: folder.path()))
    var events: [ReplayEvent] = []
    for (number, byte) in bytes.enumerated() {
      // The magic behind the Footer says nothing new.
      #expect(follower.isFinished == (number >= bytes.count - 8), "after \(number) bytes")
      try file.write(contentsOf: Data([byte]))
      while let event = try follower.next() { events.append(event) }
    }
    #expect(events == match.events)
  }

  @Test func aWaitEndsByItselfWhenNothingHappens() throws {
    let writer = ReplayWriter(path: folder.path())
    writer.addSampleFrame(step: 1)
    writer.closeChunkIfDue(now: .max)
    let follower = try ReplayFollower(path: folder.path())
    while try follower.next() == nil { #expect(try follower.wait(atMost: .seconds(60))) }
    let start = MonotonicClock.now()
    #expect(try !follower.wait(atMost: .milliseconds(30)))
    #expect(MonotonicClock.now() - start >= 30_000_000)
    #expect(try !follower.wait(atMost: .zero))
    writer.close()
  }

  @Test func aWaitCanBeInterrupted() throws {
    ReplayWriter(path: folder.path("other.mcap")).close()
    #expect(FileManager.default.createFile(atPath: folder.path(), contents: nil))
    let follower = try ReplayFollower(path: folder.path())
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data([1]))
    #expect(try !follower.wait(atMost: .seconds(600), interrupt: pipe.fileHandleForReading.fileDescriptor))
  }

  private func followed(_ match: SampleMatch = SampleMatch()) throws -> (ReplayFollower, bytes: Data, seen: Int) {
    try match.write(to: folder.path())
    let bytes = try Data(contentsOf: URL(filePath: folder.path()))
    // Without its last bytes, as if more were to come.
    #expect(truncate(folder.path(), off_t(bytes.count - 600)) == 0)
    let follower = try ReplayFollower(path: folder.path())
    var seen = 0
    while try follower.next() != nil { seen += 1 }
    #expect(seen > 0 && !follower.isFinished)
    return (follower, bytes, seen)
  }

  private func expectChange(_ follower: ReplayFollower) throws {
    #expect(try follower.wait(atMost: .seconds(60)))
    let error = #expect(throws: ReplayError.self) { try follower.next() }
    #expect(error?.kind == .changed)
    #expect(throws: ReplayError.self) { try follower.next() }
    #expect(!follower.isFinished)
  }

  @Test func aFileThatIsShortenedIsAnError() throws {
    let (follower, _, _) = try followed()
    #expect(truncate(folder.path(), 3000) == 0)
    try expectChange(follower)
  }

  @Test func aFileThatIsReplacedIsAnError() throws {
    let (follower, bytes, _) = try followed()
    try bytes.write(to: URL(filePath: folder.path("new")))
    #expect(rename(folder.path("new"), folder.path()) == 0)
    try expectChange(follower)
  }

  @Test func aFileThatIsRemovedIsAnError() throws {
    let (follower, _, _) = try followed()
    #expect(unlink(folder.path()) == 0)
    try expectChange(follower)
  }

  @Test func aFileThatIsWrittenAnewInPlaceIsAnError() throws {
    let (follower, bytes, _) = try followed()
    var other = bytes
    for offset in 2000..<other.count { other[offset] = 0x5A }
    // Same file, other content, and longer than what was read.
    let file = try FileHandle(forWritingTo: URL(filePath: folder.path()))
    try file.write(contentsOf: other)
    try expectChange(follower)
  }

  @Test func whatIsNotAReplayIsAnErrorAtOnce() throws {
    try Data("this is not a replay at all".utf8).write(to: URL(filePath: folder.path()))
    let follower = try ReplayFollower(path: folder.path())
    let error = #expect(throws: ReplayError.self) { try follower.next() }
    #expect(error?.kind == .notAReplay)
    #expect(throws: ReplayError.self) { try ReplayFollower(path: folder.path("missing")) }
  }
}
