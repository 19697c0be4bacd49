/// Percent-encoding as Signature Version 4 wants it: everything but letters, digits, `-`, `.`, `_` and `~`, with upper-case digits.
enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// `text` as a query's name or value.
  static func encode(_ text: String) -> String { encode(text, keepingSlashes: false) }

  /// `path` with its slashes kept. Each segment is encoded once, as S3 has it, and nothing is normalised.
  static func encodePath(_ path: String) -> String { encode(path, keepingSlashes: true) }

  private static func encode(_ text: String, keepingSlashes: Bool) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      case UInt8(ascii: "/") where keepingSlashes:
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
