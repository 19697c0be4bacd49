import Crypto
import Foundation
import Glibc
import Testing

@testable import ReplayDelivery

/// Deliveries to folders.
@Suite struct DirectoryDeliveryTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    try FileManager.default.createDirectory(at: folder.url.appending(path: "store"), withIntermediateDirectories: true)
  }

  private func deliver(_ path: String, as name: String, to target: String = "store", sha256: String? = nil) async throws
    -> Delivery.Report
  {
    let delivery = Delivery(options: DeliveryOptions())
    let file = try DeliverableFile(path: path)
    let report = await delivery.deliver(file, as: name, to: .folder(folder.path(target)), expectedSHA256: sha256)
    await delivery.close()
    return report
  }

  @Test(arguments: [0, 1, 1_000_003])
  func `a copy has every byte, and nothing else is left`(size: Int) async throws {
    let bytes = ScratchFolder.bytes(size)
    let report = try await deliver(try folder.write(bytes, to: "m.mcap"), as: "replays/2026/m.mcap")
    #expect(report.result.delivered && report.result.error == nil && report.result.check == .content)
    #expect(report.result.url == folder.path("store/replays/2026/m.mcap"))
    #expect(report.result.bytes == size)
    let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    #expect(report.result.sha256 == digest)
    #expect(try Data(contentsOf: folder.url.appending(path: "store/replays/2026/m.mcap")) == bytes)
    #expect(folder.contents.filter { $0.hasPrefix("store/") }.count == 3)
  }

  @Test func `a copy that is there is left alone, and another one replaced`() async throws {
    let source = try folder.write("new", to: "m.json")
    try folder.write("old and longer", to: "store/m.json")
    #expect(try await deliver(source, as: "m.json").result.delivered)
    #expect(try String(contentsOfFile: folder.path("store/m.json"), encoding: .utf8) == "new")
    var before = stat()
    #expect(stat(folder.path("store/m.json"), &before) == 0)
    #expect(try await deliver(source, as: "m.json").result.delivered)
    var after = stat()
    #expect(stat(folder.path("store/m.json"), &after) == 0)
    #expect(before.st_ino == after.st_ino)
  }

  @Test func `a file that is not what was recorded is refused`() async throws {
    let source = try folder.write("changed", to: "m.mcap")
    let report = try await deliver(source, as: "m.mcap", sha256: String(repeating: "0", count: 64))
    #expect(!report.result.delivered && report.isAboutFile)
    #expect(report.result.error?.contains("is not what was recorded") == true)
    #expect(!folder.has("store/m.mcap"))
  }

  @Test func `a folder that is not there is not made: it may be a mount`() async throws {
    let report = try await deliver(try folder.write("x", to: "m.json"), as: "m.json", to: "absent")
    #expect(!report.result.delivered && !report.isAboutFile)
    #expect(report.result.error?.contains("absent cannot be opened: No such file or directory") == true)
    #expect(!folder.has("absent"))
  }

  @Test func `a folder that takes nothing is an error, and nothing is left in it`() async throws {
    // A file system that takes no files, not even of root.
    let report = try await deliver(try folder.write("x", to: "m.json"), as: "m.json", to: "../../proc/self")
    #expect(!report.result.delivered && !report.isAboutFile)
    #expect(report.result.error?.contains("cannot be written to") == true)
  }

  @Test(arguments: ["../m.json", "a/../m.json", ".m.json", "", "a//m.json", "m j.json"])
  func `no name leads out of the folder`(name: String) async throws {
    let report = try await deliver(try folder.write("x", to: "m.json"), as: name)
    #expect(!report.result.delivered && report.isAboutFile)
    #expect(folder.contents == ["m.json", "store"])
  }

  @Test func `a link within the folder is not followed`() async throws {
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "elsewhere"),
      withIntermediateDirectories: true
    )
    #expect(symlink(folder.path("elsewhere"), folder.path("store/replays")) == 0)
    let report = try await deliver(try folder.write("x", to: "m.json"), as: "replays/m.json")
    #expect(!report.result.delivered)
    #expect(!folder.has("elsewhere/m.json"))
  }
}
