import ArenaCore
import Foundation
import TestSupport
import Testing

/// `--python`: the interpreter that agents run with, and its packages.
@Suite struct InterpreterTests {
  /// Makes a virtual environment, with a package of its own, and returns its interpreter.
  private static func makeEnvironment(_ workshop: Workshop) async throws -> String {
    let folder = workshop.folder.appending(path: "venv")
    let process = try ChildProcess(
      TestPython.executable.path,
      ["-c", "import sys, venv; venv.EnvBuilder(symlinks=True, with_pip=False).create(sys.argv[1])", folder.path],
      folder: workshop.folder,
      name: "venv"
    )
    guard await process.end(within: 60) == .status(0) else {
      throw ChildProcess.Failure(description: process.standardError)
    }
    let packages = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: folder.path).first { $0.hasSuffix("site-packages") }
    )
    try Data("answer = 42\n".utf8).write(to: folder.appending(path: "\(packages)/only_here.py"))
    return folder.appending(path: "bin/python").path
  }

  @Test(arguments: ["bwrap", "none"])
  func `an environment under /tmp is the agent's, with its packages`(sandbox: String) async throws {
    let workshop = try Workshop()
    let python = try await Self.makeEnvironment(workshop)
    let agent = try workshop.agent(
      """
      import sys, only_here
      print(only_here.answer, sys.prefix, sys.prefix != sys.base_prefix, sep="\\n")
      import ssl, sqlite3, ctypes
      """ + "\n" + Workshop.stays
    )
    let result = try await workshop.play([agent, "builtin:noop"], ["--python", python, "--sandbox", sandbox]).result
    #expect(result.agentResults[0].faults == [:], "\(result.agentResults[0].failure?.message ?? "")")
    let prefix = URL(filePath: python).deletingLastPathComponent().deletingLastPathComponent().path
    #expect(try workshop.text(endingIn: ".stdout.log") == "42\n\(prefix)\nTrue\n")
  }

  @Test func `observations are fresh writable float32 arrays, and an agent may keep and alter them`() async throws {
    let workshop = try Workshop()
    let plain = """
      import numpy as np
      def get_action(observation):
          return 0 if observation[1] < observation[4] else 2
      """
    let keeping = """
      import numpy as np
      kept, copies = [], []
      def get_action(observation):
          assert type(observation) is np.ndarray and observation.dtype == np.float32 and observation.shape == (8,)
          assert observation.flags.writeable and observation.flags.aligned and observation.flags.c_contiguous
          assert not any(np.shares_memory(observation, old) for old in kept[-50:])
          for old, copy in zip(kept[-50:], copies[-50:]):
              assert (old == copy).all()
          action = np.int64(0 if observation[1] < observation[4] else 2)
          observation *= -1
          observation[3] = np.nan
          observation.fill(len(kept))
          kept.append(observation)
          copies.append(observation.copy())
          return action
      """
    var games: [[ReplayContents.Frame]] = []
    for (name, source) in [("plain", plain), ("keeping", keeping)] {
      let agent = try workshop.agent(source, name)
      let (result, outcome) = try await workshop.play(
        [agent, "builtin:random"],
        ["--python", TestPython.executable.path, "--replay-dir", name],
        steps: 400
      )
      #expect(outcome.status == 0)
      #expect(result.agentResults[0].faults == [:], "\(result.agentResults[0].failure?.traceback ?? "")")
      games.append(try await ReplayContents.read(try workshop.file(endingIn: ".mcap", in: name)).frames.map(\.timeless))
    }
    #expect(games[0].count == 400)
    #expect(games[0] == games[1])
  }

  @Test func `what rl-arena offers its agents is there when the package is installed`() async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent(
      """
      from rl_arena.core.agent import Agent
      import rl_arena
      print(rl_arena.__file__)
      class Player(Agent):
          def __init__(self, player_id):
              self.player_id = player_id
          def get_action(self, observation):
              return 1
          def act(self, observation):
              return 1
      """
    )
    let result = try await workshop.play([agent, "builtin:noop"], ["--python", TestPython.executable.path]).result
    #expect(result.agentResults[0].faults == [:], "\(result.agentResults[0].failure?.traceback ?? "")")
    #expect(try workshop.text(endingIn: ".stdout.log").contains("site-packages/rl_arena/__init__.py"))
  }
}
