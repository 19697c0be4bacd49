internal import ArenaSystem
internal import CZlib
internal import Glibc

/// Compresses pieces of data, each on its own, into zlib's format (RFC 1950), with one set of buffers for all of them.
struct Deflater: ~Copyable {
  /// zlib's state points back at this, so it has to stay where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  private var isReady = false
  private let level: Int32

  /// A compressor that takes no memory of zlib's before its first piece.
  init(level: Int32) {
    self.level = level
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
  }

  deinit {
    if isReady { deflateEnd(stream) }
    stream.deallocate()
  }

  /// `bytes`, compressed.
  ///
  /// - Throws: `SystemFailure` if there is no memory for it.
  mutating func compress(_ bytes: [UInt8]) throws(SystemFailure) -> [UInt8] {
    try prepare()
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, uLong(bytes.count))))
    let status = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(output.count)
        return deflate(stream, Z_FINISH)
      }
    }
    // With as much room as deflateBound asks for, one call is enough.
    guard status == Z_STREAM_END else { throw SystemFailure("compressing a part of the page", EIO) }
    output.removeLast(Int(stream.pointee.avail_out))
    return output
  }

  private mutating func prepare() throws(SystemFailure) {
    if isReady {
      deflateReset(stream)
      return
    }
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit_(stream, level, ZLIB_VERSION, size) == Z_OK else {
      throw SystemFailure("preparing to compress the page", ENOMEM)
    }
    isReady = true
  }
}
