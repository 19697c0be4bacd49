internal import CZlib
internal import GRPCCore

/// Decompresses messages of `grpc-encoding: gzip`.
enum GzipDecompressor {
  private static let chunk = 16 << 10

  /// Decompresses a message.
  ///
  /// - Parameter limit: The most bytes that may come out. It is looked at while they do, so that a small message cannot grow large
  ///   in memory first.
  static func decompress(_ message: MessageBytes, limit: Int) throws(RPCError) -> MessageBytes {
    var stream = z_stream()
    // 16 and the largest window: gzip's format, nothing else.
    guard inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw RPCError(code: .resourceExhausted, message: "there is no memory to decompress a message")
    }
    defer { inflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: MessageBytes.prefixLength)
    output.reserveCapacity(MessageBytes.prefixLength + min(limit, 4 * message.count))
    let result = message.withUnsafeBytes { input -> Result<Void, RPCError> in
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.avail_in = UInt32(input.count)
      return inflateAll(&stream, into: &output, limit: limit)
    }
    try result.get()
    guard stream.avail_in == 0 else {
      throw RPCError(code: .internalError, message: "a compressed message has bytes behind its end")
    }
    var decompressed = MessageBytes(framed: output)
    decompressed.writePrefix(isCompressed: false)
    return decompressed
  }

  private static func inflateAll(_ stream: inout z_stream, into output: inout [UInt8], limit: Int) -> Result<
    Void, RPCError
  > {
    withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 16) { buffer in
      let room = buffer.bindMemory(to: UInt8.self)
      while true {
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        let status = inflate(&stream, Z_NO_FLUSH)
        let count = room.count - Int(stream.avail_out)
        guard output.count - MessageBytes.prefixLength + count <= limit else {
          let message =
            "a message is longer than \(limit) bytes once it is decompressed, which is the most that this server takes"
          return .failure(RPCError(code: .resourceExhausted, message: message))
        }
        output.append(contentsOf: room.prefix(count))
        switch status {
        case Z_STREAM_END: return .success(())
        case Z_OK where count > 0 || stream.avail_in > 0: continue
        default:
          let message = "a message that is flagged as compressed is no complete gzip"
          return .failure(RPCError(code: .internalError, message: message))
        }
      }
    }
  }
}
