internal import CNghttp2

/// The header fields of almost every response: they live as long as the process, so libnghttp2 need not copy them.
enum StaticFields {
  /// The head of a response without metadata.
  nonisolated(unsafe) static let responseHead = make([
    (":status", "200"),
    ("content-type", "application/grpc"),
  ])

  /// The trailers of a call that went well, without metadata.
  nonisolated(unsafe) static let okTrailers = make([("grpc-status", "0")])

  /// Unsafe only to the compiler: made once, never written again, never freed.
  private static func make(_ fields: [(StaticString, StaticString)]) -> UnsafeBufferPointer<nghttp2_nv> {
    let pairs = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: fields.count)
    let flags = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
    for (index, (name, value)) in fields.enumerated() {
      pairs.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: UnsafeMutablePointer(mutating: name.utf8Start),
          value: UnsafeMutablePointer(mutating: value.utf8Start),
          namelen: name.utf8CodeUnitCount,
          valuelen: value.utf8CodeUnitCount,
          flags: UInt8(flags)
        )
      )
    }
    return UnsafeBufferPointer(pairs)
  }
}
