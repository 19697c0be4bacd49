import ArenaConfiguration
import Foundation
import Testing

/// Files in use elsewhere, and the one that comes with the sources.
@Suite struct PublishedFileTests {
  /// The file that RL Arena's published documentation shows.
  static let published = """
    executor:
      use_k8s: true                   # Enable Kubernetes mode (recommended)

    k8s:
      namespace: rl-arena             # K8s namespace
      orchestrator_image: rl-arena-orchestrator:latest

    resource_limits:
      cpu_count: 1                    # CPU cores per match
      memory_limit: "512m"            # Memory per match
      step_timeout_sec: 5             # Timeout per agent step
      match_timeout_sec: 300          # Total match timeout (5 minutes)

    sandbox:
      tmp_dir: "/tmp/agent_code"
      replay_dir: "/tmp/replays"
      max_code_size_mb: 50

    validation:
      max_file_size_mb: 10
      forbidden_imports:
        - "os.system"
        - "subprocess"
        - "eval"
    """

  @Test func `the published file is accepted as it is`() throws {
    let effective = try configuration(Self.published)
    var expected = ExecutorConfiguration(processors: 4)
    expected.resources.cpuCount = 1
    expected.resources.memoryBytes = 512 << 20
    expected.validation.forbiddenImports = ["os.system", "subprocess", "eval"]
    #expect(effective.configuration == expected)
    #expect(effective.warnings == [])
  }

  @Test func `every key that files in use have is accepted`() throws {
    let text = """
      executor: {host: 0.0.0.0, port: 50051, max_concurrent_matches: 10, use_k8s: false}
      resource_limits:
        cpu_count: 1
        cpu_period: 100000
        cpu_quota: 100000
        memory_limit: "512m"
        memory_swap: "512m"
        step_timeout_sec: 5
        match_timeout_sec: 300
        init_timeout_sec: 30
        pids_limit: 100
        network_disabled: true
        max_steps_per_match: 10000
      sandbox:
        use_docker: true
        docker_image: "python:3.10-slim"
        tmp_dir: "/tmp/agent_code"
        replay_dir: "/tmp/replays"
        max_code_size_mb: 50
        read_only_root: true
        drop_capabilities: true
        no_new_privileges: true
      validation:
        max_file_size_mb: 10
        max_lines: 5000
        allowed_extensions: [".py", ".txt", ".json"]
        forbidden_imports: ["os.system", "subprocess"]
      replay:
        format: "json"
        compress: false
        max_frames: 10000
        include_observations: true
        include_actions: true
      logging:
        level: "INFO"
        format: "%(asctime)s - %(name)s - %(levelname)s - %(message)s"
        output: "stdout"
      """
    let effective = try configuration(text)
    #expect(effective.configuration.resources.maxStepsPerMatch == 10_000)
    #expect(
      effective.warnings.map { $0.split(separator: " ")[1] } == [
        "resource_limits.memory_swap", "sandbox.use_docker", "sandbox.docker_image", "replay.format", "replay.compress",
        "replay.max_frames", "logging.format", "logging.output",
      ]
    )
  }

  @Test func `the file that comes with the sources says the defaults, but for Kubernetes`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../config/limits.yaml").path
    let effective = try EffectiveConfiguration(
      flags: ConfigurationFlags(config: path),
      environment: [:],
      processors: 4
    )
    var expected = ExecutorConfiguration(processors: 4)
    expected.executor.useKubernetes = false
    #expect(effective.configuration == expected)
    #expect(effective.warnings == [])
  }

  @Test func `the documentation has a row for every key`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/CONFIGURATION.md").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for entry in try configuration("").entries {
      #expect(text.contains("| `\(entry.key)` |"), "\(entry.key) has no row")
    }
  }
}
