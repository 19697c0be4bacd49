import AgentArchive
import Foundation
import Glibc
import TestSupport
import Testing

/// What stands on the disk afterwards, and what does not.
@Suite struct UnpackingTests {
  typealias Entry = HandmadeZip.Entry

  @Test func `files are 0644, programs and folders 0755, whatever the archive says`() throws {
    let zip = HandmadeZip(
      Entry("a.py") { $0.mode = 0o106_777 & ~0o111 },
      Entry("run.sh") { $0.mode = 0o100_711 },
      Entry("secret.txt") { $0.mode = 0o100_000 },
      Entry("d/", "") { $0.mode = 0o043_000 },
      Entry("d/x.py"),
      Entry("windows.py") { ($0.madeBy, $0.attributes) = (0, 0x21) }
    )
    let folder = try ArchiveFolder()
    #expect(try folder.unpack(try AgentArchive(zip.bytes)).count == 6)
    let modes = ["out", "out/a.py", "out/run.sh", "out/secret.txt", "out/d", "out/d/x.py", "out/windows.py"].map(
      folder.mode
    )
    #expect(modes == [0o755, 0o644, 0o755, 0o644, 0o755, 0o644, 0o644])
  }

  @Test func `a folder around everything is the agent's folder`() throws {
    let inside = HandmadeZip(
      Entry("bot/", "") { $0.mode = 0o040_755 },
      Entry("bot/agent.py"),
      Entry("bot/pkg/x.py"),
      Entry("__MACOSX/bot/._agent.py"),
      Entry("bot/.DS_Store"),
      Entry("bot/__pycache__/agent.pyc"),
      Entry("bot/._agent.py")
    )
    let archive = try AgentArchive(inside.bytes)
    #expect(archive.rootFolder == "bot")
    #expect(archive.files.map(\.path) == ["agent.py", "pkg/x.py"])
    #expect(try ArchiveFolder().unpack(archive).keys.sorted() == ["agent.py", "pkg", "pkg/x.py"])
    for others in [
      [Entry("agent.py")], [Entry("cat/agent.py")], [Entry("cat/", "") { $0.mode = 0o040_755 }], [Entry("bot2")],
    ] {
      #expect(try AgentArchive(HandmadeZip(inside.entries + others).bytes).rootFolder == nil)
    }
  }

  @Test func `only the outermost folder is taken off`() throws {
    let archive = try AgentArchive(HandmadeZip(Entry("a/a/agent.py")).bytes)
    #expect(archive.files.map(\.path) == ["a/agent.py"])
  }

  @Test func `names without a mark are read as UTF-8 or as code page 437`() throws {
    let archive = try AgentArchive(
      HandmadeZip(Entry("") { $0.name = [0x81, 0x2E, 0x74] }, Entry("π.txt"), Entry("ü.csv") { $0.flags = 1 << 11 })
        .bytes
    )
    #expect(archive.files.map(\.path) == ["ü.t", "π.txt", "ü.csv"])
  }

  @Test func `what is there already is not touched`() throws {
    let folder = try ArchiveFolder()
    let archive = try AgentArchive(HandmadeZip(Entry("agent.py")).bytes)
    try Data("mine".utf8).write(to: folder.url.appending(path: "file"))
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "folder"),
      withIntermediateDirectories: false
    )
    symlink("folder", folder.path("link"))
    symlink("nowhere", folder.path("dangling"))
    for name in ["file", "folder", "link", "dangling", "missing/deeper"] {
      let error = #expect(throws: ArchiveError.self) { try archive.unpack(to: folder.path(name)) }
      #expect(error?.reason == .system)
    }
    #expect(try folder.names == ["dangling", "file", "folder", "link"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("folder")) == [])
  }

  @Test func `a file that is no file is not waited for`() throws {
    let folder = try ArchiveFolder()
    mkfifo(folder.path("pipe"), 0o600)
    for (name, reason) in [("pipe", ArchiveError.Reason.notAnArchive), (".", .notAnArchive), ("none", .system)] {
      let error = #expect(throws: ArchiveError.self) { try AgentArchive(contentsOf: folder.path(name)) }
      #expect(error?.reason == reason)
    }
  }
}
