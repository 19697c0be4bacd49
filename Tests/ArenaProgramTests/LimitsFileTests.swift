import TestSupport
import Testing

/// What `config/limits.yaml` does to matches on this machine. What it must not say is in `BadInputTests`.
@Suite struct LimitsFileTests {
  private static let match = ["match", "pong", "builtin:noop", "builtin:noop", "--no-replay", "--json"]

  @Test func `the steps of a match are limited`() async throws {
    let workshop = try Workshop()
    try workshop.write("resource_limits:\n  max_steps_per_match: 5\n", to: "config/limits.yaml")
    let limited = try await workshop.run(Self.match)
    #expect(try limited.result.totalSteps == 5)
    let fewer = try await workshop.run(Self.match + ["--config", "max_steps=3"])
    #expect(try fewer.result.totalSteps == 3)
    let more = try await workshop.run(Self.match + ["--config", "max_steps=9"])
    #expect(more.status == 2)
    #expect(more.standardError.hasPrefix("Error: --config max_steps is 9; it must be at most 5"))
  }

  @Test func `what has no effect is said once, and the match is played`() async throws {
    let workshop = try Workshop()
    try workshop.write("sandbox:\n  use_docker: true\nresource_limits:\n  max_steps_per_match: 5\n", to: "limits.yaml")
    let outcome = try await workshop.run(Self.match, environment: ["CONFIG_PATH": "limits.yaml"])
    #expect(outcome.status == 0)
    #expect(try outcome.result.totalSteps == 5)
    let lines = outcome.standardError.split(separator: "\n")
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("Warning: limits.yaml:2: sandbox.use_docker has no effect: ") == true)
  }

  @Test func `all mistakes of a file are told at once`() async throws {
    let workshop = try Workshop()
    try workshop.write("resource_limits:\n  cpu_count: many\n  pids_limits: 3\n", to: "limits.yaml")
    let outcome = try await workshop.run(Self.match, environment: ["CONFIG_PATH": "limits.yaml"])
    #expect(outcome.status == 2)
    #expect(outcome.standardOutput == "")
    #expect(
      outcome.standardError == """
        Error: limits.yaml:2: resource_limits.cpu_count is "many"; it must be a number in 0.01…1024
        limits.yaml:3: resource_limits.pids_limits is not a known key; did you mean pids_limit?

        """
    )
  }

  @Test func `the variables of the service are none of arena's business`() async throws {
    let workshop = try Workshop()
    try workshop.write("resource_limits:\n  max_steps_per_match: 5\n", to: "config/limits.yaml")
    let outcome = try await workshop.run(Self.match, environment: ["EXECUTOR_PORT": "many", "LOG_LEVEL": "loud"])
    #expect(outcome.status == 0)
  }
}
