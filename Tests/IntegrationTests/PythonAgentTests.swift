import ArenaCore
import Foundation
import TestSupport
import Testing

/// Agents written in Python, run by the agent host, as their authors write them and get them wrong.
@Suite struct PythonAgentTests {
  /// An agent that always stays.
  static let stays = Agent.python("def get_action(observation):\n  return 1\n")

  /// Follows the ball: the right seat's paddle is the sixth number, the left one's the fifth.
  static let tracker = Agent.python(
    """
    class Agent:
      def __init__(self, player_id):
        self.paddle = 4 + player_id
      def get_action(self, observation):
        difference = observation[1] - observation[self.paddle]
        return 0 if difference < -0.02 else 2 if difference > 0.02 else 1
    def create_agent(player_id):
      return Agent(player_id)
    """
  )

  /// Source of an agent whose `get_action` runs `body` in the third step, with the observation as `observation`.
  static func inThirdStep(_ body: String) -> Agent {
    .python(
      """
      import os, sys, time
      steps = 0
      def get_action(observation):
        global steps
        steps += 1
        if steps == 3:
          \(body.replacing("\n", with: "\n    "))
        return 1
      """
    )
  }

  @Test(arguments: [0, 1])
  func `an exception costs a step and comes with its traceback`(seat: Int) async throws {
    let agents = [Self.inThirdStep("raise ValueError('lost the ball')"), Agent.good]
    let outcome = try await ArenaMatch.play(seat == 0 ? agents : agents.reversed())
    let result = try outcome.result
    let agent = result.agentResults[seat]
    #expect(result.status == .success)
    #expect(result.totalSteps == 12)
    #expect(agent.faults == ["exception": 1])
    #expect(!agent.forfeited)
    #expect(agent.failure?.message == "raised an exception: ValueError: lost the ball")
    #expect(
      agent.failure?.traceback?.contains("line 7, in get_action") == true,
      "\(agent.failure?.traceback ?? "none")"
    )
    #expect(agent.failure?.step == 2)
    #expect(result.agentResults[1 - seat].faults == [:])
    let frames = try await outcome.replay().frames
    #expect(frames.compactMap { $0.seats[seat].fault == nil ? nil : $0.step } == [frames[2].step])
    #expect(frames[2].seats[seat].fault == "exception")
    #expect(frames[2].seats[seat].action == "0100000000000000")
  }

  @Test func `more exceptions than are allowed forfeit, with the last one's traceback, however many are allowed`()
    async throws
  {
    let always = Agent.python(
      """
      steps = 0
      def get_action(observation):
        global steps
        steps += 1
        raise RuntimeError(f"number {steps}")
      """
    )
    let outcome = try await ArenaMatch.play(
      [always, .good],
      ["max_faults": .integer(40), "environment_config": .object(["max_steps": .integer(60)])]
    )
    let result = try outcome.result
    #expect(result.agentResults[0].faults == ["exception": 41])
    #expect(result.agentResults[0].forfeited)
    #expect(result.winnerAgentID == "right")
    #expect(result.agentResults[0].failure?.message == "raised an exception: RuntimeError: number 41")
    #expect(result.agentResults[0].failure?.traceback?.contains("in get_action") == true)
    #expect(outcome.agents[0].ending == .status(0))
  }

  /// What an agent's file may have wrong, and a word that its author must find in the result.
  static let unloadable: [(source: String, says: String)] = [
    ("import a_module_that_is_not_there\n", "a_module_that_is_not_there"),
    ("def get_action(observation:\n", "SyntaxError"),
    ("def play(observation):\n  return 1\n", "get_action"),
    ("raise OSError('no model')\n", "no model"),
    (
      "class Agent:\n  def __init__(self):\n    raise KeyError('weights')\n  def act(self, o):\n    return 1\n",
      "weights"
    ),
    ("import sys\nsys.exit(3)\n", "SystemExit"),
    ("", "get_action"),
  ]

  @Test(arguments: unloadable, [0, 1])
  func `an agent that cannot be loaded forfeits and is told why`(fault: (source: String, says: String), seat: Int)
    async throws
  {
    let agents = [Agent.python(fault.source), .good]
    let outcome = try await ArenaMatch.play(seat == 0 ? agents : agents.reversed())
    let result = try outcome.result
    let agent = result.agentResults[seat]
    #expect(outcome.ending == .status(0))
    #expect(result.status == .success)
    #expect(result.winnerAgentID == ["left", "right"][1 - seat])
    #expect(result.totalSteps == 0)
    #expect(agent.faults == ["startup": 1])
    #expect(agent.forfeited)
    let said = "\(agent.failure?.message ?? "") \(agent.failure?.traceback ?? "")"
    #expect(said.contains(fault.says), "it says: \(said)")
    #expect(result.agentResults[1 - seat].errors == 0)
    #expect(outcome.agents[1 - seat].report["end"] == .string("final"))
  }

  @Test func `where no agent starts the match is an error`() async throws {
    let outcome = try await ArenaMatch.play([.python("import nothing_there\n"), .python("x = 1\n")])
    let result = try outcome.result
    #expect(outcome.ending == .status(1))
    #expect(result.status == .error)
    #expect(result.winnerAgentID == nil)
    #expect(result.agentResults.map(\.faults) == [["startup": 1], ["startup": 1]])
    #expect(result.errorMessage?.contains("no agent started") == true)
  }

  @Test func `where the operator wants it, one agent that does not start makes the match an error`() async throws {
    let outcome = try await ArenaMatch.play([.python("x = 1\n"), .good], ["startup_fault_is_error": .bool(true)])
    #expect(outcome.ending == .status(1))
    #expect(try outcome.result.status == .error)
    #expect(try outcome.result.errorMessage?.contains("left") == true)
  }

  @Test(arguments: ["None", "'up'", "1.5", "float('nan')", "7", "-1", "[0, 1]", "{}", "1j", "2**70", "object()"])
  func `what is no action of the space costs a step and says so`(value: String) async throws {
    let outcome = try await ArenaMatch.play([.good, Self.inThirdStep("return \(value)")])
    let result = try outcome.result
    #expect(result.totalSteps == 12)
    #expect(result.agentResults[1].faults == ["invalid_action": 1])
    #expect(!result.agentResults[1].forfeited)
    #expect((result.agentResults[1].failure?.message.count ?? 0) > 20)
    #expect(result.agentResults[0].faults == [:])
  }

  @Test(arguments: ["True", "2.0", "[0]", "numpy.int8(2)", "numpy.array([1])", "numpy.float32(1)"])
  func `whatever holds one whole number is an action`(value: String) async throws {
    let outcome = try await ArenaMatch.play([.good, Self.inThirdStep("import numpy; return \(value)")])
    #expect(try outcome.result.agentResults[1].faults == [:])
  }

  @Test func `what an agent prints corrupts nothing`() async throws {
    let prints = Agent.python(
      """
      import os, sys
      print("x" * 100_000)
      def get_action(observation):
        print("{\\"match_id\\": \\"forged\\"}" * 1000)
        sys.stderr.write("y" * 10_000)
        os.write(1, b"\\xff\\x00" * 1000)
        return 1
      """
    )
    let outcome = try await ArenaMatch.play([prints, .good])
    let result = try outcome.result
    #expect(result.agentResults.map(\.faults) == [[:], [:]])
    #expect(result.totalSteps == 12)
    #expect(outcome.standardOutput.split(separator: "\n").count == 1)
    #expect(outcome.agents[0].standardOutput.utf8.count > 300_000)
  }

  @Test(arguments: ["sys.exit(0)", "raise KeyboardInterrupt", "raise SystemExit('bye')"])
  func `an agent cannot leave by an exception`(statement: String) async throws {
    let outcome = try await ArenaMatch.play([Self.inThirdStep(statement), .good])
    #expect(try outcome.result.agentResults[0].faults == ["exception": 1])
    #expect(try outcome.result.totalSteps == 12)
  }

  @Test func `an agent that ends its process is disconnected`() async throws {
    let outcome = try await ArenaMatch.play([.good, Self.inThirdStep("os._exit(0)")])
    let result = try outcome.result
    #expect(result.agentResults[1].faults == ["disconnected": 1])
    #expect(result.agentResults[1].forfeited)
    #expect(result.winnerAgentID == "left")
  }

  @Test func `an agent that closes every descriptor it can name is not out of the match`() async throws {
    let outcome = try await ArenaMatch.play([.good, Self.inThirdStep("os.closerange(0, 30)")])
    #expect(try outcome.result.agentResults[1].faults == [:])
  }

  @Test func `a step that takes too long costs the step and its late answer is dropped`() async throws {
    let outcome = try await ArenaMatch.play(
      [Self.inThirdStep("time.sleep(1.1)"), .good],
      ["step_timeout_sec": .number(0.75)]
    )
    let agent = try outcome.result.agentResults[0]
    #expect(agent.faults == ["timeout": 1])
    #expect(agent.droppedAnswers.late == 1)
    #expect(agent.failure?.message == "did not answer within 0.75 s")
    #expect(try outcome.result.totalSteps == 12)
    let frames = try await outcome.replay().frames
    #expect(frames[2].seats[0].fault == "timeout")
    #expect(frames.count { $0.seats[0].fault != nil } == 1)
  }

  @Test func `a time bank pays for long steps until it is used up`() async throws {
    // 0.5 s beyond the free time in each of the steps 2, 3 and 4: the bank of 1.25 s pays for two of them.
    let slow = Agent.python(
      """
      import time
      steps = 0
      def get_action(observation):
        global steps
        steps += 1
        if 2 <= steps <= 4:
          time.sleep(1.0)
        return 1
      """
    )
    let outcome = try await ArenaMatch.play(
      [slow, .good],
      ["step_timeout_sec": .number(0.5), "time_bank_sec": .number(1.25)]
    )
    let agent = try outcome.result.agentResults[0]
    #expect(agent.faults == ["timeout": 1])
    #expect(agent.failure?.step == 3)
    #expect(agent.droppedAnswers.late == 1)
  }

  @Test func `reset is called before every game and seats rotate`() async throws {
    let first = Agent.python(
      """
      class Player:
        def __init__(self, player_id):
          print("created", player_id)
          self.steps = 0
        def reset(self):
          print("reset", self.steps)
          self.steps = 0
        def get_action(self, observation):
          self.steps += 1
          return 1
      def create_agent(player_id):
        return Player(player_id)
      """
    )
    let outcome = try await ArenaMatch.play([first, .good], ["games": .integer(3)])
    let result = try outcome.result
    #expect(result.games.map(\.seats) == [["left", "right"], ["right", "left"], ["left", "right"]])
    #expect(result.agentResults.map(\.agentID) == ["left", "right"])
    #expect(result.totalSteps == 36)
    #expect(result.games.map(\.game) == [0, 1, 2])
    #expect(Set(result.games.map(\.seed)).count == 3)
    #expect(result.games[0].seed == 7)
    for (index, agent) in result.agentResults.enumerated() {
      #expect(agent.score == result.games.map { $0.scores[index] }.reduce(0, +))
    }
    let lines = outcome.agents[0].standardOutput.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("reset") } == 3)
    #expect(lines.first == "created 0")
    let resets: [JSONValue] = [0, 1, 2].map { game in
      .object(["game": .integer(game), "player_id": .integer([1, 0, 1][Int(game)])])
    }
    #expect(outcome.agents[1].report["resets"] == .array(resets))
  }

  @Test func `a forfeited game does not cost the games after it`() async throws {
    let agent = Agent.python(
      """
      games = 0
      def reset():
        global games
        games += 1
      def get_action(observation):
        return "nonsense" if games == 1 else 1
      """
    )
    let outcome = try await ArenaMatch.play([agent, .good], ["games": .integer(3), "max_faults": .integer(2)])
    let result = try outcome.result
    #expect(result.games.map(\.forfeits) == [["left"], [], []])
    #expect(result.games.map(\.ending) == [.forfeit, .truncated, .truncated])
    #expect(result.agentResults[0].faults == ["invalid_action": 3])
    #expect(result.games[0].winnerAgentID == "right")
    // The third fault ended the game in a step that was never played: no frame has it, in this game or the next.
    let faulty = try await outcome.replay().frames.filter { $0.seats.contains { $0.fault != nil } }
    #expect(faulty.map(\.game) == [0, 0])
  }

  @Test func `an exception in reset is a fault and the agent plays on`() async throws {
    let agent = Agent.python("def reset():\n  raise ValueError('no')\ndef get_action(observation):\n  return 1\n")
    let outcome = try await ArenaMatch.play([agent, .good])
    let result = try outcome.result
    #expect(result.agentResults[0].faults == ["exception": 1])
    #expect(result.agentResults[0].failure?.message == "raised an exception in reset(): ValueError: no")
    #expect(result.totalSteps == 12)
  }

  @Test func `the same seed and the same agents make the same frames`() async throws {
    let configuration: [String: JSONValue] = [
      "environment_config": .object(["max_steps": .integer(600)]), "seed": .unsigned(UInt64.max),
    ]
    var replays: [[ReplayContents.Frame]] = []
    for _ in 0..<2 {
      let outcome = try await ArenaMatch.play([Self.tracker, .bot("out_of_range_now_and_then")], configuration)
      #expect(try outcome.result.seed == UInt64.max)
      let replay = try await outcome.replay()
      #expect(replay.isComplete)
      #expect(try outcome.result.totalSteps == replay.frames.count)
      replays.append(replay.frames.map(\.timeless))
    }
    #expect(replays[0].count > 100)
    #expect(replays[0] == replays[1])
  }

  @Test func `a drawn seed plays the same match when it is given`() async throws {
    let agents: [Agent] = [.builtIn("random"), Self.tracker]
    let configuration: [String: JSONValue] = ["environment_config": .object(["max_steps": .integer(300)])]
    let first = try await ArenaMatch.play(agents, configuration.merging(["seed": .null]) { $1 })
    let seed = try first.result.seed
    let second = try await ArenaMatch.play(agents, configuration.merging(["seed": .unsigned(seed)]) { $1 })
    let replays = [try await first.replay(), try await second.replay()]
    #expect(replays[0].frames.map(\.timeless) == replays[1].frames.map(\.timeless))
    #expect(try first.result.agentResults.map(\.score) == second.result.agentResults.map(\.score))
    #expect(!replays[0].frames.isEmpty)
  }
}
