import Testing

/// Keys that nothing reads.
@Suite struct UnknownKeyTests {
  @Test(arguments: [
    ("executor:\n  prot: 1\n", 2, "executor.prot is not a known key; did you mean port?"),
    ("executor:\n  Port: 1\n", 2, "executor.Port is not a known key; did you mean port?"),
    ("executor:\n  completely_else: 1\n", 2, "executor.completely_else is not a known key"),
    (
      "executor:\n  step_timeout_sec: 1\n", 2,
      "executor.step_timeout_sec is not a known key; did you mean resource_limits.step_timeout_sec?"
    ),
    (
      "executor:\n  tls:\n    private_keys: a\n", 3,
      "executor.tls.private_keys is not a known key; did you mean private_key?"
    ),
    ("\nresource_limit:\n  cpu_count: 1\n", 2, "resource_limit is not a known section; did you mean resource_limits?"),
    ("kubernetes: {}\n", 1, "kubernetes is not a known section"),
    ("host: 0.0.0.0\n", 1, "host is not a known section; did you mean executor.host?"),
    ("executor.port: 1\n", 1, "executor.port is not a known section; did you mean executor.port?"),
    (
      "k8s:\n  memory_limit: null\n", 2,
      "k8s.memory_limit is not a known key; did you mean resource_limits.memory_limit?"
    ),
    ("7: x\n", 1, "7 is not a known section"),
  ])
  func `an unknown key is named with its line and what it may have meant`(text: String, line: Int, says: String) {
    #expect(mistakes(text) == ["limits.yaml:\(line): \(says)"])
  }

  @Test func `an unknown key of an override's section is found as well`() {
    let found = mistakes("executor:\n  prot: 1\n", environment: ["EXECUTOR_PORT": "5"])
    #expect(found == ["limits.yaml:2: executor.prot is not a known key; did you mean port?"])
  }
}
