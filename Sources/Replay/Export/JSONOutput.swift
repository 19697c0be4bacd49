internal import ArenaCore
internal import ArenaSystem
internal import Glibc

/// Writes JSON to a descriptor, piece by piece, in memory that does not grow with what is written.
struct JSONOutput: ~Copyable {
  private let descriptor: Int32
  private var bytes: [UInt8] = []
  private static let limit = 65_536

  /// An output to `descriptor`, which stays the caller's.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    bytes.reserveCapacity(Self.limit + 4096)
  }

  /// Writes text that is JSON, or part of it, already.
  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Writes bytes that are JSON already.
  mutating func raw(_ json: [UInt8]) { bytes.append(contentsOf: json) }

  /// Writes a string in quotes. `<`, U+2028 and U+2029 are escaped too, so that the output may stand in a script.
  mutating func string(_ text: String) { Self.append(text, to: &bytes) }

  /// Writes a number; `null` where JSON has none for it.
  mutating func number(_ value: Double) { Self.append(value, to: &bytes) }

  /// Writes any value, the members of objects in the order of their keys.
  mutating func value(_ value: JSONValue) { Self.append(value, to: &bytes) }

  /// Hands over what has gathered, if that is much.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func flushIfFull() throws(SystemFailure) {
    if bytes.count >= Self.limit { try flush() }
  }

  /// Hands over all that was written.
  ///
  /// - Throws: `SystemFailure` if it cannot be written.
  mutating func flush() throws(SystemFailure) {
    var start = 0
    while start < bytes.count {
      let written = bytes.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[start...])
        return write(descriptor, rest.baseAddress, rest.count)
      }
      if written > 0 {
        start += written
      } else if written == 0 || errno != EINTR {
        throw SystemFailure("write", written == 0 ? EIO : errno)
      }
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// `value` as JSON.
  static func encoded(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, to: &bytes)
    return bytes
  }

  private static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let bool): bytes.append(contentsOf: (bool ? "true" : "false").utf8)
    case .integer(let integer): bytes.append(contentsOf: String(integer).utf8)
    case .unsigned(let integer): bytes.append(contentsOf: String(integer).utf8)
    case .number(let number): append(number, to: &bytes)
    case .string(let text): append(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, key) in members.keys.sorted().enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(members[key] ?? .null, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ number: Double, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes.append(contentsOf: "\\\"".utf8)
      case "\\": bytes.append(contentsOf: "\\\\".utf8)
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case "\u{0}"..<"\u{20}", "<", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
      default: bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
