import ArenaCore
import Foundation
import TestSupport
import Testing

/// `arena replay verify` and `export`, run as their users run them.
@Suite struct ReplayProofTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  private func replay(_ agents: [String], _ options: [String] = []) async throws -> (path: String, result: MatchResult)
  {
    let (result, outcome) = try await workshop.play(agents, options)
    #expect(outcome.status == 0)
    return ("replays/" + (try workshop.file(endingIn: ".mcap").lastPathComponent), result)
  }

  /// Rewrites a replay with the mcap package, so that every checksum is right, after `change` has told a lie about a frame.
  private func forge(_ path: String, _ change: String) async throws -> String {
    let script = """
      import sys
      from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
      from mcap.reader import make_reader
      from mcap.writer import CompressionType, Writer
      with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
          reader = make_reader(source)
          header, summary = reader.get_header(), reader.get_summary()
          writer = Writer(target, compression=CompressionType.ZSTD, use_statistics=True)
          writer.start(header.profile, header.library)
          pool = descriptor_pool.DescriptorPool()
          for description in descriptor_pb2.FileDescriptorSet.FromString(summary.schemas[1].data).file:
              pool.Add(description)
          Frame = message_factory.GetMessageClass(pool.FindMessageTypeByName("rl_arena.replay.Frame"))
          for schema in summary.schemas.values():
              writer.register_schema(schema.name, schema.encoding, schema.data)
          for channel in summary.channels.values():
              writer.register_channel(channel.topic, channel.message_encoding, channel.schema_id, channel.metadata)
          for record in reader.iter_metadata():
              writer.add_metadata(record.name, record.metadata)
          for schema, channel, message in reader.iter_messages(log_time_order=False):
              data = message.data
              if channel.topic == "/frames":
                  frame = Frame.FromString(data)
                  \(change)
                  data = frame.SerializeToString()
              writer.add_message(channel.id, message.log_time, data, message.publish_time, message.sequence)
          writer.finish()
      """
    let forged = workshop.workingDirectory.appending(path: "forged.mcap").path
    _ = try await TestPython.run(script, arguments: [workshop.workingDirectory.appending(path: path).path, forged])
    return "forged.mcap"
  }

  /// Raises in every third step, and gives up after a while.
  private static let faulty = """
    steps = 0
    def get_action(observation):
        global steps
        steps += 1
        if steps % 3 == 0:
            raise ValueError("not again")
        return 2
    """

  @Test func `a series with faults and a forfeit is as the game has it`() async throws {
    let faulty = try workshop.agent(Self.faulty)
    let (path, result) = try await replay(
      [faulty, "builtin:random"],
      ["--games", "3", "--max-faults", "5"]
    )
    #expect(result.agentResults[0].forfeited)
    let outcome = try await workshop.run(["replay", "verify", path, "--json"])
    #expect(outcome.status == 0 && outcome.standardError == "")
    let finding = try outcome.object
    #expect(finding["verified"] == .bool(true) && finding["is_complete"] == .bool(true))
    #expect(finding["problem"] == .null && finding["difference"] == .null)
    #expect(finding["frames"] == .integer(Int64(result.totalSteps)))
    let sum = try #require(result.recording?.sha256)
    let text = try await workshop.run(["replay", "verify", path, "--sha256", sum.uppercased()])
    #expect(text.status == 0 && text.standardOutput.hasPrefix("verified: \(result.totalSteps) frames, "))
  }

  @Test(arguments: [
    ("if frame.step == 7: frame.seats[1].reward = 2.5", 7, "1", "the recorded reward is 2.5, the game gives 0.0"),
    ("if frame.step == 40: frame.truncated = False", 40, "null", "the game says false, true"),
  ])
  func `a forged frame is named`(change: String, step: Int, seat: String, says: String) async throws {
    let (path, _) = try await replay(["builtin:random", "builtin:noop"])
    let honest = try await workshop.run(["replay", "verify", try await forge(path, "pass")])
    #expect(honest.status == 0, "\(honest.standardOutput)\(honest.standardError)")
    let forged = try await forge(path, change)
    let outcome = try await workshop.run(["replay", "verify", forged, "--json"])
    #expect(outcome.status == 1 && outcome.standardError == "")
    guard case .object(let difference) = try outcome.object["difference"] else {
      throw ChildProcess.Failure(description: "no difference: \(outcome.standardOutput)")
    }
    #expect(try outcome.object["verified"] == .bool(false))
    #expect(difference["game"] == .integer(0) && difference["step"] == .integer(Int64(step)))
    #expect("\(difference["seat"] ?? .null)" == seat)
    let text = try await workshop.run(["replay", "verify", forged])
    #expect(text.status == 1 && text.standardOutput.hasPrefix("not verified: game 0, step \(step)"))
    #expect(text.standardOutput.contains(says), "\(text.standardOutput)")
  }

  @Test func `a file with another checksum, a cut one and none at all are told apart`() async throws {
    let (path, _) = try await replay(["builtin:random", "builtin:noop"])
    let other = try await workshop.run(["replay", "verify", path, "--sha256", String(repeating: "0", count: 64)])
    #expect(other.status == 1 && other.standardOutput.hasPrefix("not verified: the file's SHA-256 is "))
    try await workshop.run(["replay", "verify", path, "--sha256", "abc"]).expectRefusal(["--sha256", "64"])

    let file = workshop.workingDirectory.appending(path: path)
    let bytes = try Data(contentsOf: file)
    try bytes.dropLast(40).write(to: file)
    let cut = try await workshop.run(["replay", "verify", path, "--json"])
    #expect(cut.status == 0, "\(cut.standardOutput)")
    #expect(try cut.object["verified"] == .bool(true) && cut.object["is_complete"] == .bool(false))

    let missing = try await workshop.run(["replay", "verify", "missing.mcap", "--json"])
    #expect(missing.status == 1 && missing.standardError == "")
    #expect(try missing.object["verified"] == .bool(false))
    let text = try await workshop.run(["replay", "verify", "missing.mcap"])
    #expect(text.status == 1 && text.standardOutput == "" && text.standardError.hasPrefix("Error: missing.mcap: "))
  }

  @Test func `exports go to standard output or to a file, and are the same`() async throws {
    let (path, result) = try await replay([try workshop.agent(Self.faulty), "builtin:random"], ["--games", "2"])
    for format in ["json", "csv", "rl-arena"] {
      let printed = try await workshop.run(["replay", "export", path, "--format", format])
      #expect(printed.status == 0 && printed.standardError == "")
      let written = try await workshop.run(["replay", "export", path, "--format", format, "-o", "out"])
      #expect(written.status == 0 && written.standardOutput == "")
      let file = workshop.workingDirectory.appending(path: "out")
      #expect(try String(contentsOf: file, encoding: .utf8) == printed.standardOutput)
    }
    let json = try await workshop.run(["replay", "export", path, "--format", "json"]).object
    guard case .array(let frames) = json["frames"] else {
      throw ChildProcess.Failure(description: "no frames")
    }
    #expect(frames.count == result.totalSteps)
    let faults = frames.compactMap { frame -> JSONValue? in
      guard case .object(let members) = frame, case .object(let faults) = members["faults"] else { return nil }
      return faults["player"]
    }
    // The fault that ended each game by a forfeit came too late for a frame.
    let all = try #require(result.agentResults[0].faults["exception"])
    let exceptions = faults.count { $0 == .string("exception") }
    #expect(exceptions == all - 2, "\(result.agentResults[0].faults), \(faults)")
    let ends = try await workshop.run(["replay", "cat", path]).standardOutput.split(separator: "\n")
      .map { try JSONDecoder().decode([String: JSONValue].self, from: Data($0.utf8)) }
      .filter { $0["event"] == .string("game_end") }
    for (game, end) in ends.enumerated() {
      guard case .array(let last) = end["faults"], case .object(let fault) = last.first else {
        throw ChildProcess.Failure(description: "no fault at the end of game \(game): \(end)")
      }
      #expect(last.count == 1 && fault["seat"] == .integer(Int64(game)) && fault["fault"] == .string("exception"))
      #expect(fault["fault_message"] == .string("raised an exception: ValueError: not again"))
    }
  }

  @Test func `what cannot be exported is said in a sentence`() async throws {
    let (path, _) = try await replay(["builtin:random", "builtin:noop"])
    try await workshop.run(["replay", "export", path, "--format", "mp4"]).expectRefusal(["--format"])
    try await workshop.run(["replay", "export", path]).expectRefusal(["--format"])
    for (arguments, says) in [
      ([path, "-o", "nowhere/out.json"], "nowhere/out.json"), ([path, "-o", path], "cannot take the place"),
      (["missing.mcap"], "missing.mcap"),
    ] {
      let outcome = try await workshop.run(["replay", "export", "--format", "json"] + arguments)
      #expect(outcome.status == 1 && outcome.standardOutput == "")
      #expect(outcome.standardError.hasPrefix("Error: ") && outcome.standardError.contains(says))
      #expect(outcome.standardError.split(separator: "\n").count == 1)
    }
  }
}
