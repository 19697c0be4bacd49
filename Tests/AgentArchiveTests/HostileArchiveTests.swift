import AgentArchive
import Foundation
import TestSupport
import Testing

/// Archives made to do harm: each is refused before anything is written, and the refusal says what is wrong.
@Suite(.serialized) struct HostileArchiveTests {
  typealias Entry = HandmadeZip.Entry

  /// An archive, and what its sender must read.
  struct Attack: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var reason: ArchiveError.Reason
    var says: String

    init(_ name: String, _ zip: HandmadeZip, _ reason: ArchiveError.Reason, _ says: String) {
      self.init(name, zip.bytes, reason, says)
    }

    init(_ name: String, _ bytes: [UInt8], _ reason: ArchiveError.Reason, _ says: String) {
      (testDescription, self.bytes, self.reason, self.says) = (name, bytes, reason, says)
    }
  }

  static let good = Entry("agent.py")

  private static func end(_ change: (inout HandmadeZip) -> Void) -> HandmadeZip {
    var zip = HandmadeZip(good)
    change(&zip)
    return zip
  }

  static let names: [Attack] =
    [
      ("..", "leads out"), ("../agent.py", "leads out"), ("a/../../b.py", "leads out"), ("a/..", "leads out"),
      ("/etc/passwd", "absolute path"), ("//host/share", "absolute path"), ("C:/x.py", "drive letter"),
      ("c:x.py", "drive letter"), ("..\\..\\x.py", "backslash"), ("a\\b.py", "backslash"), ("\\x.py", "backslash"),
      ("\\\u{301}x.py", "backslash"), ("/\u{301}x.py", "absolute path"), ("a//b.py", "two / in a row"),
      ("x.py\0.txt", "NUL"), ("x\n.py", "control character"), ("x\u{1B}[2J.py", "control character"),
      ("x\u{202E}yp.exe", "control character"), ("x\u{85}.py", "control character"), ("", "no name"), (".", "no name"),
      ("./.", "no name"), (String(repeating: "a/", count: 16) + "x.py", "17 levels deep"),
      (String(repeating: "a", count: 256) + ".py", "more than 255 bytes"),
      (String(repeating: "abcdefgh/", count: 57), "513 bytes"),
    ].map { name, says in
      Attack("named \(name.debugDescription.prefix(40))", HandmadeZip(Entry(name)), .forbiddenName, says)
    } + [
      Attack(
        "not UTF-8",
        HandmadeZip(Entry("") { ($0.name, $0.flags) = ([0x61, 0xFF], 1 << 11) }),
        .forbiddenName,
        "not UTF-8"
      ),
      Attack(
        "another name in Unicode",
        HandmadeZip(Entry("a.py") { $0.extra = extraName("../a.py", for: "a.py") }),
        .forbiddenName,
        "leads out"
      ),
    ]

  private static func extraName(_ name: String, for other: String) -> [UInt8] {
    let data = [1] + HandmadeZip.bytes(HandmadeZip.crc32(Array(other.utf8))) + Array(name.utf8)
    return HandmadeZip.bytes(0x7075 as UInt16) + HandmadeZip.bytes(UInt16(data.count)) + data
  }

  static let kinds: [Attack] = [
    Attack(
      "a link",
      HandmadeZip(Entry("a.py", "/etc/passwd") { $0.mode = 0o120_777 }),
      .forbiddenKind,
      "symbolic link"
    ),
    Attack(
      "a link, written on Windows",
      HandmadeZip(Entry("a.py", "x") { ($0.madeBy, $0.attributes) = (0, 0x400) }),
      .forbiddenKind,
      "symbolic link"
    ),
    Attack(
      "a link that says it is from Windows",
      HandmadeZip(Entry("a.py", "x") { ($0.madeBy, $0.mode) = (0, 0o120_777) }),
      .forbiddenKind,
      "symbolic link"
    ),
    Attack("a device", HandmadeZip(Entry("a", "") { $0.mode = 0o020_666 }), .forbiddenKind, "a device"),
    Attack("a disk", HandmadeZip(Entry("a", "") { $0.mode = 0o060_666 }), .forbiddenKind, "a device"),
    Attack("a pipe", HandmadeZip(Entry("a", "") { $0.mode = 0o010_666 }), .forbiddenKind, "a pipe"),
    Attack("a socket", HandmadeZip(Entry("a", "") { $0.mode = 0o140_666 }), .forbiddenKind, "a socket"),
    Attack("a folder that is a file", HandmadeZip(Entry("a/", "") { $0.mode = 0o100_644 }), .damaged, "not by both"),
    Attack("a file that is a folder", HandmadeZip(Entry("a", "") { $0.mode = 0o040_755 }), .damaged, "not by both"),
    Attack(
      "a folder with contents",
      HandmadeZip(Entry("a/", "x") { $0.mode = 0o040_755 }),
      .damaged,
      "contents of its own"
    ),
    Attack("the same twice", HandmadeZip(good, good), .conflict, "is there twice"),
    Attack("the same in two spellings", HandmadeZip(good, Entry("./agent.py")), .conflict, "is there twice"),
    Attack(
      "the same, accents apart",
      HandmadeZip(Entry("\u{E9}.py"), Entry("e\u{301}.py")),
      .conflict,
      "is there twice"
    ),
    Attack("a file as a folder", HandmadeZip(Entry("a"), Entry("a/b.py")), .conflict, "needs a folder"),
    Attack("a folder as a file", HandmadeZip(Entry("a/b.py"), Entry("a")), .conflict, "is a file where"),
    Attack("encrypted", HandmadeZip(Entry("a.py") { $0.flags = 1 }), .unsupported, "is encrypted"),
    Attack("strongly encrypted", HandmadeZip(Entry("a.py") { $0.flags = 1 << 6 }), .unsupported, "is encrypted"),
    Attack("masked", HandmadeZip(Entry("a.py") { $0.flags = 1 << 13 }), .unsupported, "is encrypted"),
    Attack("a patch", HandmadeZip(Entry("a.py") { $0.flags = 1 << 5 }), .unsupported, "is a patch"),
    Attack("an unknown method", HandmadeZip(Entry("a.py") { $0.method = 77 }), .unsupported, "by method 77;"),
    Attack("on another disk", HandmadeZip(Entry("a.py") { $0.disk = 3 }), .unsupported, "another disk"),
  ]

  static let lies: [Attack] = [
    Attack(
      "another name in front",
      HandmadeZip(Entry("a.py") { $0.localName = Array("b.py".utf8) }),
      .damaged,
      "another name"
    ),
    Attack("another method in front", HandmadeZip(Entry("a.py") { $0.localMethod = 8 }), .damaged, "another method"),
    Attack("other flags in front", HandmadeZip(Entry("a.py") { $0.localFlags = 1 }), .damaged, "other flags"),
    Attack("another size in front", HandmadeZip(Entry("a.py") { $0.localSize = 7 }), .damaged, "other sizes"),
    Attack("no size in front", HandmadeZip(Entry("a.py") { $0.localSize = 0 }), .damaged, "other sizes"),
    Attack(
      "another compressed size",
      HandmadeZip(Entry("a.py") { $0.localCompressedSize = 7 }),
      .damaged,
      "other sizes"
    ),
    Attack(
      "another checksum in front",
      HandmadeZip(Entry("a.py") { $0.localChecksum = 7 }),
      .damaged,
      "another checksum"
    ),
    Attack("two sizes and no compression", HandmadeZip(Entry("a.py") { $0.size = 7 }), .damaged, "two sizes"),
    Attack(
      "a descriptor that is not there",
      HandmadeZip(Entry("a.py") { $0.flags = 8 }),
      .damaged,
      "other sizes behind"
    ),
    Attack(
      "a descriptor that lies",
      HandmadeZip(Entry("a.py") { ($0.flags, $0.descriptor) = (8, Array(repeating: 7, count: 16)) }),
      .damaged,
      "other sizes behind"
    ),
    Attack(
      "no header in front",
      HandmadeZip(Entry("a.py") { $0.offset = 1 }),
      .damaged,
      "no header in front"
    ),
    Attack("data behind the end", HandmadeZip(Entry("a.py") { $0.offset = .max - 1 }), .damaged, "has no data"),
    Attack(
      "data into the table",
      HandmadeZip(Entry("a.py") { ($0.size, $0.compressedSize) = (60, 60) }),
      .damaged,
      "reaches into the table"
    ),
    Attack(
      "the same data twice",
      HandmadeZip(good, Entry("agent.py") { ($0.offset, $0.isWritten) = (0, false) }),
      .damaged,
      "shares its data"
    ),
    Attack(
      "an entry inside another's data",
      {
        let inner = HandmadeZip(Entry("b.py", "y")).bytes.prefix(35)
        let outer = Entry("a.py") { $0.data = Array(inner) }
        return HandmadeZip(outer, Entry("b.py", "y") { ($0.offset, $0.isWritten) = (34, false) })
      }(),
      .damaged,
      "shares its data"
    ),
    Attack("two extra sizes missing", HandmadeZip(Entry("a.py") { $0.size = .max }), .damaged, "lacks the sizes"),
    Attack(
      "extra fields that do not fit",
      HandmadeZip(Entry("a.py") { $0.extra = [1, 0, 200, 0] }),
      .damaged,
      "damaged extra fields"
    ),
    Attack(
      "exabytes",
      HandmadeZip(
        Entry("a.py") { entry in
          let size = HandmadeZip.bytes(UInt64.max)
          entry.extra = HandmadeZip.bytes(1 as UInt16) + HandmadeZip.bytes(16 as UInt16) + size + size
          (entry.size, entry.compressedSize) = (.max, .max)
        }
      ),
      .tooLarge,
      "18446744073709551615 bytes; at most 10 MiB"
    ),
    Attack(
      "11 MiB",
      HandmadeZip(Entry("a.py") { ($0.size, $0.method) = (11 << 20, 8) }),
      .tooLarge,
      "has 11 MiB; at most 10 MiB"
    ),
  ]

  static let ends: [Attack] = [
    Attack("one of two disks", end { $0.disk = 1 }, .unsupported, "one part of several"),
    Attack("fewer on this disk", end { ($0.count, $0.countOnDisk) = (2, 1) }, .unsupported, "one part of several"),
    Attack("more entries than there are", end { $0.count = 2 }, .damaged, "too short for 2 entries"),
    Attack("fewer entries than there are", end { $0.count = 0 }, .damaged, "longer than its entries"),
    Attack("60,000 entries", end { $0.count = 60_000 }, .damaged, "too short for 60000"),
    Attack("a table elsewhere", end { $0.tableOffset = 3 }, .damaged, "not where its end says"),
    Attack("a larger table", end { $0.tableSize = 9999 }, .damaged, "not where its end says"),
    Attack("bytes in front", [0, 0, 0] + HandmadeZip(good).bytes, .damaged, "not where its end says"),
    Attack("no long end", end { $0.count = .max }, .damaged, "lacks the end record"),
    Attack(
      "a long end that contradicts",
      end { $0.beforeEnd = { HandmadeZip.longEnd($0, $1, entries: 2) } },
      .damaged,
      "contradict each other"
    ),
    Attack(
      "a long end of exabytes",
      end {
        ($0.count, $0.tableOffset, $0.tableSize) = (.max, .max, .max)
        $0.beforeEnd = { HandmadeZip.longEnd($0, $1, entries: .max, offset: .max, size: .max) }
      },
      .damaged,
      "for large archives is damaged"
    ),
    Attack(
      "a long end of many entries",
      end {
        ($0.count, $0.tableOffset, $0.tableSize) = (.max, .max, .max)
        $0.beforeEnd = { HandmadeZip.longEnd($0, $1, entries: UInt64(Int.max)) }
      },
      .damaged,
      "too short for 9223372036854775807 entries"
    ),
    Attack(
      "a long end on two disks",
      end { $0.beforeEnd = { HandmadeZip.longEnd($0, $1, entries: 1, disks: 2) } },
      .unsupported,
      "one part of several"
    ),
    Attack("nothing in it", HandmadeZip(), .empty, "has no files"),
    Attack("only folders", HandmadeZip(Entry("a/", "") { $0.mode = 0o040_755 }), .empty, "has no files"),
    Attack("only what is passed over", HandmadeZip(Entry("__pycache__/a.pyc")), .empty, "has no files"),
    Attack("no bytes", [], .notAnArchive, "it is empty"),
    Attack("a text", Array("import os\n".utf8), .notAnArchive, "not a zip archive"),
    Attack("gzip", [0x1F, 0x8B, 8, 0], .notAnArchive, "it is a gzip file"),
    Attack("7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .notAnArchive, "it is a 7z archive"),
    Attack("RAR", Array("Rar!\u{1A}\u{7}".utf8), .notAnArchive, "it is a RAR archive"),
    Attack("tar", Array(repeating: 0, count: 257) + Array("ustar\0".utf8), .notAnArchive, "it is a tar archive"),
  ]

  @Test(arguments: names + kinds + lies + ends)
  func `it is refused and its sender is told why`(attack: Attack) throws {
    let error = #expect(throws: ArchiveError.self) { try AgentArchive(attack.bytes) }
    #expect(error?.reason == attack.reason)
    let text = error?.description ?? ""
    #expect(text.contains(attack.says), "\(text)")
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(text)")
    #expect(text.utf8.count < 400)
  }

  @Test func `contents that are not what was said are refused while they are inflated`() async throws {
    let folder = try ArchiveFolder()
    let packed = try await TestPython.run("import sys, zlib; sys.stdout.buffer.write(zlib.compress(b'x' * 999)[2:-4])")
    let checksum = HandmadeZip.crc32(Array(repeating: UInt8(ascii: "x"), count: 999))
    func deflated(_ change: @escaping (inout Entry) -> Void) -> HandmadeZip {
      HandmadeZip(
        Entry("first.py"),
        Entry("dir/a.py") {
          ($0.data, $0.method, $0.size, $0.checksum) = ([UInt8](packed), 8, 999, checksum)
          change(&$0)
        }
      )
    }
    #expect(try folder.unpack(try AgentArchive(deflated { _ in }.bytes)).count == 3)
    try FileManager.default.removeItem(atPath: folder.path("out"))
    let lies: [(HandmadeZip, String)] = [
      (HandmadeZip(Entry("a.py") { $0.checksum = 1 }), "does not have the checksum"),
      (deflated { $0.checksum = 1 }, "does not have the checksum"),
      (deflated { $0.size = 998 }, "more bytes than it says"), (deflated { $0.size = 0 }, "more bytes than it says"),
      (deflated { $0.size = 1000 }, "fewer bytes than it says"),
      (deflated { $0.data.append(0) }, "more compressed data than it needs"),
      (deflated { $0.data.removeLast() }, "compressed data that is damaged"),
      (deflated { $0.data = [] }, "compressed data that is damaged"),
      (deflated { $0.data[0] = 7 }, "compressed data that is damaged"),
    ]
    for (zip, says) in lies {
      let archive = try AgentArchive(zip.bytes)
      let error = #expect(throws: ArchiveError.self) { try archive.unpack(to: folder.path("out")) }
      #expect(error?.reason == .damaged)
      #expect(error?.description.contains(says) == true, "\(says): \(error?.description ?? "")")
      #expect(try folder.names == [])
    }
  }

  /// The overlapping bomb: every file quotes the next one's header as deflate data, down to one kernel that all share.
  /// Source of the idea: David Fifield, "A better zip bomb", WOOT 2019.
  @Test func `a bomb of overlapping files is refused`() async throws {
    let script = """
      import struct, sys, zlib
      count, kernel = 250, zlib.compressobj(9, 8, -15)
      data = kernel.compress(bytes(1000000)) + kernel.flush()
      crc, size = zlib.crc32(bytes(1000000)), 1000000
      files, tail = [], b""
      content = bytes(1000000)
      for number in reversed(range(count)):
          name = b"%03d.py" % number
          header = struct.pack("<IHHHIIIIHH", 0x04034b50, 20, 0, 8, 0x5a210000, crc, len(data), size, len(name), 0) + name
          files.insert(0, (name, header, crc, len(data), size))
          if number:
              quoted = header
              data = struct.pack("<BHH", 0, len(quoted), len(quoted) ^ 0xffff) + quoted + data
              content = quoted + content
              crc, size = zlib.crc32(content), size + len(quoted)
      # The outermost file's data holds all headers and the kernel once; each file begins inside it.
      first = files[0]
      body = first[1] + data
      offsets, at = [0], len(first[1])
      for file in files[1:]:
          offsets.append(at + 5)
          at += 5 + len(file[1])
      table = b""
      for (name, header, crc, packed, size), offset in zip(files, offsets):
          table += struct.pack("<IHHHHIIIIHHHHHII", 0x02014b50, 0x314, 20, 0, 8, 0x5a210000, crc, packed, size, len(name), 0, 0, 0, 0, 0o100644 << 16, offset) + name
      end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, count, count, len(table), len(body), 0)
      sys.stdout.buffer.write(body + table + end)
      """
    let bomb = [UInt8](try await TestPython.run(script))
    #expect(bomb.count < 100_000)
    // It is a bomb: another reader finds 250 MB in it.
    let total = try await TestPython.run(
      """
      import io, sys, zipfile, zlib
      bytes = sys.stdin.buffer.read()
      entries = zipfile.ZipFile(io.BytesIO(bytes)).infolist()
      first = zlib.decompressobj(-15).decompress(bytes[36:])
      print(sum(entry.file_size for entry in entries), len(first) == entries[0].file_size)
      """,
      input: Data(bomb)
    )
    #expect(String(decoding: total, as: UTF8.self) == "251120500 True\n")
    #expect(throws: ArchiveError.self) { try AgentArchive(bomb) }
    let roomy = ArchiveLimits(totalBytes: 1 << 30, fileBytes: 1 << 30, ratio: 1_000_000)
    let error = #expect(throws: ArchiveError.self) { try AgentArchive(bomb, limits: roomy) }
    #expect(error?.description.contains("shares its data with another entry") == true)
  }

  @Test func `limits on size, number and ratio hold`() async throws {
    func zip(_ names: [String], _ size: Int = 10) -> [UInt8] {
      HandmadeZip(names.map { Entry($0, String(repeating: "x", count: size)) }).bytes
    }
    let limits = ArchiveLimits(totalBytes: 1000, fileBytes: 400, files: 4)
    #expect(try AgentArchive(zip(["a", "b", "c", "d"]), limits: limits).files.count == 4)
    for (bytes, says) in [
      (zip(["a", "b", "c", "d", "e"]), "more than 4 files"),
      (zip((0..<17).map { "\($0)" }), "has 17 entries; at most 4 files"),
      (zip(["a/b/c/d/e/f", "x"]), "more than 4 folders"),
      (zip(["a"], 401), "has 401 bytes; at most 400 bytes"),
      (zip(["a", "b", "c"], 350), "more than 1000 bytes of files"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: ArchiveError.self) { try AgentArchive(bytes, limits: limits) }
      #expect(error?.reason == .tooLarge)
      #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
    let folders = HandmadeZip([Entry("x.py")] + (0..<5).map { n in Entry("\(n)/", "") { $0.mode = 0o040_755 } }).bytes
    #expect(throws: ArchiveError.self) { try AgentArchive(folders, limits: limits) }

    let zeros = try await TestPython.run(
      """
      import io, sys, zipfile
      out = io.BytesIO()
      with zipfile.ZipFile(out, "w", 8) as z:
          z.writestr("zeros.npy", bytes(9 << 20))
      sys.stdout.buffer.write(out.getvalue())
      """
    )
    #expect(try AgentArchive([UInt8](zeros)).files.count == 1)
    let bomb = HandmadeZip(
      (0..<3).map { n in Entry("\(n)") { ($0.method, $0.size) = (8, 9 << 20) } }
    ).bytes
    let error = #expect(throws: ArchiveError.self) { try AgentArchive(bomb) }
    #expect(error?.description.contains("would inflate to 27 MiB, more than 200 times its size") == true)
  }

  @Test func `an archive of 100,000 entries is refused by its number`() async throws {
    let many = try await TestPython.run(
      """
      import io, sys, zipfile
      out = io.BytesIO()
      with zipfile.ZipFile(out, "w") as z:
          for n in range(100000): z.writestr("%d.py" % n, b"")
      sys.stdout.buffer.write(out.getvalue())
      """
    )
    let error = #expect(throws: ArchiveError.self) { try AgentArchive([UInt8](many)) }
    #expect(error?.description == "the archive has 100000 entries; at most 1000 files are allowed")
  }

  /// A file that is an archive itself stays one: nothing is unpacked twice, so an archive that holds itself ends here.
  @Test func `an archive in the archive is a file`() throws {
    let inner = HandmadeZip(Self.good).bytes
    let archive = try AgentArchive(HandmadeZip(Entry("r.zip") { $0.data = inner }).bytes)
    #expect(try ArchiveFolder().unpack(archive) == ["r.zip": inner])
  }
}
