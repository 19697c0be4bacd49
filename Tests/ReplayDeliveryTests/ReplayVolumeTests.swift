import Foundation
import Glibc
import Replay
import Testing

@testable import ReplayDelivery

/// Looking through a folder that belongs to strangers' matches.
@Suite struct ReplayVolumeTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func volume(_ path: String = "root") -> ReplayVolume { ReplayVolume(root: folder.path(path)) }

  /// A replay by the real writer; its recording is not finished where `isCut`.
  @discardableResult
  private func replay(_ name: String, isCut: Bool = false) throws -> String {
    try folder.write(Data(), to: name)
    let writer = ReplayWriter(path: folder.path(name), metadata: ["match": ["match_id": "m"]])
    writer.close()
    if isCut {
      let whole = try Data(contentsOf: folder.url.appending(path: name))
      try folder.write(whole.dropLast(1), to: name)
    }
    return folder.path(name)
  }

  @Test func `replays and exports are found, in folders too, and whether they are finished`() throws {
    try replay("root/replays/m1.mcap")
    try replay("root/replays/m2.mcap", isCut: true)
    try folder.write("{}", to: "root/replays/m1.json")
    try folder.write("<html>", to: "root/replays/2026/11/m3.html")
    try folder.write("", to: "root/replays/empty.mcap")
    try folder.write("x", to: "root/replays/notes.txt")
    try folder.write("x", to: "root/replays/.m1.json.tmp")
    let view = try volume().look()
    #expect(
      view.files.map { "\($0.name) \($0.isFinished)" } == [
        "replays/2026/11/m3.html true", "replays/empty.mcap false", "replays/m1.json true", "replays/m1.mcap true",
        "replays/m2.mcap false",
      ]
    )
    #expect(view.ignored.isEmpty)
  }

  @Test func `a replay is seen to be finished once it is`() throws {
    try folder.write(Data(), to: "root/m.mcap")
    let volume = volume()
    let writer = ReplayWriter(path: folder.path("root/m.mcap"))
    #expect(try volume.look().files.map(\.isFinished) == [false])
    writer.close()
    #expect(try volume.look().files.map(\.isFinished) == [true])
  }

  @Test func `symbolic links are never followed: not to files, not to folders, not on the way`() throws {
    let secret = try folder.write("secret", to: "elsewhere/secret.json")
    try folder.write("{}", to: "root/good/m.json")
    let links = [
      ("root/link.json", secret), ("root/folder", folder.path("elsewhere")), ("root/loop", folder.path("root")),
      ("root/dangling.json", "/nonexistent"),
    ]
    for (link, to) in links { #expect(symlink(to, folder.path(link)) == 0) }
    let volume = volume()
    let view = try volume.look()
    #expect(view.files.map(\.name) == ["good/m.json"])
    #expect(view.ignored.keys.sorted() == ["dangling.json", "folder", "link.json", "loop"])
    #expect(view.ignored.values.allSatisfy { $0 == "it is a symbolic link" })
    for name in ["link.json", "folder/secret.json", "loop/good/m.json"] {
      #expect(throws: DeliveryError.self) { try volume.open(name) }
    }
    // What was a folder when it was seen may be a link when it is opened.
    #expect(rename(folder.path("root/good"), folder.path("moved")) == 0)
    #expect(symlink(folder.path("moved"), folder.path("root/good")) == 0)
    #expect(throws: DeliveryError.self) { try volume.open("good/m.json") }
  }

  @Test func `the folder that is named may itself be a link, as mounts are`() throws {
    try folder.write("{}", to: "root/m.json")
    #expect(symlink(folder.path("root"), folder.path("link")) == 0)
    #expect(try volume("link").look().files.map(\.name) == ["m.json"])
  }

  @Test(arguments: [
    "a b.json", "ä.json", "a\nb.json", "a&b.json", "$(x).json", String(repeating: "x", count: 230) + ".json",
  ])
  func `names that no match has are left alone`(name: String) throws {
    try folder.write("{}", to: "root/\(name)")
    let view = try volume().look()
    #expect(view.files.isEmpty && view.ignored == [name: "no match has such a name"])
  }

  @Test func `what is no file is left alone, and nobody waits for it`() throws {
    try folder.write("{}", to: "root/m.json")
    #expect(mkfifo(folder.path("root/pipe.mcap"), 0o600) == 0)
    let view = try volume().look()
    #expect(view.files.map(\.name) == ["m.json"] && view.ignored == ["pipe.mcap": "it is no regular file"])
    #expect(throws: DeliveryError.self) { try volume().open("pipe.mcap") }
  }

  @Test func `a folder that is not there is an error that says so`() throws {
    let error = #expect(throws: DeliveryError.self) { try volume("nowhere").look() }
    #expect(error?.description.contains("nowhere cannot be read: No such file or directory") == true)
  }

  @Test func `only the very file that was delivered is removed`() throws {
    try folder.write("{}", to: "root/a.json")
    let file = try volume().open("a.json")
    #expect(file.remove() && !folder.has("root/a.json"))

    try folder.write("{}", to: "root/b.json")
    let replaced = try volume().open("b.json")
    folder.remove("root/b.json")
    try folder.write("{}", to: "root/b.json")
    #expect(!replaced.remove() && folder.has("root/b.json"))

    try folder.write("{}", to: "root/c.json")
    let grown = try volume().open("c.json")
    let handle = try FileHandle(forWritingTo: folder.url.appending(path: "root/c.json"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("more".utf8))
    #expect(!grown.remove() && folder.has("root/c.json"))
  }
}
