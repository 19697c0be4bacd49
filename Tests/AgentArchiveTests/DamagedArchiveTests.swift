import AgentArchive
import ArenaCore
import Foundation
import TestSupport
import Testing

/// Archives that were cut short or changed on the way.
@Suite(.serialized) struct DamagedArchiveTests {
  private static func sample() async throws -> [UInt8] {
    [UInt8](
      try await TestPython.run(
        """
        import io, sys, zipfile
        out = io.BytesIO()
        class Pipe(io.RawIOBase):
            def writable(self): return True
            def write(self, b): out.write(b); return len(b)
            def seekable(self): return False
            def tell(self): raise OSError
        with zipfile.ZipFile(Pipe(), "w", 8) as z:
            z.writestr("bot/agent.py", b"x = 1\\n" * 40)
            z.writestr("bot/ü.txt", b"")
            with z.open("bot/m/model.json", "w", force_zip64=True) as f: f.write(b"[1, 2, 3]")
            z.writestr(zipfile.ZipInfo("bot/s.txt"), b"stored", 0)
        sys.stdout.buffer.write(out.getvalue())
        """
      )
    )
  }

  /// Reads all that can be read, and says whether it was all right.
  private static func isIntact(_ bytes: [UInt8]) -> Bool {
    guard let archive = try? AgentArchive(bytes) else { return false }
    return archive.files.allSatisfy { (try? archive.contents(of: $0)) != nil }
  }

  /// Lets the tests of deadlines beside this one have the thread now and then.
  private func breathe(_ round: Int) async {
    if round.isMultiple(of: 10) { await Task.yield() }
  }

  @Test func `cut anywhere it is refused`() async throws {
    let sample = try await Self.sample()
    #expect(Self.isIntact(sample))
    for count in 0..<sample.count {
      await breathe(count)
      #expect(throws: ArchiveError.self, "\(count)") { try AgentArchive(Array(sample.prefix(count))) }
      #expect(!Self.isIntact(Array(sample.dropFirst(count + 1))))
    }
  }

  @Test func `any changed bit is refused or changes no contents`() async throws {
    let sample = try await Self.sample()
    let original = try AgentArchive(sample)
    let contents = try original.files.map { try original.contents(of: $0) }
    var survivors = 0
    for index in sample.indices {
      await breathe(index)
      for bit in 0..<8 {
        var bytes = sample
        bytes[index] ^= 1 << bit
        guard let archive = try? AgentArchive(bytes),
          let read = try? archive.files.map({ try archive.contents(of: $0) })
        else { continue }
        survivors += 1
        // Times, comments, unused flags and parts of modes may change, and a name where it changes in neither header.
        #expect(read == contents, "byte \(index), bit \(bit)")
      }
    }
    #expect(survivors > 0 && survivors < sample.count * 4)
  }

  @Test func `random damage is refused or read, and never more than that`() async throws {
    let sample = try await Self.sample()
    var generator = SplitMix64(seed: 7)
    for round in 0..<3_000 {
      await breathe(round)
      var bytes = sample
      for _ in 0...Int.random(in: 0..<6, using: &generator) {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        case 1:
          bytes[Int.random(in: bytes.indices, using: &generator)] =
            [0, 0xFF, 0x7F, 0x80].randomElement(using: &generator) ?? 0
        case 2:
          let start = Int.random(in: bytes.indices, using: &generator)
          bytes.removeSubrange(start..<min(bytes.count, start + Int.random(in: 1..<9, using: &generator)))
        case 3:
          let from = Int.random(in: bytes.indices, using: &generator)
          let piece = Array(bytes[from..<min(bytes.count, from + Int.random(in: 1..<64, using: &generator))])
          bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &generator))
        default:
          let at = Int.random(in: 0..<max(1, bytes.count - 4), using: &generator)
          for (offset, byte) in HandmadeZip.bytes(UInt32.random(in: 0...UInt32.max, using: &generator)).enumerated()
          where at + offset < bytes.count { bytes[at + offset] = byte }
        }
        if bytes.isEmpty { break }
      }
      _ = Self.isIntact(bytes)
    }
  }
}
