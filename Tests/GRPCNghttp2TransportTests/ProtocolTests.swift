import GRPCCore
import GRPCNghttp2Transport
import Testing

@Suite("gRPC over HTTP/2, byte by byte", .timeLimit(.minutes(10)))
struct ProtocolTests {
  /// What the server says to a request of these fields.
  private static func answer(
    to fields: [(String, String)],
    data: [UInt8] = [],
    _ configuration: TransportConfiguration = TransportConfiguration()
  ) async throws -> RawClient.Answer {
    try await RunningServer.run(configuration) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.send(
        RawFrame(kind: .headers, flags: RawFrame.endHeaders, stream: 1, payload: RawFrame.block(fields)),
        RawFrame(kind: .data, flags: RawFrame.endStream, stream: 1, payload: data)
      )
      return try await client.answer(stream: 1)
    }
  }

  @Test("an answer has the head, the message and the trailers of gRPC")
  func answer() async throws {
    let message: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3]
    let answer = try await Self.answer(to: RawClient.fields(), data: message)
    #expect(answer.head == [":status": "200", "content-type": "application/grpc", "kind": "echo"])
    #expect(answer.data == message)
    #expect(answer.trailers == ["grpc-status": "0", "count": "all"])
    #expect(answer.reset == nil)
  }

  @Test(
    "content types of gRPC are taken",
    arguments: ["application/grpc", "application/grpc+proto", "application/grpc;x=y"]
  )
  func contentTypes(type: String) async throws {
    #expect(try await Self.answer(to: RawClient.fields(contentType: type)).status == 0)
  }

  @Test(
    "other content types get 415",
    arguments: ["application/json", "application/grpc-web", "application/grpc+json", "application/grpcx", "", nil]
  )
  func otherContentTypes(type: String?) async throws {
    let answer = try await Self.answer(to: RawClient.fields(contentType: type))
    #expect(answer.head[":status"] == "415")
    #expect(answer.data.isEmpty)
  }

  @Test("methods other than POST get 405", arguments: ["GET", "PUT", "OPTIONS"])
  func methods(method: String) async throws {
    let answer = try await Self.answer(to: RawClient.fields(method: method))
    #expect(answer.head[":status"] == "405")
    #expect(answer.head["allow"] == "POST")
  }

  @Test(
    "paths of no method get UNIMPLEMENTED at once",
    arguments: ["/", "/x", "/test.Test/", "//Echo", "/test.Test/Echo/"]
  )
  func paths(path: String) async throws {
    let answer = try await Self.answer(to: RawClient.fields(path: path))
    #expect(answer.head[":status"] == "200")
    #expect(answer.head["grpc-status"] == "12")
  }

  @Test("unknown compression gets UNIMPLEMENTED and the list of what is known")
  func unknownEncoding() async throws {
    let answer = try await Self.answer(to: RawClient.fields(more: [("grpc-encoding", "br")]))
    #expect(answer.status == 12)
    #expect(answer.head["grpc-accept-encoding"] == "gzip, identity")
  }

  @Test("a timeout that is none is refused", arguments: ["1", "x", "1000000000S", "-1S"])
  func badTimeout(timeout: String) async throws {
    let answer = try await Self.answer(to: RawClient.fields(more: [("grpc-timeout", timeout)]))
    #expect(answer.status == 13)
    #expect(answer.head["grpc-message"]?.contains("grpc-timeout") == true)
  }

  @Test("binary metadata may be padded or not, and several values joined; what is no base64 is refused")
  func binaryMetadata() async throws {
    let look: RunningServer.Handler = { request, _ in
      let values = Array(request.metadata[binaryValues: "v-bin"])
      return StreamingServerResponse(single: ServerResponse(message: values.joined(separator: [0]).map { $0 }))
    }
    try await RunningServer.run(methods: ["Look": look]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(
        stream: 1,
        path: "/test.Test/Look",
        more: [("v-bin", "AQI=, AQI,BwcH"), ("v-bin", "CQ")],
        ends: true
      )
      #expect(try await client.answer(stream: 1).data.dropFirst(5) == [1, 2, 0, 1, 2, 0, 7, 7, 7, 0, 9])
      try await client.request(stream: 3, path: "/test.Test/Look", more: [("v-bin", "a?b")], ends: true)
      #expect(try await client.answer(stream: 3).status == 13)
    }
  }

  @Test(
    "a client of HTTP/1 is told in words that this is gRPC",
    arguments: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST /x HTTP/1.0\r\n\r\n"]
  )
  func http1(request: String) async throws {
    try await RunningServer.run { server async throws in
      let client = try RawClient(port: server.port)
      try await client.send(Array(request.utf8))
      let text = String(decoding: try await client.rest(), as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 505 "))
      #expect(text.hasSuffix("This port speaks gRPC, which needs HTTP/2. Use a gRPC client, for instance grpcurl.\n"))
    }
  }

  @Test("a client that half-closes late, or never, gets its answer and is told to stop sending")
  func earlyAnswer() async throws {
    let hasty: RunningServer.Handler = { _, _ in StreamingServerResponse(single: ServerResponse(message: [1])) }
    try await RunningServer.run(methods: ["Hasty": hasty]) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      try await client.request(stream: 1, path: "/test.Test/Hasty")
      #expect(try await client.answer(stream: 1).status == 0)
      #expect(try await client.frame(.resetStream).number(at: 0) == 0)
      try await client.data(stream: 1, [0, 0, 0, 0, 0], ends: true)
      try await client.request(stream: 3, ends: true)
      #expect(try await client.answer(stream: 3).status == 0)
    }
  }

  @Test("what the server sends first is its settings, with its limits")
  func settings() async throws {
    var configuration = TransportConfiguration()
    configuration.http2.maxConcurrentStreams = 7
    configuration.http2.maxHeaderListSize = 9000
    try await RunningServer.run(configuration) { server async throws in
      let client = try RawClient(port: server.port)
      defer { client.close() }
      try await client.start()
      let frame = try #require(try await client.frame())
      #expect(frame.kind == .settings)
      var settings: [UInt8: UInt32] = [:]
      for start in stride(from: 0, to: frame.payload.count, by: 6) {
        settings[frame.payload[start + 1]] = frame.number(at: start + 2)
      }
      #expect(settings[3] == 7)
      #expect(settings[6] == 9000)
    }
  }
}
