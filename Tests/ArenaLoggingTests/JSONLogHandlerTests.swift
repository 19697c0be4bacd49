import Foundation
import Logging
import Testing

@testable import ArenaLogging

/// Log records as JSON lines.
@Suite struct JSONLogHandlerTests {
  static func line(_ message: Logger.Message, _ metadata: Logger.Metadata?, of handler: JSONLogHandler) -> Data {
    handler.line(
      for: LogEvent(
        level: .warning,
        message: message,
        metadata: metadata,
        source: "test",
        file: #fileID,
        function: #function,
        line: #line
      )
    )
  }

  @Test(arguments: ["plain", "two\nlines", "quote \" and \\", "é🏓\u{0}\u{7F}", "a/b"])
  func `a record is one line of JSON, whatever the message holds`(message: String) throws {
    var handler = JSONLogHandler(level: .info)
    handler[metadataKey: "match_id"] = "m"
    handler[metadataKey: "step"] = "1"
    let line = Self.line("\(message)", ["step": .stringConvertible(7), "nested": ["a": ["b", "c"]]], of: handler)
    #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    #expect(line.last == UInt8(ascii: "\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    #expect(object["message"] as? String == message)
    #expect(object["level"] as? String == "warning")
    #expect(object["match_id"] as? String == "m")
    #expect(object["step"] as? Int == 7, "what a record says wins")
    #expect((object["nested"] as? [String: [String]])?["a"] == ["b", "c"])
    let time = try #require(object["time"] as? String)
    #expect(time.hasSuffix("Z") && time.contains("."))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func `a number that JSON lacks is written as text`(
    number: Double
  ) throws {
    let line = Self.line("x", ["value": .stringConvertible(number)], of: JSONLogHandler(level: .info))
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    #expect(object["value"] as? String == number.description)
  }

  @Test func `metadata cannot pose as the record's own members`() throws {
    let metadata: Logger.Metadata = ["level": "info", "message": "forged", "time": "never"]
    let line = Self.line("true", metadata, of: JSONLogHandler(level: .info))
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    #expect(object["message"] as? String == "true")
    #expect(object["level"] as? String == "warning")
  }
}
