internal import ArenaCore
internal import Crypto
internal import SwiftProtobuf

/// Tells whether two requests are the same.
enum RequestDigest {
  /// SHA-256 over the request in protobuf's deterministic encoding, which orders maps by key.
  ///
  /// - Throws: `BinaryEncodingError`, which a message that was just decoded cannot lead to.
  static func digest(of request: some Message) throws -> String {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    let bytes: [UInt8] = try request.serializedBytes(options: options)
    return SHA256.hash(data: bytes).hexadecimalDigits
  }
}
