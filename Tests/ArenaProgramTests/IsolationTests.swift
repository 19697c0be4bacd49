import ArenaCore
import Foundation
import TestSupport
import Testing

/// What an agent of `arena match` can see and take, and what that does to its opponent.
@Suite struct IsolationTests {
  @Test func `an agent sees its own files and nothing of anybody else`() async throws {
    let workshop = try Workshop()
    try workshop.write(
      """
      import json, os, socket
      status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
      def reaches(path):
          try:
              os.stat(path)
              return True
          except OSError:
              return False
      def writes(path):
          try:
              open(path, "w").close()
              return True
          except OSError:
              return False
      print(json.dumps({
          "uid": os.getuid(),
          "capabilities": [int(status["Cap" + name], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")],
          "isFirst": os.getpid() == 1,
          "networks": [name for _, name in socket.if_nameindex()],
          "folder": os.getcwd(), "files": sorted(os.listdir()),
          "home": os.environ["HOME"], "tmp": os.listdir("/tmp"), "environment": sorted(os.environ),
          "reached": [path for path in \(Self.pathList(workshop)) if reaches(path)],
          "written": [path for path in ("agent.py", "new", "/new", "/usr/new", "/etc/new", "/proc/new") if writes(path)],
          "writesTmp": writes("/tmp/new"),
      }))
      """ + "\n" + Workshop.stays,
      to: "spy/agent.py"
    )
    try workshop.write(Workshop.stays, to: "other/agent.py")
    let process = try workshop.start(
      ["match", "pong", "spy", "other", "--json", "--sandbox", "bwrap", "--config", "max_steps=5"],
      environment: ["HOME": workshop.workingDirectory.path, "API_TOKEN": "secret"]
    )
    let result = try await workshop.finish(process).result
    #expect(result.agentResults[0].faults == [:], "\(result.agentResults[0].failure?.message ?? "")")
    struct Seen: Decodable {
      var uid: Int
      var capabilities: [Int]
      var isFirst: Bool
      var networks: [String]
      var folder: String
      var files: [String]
      var home: String
      var tmp: [String]
      var environment: [String]
      var reached: [String]
      var written: [String]
      var writesTmp: Bool
    }
    let seen = try JSONDecoder().decode(Seen.self, from: Data(try workshop.text(endingIn: "spy.stdout.log").utf8))
    #expect(seen.uid == 1000)
    #expect(seen.capabilities == [0, 0, 0, 0, 0])
    #expect(!seen.isFirst)
    #expect(seen.networks == ["lo"])
    #expect(seen.folder == "/agent")
    #expect(seen.files == ["agent.py"])
    #expect(seen.home == "/tmp")
    #expect(seen.tmp == [])
    #expect(seen.reached == [])
    #expect(seen.written == [])
    #expect(seen.writesTmp)
    for name in ["API_TOKEN", "XDG_RUNTIME_DIR", "TMPDIR", "USER"] { #expect(!seen.environment.contains(name)) }
    for name in ["OMP_NUM_THREADS", "RL_ARENA_SOCKET"] { #expect(seen.environment.contains(name)) }
  }

  private static func pathList(_ workshop: Workshop) -> String {
    let work = workshop.workingDirectory.path
    let home = NSHomeDirectory()
    let paths = [
      "\(work)/other/agent.py", "\(work)/spy", workshop.runtimeFolder.path, "\(home)/.bashrc", "\(home)/.profile",
      "/etc/shadow",
      TestPython.packageRoot.appending(path: "Package.swift").path,
    ]
    return "[" + paths.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
  }

  /// Ways to take more than one's share.
  static let greedy: [(name: String, source: String)] = [
    (
      "forks",
      """
      import os, signal
      def get_action(observation):
          try:
              for _ in range(20):
                  if os.fork() == 0:
                      signal.pause()
          except OSError:
              pass
          return 1
      """
    ),
    (
      "threads",
      """
      import threading
      stop = threading.Event()
      def get_action(observation):
          try:
              for _ in range(20):
                  threading.Thread(target=stop.wait, daemon=True).start()
          except RuntimeError:
              pass
          return 1
      """
    ),
    (
      "prints",
      """
      import os
      def get_action(observation):
          for stream in (1, 2):
              os.write(stream, b"x" * 1048576)
          return 1
      """
    ),
    (
      "fills /tmp",
      """
      import itertools
      names = itertools.count()
      def get_action(observation):
          try:
              with open(f"/tmp/{next(names)}", "wb") as file:
                  file.write(bytes(4 << 20))
          except OSError:
              pass
          return 1
      """
    ),
  ]

  @Test(arguments: greedy)
  func `an agent that takes all it can does not hurt its opponent`(greedy: (name: String, source: String)) async throws
  {
    let workshop = try Workshop()
    let agents = [try workshop.agent(greedy.source, "greedy"), try workshop.agent(Self.busy, "other")]
    let (result, outcome) = try await workshop.play(agents, ["--sandbox", "bwrap"], steps: 30)
    #expect(outcome.status == 0)
    #expect(result.status == .success)
    #expect(result.totalSteps == 30)
    #expect(result.agentResults[1].faults == [:], "\(result.agentResults[1].failure?.message ?? "")")
    #expect(result.agentResults[1].thinkTime.count == 30)
  }

  /// An agent that needs a process, a thread, memory and a file of its own in every step.
  static let busy = """
    import os, subprocess, tempfile, threading
    def get_action(observation):
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        with tempfile.TemporaryFile() as file:
            file.write(bytes(65536))
        process = os.fork()
        if process == 0:
            os._exit(0)
        os.waitpid(process, 0)
        return 1
    """

  @Test(arguments: [0, 1])
  func `an agent that runs out of memory loses, and the result says that it did`(seat: Int) async throws {
    let workshop = try Workshop()
    try workshop.write("resource_limits:\n  memory_limit: 256m\n", to: "config/limits.yaml")
    let hog = try workshop.agent(
      """
      kept = []
      def get_action(observation):
          kept.append(b"x" * (32 << 20))
          return 1
      """,
      "hog"
    )
    let agents = [hog, try workshop.agent(Self.busy, "other")]
    let (result, outcome) = try await workshop.play(seat == 0 ? agents : agents.reversed())
    #expect(outcome.status == 0)
    let agent = result.agentResults[seat]
    #expect(result.agentResults[1 - seat].faults == [:], "\(result.agentResults[1 - seat].failure?.message ?? "")")
    if agent.failure?.outOfMemory == true {
      #expect(agent.faults == ["disconnected": 1])
      #expect(agent.failure?.signal == Int(SIGKILL))
      #expect(agent.forfeited)
      #expect(result.winnerAgentID == "other")
      #expect(agent.errorMessage?.contains("out of memory") == true, "\(agent.errorMessage ?? "")")
    } else {
      // Without control groups memory is limited for each process, which Python sees as an exception.
      #expect(agent.failure?.message.contains("MemoryError") == true, "\(agent.failure?.message ?? "")")
    }
  }
}
