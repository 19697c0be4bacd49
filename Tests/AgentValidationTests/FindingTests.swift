import AgentSandbox
import AgentValidation
import Foundation
import TestSupport
import Testing

/// What the sender of an archive reads. What is found in source is tested one by one in `sdk/python/tests/test_validate.py`.
@Suite struct FindingTests {
  /// An agent, and the report about it.
  struct Upload: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: String]
    var errors: [String] = []
    var warnings: [String] = []
  }

  private static let plays = ValidationFixture.plays

  static let uploads: [Upload] = [
    Upload(testDescription: "a good agent", files: ["agent.py": plays, "model.json": "{}", "pkg/__init__.py": ""]),
    Upload(
      testDescription: "a folder that was zipped",
      files: ["bot/agent.py": plays, "bot/requirements.txt": "", "bot/m.npz": ""]
    ),
    Upload(
      testDescription: "what only looks forbidden",
      files: [
        "agent.py": "import re, torch, os.path\nre.compile('x')\nmodel = torch.nn.Linear(1, 1)\nmodel.eval()\n"
          + "# import subprocess\nx = 'eval(1)'\ndef system(): pass\nsystem()\n" + plays
      ]
    ),
    Upload(
      testDescription: "an import",
      files: ["agent.py": "import os\nimport subprocess as sp\n\nsp.run(['ls'])\n" + plays],
      errors: [
        "agent.py:2: imports subprocess, which is forbidden",
        "agent.py:4: uses subprocess.run, which is forbidden, here as `sp.run`",
      ]
    ),
    Upload(
      testDescription: "an alias from another file",
      files: ["agent.py": "from helper import s\ns('ls')\n" + plays, "helper.py": "from os import system as s\n"],
      errors: [
        "agent.py:1: imports os.system, which is forbidden, here as `s`",
        "agent.py:2: uses os.system, which is forbidden, here as `s`",
        "helper.py:1: imports os.system, which is forbidden",
      ]
    ),
    Upload(
      testDescription: "put together",
      files: ["agent.py": "e = eval\ngetattr(__import__('o' + 's'), 'sys' + 'tem')('ls')\n" + plays],
      errors: [
        "agent.py:1: uses eval, which is forbidden", "agent.py:2: uses __import__, which is forbidden",
        "agent.py:2: uses os.system, which is forbidden, here as `getattr(…)`",
      ]
    ),
    Upload(
      testDescription: "out of reach",
      files: ["agent.py": "import os\ngetattr(os, input())\n" + plays],
      warnings: [
        "agent.py:2: takes a member of os whose name is only known when it runs: whether it is forbidden cannot be read"
      ]
    ),
    Upload(
      testDescription: "no agent in it",
      files: ["agent.py": "class Bot:\n    def get_acton(self, observation):\n        return 1\n"],
      errors: [
        "agent.py:1: it holds no agent: looked for a function create_agent, a function get_action, a class Agent, or one "
          + "class with get_action, act or predict; found class `Bot`. class `Bot` defines `get_acton`: rename it to `get_action`"
      ]
    ),
    Upload(
      testDescription: "parameters that nobody gives",
      files: [
        "agent.py": "class Agent:\n    def __init__(self, size): pass\n    def get_action(self, o, mask): return 1\n"
      ],
      errors: [
        "agent.py:2: Agent requires `size`, which the arena does not give: it passes player_id where it is asked for, "
          + "nothing else. Give the others defaults",
        "agent.py:3: Agent.get_action(o, mask) cannot be called with one argument, the observation: it also requires `mask`",
      ]
    ),
    Upload(
      testDescription: "an action of another game",
      files: [
        "agent.py": "def get_action(observation):\n    if observation[0] > 0:\n        return 'up'\n    return 7\n"
      ],
      warnings: [
        "agent.py:3: get_action returns 'up'; an action of pong is one integer in 0…2",
        "agent.py:4: get_action returns 7; an action of pong is one integer in 0…2",
      ]
    ),
    Upload(
      testDescription: "no Python",
      files: ["model.json": "{}"],
      errors: ["there is no .py file; the agent's file is called agent.py"]
    ),
    Upload(
      testDescription: "a library in C",
      files: ["agent.py": plays, "fast.so": "\u{7F}ELF"],
      errors: [
        "fast.so: files of this kind are not accepted; allowed are "
          + ValidationRules().allowedExtensions.joined(separator: ", ")
      ]
    ),
    Upload(
      testDescription: "open versions",
      files: ["agent.py": plays, "requirements.txt": "numpy==2.1\ntorch>=2\n"],
      warnings: ["requirements.txt:2: torch has no fixed version; write torch==VERSION"]
    ),
    Upload(
      testDescription: "too many lines",
      files: ["agent.py": plays + String(repeating: "x = 1\n", count: 5000)],
      errors: ["agent.py:5001: it has 5002 lines; at most 5000 are allowed"]
    ),
  ]

  @Test(arguments: [SandboxChoice.bubblewrap, .none])
  func `each upload gets its report`(sandbox: SandboxChoice) async throws {
    let fixture = try await ValidationFixture(sandbox: sandbox)
    for upload in Self.uploads {
      let report = try await fixture.validate(upload.files)
      #expect(report.errors == upload.errors, "\(upload)")
      #expect(report.warnings == upload.warnings, "\(upload)")
      #expect(report.isValid == upload.errors.isEmpty)
    }
    #expect(fixture.leftovers == [])
  }

  @Test func `syntax errors name the line and the Python that read it`() async throws {
    let report = try await ValidationFixture().validate([
      "agent.py": "x = 1\ndef get_action(observation)\n    return 1\n"
    ])
    #expect(report.errors.count == 1)
    #expect(report.errors.first?.hasPrefix("agent.py:2: syntax error: expected ':' (read by Python 3.") == true)
  }

  @Test(arguments: [
    ("pnog", "environment is \"pnog\"; it must be pong (did you mean pong?)"),
    ("", "environment is empty; it must be pong"), ("chess", "environment is \"chess\"; it must be pong"),
  ])
  func `an unknown environment is named, and the agent is read all the same`(name: String, sentence: String)
    async throws
  {
    let fixture = try await ValidationFixture()
    let report = try await fixture.validate(["agent.py": "eval('1')\n" + Self.plays], environment: name)
    #expect(report.errors == [sentence, "agent.py:1: uses eval, which is forbidden"])
    let damaged = try await fixture.validator.validate(zip: [1, 2, 3], environment: name)
    #expect(damaged.errors.count == 2 && damaged.errors.first == sentence)
  }

  @Test func `an archive that is refused is an error with the entry's name`() async throws {
    let fixture = try await ValidationFixture()
    typealias Entry = HandmadeZip.Entry
    let link = Entry("model.json", "/etc/shadow") { $0.mode = 0o120_777 }
    let uploads: [([UInt8], String)] = [
      (HandmadeZip(Entry("../../agent.py")).bytes, "\"../../agent.py\" in the archive leads out of the agent's folder"),
      (HandmadeZip(Entry("agent.py"), link).bytes, "\"model.json\" in the archive is a symbolic link"),
      (
        HandmadeZip(Entry("agent.py") { $0.checksum = 1 }).bytes,
        "\"agent.py\" in the archive does not have the checksum"
      ),
      ([], "what was uploaded is not a zip archive: it is empty"),
      (HandmadeZip().bytes, "the archive has no files"),
      (HandmadeZip(Entry("agent.py")).bytes.dropLast(), "the zip archive is cut short"),
    ].map { ([UInt8]($0.0), $0.1) }
    for (bytes, sentence) in uploads {
      let report = try await fixture.validator.validate(zip: bytes, environment: "pong")
      #expect(report.errors.count == 1 && report.errors.first?.hasPrefix(sentence) == true, "\(report)")
    }
    #expect(fixture.leftovers == [])
  }

  @Test func `limits of the configuration hold for the archive and for its files`() async throws {
    var rules = ValidationRules()
    (rules.fileBytes, rules.totalBytes, rules.files, rules.lines) = (100, 150, 2, 3)
    (rules.forbiddenImports, rules.allowedExtensions) = (["socket"], [".py"])
    let fixture = try await ValidationFixture(rules: rules)
    let long = try await fixture.validate(["agent.py": String(repeating: "x", count: 101)])
    #expect(long.errors == ["\"agent.py\" in the archive has 101 bytes; at most 100 bytes are allowed"])
    let many = try await fixture.validate(["agent.py": "", "b.py": ""])
    #expect(many.errors == ["the archive has more than 2 files"])
    let report = try await fixture.validate(["agent.py": "import socket\nimport subprocess\nx = 1\ny = 1"])
    #expect(
      report.errors == [
        "agent.py:4: it has 4 lines; at most 3 are allowed",
        "requirements.txt: files of this kind are not accepted; allowed are .py",
      ]
    )
    #expect(try await fixture.validate(["agent.py": "import socket\n" + Self.plays]).errors.count == 2)
  }

  @Test func `a folder and a single file are read where they lie`() async throws {
    let fixture = try await ValidationFixture()
    let file = fixture.folder.appending(path: "bot/my bot.py")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(("exec('1')\n" + Self.plays).utf8).write(to: file)
    for path in [file.path, file.deletingLastPathComponent().path] {
      let report = try await fixture.validator.validate(directory: path, environment: "pong")
      #expect(report.errors == ["my bot.py:1: uses exec, which is forbidden"])
    }
    await #expect(throws: SandboxError.self) {
      try await fixture.validator.validate(directory: "/nowhere", environment: "pong")
    }
  }
}
