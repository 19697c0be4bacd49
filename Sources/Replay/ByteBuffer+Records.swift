/// MCAP's serialization. Source: <https://mcap.dev/spec#serialization>.
extension ByteBuffer {
  /// Appends `value` in little-endian order.
  mutating func append(_ value: some FixedWidthInteger & BitwiseCopyable) {
    let size = MemoryLayout.size(ofValue: value)
    reserve(size)
    end.storeBytes(of: value.littleEndian, as: type(of: value))
    advance(to: end + size)
  }

  /// Appends bytes as they are.
  mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    end.copyMemory(from: source, byteCount: bytes.count)
    advance(to: end + bytes.count)
  }

  /// Appends bytes as they are.
  mutating func append(contentsOf bytes: [UInt8]) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }

  /// Appends a string with its length before it, in four bytes.
  mutating func append(_ string: String) {
    var string = string
    string.withUTF8 {
      append(UInt32(truncatingIfNeeded: $0.count))
      append(contentsOf: UnsafeRawBufferPointer($0))
    }
  }

  /// Appends a map of strings in the order of its keys.
  mutating func append(_ map: [String: String]) {
    let start = count
    append(UInt32(0))
    for (key, value) in map.sorted(by: { $0.key < $1.key }) {
      append(key)
      append(value)
    }
    store(UInt32(truncatingIfNeeded: count - start - 4), at: start)
  }

  /// Overwrites the integer at `offset`, which need not be aligned.
  mutating func store(_ value: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
    precondition(offset + MemoryLayout.size(ofValue: value) <= count)
    base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
  }

  /// Appends a record whose content `write` appends.
  mutating func appendRecord(_ opcode: ReplayFormat.Opcode, _ write: (inout ByteBuffer) -> Void) {
    append(opcode.rawValue)
    let length = count
    append(UInt64(0))
    write(&self)
    store(UInt64(count - length - 8), at: length)
  }

  /// Appends the schema of a channel.
  mutating func appendSchema(of channel: ReplayFormat.Channel) {
    appendRecord(.schema) {
      $0.append(channel.rawValue)
      $0.append(channel.message)
      $0.append(ReplayFormat.encoding)
      $0.append(UInt32(ReplayDescriptor.fileDescriptorSet.count))
      $0.append(contentsOf: ReplayDescriptor.fileDescriptorSet)
    }
  }

  /// Appends a channel, whose schema has the same number.
  mutating func appendChannel(_ channel: ReplayFormat.Channel) {
    appendRecord(.channel) {
      $0.append(channel.rawValue)
      $0.append(channel.rawValue)
      $0.append(channel.topic)
      $0.append(ReplayFormat.encoding)
      $0.append([:])
    }
  }

  /// Appends what every replay begins with: magic, Header, Schemas and Channels.
  mutating func appendPreamble() {
    append(contentsOf: ReplayFormat.magic)
    appendRecord(.header) {
      $0.append(ReplayFormat.profile)
      $0.append(ReplayFormat.library)
    }
    for channel in ReplayFormat.Channel.allCases {
      appendSchema(of: channel)
      appendChannel(channel)
    }
  }
}
