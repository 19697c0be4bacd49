import Foundation
import TestSupport
import Testing

@testable import Replay

/// Files that are cut off or have wrong bytes.
@Suite struct DamagedFileTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  /// A recording, and what a reader makes of the part of it before any byte.
  private struct Recording {
    let events: [ReplayEvent]
    let bytes: Data
    let metadata: [String: [String: String]]
    /// Where the Header ends.
    let headerEnd: Int
    /// Where each chunk ends, and how many events there are up to there.
    private(set) var ends: [(offset: Int, events: Int)] = []

    init(_ match: SampleMatch, in folder: ReplayFolder) throws {
      try match.write(to: folder.path("whole.mcap"))
      events = match.events
      bytes = try Data(contentsOf: URL(filePath: folder.path("whole.mcap")))
      let reader = try ReplayReader(path: folder.path("whole.mcap"))
      metadata = reader.metadata
      headerEnd = Int(try ReplayPreamble.check(reader.input, .standard).end)
      var count = 0
      for (number, chunk) in reader.index.chunks.enumerated() {
        let tally = try reader.readChunk(number).tally()
        count += tally.frames + tally.gameEvents
        ends.append((Int(chunk.offset + chunk.length), count))
      }
      #expect(count == events.count)
    }

    /// The events in the chunks that end before `offset`.
    func events(before offset: Int) -> [ReplayEvent] {
      Array(events.prefix(ends.last { $0.offset <= offset }?.events ?? 0))
    }
  }

  private func write(_ bytes: Data, _ name: String = "match.mcap") throws -> String {
    try bytes.write(to: folder.url.appending(path: name))
    return folder.path(name)
  }

  private func expectCut(_ recording: Recording, at offset: Int) throws {
    let path = try write(recording.bytes.prefix(offset))
    guard offset >= recording.headerEnd else {
      let error = #expect(throws: ReplayError.self) { try ReplayReader(path: path) }
      #expect(error?.kind == .cutOff, "cut at \(offset)")
      return
    }
    let reader = try ReplayReader(path: path)
    let expected = recording.events(before: offset)
    #expect(try reader.allEvents() == expected, "cut at \(offset)")
    let frames = expected.compactMap { event in if case .frame(let frame) = event { frame } else { nil } }
    #expect(reader.frameCount == frames.count)
    #expect(!reader.isComplete && reader.damage == nil)
    for number in Set([0, frames.count / 2, frames.count - 1]) where frames.indices.contains(number) {
      #expect(try reader.frame(number) == frames[number])
      #expect(try reader.frameNumber(game: frames[number].game, step: frames[number].step) == number)
    }
  }

  @Test func aFileCutAtAnyByteGivesItsWholeChunks() throws {
    let recording = try Recording(SampleMatch(steps: [12, 4], chunkBytes: 1024), in: folder)
    #expect(recording.ends.count > 2)
    for offset in 0..<recording.bytes.count { try expectCut(recording, at: offset) }
  }

  @Test func aLargeFileCutAnywhereGivesItsWholeChunks() throws {
    let recording = try Recording(SampleMatch(steps: [900, 600], observationSize: 200, chunkBytes: 8192), in: folder)
    #expect(recording.ends.count > 30)
    var offset = 997
    while offset < recording.bytes.count {
      try expectCut(recording, at: offset)
      offset += 30_011
    }
    for end in recording.ends.suffix(3) {
      for offset in end.offset - 1...end.offset + 1 { try expectCut(recording, at: offset) }
    }
  }

  /// What `mcap` reads of a file up to each offset: messages, and whether it found the file whole.
  private struct Cut: Decodable, Equatable {
    var offset: Int
    var messages: Int
    var isWhole: Bool
  }

  /// The end of the last chunk at every byte, and all else in strides, as other people's reader sees it.
  @Test func theMCAPPackageReadsTheSameWholeChunks() async throws {
    let recording = try Recording(SampleMatch(steps: [80, 40], chunkBytes: 2048), in: folder)
    let last = recording.ends[recording.ends.count - 2].offset...recording.ends[recording.ends.count - 1].offset
    let strides = stride(from: recording.headerEnd, to: recording.bytes.count, by: 97)
    let offsets = (strides.filter { !last.contains($0) } + Array(last)).sorted()
    let script = #"""
      import io, json, sys
      import struct, zstandard
      from mcap.exceptions import EndOfFile
      from mcap.records import Message
      from mcap.stream_reader import StreamReader
      data = open(sys.argv[1], "rb").read()
      def cut(offset):
          messages = 0
          try:
              for record in StreamReader(io.BytesIO(data[:offset]), validate_crcs=True).records:
                  messages += isinstance(record, Message)
          except (EndOfFile, struct.error, zstandard.ZstdError):  # Of the record that is cut.
              return {"offset": offset, "messages": messages, "isWhole": False}
          return {"offset": offset, "messages": messages, "isWhole": True}
      json.dump([cut(offset) for offset in json.loads(sys.stdin.read())], sys.stdout)
      """#
    let output = try await TestPython.run(
      script,
      arguments: [folder.path("whole.mcap")],
      input: try JSONEncoder().encode(offsets)
    )
    let cuts = try JSONDecoder().decode([Cut].self, from: output)
    #expect(cuts == offsets.map { Cut(offset: $0, messages: recording.events(before: $0).count, isWhole: false) })
    #expect(Set(cuts.map(\.messages)).count == recording.ends.count + 1)
    for offset in offsets { try expectCut(recording, at: offset) }
  }

  @Test func aWrongByteAnywhereIsFoundOrHarmless() throws {
    let recording = try Recording(SampleMatch(steps: [12, 4], chunkBytes: 1024), in: folder)
    for offset in recording.bytes.indices {
      var bytes = recording.bytes
      bytes[offset] ^= UInt8(1 << (offset % 8))
      expectNoSurprise(try write(bytes), recording, byte: offset, isCut: false)
    }
  }

  /// The same for a file without its end, where only chunks have checksums.
  @Test func aWrongByteInACutFileNeverChangesAFrame() throws {
    let recording = try Recording(SampleMatch(steps: [12, 4], chunkBytes: 1024), in: folder)
    let end = try #require(recording.ends.last?.offset)
    for offset in recording.headerEnd..<end {
      var bytes = recording.bytes.prefix(end)
      bytes[offset] ^= UInt8(0x80 >> (offset % 8))
      expectNoSurprise(try write(bytes), recording, byte: offset, isCut: true)
    }
  }

  /// Whatever can be read of a file with a wrong byte is what was recorded, in its order. Of a whole file it is all, or an error says
  /// where it is not.
  private func expectNoSurprise(_ path: String, _ recording: Recording, byte: Int, isCut: Bool) {
    var read = 0
    var isRight = true
    do throws(ReplayError) {
      let reader = try ReplayReader(path: path)
      var events = try reader.makeEvents()
      while let event = try events.next() {
        isRight = isRight && read < recording.events.count && event == recording.events[read]
        read += 1
      }
      if !isCut { isRight = isRight && read == recording.events.count && reader.metadata == recording.metadata }
    } catch {
      #expect(error.offset != nil, "byte \(byte): \(error)")
    }
    #expect(isRight, "byte \(byte)")
  }

  @Test func damageIsReportedAtTheChunkThatHasIt() throws {
    let recording = try Recording(SampleMatch(), in: folder)
    let start = recording.ends[1].offset
    var bytes = recording.bytes
    bytes[start + 60] ^= 1
    let path = try write(bytes)
    let reader = try ReplayReader(path: path)
    #expect(reader.isComplete)
    #expect(reader.damage != nil)
    var events = try reader.makeEvents()
    var count = 0
    let error = #expect(throws: ReplayError.self) { while try events.next() != nil { count += 1 } }
    #expect(error?.kind == .damaged)
    #expect(error?.offset == UInt64(start))
    #expect(error?.description.hasPrefix("\(path), byte \(start): ") == true)
    #expect(count == recording.ends[1].events)
    // Again, and not the next chunk.
    #expect(throws: ReplayError.self) { try events.next() }
    // Frames of other chunks are found all the same.
    let last = reader.frameCount - 1
    guard case .frame(let frame) = recording.events[recording.events.count - 2] else { return #expect(Bool(false)) }
    #expect(try reader.frame(last) == frame)
  }

  @Test func aFileThatShrinksWhileItIsReadIsAnError() throws {
    let recording = try Recording(SampleMatch(), in: folder)
    let path = try write(recording.bytes)
    let reader = try ReplayReader(path: path)
    #expect(truncate(path, off_t(recording.ends[2].offset)) == 0)
    var events = try reader.makeEvents()
    let error = #expect(throws: ReplayError.self) { while try events.next() != nil {} }
    #expect(error?.kind == .changed)
  }
}
