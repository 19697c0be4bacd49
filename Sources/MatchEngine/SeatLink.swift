internal import AgentProtocol
internal import ArenaCore
internal import CLinux
internal import Glibc

/// One agent's connection: bytes in, bytes out, never blocking. Owned by the match loop, which closes it.
///
/// The buffers are allocated once. Whatever arrives beyond one frame stays in the buffer for the next call.
struct SeatLink {
  /// What came of sending.
  enum SendOutcome {
    /// The kernel has all of it.
    case sent
    /// The agent does not read; the rest waits.
    case blocked
    /// The agent is gone.
    case closed
  }

  /// What came of receiving.
  enum ReceiveOutcome {
    /// Some bytes came; `isAll` unless more may wait in the socket.
    case bytes(isAll: Bool)
    /// None are there.
    case nothing
    /// The agent is gone.
    case closed
  }

  /// The connected socket; -1 where there is none.
  private(set) var descriptor: Int32 = -1
  private let incoming: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The end of the newest bytes, which stay in the buffer after they were consumed.
  private var newestEnd = 0
  /// What the kernel did not take of a frame that was begun; no memory where it took all. Not an array: the loop reads
  /// links many times in a step, and each reading of one that holds an array counts its references.
  private var unsent = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var unsentStart = 0

  /// A link without a connection that takes payloads up to `maxPayload` bytes.
  init(maxPayload: Int) {
    // One frame, and room for what may follow it, so that one call usually empties the socket.
    incoming = .allocate(byteCount: 2 * (FrameHeader.size + maxPayload), alignment: 16)
  }

  /// Whether there is a connection.
  var isOpen: Bool { descriptor >= 0 }

  /// Whether part of a frame still waits for the agent to read.
  var hasUnsentBytes: Bool { unsentStart < unsent.count }

  /// Takes over a connected, non-blocking socket.
  mutating func open(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Ends the connection.
  mutating func close() {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
    forgetUnsent()
  }

  /// Frees the buffers. The link must not be used any more.
  mutating func deallocate() {
    close()
    incoming.deallocate()
  }

  // MARK: Sending

  /// Sends a whole frame. Nothing else may be unsent.
  @inline(__always)
  mutating func send(_ frame: UnsafeRawBufferPointer) -> SendOutcome {
    let count = write(frame)
    guard count >= 0 else { return .closed }
    guard count < frame.count else { return .sent }
    keepUnsent(UnsafeRawBufferPointer(rebasing: frame[count...]))
    return .blocked
  }

  /// Sends a whole frame after whatever is still unsent. For frames off the step path.
  mutating func queue(_ frame: [UInt8]) -> SendOutcome {
    if hasUnsentBytes {
      frame.withUnsafeBytes { keepUnsent($0) }
      return flush()
    }
    return frame.withUnsafeBytes { send($0) }
  }

  /// Sends what is unsent.
  mutating func flush() -> SendOutcome {
    while hasUnsentBytes {
      let count = write(UnsafeRawBufferPointer(rebasing: unsent[unsentStart...]))
      guard count >= 0 else { return .closed }
      guard count > 0 else { return .blocked }
      unsentStart += count
    }
    forgetUnsent()
    return .sent
  }

  /// Keeps `bytes` behind what is unsent already.
  private mutating func keepUnsent(_ bytes: UnsafeRawBufferPointer) {
    let waiting = UnsafeRawBufferPointer(rebasing: unsent[unsentStart...])
    let all = UnsafeMutableRawBufferPointer.allocate(byteCount: waiting.count + bytes.count, alignment: 16)
    all.copyMemory(from: waiting)
    UnsafeMutableRawBufferPointer(rebasing: all[waiting.count...]).copyMemory(from: bytes)
    forgetUnsent()
    unsent = all
  }

  private mutating func forgetUnsent() {
    unsent.deallocate()
    unsent = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    unsentStart = 0
  }

  /// The number of bytes that the kernel took, or -1 if the agent is gone.
  @inline(__always)
  private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let count = rl_arena_send(descriptor, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      if count == -Int(EINTR) { continue }
      return count == -Int(EAGAIN) ? 0 : -1
    }
  }

  // MARK: Receiving

  /// Takes what has arrived, with one system call.
  @inline(__always)
  mutating func receive() -> ReceiveOutcome {
    if start == end {
      start = 0
      end = 0
    } else if start > incoming.count / 2 {
      incoming.baseAddress!.copyMemory(from: incoming.baseAddress! + start, byteCount: end - start)
      end -= start
      start = 0
    }
    while true {
      let room = incoming.count - end
      let count = rl_arena_receive(descriptor, incoming.baseAddress! + end, room)
      if count > 0 {
        end += count
        newestEnd = end
        return .bytes(isAll: count < room)
      }
      if count == -Int(EINTR) { continue }
      if count == -Int(EAGAIN) { return .nothing }
      return .closed
    }
  }

  /// The header of the next frame if the whole of it has arrived; nil if more must come.
  ///
  /// - Throws: `ProtocolViolation` as soon as the header has arrived and is one that no agent may send.
  func nextHeader(maxPayload: Int) throws(ProtocolViolation) -> FrameHeader? {
    guard end - start >= FrameHeader.size else { return nil }
    let arrived = UnsafeRawBufferPointer(rebasing: incoming[start..<end])
    let header = try FrameHeader(fromAgent: arrived.bytes, maxPayload: maxPayload)
    return arrived.count >= FrameHeader.size + Int(header.length) ? header : nil
  }

  /// The payload of the next frame, whose header is `header`. Valid until the next `receive`.
  func payload(of header: FrameHeader) -> UnsafeRawBufferPointer {
    let start = start + FrameHeader.size
    return UnsafeRawBufferPointer(rebasing: incoming[start..<start + Int(header.length)])
  }

  /// The only frame that waits, if its header's first eight bytes are `word` and it takes `size` bytes: its sequence and its
  /// payload, which is valid until the next `receive`. Takes it out of the buffer.
  ///
  /// - Parameter isWanted: decides by the sequence whether it is taken.
  @inline(__always)
  mutating func takeLoneFrame(
    _ word: UInt64,
    size: Int,
    where isWanted: (UInt64) -> Bool
  ) -> UnsafeRawBufferPointer? {
    guard end - start == size, let base = incoming.baseAddress else { return nil }
    let frame = UnsafeRawPointer(base + start)
    guard UInt64(littleEndian: frame.loadUnaligned(as: UInt64.self)) == word,
      isWanted(UInt64(littleEndian: frame.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    else { return nil }
    start = end
    return UnsafeRawBufferPointer(start: frame + FrameHeader.size, count: size - FrameHeader.size)
  }

  /// Steps over the frame whose header is `header`.
  mutating func consume(_ header: FrameHeader) { start += FrameHeader.size + Int(header.length) }

  /// Whether bytes wait that are not a whole frame yet, or were not looked at.
  var hasUnconsumedBytes: Bool { start < end }

  /// The newest bytes that the agent sent, at most `limit`, as hexadecimal digits.
  func newestBytes(limit: Int) -> String? {
    guard newestEnd > 0 else { return nil }
    return incoming[max(0, newestEnd - limit)..<newestEnd].hexadecimalDigits
  }
}
