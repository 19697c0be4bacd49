import GRPCCore
import GRPCNghttp2Transport
import Testing

/// After each of these the server serves others; the suite runs one at a time so that memory can be looked at.
@Suite("A hostile client", .timeLimit(.minutes(10)), .serialized)
struct HostileClientTests {
  private static let noError: UInt32 = 0
  private static let protocolError: UInt32 = 1
  private static let flowControlError: UInt32 = 3
  private static let streamClosed: UInt32 = 5
  private static let frameSizeError: UInt32 = 6
  private static let refusedStream: UInt32 = 7
  private static let compressionError: UInt32 = 9
  private static let enhanceYourCalm: UInt32 = 11

  /// Runs `attack` against a server, then sees whether a good client is served.
  private static func attack(
    _ change: (inout TransportConfiguration) -> Void = { _ in },
    methods: [String: RunningServer.Handler] = [:],
    _ attack: @Sendable @escaping (RunningServer) async throws -> Void
  ) async throws {
    var configuration = TransportConfiguration()
    change(&configuration)
    try await RunningServer.run(configuration, methods: methods) { server async throws in
      let before = ResidentMemory.bytes
      try await attack(server)
      let grown = ResidentMemory.bytes - before
      #expect(grown < 100 << 20, "the attack may not cost \(grown >> 20) MiB")
      try await server.withClient { client async throws in
        let answer = try await client.call("Echo", [1, 2, 3]).message
        #expect(answer == [1, 2, 3])
      }
    }
  }

  @Test(
    "that sends no preface is cut off",
    arguments: ["PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "\0\0\0\0\0\0\0\0\0", "hello\n"]
  )
  func brokenPreface(text: String) async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.send(Array(text.utf8))
      _ = try await client.rest()
    }
  }

  @Test("that connects and says nothing, or half the preface, is cut off in time", arguments: [0, 10, 24])
  func slowLoris(count: Int) async throws {
    try await Self.attack {
      $0.connections.setupTimeout = .seconds(3)
    } _: { server async throws in
      let client = try RawClient(port: server.port)
      try await client.send(Array(RawClient.preface[..<count]))
      try await client.waitForClose()
    }
  }

  @Test("whose header list is too large is refused, and can call again")
  func largeHeaders() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      let many = (0..<20).map { ("x-\($0)", String(repeating: "v", count: 700)) }
      try await client.request(stream: 1, more: many, ends: true)
      let answer = try await client.answer(stream: 1)
      #expect(answer.head[":status"] == "431" && answer.status == 8 || answer.status == 0)
      try await client.request(stream: 3, more: [("x", String(repeating: "v", count: 15_000))], ends: true)
      #expect(try await client.answer(stream: 3).status == 0)
      var block = RawFrame.block(RawClient.fields(more: [("x", String(repeating: "v", count: 17_000))]))
      let first = RawFrame(kind: .headers, flags: RawFrame.endStream, stream: 5, payload: Array(block[..<16_000]))
      block.removeFirst(16_000)
      try await client.send(first, RawFrame(kind: .continuation, flags: RawFrame.endHeaders, stream: 5, payload: block))
      let tooMuch = try await client.answer(stream: 5)
      #expect(tooMuch.head[":status"] == "431")
      #expect(tooMuch.status == 8)
      try await client.request(stream: 7, ends: true)
      #expect(try await client.answer(stream: 7).status == 0)
    }
  }

  @Test("whose small header block unpacks to hundreds of megabytes is cut off")
  func headerBomb() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      // One field of 4000 bytes goes into the dynamic table; then a byte each repeats it.
      let value = String(repeating: "v", count: 4000)
      let indexed = [0x40] + RawFrame.block([("x-bomb", value)]).dropFirst()
      let block = RawFrame.block(RawClient.fields()) + indexed + [UInt8](repeating: 0xBE, count: 10_000)
      try await client.send(RawFrame(kind: .headers, flags: RawFrame.endHeaders, stream: 1, payload: block))
      #expect(try await client.goodbye().code == Self.enhanceYourCalm)
      try await client.waitForClose()
    }
  }

  @Test("that sends CONTINUATION without end is cut off")
  func continuationFlood() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      let block = RawFrame.block(RawClient.fields())
      try await client.send(RawFrame(kind: .headers, stream: 1, payload: block))
      // The server stops reading at some point, and then this fails.
      for _ in 0..<1000 {
        do {
          try await client.send(RawFrame(kind: .continuation, stream: 1, payload: RawFrame.block([("x", "y")])))
        } catch { break }
      }
      try await client.waitForClose()
    }
  }

  @Test("that opens more streams than it may loses them or the connection")
  func streamFlood() async throws {
    let hang: RunningServer.Handler = { _, context in
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await Self.attack({ $0.http2.maxConcurrentStreams = 10 }, methods: ["Hang": hang]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      // Before the client has acknowledged the limit, streams beyond it are refused; afterwards they are an error.
      for stream in 0..<50 as Range<Int32> { try await client.request(stream: 2 * stream + 1, path: "/test.Test/Hang") }
      for _ in 0..<40 {
        #expect(try await client.frame(.resetStream).number(at: 0) == Self.refusedStream)
      }
      try await client.send(RawFrame(kind: .settings, flags: RawFrame.acknowledgement))
      try await client.request(stream: 201, path: "/test.Test/Hang")
      #expect(try await client.goodbye().code == Self.protocolError)
    }
  }

  @Test("that opens and resets streams as fast as it can is cut off, and leaves no handlers behind")
  func rapidReset() async throws {
    let running = Counter()
    let most = Counter()
    let hang: RunningServer.Handler = { _, context in
      if running.add() > most.value { most.add() }
      defer { running.add(-1) }
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await Self.attack(
      { configuration in
        configuration.http2.resetBurst = 200
        configuration.http2.resetsPerSecond = 10
      },
      methods: ["Hang": hang]
    ) { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      for stream in 0..<5000 as Range<Int32> {
        do {
          try await client.request(stream: 2 * stream + 1, path: "/test.Test/Hang")
          try await client.send(RawFrame(kind: .resetStream, stream: 2 * stream + 1, payload: RawFrame.number(8)))
        } catch { break }
      }
      try await client.waitForClose()
      while running.value > 0 { try await Task.sleep(for: .milliseconds(2)) }
      #expect(most.value <= 400)
    }
  }

  @Test("that makes the server reset its streams is cut off")
  func provokedResets() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      for stream in 0..<3000 as Range<Int32> {
        do {
          try await client.request(stream: 2 * stream + 1)
          // An increment of nothing is an error of the stream.
          try await client.send(RawFrame(kind: .windowUpdate, stream: 2 * stream + 1, payload: RawFrame.number(0)))
        } catch { break }
      }
      try await client.waitForClose()
    }
  }

  @Test("that floods with pings or settings and reads nothing is cut off", arguments: [RawFrame.Kind.ping, .settings])
  func answerFlood(kind: RawFrame.Kind) async throws {
    try await Self.attack { configuration in
      configuration.keepalive.minimumClientInterval = .zero
      configuration.keepalive.allowsPingsWithoutCalls = true
    } _: { server async throws in
      let client = try RawClient(port: server.port, receiveBuffer: 4096)
      try await client.start()
      let frame = RawFrame(kind: kind, payload: kind == .ping ? [0, 0, 0, 0, 0, 0, 0, 0] : [])
      let many = (0..<1000).flatMap { _ in frame.wire }
      // Answers pile up until the server has had enough.
      for _ in 0..<2000 {
        do { try await client.send(many) } catch { break }
      }
      try await client.waitForClose()
    }
  }

  @Test("that pings too often is told so")
  func tooManyPings() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      for _ in 0..<5 { try await client.send(RawFrame(kind: .ping, payload: [1, 2, 3, 4, 5, 6, 7, 8])) }
      let goodbye = try await client.goodbye()
      #expect(goodbye.code == Self.enhanceYourCalm)
      #expect(goodbye.text == "too_many_pings")
      try await client.waitForClose()
    }
  }

  @Test("that lets a window grow beyond all bounds gets a flow-control error", arguments: [0, 1] as [Int32])
  func windowOverflow(stream: Int32) async throws {
    let hang: RunningServer.Handler = { _, context in
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await Self.attack(methods: ["Hang": hang]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Hang")
      for _ in 0..<2 {
        try await client.send(RawFrame(kind: .windowUpdate, stream: stream, payload: RawFrame.number(0x7FFF_FFFF)))
      }
      if stream == 0 {
        #expect(try await client.goodbye().code == Self.flowControlError)
      } else {
        #expect(try await client.frame(.resetStream).number(at: 0) == Self.flowControlError)
      }
    }
  }

  @Test("that increments the connection's window by nothing is cut off")
  func emptyIncrement() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      try await client.send(RawFrame(kind: .windowUpdate, payload: RawFrame.number(0)))
      #expect(try await client.goodbye().code == Self.protocolError)
      try await client.waitForClose()
    }
  }

  @Test("that sends on after the end of its stream gets an error")
  func dataAfterEnd() async throws {
    let hang: RunningServer.Handler = { _, context in
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await Self.attack(methods: ["Hang": hang]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Hang", ends: true)
      try await client.data(stream: 1, [0, 0, 0, 0, 0])
      let frame = try await client.frame(.goAway)
      #expect(frame.number(at: 4) == Self.streamClosed)
    }
  }

  @Test("that sends more than the window allows gets a flow-control error")
  func windowIgnored() async throws {
    let hang: RunningServer.Handler = { _, context in
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    try await Self.attack(methods: ["Hang": hang]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Hang")
      // Small messages, none of which is read.
      let messages = (0..<3200).flatMap { _ in [0, 0, 0, 0, 0] as [UInt8] }
      for _ in 0..<10 {
        do { try await client.data(stream: 1, messages) } catch { break }
      }
      let frame = try await client.frame(.resetStream)
      #expect(frame.number(at: 0) == Self.flowControlError)
    }
  }

  @Test("that announces a message of 4 GiB is refused before it is sent")
  func hugePrefix() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      for stream in stride(from: 1, to: 999, by: 2) as StrideTo<Int32> {
        try await client.request(stream: stream)
        try await client.data(stream: stream, [0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3])
        #expect(try await client.answer(stream: stream).status == 8)
      }
    }
  }

  @Test("that announces large messages on many streams and sends little of them costs little")
  func manyAnnouncements() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      for stream in 0..<900 as Range<Int32> {
        try await client.request(stream: 2 * stream + 1)
        try await client.data(stream: 2 * stream + 1, [0, 0, 0x3F, 0xFF, 0xFF] + [UInt8](repeating: 1, count: 1000))
      }
      try await client.request(stream: 2001, ends: true)
      #expect(try await client.answer(stream: 2001).status == 0)
    }
  }

  @Test("that ends its stream within a message is told so")
  func halfMessage() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1)
      try await client.data(stream: 1, [0, 0, 0, 0, 9, 1, 2], ends: true)
      #expect(try await client.answer(stream: 1).status == 13)
      try await client.request(stream: 3)
      try await client.data(stream: 3, [7, 0, 0, 0, 0], ends: true)
      #expect(try await client.answer(stream: 3).status == 13)
    }
  }

  @Test("that sends garbage as compressed is told so")
  func garbageCompression() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, more: [("grpc-encoding", "gzip")])
      try await client.data(stream: 1, [1, 0, 0, 0, 4, 9, 9, 9, 9], ends: true)
      #expect(try await client.answer(stream: 1).status == 13)
      try await client.request(stream: 3)
      try await client.data(stream: 3, [1, 0, 0, 0, 0], ends: true)
      #expect(try await client.answer(stream: 3).status == 13)
    }
  }

  @Test("whose header block is no HPACK is cut off")
  func garbageHeaders() async throws {
    try await Self.attack { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      try await client.send(
        RawFrame(kind: .headers, flags: RawFrame.endHeaders, stream: 1, payload: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
      )
      #expect(try await client.goodbye().code == Self.compressionError)
      try await client.waitForClose()
    }
  }

  @Test("that sends frames which are too long or out of place is cut off")
  func misplacedFrames() async throws {
    let frames: [(RawFrame, UInt32)] = [
      (RawFrame(kind: .data, stream: 1, payload: [1]), Self.protocolError),
      (
        RawFrame(kind: .headers, flags: RawFrame.endHeaders, stream: 2, payload: RawFrame.block(RawClient.fields())),
        Self.protocolError
      ),
      (RawFrame(kind: .ping, payload: [1]), Self.frameSizeError),
      (RawFrame(kind: .settings, payload: [1, 2, 3]), Self.frameSizeError),
      (RawFrame(kind: .pushPromise, flags: RawFrame.endHeaders, stream: 1, payload: [0, 0, 0, 2]), Self.protocolError),
      (RawFrame(kind: .continuation, flags: RawFrame.endHeaders, stream: 1, payload: []), Self.protocolError),
      (RawFrame(kind: .data, stream: 1, payload: [UInt8](repeating: 0, count: 20_000)), Self.frameSizeError),
    ]
    try await Self.attack { server async throws in
      for (frame, code) in frames {
        let client = try RawClient(port: server.port)
        try await client.start()
        try await client.send(frame)
        #expect(try await client.goodbye().code == code, "\(frame.kind)")
        try await client.waitForClose()
      }
    }
  }

  @Test("that sends random bytes behind the preface does no harm")
  func noise() async throws {
    try await Self.attack { server async throws in
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<200 {
        let client = try RawClient(port: server.port)
        try await client.start()
        let count = Int.random(in: 1...2000, using: &generator)
        try await client.send((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        client.close()
      }
    }
  }

  @Test("that changes single bytes of a good call does no harm")
  func mutations() async throws {
    let call =
      RawFrame(kind: .settings).wire
      + RawFrame(kind: .headers, flags: RawFrame.endHeaders, stream: 1, payload: RawFrame.block(RawClient.fields()))
      .wire
      + RawFrame(kind: .data, flags: RawFrame.endStream, stream: 1, payload: [0, 0, 0, 0, 3, 1, 2, 3]).wire
    try await Self.attack { server async throws in
      for index in call.indices {
        for change in [1, 0x80, 0xFF] as [UInt8] {
          var bytes = call
          bytes[index] ^= change
          let client = try RawClient(port: server.port)
          try await client.send(RawClient.preface + bytes)
          client.close()
        }
      }
    }
  }
}
