import AgentProtocol
import ArenaCore
import Foundation
import Testing

/// JSON payloads that agents send.
@Suite struct ControlFrameTests {
  static func problem(_ text: String) -> String? { JSONLimits.problem(with: Array(text.utf8).span.bytes) }

  static func nested(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  @Test(
    arguments: [
      ControlFrameTests.nested(32), #"{"text": "\#(String(repeating: "[", count: 100))"}"#, #"["\"[[[[", {"a": "\\"}]"#,
      String(repeating: "[],", count: 5000), #"{"a": ["}}}}", "]]]]"]}"#, "",
      String(repeating: " ", count: ProtocolLimits.controlPayload),
    ].map(SampleText.init)
  )
  func `texts within the limits may be parsed`(sample: SampleText) {
    #expect(Self.problem(sample.text) == nil)
  }

  @Test(
    arguments: [
      ControlFrameTests.nested(33), String(repeating: "[", count: 33), String(repeating: "{\"a\":", count: 33),
      String(repeating: "]", count: 40) + String(repeating: "[", count: 33), #"["\\","# + ControlFrameTests.nested(32),
      #"["\\\"","# + ControlFrameTests.nested(32), String(repeating: " ", count: ProtocolLimits.controlPayload + 1),
      "{\"text\": \"\u{0}\"}",
    ].map(SampleText.init)
  )
  func `texts beyond the limits are not parsed`(sample: SampleText) {
    #expect(Self.problem(sample.text) != nil)
  }

  static let refused: [(String, says: String)] = [
    ("", "valid JSON"), ("[", "valid JSON"), ("null", "object"), ("[]", "object"), ("3", "object"),
    (#"{"text": "a"#, "valid JSON"), (#"{"text": "a"} x"#, "valid JSON"), ("{}", #"lacks "text""#),
    (#"{"text": 3}"#, #""text" of the wrong type"#), (#"{"text": null}"#, #""text" of the wrong type"#),
    (#"{"text": "a", "level": []}"#, #""level" of the wrong type"#), (#"{'text': 'a'}"#, "valid JSON"),
    (#"{"text": "\ud800"}"#, "valid JSON"),
  ]

  @Test(arguments: refused) func `payloads that cannot be read are refused with the reason`(text: String, says: String)
  {
    let error = #expect(throws: ProtocolViolation.self) {
      try ControlFrame.decode(LogPayload.self, .log, payload: Array(text.utf8))
    }
    #expect(error?.code == "bad_payload")
    #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf16, .utf32LittleEndian])
  func `payloads in another encoding are refused`(encoding: String.Encoding) throws {
    let payload = try #require(#"{"text": "a"}"#.data(using: encoding))
    #expect(throws: ProtocolViolation.self) {
      try ControlFrame.decode(LogPayload.self, .log, payload: Array(payload))
    }
  }

  @Test(arguments: [[0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
  func `payloads that are not UTF-8 are refused`(bytes: [UInt8]) {
    let payload = Array(#"{"text": ""#.utf8) + bytes + Array(#""}"#.utf8)
    #expect(throws: ProtocolViolation.self) { try ControlFrame.decode(LogPayload.self, .log, payload: payload) }
  }

  @Test func `unknown members are ignored`() throws {
    let payload = Array(#"{"text": "a", "colour": {"red": [1, null]}, "level": "info"}"#.utf8)
    #expect(
      try ControlFrame.decode(LogPayload.self, .log, payload: payload) == LogPayload(level: "info", text: "a")
    )
  }

  @Test func `numbers that JSON lacks are written as text`() {
    let finish = FinishPayload(game: 0, final: true, outcome: .draw, score: .nan, reward: -.infinity)
    let frame = ControlFrame.encode(.finish, sequence: 1, finish)
    let text = String(decoding: frame.dropFirst(FrameHeader.size), as: UTF8.self)
    #expect(text == #"{"final":true,"game":0,"outcome":"draw","reward":"-inf","score":"NaN"}"#)
  }

  @Test func `the first thing wrong with a header is the one that is said`() {
    var bytes = [UInt8](repeating: 0xFF, count: FrameHeader.size)
    func code() -> String? {
      #expect(throws: ProtocolViolation.self) { try FrameHeader(fromAgent: bytes.span.bytes, maxPayload: 10) }?.code
    }
    #expect(code() == "bad_reserved")
    (bytes[6], bytes[7]) = (0, 0)
    #expect(code() == "unknown_kind")
    bytes[4] = FrameKind.observe.rawValue
    #expect(code() == "wrong_direction")
    bytes[4] = FrameKind.act.rawValue
    #expect(code() == "bad_flags")
    bytes[5] = 0
    #expect(code() == "oversized")
  }
}
