import ArenaCore
import Environments
import Foundation
import Glibc
import Replay
import TestSupport
import Testing

/// Exports: JSON as RL Arena's backend reads it, CSV, and what the rl-arena package takes.
@Suite struct ExportTests {
  private static func export(_ played: PlayedMatch, _ format: ReplayExportFormat) throws -> String {
    let path = played.folder.path("export.\(format.fileExtension)")
    try ReplayExport.write(try ReplayReader(path: played.path), as: format, toFile: path)
    return path
  }

  private static func object(_ path: String) throws -> [String: JSONValue] {
    try JSONDecoder().decode([String: JSONValue].self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// What Python makes of the export at `path`, given the replay's path as second argument.
  private static func python(_ script: String, _ path: String, _ played: PlayedMatch) async throws -> String {
    String(decoding: try await TestPython.run(script, arguments: [path, played.path]), as: UTF8.self)
  }

  @Test func `JSON has a frame for every step, with what rl-arena's pong says after the same actions`() async throws {
    let played = try await PlayedMatch.play(steps: 200, games: 1)
    let path = try Self.export(played, .json)
    let script = """
      import json, sys
      from rl_arena import make
      data = json.load(open(sys.argv[1]), parse_constant=lambda name: sys.exit(f"{name} is no JSON"))
      meta, frames = data["metadata"], data["frames"]
      assert data["version"] == "1.0" and meta["match_id"] == "played" and meta["environment"] == "pong"
      left, right = meta["agents"]
      assert meta["total_steps"] == len(frames) == 200 and meta["status"] == "completed"
      assert 1.7e9 < meta["start_time"] <= frames[0]["timestamp"] <= frames[-1]["timestamp"] <= meta["end_time"] < 4e9
      env = make("pong", {"max_steps": 200})
      env.reset(seed=7)
      for number, frame in enumerate(frames):
          assert frame["frame_number"] == number and frame["step"] == number + 1 and frame["game"] == 0
          seen, rewards, terminated, truncated, info = env.step([frame["actions"][left], frame["actions"][right]])
          for agent, own in ((left, seen[0]), (right, seen[1])):
              assert list(map(type(own[0]), frame["observations"][agent])) == list(own), (number, own)
          assert [frame["rewards"][left], frame["rewards"][right]] == list(rewards)
          assert frame["done"] == (terminated or truncated)
          said = frame["info"]
          assert said["ball_pos"] == [float(x) for x in info["ball_pos"]]
          assert said["paddle_positions"] == [float(x) for x in info["paddle_positions"]]
          assert said["scores"] == said["score"] == list(info["scores"])
      print(meta["winner"])
      """
    #expect(try await Self.python(script, path, played) == "\(played.result.winnerAgentID ?? "None")\n")
  }

  @Test func `a series' frames are numbered throughout, and belong to agents wherever they sit`() async throws {
    let played = try await PlayedMatch.play(steps: 10, games: 3)
    let document = try Self.object(try Self.export(played, .json))
    guard case .array(let frames) = document["frames"] else {
      throw ChildProcess.Failure(description: "no frames")
    }
    let events = try played.events
    let recorded = events.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
    #expect(frames.count == 30 && recorded.count == 30)
    let agents = try played.match.agentIDs
    for (number, frame) in frames.enumerated() {
      guard case .object(let members) = frame, case .object(let actions) = members["actions"] else { continue }
      #expect(members["frame_number"] == .integer(Int64(number)))
      #expect(members["game"] == .integer(Int64(number / 10)) && members["step"] == .integer(Int64(number % 10 + 1)))
      for seat in 0..<2 {
        let agent = agents[(seat + number / 10) % 2]
        #expect(actions[agent] == .integer(Int64(recorded[number].seats[seat].action[0])))
      }
    }
  }

  @Test func `an idle seat's action is null, and recorded info is given as it was`() async throws {
    let played = try await PlayedMatch.play("nim", registry: NimGame.registry, steps: nil, games: 1)
    let document = try Self.object(try Self.export(played, .json))
    guard case .array(let frames) = document["frames"] else {
      throw ChildProcess.Failure(description: "no frames")
    }
    for (number, frame) in frames.enumerated() {
      guard case .object(let members) = frame, case .object(let actions) = members["actions"],
        case .object(let info) = members["info"], case .object(let observations) = members["observations"]
      else {
        throw ChildProcess.Failure(description: "a frame lacks members: \(frame)")
      }
      #expect((actions["right"] == .null) == (number % 2 == 0))
      #expect(info["sticks"] == observations["right"])
    }
    #expect(frames.count == played.result.totalSteps)
  }

  @Test func `the rl-arena package makes a page of its export`() async throws {
    let played = try await PlayedMatch.play(steps: 50, games: 1)
    let path = try Self.export(played, .package)
    let script = """
      import json, re, sys
      from rl_arena import load_replay, replay_to_html
      recording = load_replay(sys.argv[1])
      page = replay_to_html(recording, "Pong")
      drawn = json.loads(re.search(r"= (\\[\\{\\"ball\\".*?\\}\\])", page).group(1))
      states = [list(frame["state"].values()) for frame in recording["frames"]]
      assert len(drawn) == len(states) == 50
      for picture, state in zip(drawn, states):
          assert len(state) == 2 and len(state[0]) == 8
          assert picture["ball"] == {"x": state[0][0], "y": state[0][1]}
          assert picture["score"] == [int(state[0][6]), int(state[0][7])]
      print(recording["metadata"]["match_id"])
      """
    #expect(try await Self.python(script, path, played) == "played\n")
  }

  @Test func `CSV has a line for every step and seat, which Python's reader reads`() async throws {
    let played = try await PlayedMatch.play(steps: 20, games: 2)
    let path = try Self.export(played, .csv)
    let script = """
      import csv, sys
      from rl_arena_replay import load
      rows = list(csv.DictReader(open(sys.argv[1], newline="")))
      replay = load(sys.argv[2])
      assert len(rows) == 80
      for row in rows:
          seat = replay.games[int(row["game"])].seats[int(row["seat"])]
          step = int(row["step"])
          assert row["agent_id"] == seat.agent_id
          assert int(row["action"]) == seat.actions[step - 1]
          assert float(row["reward"]) == seat.rewards[step - 1]
          assert [type(seat.observations[0][0])(row[f"observation_{i}"]) for i in range(8)] == list(seat.observations[step])
      print(rows[0]["agent_id"])
      """
    let output = String(
      decoding: try await TestPython.run(
        "import sys\nsys.path.insert(0, \(TestPython.packageRoot.appending(path: "sdk/python").path.debugDescription))\n"
          + script,
        arguments: [path, played.path]
      ),
      as: UTF8.self
    )
    #expect(output == "left, \"the\" <first>\n")
  }

  @Test(arguments: ReplayExportFormat.allCases)
  func `of a replay that breaks off, what is there is a whole document`(format: ReplayExportFormat) async throws {
    let played = try await PlayedMatch.play(steps: 3000, games: 1)
    let whole = try Data(contentsOf: URL(filePath: played.path))
    let size = try ReplayReader(path: played.path).size
    try whole.prefix(Int(size) * 2 / 3).write(to: URL(filePath: played.path))
    let frames = try ReplayReader(path: played.path).frameCount
    #expect((1..<3000).contains(frames))
    let text = try String(contentsOfFile: try Self.export(played, format), encoding: .utf8)
    switch format {
    case .csv:
      #expect(text.split(separator: "\r\n").count == 1 + 2 * frames)
    case .html:
      #expect(text.contains(#"data-part="close">{"frames":\#(frames)}"#) && text.hasSuffix("</html>\n"))
    case .json, .package:
      let document = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
      guard case .array(let exported) = document["frames"], case .object(let metadata) = document["metadata"] else {
        throw ChildProcess.Failure(description: "no frames")
      }
      #expect(exported.count == frames)
      if format == .json { #expect(metadata["status"] == .string("incomplete")) }
    }
  }

  @Test func `of a damaged replay everything before is exported, and the damage is told`() async throws {
    let played = try await PlayedMatch.play(steps: 3000, games: 1)
    var bytes = try Data(contentsOf: URL(filePath: played.path))
    let pattern = Data([4, 0, 0, 0]) + Data("zstd".utf8)
    let chunk = try #require(bytes.range(of: pattern, options: .backwards, in: 0..<bytes.count - 3000)).lowerBound - 37
    bytes[chunk + 100] ^= 0xFF
    try bytes.write(to: URL(filePath: played.path))
    let error = #expect(throws: ReplayError.self) { try Self.export(played, .json) }
    #expect(error?.offset == UInt64(chunk))
    guard case .array(let frames) = try Self.object(played.folder.path("export.json"))["frames"] else {
      throw ChildProcess.Failure(description: "no frames")
    }
    #expect((1..<3000).contains(frames.count))
  }

  @Test func `an export that is called off leaves what was there before, and nothing else`() async throws {
    let played = try await PlayedMatch.play(steps: 600, games: 1)
    let path = played.folder.path("export.json")
    try Data("before".utf8).write(to: URL(filePath: path))
    var questions = 0
    #expect(throws: ReplayExport.CalledOff.self) {
      try ReplayExport.write(try ReplayReader(path: played.path), as: .json, toFile: path) {
        questions += 1
        return questions < 2
      }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "before")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: played.folder.url.path).sorted() == [
        "export.json", "match.mcap",
      ]
    )
  }

  @Test func `an export does not take the place of its replay`() async throws {
    let played = try await PlayedMatch.play()
    let reader = try ReplayReader(path: played.path)
    let error = #expect(throws: ReplayError.self) {
      try ReplayExport.write(reader, as: .json, toFile: played.folder.url.path + "/./match.mcap")
    }
    #expect(error?.problem.contains("cannot take the place") == true)
    #expect(try ReplayReader(path: played.path).frameCount == 60)
  }

  @Test func `a file without the match's description is refused in a sentence`() throws {
    let folder = try ReplayFolder()
    try SampleMatch().write(to: folder.path())
    let reader = try ReplayReader(path: folder.path())
    let error = #expect(throws: ReplayError.self) { try ReplayExport.write(reader, as: .json, to: STDOUT_FILENO) }
    #expect(error?.problem.contains("metadata") == true)
  }

  @Test func `a disk that is full is said`() async throws {
    let played = try await PlayedMatch.play(steps: 600)
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(full) }
    let reader = try ReplayReader(path: played.path)
    let error = #expect(throws: (any Error).self) { try ReplayExport.write(reader, as: .json, to: full) }
    #expect("\(try #require(error))".contains("No space left on device"))
  }
}
