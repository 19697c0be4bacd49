import AgentProtocol
import ArenaCore
import ArenaSystem
import Foundation
import Glibc
import TestSupport
import Testing

@testable import MatchEngine

/// Two connected sockets, the first of which belongs to a link.
struct SocketPair {
  let own: Int32
  let peer: Int32

  init() {
    var pair: [Int32] = [-1, -1]
    precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK, 0, &pair) == 0)
    (own, peer) = (pair[0], pair[1])
  }

  /// Writes all of `bytes`, which fit the socket's buffer.
  func write(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { precondition(Glibc.send(peer, $0.baseAddress, $0.count, 0) == $0.count) }
  }

  /// Whatever has arrived at the peer.
  func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    let count = recv(peer, &buffer, buffer.count, 0)
    return Array(buffer.prefix(max(0, count)))
  }
}

/// A connection's bytes, in whatever pieces they come.
@Suite struct SeatLinkTests {
  struct Frame: Equatable {
    var header: FrameHeader
    var payload: [UInt8]
  }

  static func bytes(_ frame: Frame) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: FrameHeader.size)
    bytes.withUnsafeMutableBytes { buffer in
      var span = buffer.mutableBytes
      frame.header.write(to: &span)
    }
    return bytes + frame.payload
  }

  static func frame(_ kind: FrameKind, _ sequence: UInt64, flags: UInt8 = 0, payload size: Int) -> Frame {
    let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(truncatingIfNeeded: sequence)) }
    return Frame(
      header: FrameHeader(length: UInt32(size), kind: kind, flags: flags, sequence: sequence),
      payload: payload
    )
  }

  static let frames = [
    frame(.hello, 0, payload: 13), frame(.act, 1, payload: 16), frame(.log, 0, payload: 0),
    frame(.error, .max, flags: 1, payload: 32), frame(.act, 2, payload: 16),
  ]

  /// All whole frames that have come.
  static func take(_ link: inout SeatLink, maxPayload: Int) throws(ProtocolViolation) -> [Frame] {
    var frames: [Frame] = []
    while let header = try link.nextHeader(maxPayload: maxPayload) {
      frames.append(Frame(header: header, payload: Array(link.payload(of: header))))
      link.consume(header)
    }
    return frames
  }

  @Test func `a stream of frames reads the same however it is split in two`() throws {
    let stream = Self.frames.flatMap(Self.bytes)
    for split in 0...stream.count {
      let sockets = SocketPair()
      var link = SeatLink(maxPayload: 32)
      link.open(sockets.own)
      defer {
        link.deallocate()
        close(sockets.peer)
      }
      var read: [Frame] = []
      for part in [stream[..<split], stream[split...]] where !part.isEmpty {
        sockets.write(part)
        // The buffer holds two frames: it may take several calls.
        while case .bytes = link.receive() { read += try Self.take(&link, maxPayload: 32) }
      }
      guard read == Self.frames, !link.hasUnconsumedBytes else {
        Issue.record("split at \(split)")
        return
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 17, 96, 1000]) func `a long stream reads the same in pieces of any size`(
    piece: Int
  ) throws {
    var generator = SplitMix64(seed: UInt64(piece))
    let frames = (1...200).map { number in
      Self.frame(.act, UInt64(number), payload: [0, 1, 16, 32, Int.random(in: 0...32, using: &generator)][number % 5])
    }
    let stream = frames.flatMap(Self.bytes)
    let sockets = SocketPair()
    var link = SeatLink(maxPayload: 32)
    link.open(sockets.own)
    defer {
      link.deallocate()
      close(sockets.peer)
    }
    var (read, sent): ([Frame], Int) = ([], 0)
    while sent < stream.count {
      let end = min(stream.count, sent + Int.random(in: 1...piece, using: &generator))
      sockets.write(stream[sent..<end])
      sent = end
      while case .bytes = link.receive() { read += try Self.take(&link, maxPayload: 32) }
    }
    #expect(read == frames)
    #expect(link.newestBytes(limit: 4)?.count == 8)
    close(sockets.own)
  }

  @Test func `an oversized frame is refused from its header alone`() {
    let sockets = SocketPair()
    var link = SeatLink(maxPayload: 32)
    link.open(sockets.own)
    defer {
      link.deallocate()
      close(sockets.peer)
    }
    sockets.write(Self.bytes(Self.frame(.act, 1, payload: 33))[..<16])
    guard case .bytes = link.receive() else {
      Issue.record("nothing came")
      return
    }
    #expect(throws: ProtocolViolation.self) { try link.nextHeader(maxPayload: 32) }
  }

  @Test func `a link knows an empty socket from a closed one`() {
    let sockets = SocketPair()
    var link = SeatLink(maxPayload: 32)
    link.open(sockets.own)
    defer { link.deallocate() }
    guard case .nothing = link.receive() else {
      Issue.record("there is nothing to receive")
      return
    }
    sockets.write([1, 2, 3])
    close(sockets.peer)
    guard case .bytes = link.receive(), case .closed = link.receive() else {
      Issue.record("the rest comes before the end")
      return
    }
    #expect(link.newestBytes(limit: 64) == "010203")
    guard case .closed = [1, 2, 3].withUnsafeBytes({ link.send($0) }) else {
      Issue.record("nobody is there to send to")
      return
    }
    link.close()
    #expect(!link.isOpen)
    link.close()
  }

  @Test func `what the kernel does not take waits, and goes out in order`() throws {
    let sockets = SocketPair()
    var link = SeatLink(maxPayload: 32)
    link.open(sockets.own)
    defer {
      link.deallocate()
      close(sockets.peer)
    }
    var generator = SplitMix64(seed: 8)
    let large = (0..<3 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) }
    guard case .blocked = large.withUnsafeBytes({ link.send($0) }) else {
      Issue.record("3 MiB do not fit a socket")
      return
    }
    #expect(link.hasUnsentBytes)
    guard case .blocked = link.queue([1, 2, 3]) else {
      Issue.record("a frame must not overtake another")
      return
    }
    var arrived: [UInt8] = []
    while link.hasUnsentBytes {
      arrived += sockets.read()
      _ = link.flush()
    }
    while arrived.count < large.count + 3 { arrived += sockets.read() }
    #expect(arrived == large + [1, 2, 3])
    guard case .sent = link.queue([4]) else {
      Issue.record("the socket is empty")
      return
    }
    #expect(sockets.read() == [4])
  }
}

/// Who may take a seat.
@Suite struct SeatListenerTests {
  /// A folder that goes with the test.
  static func folder() -> String {
    var template = Array("/tmp/seatXXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)
    return path
  }

  @Test func `the first connection wins, and the socket is gone with the listener`() throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var listener = try SeatListener(path: folder + "/s", expectedUID: geteuid(), mode: 0o600)
    #expect(listener.accept() == nil)
    let first = try #require(ProtocolClient(path: folder + "/s"))
    let second = try #require(ProtocolClient(path: folder + "/s"))
    let connection = try #require(listener.accept())
    first.send([7])
    var byte: UInt8 = 0
    #expect(recv(connection, &byte, 1, 0) == 1 && byte == 7)
    listener.close()
    #expect(access(folder + "/s", F_OK) != 0)
    #expect(second.receive(1) == nil, "closed at once")
    #expect(ProtocolClient(path: folder + "/s") == nil)
    listener.close()
    close(connection)
  }

  @Test func `a connection of another user is closed, and the right one behind it is taken`() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let isRoot = geteuid() == 0
    let expected: uid_t = isRoot ? geteuid() : geteuid() + 1
    var listener = try SeatListener(path: folder + "/s", expectedUID: expected, mode: 0o666)
    defer { listener.close() }
    let script = """
      import os, socket, sys
      if os.geteuid() == 0: os.setuid(65534)
      s = socket.socket(socket.AF_UNIX)
      s.connect(sys.argv[1])
      """
    _ = try await TestPython.run(script, arguments: [folder + "/s"])
    if isRoot {
      let right = try #require(ProtocolClient(path: folder + "/s"))
      let connection = try #require(listener.accept())
      right.send([9])
      var byte: UInt8 = 0
      #expect(recv(connection, &byte, 1, 0) == 1 && byte == 9)
      close(connection)
    }
    #expect(listener.accept() == nil)
  }

  @Test func `a path that a socket cannot have is refused`() throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let longest = folder + "/" + String(repeating: "s", count: 107 - folder.utf8.count - 1)
    var listener = try SeatListener(path: longest, expectedUID: nil, mode: 0o600)
    listener.close()
    let error = #expect(throws: SystemFailure.self) {
      try SeatListener(path: longest + "s", expectedUID: nil, mode: 0o600)
    }
    #expect(error?.description.contains("at most 107 fit") == true)
    for path in ["", folder + "/missing/s", folder] {
      #expect(throws: SystemFailure.self, "\(path)") { try SeatListener(path: path, expectedUID: nil, mode: 0o600) }
    }
    #expect(access(folder, F_OK) == 0)
  }

  @Test func `a socket left behind is replaced`() throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let stale = try SeatListener(path: folder + "/s", expectedUID: nil, mode: 0o600)
    var listener = try SeatListener(path: folder + "/s", expectedUID: nil, mode: 0o600)
    let client = try #require(ProtocolClient(path: folder + "/s"))
    let connection = try #require(listener.accept())
    #expect(stale.accept() == nil)
    client.send([1])
    close(connection)
    close(stale.descriptor)
    listener.close()
  }
}
