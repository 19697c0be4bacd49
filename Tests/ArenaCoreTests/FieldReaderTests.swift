import ArenaCore
import Testing

/// What is said about a value that is not allowed.
@Suite struct FieldReaderTests {
  private enum Colour: String, CaseIterable {
    case red, green
  }

  static let reader = FieldReaderTests.made(
    .object([
      "text": .string("x"), "flag": .bool(true), "whole": .integer(7), "float": .number(7), "fraction": .number(7.5),
      "big": .unsigned(.max), "negative": .integer(-1), "nothing": .null, "list": .array([.null]),
      "object": .object(["inner": .integer(1)]), "colour": .string("red"), "wide": .number(1e300),
    ])
  )

  private static func made(_ value: JSONValue, path: String = "") -> FieldReader {
    do throws(FieldError) {
      return try FieldReader(value, path: path)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  @Test func `values of the right type are read`() throws {
    let reader = Self.reader
    #expect(try reader.string("text") == "x")
    #expect(try reader.bool("flag") == true)
    #expect(try reader.integer("whole", in: 7...7) == 7)
    #expect(try reader.integer("float", in: 0...10) == 7)
    #expect(try reader.unsigned("big") == .max)
    #expect(try reader.unsigned("whole") == 7)
    #expect(try reader.unsigned("float") == 7)
    #expect(try reader.seconds("fraction", in: 0...10) == .milliseconds(7500))
    #expect(try reader.choice("colour", of: Colour.self) == .red)
    #expect(try reader.array("list") == [.null])
    #expect(try reader.object("object")?.integer("inner", in: 0...1) == 1)
    #expect(reader.keys.first == "big")
  }

  @Test(arguments: ["nothing", "missing"]) func `what is missing or null is nil`(key: String) throws {
    let reader = Self.reader
    #expect(reader.value(key) == nil)
    #expect(try reader.string(key) == nil)
    #expect(try reader.bool(key) == nil)
    #expect(try reader.integer(key, in: 0...1) == nil)
    #expect(try reader.unsigned(key) == nil)
    #expect(try reader.seconds(key, in: 0...1) == nil)
    #expect(try reader.choice(key, of: Colour.self) == nil)
    #expect(try reader.array(key) == nil)
    #expect(try reader.object(key) == nil)
    #expect(try reader.dictionary(key) == nil)
  }

  @Test func `a message has the path, what was given and what is allowed`() {
    let reader = Self.reader
    func message(_ read: () throws -> Any?) -> String? {
      #expect(throws: FieldError.self) { _ = try read() }?.description
    }
    #expect(message { try reader.string("whole") } == "whole is 7; it must be a string")
    #expect(message { try reader.bool("text") } == "text is \"x\"; it must be true or false")
    #expect(message { try reader.integer("whole", in: 8...9) } == "whole is 7; it must be a whole number in 8…9")
    #expect(
      message { try reader.integer("fraction", in: 0...9) } == "fraction is 7.5; it must be a whole number in 0…9"
    )
    #expect(message { try reader.integer("flag", in: 0...9) } == "flag is true; it must be a whole number in 0…9")
    #expect(message { try reader.integer("wide", in: 0...9) }?.hasPrefix("wide is 1e+300") == true)
    #expect(message { try reader.unsigned("negative") }?.hasSuffix("0…18446744073709551615") == true)
    #expect(message { try reader.unsigned("fraction") }?.hasPrefix("fraction is 7.5") == true)
    #expect(message { try reader.seconds("wide", in: 0...1e301) }?.hasPrefix("wide is 1e+300") == true)
    #expect(
      message { try reader.seconds("whole", in: 0...1.5) } == "whole is 7; it must be a number of seconds in 0.0…1.5"
    )
    #expect(
      message { try reader.choice("text", of: Colour.self) } == "text is \"x\"; it must be one of \"red\", \"green\""
    )
    #expect(message { try reader.array("object") } == "object is an object of 1; it must be an array")
    #expect(message { try reader.object("list") }?.contains("list is an array") == true)
    #expect(message { try reader.object("object")?.string("inner") } == "object.inner is 1; it must be a string")
    #expect(message { try FieldReader(.integer(1)) } == "the configuration is an integer; it must be an object")
    #expect(message { try FieldReader(.null, path: "agents[2]") } == "agents[2] is null; it must be an object")
  }

  @Test func `an error seen from further out has a longer path`() {
    let error = FieldError(field: "[1].n", given: "0", allowed: "1")
    #expect(error.within("agents").field == "agents[1].n")
    #expect(error.within("agents").within("match").field == "match.agents[1].n")
  }
}
