import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// What the orchestrator makes of its recording once the match is over.
@Suite struct ReplayPublicationTests {
  private static func object(_ file: URL) throws -> [String: JSONValue] {
    try JSONDecoder().decode([String: JSONValue].self, from: Data(contentsOf: file))
  }

  private static func names(in outcome: MatchOutcome) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: outcome.replayFolder.path).sorted()
  }

  /// The configuration of a replay that is kept in these forms.
  private static func replay(_ formats: [String], in folder: String) -> [String: JSONValue] {
    ["replay": .object(["dir": .string(folder), "formats": .array(formats.map(JSONValue.string))])]
  }

  @Test func `every form is there under the configured root, and the result names it`() async throws {
    let outcome = try await ArenaMatch.play([.good, .good], ["games": .integer(2)])
    let result = try outcome.result
    let root = outcome.replayFolder.deletingLastPathComponent()
    #expect(result.replayURL == "replays/match.json")
    #expect(result.replayHTMLURL == "replays/match.html")
    #expect(result.replayMCAPURL == "replays/match.mcap")
    #expect(result.recording?.exportErrors == nil)
    #expect(try Self.names(in: outcome) == ["match.html", "match.json", "match.mcap"])
    let page = try String(contentsOf: root.appending(path: try #require(result.replayHTMLURL)), encoding: .utf8)
    #expect(page.hasPrefix("<!doctype html>") && page.contains(#"data-part="close">{"frames":24}"#))
    #expect(result.recording?.path == root.appending(path: "replays/match.mcap").path)
    let document = try Self.object(root.appending(path: try #require(result.replayURL)))
    guard case .array(let frames) = document["frames"] else {
      throw ChildProcess.Failure(description: "the JSON has no frames")
    }
    #expect(frames.count == 24 && frames.count == result.totalSteps)
    let message = try JSONDecoder().decode(MatchResult.self, from: try #require(outcome.terminationMessage))
    #expect(message.replayHTMLURL == result.replayHTMLURL)
    #expect(message.replayURL == result.replayURL && message.replayMCAPURL == result.replayMCAPURL)
  }

  @Test func `only the forms that are wanted are kept`() async throws {
    try await MatchSlots.shared.run {
      let folder = FileManager.default.temporaryDirectory.appending(path: "arena-forms-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      let json = try await ArenaMatch([.good, .good], Self.replay(["json"], in: folder.path)).finish()
      let files = folder.appending(path: "replays").path
      #expect(try FileManager.default.contentsOfDirectory(atPath: files) == ["match.json"])
      #expect(try json.result.replayMCAPURL == nil)
      let recording = try #require(try json.result.recording)
      #expect(recording.path == nil && recording.frames == 12 && recording.sha256 != nil)

      let mcap = try await ArenaMatch([.good, .good], Self.replay(["mcap"], in: folder.path)).finish()
      #expect(try FileManager.default.contentsOfDirectory(atPath: files).sorted() == ["match.json", "match.mcap"])
      #expect(try mcap.result.replayURL == nil && mcap.result.replayMCAPURL == "replays/match.mcap")
    }
  }

  @Test func `where a form cannot be written the verdict stands, and the recording stays`() async throws {
    try await MatchSlots.shared.run {
      let folder = FileManager.default.temporaryDirectory.appending(path: "arena-forms-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      // A folder stands where the file should.
      let place = folder.appending(path: "replays/match.json/in-the-way")
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let outcome = try await ArenaMatch([.good, .good], Self.replay(["json"], in: folder.path)).finish()
      let result = try outcome.result
      #expect(outcome.ending == .status(0) && result.status == .success)
      #expect(result.replayURL == nil)
      #expect(result.recording?.exportErrors?["json"]?.contains("match.json") == true)
      #expect(result.recording?.path.map { FileManager.default.fileExists(atPath: $0) } == true)
      #expect(outcome.log.contains { $0["message"] == .string("a form of the replay is missing") })
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "replays").path).sorted()
      #expect(left == ["match.json", "match.mcap"])
    }
  }

  @Test func `a cancelled match leaves its recording at once, and says what is missing`() async throws {
    let outcome = try await ArenaMatch.play([.bot("terminates_the_orchestrator"), .good])
    let result = try outcome.result
    #expect(result.status == .cancelled)
    #expect(result.replayURL == nil && result.replayMCAPURL == "replays/match.mcap")
    #expect(Set(result.recording?.exportErrors?.keys.map { $0 } ?? []) == ["json", "html"])
    #expect(result.recording?.exportErrors?["json"] == "left out: the orchestrator was ended by SIGTERM")
    #expect(try Self.names(in: outcome) == ["match.mcap"])
  }

  @Test(arguments: [
    (#""replay": {"formats": []}"#, ["replay.formats", "one form or more"]),
    (#""replay": {"formats": ["mp4"]}"#, ["replay.formats[0] is \"mp4\"", "json"]),
    (#""replay": {"formats": "json"}"#, ["replay.formats is \"json\"", "an array"]),
    (#""replay": {"export_timeout_sec": 0}"#, ["replay.export_timeout_sec is 0"]),
  ])
  func `forms that there are not are refused`(members: String, says: [String]) async throws {
    let text =
      #"{"match_id": "m", "environment": "pong", "agents": [{"agent_id": "a"}, {"agent_id": "b"}], \#(members)}"#
    let outcome = try await MatchSlots.shared.run { try await ArenaMatch(configurationText: text).finish() }
    #expect(outcome.ending == .status(2))
    guard case .string(let reason) = outcome.log.first?["reason"] else {
      throw ChildProcess.Failure(description: "no reason in the log: \(outcome.log)")
    }
    for part in says { #expect(reason.contains(part), "\(reason)") }
  }

  @Test func `the replay says where it was played, and in which images`() async throws {
    let digest = "sha256:" + String(repeating: "0a", count: 32)
    let agents: JSONValue = .array([
      .object([
        "agent_id": .string("a"), "builtin": .string("random"), "image": .string("registry.example/a@\(digest)"),
      ]),
      .object([
        "agent_id": .string("b"), "builtin": .string("noop"), "image": .string("registry.example/b:v2"),
        "image_digest": .string(digest),
      ]),
    ])
    let outcome = try await ArenaMatch.play(
      [.builtIn("random"), .builtIn("noop")],
      ["agents": agents, "node": .string("node-7")]
    )
    let metadata = try await outcome.replay().metadata
    #expect(metadata["platform"]?["node"] == "node-7")
    #expect(metadata["platform"]?["architecture"]?.isEmpty == false)
    #expect(metadata["agent 0"]?["image_digest"] == digest && metadata["agent 1"]?["image_digest"] == digest)
    #expect(metadata["agent 1"]?["image"] == "registry.example/b:v2")
    #expect(metadata["policy"]?["on_platform_stall"] == "mark")
  }
}
