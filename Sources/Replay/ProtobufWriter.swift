import Glibc

/// Writes protobuf's wire format at a cursor, into room that its owner has reserved. Allocates nothing, checks nothing.
///
/// Fields that hold their default are left out, as proto3 has it, and fields are written in the order of their numbers, so the bytes are
/// those that protobuf's own libraries write. Source: <https://protobuf.dev/programming-guides/encoding/>.
struct ProtobufWriter {
  /// Where the next byte goes.
  private(set) var cursor: UnsafeMutableRawPointer

  /// Most bytes that a field takes beside the contents of bytes, strings and messages; field numbers lie below 16.
  static let maximumFieldSize = 1 + maximumVarintSize
  private static let maximumVarintSize = 10

  /// A writer that starts at `cursor`.
  @inline(__always)
  init(at cursor: UnsafeMutableRawPointer) { self.cursor = cursor }

  /// A nested message that has been begun: where its length goes, and how many bytes were left for it.
  struct OpenMessage {
    fileprivate var length: UnsafeMutableRawPointer
    fileprivate var room: Int
  }

  /// Writes an integer, a boolean or an enumeration, unless it is 0.
  @inline(__always)
  mutating func field(_ number: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    byte(number << 3)
    varint(value)
  }

  /// Writes a boolean, unless it is false.
  @inline(__always)
  mutating func field(_ number: UInt8, _ value: Bool) {
    guard value else { return }
    byte(number << 3)
    byte(1)
  }

  /// Writes a double, unless it is positive zero.
  @inline(__always)
  mutating func field(_ number: UInt8, _ value: Double) {
    guard value.bitPattern != 0 else { return }
    byte(number << 3 | 1)
    double(value)
  }

  /// Writes bytes, a string, or a message that is already encoded, be it empty.
  @inline(__always)
  mutating func field(_ number: UInt8, _ bytes: UnsafeRawBufferPointer) {
    byte(number << 3 | 2)
    varint(UInt64(bytes.count))
    if let source = bytes.baseAddress { SmallBytes.copy(source, to: cursor, count: bytes.count) }
    cursor += bytes.count
  }

  /// Begins a message or a packed array in field `number` that is expected to take about `size` bytes.
  @inline(__always)
  mutating func begin(_ number: UInt8, expecting size: Int) -> OpenMessage {
    byte(number << 3 | 2)
    let open = OpenMessage(length: cursor, room: Self.varintSize(UInt64(size)))
    cursor += open.room
    return open
  }

  /// Ends the message or packed array that was begun last.
  @inline(__always)
  mutating func end(_ message: OpenMessage) {
    let size = cursor - message.length - message.room
    let needed = Self.varintSize(UInt64(size))
    if needed != message.room {
      memmove(message.length + needed, message.length + message.room, size)
    }
    cursor = message.length
    varint(UInt64(size))
    cursor += size
  }

  /// Writes a varint without a field number, as an element of a packed array.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    byte(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a double without a field number, as an element of a packed array.
  @inline(__always)
  mutating func double(_ value: Double) {
    cursor.storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
    cursor += 8
  }

  @inline(__always)
  private mutating func byte(_ value: UInt8) {
    cursor.storeBytes(of: value, as: UInt8.self)
    cursor += 1
  }

  @inline(__always)
  private static func varintSize(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
  }
}
