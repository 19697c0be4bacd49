import GRPCCore
import Testing

@testable import GRPCNghttp2Transport

@Suite("Compressed messages")
struct CompressionTests {
  @Test("come back as they were", arguments: [1024, 5000, 100_000, 3_000_000])
  func roundTrip(count: Int) throws {
    let message = MessageBytes((0..<count).lazy.map { UInt8(truncatingIfNeeded: $0 / 7) })
    let compressed = try GzipCompressor.compress(message)
    #expect(compressed.isCompressed)
    #expect(compressed.count < message.count)
    #expect(try GzipDecompressor.decompress(compressed, limit: count) == message)
  }

  @Test("are sent as they are if that is no longer")
  func incompressible() throws {
    var generator = SystemRandomNumberGenerator()
    let noise = MessageBytes((0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) })
    #expect(try GzipCompressor.compress(noise) == noise)
    let short = MessageBytes(repeating: 0, count: 1023)
    #expect(try GzipCompressor.compress(short) == short)
  }

  @Test("that would grow beyond the limit are refused")
  func bomb() throws {
    let bomb = try GzipCompressor.compress(MessageBytes(repeating: 0, count: 10_000_000))
    #expect(bomb.count < 100_000)
    let error = try #require(throws: RPCError.self) { try GzipDecompressor.decompress(bomb, limit: 1_000_000) }
    #expect(error.code == .resourceExhausted)
    #expect(try GzipDecompressor.decompress(bomb, limit: 10_000_000).count == 10_000_000)
  }

  @Test("that are garbage, cut short or followed by more are refused")
  func garbage() throws {
    let good = try GzipCompressor.compress(MessageBytes(repeating: 1, count: 5000))
    var cut = good
    cut.framed.removeLast(3)
    var followed = good
    followed.framed.append(0)
    for bad in [MessageBytes([1, 2, 3, 4]), MessageBytes([]), cut, followed] {
      let error = try #require(throws: RPCError.self) { try GzipDecompressor.decompress(bad, limit: 10_000) }
      #expect(error.code == .internalError)
    }
  }
}
