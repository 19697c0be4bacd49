/// Tells by a connection's first bytes whether its client speaks HTTP/2.
struct ClientPreface {
  /// What the first bytes show.
  enum Verdict: Equatable {
    /// They agree with the preface so far.
    case incomplete
    /// The preface is there.
    case complete
    /// They look like an HTTP/1 request.
    case http1
    /// They are something else: TLS, perhaps.
    case foreign
  }

  /// Source: [RFC 9113, 3.4](https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
  private static let magic: [UInt8] = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// What is said to a client of HTTP/1, and 505 because of
  /// [RFC 9110, 15.6.6](https://www.rfc-editor.org/rfc/rfc9110#section-15.6.6).
  static let http1Answer: [UInt8] = {
    let text = "This port speaks gRPC, which needs HTTP/2. Use a gRPC client, for instance grpcurl.\n"
    let head = """
      HTTP/1.1 505 HTTP Version Not Supported\r
      content-type: text/plain; charset=utf-8\r
      content-length: \(text.utf8.count)\r
      connection: close\r
      \r\n
      """
    return Array((head + text).utf8)
  }()

  private var matched = 0
  private var first: UInt8 = 0

  /// Looks at the next bytes of the connection.
  mutating func verdict(after bytes: UnsafeRawBufferPointer) -> Verdict {
    for byte in bytes {
      if matched == 0 { first = byte }
      guard matched < Self.magic.count else { break }
      guard byte == Self.magic[matched] else {
        return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) ? .http1 : .foreign
      }
      matched += 1
    }
    return matched == Self.magic.count ? .complete : .incomplete
  }
}
