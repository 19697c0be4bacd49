import ArenaConfiguration
import Testing

/// Texts that are no YAML, or no mapping of sections.
@Suite struct BrokenFileTests {
  @Test(arguments: [
    ("executor: [\n", 2, "this is not valid YAML (column 1: "),
    ("executor:\n\tport: 1\n", 2, "lines must be indented with spaces, not with tabs"),
    ("executor:\n  port: 1\n \t host: x\n", 3, "not valid YAML"),
    ("a: b: c\n", 1, "not valid YAML"),
    ("a: \"b\n", 2, "not valid YAML"),
    ("executor:\n  port: *nobody\n", 2, "undefined alias"),
    ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
    ("# a\nexecutor:\n  host: \u{1}\n", 3, "not valid YAML"),
    ("just a sentence\n", 1, "the file is a single value; it must be sections"),
    ("\n- a\n- b\n", 2, "the file is a list; it must be sections"),
    ("42", 1, "the file is a single value; it must be sections"),
    (
      "executor:\n  ? [a, b]\n  : 1\n", 2,
      "a key is a list, a mapping, very long or of several lines; it must be a word"
    ),
    (
      "executor:\n  \"po\\nrt\": 1\n", 2, "a key is a list, a mapping, very long or of several lines; it must be a word"
    ),
    ("executor:\n  <<: 3\n", 2, "<< is not a mapping; it must be an alias of one"),
  ])
  func `the line is named`(text: String, line: Int, says: String) {
    let found = mistakes(text)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("limits.yaml:\(line): ") == true, "\(found)")
    #expect(found.first?.contains(says) == true, "\(found)")
  }

  @Test(arguments: [
    (
      "executor:\n  port: 1\n  host: a\n  port: 2\n",
      "limits.yaml:4: port stands here and in line 2; a key must stand once"
    ),
    ("executor:\n  port: 1\n  \"port\": 2\n", "limits.yaml:3: port stands here and in line 2; a key must stand once"),
    (
      "executor:\n  port: 1\nk8s:\n  namespace: port\nexecutor:\n  host: a\n",
      "limits.yaml:5: executor stands here and in line 1; a key must stand once"
    ),
    ("k8s: {namespace: a, namespace: b}\n", "limits.yaml:1: namespace stands more than once; a key must stand once"),
    (
      "executor:\n  !one port: 1\n  !two port: 2\n",
      "limits.yaml:3: port stands here and in line 2; a key must stand once"
    ),
  ])
  func `a key that stands twice is named with both lines`(text: String, says: String) {
    #expect(mistakes(text) == [says])
  }

  @Test func `a text may be nested deeply without harm`() {
    let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
    #expect(mistakes("executor: \(deep)\n") == ["limits.yaml:1: values lie deeper than 16 levels in one another"])
    let deeper = String(repeating: "{a: ", count: 100_000)
    #expect(mistakes("executor: \(deeper)\n").count == 1)
  }

  @Test func `aliases multiply values up to a bound only`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    #expect(mistakes(text).contains { $0.hasSuffix("the file has more than 20000 values") })
    var merged = "m0: &m0 {x: 1}\n"
    for level in 1...20 {
      merged += "m\(level): &m\(level) {<<: [*m\(level - 1), *m\(level - 1)], y: 1}\n"
    }
    #expect(!mistakes(merged).isEmpty)
  }

  @Test(arguments: 0..<20)
  func `garbage is refused, and nothing worse`(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func number(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let pieces = [
      "executor", "port", "resource_limits", "validation", ":", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", ",", "&a",
      "*a", "<<: *a", "!!int", "!!bool", "!x", "\"", "'", "|", ">", "#", "?", "%YAML 9.9", "---", "...", "\t", "0x",
      "1e999",
      "-", ".inf", "~", "\u{0}", "\u{7F}", "é", "🂡", "\\u0000", "1_0", "0o8", "2001-01-01", "=", "@", "`", "\r",
    ]
    for _ in 0..<200 {
      let text = (0..<number(below: 40)).map { _ in pieces[number(below: pieces.count)] }.joined()
      for mistake in mistakes(text) {
        #expect(mistake.hasPrefix("limits.yaml:"), "\(mistake) for \(text.debugDescription)")
      }
    }
  }

  @Test(arguments: 0..<20)
  func `a good file with a byte changed is read or refused, and nothing worse`(seed: Int) throws {
    let good = Array(PublishedFileTests.published.utf8)
    let bad = Array(" :-\"'[{&*\t\n#0x\u{0}".utf8)
    for offset in stride(from: seed, to: good.count, by: 20) {
      var bytes = good
      bytes[offset] = bad[(offset / 20 + seed) % bad.count]
      for mistake in mistakes(String(decoding: bytes, as: UTF8.self)) { #expect(mistake.hasPrefix("limits.yaml:")) }
    }
  }
}
