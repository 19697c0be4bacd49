internal import CZlib
internal import GRPCCore

/// Compresses messages for clients that accept gzip.
enum GzipCompressor {
  /// Below this, what is gained is less than a packet.
  private static let least = 1024

  /// The message compressed; itself if it is small or does not get smaller.
  static func compress(_ message: MessageBytes) throws(RPCError) -> MessageBytes {
    guard message.count >= least else { return message }
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    // 16 and the largest window: gzip's format. Level 1: calls wait for it.
    guard deflateInit2_(&stream, 1, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
      throw RPCError(code: .resourceExhausted, message: "there is no memory to compress a message")
    }
    defer { deflateEnd(&stream) }
    // Room for less than the message: what does not fit is not worth it.
    let room = message.count - 1
    let framed = [UInt8](unsafeUninitializedCapacity: MessageBytes.prefixLength + room) { buffer, initialized in
      buffer[..<MessageBytes.prefixLength].initialize(repeating: 0)
      let status = message.withUnsafeBytes { input in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(input.count)
        stream.next_out = buffer.baseAddress.map { $0 + MessageBytes.prefixLength }
        stream.avail_out = UInt32(room)
        return deflate(&stream, Z_FINISH)
      }
      initialized = status == Z_STREAM_END ? MessageBytes.prefixLength + room - Int(stream.avail_out) : 0
    }
    guard !framed.isEmpty else { return message }
    var compressed = MessageBytes(framed: framed)
    compressed.writePrefix(isCompressed: true)
    return compressed
  }
}
