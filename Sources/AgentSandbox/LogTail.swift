/// The last bytes of a stream.
struct LogTail: Sendable {
  private let limit: Int
  private var bytes: [UInt8] = []

  /// A tail that keeps up to `limit` bytes.
  init(limit: Int = 4096) { self.limit = limit }

  /// Adds what came last. Amortised cost is that of copying the bytes that stay.
  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: more.suffix(limit))
    if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
  }

  /// The tail as text, from the first whole character on.
  var text: String {
    let tail = bytes.suffix(limit)
    let start = bytes.count > limit ? tail.prefix(3).prefix { $0 & 0xc0 == 0x80 }.count : 0
    return String(decoding: tail.dropFirst(start), as: UTF8.self)
  }
}
