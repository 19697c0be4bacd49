import GRPCCore
import GRPCNIOTransportHTTP2
import Testing

@testable import GRPCNghttp2Transport

@Suite("The end of a server, and of connections", .timeLimit(.minutes(10)))
struct ShutdownTests {
  /// A handler that tells when it runs and answers when it may.
  private static func held(_ started: Signal, _ mayEnd: Signal) -> RunningServer.Handler {
    { _, _ in
      started.fire()
      await mayEnd.wait()
      return StreamingServerResponse(single: ServerResponse(message: [7]))
    }
  }

  @Test("lets calls in flight end, and says goodbye twice")
  func graceful() async throws {
    let started = Signal()
    let mayEnd = Signal()
    // However slow this machine is, the client answers in time.
    var configuration = TransportConfiguration()
    configuration.connections.announcement = .seconds(100)
    try await RunningServer.run(configuration, methods: ["Held": Self.held(started, mayEnd)]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Held", ends: true)
      await started.wait()
      server.server.beginGracefulShutdown()
      let first = try await client.frame(.goAway)
      #expect(first.number(at: 0) == 0x7FFF_FFFF)
      #expect(first.number(at: 4) == 0)
      // A call that was on its way when the end was announced is still taken.
      try await client.request(stream: 3, ends: true)
      let ping = try await client.frame(.ping)
      #expect(try await client.answer(stream: 3).status == 0)
      try await client.send(RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: ping.payload))
      let last = try await client.frame(.goAway)
      #expect(last.number(at: 0) == 3)
      mayEnd.fire()
      let answer = try await client.answer(stream: 1)
      #expect(answer.status == 0)
      #expect(answer.data == [0, 0, 0, 0, 1, 7])
      try await client.waitForClose()
    }
  }

  @Test("with grpc-swift's client takes no new calls and loses none")
  func gracefulWithClient() async throws {
    let started = Signal()
    let mayEnd = Signal()
    try await RunningServer.run(methods: ["Held": Self.held(started, mayEnd)]) { server async throws in
      try await server.withClient { client async throws in
        async let held = client.call("Held").message
        await started.wait()
        server.server.beginGracefulShutdown()
        mayEnd.fire()
        #expect(try await held == [7])
      }
    }
  }

  @Test("ends calls that take too long to drain with UNAVAILABLE and a hint when to try again")
  func drainTimeout() async throws {
    let started = Signal()
    let cancelled = Signal()
    let stubborn: RunningServer.Handler = { _, context in
      started.fire()
      try await context.cancellation.cancelled
      cancelled.fire()
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    var configuration = TransportConfiguration()
    configuration.connections.drainTimeout = .milliseconds(100)
    try await RunningServer.run(configuration, methods: ["Stubborn": stubborn]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Stubborn", ends: true)
      await started.wait()
      server.server.beginGracefulShutdown()
      let answer = try await client.answer(stream: 1)
      #expect(answer.status == 14)
      #expect(answer.head["grpc-retry-pushback-ms"] == "1000")
      await cancelled.wait()
      try await client.waitForClose()
    }
  }

  @Test("ends calls of a connection in time that was draining already")
  func drainTimeoutOfOldConnection() async throws {
    let stubborn: RunningServer.Handler = { _, context in
      try await context.cancellation.cancelled
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    var configuration = TransportConfiguration()
    configuration.connections.maxAge = .milliseconds(10)
    configuration.connections.drainTimeout = .milliseconds(10)
    configuration.connections.announcement = .seconds(100)
    try await RunningServer.run(configuration, methods: ["Stubborn": stubborn]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Stubborn", ends: true)
      // Answers the ping, so that the server waits for nothing but the call.
      let ping = try await client.frame(.ping)
      try await client.send(RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: ping.payload))
      #expect(try await client.frame(.goAway).number(at: 0) == 1)
      server.server.beginGracefulShutdown()
      #expect(try await client.answer(stream: 1).status == 14)
      try await client.waitForClose()
    }
  }

  @Test("refuses calls that come right behind the client's answer to the announcement")
  func callBehindAnswer() async throws {
    let started = Counter()
    let count: RunningServer.Handler = { _, _ in
      started.add()
      return StreamingServerResponse(single: ServerResponse(message: []))
    }
    var configuration = TransportConfiguration()
    configuration.connections.announcement = .seconds(100)
    try await RunningServer.run(configuration, methods: ["Count": count]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Count", ends: true)
      #expect(try await client.answer(stream: 1).status == 0)
      server.server.beginGracefulShutdown()
      let ping = try await client.frame(.ping)
      // In one segment: the server reads both before it can say anything.
      let block = RawFrame.block(RawClient.fields(path: "/test.Test/Count"))
      try await client.send(
        RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: ping.payload),
        RawFrame(kind: .headers, flags: RawFrame.endHeaders | RawFrame.endStream, stream: 3, payload: block)
      )
      #expect(try await client.frame(.goAway).number(at: 0) == 1)
      try await client.waitForClose()
      #expect(started.value == 1, "a call that the GOAWAY does not name may be made again elsewhere")
    }
  }

  @Test("serves the first call of a client that was setting up its connection, and then says goodbye")
  func duringSetup() async throws {
    try await RunningServer.run { server async throws in
      let late = try RawClient(port: server.port)
      defer { late.close() }
      try await late.send(Array(RawClient.preface[..<10]))
      // Connections are accepted one after the other: once a later one is served, the first was.
      let other = try RawClient(port: server.port)
      defer { other.close() }
      try await other.start()
      try await other.request(stream: 1, ends: true)
      #expect(try await other.answer(stream: 1).status == 0)
      server.server.beginGracefulShutdown()
      try await other.waitForClose()
      try await late.send(Array(RawClient.preface[10...]) + RawFrame(kind: .settings).wire)
      try await late.request(stream: 1, ends: true)
      #expect(try await late.answer(stream: 1).status == 0)
      try await late.waitForClose()
    }
  }

  @Test("hands a slow client all that was sent to it")
  func slowClient() async throws {
    let size = 8_000_000
    let large: RunningServer.Handler = { _, _ in
      StreamingServerResponse(single: ServerResponse(message: [UInt8](repeating: 1, count: size)))
    }
    try await RunningServer.run(methods: ["Large": large]) { server async throws in
      let client = try RawClient(port: server.port, receiveBuffer: 4096)
      defer { client.close() }
      try await client.start(settings: [(4, 0x7FFF_FFFF)])
      try await client.send(RawFrame(kind: .windowUpdate, payload: RawFrame.number(0x7FFF_0000)))
      try await client.request(stream: 1, path: "/test.Test/Large", ends: true)
      var received = try await client.frame(.data).payload.count
      server.server.beginGracefulShutdown()
      // The last megabytes, most of them in the kernel's hands by then, take it some seconds.
      var next = size - 4_000_000
      while received < size - 200_000 {
        received += try await client.frame(.data).payload.count
        guard received >= next else { continue }
        next = received + 100_000
        try await Task.sleep(for: .milliseconds(130))
      }
      let rest = try await client.answer(stream: 1)
      #expect(received + rest.data.count == size + 5)
      #expect(rest.status == 0)
    }
  }

  @Test("by cancellation of its task ends calls, their tasks and connections at once")
  func cancellation() async throws {
    let started = Signal()
    let ended = Signal()
    let transport = Nghttp2ServerTransport(address: .host("127.0.0.1", port: 0), security: .plaintext)
    var router = RPCRouter<Nghttp2ServerTransport>()
    router.registerHandler(forMethod: RunningServer.method("Sleep"), deserializer: RawBytes(), serializer: RawBytes()) {
      _,
      _ in
      started.fire()
      defer { ended.fire() }
      try await Task.sleep(for: .seconds(1000))
      return StreamingServerResponse<[UInt8]>(single: ServerResponse(message: []))
    }
    let server = GRPCServer(transport: transport, router: router)
    let serving = Task { try await server.serve() }
    let port = try #require(try await transport.listeningAddress.port)
    let client = try RawClient(port: port)
    try await client.start()
    try await client.request(stream: 1, path: "/test.Test/Sleep", ends: true)
    await started.wait()
    serving.cancel()
    try await serving.value
    #expect(ended.hasFired)
    try await client.waitForClose()
  }

  @Test("a connection that is too old is drained, and its call goes on")
  func maximumAge() async throws {
    let started = Signal()
    let mayEnd = Signal()
    var configuration = TransportConfiguration()
    configuration.connections.maxAge = .milliseconds(100)
    configuration.connections.announcement = .seconds(100)
    try await RunningServer.run(configuration, methods: ["Held": Self.held(started, mayEnd)]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Held", ends: true)
      _ = try await client.frame(.goAway)
      let ping = try await client.frame(.ping)
      try await client.send(RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: ping.payload))
      _ = try await client.frame(.goAway)
      #expect(started.hasFired)
      mayEnd.fire()
      #expect(try await client.answer(stream: 1).status == 0)
      try await client.waitForClose()
    }
  }

  @Test("an idle connection is closed, and the client's next call makes another")
  func idle() async throws {
    var configuration = TransportConfiguration()
    configuration.connections.maxIdle = .milliseconds(50)
    try await RunningServer.run(configuration) { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      #expect(try await client.goodbye().code == 0)
      try await client.waitForClose()
      try await server.withClient { client async throws in
        for _ in 0..<3 {
          // The connection may go in the very moment in which the call is made; the client is told that it may try again.
          var answer: [UInt8]?
          while answer == nil {
            do {
              answer = try await client.call("Echo", [1]).message
            } catch let error as RPCError where error.code == .unavailable {
              try await Task.sleep(for: .milliseconds(10))
            }
          }
          #expect(answer == [1])
          try await Task.sleep(for: .milliseconds(120))
        }
      }
    }
  }

  @Test("a client that is gone without a word is noticed by a ping")
  func keepalive() async throws {
    var configuration = TransportConfiguration()
    configuration.keepalive.interval = .milliseconds(50)
    configuration.keepalive.timeout = .milliseconds(100)
    try await RunningServer.run(configuration) { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      _ = try await client.frame(.ping)
      while try await client.frame() != nil {}
    }
    configuration.keepalive.timeout = .seconds(100)
    try await RunningServer.run(configuration) { server async throws in
      let alive = try RawClient(port: server.port)
      try await alive.start()
      for _ in 0..<5 {
        let ping = try await alive.frame(.ping)
        try await alive.send(RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: ping.payload))
      }
      alive.close()
    }
  }

  @Test("an address that is taken is an error that names it")
  func addressInUse() async throws {
    try await RunningServer.run { server async throws in
      let second = Nghttp2ServerTransport(address: .host("127.0.0.1", port: server.port), security: .plaintext)
      let error = try await #require(throws: RuntimeError.self) { try await second.listen { _, _ in } }
      #expect(error.message.contains("127.0.0.1:\(server.port)"))
      await #expect(throws: RuntimeError.self) { try await second.listeningAddress }
    }
  }

  @Test("a server that was shut down before it listened does not listen")
  func shutDownFirst() async throws {
    let transport = Nghttp2ServerTransport(address: .host("127.0.0.1", port: 0), security: .plaintext)
    transport.beginGracefulShutdown()
    await #expect(throws: RuntimeError.self) { try await transport.listen { _, _ in } }
  }

  @Test("IPv6 and Unix-domain sockets are listened on too")
  func otherAddresses() async throws {
    let path = "/tmp/grpc-nghttp2-\(UInt32.random(in: 0 ... .max)).sock"
    try await RunningServer.run(address: .unixDomainSocket(path: path)) { server async throws in
      #expect(try await server.transport.listeningAddress == .unixDomainSocket(path: path))
      try await withGRPCClient(
        transport: .http2NIOPosix(target: .unixDomainSocket(path: path), transportSecurity: .plaintext)
      ) { client async throws in
        #expect(try await client.call("Echo", [6]).message == [6])
      }
    }
    try await RunningServer.run(address: .host("::1", port: 0)) { server async throws in
      try await withGRPCClient(
        transport: .http2NIOPosix(target: .ipv6(address: "::1", port: server.port), transportSecurity: .plaintext)
      ) { client async throws in
        #expect(try await client.call("Echo", [6]).message == [6])
      }
    }
  }
}
