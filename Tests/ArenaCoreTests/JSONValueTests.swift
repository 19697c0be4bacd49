import ArenaCore
import Foundation
import Testing

/// JSON values through text and back.
@Suite struct JSONValueTests {
  static func read(_ text: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  static func write(_ value: JSONValue) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try String(decoding: encoder.encode(value), as: UTF8.self)
  }

  static let texts: [(String, JSONValue)] = [
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("0", .integer(0)), ("1", .integer(1)),
    ("-9223372036854775808", .integer(.min)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .unsigned(1 << 63)), ("18446744073709551615", .unsigned(.max)),
    ("18446744073709551616", .number(0x1p64)), ("-9223372036854775809", .number(-0x1p63)), ("0.1", .number(0.1)),
    ("1e300", .number(1e300)), ("5e-324", .number(.leastNonzeroMagnitude)), ("-0.5", .number(-0.5)),
    (#""1""#, .string("1")),
    (#""é🏓\u0000\"""#, .string("é🏓\0\"")), ("[]", .array([])), ("{}", .object([:])),
    (#"{"a": [1, {"b": null}]}"#, .object(["a": .array([.integer(1), .object(["b": .null])])])),
  ]

  @Test(arguments: texts) func `every value is read as what it is, and again from what is written`(
    text: String,
    value: JSONValue
  ) throws {
    #expect(try Self.read(text) == value)
    #expect(try Self.read(Self.write(value)) == value)
  }

  @Test(arguments: ["-0.0", "-0", "-0e5"]) func `negative zero stays negative`(text: String) throws {
    #expect(try Self.read(text).double?.sign == .minus)
    #expect(try Self.read(Self.write(Self.read(text))).double?.sign == .minus)
    #expect(try Self.read("0.0").double?.sign == .plus)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func `numbers that JSON lacks are written as null`(
    number: Double
  ) throws {
    #expect(try Self.write(.array([.number(number)])) == "[null]")
  }

  @Test func `a description is short whatever the value`() {
    #expect(JSONValue.string(String(repeating: "é", count: 1000)).description.count == 60)
    #expect(JSONValue.array([.null, .null]).description == "an array of 2")
    #expect(JSONValue.object(["a": .null]).description == "an object of 1")
    #expect(JSONValue.string("x").description == "\"x\"")
  }
}
