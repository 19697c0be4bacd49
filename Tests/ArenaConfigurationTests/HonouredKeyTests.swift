import AgentSandbox
import AgentValidation
import ArenaConfiguration
import ArenaCore
import Logging
import Replay
import Testing

/// Every key that is honoured sets what it says, and only that.
@Suite struct HonouredKeyTests {
  /// A line of a section, and what it makes of the default configuration.
  struct Key: Sendable, CustomTestStringConvertible {
    var path: String
    var value: String
    var shown: String
    var change: @Sendable (inout ExecutorConfiguration) -> Void
    var testDescription: String { "\(path): \(value)" }

    /// A key that the report shows as it is written.
    init(
      _ path: String,
      _ value: String,
      shown: String? = nil,
      _ change: @escaping @Sendable (inout ExecutorConfiguration) -> Void
    ) {
      self.path = path
      self.value = value
      self.shown = shown ?? value
      self.change = change
    }

    /// The key within its sections.
    var text: String {
      let parts = path.split(separator: ".")
      let sections = parts.dropLast().enumerated().map { "\(String(repeating: "  ", count: $0))\($1):\n" }.joined()
      return "\(sections)\(String(repeating: "  ", count: parts.count - 1))\(parts[parts.count - 1]): \(value)\n"
    }
  }

  static let keys: [Key] = [
    Key("executor.host", "127.0.0.1") { $0.executor.host = "127.0.0.1" },
    Key("executor.port", "0") { $0.executor.port = 0 },
    Key("executor.port", "65535") { $0.executor.port = 65_535 },
    Key("executor.use_k8s", "false") { $0.executor.useKubernetes = false },
    Key("executor.use_k8s", "off", shown: "false") { $0.executor.useKubernetes = false },
    Key("executor.max_concurrent_matches", "7") { $0.executor.maxConcurrentMatches = 7 },
    Key("executor.max_queued_matches", "0") { $0.executor.maxQueuedMatches = 0 },
    Key("executor.result_retention_sec", "60") { $0.executor.resultRetention = .seconds(60) },
    Key("executor.drain_timeout_sec", "0.5") { $0.executor.drainTimeout = .milliseconds(500) },
    Key("executor.max_connection_age_sec", "90") { $0.executor.maxConnectionAge = .seconds(90) },
    Key("executor.reflection", "false") { $0.executor.reflection = false },
    Key("k8s.namespace", "games") { $0.kubernetes.namespace = "games" },
    Key("k8s.orchestrator_image", "registry/orchestrator:v2") {
      $0.kubernetes.orchestratorImage = "registry/orchestrator:v2"
    },
    Key("k8s.kubeconfig", "/etc/kube") { $0.kubernetes.kubeconfig = "/etc/kube" },
    Key("resource_limits.cpu_count", "1.5") { $0.resources.cpuCount = 1.5 },
    Key("resource_limits.cpu_quota", "50000") { $0.resources.cpuCount = 0.5 },
    Key("resource_limits.cpu_quota", "-1") { _ in },
    Key("resource_limits.cpu_quota", "400000") { _ in },
    Key("resource_limits.cpu_period", "50000") { _ in },
    Key("resource_limits.memory_limit", "\"512m\"", shown: "512m") { $0.resources.memoryBytes = 512 << 20 },
    Key("resource_limits.memory_limit", "1G", shown: "1g") { $0.resources.memoryBytes = 1 << 30 },
    Key("resource_limits.memory_limit", "16384k", shown: "16m") { $0.resources.memoryBytes = 16 << 20 },
    Key("resource_limits.memory_limit", "16777217b") { $0.resources.memoryBytes = 16_777_217 },
    Key("resource_limits.memory_limit", "536870912", shown: "512m") { $0.resources.memoryBytes = 512 << 20 },
    Key("resource_limits.pids_limit", "9") { $0.resources.maxProcesses = 9 },
    Key("resource_limits.step_timeout_sec", "0.25") { $0.resources.limits.stepTimeout = .milliseconds(250) },
    Key("resource_limits.init_timeout_sec", "8") { $0.resources.limits.startupTimeout = .seconds(8) },
    Key("resource_limits.match_timeout_sec", "86400") { $0.resources.limits.matchTimeout = .seconds(86_400) },
    Key("resource_limits.max_steps_per_match", "500") { $0.resources.maxStepsPerMatch = 500 },
    Key("resource_limits.network_disabled", "true") { _ in },
    Key("sandbox.tmp_dir", "/var/agents") { $0.sandbox.temporaryDirectory = "/var/agents" },
    Key("sandbox.replay_dir", "/var/replays") { $0.replay.directory = "/var/replays" },
    Key("sandbox.kind", "bwrap") { $0.sandbox.kind = .bubblewrap },
    Key("sandbox.kind", "none") { $0.sandbox.kind = .none },
    Key("sandbox.python", "/opt/python") { $0.sandbox.python = "/opt/python" },
    Key("sandbox.max_code_size_mb", "20") { $0.validation.totalBytes = 20 << 20 },
    Key("sandbox.max_code_size_mb", "1.5") {
      $0.validation.totalBytes = 3 << 19
      $0.validation.fileBytes = 3 << 19
    },
    Key("sandbox.read_only_root", "true") { _ in },
    Key("sandbox.drop_capabilities", "true") { _ in },
    Key("sandbox.no_new_privileges", "true") { _ in },
    Key("validation.max_file_size_mb", "0.5") { $0.validation.fileBytes = 1 << 19 },
    Key("validation.max_files", "10") { $0.validation.files = 10 },
    Key("validation.max_lines", "100") { $0.validation.lines = 100 },
    Key("validation.allowed_extensions", "[.py, LICENSE]") { $0.validation.allowedExtensions = [".py", "LICENSE"] },
    Key("validation.forbidden_imports", "[os.exec*, \"eval\"]", shown: "[os.exec*, eval]") {
      $0.validation.forbiddenImports = ["os.exec*", "eval"]
    },
    Key("validation.forbidden_imports", "[]") { $0.validation.forbiddenImports = [] },
    Key("replay.dir", "/var/replays") { $0.replay.directory = "/var/replays" },
    Key("replay.formats", "[html, mcap]", shown: "[mcap, html]") { $0.replay.formats = [.mcap, .html] },
    Key("replay.compression_level", "9") { $0.replay.options = Self.options(level: 9) },
    Key("replay.chunk_kib", "128") { $0.replay.options = Self.options(chunkBytes: 131_072) },
    Key("replay.chunk_interval_sec", "2") { $0.replay.options = Self.options(chunkInterval: .seconds(2)) },
    Key("replay.queue_depth", "3") { $0.replay.options = Self.options(queueDepth: 3) },
    Key("replay.compress", "true") { _ in },
    Key("replay.include_observations", "true") { _ in },
    Key("replay.include_actions", "true") { _ in },
    Key("logging.level", "DEBUG", shown: "debug") { $0.logging.level = .debug },
    Key("logging.level", "warning") { $0.logging.level = .warning },
    Key("logging.level", "Critical", shown: "critical") { $0.logging.level = .critical },
    Key("logging.level", "NOTSET", shown: "trace") { $0.logging.level = .trace },
    Key("logging.level", "notice") { $0.logging.level = .notice },
    Key("logging.format", "text") { $0.logging.format = .text },
  ]

  private static func options(
    level: Int = 3,
    chunkBytes: Int = 65_536,
    chunkInterval: Duration = .milliseconds(250),
    queueDepth: Int = 8
  ) -> ReplayOptions {
    do throws(FieldError) {
      return try ReplayOptions(
        level: level,
        chunkBytes: chunkBytes,
        chunkInterval: chunkInterval,
        queueDepth: queueDepth
      )
    } catch {
      preconditionFailure("\(error)")
    }
  }

  @Test(arguments: keys)
  func `a key sets what it says and nothing else`(key: Key) throws {
    let effective = try configuration(key.text)
    var expected = ExecutorConfiguration(processors: 4)
    key.change(&expected)
    #expect(effective.configuration == expected)
    #expect(effective.warnings == [])
    let entry = try #require(effective.entries.first { $0.key == key.path })
    #expect(entry.value == key.shown || [.fixed, .fixedInSandbox].contains(entry.source))
    let line = key.text.split(separator: "\n").count
    #expect([.file(path: "limits.yaml", line: line), .fixed, .fixedInSandbox].contains(entry.source))
  }

  @Test func `without a word the defaults are those that are documented`() throws {
    let effective = try configuration("")
    #expect(effective.configuration == ExecutorConfiguration(processors: 4))
    #expect(effective.entries.allSatisfy { [.standard, .fixed, .fixedInSandbox].contains($0.source) })
    let service = effective.configuration.executor
    #expect(service.host == "0.0.0.0")
    #expect(service.port == 50_051)
    #expect(service.useKubernetes)
    #expect(service.maxQueuedMatches == 10_000)
    #expect(service.resultRetention == .seconds(3600))
    #expect(service.drainTimeout == .seconds(30))
    #expect(service.maxConnectionAge == nil)
    #expect(service.tls == nil)
    #expect(service.reflection)
    #expect(effective.configuration.kubernetes.namespace == "rl-arena")
    #expect(effective.configuration.kubernetes.orchestratorImage == "rl-arena-orchestrator:latest")
    #expect(effective.configuration.kubernetes.kubeconfig == nil)
    #expect(effective.configuration.resources.maxStepsPerMatch == nil)
    #expect(effective.configuration.sandbox.kind == .auto)
    #expect(effective.configuration.replay.directory == "/tmp/replays")
    #expect(effective.configuration.logging.level == .info)
    #expect(effective.configuration.logging.format == .json)
  }

  @Test(arguments: [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (64, 32)])
  func `half as many matches play as there are processors, and at least one`(processors: Int, matches: Int) {
    #expect(ExecutorConfiguration(processors: processors).executor.maxConcurrentMatches == matches)
  }

  @Test(arguments: [
    "", "\n", "# nothing\n", "---\n", "null\n", "{}\n", "executor:\n", "executor: ~\nk8s: null\n", "\u{FEFF}k8s:\n",
  ])
  func `a file that says nothing is all right`(text: String) throws {
    #expect(try configuration(text).configuration == ExecutorConfiguration(processors: 4))
  }

  @Test(arguments: Set(keys.map(\.path)).sorted())
  func `null is as good as nothing`(path: String) throws {
    let text = Key(path, "null") { _ in }.text
    #expect(try configuration(text).configuration == ExecutorConfiguration(processors: 4))
  }

  @Test func `TLS needs a chain and a key, and may have roots`() throws {
    let files = "executor:\n  tls:\n    certificate_chain: a.pem\n    private_key: b.pem\n"
    let tls = try #require(try configuration(files).configuration.executor.tls)
    #expect(tls.certificateChain == "a.pem")
    #expect(tls.privateKey == "b.pem")
    #expect(tls.clientRoots == nil)
    let mutual = try configuration(files + "    client_roots: c.pem\n").configuration.executor.tls
    #expect(mutual?.clientRoots == "c.pem")
  }

  @Test(arguments: [
    ("certificate_chain", "without private_key"), ("private_key", "without certificate_chain"),
    ("client_roots", "without certificate_chain and private_key"),
  ])
  func `half of a TLS configuration is refused`(key: String, says: String) {
    let found = mistakes("executor:\n  tls:\n    \(key): a.pem\n")
    #expect(
      found == [
        "limits.yaml:2: executor.tls is \(says); it must be with certificate_chain and private_key, or be left out"
      ]
    )
  }

  @Test(arguments: [
    ("cpu_count: 4\n  cpu_quota: 150000\n  cpu_period: 50000", 3.0), ("cpu_count: 1\n  cpu_quota: 200000", 1.0),
    ("cpu_quota: 0\n  cpu_count: 3", 3.0), ("cpu_quota: 1000\n  cpu_period: 1000000", 0.01),
  ])
  func `the lesser of cpu_count and the quota holds`(lines: String, cores: Double) throws {
    #expect(try configuration("resource_limits:\n  \(lines)\n").configuration.resources.cpuCount == cores)
  }

  @Test(arguments: [
    (2, 2.0, 1024, 1.0, 512), (2, 4.0, 1024, 2.0, 512), (4, 2.0, 1024, 1.0, 256), (1, 0.5, 1024, 1.0, 1024),
    (0, 2.0, 1024, 2.0, 1024), (100, 1.0, 16, 1.0, 16),
  ])
  func `agents share a match's limits equally`(
    agents: Int,
    cores: Double,
    mebibytes: Int,
    agentCores: Double,
    agentMebibytes: Int
  ) {
    var resources = MatchResources()
    resources.cpuCount = cores
    resources.memoryBytes = mebibytes << 20
    resources.maxProcesses = 5
    let limits = resources.sandboxLimits(agents: agents)
    #expect(limits == SandboxLimits(cpuCount: agentCores, memoryBytes: agentMebibytes << 20, maxProcesses: 5))
  }

  @Test func `anchors, aliases and merge keys are followed`() throws {
    let text = """
      executor: &service
        host: 127.0.0.1
        port: &number 7
      k8s:
        namespace: games
      resource_limits:
        pids_limit: *number
        <<: [{pids_limit: 3, cpu_count: 1}, {cpu_count: 5, step_timeout_sec: 2}]
      """
    let configured = try configuration(text).configuration
    #expect(configured.resources.maxProcesses == 7)
    #expect(configured.resources.cpuCount == 1)
    #expect(configured.resources.limits.stepTimeout == .seconds(2))
  }
}
