import Foundation
import Testing

@testable import Replay

/// Whole files out of cut and damaged ones, as this reader and the `mcap` package see them.
@Suite struct RepairTests {
  let folder: ReplayFolder
  let match = SampleMatch(steps: [60, 30])
  let bytes: Data
  let chunks: [MCAPSummary.Chunk]

  init() throws {
    folder = try ReplayFolder()
    try match.write(to: folder.path("whole.mcap"))
    bytes = try Data(contentsOf: URL(filePath: folder.path("whole.mcap")))
    chunks = try ReplayReader(path: folder.path("whole.mcap")).index.chunks
    #expect(chunks.count > 8)
  }

  private func repair(_ bytes: Data) throws -> ReplayRepairReport {
    try bytes.write(to: folder.url.appending(path: "damaged.mcap"))
    return try ReplayRepair.repair(folder.path("damaged.mcap"), to: folder.path())
  }

  /// Checks that the repaired file is whole, also to the `mcap` package, and returns its events.
  private func expectWhole(_ report: ReplayRepairReport) async throws -> [ReplayEvent] {
    let reader = try ReplayReader(path: folder.path())
    #expect(reader.isComplete && reader.damage == nil)
    #expect(reader.frameCount == report.frames && reader.gameEventCount == report.gameEvents)
    #expect(reader.chunkCount == report.chunks && reader.size == report.bytes)
    let python = try await PythonReader.read(folder.path())
    #expect(python.agree && python.frames.count == report.frames)
    #expect(python.metadata.count == report.metadata)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 3)
    return try reader.allEvents()
  }

  @Test func aWholeFileStaysTheSame() throws {
    let report = try repair(bytes)
    #expect(report.wasComplete)
    #expect(report.losses.isEmpty && report.droppedBytes == 0 && report.missingFrames == 0)
    #expect(try Data(contentsOf: URL(filePath: folder.path())) == bytes)
    #expect(report.frames == 90 && report.sha256.count == 64)
  }

  @Test func aCutFileKeepsItsWholeChunks() async throws {
    let cut = Int(chunks[5].offset) + 100
    let report = try repair(bytes.prefix(cut))
    #expect(!report.wasComplete)
    #expect(report.chunks == 5)
    #expect(report.droppedBytes == 100)
    #expect(report.losses.map(\.offset) == [chunks[5].offset])
    #expect(report.losses[0].reason.contains("\(Int(chunks[5].length) - 100) bytes are missing"))
    let events = try await expectWhole(report)
    #expect(events == Array(match.events.prefix(events.count)) && events.count > 20)
    #expect(try ReplayReader(path: folder.path()).metadata == SampleMatch.metadata)
  }

  @Test func aFileThatLacksOnlyItsIndexLosesNothing() async throws {
    let last = try #require(chunks.last)
    let report = try repair(bytes.prefix(Int(last.offset + last.length)))
    #expect(report.droppedBytes == 0 && report.losses.count == 1 && !report.wasComplete)
    #expect(try await expectWhole(report) == match.events)
  }

  /// What is wrong within chunk 4, as an offset from its beginning and a new byte.
  @Test(
    arguments: [(70, 0x55), (0, 0x00), (0, 0x0C), (1, 0xFF), (3, 0x01), (5, 0x7F), (40, 0x33), (34, 0x01)]
      as [(Int, UInt8)]
  )
  func aDamagedChunkIsLeftOutAndTheOthersStay(place: Int, value: UInt8) async throws {
    var bytes = bytes
    bytes[Int(chunks[4].offset) + place] = value
    let report = try repair(bytes)
    let whole = try ReplayReader(path: folder.path("whole.mcap"))
    let tally = try whole.readChunk(4).tally()
    #expect(report.chunks == chunks.count - 1)
    #expect(report.losses.map(\.offset) == [chunks[4].offset])
    #expect(report.droppedBytes == chunks[4].length)
    #expect(report.missingFrames == UInt64(tally.frames))
    #expect(report.metadata == 3)
    let before = try (0..<4).reduce(0) {
      try $0 + whole.readChunk($1).tally().frames + whole.readChunk($1).tally().gameEvents
    }
    var expected = match.events
    expected.removeSubrange(before..<before + tally.frames + tally.gameEvents)
    #expect(try await expectWhole(report) == expected)
  }

  @Test func severalHolesAreAllReported() async throws {
    var bytes = bytes
    for number in [1, 2, 6] { bytes[Int(chunks[number].offset) + 80] ^= 0xFF }
    bytes.replaceSubrange(Int(chunks[7].offset)..<Int(chunks[7].offset) + 50, with: Data(count: 50))
    let report = try repair(bytes)
    #expect(report.chunks == chunks.count - 4)
    #expect(report.losses.map(\.offset) == [1, 2, 6, 7].map { chunks[$0].offset })
    _ = try await expectWhole(report)
  }

  @Test func metadataBehindADamagedLastChunkIsFound() async throws {
    var bytes = bytes
    let last = try #require(chunks.last)
    bytes[Int(last.offset) + 2] ^= 0x40
    let report = try repair(bytes)
    #expect(report.metadata == 3)
    _ = try await expectWhole(report)
    #expect(try ReplayReader(path: folder.path()).metadata["result"] == ["status": "success"])
  }

  @Test func aChunkWhoseTimesAreWrongIsPutRight() async throws {
    var bytes = bytes
    bytes[Int(chunks[2].offset) + 9] ^= 0xFF
    let report = try repair(bytes)
    #expect(report.droppedBytes == 0)
    #expect(report.losses.map(\.offset) == [chunks[2].offset])
    #expect(try await expectWhole(report) == match.events)
    #expect(try Data(contentsOf: URL(filePath: folder.path())) == self.bytes)
  }

  @Test(arguments: [3, 10, 20, 40, 60, 200, 1000])
  func aDamagedBeginningIsMadeAnew(offset: Int) async throws {
    var bytes = bytes
    bytes[offset] ^= 0x20
    // The profile tells replays from other people's files: where it is wrong, the file is somebody else's.
    guard !(21..<29).contains(offset) else {
      #expect(throws: ReplayError.self) { try repair(bytes) }
      return
    }
    let report = try repair(bytes)
    #expect(!report.wasComplete && !report.losses.isEmpty)
    #expect(try await expectWhole(report) == match.events)
  }

  @Test func aWrongByteAnywhereLosesAtMostAChunk() throws {
    for offset in stride(from: bytes.startIndex, to: bytes.endIndex, by: 37) where !(17..<32).contains(offset) {
      var bytes = bytes
      bytes[offset] ^= UInt8(1 << (offset % 8))
      let report = try repair(bytes)
      let reader = try ReplayReader(path: folder.path())
      #expect(reader.isComplete && reader.damage == nil && report.chunks >= chunks.count - 1, "byte \(offset)")
      let kept = try reader.allEvents()
      #expect(kept.allSatisfy(match.events.contains), "byte \(offset)")
    }
  }

  @Test func theOldFileIsNeverTheNewOne() throws {
    let path = folder.path("whole.mcap")
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: path)
    try FileManager.default.linkItem(atPath: path, toPath: folder.path("hard"))
    for output in [
      path, folder.path("link"), folder.path("hard"), folder.path("../\(folder.url.lastPathComponent)/whole.mcap"),
    ] {
      #expect(throws: ReplayError.self) { try ReplayRepair.repair(path, to: output) }
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
  }

  @Test func whatCannotBeRepairedLeavesNothingBehind() throws {
    for (name, data) in [("text", Data("not a replay at all".utf8)), ("empty", Data()), ("zeros", Data(count: 9000))] {
      try data.write(to: folder.url.appending(path: name))
      #expect(throws: ReplayError.self) { try ReplayRepair.repair(folder.path(name), to: folder.path("new.mcap")) }
    }
    #expect(throws: ReplayError.self) { try ReplayRepair.repair(folder.path("missing"), to: folder.path("new.mcap")) }
    let error = #expect(throws: ReplayError.self) {
      try ReplayRepair.repair(folder.path("whole.mcap"), to: folder.path("no/folder.mcap"))
    }
    #expect(error?.kind == .inaccessible)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == [
        "empty", "text", "whole.mcap", "zeros",
      ]
    )
  }

  @Test func aFileThatIsRepairedTwiceIsTheSame() throws {
    var bytes = bytes
    bytes[Int(chunks[3].offset) + 90] ^= 1
    _ = try repair(bytes)
    let again = try ReplayRepair.repair(folder.path(), to: folder.path("again.mcap"))
    #expect(again.wasComplete && again.losses.isEmpty)
    #expect(
      try Data(contentsOf: URL(filePath: folder.path())) == Data(contentsOf: URL(filePath: folder.path("again.mcap")))
    )
  }
}
