import Foundation
import Replay
import TestSupport
import Testing

/// Whole files, read back.
@Suite struct ReaderTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  private func reader(_ match: SampleMatch = SampleMatch()) throws -> ReplayReader {
    try match.write(to: folder.path())
    return try ReplayReader(path: folder.path())
  }

  @Test(arguments: [1024, 65_536])
  func whatWasWrittenIsReadBack(chunkBytes: Int) throws {
    let match = SampleMatch(chunkBytes: chunkBytes)
    let reader = try reader(match)
    #expect(try reader.allEvents() == match.events)
    #expect(reader.isComplete)
    #expect(reader.damage == nil)
    #expect(reader.metadata == SampleMatch.metadata.merging(SampleMatch.result) { $1 })
    #expect(reader.frameCount == 66)
    #expect(reader.gameEventCount == 6)
    #expect(reader.chunkCount == 1 || chunkBytes == 1024)
    #expect(try reader.size == UInt64(Data(contentsOf: URL(filePath: folder.path())).count))
    #expect(reader.times?.lowerBound == ReplayWriter.sampleTime)
    #expect(reader.times?.upperBound == ReplayWriter.sampleTime + 66 * 33_000 + 15_000)
  }

  @Test func framesAndCountsAreThoseOfTheMCAPPackage() async throws {
    let reader = try reader()
    let python = try await PythonReader.read(folder.path())
    #expect(python.frames.count == reader.frameCount)
    #expect(python.statistics.chunkCount == reader.chunkCount)
    #expect(python.starts.count + python.ends.count == reader.gameEventCount)
    for number in [0, 9, 10, 39, 40, 41, 65] {
      let theirs = python.frames[number]
      let ours = try reader.frame(number)
      #expect(ours.step == Int(theirs.step) && ours.game == theirs.game && ours.timeNanoseconds == theirs.logTime)
      #expect(ours.info == theirs.info && ours.terminated == theirs.terminated)
      for (seat, other) in zip(ours.seats, theirs.seats) {
        #expect(seat.observation == other.observation ?? theirs.seats[0].observation)
        #expect(seat.action == other.action && seat.reward == other.reward && seat.note == other.note)
        #expect(seat.thinkTimeMicroseconds == other.thinkTime && seat.acted != other.idle)
        #expect((seat.fault == nil) == (other.fault == 0))
      }
    }
  }

  @Test(arguments: [SampleMatch(steps: [1]), SampleMatch(), SampleMatch(steps: [900, 3], chunkBytes: 65_536)])
  func summaryAndIndexAgreeWithTheContent(match: SampleMatch) async throws {
    try match.write(to: folder.path())
    let check = try await ReplayCheck.check(folder.path())
    #expect(check.problems == [])
    #expect(check.frames == match.frames.count && check.gameEvents == 2 * match.steps.count)
    #expect(check.metadata == ["agent 0", "match", "result"])
  }

  @Test func anyFrameIsWhatTheIterationGives() throws {
    let match = SampleMatch(steps: [300, 1, 150])
    let reader = try reader(match)
    let frames = match.frames
    #expect(reader.chunkCount > 20)
    var order = Array(frames.indices)
    var random = SystemRandomNumberGenerator()
    order.shuffle(using: &random)
    for number in order { #expect(try reader.frame(number) == frames[number]) }
    // Neighbours, and both ends.
    for number in 100..<140 { #expect(try reader.frame(number) == frames[number]) }
    for number in (100..<140).reversed() { #expect(try reader.frame(number) == frames[number]) }
    #expect(throws: ReplayError.self) { try reader.frame(frames.count) }
    #expect(throws: ReplayError.self) { try reader.frame(-1) }
  }

  @Test func anIterationBeginsAtAnyFrame() throws {
    let match = SampleMatch()
    let reader = try reader(match)
    let events = match.events
    let places = events.indices.filter { if case .frame = events[$0] { true } else { false } }
    for (number, place) in places.enumerated() {
      #expect(try ReplayReader.rest(of: reader.makeEvents(fromFrame: number)) == Array(events[place...]))
    }
    #expect(try ReplayReader.rest(of: reader.makeEvents(fromFrame: places.count)).isEmpty)
    #expect(throws: ReplayError.self) { _ = try reader.makeEvents(fromFrame: places.count + 1) }
  }

  @Test func everyStepHasItsNumber() throws {
    let match = SampleMatch()
    let reader = try reader(match)
    for (number, frame) in match.frames.enumerated() {
      #expect(try reader.frameNumber(game: frame.game, step: frame.step) == number)
    }
    for (game, step) in [(0, 0), (0, 41), (1, 2), (2, 26), (3, 1), (-1, 1), (0, -1), (Int.max, Int.max)] {
      #expect(try reader.frameNumber(game: game, step: step) == nil)
    }
  }

  @Test func severalIterationsGoOnSideBySide() throws {
    let match = SampleMatch()
    let reader = try reader(match)
    var first = try reader.makeEvents()
    var second = try reader.makeEvents(fromFrame: 50)
    var read: [ReplayEvent] = []
    while let event = try first.next() {
      read.append(event)
      _ = try second.next()
      _ = try reader.frame(20)
    }
    #expect(read == match.events)
  }

  @Test func aMatchWithoutFramesIsReadToo() throws {
    ReplayWriter(path: folder.path()).close()
    let reader = try ReplayReader(path: folder.path())
    #expect(reader.isComplete)
    #expect(reader.frameCount == 0 && reader.chunkCount == 0 && reader.times == nil)
    #expect(try reader.allEvents().isEmpty)
    #expect(try reader.frameNumber(game: 0, step: 1) == nil)
    let error = #expect(throws: ReplayError.self) { try reader.frame(0) }
    #expect(error?.kind == .outOfRange)
  }

  @Test func laterMetadataOfTheSameNameWins() throws {
    let writer = ReplayWriter(path: folder.path(), metadata: ["state": ["is": "early"]])
    writer.addSampleFrame(step: 1)
    writer.close(finalMetadata: ["state": ["is": "late"]])
    #expect(try ReplayReader(path: folder.path()).metadata == ["state": ["is": "late"]])
  }

  @Test func filesThatAreNoReplaysAreToldApart() throws {
    let cases: [(String, Data, ReplayError.Kind)] = [
      ("empty", Data(), .cutOff), ("text", Data("hello, this is not a replay".utf8), .notAReplay),
      ("magic", Data([0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]), .cutOff),
      ("zeros", Data(count: 4096), .notAReplay),
    ]
    for (name, data, kind) in cases {
      try data.write(to: folder.url.appending(path: name))
      let error = #expect(throws: ReplayError.self) { try ReplayReader(path: folder.path(name)) }
      #expect(error?.kind == kind, "\(name)")
      #expect(error?.description.hasPrefix(folder.path(name)) == true)
    }
    for path in [folder.path("missing"), folder.url.path, "/dev/null"] {
      let error = #expect(throws: ReplayError.self) { try ReplayReader(path: path) }
      #expect(error?.kind == .inaccessible)
    }
  }

  @Test func anMCAPFileOfSomebodyElseIsNoReplay() async throws {
    let script = """
      import sys
      from mcap.writer import Writer
      with open(sys.argv[1], "wb") as file:
          writer = Writer(file)
          writer.start(profile="ros2", library="other")
          writer.finish()
      """
    _ = try await TestPython.run(script, arguments: [folder.path()])
    let error = #expect(throws: ReplayError.self) { try ReplayReader(path: folder.path()) }
    #expect(error?.kind == .notAReplay)
    #expect(error?.description.contains("ros2") == true)
  }
}
