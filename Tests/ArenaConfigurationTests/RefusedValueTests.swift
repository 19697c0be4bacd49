import ArenaConfiguration
import Testing

/// Values that are not allowed: each is named with its line, and none hides another.
@Suite struct RefusedValueTests {
  static let numbers = [
    "executor.port", "executor.max_concurrent_matches", "executor.max_queued_matches", "executor.result_retention_sec",
    "executor.drain_timeout_sec", "executor.max_connection_age_sec", "resource_limits.cpu_count",
    "resource_limits.cpu_period", "resource_limits.cpu_quota", "resource_limits.memory_limit",
    "resource_limits.memory_swap", "resource_limits.pids_limit", "resource_limits.step_timeout_sec",
    "resource_limits.init_timeout_sec", "resource_limits.match_timeout_sec", "resource_limits.max_steps_per_match",
    "sandbox.max_code_size_mb", "validation.max_file_size_mb", "validation.max_files", "validation.max_lines",
    "replay.max_frames", "replay.compression_level", "replay.chunk_kib", "replay.chunk_interval_sec",
    "replay.queue_depth",
  ]
  static let booleans = [
    "executor.use_k8s", "executor.reflection", "resource_limits.network_disabled", "sandbox.use_docker",
    "sandbox.read_only_root", "sandbox.drop_capabilities", "sandbox.no_new_privileges", "replay.compress",
    "replay.include_observations", "replay.include_actions",
  ]
  static let texts = [
    "executor.host", "k8s.namespace", "k8s.orchestrator_image", "k8s.kubeconfig", "sandbox.tmp_dir",
    "sandbox.replay_dir", "sandbox.kind", "sandbox.python", "sandbox.docker_image", "replay.dir", "replay.format",
    "logging.level", "logging.format", "logging.output",
  ]
  static let lists = ["validation.allowed_extensions", "validation.forbidden_imports", "replay.formats"]

  /// A key and a value of the wrong kind.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var path: String
    var value: String
    var testDescription: String { "\(path): \(value)" }
  }

  static func refusals() -> [Refusal] {
    let kinds: [(paths: [String], values: [String])] = [
      (numbers, ["many", "true", "-7", ".nan", "\"\""]), (booleans, ["1", "\"true\"", "maybe"]),
      (texts, ["1", "true"]),
      (lists, ["1", "mcap", "[1]", "[\"\"]"]),
    ]
    return kinds.flatMap { kind in
      kind.paths.flatMap { path in (["[[]]", "{a: 1}"] + kind.values).map { Refusal(path: path, value: $0) } }
    }
  }

  @Test(arguments: refusals())
  func `a value of the wrong kind is named with its line`(refusal: Refusal) {
    let (path, value) = (refusal.path, refusal.value)
    let parts = path.split(separator: ".")
    let found = mistakes("# First\n\(parts[0]):\n  # Third\n  \(parts[1]): \(value)\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("limits.yaml:4: \(path)") == true, "\(found)")
    #expect(found.first?.contains(" is ") == true && found.first?.contains("; it must be ") == true, "\(found)")
  }

  @Test(arguments: [
    ("executor", "port", "65536"), ("executor", "port", "-1"), ("executor", "port", "80.5"),
    ("executor", "max_concurrent_matches", "0"), ("executor", "host", "\"\""),
    ("executor", "max_connection_age_sec", "0"),
    ("resource_limits", "cpu_count", "0"), ("resource_limits", "cpu_count", "1025"),
    ("resource_limits", "cpu_period", "999"), ("resource_limits", "cpu_quota", "999"),
    ("resource_limits", "memory_limit", "15m"), ("resource_limits", "memory_limit", "99999999999999999999"),
    ("resource_limits", "memory_limit", "9999999999g"), ("resource_limits", "memory_limit", "+512m"),
    ("resource_limits", "memory_limit", "0.5g"), ("resource_limits", "step_timeout_sec", "0"),
    ("resource_limits", "match_timeout_sec", "86401"), ("resource_limits", "match_timeout_sec", ".inf"),
    ("resource_limits", "pids_limit", "10:30"), ("resource_limits", "max_steps_per_match", "0"),
    ("sandbox", "kind", "docker"), ("sandbox", "max_code_size_mb", "1025"), ("validation", "max_files", "10001"),
    ("replay", "formats", "[]"), ("replay", "formats", "[mcap, jsonl]"), ("replay", "compression_level", "20"),
    ("replay", "queue_depth", "0"), ("logging", "level", "loud"), ("logging", "format", "simple"),
  ])
  func `a value out of bounds is named with its line`(section: String, key: String, value: String) {
    let found = mistakes("\(section):\n  \(key): \(value)\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("limits.yaml:2: \(section).\(key)") == true, "\(found)")
  }

  @Test(arguments: ["512Mi", "1Gi", "512MB", "512mib", "1t", "m", "5 m"])
  func `memory is in Docker's notation, and the refusal says so`(size: String) {
    #expect(
      mistakes("resource_limits:\n  memory_limit: \"\(size)\"\n") == [
        "limits.yaml:2: resource_limits.memory_limit is \"\(size)\"; it must be a size of at least 16m in Docker's notation "
          + "(a whole number with b, k, m or g, in steps of 1024), such as \"512m\" or \"2g\""
      ]
    )
  }

  @Test func `an element of a list is named with its own line`() {
    let text = "validation:\n  forbidden_imports:\n    - eval\n\n    - [os]\nreplay:\n  formats:\n  - mcap\n  - gif\n"
    let found = mistakes(text)
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix("limits.yaml:5: validation.forbidden_imports[1] is ") == true, "\(found)")
    #expect(found.last?.hasPrefix("limits.yaml:9: replay.formats[1] is \"gif\"; it must be ") == true, "\(found)")
  }

  @Test func `every mistake of a file is told, in the order of its lines`() {
    let text = """
      logging:
        level: loud
      executor:
        port: many
        prot: 1
        tls: yes
      replay:
        queue_depth: 0
        chunk_kib: 0
      validation:
        max_lines: 0
        max_files: 0
      sandboxes:
        kind: none
      """
    let lines = mistakes(text).map { $0.split(separator: ":")[1] }
    #expect(lines == ["2", "4", "5", "6", "8", "9", "11", "12", "13"])
  }

  @Test(
    arguments: ["executor", "k8s", "resource_limits", "sandbox", "validation", "replay", "logging"],
    ["3", "[a]", "x"]
  )
  func `a section must be a section`(section: String, value: String) {
    let found = mistakes("\n\(section): \(value)\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("limits.yaml:2: \(section) is ") == true, "\(found)")
    #expect(found.first?.hasSuffix("; it must be a section with keys under it") == true, "\(found)")
  }

  @Test func `a description lists many mistakes, but not all of thousands`() {
    let keys = (0..<1000).map { "  key\($0): 1\n" }.joined()
    do throws(ConfigurationError) {
      _ = try configuration("executor:\n" + keys)
      Issue.record("unknown keys must be refused")
    } catch {
      #expect(error.mistakes.count == 1000)
      let lines = error.description.split(separator: "\n")
      #expect(lines.count == 51)
      #expect(lines.last == "and 950 more")
    }
  }
}
