import ArenaCore
import Foundation
import TestSupport
import Testing

@testable import ReplayDelivery

extension SeaweedTests {
  /// The orchestrator's opt-in upload, by a ticket and with another program.
  @Suite struct OrchestratorUploadTests {
    private let server: SeaweedServer
    private let folder: ScratchFolder
    private let prefix = "o-\(UUID().uuidString.lowercased())"

    init() throws {
      server = try SeaweedServer.shared
      folder = try ScratchFolder()
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: "replays"),
        withIntermediateDirectories: true
      )
    }

    private func ticket(_ name: String = "m.mcap", endpoint: String? = nil) async throws -> JSONValue {
      try await UploadTicket.make(
        name: name,
        in: ObjectStore(url: "s3://replays/\(prefix)", endpoint: endpoint ?? server.endpoint),
        credentials: .fixed(
          StoreCredentials(accessKeyID: SeaweedServer.accessKeyID, secretAccessKey: SeaweedServer.secretAccessKey)
        ),
        validity: .seconds(600),
        maxBytes: 1 << 20
      ).json
    }

    /// What came of a match whose replay was to be uploaded.
    private struct Outcome {
      var ending: ChildProcess.Ending?
      var result: MatchResult
      var log: String
      var message: String

      var delivery: DeliveryResult? { result.recording?.delivery }
    }

    private func start(_ upload: [String: JSONValue], _ more: [String: JSONValue] = [:]) throws -> ChildProcess {
      var upload = upload
      if upload["program"] == nil { upload["program"] = .string(Programs.path("arena")) }
      let configuration: [String: JSONValue] = [
        "match_id": .string("m"), "environment": .string("pong"), "seed": .integer(7),
        "environment_config": .object(["max_steps": .integer(40)]),
        "agents": .array(
          [("a", "random"), ("b", "noop")].map { .object(["agent_id": .string($0.0), "builtin": .string($0.1)]) }
        ),
        "replay": .object([
          "dir": .string(folder.url.path), "formats": .array([.string("mcap")]), "upload": .object(upload),
        ]),
        "termination_message": .object(["path": .string(folder.path("message")), "bytes": .integer(4096)]),
      ]
      let file = try folder.write(JSONEncoder().encode(configuration.merging(more) { $1 }), to: "config.json")
      return try ChildProcess(
        Programs.path("orchestrator"),
        ["--config", file],
        folder: folder.url,
        name: "orchestrator"
      )
    }

    private func finish(_ process: ChildProcess, _ place: SourceLocation = #_sourceLocation) async throws -> Outcome {
      let ending = await process.end(within: 60)
      let line = process.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
      let outcome = Outcome(
        ending: ending,
        result: try JSONDecoder().decode(MatchResult.self, from: Data(line.utf8)),
        log: process.standardError,
        message: try String(contentsOfFile: folder.path("message"), encoding: .utf8)
      )
      // Whatever became of the upload: the match was played, its replay is there, and no secret got out.
      #expect(outcome.result.status == .success && outcome.result.totalSteps == 40, sourceLocation: place)
      #expect(ending == .status(0), sourceLocation: place)
      #expect(folder.has("replays/m.mcap"), sourceLocation: place)
      #expect(process.survivors.isEmpty, sourceLocation: place)
      for text in [outcome.log, outcome.message, line] {
        #expect(!text.contains("X-Amz") && !text.contains(SeaweedServer.accessKeyID), sourceLocation: place)
      }
      return outcome
    }

    private func play(_ upload: [String: JSONValue], _ more: [String: JSONValue] = [:]) async throws -> Outcome {
      try await MatchSlots.shared.run { try await finish(try start(upload, more)) }
    }

    @Test(arguments: ["inline", "array", "file"])
    func `the replay is uploaded by its ticket, and the result says so`(form: String) async throws {
      var ticket = try await ticket()
      if form == "array" { ticket = .array([try await self.ticket("m.json"), ticket]) }
      if form == "file" { ticket = .string(try folder.write(JSONEncoder().encode(ticket), to: "ticket.json")) }
      let outcome = try await play(["ticket": ticket])
      let delivery = try #require(outcome.delivery)
      #expect(delivery.delivered && delivery.url == "s3://replays/\(prefix)/m.mcap", "\(delivery)")
      #expect(delivery.sha256 == outcome.result.recording?.sha256)
      #expect(try await server.frames("\(prefix)/m.mcap") == 40)
      #expect(outcome.log.contains("the replay was uploaded"))
      #expect(outcome.message.contains(#""delivered":true"#))
    }

    @Test func `a store that is away changes nothing but what is said of the delivery`() async throws {
      let dead = try SeaweedServer.freePorts(1)[0]
      let outcome = try await play([
        "ticket": try await ticket(endpoint: "http://127.0.0.1:\(dead)"), "timeout_sec": .integer(2),
      ])
      #expect(outcome.delivery?.delivered == false && outcome.delivery?.url == "s3://replays/\(prefix)/m.mcap")
      #expect(outcome.delivery?.error == "the connection to http://127.0.0.1:\(dead) failed: Connection refused")
      #expect(outcome.log.contains("the replay was not uploaded"))
    }

    @Test(arguments: [
      ("/nonexistent/arena", "/nonexistent/arena could not be run"), ("/bin/false", "/bin/false ended with exited(1)"),
      ("/bin/cat", "/bin/cat ended with exited(1)"), ("no-such-program", "no-such-program could not be run"),
    ])
    func `a program that is not there, or is another one, is named`(program: String, says: String) async throws {
      let outcome = try await play(["ticket": try await ticket(), "program": .string(program)])
      #expect(outcome.delivery?.delivered == false)
      #expect(outcome.delivery?.error?.hasPrefix(says) == true, "\(outcome.delivery?.error ?? "")")
    }

    @Test func `a ticket that is not there, or is none, is said to be so`() async throws {
      let absent = try await play(["ticket": .string("/nonexistent/ticket.json")])
      #expect(absent.delivery?.error?.contains("/nonexistent/ticket.json is not there") == true)
      let none = try await play(["ticket": .object(["version": .integer(1)])])
      #expect(none.delivery?.error?.contains("name is missing") == true, "\(none.delivery?.error ?? "")")
    }

    @Test func `nobody waits longer than was allowed`() async throws {
      let program = try folder.write("#!/bin/sh\nexec sleep 100\n", to: "sleeper")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
      let outcome = try await play([
        "ticket": try await ticket(), "program": .string(program), "timeout_sec": .number(0.2),
      ])
      #expect(outcome.delivery?.error == "it took longer than the 0.2 seconds there were for it")
    }

    @Test func `nobody waits beyond the time by which the verdict must be in`() async throws {
      let program = try folder.write("#!/bin/sh\nexec sleep 100\n", to: "sleeper")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
      let upload: [String: JSONValue] = [
        "ticket": try await ticket(), "program": .string(program), "timeout_sec": .integer(600),
      ]
      let outcome = try await MatchSlots.shared.run {
        try await finish(try start(upload, ["verdict_by": .number(Date().timeIntervalSince1970 + 8)]))
      }
      #expect(outcome.delivery?.delivered == false)
      #expect(outcome.delivery?.error?.hasPrefix("it took longer than") == true)
    }

    @Test func `SIGTERM while a replay is uploaded ends that, and the verdict was safe before`() async throws {
      let proxy = try await FaultyProxy.start(before: server.port, [["do": .string("hang")]])
      let process = try start(["ticket": try await ticket(endpoint: proxy.endpoint)])
      #expect(await Wait.until { proxy.requests.count == 1 })
      // What Kubernetes would read if the pod were gone now.
      let message = try String(contentsOfFile: folder.path("message"), encoding: .utf8)
      #expect(message.contains(#""status":"success""#))
      #expect(message.contains("the orchestrator ended before the upload was over"))
      process.send(SIGTERM)
      let outcome = try await finish(process)
      #expect(outcome.delivery?.error == "the orchestrator was ended before the upload was over")
    }

    @Test func `the orchestrator itself knows neither HTTP nor all of Foundation`() throws {
      func mentions(_ text: String, _ program: String) throws -> Bool {
        try Data(contentsOf: URL(filePath: Programs.path(program))).range(of: Data(text.utf8)) != nil
      }
      for text in ["libFoundation.so", "AsyncHTTPClient", "NIOCore"] {
        #expect(try !mentions(text, "orchestrator"))
        #expect(try mentions(text, "arena"), "the test itself finds nothing")
      }
    }

    @Test(
      arguments: [
        ([:], "replay.upload.ticket is missing"), (["ticket": .integer(1)], "replay.upload.ticket is 1"),
        (["ticket": .string("")], "replay.upload.ticket is \"\""),
        (["ticket": .array([])], "replay.upload.ticket is an array of 0"),
        (["ticket": .string("t"), "program": .string("")], "replay.upload.program is \"\""),
        (["ticket": .string("t"), "timeout_sec": .integer(0)], "replay.upload.timeout_sec is 0"),
      ] as [([String: JSONValue], String)]
    )
    func `a configuration that cannot be used is refused`(upload: [String: JSONValue], says: String) async throws {
      var upload = upload
      if upload["program"] == nil { upload["program"] = .string("arena") }
      let process = try start(upload)
      #expect(await process.end(within: 30) == .status(2))
      #expect(
        process.standardError.contains(says.replacingOccurrences(of: "\"", with: "\\\"")),
        "\(process.standardError)"
      )
    }
  }
}
