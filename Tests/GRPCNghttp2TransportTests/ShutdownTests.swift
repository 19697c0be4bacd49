import GRPCCore
import GRPCNIOTransportHTTP2
import Testing

@testable import GRPCNghttp2Transport

@Suite("The end of a server, and of connections", .timeLimit(.minutes(2)))
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
    configuration.keepalive.timeout = .seconds(2)
    try await RunningServer.run(configuration) { server async throws in
      let client = try RawClient(port: server.port)
      try await client.start()
      _ = try await client.frame(.ping)
      while try await client.frame() != nil {}
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
