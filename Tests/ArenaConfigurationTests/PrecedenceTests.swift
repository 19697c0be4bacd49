import ArenaConfiguration
import Logging
import Testing

/// A flag wins over a variable, that over the file, that over the default.
@Suite struct PrecedenceTests {
  private static let file = """
    executor:
      host: file
      port: 1
      max_concurrent_matches: 2
    k8s:
      kubeconfig: /file
    logging:
      level: debug
      format: text
    """
  private static let environment = [
    "EXECUTOR_HOST": "variable", "EXECUTOR_PORT": "3", "MAX_CONCURRENT_MATCHES": "4", "KUBECONFIG": "/variable",
    "LOG_LEVEL": "ERROR", "LOG_FORMAT": "json",
  ]

  private static func source(_ key: String, _ effective: EffectiveConfiguration) -> ConfigurationSource? {
    effective.entries.first { $0.key == key }?.source
  }

  @Test func `a variable wins over the file`() throws {
    let effective = try configuration(Self.file, environment: Self.environment)
    let values = effective.configuration
    #expect(values.executor.host == "variable")
    #expect(values.executor.port == 3)
    #expect(values.executor.maxConcurrentMatches == 4)
    #expect(values.kubernetes.kubeconfig == "/variable")
    #expect(values.logging.level == .error)
    #expect(values.logging.format == .json)
    for (name, key) in [
      ("EXECUTOR_HOST", "executor.host"), ("EXECUTOR_PORT", "executor.port"),
      ("MAX_CONCURRENT_MATCHES", "executor.max_concurrent_matches"), ("KUBECONFIG", "k8s.kubeconfig"),
      ("LOG_LEVEL", "logging.level"), ("LOG_FORMAT", "logging.format"),
    ] {
      #expect(Self.source(key, effective) == .variable(name))
    }
  }

  @Test func `an empty variable counts as not set`() throws {
    let effective = try configuration(Self.file, environment: Self.environment.mapValues { _ in "" })
    #expect(effective == (try configuration(Self.file)))
    #expect(effective.configuration.executor.host == "file")
    #expect(Self.source("executor.port", effective) == .file(path: "limits.yaml", line: 3))
  }

  @Test func `a flag wins over a variable`() throws {
    let flags = ConfigurationFlags(host: "flag", port: 9)
    let effective = try configuration(Self.file, flags: flags, environment: Self.environment)
    #expect(effective.configuration.executor.host == "flag")
    #expect(effective.configuration.executor.port == 9)
    #expect(effective.configuration.executor.maxConcurrentMatches == 4)
    #expect(Self.source("executor.host", effective) == .flag("--host"))
    #expect(Self.source("executor.port", effective) == .flag("--port"))
  }

  @Test func `variables and flags count without a file as well`() throws {
    let effective = try configuration("", flags: ConfigurationFlags(port: 9), environment: ["EXECUTOR_HOST": "::1"])
    #expect(effective.configuration.executor.host == "::1")
    #expect(effective.configuration.executor.port == 9)
  }

  @Test(arguments: [
    ("EXECUTOR_PORT", "many", "EXECUTOR_PORT is \"many\"; it must be a whole number in 0…65535"),
    ("EXECUTOR_PORT", "65536", "EXECUTOR_PORT is 65536; it must be a whole number in 0…65535"),
    (
      "EXECUTOR_PORT", "99999999999999999999",
      "EXECUTOR_PORT is \"99999999999999999999\"; it must be a whole number in 0…65535"
    ),
    ("MAX_CONCURRENT_MATCHES", "0", "MAX_CONCURRENT_MATCHES is 0; it must be a whole number in 1…100000"),
    (
      "LOG_LEVEL", "loud",
      "LOG_LEVEL is \"loud\"; it must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, or trace or notice"
    ),
    ("LOG_FORMAT", "xml", "LOG_FORMAT is \"xml\"; it must be one of \"json\", \"text\""),
  ])
  func `a wrong value is named by its variable`(name: String, value: String, says: String) {
    #expect(mistakes(Self.file, environment: [name: value]) == [says])
  }

  @Test func `a wrong value is named by its flag`() {
    let found = mistakes(Self.file, flags: ConfigurationFlags(host: "", port: 70_000))
    #expect(found.count == 2)
    #expect(found.contains("--port is 70000; it must be a whole number in 0…65535"))
    #expect(found.contains("--host is \"\"; it must be a text of 1 to 4096 bytes"))
  }

  @Test func `a wrong value in the file does not matter where a variable stands over it`() throws {
    let effective = try configuration("executor:\n  port: many\n", environment: ["EXECUTOR_PORT": "3"])
    #expect(effective.configuration.executor.port == 3)
  }

  @Test func `a section that is none is found though a variable stands over it`() {
    let found = mistakes("executor: 3\n", environment: ["EXECUTOR_PORT": "3"])
    #expect(found == ["limits.yaml:1: executor is 3; it must be a section with keys under it"])
  }
}
