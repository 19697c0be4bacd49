import Glibc

/// Bytes in memory of their own that grow at the end and are kept when the buffer is emptied.
struct ByteBuffer: ~Copyable {
  /// The first byte; it moves when the buffer grows.
  private(set) var base: UnsafeMutableRawPointer
  /// Bytes that fit before the buffer grows.
  private(set) var capacity: Int
  /// Bytes in use.
  private(set) var count = 0

  /// An empty buffer with room for `capacity` bytes.
  init(capacity: Int) {
    base = .allocate(byteCount: capacity, alignment: 16)
    self.capacity = capacity
  }

  deinit { base.deallocate() }

  /// The bytes in use.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// The first byte that is not in use.
  var end: UnsafeMutableRawPointer { base + count }

  /// Makes room for `size` more bytes. Amortised O(1) per byte.
  @inline(__always)
  mutating func reserve(_ size: Int) {
    if count + size > capacity { grow(toHold: count + size) }
  }

  @inline(never)
  private mutating func grow(toHold size: Int) {
    let larger = max(size, capacity + capacity / 2)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    moved.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = moved
    capacity = larger
  }

  /// Says that the bytes up to `end` have been written; they lie within the room reserved.
  @inline(__always)
  mutating func advance(to end: UnsafeMutableRawPointer) {
    count = end - base
    assert(count <= capacity, "written beyond the room reserved")
  }

  /// Forgets what lies beyond `count` bytes.
  mutating func truncate(to count: Int) {
    precondition(count <= self.count)
    self.count = count
  }
}
