import Testing

@testable import MatchExecutor

@Suite struct ImageReferenceTests {
  @Test(arguments: [
    "agent", "team/agent", "myregistry/agent1:v1.0", "registry.example.com/team/agent:v1", "localhost/agent",
    "localhost:5000/a/b/c:latest", "REGISTRY:5000/agent", "[::1]:5000/agent", "x/a.b-c__d/e_f:T_1.2-3", "a--b",
    "agent@sha256:" + String(repeating: "0a", count: 32),
    "host:80/agent:v1@sha256:" + String(repeating: "f", count: 64),
  ])
  func isRead(_ text: String) throws {
    let reference = try #require(ImageReference(text))
    #expect(reference.description == text)
    #expect((reference.digest != nil) == text.contains("@"))
  }

  @Test(arguments: [
    "", "Agent", "agent:", "agent:-v1", "agent:v 1", "/agent", "agent/", "a//b", "-agent", "agent-", "a___b", "a..b",
    "a._b",
    "agent@", "agent@sha256:abc", "agent@md5:" + String(repeating: "a", count: 32),
    "agent@sha256:" + String(repeating: "A", count: 64),
    "host:port/agent", "host:123456/agent", "-host.example/agent", "[::1/agent", "agent\u{0}", "ägent", "a b",
    String(repeating: "a", count: 256), "agent:" + String(repeating: "t", count: 129),
  ])
  func isRefused(_ text: String) { #expect(ImageReference(text) == nil) }
}
