import Testing

@testable import GRPCNghttp2Transport

@Suite("Length-prefixed messages")
struct MessageAssemblerTests {
  private static let wire: [UInt8] =
    MessageBytes([1, 2, 3]).framed + MessageBytes([]).framed + MessageBytes(Array(repeating: 7, count: 300)).framed

  /// The messages in `wire`, fed in pieces of `size` bytes.
  private static func messages(_ wire: [UInt8], size: Int, limit: Int = 1000) throws -> [MessageBytes] {
    var assembler = MessageAssembler()
    var messages: [MessageBytes] = []
    for start in stride(from: 0, to: wire.count, by: size) {
      try wire[start..<min(start + size, wire.count)].withUnsafeBytes { piece in
        var bytes = piece
        while let message = try assembler.next(from: &bytes, limit: limit) { messages.append(message) }
        #expect(bytes.isEmpty)
      }
    }
    #expect(!assembler.isWithinMessage)
    return messages
  }

  @Test("come out the same however their bytes are cut", arguments: 1...320)
  func cutAnywhere(size: Int) throws {
    let messages = try Self.messages(Self.wire, size: size)
    #expect(messages == [MessageBytes([1, 2, 3]), MessageBytes([]), MessageBytes(Array(repeating: 7, count: 300))])
  }

  @Test("are refused by their prefix when they are too long", arguments: [1, 3, 5, 1000])
  func tooLong(size: Int) {
    let wire: [UInt8] = [0, 0xFF, 0xFF, 0xFF, 0xFF] + [1, 2, 3]
    #expect(throws: MessageAssembler.Problem.tooLong(announced: 0xFFFF_FFFF)) {
      try Self.messages(wire, size: size)
    }
  }

  @Test("may be as long as the limit and no longer")
  func limit() throws {
    #expect(try Self.messages(MessageBytes(repeating: 1, count: 10).framed, size: 4, limit: 10).count == 1)
    #expect(throws: MessageAssembler.Problem.tooLong(announced: 11)) {
      try Self.messages(MessageBytes(repeating: 1, count: 11).framed, size: 4, limit: 10)
    }
  }

  @Test("begin with 0 or 1", arguments: [2, 128, 255] as [UInt8])
  func flag(flag: UInt8) {
    #expect(throws: MessageAssembler.Problem.badFlag(flag)) {
      try Self.messages([flag, 0, 0, 0, 0], size: 5)
    }
  }

  @Test("take no memory for what they only announce")
  func announcement() throws {
    var assembler = MessageAssembler()
    let wire: [UInt8] = [0, 0, 0x3F, 0xFF, 0xFF, 9]
    try wire.withUnsafeBytes { piece in
      var bytes = piece
      let message = try assembler.next(from: &bytes, limit: 4 << 20)
      #expect(message == nil)
    }
    #expect(assembler.heldBytes == 6)
    #expect(assembler.announcedBytes == 0x3FFFFF + 5)
  }

  @Test("hold their prefix and what is written into them")
  func bytes() {
    var message = MessageBytes(repeating: 0, count: 4)
    message.withUnsafeMutableBytes { $0.copyBytes(from: [9, 8, 7, 6]) }
    #expect(message.framed == [0, 0, 0, 0, 4, 9, 8, 7, 6])
    #expect(message.count == 4)
    #expect(message.withUnsafeBytes { Array($0) } == [9, 8, 7, 6])
    #expect(MessageBytes([9, 8, 7, 6]) == message)
    #expect(MessageBytes(repeating: 5, count: 0).withUnsafeBytes { $0.count } == 0)
  }
}
