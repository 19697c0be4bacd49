import ArenaCore
import Foundation
import Glibc
import TestSupport
import Testing

/// `arena replay`: info, cat, tail and repair.
@Suite struct ReplayCommandTests {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// Plays two short games of built-in agents, and returns the replay's path from the working directory.
  private func replay() async throws -> String {
    let (_, outcome) = try await workshop.play(["builtin:random", "builtin:noop"], ["--games", "2"])
    #expect(outcome.status == 0)
    return "replays/" + (try workshop.file(endingIn: ".mcap").lastPathComponent)
  }

  private func lines(_ outcome: ArenaOutcome) throws -> [[String: JSONValue]] {
    try Self.lines(outcome.standardOutput)
  }

  private static func lines(_ text: String) throws -> [[String: JSONValue]] {
    try text.split(separator: "\n").map {
      try JSONDecoder().decode([String: JSONValue].self, from: Data($0.utf8))
    }
  }

  /// Checks that a file could not be read, and that one sentence says why.
  private func expectFailure(_ outcome: ArenaOutcome, _ says: String, sourceLocation: SourceLocation = #_sourceLocation)
  {
    #expect(outcome.status == 1, sourceLocation: sourceLocation)
    #expect(outcome.standardError.hasPrefix("Error: "), sourceLocation: sourceLocation)
    #expect(outcome.standardError.contains(says), "\(outcome.standardError)", sourceLocation: sourceLocation)
    #expect(outcome.standardError.split(separator: "\n").count == 1, sourceLocation: sourceLocation)
  }

  @Test func `info says who played what, and what came of it`() async throws {
    let path = try await replay()
    let text = try await workshop.run(["replay", "info", path])
    #expect(text.status == 0 && text.standardError == "")
    for line in [
      "environment  pong", "agents       random, noop", "seed         7", "frames       80 in 2 games",
      "state        complete",
    ] {
      #expect(text.standardOutput.contains("\n\(line)\n"), "\(text.standardOutput)")
    }
    #expect(text.standardOutput.contains("\nseat  agent   score  faults"))

    let json = try await workshop.run(["replay", "info", path, "--json"]).object
    #expect(json["frames"] == .integer(80) && json["games"] == .integer(2))
    #expect(json["is_complete"] == .bool(true) && json["damage"] == .null)
    guard case .object(let match) = json["match"], case .object(let result) = json["result"] else {
      return #expect(Bool(false), "\(json)")
    }
    #expect(match["agents"] == .array([.string("random"), .string("noop")]))
    #expect(result["total_steps"] == .integer(80))
    let size = try Data(contentsOf: workshop.file(endingIn: ".mcap")).count
    #expect(json["bytes"] == .integer(Int64(size)))
    #expect(json["bytes_per_frame"]?.double == Double(size) / 80)
  }

  @Test func `cat prints every event once, as the mcap package reads it`() async throws {
    let path = try await replay()
    let lines = try lines(await workshop.run(["replay", "cat", path]))
    let contents = try await ReplayContents.read(try workshop.file(endingIn: ".mcap"))
    let frames = lines.filter { $0["event"] == .string("frame") }
    #expect(lines.count == 84 && frames.count == contents.frames.count)
    #expect(lines.first?["event"] == .string("game_start") && lines.last?["event"] == .string("game_end"))
    for (line, frame) in zip(frames, contents.frames) {
      #expect(line["step"] == .integer(Int64(frame.step)) && line["game"] == .integer(Int64(frame.game)))
      guard case .array(let seats) = line["seats"] else { return #expect(Bool(false), "\(line)") }
      for (seat, other) in zip(seats, frame.seats) {
        guard case .object(let seat) = seat, case .array(let observation) = seat["observation"] else {
          return #expect(Bool(false), "\(line)")
        }
        #expect(seat["reward"]?.double == other.reward)
        // Eight floats of 32 bits, and the action's eight bytes, little-endian.
        let bytes = observation.flatMap { value in withUnsafeBytes(of: Float(value.double ?? .nan)) { Array($0) } }
        #expect(Self.hexadecimal(bytes) == other.observation)
        guard case .integer(let action) = seat["action"] else { return #expect(Bool(false), "\(seat)") }
        #expect(Self.hexadecimal(withUnsafeBytes(of: action) { Array($0) }) == other.action)
      }
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test(arguments: [
    (["--game", "1"], 42, "game_start", "game_end"), (["--game", "0", "--to", "3"], 4, "game_start", "frame"),
    (["--game", "1", "--from", "38"], 4, "frame", "game_end"), (["--from", "40", "--to", "40"], 2, "frame", "frame"),
    (["--game", "1", "--from", "5", "--to", "9"], 5, "frame", "frame"),
  ])
  func `cat prints the part that is wanted`(options: [String], count: Int, first: String, last: String) async throws {
    let lines = try lines(await workshop.run(["replay", "cat", try await replay()] + options))
    #expect(lines.count == count)
    #expect(lines.first?["event"] == .string(first) && lines.last?["event"] == .string(last))
  }

  @Test func `a reader that has seen enough ends cat quietly`() async throws {
    let path = try await replay()
    let shell = try ChildProcess(
      "/bin/bash",
      [
        "-c", #"cd "$0" && "$1" replay cat "$2" | head -n 1; echo "${PIPESTATUS[0]}""#, workshop.workingDirectory.path,
        Workshop.arenaPath, path,
      ],
      environment: workshop.variables,
      folder: workshop.folder,
      name: "pipe"
    )
    #expect(await shell.end(within: Workshop.patience) == .status(0))
    let lines = shell.standardOutput.split(separator: "\n")
    #expect(lines.count == 2 && lines.last == "0")
    #expect(shell.standardError == "")
  }

  @Test func `what cannot be done is said in a sentence`() async throws {
    let path = try await replay()
    for options in [["--from", "3", "--to", "2"], ["--from", "0"], ["--game", "-1"], ["--game", "2"]] {
      try await workshop.run(["replay", "cat", path] + options).expectRefusal([options[0]])
    }
    try await workshop.run(["replay", "cat"]).expectRefusal(["file"])
    try await workshop.run(["replay", "repair", path]).expectRefusal(["output"])
    for command in [
      ["info"], ["cat"], ["tail"], ["tail", "--no-follow"], ["tail", "--all"], ["repair", "-o", "new.mcap"],
    ] {
      let start = ["replay"] + command.prefix(1)
      expectFailure(try await workshop.run(start + ["missing.mcap"] + command.dropFirst()), "missing.mcap")
      let text = try workshop.write("this is not a replay at all\n", to: "text.mcap")
      expectFailure(try await workshop.run(start + [text] + command.dropFirst()), "text.mcap, byte 0")
    }
    expectFailure(try await workshop.run(["replay", "repair", path, "-o", path]), "cannot take the place")
    #expect(try workshop.files.filter { $0.hasSuffix(".mcap") }.count == 2)
  }

  @Test func `damage is reported after all that could be read`() async throws {
    let path = try await replay()
    let file = try workshop.file(endingIn: ".mcap")
    let whole = try lines(await workshop.run(["replay", "cat", path]))
    var bytes = try Data(contentsOf: file)
    // In the compressed records of the last chunk.
    let pattern = Data([4, 0, 0, 0]) + Data("zstd".utf8)
    let chunk = try #require(bytes.range(of: pattern, options: .backwards, in: 0..<bytes.count - 3000)).lowerBound - 37
    bytes[chunk + 100] ^= 0xFF
    try bytes.write(to: file)
    let cut = try await workshop.run(["replay", "cat", path])
    expectFailure(cut, "\(path), byte \(chunk): ")
    #expect(try lines(cut) == Array(whole.prefix(try lines(cut).count)))
    let information = try await workshop.run(["replay", "info", path])
    #expect(information.status == 0 && information.standardOutput.contains("\nstate        damaged: "))
    let repaired = try await workshop.run(["replay", "repair", path, "-o", "new.mcap"])
    #expect(repaired.status == 0)
    #expect(repaired.standardOutput.contains("byte \(chunk), "), "\(repaired.standardOutput)")
    #expect(try await workshop.run(["replay", "info", "new.mcap", "--json"]).object["is_complete"] == .bool(true))
  }

  // MARK: - While a match is played

  private struct Game {
    let match: ChildProcess
    let path: String
  }

  /// Starts a match that goes on for long, and waits until its replay has frames.
  private func begin() async throws -> Game {
    let agent = try workshop.agent("import time\ndef get_action(observation):\n    time.sleep(0.001)\n    return 1\n")
    let match = try workshop.start([
      "match", "pong", agent, "builtin:noop", "--json", "--config", "max_steps=1000000", "--config",
      "winning_score=1000000",
    ])
    let hasFrames = try await Workshop.eventually {
      guard try workshop.files.contains(where: { $0.hasSuffix(".mcap") }) else { return false }
      return try Data(contentsOf: try workshop.file(endingIn: ".mcap")).count > 8000
    }
    #expect(hasFrames, "\(match.standardError)")
    return Game(match: match, path: "replays/" + (try workshop.file(endingIn: ".mcap").lastPathComponent))
  }

  private func hasLines(_ process: ChildProcess, _ count: Int) async -> Bool {
    await Workshop.eventually { process.standardOutput.count { $0 == "\n" } >= count }
  }

  @Test func `tail follows a match to its end, and gives what cat gives`() async throws {
    try await MatchSlots.shared.run {
      let game = try await begin()
      let tail = try workshop.start(["replay", "tail", game.path, "--all"])
      #expect(await hasLines(tail, 200))
      game.match.send(SIGINT)
      #expect(try await workshop.finish(game.match).status == 1)
      let followed = try await workshop.finish(tail)
      #expect(followed.status == 0 && followed.standardError == "")
      let cat = try await workshop.finish(try workshop.start(["replay", "cat", game.path]))
      #expect(followed.standardOutput == cat.standardOutput)
      let last = try await workshop.finish(try workshop.start(["replay", "tail", game.path, "-n", "3"]))
      #expect(last.standardOutput.split(separator: "\n") == cat.standardOutput.split(separator: "\n").suffix(3))
    }
  }

  @Test func `what a killed match leaves can be read, followed and repaired`() async throws {
    try await MatchSlots.shared.run {
      let game = try await begin()
      let now = try workshop.start(["replay", "tail", game.path, "--no-follow"])
      #expect(await now.end(within: Workshop.patience) == .status(0))
      #expect(now.standardOutput.split(separator: "\n").count == 10)
      let tail = try workshop.start(["replay", "tail", game.path, "-n", "5"])
      #expect(await hasLines(tail, 100))
      game.match.send(SIGKILL)
      #expect(await game.match.end(within: 30) == .signal(SIGKILL))
      // Nobody writes any more, and nothing says that it is the end.
      tail.send(SIGINT)
      #expect(await tail.end(within: 30) == .status(0))
      #expect(tail.standardError == "")

      let file = workshop.workingDirectory.appending(path: game.path)
      let left = try await ReplayContents.read(file)
      #expect(!left.isComplete && left.frames.count > 50)
      let cat = try Self.lines(await Self.output(workshop, ["replay", "cat", game.path]))
      #expect(cat.count { $0["event"] == .string("frame") } == left.frames.count)
      let information = try Self.lines(await Self.output(workshop, ["replay", "info", game.path, "--json"]))[0]
      #expect(information["is_complete"] == .bool(false) && information["damage"] == .null)
      #expect(information["frames"] == .integer(Int64(left.frames.count)))

      _ = try await Self.output(workshop, ["replay", "repair", game.path, "-o", "new.mcap"])
      let repaired = workshop.workingDirectory.appending(path: "new.mcap")
      let contents = try await ReplayContents.read(repaired)
      #expect(contents.isComplete && contents.frames == left.frames && contents.metadata == left.metadata)
      let script = """
        import sys
        from mcap.reader import SeekingReader
        with open(sys.argv[1], "rb") as file:
            reader = SeekingReader(file, validate_crcs=True)
            print(sum(1 for _ in reader.iter_messages(topics=["/frames"])), reader.get_summary().statistics.chunk_count > 0)
        """
      let seen = String(decoding: try await TestPython.run(script, arguments: [repaired.path]), as: UTF8.self)
      #expect(seen == "\(left.frames.count) True\n")
      game.match.killGroup()
    }
  }

  /// What a command prints that succeeds. What a killed match has left behind in its folders is not its business.
  private static func output(_ workshop: Workshop, _ arguments: [String]) async throws -> String {
    let process = try workshop.start(arguments)
    #expect(await process.end(within: Workshop.patience) == .status(0), "\(process.standardError)")
    return process.standardOutput
  }
}
