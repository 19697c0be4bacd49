internal import GRPCCore

/// Which metadata of a handler can be header fields, and how.
///
/// Source: `Custom-Metadata` in [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests).
enum MetadataFields {
  /// Names that belong to HTTP or to gRPC: what a handler writes under them is not sent.
  private static let reserved: Set<String> = [
    "connection", "content-length", "content-type", "grpc-accept-encoding", "grpc-encoding", "grpc-message",
    "grpc-status",
    "grpc-timeout", "host", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  /// The most bytes of metadata in a header block, counted as HTTP/2 does: libnghttp2 sends no block of more than 64 KiB.
  static let mostBytes = 60 << 10

  /// What is wrong with metadata that cannot be sent.
  static func problem(of metadata: Metadata) -> RPCError? {
    var size = 0
    for (key, value) in metadata {
      switch value {
      case .string(let text): size += key.utf8.count + text.utf8.count + 32
      case .binary(let bytes): size += key.utf8.count + bytes.count * 4 / 3 + 35
      }
      guard size <= mostBytes else {
        let message = "the metadata of a response is more than \(mostBytes) bytes, and clients take 8 KiB or so"
        return RPCError(code: .internalError, message: message)
      }
      guard !key.isEmpty, key.utf8.allSatisfy({ isNameByte($0) || isUpperCase($0) || $0 == UInt8(ascii: ":") }) else {
        return RPCError(
          code: .internalError,
          message:
            "the name \(key.debugDescription) cannot be metadata: it must be of a-z, 0-9, underscore, hyphen and dot"
        )
      }
      guard case .string(let text) = value else { continue }
      guard text.utf8.allSatisfy({ (UInt8(ascii: " ")...UInt8(ascii: "~")).contains($0) }) else {
        return RPCError(
          code: .internalError,
          message: "the value of the metadata \(key) must be printable ASCII; other bytes need a name that ends in -bin"
        )
      }
    }
    return nil
  }

  /// Appends what of the metadata is sent.
  static func append(_ metadata: Metadata, to fields: inout FieldBlock) {
    for (key, value) in metadata {
      let name = key.utf8.contains(where: isUpperCase) ? key.lowercased() : key
      guard !name.hasPrefix(":"), !reserved.contains(name) else { continue }
      switch value {
      case .string(let text):
        fields.append(name: name, value: text)
      case .binary:
        // Base64 without padding, as the source above asks of senders.
        var text = Substring(value.encoded())
        while text.last == "=" { text.removeLast() }
        fields.append(name: name, value: String(text))
      }
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
      UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func isUpperCase(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
