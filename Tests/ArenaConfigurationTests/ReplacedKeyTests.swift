import ArenaConfiguration
import Testing

/// Keys of the published layout that are accepted while something else is in force.
@Suite struct ReplacedKeyTests {
  @Test(arguments: [
    ("resource_limits", "memory_swap: \"1g\"", "agents get no swap; memory_limit is all the memory there is"),
    ("resource_limits", "memory_swap: -1", "agents get no swap; memory_limit is all the memory there is"),
    ("resource_limits", "network_disabled: false", "no sandbox has a network"),
    (
      "sandbox", "use_docker: true",
      "bubblewrap keeps agents apart on this machine (sandbox.kind), containers in Kubernetes"
    ),
    (
      "sandbox", "docker_image: \"python:3.10-slim\"",
      "agents run with this machine's Python (sandbox.python), in Kubernetes in images of their own"
    ),
    ("sandbox", "read_only_root: false", "it cannot be switched off in a sandbox"),
    ("sandbox", "drop_capabilities: false", "it cannot be switched off in a sandbox"),
    ("sandbox", "no_new_privileges: false", "it cannot be switched off in a sandbox"),
    ("replay", "format: json", "replay.formats says which forms are kept, which are [mcap, json, html]"),
    ("replay", "compress: false", "recordings are always compressed"),
    ("replay", "max_frames: 10000", "every frame is kept"),
    ("replay", "include_observations: false", "observations are always recorded"),
    ("replay", "include_actions: false", "actions are always recorded"),
    (
      "logging", "format: \"%(asctime)s - %(name)s - %(levelname)s - %(message)s\"",
      "it is a Python format; a record is a JSON object with time, level and message, or with \"text\" a line for people"
    ),
    (
      "logging", "format: \"{asctime} {message}\"",
      "it is a Python format; a record is a JSON object with time, level and message, or with \"text\" a line for people"
    ),
    ("logging", "output: stdout", "logs go to standard error, which whoever starts the program can redirect"),
    ("logging", "output: /var/log/a.log", "logs go to standard error, which whoever starts the program can redirect"),
  ])
  func `a replaced key changes nothing and says what replaces it`(section: String, line: String, says: String) throws {
    let effective = try configuration("# First\n\(section):\n  \(line)\n")
    let key = "\(section).\(line.prefix { $0 != ":" })"
    #expect(effective.warnings == ["limits.yaml:3: \(key) has no effect: \(says)"])
    #expect(effective.configuration == ExecutorConfiguration(processors: 4))
  }

  @Test(arguments: ["sandbox:\n  use_docker: false", "logging:\n  output: stderr", "replay:\n  compress: true"])
  func `what is in force anyhow needs no warning`(text: String) throws {
    #expect(try configuration(text).warnings == [])
  }

  @Test func `of two folders for replays our own key's wins, and the other is warned about`() throws {
    let both = try configuration("replay:\n  dir: /a\nsandbox:\n  replay_dir: /b\n")
    #expect(both.configuration.replay.directory == "/a")
    #expect(both.warnings == ["limits.yaml:4: sandbox.replay_dir has no effect: replay.dir stands over it"])
    let same = try configuration("replay:\n  dir: /a\nsandbox:\n  replay_dir: /a\n")
    #expect(same.warnings == [])
  }

  @Test func `a Python format in LOG_FORMAT is warned about by the variable's name`() throws {
    let effective = try configuration("", environment: ["LOG_FORMAT": "%(message)s"])
    #expect(effective.warnings.count == 1)
    #expect(effective.warnings.first?.hasPrefix("LOG_FORMAT has no effect: ") == true)
    #expect(effective.configuration.logging.format == .json)
  }

  @Test func `warnings come in the order of the lines`() throws {
    let effective = try configuration("replay:\n  compress: false\nresource_limits:\n  memory_swap: 1g\n")
    #expect(effective.warnings.map { $0.split(separator: ":")[1] } == ["2", "4"])
  }
}
