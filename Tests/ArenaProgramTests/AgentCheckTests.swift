import ArenaCore
import Foundation
import TestSupport
import Testing

/// `arena agent check`: what an author learns before uploading.
@Suite struct AgentCheckTests {
  /// A mistake, and what its author must read.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var source: String
    /// The finding that fails.
    var fails: String
    var says: [String]
    /// A limit for this one, in seconds.
    var stepTimeout = 5.0
  }

  @Test(arguments: [[], ["--sandbox", "none"]])
  func `a good agent is ready`(options: [String]) async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent(Workshop.stays)
    let outcome = try await workshop.run(["agent", "check", agent, "--environment", "pong"] + options)
    #expect(outcome.status == 0)
    #expect(outcome.standardError == "")
    let lines = outcome.standardOutput.split(separator: "\n").map(String.init)
    #expect(
      lines.map { $0.prefix { $0 != ":" } } == [
        "✓ loads", "✓ answers", "✓ legally", "✓ in time", "The agent is ready.",
      ]
    )
    #expect(lines[1].contains("400 answers in 2 games, in different seats"))
    #expect(lines[3].contains("p50 ") && lines[3].contains("p99 ") && lines[3].contains("the limit is 5.00 s"))
    #expect(try workshop.files == [agent])
  }

  @Test func `a program that speaks the protocol is checked too`() async throws {
    let workshop = try Workshop()
    let program = try workshop.write(WireAgent.source(), to: "wire", executable: true)
    let outcome = try await workshop.run(["agent", "check", "exec:\(program)", "--environment", "Pong-v0"])
    #expect(outcome.status == 0)
    #expect(outcome.standardOutput.hasSuffix("The agent is ready.\n"))
  }

  static let mistakes: [Mistake] = [
    Mistake(
      testDescription: "a module that is not there",
      source: "import torch_geometri\n",
      fails: "loads",
      says: ["No module named 'torch_geometri'", "has to be in the agent's folder or installed", "line 1"]
    ),
    Mistake(
      testDescription: "a name with a typing mistake",
      source: "def get_actions(observation):\n    return 1\n",
      fails: "loads",
      says: ["defines `get_actions`: rename it to `get_action`"]
    ),
    Mistake(
      testDescription: "a syntax error",
      source: "x = 1\ndef get_action(observation)\n    return 1\n",
      fails: "loads",
      says: ["SyntaxError", "line 2", "def get_action(observation)"]
    ),
    Mistake(
      testDescription: "leaves while it is imported",
      source: "import sys\nsys.exit(3)\n",
      fails: "loads",
      says: ["SystemExit", "sys.exit()", "__main__"]
    ),
    Mistake(
      testDescription: "ends while it is imported",
      source: "import os\nos._exit(3)\n",
      fails: "loads",
      says: ["closed its connection before it was ready", "status 3"]
    ),
    Mistake(
      testDescription: "a word for an action",
      source: "def get_action(observation):\n    return 'up'\n",
      fails: "legally",
      says: ["400 times not", "one integer in 0…2", "str 'up'"]
    ),
    Mistake(
      testDescription: "nothing returned",
      source: "def get_action(observation):\n    print(1)\n",
      fails: "legally",
      says: ["one integer in 0…2", "None"]
    ),
    Mistake(
      testDescription: "a number out of range",
      source: "def get_action(observation):\n    return 3\n",
      fails: "legally",
      says: ["0…2", "3"]
    ),
    Mistake(
      testDescription: "raises",
      source: "def get_action(observation):\n    return observation[8]\n",
      fails: "answers",
      says: ["400 times not", "IndexError", "line 2, in get_action"]
    ),
    Mistake(
      testDescription: "raises once",
      source: "n = 0\ndef get_action(observation):\n    global n\n    n += 1\n    return 1 // 0 if n == 9 else 1\n",
      fails: "answers",
      says: ["one time not; first: it raised an exception: ZeroDivisionError"]
    ),
    Mistake(
      testDescription: "crashes",
      source: "import ctypes\ndef get_action(observation):\n    ctypes.string_at(0)\n",
      fails: "answers",
      says: ["closed its connection", "signal 11", "Segmentation fault", "line 3 in get_action"]
    ),
    Mistake(
      testDescription: "ends in mid-game",
      source: "import os\ndef get_action(observation):\n    os._exit(3)\n",
      fails: "answers",
      says: ["closed its connection", "status 3"]
    ),
    Mistake(
      testDescription: "too slow",
      source: "import time\ndef get_action(observation):\n    time.sleep(0.02)\n    return 1\n",
      fails: "in time",
      says: ["did not answer within 0.01 s", "the limit is 10.0 ms"],
      stepTimeout: 0.01
    ),
    Mistake(
      testDescription: "loads for too long",
      source: "import time\ntime.sleep(1000)\n",
      fails: "loads",
      says: ["did not become ready within 2"]
    ),
  ]

  @Test(arguments: mistakes)
  func `a mistake is found and the author is told what to change`(mistake: Mistake) async throws {
    let workshop = try Workshop()
    let agent = try workshop.agent(mistake.source)
    let startup = mistake.source.contains("1000") ? 2 : 60
    let limits = "resource_limits:\n  step_timeout_sec: \(mistake.stepTimeout)\n  init_timeout_sec: \(startup)\n"
    let path = try workshop.write(limits, to: "limits.yaml")
    let outcome = try await workshop.run(
      ["agent", "check", agent, "--environment", "pong"],
      environment: ["CONFIG_PATH": path]
    )
    #expect(outcome.status == 1)
    #expect(outcome.standardError == "")
    let text = outcome.standardOutput
    #expect(text.contains("✗ \(mistake.fails): "), "\(text)")
    for word in mistake.says { #expect(text.contains(word), "\(text)") }
    #expect(text.hasSuffix("\nThe agent is not ready.\n"))
    for inside in ["Swift.", "FieldError", "rl_arena_agent: "] { #expect(!text.contains(inside)) }
  }

  @Test(arguments: [(Workshop.stays, true), ("import nosuch_module\n", false)])
  func `with --json the findings are all there is`(source: String, isReady: Bool) async throws {
    struct Findings: Decodable {
      struct Finding: Decodable {
        var name: String
        var passed: Bool
        var detail: String
      }
      var ready: Bool
      var findings: [Finding]
      var traceback: String?
    }
    let workshop = try Workshop()
    let agent = try workshop.agent("print('hello')\n" + source)
    let outcome = try await workshop.run(["agent", "check", agent, "--environment", "pong", "--json"])
    #expect(outcome.status == (isReady ? 0 : 1))
    #expect(outcome.standardError == "")
    let findings = try JSONDecoder().decode(Findings.self, from: Data(outcome.standardOutput.utf8))
    #expect(findings.ready == isReady)
    #expect(findings.findings.first?.name == "loads")
    #expect(findings.findings.first?.passed == isReady)
    #expect((findings.traceback?.contains("nosuch_module") == true) == !isReady)
  }
}
