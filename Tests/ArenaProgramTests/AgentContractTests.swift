import ArenaCore
import Foundation
import Testing

/// What RL Arena's users submit, and what is made of it.
@Suite struct AgentContractTests {
  /// A submission: its files, the argument that names it, and what it must have printed after one game.
  struct Submission: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: String]
    var argument = "submission"
    var prints: String
  }

  private static func file(_ description: String, _ source: String, prints: String) -> Submission {
    Submission(testDescription: description, files: ["submission/agent.py": source], prints: prints)
  }

  /// The library's own abstract base, under the name that the agent's class often has.
  private static let base = "from rl_arena.core.agent import Agent\n"

  static let submissions: [Submission] = [
    file(
      "create_agent with player_id",
      """
      class Player:
          def __init__(self, seat): print("seat", seat)
          def get_action(self, observation): return 2
      def create_agent(player_id): return Player(player_id)
      def get_action(observation): raise RuntimeError("create_agent comes first")
      """,
      prints: "seat 1\n"
    ),
    file(
      "create_agent without player_id",
      """
      class Player:
          def get_action(self, observation): return 2
      def create_agent():
          print("made")
          return Player()
      """,
      prints: "made\n"
    ),
    file(
      "get_action of the module, before a class",
      """
      print("function")
      def get_action(observation): return 2
      class Agent:
          def get_action(self, observation): raise RuntimeError("the function comes first")
      """,
      prints: "function\n"
    ),
    file(
      "the abstract Agent imported, a class of another name",
      base + """
        class Striker(Agent):
            def __init__(self, player_id): print("striker", player_id)
            def act(self, observation): return 2
            def get_action(self, observation): return 2
        """,
      prints: "striker 1\n"
    ),
    file(
      "a class Agent over the library's",
      "import rl_arena.core.agent\n" + """
        class Agent(rl_arena.core.agent.Agent):
            def get_action(self, observation): return 2
            def act(self, observation): return 2
            def reset(self): print("reset")
        """,
      prints: "reset\n"
    ),
    file(
      "act",
      """
      class Agent:
          def act(self, observation):
              return 2
          def reset(self):
              print("again")
      """,
      prints: "again\n"
    ),
    file(
      "predict with a state, as Stable-Baselines3 has it",
      """
      class Agent:
          def predict(self, observation, state=None, episode_start=None, deterministic=False):
              return [2], None
      print("predicts")
      """,
      prints: "predicts\n"
    ),
    file(
      "the only class that can play",
      """
      import dataclasses, pickle
      @dataclasses.dataclass
      class Weights:
          value: float = 2.0
      class Oddly:
          def get_action(self, observation): return pickle.loads(pickle.dumps(Weights())).value
      print("one")
      """,
      prints: "one\n"
    ),
    file(
      "a bare function with a module's reset",
      "def reset(): print('r')\ndef get_action(o): return True + 1\n",
      prints: "r\n"
    ),
    Submission(
      testDescription: "main.py with a module beside it",
      files: [
        "submission/main.py": "from model import choose\nget_action = choose\n",
        "submission/model.py": "print('model')\ndef choose(observation): return 2\n",
      ],
      prints: "model\n"
    ),
    Submission(
      testDescription: "agent.py before main.py",
      files: [
        "submission/main.py": "raise RuntimeError('not this one')\n",
        "submission/agent.py": "print('this one')\ndef get_action(o): return 2\n",
      ],
      prints: "this one\n"
    ),
    Submission(
      testDescription: "a folder with one file of any name",
      files: ["submission/3f2b-12ab_1730.py": "print(__file__)\ndef get_action(o): return 2\n"],
      prints: "/agent/3f2b-12ab_1730.py\n"
    ),
    Submission(
      testDescription: "one file that cannot be imported by name",
      files: ["3f2b-12ab_1730.py": "print(__file__)\ndef get_action(o): return 2\n"],
      argument: "3f2b-12ab_1730.py",
      prints: "/agent/3f2b-12ab_1730.py\n"
    ),
    Submission(
      testDescription: "a file that it reads from its folder",
      files: [
        "submission/agent.py": "print(open('weights.txt').read())\ndef get_action(o): return 2\n",
        "submission/weights.txt": "0.5",
      ],
      prints: "0.5\n"
    ),
  ]

  @Test(arguments: submissions)
  func `a submission plays as it is`(submission: Submission) async throws {
    let workshop = try Workshop()
    for (path, text) in submission.files { try workshop.write(text, to: path) }
    let result = try await workshop.play(["builtin:noop", submission.argument]).result
    let agent = result.agentResults[1]
    #expect(agent.faults == [:], "\(agent.failure?.message ?? "")")
    #expect(agent.thinkTime.count == 40)
    #expect(try workshop.text(endingIn: ".stdout.log") == submission.prints)
    // All of them only ever go down: the left paddle stays in the middle, the right one is at its end.
    guard case .array(let paddles) = result.games[0].info["paddle_positions"] else {
      Issue.record("no paddles: \(result.games[0].info)")
      return
    }
    #expect(paddles[0] == .number(0.5))
    #expect(try #require(paddles[1].double) > 0.8)
  }

  /// What is wrong with a submission, and what its author is told.
  static let unusable: [(source: String, says: [String])] = [
    ("import torch_geometri\n", ["torch_geometri"]),
    ("def get_action(observation)\n    return 1\n", ["SyntaxError", "line 1"]),
    ("def get_actions(observation):\n    return 1\n", ["get_actions", "get_action"]),
    ("class Agent:\n    def choose(self, o):\n        return 1\n", ["Agent", "get_action"]),
    ("from rl_arena.core.agent import Agent\n", ["get_action"]),
    ("def create_agent():\n    pass\n", ["None", "return"]),
    ("class Agent:\n    def get_action(self):\n        return 1\n", ["get_action", "observation"]),
    ("", ["get_action"]),
  ]

  @Test(arguments: unusable)
  func `a submission that cannot be loaded loses, and its author is told why`(source: String, says: [String])
    async throws
  {
    let workshop = try Workshop()
    let agent = try workshop.agent(source)
    let (result, outcome) = try await workshop.play([agent, "builtin:noop"])
    #expect(outcome.status == 0)
    #expect(result.status == .success)
    #expect(result.winnerAgentID == "noop")
    #expect(result.agentResults[0].faults == ["startup": 1])
    #expect(result.agentResults[0].forfeited)
    let failure = try #require(result.agentResults[0].failure)
    for word in says { #expect((failure.message + (failure.traceback ?? "")).contains(word), "\(failure.message)") }
  }

  @Test func `an exception costs a step, and the person at the terminal sees its traceback`() async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent(
      """
      steps = 0
      def get_action(observation):
          global steps
          steps += 1
          return [1][1] if steps == 3 else 1
      """
    )
    let outcome = try await workshop.run(["match", "pong", agent, "builtin:noop", "--config", "max_steps=20"])
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput.contains("1 exception"))
    #expect(
      outcome.standardOutput.contains(
        "player: it raised an exception: IndexError: list index out of range (game 1, after 2 steps)"
      )
    )
    #expect(outcome.standardOutput.contains("line 5, in get_action"))
  }

  @Test func `a program that speaks the protocol plays without the agent host`() async throws {
    let workshop = try Workshop()
    try workshop.write(WireAgent.source("print(open('beside.txt').read())"), to: "program/play", executable: true)
    try workshop.write("its own file", to: "program/beside.txt")
    let (result, outcome) = try await workshop.play(["exec:program/play", "exec:./program/../program/play"])
    #expect(outcome.status == 0)
    #expect(result.agentResults.map(\.agentID) == ["play", "play-2"])
    #expect(result.agentResults.allSatisfy { $0.faults.isEmpty && $0.thinkTime.count == 40 }, "\(result)")
    #expect(result.winnerAgentID == nil)
    #expect(try workshop.text(endingIn: "play.stdout.log") == "its own file\noutcome: draw\n")
  }

  @Test func `a program that ends by itself has its exit status in the result`() async throws {
    let workshop = try Workshop()
    let program = try workshop.write("#!/bin/sh\necho wrong library >&2\nexit 7\n", to: "broken", executable: true)
    let failure = try await workshop.play(["exec:\(program)", "builtin:noop"]).result.agentResults[0].failure
    #expect(failure?.kind == .startup)
    #expect(failure?.exitStatus == 7)
    #expect(failure?.logTail?.contains("wrong library") == true)
  }
}
