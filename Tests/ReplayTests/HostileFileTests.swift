import Foundation
import Testing

@testable import Replay

/// Files whose checksums are right, but which lie.
@Suite struct HostileFileTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  /// A file with one uncompressed chunk of these messages.
  private func file(
    _ messages: [(channel: ReplayFormat.Channel, data: [UInt8])],
    uncompressedSize: UInt64? = nil,
    compression: String = "",
    records: [UInt8]? = nil,
    index: (inout MCAPSummary.Chunk) -> Void = { _ in },
    frames: UInt64? = nil
  ) throws -> String {
    var body = ByteBuffer(capacity: 1024)
    for (number, message) in messages.enumerated() {
      body.appendRecord(.message) {
        $0.append(message.channel.rawValue)
        $0.append(UInt32(number + 1))
        $0.append(UInt64(1000))
        $0.append(UInt64(1000))
        $0.append(contentsOf: message.data)
      }
    }
    let size = uncompressedSize ?? UInt64(body.count)
    var buffer = ByteBuffer(capacity: 1024)
    buffer.appendPreamble()
    let offset = UInt64(buffer.count)
    let content = records ?? Array(body.bytes)
    buffer.appendRecord(.chunk) {
      $0.append(UInt64(1000))
      $0.append(UInt64(1000))
      $0.append(size)
      $0.append(UInt32(0))
      $0.append(compression)
      $0.append(UInt64(content.count))
      $0.append(contentsOf: content)
    }
    var chunk = MCAPSummary.Chunk(
      firstTime: 1000,
      lastTime: 1000,
      offset: offset,
      length: UInt64(buffer.count) - offset,
      compressedSize: UInt64(content.count),
      uncompressedSize: size
    )
    index(&chunk)
    var summary = MCAPSummary()
    let onFrames = messages.count { $0.channel == .frames }
    summary.add(chunk, frames: frames ?? UInt64(onFrames), gameEvents: UInt64(messages.count - onFrames))
    let ending = summary.ending(size: UInt64(buffer.count), checksum: ReplayFile.checksum(of: buffer.bytes))
    buffer.append(contentsOf: ending.bytes)
    try Data(buffer.bytes).write(to: URL(filePath: folder.path()))
    return folder.path()
  }

  /// The error that reading all of the file comes to.
  private func failure(_ path: String, _ limits: ReplayReaderLimits = .standard) -> ReplayError? {
    do throws(ReplayError) {
      _ = try ReplayReader(path: path, limits: limits).allEvents()
      return nil
    } catch {
      return error
    }
  }

  @Test func aHandmadeFileIsReadWhereItIsRight() throws {
    let path = try file([(.frames, [8, 1, 0x2A, 0]), (.games, [0x0A, 0])])
    let reader = try ReplayReader(path: path)
    #expect(reader.damage == nil)
    #expect(try reader.allEvents().count == 2)
    #expect(try reader.frame(0).seats == [ReplayFrame.Seat()])
  }

  @Test func aMillionEmptySeatsAreRefusedBeforeTheyTakeMemory() throws {
    let seats = [UInt8](repeating: 0, count: 2_000_000).enumerated().map { $0.offset % 2 == 0 ? 0x2A : $0.element }
    let error = failure(try file([(.frames, seats)]))
    #expect(error?.kind == .tooLarge)
    #expect(error?.problem.contains("1000000 entries") == true)
  }

  @Test func listsOfAGameEventAreBoundedToo() throws {
    // Agents, packed in one field of a start.
    let agents: [UInt8] = [0x1A, 0xA0, 0x8D, 0x06] + [UInt8](repeating: 0, count: 100_000)
    let start: [UInt8] = [0x0A, 0xA4, 0x8D, 0x06] + agents
    #expect(failure(try file([(.games, start)]))?.kind == .tooLarge)
  }

  @Test func aMessageBeyondTheLimitIsRefused() throws {
    let message = [UInt8](repeating: 0, count: 100)
    #expect(failure(try file([(.frames, message)]), ReplayReaderLimits(messageBytes: 99))?.kind == .tooLarge)
  }

  @Test(
    arguments: [
      [0x2A, 0x7F], [0xFF], [0x2A], [0x3A, 2, 0xC3, 0x28],
      [8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
      [0x2A, 2, 0x20, 99],
    ] as [[UInt8]]
  )
  func whatIsNoFrameIsAnErrorWithItsPlace(message: [UInt8]) throws {
    let error = failure(try file([(.frames, message)]))
    #expect(error?.kind == .damaged)
    #expect(error?.offset != nil)
    #expect(error?.problem.contains("at byte 31 of its records") == true, "\(String(describing: error))")
  }

  @Test(
    arguments: [[], [0x12, 2, 0x10, 7], [0x0A, 11, 0x28] + [UInt8](repeating: 0xFF, count: 9) + [1]] as [[UInt8]]
  )
  func whatIsNoGameEventIsAnErrorWithItsPlace(message: [UInt8]) throws {
    #expect(failure(try file([(.games, message)]))?.kind == .damaged)
  }

  @Test func sizesAreCheckedBeforeMemoryIsTaken() throws {
    for size: UInt64 in [(64 << 20) + 1, 1 << 40, .max] {
      let error = failure(try file([(.frames, [8, 1])], uncompressedSize: size, compression: "zstd"))
      #expect(error?.kind == .tooLarge, "\(size)")
      #expect(error?.offset != nil)
    }
  }

  @Test(arguments: [UInt64.max, UInt64.max - 8, 1 << 62, 1 << 40, 65 << 20])
  func aRecordOfExorbitantLengthTakesNoMemory(length: UInt64) throws {
    var buffer = ByteBuffer(capacity: 1024)
    buffer.appendPreamble()
    let offset = UInt64(buffer.count)
    buffer.append(ReplayFormat.Opcode.chunk.rawValue)
    buffer.append(length)
    buffer.append(UInt64(0))
    try Data(buffer.bytes).write(to: URL(filePath: folder.path()))
    let error = failure(folder.path())
    #expect(error?.kind == .tooLarge)
    #expect(error?.offset == offset)
    let follower = try ReplayFollower(path: folder.path())
    #expect(throws: ReplayError.self) { try follower.next() }
  }

  /// Sizes within the limits, too, are only believed once the bytes are there. The peak is a process's own, so this is one of its own.
  @Test func corruptSizesDoNotMakeTheReaderLarge() async throws {
    var paths: [String] = []
    for (number, size) in ([64 << 20, (64 << 20) - 1, 1 << 30, 1 << 62, .max] as [UInt64]).enumerated() {
      let path = try file(
        [(.frames, [8, 1])],
        uncompressedSize: size,
        compression: "zstd",
        records: [0x28, 0xB5, 0x2F]
      )
      paths.append(folder.path("size-\(number).mcap"))
      try FileManager.default.moveItem(atPath: path, toPath: try #require(paths.last))
    }
    let seats = (0..<2_000_000).map { $0 % 2 == 0 ? UInt8(0x2A) : 0 }
    paths.append(try file([(.frames, seats)]))
    await #expect(processExitsWith: .success) { [paths = paths.joined(separator: "\n") as String] in
      // The first time, libraries take what they keep.
      let warmUp = try? ReplayReader(path: "/dev/null")
      precondition(warmUp == nil)
      let before = try Self.peakKibibytes()
      for path in paths.split(separator: "\n").map(String.init) {
        let result = Result { _ = try ReplayReader(path: path).allEvents() }
        guard case .failure(let error as ReplayError) = result, error.offset != nil else {
          preconditionFailure("\(path) was read: \(result)")
        }
        if let follower = try? ReplayFollower(path: path) { while (try? follower.next()) != nil {} }
        _ = try? ReplayRepair.repair(path, to: path + ".repaired")
      }
      let growth = try Self.peakKibibytes() - before
      precondition(growth < 32 << 10, "\(growth) KiB were taken")
    }
  }

  /// The most memory that this process has had.
  private static func peakKibibytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    guard let number = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
      preconditionFailure("no VmHWM in \(status)")
    }
    return number
  }

  @Test func whatZstdRefusesIsAnError() throws {
    for records: [UInt8] in [[], [1, 2, 3], [0x28, 0xB5, 0x2F, 0xFD] + [UInt8](repeating: 0xFF, count: 40)] {
      let error = failure(try file([], uncompressedSize: 100, compression: "zstd", records: records))
      #expect(error?.kind == .damaged)
    }
    #expect(failure(try file([(.frames, [8, 1])], compression: "lz4"))?.problem.contains("lz4") == true)
  }

  @Test func aChunkThatDecompressesToMoreThanItSaysIsRefused() throws {
    // A zstd frame of one run of 128 KiB zeros.
    let bomb: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x03, 0x00, 0x10, 0x00]
    let error = failure(try file([], uncompressedSize: 100, compression: "zstd", records: bomb))
    #expect(error?.kind == .damaged)
  }

  @Test func anIndexThatLiesIsFoundOut() throws {
    let messages: [(ReplayFormat.Channel, [UInt8])] = [(.frames, [8, 1]), (.frames, [8, 2])]
    let changes: [(inout MCAPSummary.Chunk) -> Void] = [
      { $0.offset = 8 }, { $0.offset = 1 << 60 }, { $0.length = .max }, { $0.length -= 1 },
      { $0.uncompressedSize += 1 }, { $0.compressedSize += 1 }, { $0.uncompressedSize = .max },
    ]
    for (number, change) in changes.enumerated() {
      let error = failure(try file(messages, index: change))
      #expect(error != nil && error?.offset != nil, "change \(number)")
    }
    for frames: UInt64 in [0, 1, 3, 1000, .max / 2, .max] {
      let path = try file(messages, frames: frames)
      do throws(ReplayError) {
        let reader = try ReplayReader(path: path)
        #expect(throws: ReplayError.self) { for number in 0...2 { _ = try reader.frame(number) } }
        #expect(throws: ReplayError.self, "\(frames) frames") { try reader.allEvents() }
        // Not more than the chunks can hold.
        #expect(reader.frameCount <= 3)
      } catch {
        #expect(error.kind == .damaged)
      }
    }
  }

  @Test func recordsThatDoNotFillTheirChunkAreAnError() throws {
    for records: [UInt8] in [
      [5], [5, 1, 0, 0, 0, 0, 0, 0, 0], [5] + [UInt8](repeating: 0xFF, count: 8), [5, 1, 0, 0, 0, 0, 0, 0, 0, 7],
    ] {
      let error = failure(try file([], uncompressedSize: UInt64(records.count), records: records))
      #expect(error?.kind == .damaged)
    }
  }

  @Test func metadataIsBounded() throws {
    let writer = ReplayWriter(path: folder.path(), metadata: ["large": ["text": String(repeating: "x", count: 5000)]])
    writer.close()
    let limits = ReplayReaderLimits(metadataBytes: 4096)
    #expect(failure(folder.path(), limits)?.kind == .tooLarge)
  }

  @Test func gapsInTheSequenceAreCountedThrough() throws {
    let recording = SampleMatch()
    try recording.write(to: folder.path())
    let whole = try ReplayReader(path: folder.path())
    let chunk = whole.index.chunks[3]
    let lost = try whole.readChunk(3).tally().frames
    var bytes = try Data(contentsOf: URL(filePath: folder.path()))
    bytes[Int(chunk.offset) + 70] ^= 4
    try bytes.write(to: URL(filePath: folder.path()))
    let report = try ReplayRepair.repair(folder.path(), to: folder.path("repaired.mcap"))
    #expect(report.missingFrames == UInt64(lost))
    let reader = try ReplayReader(path: folder.path("repaired.mcap"))
    let events = try reader.allEvents()
    let frames = events.compactMap { event in if case .frame(let frame) = event { frame } else { nil } }
    #expect(frames.count == reader.frameCount && frames.count == whole.frameCount - lost)
    for (number, frame) in frames.enumerated().reversed() {
      #expect(try reader.frame(number) == frame)
      #expect(try reader.frameNumber(game: frame.game, step: frame.step) == number)
    }
  }
}
