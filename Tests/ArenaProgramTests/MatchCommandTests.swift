import ArenaCore
import Foundation
import TestSupport
import Testing

/// `arena match` with agents that behave.
@Suite struct MatchCommandTests {
  private static let examples = TestPython.packageRoot.appending(path: "examples/agents").path

  @Test func `a match names its winner, its files and its seed, and ends with status 0`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.run([
      "match", "pong", "\(Self.examples)/tracker", "builtin:noop", "--seed", "5", "--config", "max_steps=400",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    let lines = outcome.standardOutput.split(separator: "\n").map(String.init)
    #expect(lines[0].split(separator: " ") == ["seat", "agent", "score", "faults", "think", "p50", "p99"])
    #expect(lines[1].hasPrefix("0     tracker "))
    #expect(lines[2].hasPrefix("1     noop "))
    #expect(lines[3].hasPrefix("tracker wins after 400 steps in "))
    #expect(lines.contains("seed     5"))
    let replay = try workshop.file(endingIn: ".mcap").lastPathComponent
    #expect(lines.contains { $0.hasPrefix("replay   replays/\(replay) (400 frames, ") })
    #expect(lines.contains("logs     replays/\(replay.dropLast(5)).logs/"))
    #expect(lines.last?.hasPrefix("A cluster adds ") == true)
    #expect(!outcome.standardOutput.contains("\u{1B}"))
  }

  /// Prints more than is kept of it, while it is loaded and while it plays.
  static let noisy = """
    import os, sys
    print("{" * 1000)
    steps = 0
    def get_action(observation):
        global steps
        steps += 1
        if steps <= 12:
            for line in range(16):
                print("}" * 65536)
                print("{" * 65536, file=sys.stderr)
            os.write(1, b'{"status": "success"}\\n')
        return 1
    """

  @Test(arguments: ["auto", "none"])
  func `with --json the result is all there is, however much agents print`(sandbox: String) async throws {
    let workshop = try Workshop()
    let noisy = try workshop.agent(Self.noisy, "noisy")
    let quiet = try workshop.agent(Workshop.stays, "quiet")
    let (result, outcome) = try await workshop.play([noisy, quiet], ["--sandbox", sandbox])
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    #expect(outcome.standardOutput.split(separator: "\n").count == 1)
    #expect(result.status == .success)
    #expect(result.totalSteps == 40)
    for agent in result.agentResults { #expect(agent.faults == [:]) }
    for stream in ["stdout", "stderr"] {
      let log = try workshop.file(endingIn: "agent1-noisy.\(stream).log")
      let size = try #require(try FileManager.default.attributesOfItem(atPath: log.path)[.size] as? Int)
      #expect((10 << 20...(10 << 20) + 100).contains(size))
      let end = try workshop.text(endingIn: "agent1-noisy.\(stream).log").suffix(60)
      #expect(end.hasSuffix(" more bytes were dropped]\n"))
      #expect(try workshop.text(endingIn: "agent2-quiet.\(stream).log") == "")
    }
  }

  @Test func `the result has all published keys, those without a value too`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.play(["builtin:noop", try workshop.agent("raise ImportError('no torch')")]).outcome
    let object = try outcome.object
    for key in [
      "match_id", "status", "winner_agent_id", "agent_results", "total_steps", "execution_time_sec", "replay_url",
      "replay_html_url", "error_message",
    ] {
      #expect(object[key] != nil, "\(key)")
    }
    #expect(object["replay_url"] == .null)
    guard case .array(let agents) = object["agent_results"] else {
      throw ChildProcess.Failure(description: "no agents")
    }
    #expect(agents.count == 2)
    for case .object(let agent) in agents {
      for key in ["agent_id", "score", "errors", "error_message", "faults", "forfeited"] {
        #expect(agent[key] != nil, "\(key)")
      }
    }
  }

  /// Arguments, and what the agents are called.
  static let names: [(arguments: [String], ids: [String])] = [
    (["some/deep/folder", "other.py"], ["folder", "other"]),
    (["some/deep/folder/", "./other.py"], ["folder", "other"]),
    (["other.py", "other.py"], ["other", "other-2"]),
    (["other.py", "elsewhere/other"], ["other", "other-2"]),
    (["other-2.py", "other.py"], ["other-2", "other"]),
    (["builtin:random", "builtin:noop"], ["random", "noop"]),
    (["builtin:random", "builtin:random"], ["random", "random-2"]),
    (["3f2b-12ab_1730.py", "an agent.py"], ["3f2b-12ab_1730", "an agent"]),
    (["ein Ägent 🏓", "other.py"], ["ein Ägent 🏓", "other"]),
  ]

  @Test(arguments: names)
  func `an agent is called what its file or folder is called`(arguments: [String], ids: [String]) async throws {
    let workshop = try Workshop()
    for file in [
      "some/deep/folder/agent.py", "other.py", "other-2.py", "elsewhere/other/agent.py", "3f2b-12ab_1730.py",
      "an agent.py",
      "ein Ägent 🏓/agent.py",
    ] {
      try workshop.write(Workshop.stays, to: file)
    }
    let result = try await workshop.play(arguments).result
    #expect(result.agentResults.map(\.agentID) == ids)
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && !$0.forfeited }, "\(result)")
  }

  @Test func `results keep the order of the command line while seats rotate`() async throws {
    let workshop = try Workshop()
    let source = """
      import sys
      class Agent:
          def __init__(self, player_id=None):
              self.player_id = player_id
          def reset(self):
              print("reset", flush=True)
          def get_action(self, observation):
              return 1
      """
    let (result, outcome) = try await workshop.play([try workshop.agent(source), "builtin:random"], ["--games", "3"])
    #expect(outcome.status == 0)
    #expect(result.agentResults.map(\.agentID) == ["player", "random"])
    #expect(result.games.map(\.seats) == [["player", "random"], ["random", "player"], ["player", "random"]])
    #expect(result.games.map(\.steps) == [40, 40, 40])
    #expect(result.totalSteps == 120)
    for index in 0...1 {
      #expect(result.agentResults[index].score == result.games.map { $0.scores[index] }.reduce(0, +))
    }
    #expect(try workshop.text(endingIn: "player.stdout.log") == "reset\nreset\nreset\n")
  }

  @Test func `the same seed and agents make the same frames, another seed makes others`() async throws {
    let workshop = try Workshop()
    var replays: [[ReplayContents.Frame]] = []
    for (index, seed) in ["18446744073709551615", "18446744073709551615", "0"].enumerated() {
      let outcome = try await workshop.run([
        "match", "pong", "\(Self.examples)/tracker", "builtin:random", "--seed", seed, "--config", "max_steps=300",
        "--games", "2", "--replay-dir", "replays-\(index)", "--json",
      ])
      #expect(try outcome.result.seed == UInt64(seed))
      let replay = try await ReplayContents.read(try workshop.file(endingIn: ".mcap", in: "replays-\(index)"))
      #expect(replay.isComplete)
      #expect(replay.frames.count == 600)
      replays.append(replay.frames.map(\.timeless))
    }
    #expect(replays[0] == replays[1])
    #expect(replays[0] != replays[2])
  }

  @Test func `without a seed one is drawn and reported`() async throws {
    let workshop = try Workshop()
    let arguments = [
      "match", "pong", "builtin:noop", "builtin:noop", "--no-replay", "--json", "--config", "max_steps=1",
    ]
    let seeds = [try await workshop.run(arguments).result.seed, try await workshop.run(arguments).result.seed]
    #expect(seeds[0] != seeds[1])
  }

  @Test func `settings may be integers and fractions`() async throws {
    let workshop = try Workshop()
    func frames(_ folder: String, _ settings: [String]) async throws -> [ReplayContents.Frame] {
      let arguments = [
        "match", "pong", "builtin:noop", "builtin:noop", "--seed", "3", "--json", "--replay-dir", folder,
      ]
      let outcome = try await workshop.run(arguments + settings.flatMap { ["--config", $0] })
      #expect(outcome.status == 0)
      return try await ReplayContents.read(try workshop.file(endingIn: ".mcap", in: folder)).frames.map(\.timeless)
    }
    let slow = try await frames("slow", ["max_steps=30"])
    let fast = try await frames("fast", ["max_steps=30", "ball_speed=0.031"])
    #expect(slow.count == 30)
    #expect(fast.count == 30)
    #expect(slow[0].seats[0].observation != fast[0].seats[0].observation)
  }

  /// How a duration is written, and how many milliseconds it is.
  static let durations = [("1500ms", 1500), ("1.5s", 1500), ("0.025m", 1500), ("2s", 2000)]

  @Test(arguments: durations)
  func `an agent is told its limits`(written: String, milliseconds: Int) async throws {
    let workshop = try Workshop()
    let program = try workshop.write(
      WireAgent.source("print(json.dumps(welcome), flush=True)"),
      to: "wire",
      executable: true
    )
    let (result, _) = try await workshop.play(
      ["exec:\(program)", "builtin:noop"],
      ["--step-timeout", written, "--time-bank", written],
      steps: 3
    )
    #expect(result.agentResults[0].faults == [:])
    let text = try workshop.text(endingIn: "wire.stdout.log")
    let welcome = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.prefix { $0 != "\n" }.utf8))
    #expect(welcome["step_timeout_ns"] == .integer(Int64(milliseconds) * 1_000_000))
    #expect(welcome["time_bank_ns"] == .integer(Int64(milliseconds) * 1_000_000))
  }

  @Test func `--no-replay writes none, and no folder where there are no logs either`() async throws {
    let workshop = try Workshop()
    let result = try await workshop.play(["builtin:noop", "builtin:random"], ["--no-replay"]).result
    #expect(result.recording == nil)
    #expect(try workshop.files == [])
    _ = try await workshop.play([try workshop.agent(Workshop.stays), "builtin:random"], ["--no-replay"])
    #expect(try !workshop.files.contains { $0.hasSuffix(".mcap") })
    #expect(try workshop.files.contains { $0.hasSuffix("agent1-player.stderr.log") })
  }

  @Test func `replays and logs are kept side by side, run after run`() async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent("import sys\nprint('to out')\nprint('to err', file=sys.stderr)\n" + Workshop.stays)
    for _ in 0..<2 {
      _ = try await workshop.play([agent, "builtin:noop"], ["--replay-dir", "a/new folder"])
    }
    let kept = try workshop.files.filter { $0.hasPrefix("a/new folder/") }
    let replays = kept.filter { $0.hasSuffix(".mcap") }
    #expect(replays.count == 2)
    for replay in replays {
      let logs = replay.dropLast(5) + ".logs"
      #expect(kept.contains("\(logs)/agent1-player.stdout.log"))
      #expect(kept.contains("\(logs)/agent1-player.stderr.log"))
    }
    #expect(try workshop.text(endingIn: ".stdout.log", in: "a/new folder") == "to out\n")
    #expect(try workshop.text(endingIn: ".stderr.log", in: "a/new folder") == "to err\n")
  }

  /// `--max-faults`, and how many faults an agent that knows no legal action has in a game of 40 steps.
  static let tolerance = [("0", 40, false), ("3", 4, true), ("39", 40, true), ("40", 40, false)]

  @Test(arguments: tolerance)
  func `more faults than are allowed forfeit`(allowed: String, faults: Int, forfeits: Bool) async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent("def get_action(observation):\n    return 'up'\n")
    let (result, outcome) = try await workshop.play([agent, "builtin:noop"], ["--max-faults", allowed])
    #expect(outcome.status == 0)
    #expect(result.agentResults[0].faults == ["invalid_action": faults])
    #expect(result.agentResults[0].errors == faults)
    #expect(result.agentResults[0].forfeited == forfeits)
    if forfeits { #expect(result.winnerAgentID == "noop") }
  }

  /// An agent that takes so long in its third step.
  static func slow(_ seconds: Double) -> String {
    """
    import time
    steps = 0
    def get_action(observation):
        global steps
        steps += 1
        if steps == 3:
            time.sleep(\(seconds))
        return 1
    """
  }

  /// Options, and how many answers are too late that take a little more than two seconds, so that the next one comes in time.
  static let patience: [(options: [String], timeouts: Int)] = [
    (["--step-timeout", "2s"], 1),
    (["--step-timeout", "500ms", "--time-bank", "20s"], 0),
    (["--step-timeout", "1ms", "--no-timeouts"], 0),
  ]

  @Test(arguments: patience)
  func `an answer may take as long as the options say`(options: [String], timeouts: Int) async throws {
    let workshop = try Workshop()
    let result = try await workshop.play([try workshop.agent(Self.slow(2.3)), "builtin:noop"], options, steps: 6).result
    #expect(result.agentResults[0].faults == (timeouts == 0 ? [:] : ["timeout": timeouts]))
    #expect(result.totalSteps == 6)
  }

  @Test func `a match that takes too long has no winner and ends with status 0`() async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent("import time\ndef get_action(observation):\n    time.sleep(0.05)\n    return 1\n")
    let (result, outcome) = try await workshop.play(
      [agent, "builtin:noop"],
      ["--match-timeout", "500ms"],
      steps: 5000
    )
    #expect(outcome.status == 0)
    #expect(result.status == .timeout)
    #expect(result.winnerAgentID == nil)
    let text = try await workshop.run(["match", "pong", agent, "builtin:noop", "--match-timeout", "500ms"])
    #expect(text.status == 0)
    #expect(text.standardOutput.contains("\nno winner: "))
  }

  @Test func `without a sandbox the output says so`() async throws {
    let workshop = try Workshop()
    let outcome = try await workshop.run([
      "match", "pong", try workshop.agent(Workshop.stays), "builtin:noop", "--sandbox", "none", "--config",
      "max_steps=5",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput.contains("\nsandbox  agents run as plain processes that see this machine"))
  }

  @Test func `where every agent has failed to start the match has failed, and says why of each`() async throws {
    let workshop = try Workshop()
    let agents = [try workshop.agent("import torch_geometri\n", "one"), try workshop.agent("1 / 0\n", "two")]
    let outcome = try await workshop.run(["match", "pong"] + agents)
    #expect(outcome.status == 1)
    #expect(outcome.standardOutput.contains("the match failed: "))
    #expect(outcome.standardOutput.contains("torch_geometri"))
    #expect(outcome.standardOutput.contains("ZeroDivisionError"))
  }
}
