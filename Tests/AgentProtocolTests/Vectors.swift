import ArenaCore
import Foundation
import TestSupport
import Testing

/// One golden frame of `Tests/Vectors/frames.json`; `docs/PROTOCOL.md` section 10 says what its members mean.
struct FrameVector: Decodable, Sendable, CustomTestStringConvertible {
  struct Observe: Decodable, Sendable {
    var reward: JSONValue
    var stepTimeout: UInt64
    var timeBank: UInt64
    var step: UInt32
    var game: UInt32
    var space: JSONValue
    var value: JSONValue
    var mask: [UInt8]

    enum CodingKeys: String, CodingKey {
      case reward
      case stepTimeout = "step_timeout_ns"
      case timeBank = "time_bank_ns"
      case step
      case game
      case space
      case value
      case mask
    }
  }

  struct Act: Decodable, Sendable {
    var cpuTime: UInt64
    var space: JSONValue
    var value: JSONValue

    enum CodingKeys: String, CodingKey {
      case cpuTime = "cpu_time_ns"
      case space
      case value
    }
  }

  var name: String
  var kind: UInt8
  var flags: UInt8
  var sequence: UInt64
  var json: JSONValue?
  var observe: Observe?
  var act: Act?
  var hex: String

  /// The whole frame.
  var bytes: [UInt8] { Vectors.bytes(hex) }
  /// The frame without its header.
  var payload: [UInt8] { Array(bytes.dropFirst(16)) }
  var testDescription: String { name }
}

/// One frame of `Tests/Vectors/malformed.json`.
struct MalformedVector: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var hex: String
  var error: String

  var bytes: [UInt8] { Vectors.bytes(hex) }
  var testDescription: String { name }
}

/// The golden vectors. A file that cannot be read leaves them empty, which a test of its own notices.
enum Vectors {
  static let frames: [FrameVector] = load("frames.json")
  static let malformed: [MalformedVector] = load("malformed.json")

  static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static func load<Vector: Decodable>(_ name: String) -> [Vector] {
    let file = TestPython.packageRoot.appending(path: "Tests/Vectors/\(name)")
    do {
      return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    } catch {
      Issue.record(error)
      return []
    }
  }
}

/// The bytes as hexadecimal digits, for comparisons that a person can read.
func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The value as it reads back from its text, in which 1.0 is 1.
func asRead(_ value: JSONValue) throws -> JSONValue {
  try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
}
