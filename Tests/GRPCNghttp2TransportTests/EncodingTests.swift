import GRPCCore
import Testing

@testable import GRPCNghttp2Transport

@Suite("What stands in header fields")
struct EncodingTests {
  private static func timeout(_ text: String) -> Duration? {
    Array(text.utf8).withUnsafeBytes { GRPCTimeout.parse($0) }
  }

  @Test(
    "is a timeout of one to eight digits and a unit",
    arguments: [
      ("1H", .seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
      ("5u", .microseconds(5)),
      ("6n", .nanoseconds(6)), ("0S", .zero), ("007S", .seconds(7)), ("99999999n", .nanoseconds(99_999_999)),
      ("99999999H", .seconds(99_999_999 * 3600)),
    ] as [(String, Duration)]
  )
  func timeouts(text: String, duration: Duration) {
    #expect(Self.timeout(text) == duration)
  }

  @Test("is no timeout otherwise", arguments: ["", "S", "1", "123456789S", "-1S", "1.5S", "1s", "1 S", "١S", "1Ss"])
  func badTimeouts(text: String) {
    #expect(Self.timeout(text) == nil)
  }

  @Test(
    "is a message of printable ASCII, percent-encoded",
    arguments: [
      ("plain text", "plain text"), ("100%", "100%25"), ("zeile\nzwei", "zeile%0Azwei"), ("für", "f%C3%BCr"),
      ("~ !", "~ !"),
      ("\u{7f}", "%7F"), ("😀", "%F0%9F%98%80"), ("", ""),
    ]
  )
  func percentEncoding(text: String, encoded: String) {
    var bytes: [UInt8] = []
    PercentEncoding.append(text, to: &bytes, limit: 100)
    #expect(String(decoding: bytes, as: UTF8.self) == encoded)
  }

  @Test("is cut between characters, never within one")
  func percentEncodingLimit() {
    for limit in 0...40 {
      var bytes: [UInt8] = []
      PercentEncoding.append("aé😀b", to: &bytes, limit: limit)
      #expect(bytes.count <= limit)
      #expect(
        ["", "a", "a%C3%A9", "a%C3%A9%F0%9F%98%80", "a%C3%A9%F0%9F%98%80b"].contains(
          String(decoding: bytes, as: UTF8.self)
        )
      )
    }
  }

  @Test("cannot be what HTTP and gRPC reserve, nor bytes that are not printable")
  func metadata() {
    #expect(MetadataFields.problem(of: ["a-name": "value", "x-bin": [0, 255], "Upper": "is lowered"]) == nil)
    #expect(MetadataFields.problem(of: ["a": "line\nbreak"])?.code == .internalError)
    #expect(MetadataFields.problem(of: ["a": "für"])?.message.contains("-bin") == true)
    #expect(MetadataFields.problem(of: ["spa ce": "x"]) != nil)
    #expect(MetadataFields.problem(of: ["": "x"]) != nil)
  }

  @Test("is looked up by the path's bytes")
  func methods() {
    let echo = MethodDescriptor(fullyQualifiedService: "a.Echo", method: "Get")
    let many = (0..<200).map { MethodDescriptor(fullyQualifiedService: "b.Many", method: "Method\($0)") }
    let table = MethodTable(methods: many + [echo])
    func find(_ path: String) -> MethodDescriptor? { Array(path.utf8).withUnsafeBytes { table[$0] } }
    #expect(find("/a.Echo/Get") == echo)
    for method in many { #expect(find("/\(method.fullyQualifiedMethod)") == method) }
    for path in ["a.Echo/Get", "/a.Echo/Ge", "/a.Echo/Gett", "", "/", "//"] { #expect(find(path) == nil) }
  }

  @Test("tells HTTP/2 from HTTP/1 and from something else, in pieces of any size", arguments: 1...30)
  func preface(size: Int) {
    func verdict(_ text: String) -> ClientPreface.Verdict {
      var preface = ClientPreface()
      let bytes = Array(text.utf8)
      var verdict = ClientPreface.Verdict.incomplete
      for start in stride(from: 0, to: bytes.count, by: size) {
        verdict = bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { preface.verdict(after: $0) }
        if verdict != .incomplete { break }
      }
      return verdict
    }
    #expect(verdict("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == .complete)
    #expect(verdict("PRI * HTTP/2.0\r\n\r\nSM\r\n") == .incomplete)
    #expect(verdict("GET / HTTP/1.1\r\n") == .http1)
    #expect(verdict("POST / HTTP/1.1\r\n") == .http1)
    #expect(verdict("PUT / HTTP/1.1\r\n") == .http1)
    #expect(verdict("\u{16}\u{3}\u{1}") == .foreign)
    #expect(verdict("ssh") == .foreign)
  }
}
