import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ReplayDelivery

extension SeaweedTests {
  /// `arena replay deliver --watch`: the process outside the match's pod.
  @Suite struct WatchTests {
    private let server: SeaweedServer
    private let programs: Programs
    private let prefix = "w-\(UUID().uuidString.lowercased())"

    private var folder: ScratchFolder { programs.folder }

    init() throws {
      server = try SeaweedServer.shared
      programs = try Programs(variables: SeaweedServer.variables)
      try FileManager.default.createDirectory(at: folder.url.appending(path: "root"), withIntermediateDirectories: true)
    }

    private func watch(_ options: [String] = [], endpoint: String? = nil) throws -> ChildProcess {
      try programs.start(
        [
          "replay", "deliver", "root", "--watch", "--to", "s3://replays/\(prefix)", "--endpoint",
          endpoint ?? server.endpoint,
          "--json", "--interval", "50ms",
        ] + options
      )
    }

    /// The events so far, as `event file`.
    private static func events(_ process: ChildProcess) -> [String] {
      process.standardOutput.split(separator: "\n").compactMap { line in
        guard let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8)),
          case .string(let event) = members["event"]
        else { return nil }
        guard case .string(let file) = members["file"] else { return event }
        return "\(event) \(file)"
      }
    }

    private func expect(_ process: ChildProcess, _ event: String, _ place: SourceLocation = #_sourceLocation) async {
      let came = await Wait.until(seconds: 30) { Self.events(process).contains(event) }
      #expect(came, "\(event) is not among \(Self.events(process)) \(process.standardError)", sourceLocation: place)
    }

    /// Ends a watch as Kubernetes does, and checks that it ends in time and of itself.
    private func stop(_ process: ChildProcess, _ place: SourceLocation = #_sourceLocation) async {
      process.send(SIGTERM)
      #expect(await process.end(within: 2) == .status(0), sourceLocation: place)
      #expect(Self.events(process).last == "stopped", sourceLocation: place)
      for secret in ["X-Amz", SeaweedServer.secretAccessKey, SeaweedServer.accessKeyID] {
        #expect(
          !process.standardOutput.contains(secret) && !process.standardError.contains(secret),
          sourceLocation: place
        )
      }
    }

    /// Records a short match into the watched folder.
    private func play(_ name: String) async throws {
      let outcome = try await MatchSlots.shared.run {
        try await programs.run(
          [
            "match", "pong", "builtin:random", "builtin:noop", "--config", "max_steps=40", "--json", "--replay-dir",
            "played",
          ]
        )
      }
      let recording = try #require(try outcome.decoded(MatchResult.self).recording)
      let place = folder.url.appending(path: "root/\(name)")
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.moveItem(at: folder.url.appending(path: #require(recording.path)), to: place)
    }

    @Test func `replays and exports are delivered as they come, and not again after a restart`() async throws {
      try await play("replays/m1.mcap")
      let first = try watch()
      await expect(first, "delivered replays/m1.mcap")
      try folder.write("{}", to: "new.json")
      try FileManager.default.moveItem(
        at: folder.url.appending(path: "new.json"),
        to: folder.url.appending(path: "root/replays/m1.json")
      )
      await expect(first, "delivered replays/m1.json")
      await stop(first)
      #expect(try await server.frames("\(prefix)/replays/m1.mcap") == 40)

      let proxy = try await FaultyProxy.start(before: server.port)
      let second = try watch(endpoint: proxy.endpoint)
      await expect(second, "delivered replays/m1.mcap")
      await expect(second, "delivered replays/m1.json")
      #expect(second.standardOutput.contains(#""was_there":true"#))
      // One that comes later shows that all before it are done with.
      try folder.write("<html>", to: "root/replays/m1.html")
      await expect(second, "delivered replays/m1.html")
      await stop(second)
      #expect(proxy.requests.filter { $0.method == "PUT" }.map(\.target) == ["/replays/\(prefix)/replays/m1.html"])
      #expect(folder.has("root/replays/m1.mcap"))
    }

    @Test func `a replay that is being written waits; one that nobody writes to any more goes as it is`() async throws {
      try await play("whole.mcap")
      let whole = try Data(contentsOf: folder.url.appending(path: "root/whole.mcap"))
      try folder.write(whole.dropLast(20), to: "root/written.mcap")
      try folder.write(whole.dropLast(20), to: "root/left.mcap")
      #expect(
        utimes(
          folder.path("root/left.mcap"),
          [timeval(tv_sec: 1_700_000_000, tv_usec: 0), timeval(tv_sec: 1_700_000_000, tv_usec: 0)]
        ) == 0
      )
      let process = try watch()
      await expect(process, "delivered whole.mcap")
      await expect(process, "delivered left.mcap")
      #expect(process.standardOutput.contains(#""file":"left.mcap","has_no_end":true"#))
      #expect(!Self.events(process).contains("delivered written.mcap"))
      let handle = try FileHandle(forWritingTo: folder.url.appending(path: "root/written.mcap"))
      try handle.seekToEnd()
      try handle.write(contentsOf: whole.suffix(20))
      try handle.close()
      await expect(process, "delivered written.mcap")
      await stop(process)
      #expect(try await server.frames("\(prefix)/written.mcap") == 40)
    }

    @Test func `files are removed once they have arrived, and what is not a match's is left alone`() async throws {
      let secret = try folder.write("secret", to: "elsewhere/secret.json")
      #expect(symlink(secret, folder.path("root/link.json")) == 0)
      #expect(symlink(folder.path("elsewhere"), folder.path("root/folder")) == 0)
      try folder.write("{}", to: "root/bad name.json")
      try folder.write("{}", to: "root/a/m1.json")
      try folder.write("note", to: "root/notes.txt")
      let process = try watch(["--remove"])
      await expect(process, "removed a/m1.json")
      for name in ["link.json", "folder", "bad name.json"] { await expect(process, "ignored \(name)") }
      await stop(process)
      #expect(try await server.keys().filter { $0.hasPrefix(prefix) } == ["\(prefix)/a/m1.json"])
      #expect(
        programs.files
          == [
            "elsewhere", "elsewhere/secret.json", "root", "root/a", "root/bad name.json", "root/folder",
            "root/link.json", "root/notes.txt",
          ].sorted()
      )
      #expect(Self.events(process).filter { $0.hasPrefix("ignored") }.count == 3, "each is said once")
    }

    @Test func `a store that is away gets everything once it is back`() async throws {
      let ports = try SeaweedServer.reservePorts()
      for name in ["m1", "m2", "m3"] { try folder.write(name, to: "root/replays/\(name).json") }
      let process = try watch(["--remove", "--give-up-after", "200ms"], endpoint: "http://127.0.0.1:\(ports[0])")
      await expect(process, "failed replays/m1.json")
      #expect(programs.files.filter { $0.hasSuffix(".json") }.count == 3)
      let late = try await SeaweedServer.start(on: ports)
      for name in ["m1", "m2", "m3"] { await expect(process, "removed replays/\(name).json") }
      await stop(process)
      #expect(try await late.keys() == ["m1", "m2", "m3"].map { "\(prefix)/replays/\($0).json" })
      await late.stop()
    }

    @Test func `SIGTERM in the middle of an upload ends the watch, and the next one goes on with the parts`()
      async throws
    {
      try folder.write(ScratchFolder.bytes(40 << 20), to: "root/m1.html")
      let proxy = try await FaultyProxy.start(
        before: server.port,
        [3, 4, 5].map { ["has": .string("partNumber=\($0)&"), "do": .string("slow"), "rate": .integer(50_000)] }
      )
      let first = try watch(endpoint: proxy.endpoint)
      #expect(await Wait.until { proxy.partsTaken.count == 2 })
      await stop(first)
      try proxy.set([])
      let second = try watch(endpoint: proxy.endpoint)
      await expect(second, "delivered m1.html")
      await stop(second)
      #expect(proxy.partsTaken.sorted() == [1, 2, 3, 4, 5])
      #expect(second.standardOutput.contains(#""resumed_parts":2"#))
      #expect(programs.files == ["root", "root/m1.html"])
    }

    @Test func `a folder that is not there yet is waited for`() async throws {
      try FileManager.default.removeItem(at: folder.url.appending(path: "root"))
      let process = try watch()
      await expect(process, "unreadable")
      try folder.write("{}", to: "root/m1.json")
      await expect(process, "delivered m1.json")
      await stop(process)
      #expect(Self.events(process).filter { $0 == "unreadable" }.count == 1)
    }

    @Test func `a folder is delivered once, without watching it`() async throws {
      try folder.write("{}", to: "root/a/m1.json")
      try folder.write("half", to: "root/a/m2.mcap")
      let arguments = ["replay", "deliver", "root", "--to", "s3://replays/\(prefix)", "--endpoint", server.endpoint]
      let first = try await programs.run(arguments)
      #expect(first.ending == .status(1))
      #expect(first.standardError == "Error: 1 file is left: not delivered, or still being written\n")
      #expect(first.standardOutput.contains("delivered a/m1.json → s3://replays/\(prefix)/a/m1.json, 2 bytes"))
      let second = try await programs.run(arguments + ["--idle", "0s", "--remove"])
      #expect(second.ending == .status(0) && second.standardError == "", "\(second)")
      #expect(second.standardOutput.contains("there already a/m1.json"))
      #expect(
        try await server.keys().filter { $0.hasPrefix(prefix) } == ["\(prefix)/a/m1.json", "\(prefix)/a/m2.mcap"]
      )
      #expect(programs.files == ["root", "root/a"])
    }
  }
}
