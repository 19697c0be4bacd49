/// The encoding of `grpc-message`.
///
/// Source: `Percent-Encoded` in [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses):
/// printable ASCII stands for itself, save for the percent sign.
enum PercentEncoding {
  /// Appends `text`, encoded.
  ///
  /// - Parameter limit: The most bytes to append; what would not fit is left out as whole characters.
  static func append(_ text: String, to bytes: inout [UInt8], limit: Int) {
    let end = bytes.count + limit
    for character in text {
      let start = bytes.count
      for byte in character.utf8 {
        switch byte {
        case UInt8(ascii: " ")...UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: "~"):
          bytes.append(byte)
        default:
          bytes.append(UInt8(ascii: "%"))
          bytes.append(hexadecimalDigit(byte >> 4))
          bytes.append(hexadecimalDigit(byte & 15))
        }
      }
      guard bytes.count <= end else {
        bytes.removeLast(bytes.count - start)
        return
      }
    }
  }

  private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}
