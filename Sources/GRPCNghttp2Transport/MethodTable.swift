internal import GRPCCore

/// Finds a method by the bytes of its path, without making a string of them.
struct MethodTable {
  private struct Entry {
    var path: [UInt8]
    var descriptor: MethodDescriptor
  }

  private var buckets: [[Entry]]
  private let mask: Int

  /// Knows the methods of a server.
  init(methods: [MethodDescriptor]) {
    var size = 16
    while size < methods.count * 2 { size *= 2 }
    mask = size - 1
    buckets = Array(repeating: [], count: size)
    for descriptor in methods {
      let path = Array("/\(descriptor.fullyQualifiedMethod)".utf8)
      let index = path.withUnsafeBytes(Self.hash) & mask
      buckets[index].append(Entry(path: path, descriptor: descriptor))
    }
  }

  /// The method with this path, if the server has it.
  subscript(path: UnsafeRawBufferPointer) -> MethodDescriptor? {
    for entry in buckets[Self.hash(path) & mask] where path.elementsEqual(entry.path) {
      return entry.descriptor
    }
    return nil
  }

  /// FNV-1a. The table is filled by the server alone, so nobody can choose what collides in it.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash >> 1)
  }
}
