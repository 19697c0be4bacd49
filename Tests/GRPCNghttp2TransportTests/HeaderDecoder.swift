import CNghttp2

/// Decodes header blocks of one connection.
final class HeaderDecoder {
  private var inflater: OpaquePointer?

  init() { nghttp2_hd_inflate_new(&inflater) }

  deinit { nghttp2_hd_inflate_del(inflater) }

  func decode(_ payload: [UInt8]) throws -> [String: String] {
    var fields: [String: String] = [:]
    var block = payload
    try block.withUnsafeMutableBufferPointer { bytes in
      var offset = 0
      while true {
        var field = nghttp2_nv()
        var flags: Int32 = 0
        let rest = bytes.baseAddress.map { $0 + offset }
        let count = nghttp2_hd_inflate_hd2(inflater, &field, &flags, rest, bytes.count - offset, 1)
        guard count >= 0 else { throw RawClient.Failure(text: "a header block that cannot be read") }
        offset += count
        if UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue != 0 {
          let name = String(decoding: UnsafeBufferPointer(start: field.name, count: field.namelen), as: UTF8.self)
          fields[name] = String(decoding: UnsafeBufferPointer(start: field.value, count: field.valuelen), as: UTF8.self)
        }
        if UInt32(flags) & NGHTTP2_HD_INFLATE_FINAL.rawValue != 0 { break }
      }
    }
    nghttp2_hd_inflate_end_headers(inflater)
    return fields
  }
}
