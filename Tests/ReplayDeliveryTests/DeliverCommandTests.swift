import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ReplayDelivery

extension SeaweedTests {
  /// `arena replay deliver`, `arena replay ticket` and `arena match --deliver-to` against a real store.
  @Suite struct DeliverCommandTests {
    private let server: SeaweedServer
    private let programs: Programs
    private let prefix = "p-\(UUID().uuidString.lowercased())"

    private var folder: ScratchFolder { programs.folder }
    private var target: String { "s3://replays/\(prefix)" }

    init() throws {
      server = try SeaweedServer.shared
      programs = try Programs(
        variables: SeaweedServer.variables.merging(["AWS_ENDPOINT_URL": server.endpoint]) { $1 }
      )
    }

    private func expectNoSecrets(_ outcome: Programs.Outcome, _ place: SourceLocation = #_sourceLocation) {
      for secret in ["X-Amz-Signature", "X-Amz-Credential", SeaweedServer.secretAccessKey, SeaweedServer.accessKeyID] {
        #expect(!outcome.standardError.contains(secret), sourceLocation: place)
        #expect(!outcome.standardOutput.contains(secret), sourceLocation: place)
      }
    }

    /// Plays a short match of built-in agents into the folder.
    private func match(_ options: [String] = [], _ variables: [String: String] = [:]) async throws -> Programs.Outcome {
      try await MatchSlots.shared.run {
        try await programs.run(
          ["match", "pong", "builtin:random", "builtin:noop", "--seed", "7", "--config", "max_steps=40"] + options,
          variables
        )
      }
    }

    // MARK: - Files

    @Test func `files go to the store once, and the result says where they are`() async throws {
      try folder.write("one", to: "a.mcap")
      try folder.write("{}", to: "b.json")
      let first = try await programs.run(["replay", "deliver", "a.mcap", "b.json", "--to", target])
      #expect(first.ending == .status(0) && first.standardError == "")
      #expect(
        first.standardOutput == "a.mcap → \(target)/a.mcap: 3 bytes, checked by its checksum\n"
          + "b.json → \(target)/b.json: 2 bytes, checked by its checksum\n"
      )
      let second = try await programs.run([
        "replay", "deliver", "a.mcap", "b.json", "--to", target, "--json", "--verify", "full",
      ])
      let result = try second.decoded(DeliveryResult.self)
      #expect(result.delivered && result.check == .content && result.url == "\(target)/a.mcap")
      #expect(result.others?.map(\.url) == ["\(target)/b.json"])
      #expect(try await server.object("\(prefix)/a.mcap").size == 3)
      #expect(programs.files == ["a.mcap", "b.json"])
    }

    @Test func `a file is removed only once it has arrived`() async throws {
      try folder.write("one", to: "a.mcap")
      let wrong = ["AWS_SECRET_ACCESS_KEY": "wrong"]
      let first = try await programs.run(["replay", "deliver", "a.mcap", "--to", target, "--remove"], wrong)
      #expect(first.ending == .status(1) && programs.files == ["a.mcap"])
      #expect(first.standardError.hasPrefix("Error: a.mcap was not delivered to \(target)/a.mcap: "))
      #expect(first.standardError.contains("the secret key is wrong"))
      expectNoSecrets(first)
      let second = try await programs.run(["replay", "deliver", "a.mcap", "--to", target, "--remove"])
      #expect(second.ending == .status(0) && programs.files == [])
    }

    @Test func `a file that is not what was recorded is refused`() async throws {
      try folder.write("one", to: "a.mcap")
      let outcome = try await programs.run(
        ["replay", "deliver", "a.mcap", "--to", target, "--sha256", String(repeating: "0", count: 64)]
      )
      #expect(outcome.ending == .status(1) && outcome.standardError.contains("is not what was recorded"))
      #expect(try await !server.keys().contains("\(prefix)/a.mcap"))
    }

    @Test(arguments: [
      (["a.mcap"], "either --to or --ticket"), (["a.mcap", "--to", "s3://x"], "--to is \"s3://x\""),
      (["a.mcap", "--to", "s3://replays", "--endpoint", "nowhere"], "--endpoint is \"nowhere\""),
      (["a.mcap", "--to", "gs://replays"], "--to is \"gs://replays\""),
      ([".", "a.mcap", "--to", "s3://replays"], "a folder is delivered alone"),
      (["a.mcap", "--to", "s3://replays", "--watch"], "--watch is for a folder"),
      (["a.mcap", "--to", "s3://replays", "--sha256", "12"], "64 hexadecimal digits"),
      (["a.mcap", "--to", "s3://replays", "--verify", "perhaps"], "perhaps"),
      (["a.mcap", "--ticket", "absent.json"], "absent.json is not there"),
      (["a.mcap", "--ticket", "a.mcap"], "not valid JSON"),
      (["a.mcap", "--to", "s3://replays", "--path-style", "--virtual-host"], "virtual-host"),
    ])
    func `what cannot be carried out has status 2 and a sentence`(arguments: [String], says: String) async throws {
      try folder.write("one", to: "a.mcap")
      let outcome = try await programs.run(["replay", "deliver"] + arguments)
      #expect(outcome.ending == .status(2) && outcome.standardOutput == "")
      #expect(outcome.standardError.contains(says), "\(outcome.standardError)")
    }

    @Test func `who has no keys is told which`() async throws {
      try folder.write("one", to: "a.mcap")
      let outcome = try await programs.run(
        ["replay", "deliver", "a.mcap", "--to", target, "--credentials", folder.url.path]
      )
      #expect(outcome.ending == .status(1))
      #expect(
        outcome.standardError
          == "Error: \(folder.path("AWS_ACCESS_KEY_ID")) is missing or empty; it must hold a key of the object store\n"
      )
      try folder.write(SeaweedServer.accessKeyID, to: "keys/AWS_ACCESS_KEY_ID")
      try folder.write(SeaweedServer.secretAccessKey + "\n", to: "keys/AWS_SECRET_ACCESS_KEY")
      let mounted = try await programs.run(
        ["replay", "deliver", "a.mcap", "--to", target, "--credentials", "keys"],
        ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""]
      )
      #expect(mounted.ending == .status(0), "\(mounted.standardError)")
    }

    @Test func `an uploader that is killed leaves its parts, and the next sends only what is missing`() async throws {
      let bytes = ScratchFolder.bytes(40 << 20)
      try folder.write(bytes, to: "m.mcap")
      // Two parts pass, the others do not come to an end.
      let proxy = try await FaultyProxy.start(
        before: server.port,
        [3, 4, 5].map { ["has": .string("partNumber=\($0)&"), "do": .string("slow"), "rate": .integer(50_000)] }
      )
      let arguments = ["replay", "deliver", "m.mcap", "--to", target, "--endpoint", proxy.endpoint]
      let process = try programs.start(arguments)
      #expect(await Wait.until { proxy.partsTaken.count == 2 })
      process.send(SIGKILL)
      #expect(await process.end(within: 30) == .signal(SIGKILL))
      #expect(proxy.partsTaken.sorted() == [1, 2] && programs.files == [".m.mcap.upload", "m.mcap"])
      try proxy.set([])
      let outcome = try await programs.run(arguments)
      #expect(outcome.ending == .status(0), "\(outcome.standardError)")
      #expect(
        outcome.standardOutput
          == "m.mcap → \(target)/m.mcap: 41943040 bytes, 3 parts sent, 2 were there, checked by its checksum\n"
      )
      #expect(proxy.partsTaken.sorted() == [1, 2, 3, 4, 5])
      #expect(try await server.object("\(prefix)/m.mcap").size == bytes.count)
      #expect(programs.files == ["m.mcap"])
    }

    // MARK: - Tickets

    @Test func `a ticket made where the keys are is used where they are not`() async throws {
      let ticket = try await programs.run(["replay", "ticket", "a.mcap", "--to", target, "--expires", "10m"])
      #expect(ticket.ending == .status(0))
      try folder.write(ticket.standardOutput, to: "ticket.json")
      try folder.write("one", to: "a.mcap")
      let bare = try Programs()
      try bare.folder.write("one", to: "a.mcap")
      let outcome = try await bare.run([
        "replay", "deliver", "a.mcap", "--ticket", folder.path("ticket.json"), "--json",
      ])
      let result = try outcome.decoded(DeliveryResult.self)
      #expect(outcome.ending == .status(0) && result.delivered && result.url == "\(target)/a.mcap")
      expectNoSecrets(outcome)
      #expect(try await server.object("\(prefix)/a.mcap").size == 3)
    }

    @Test func `several tickets are used each for the file that it names`() async throws {
      var tickets: [JSONValue] = []
      for name in ["a.mcap", "a.json"] {
        tickets.append(try await programs.run(["replay", "ticket", name, "--to", target]).decoded(JSONValue.self))
        try folder.write(name, to: name)
      }
      try folder.write("x", to: "a.html")
      try folder.write(JSONEncoder().encode(JSONValue.array(tickets)), to: "tickets")
      let outcome = try await programs.run(
        ["replay", "deliver", "a.json", "a.mcap", "a.html", "--ticket", "tickets", "--json"]
      )
      let result = try outcome.decoded(DeliveryResult.self)
      #expect(outcome.ending == .status(1) && result.delivered)
      #expect(result.others?.map(\.delivered) == [true, false])
      #expect(result.others?.last?.error == "there is no ticket for a.html")
      #expect(try await server.keys().filter { $0.hasPrefix(prefix) } == ["\(prefix)/a.json", "\(prefix)/a.mcap"])
    }

    // MARK: - After a match

    @Test func `a match's replay is delivered, and others' software reads it from there`() async throws {
      let outcome = try await match(["--json", "--deliver-to", target])
      let result = try outcome.decoded(MatchResult.self)
      let recording = try #require(result.recording)
      let delivery = try #require(recording.delivery)
      #expect(outcome.ending == .status(0) && delivery.delivered && delivery.error == nil)
      #expect(delivery.sha256 == recording.sha256 && delivery.bytes == recording.bytes)
      let name = URL(filePath: try #require(recording.path)).lastPathComponent
      #expect(delivery.url == "\(target)/\(name)")
      #expect(try await server.frames("\(prefix)/\(name)") == 40)
      #expect(folder.has(try #require(recording.path)))
      expectNoSecrets(outcome)
      let text = try await match(["--deliver-to", target])
      #expect(text.standardOutput.contains("         delivered to \(target)/match-"))
    }

    @Test func `a store that is away changes nothing about the match`() async throws {
      let dead = try SeaweedServer.freePorts(1)[0]
      let options = ["--deliver-to", target, "--endpoint", "http://127.0.0.1:\(dead)", "--deliver-timeout", "1s"]
      let outcome = try await match(["--json"] + options)
      let result = try outcome.decoded(MatchResult.self)
      let recording = try #require(result.recording)
      #expect(outcome.ending == .status(0) && result.status == .success && result.totalSteps == 40)
      #expect(recording.delivery?.delivered == false)
      #expect(recording.delivery?.error == "the connection to http://127.0.0.1:\(dead) failed: Connection refused")
      #expect(folder.has(try #require(recording.path)))
      let text = try await match(options)
      #expect(text.ending == .status(0))
      #expect(text.standardOutput.contains("         not delivered to \(target)/match-"))
      #expect(text.standardOutput.contains("Connection refused; the file remains\n"))
    }

    @Test func `Ctrl-C while a replay is delivered ends that, and the result still comes`() async throws {
      let proxy = try await FaultyProxy.start(before: server.port, [["do": .string("hang")]])
      let process = try programs.start(
        [
          "match", "pong", "builtin:random", "builtin:noop", "--config", "max_steps=40", "--json", "--deliver-to",
          target, "--endpoint", proxy.endpoint,
        ]
      )
      #expect(await Wait.until { proxy.requests.count == 1 })
      process.send(SIGINT)
      let outcome = await programs.finish(process, within: 10)
      let result = try outcome.decoded(MatchResult.self)
      #expect(outcome.ending == .status(0) && result.status == .success)
      #expect(result.recording?.delivery?.error == "it was interrupted")
    }

    @Test(arguments: [
      (["--deliver-to", "s3://x"], "--deliver-to is \"s3://x\""),
      (["--deliver-to", "s3://replays", "--no-replay"], "--deliver-to needs a replay"),
      (["--deliver-to", "s3://replays", "--credentials", "/nonexistent"], "/nonexistent/AWS_ACCESS_KEY_ID is missing"),
    ])
    func `a delivery that cannot work is refused before the match`(options: [String], says: String) async throws {
      let outcome = try await match(options)
      #expect(outcome.ending == .status(2) || outcome.ending == .status(1))
      #expect(outcome.standardOutput == "" && outcome.standardError.contains(says), "\(outcome.standardError)")
      #expect(programs.files == [])
    }

    @Test func `a match's replay is copied to a folder`() async throws {
      try FileManager.default.createDirectory(at: folder.url.appending(path: "kept"), withIntermediateDirectories: true)
      let outcome = try await match(["--json", "--deliver-to", "kept"])
      let recording = try #require(try outcome.decoded(MatchResult.self).recording)
      let name = URL(filePath: try #require(recording.path)).lastPathComponent
      #expect(recording.delivery?.url == "kept/\(name)" && recording.delivery?.check == .content)
      #expect(
        try Data(contentsOf: folder.url.appending(path: "kept/\(name)"))
          == Data(contentsOf: folder.url.appending(path: try #require(recording.path)))
      )
    }
  }
}
