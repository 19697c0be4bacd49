import Testing

@testable import Replay

/// Single records, byte by byte, as <https://mcap.dev/spec> and protobuf's encoding guide have them.
@Suite struct RecordLayoutTests {
  private func bytes(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
    var buffer = ByteBuffer(capacity: 1)
    write(&buffer)
    return Array(buffer.bytes)
  }

  private func protobuf(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var buffer = ByteBuffer(capacity: 4096)
    var writer = ProtobufWriter(at: buffer.end)
    write(&writer)
    buffer.advance(to: writer.cursor)
    return Array(buffer.bytes)
  }

  @Test func recordsCarryOpcodeAndLength() {
    #expect(
      bytes { $0.appendRecord(.dataEnd) { $0.append(UInt32(0x0403_0201)) } } == [
        0x0F, 4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4,
      ]
    )
  }

  @Test func stringsAndMapsCarryTheirLengthInBytes() {
    #expect(bytes { $0.append("é") } == [2, 0, 0, 0, 0xC3, 0xA9])
    #expect(bytes { $0.append([:]) } == [0, 0, 0, 0])
    let map: [UInt8] = [20, 0, 0, 0, 1, 0, 0, 0, 0x61, 1, 0, 0, 0, 0x31, 1, 0, 0, 0, 0x62, 1, 0, 0, 0, 0x32]
    #expect(bytes { $0.append(["b": "2", "a": "1"]) } == map)
  }

  @Test func theFileBeginsWithMagicAndHeader() {
    let preamble = bytes { $0.appendPreamble() }
    #expect(preamble.starts(with: [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A, 0x01]))
    #expect(Array(preamble[17..<29]) == [8, 0, 0, 0] + Array("rl-arena".utf8))
  }

  @Test func theFooterPointsAtTheSummary() {
    let ending = MCAPSummary().ending(size: 1000, checksum: 7)
    let all = Array(ending.bytes)
    #expect(all.starts(with: [0x0F, 4, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0x03]))
    #expect(Array(all.suffix(8)) == ReplayFormat.magic)
    let footer = all.suffix(8 + 20 + 9)
    #expect(footer.starts(with: [0x02, 20, 0, 0, 0, 0, 0, 0, 0] + [0xF5, 3, 0, 0, 0, 0, 0, 0]))
    let crc = Array(footer.dropFirst(25).prefix(4))
    let expected = all[13..<all.count - 12].withUnsafeBytes { ReplayFile.checksum(of: $0) }
    #expect(crc == withUnsafeBytes(of: expected.littleEndian) { Array($0) })
  }

  @Test func checksumsAreThoseOfZlib() {
    let digits = Array("123456789".utf8)
    #expect(digits.withUnsafeBytes { ReplayFile.checksum(of: $0) } == 0xCBF4_3926)
    let first = digits[..<4].withUnsafeBytes { ReplayFile.checksum(of: $0) }
    #expect(digits[4...].withUnsafeBytes { ReplayFile.checksum(of: $0, after: first) } == 0xCBF4_3926)
  }

  @Test(
    arguments: [
      (1, [8, 1]), (127, [8, 127]), (128, [8, 0x80, 1]), (300, [8, 0xAC, 2]),
      (UInt64.max, [8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]), (0, []),
    ] as [(UInt64, [UInt8])]
  )
  func integersAreVarints(value: UInt64, expected: [UInt8]) {
    #expect(protobuf { $0.field(1, value) } == expected)
  }

  @Test func onlyPositiveZeroIsLeftOut() {
    #expect(protobuf { $0.field(1, 0.0) }.isEmpty)
    #expect(protobuf { $0.field(1, -0.0) } == [9, 0, 0, 0, 0, 0, 0, 0, 0x80])
    #expect(protobuf { $0.field(1, 1.0) } == [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(protobuf { $0.field(1, false) }.isEmpty)
    #expect(protobuf { $0.field(1, true) } == [8, 1])
  }

  /// The length before a message takes as many bytes as it needs, whatever had been expected.
  @Test(arguments: [0, 1, 127, 128, 129, 3000], [0, 127, 128, 20_000])
  func messagesCarryTheirLength(size: Int, expected: Int) {
    let content = [UInt8](repeating: 7, count: size)
    let message = protobuf { writer in
      let open = writer.begin(2, expecting: expected)
      content.withUnsafeBytes { bytes in for _ in bytes { writer.varint(7) } }
      writer.end(open)
    }
    let length: [UInt8] = size < 128 ? [UInt8(size)] : [UInt8(size & 127 | 128), UInt8(size >> 7)]
    #expect(message == [0x12] + length + content)
  }

  @Test func aBufferKeepsItsBytesWhenItGrows() {
    var buffer = ByteBuffer(capacity: 2)
    for value in UInt8(0)..<200 { buffer.append(value) }
    #expect(Array(buffer.bytes) == Array(0..<200))
    buffer.truncate(to: 1)
    #expect(Array(buffer.bytes) == [0])
    #expect(buffer.capacity >= 200)
  }
}
