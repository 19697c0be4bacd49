import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCNghttp2Transport
import Testing

@Suite("Calls by grpc-swift-nio-transport's client", .timeLimit(.minutes(10)))
struct CallTests {
  private static func configuration(_ execution: RPCExecution) -> TransportConfiguration {
    var configuration = TransportConfiguration()
    configuration.execution = execution
    return configuration
  }

  @Test("bring back what was sent", arguments: [RPCExecution.eventLoop, .threadPool])
  func unary(execution: RPCExecution) async throws {
    try await RunningServer.run(Self.configuration(execution)) { server async throws in
      try await server.withClient { client async throws in
        for count in [0, 1, 100, 16_384, 65_536, 1_000_000] {
          let message = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
          let response = try await client.call("Echo", message)
          #expect(try response.message == message)
          #expect(Array(response.metadata[stringValues: "kind"]) == ["echo"])
          #expect(Array(response.trailingMetadata[stringValues: "count"]) == ["all"])
        }
      }
    }
  }

  @Test("stream both ways, message by message", arguments: [RPCExecution.eventLoop, .threadPool])
  func bidirectional(execution: RPCExecution) async throws {
    try await RunningServer.run(Self.configuration(execution)) { server async throws in
      try await server.withClient { client async throws in
        let (answers, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let received = try await client.stream("Echo") { writer in
          // Each message is sent once the one before has come back.
          try await writer.write([0])
          for await answer in answers where answer[0] < 20 { try await writer.write([answer[0] + 1]) }
        } _: { response in
          var received: [UInt8] = []
          for try await message in response.messages {
            received += message
            continuation.yield(message)
            if message[0] == 20 { continuation.finish() }
          }
          return received
        }
        #expect(received == Array(0...20))
      }
    }
  }

  @Test("stream from the client and from the server", arguments: [RPCExecution.eventLoop, .threadPool])
  func oneWayStreams(execution: RPCExecution) async throws {
    let count: RunningServer.Handler = { request, _ in
      var sum = 0
      for try await message in request.messages { sum += message.count }
      let total = sum
      return StreamingServerResponse(single: ServerResponse(message: Array("\(total)".utf8)))
    }
    let expand: RunningServer.Handler = { request, _ in
      let request = try await ServerRequest(stream: request)
      return StreamingServerResponse { writer in
        try await writer.write(contentsOf: (0..<1000).map { [UInt8](repeating: request.message[0], count: $0) })
        return [:]
      }
    }
    try await RunningServer.run(Self.configuration(execution), methods: ["Count": count, "Expand": expand]) {
      server async throws in
      try await server.withClient { client async throws in
        let sum = try await client.clientStreaming(
          request: StreamingClientRequest { writer in
            for size in 0..<1000 { try await writer.write([UInt8](repeating: 1, count: size)) }
          },
          descriptor: RunningServer.method("Count"),
          serializer: RawBytes(),
          deserializer: RawBytes(),
          options: .defaults
        ) { try $0.message }
        #expect(sum == Array("499500".utf8))
        let sizes = try await client.serverStreaming(
          request: ClientRequest(message: [7] as [UInt8]),
          descriptor: RunningServer.method("Expand"),
          serializer: RawBytes(),
          deserializer: RawBytes(),
          options: .defaults
        ) { response in
          var sizes: [Int] = []
          for try await message in response.messages {
            #expect(message.allSatisfy { $0 == 7 })
            sizes.append(message.count)
          }
          return sizes
        }
        #expect(sizes == Array(0..<1000))
      }
    }
  }

  @Test("carry metadata both ways: text, binary, several of a name")
  func metadata() async throws {
    let mirror: RunningServer.Handler = { request, context in
      var seen = request.metadata
      seen.removeAll { key, _ in !key.hasPrefix("x-") }
      seen.addString(context.descriptor.fullyQualifiedMethod, forKey: "method")
      seen.addString(context.remotePeer, forKey: "peer")
      let metadata = seen
      return StreamingServerResponse(metadata: metadata) { writer in
        try await writer.write([])
        return metadata
      }
    }
    try await RunningServer.run(methods: ["Mirror": mirror]) { server async throws in
      try await server.withClient { client async throws in
        var metadata: Metadata = ["x-text": "a, b", "x-empty": "", "x-long": "\(String(repeating: "z", count: 5000))"]
        metadata.addString("second", forKey: "x-text")
        for count in 0..<6 { metadata.addBinary((0..<count).map { UInt8($0) * 50 }, forKey: "x-bytes-bin") }
        let response = try await client.call("Mirror", metadata: metadata)
        for returned in [response.metadata, response.trailingMetadata] {
          #expect(Array(returned[stringValues: "x-text"]) == ["a, b", "second"])
          #expect(Array(returned[stringValues: "x-empty"]) == [""])
          #expect(returned[stringValues: "x-long"].first { _ in true }?.count == 5000)
          #expect(Array(returned[binaryValues: "x-bytes-bin"]) == (0..<6).map { (0..<$0).map { UInt8($0) * 50 } })
          #expect(Array(returned[stringValues: "method"]) == ["test.Test/Mirror"])
          #expect(returned[stringValues: "peer"].first { _ in true }?.hasPrefix("ipv4:127.0.0.1:") == true)
        }
      }
    }
  }

  @Test("that fail bring code, message and metadata, before and after the first message")
  func errors() async throws {
    let message = "not today:\n100 % für 😀"
    let fail: RunningServer.Handler = { _, _ in
      throw RPCError(code: .failedPrecondition, message: message, metadata: ["why-bin": [1, 2], "grpc-status": "0"])
    }
    let failLate: RunningServer.Handler = { _, _ in
      StreamingServerResponse { writer in
        try await writer.write([1])
        throw RPCError(code: .dataLoss, message: message)
      }
    }
    try await RunningServer.run(methods: ["Fail": fail, "FailLate": failLate]) { server async throws in
      try await server.withClient { client async throws in
        let error = try await #require(throws: RPCError.self) { try await client.call("Fail").message }
        #expect(error.code == .failedPrecondition)
        #expect(error.message == message)
        #expect(Array(error.metadata[binaryValues: "why-bin"]) == [[1, 2]])
        let late = try await client.stream("FailLate", { _ in }) { response in
          var count = 0
          do {
            for try await _ in response.messages { count += 1 }
            return (count, nil as RPCError?)
          } catch { return (count, error as? RPCError) }
        }
        #expect(late.0 == 1)
        #expect(late.1?.code == .dataLoss)
        #expect(late.1?.message == message)
      }
    }
  }

  @Test("to methods that are not there are refused with the method's name")
  func unknownMethod() async throws {
    try await RunningServer.run { server async throws in
      try await server.withClient { client async throws in
        let error = try await #require(throws: RPCError.self) { try await client.call("Nothing").message }
        #expect(error.code == .unimplemented)
        #expect(error.message.contains("/test.Test/Nothing"))
      }
    }
  }

  @Test("run hundreds at a time on one connection")
  func many() async throws {
    try await RunningServer.run { server async throws in
      try await server.withClient { client async throws in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<500 {
            group.addTask {
              let message = Array("\(number)".utf8)
              let answer = try await client.call("Echo", message).message
              #expect(answer == message)
            }
          }
          try await group.waitForAll()
        }
      }
    }
  }

  @Test("may be compressed both ways")
  func compression() async throws {
    var configuration = TransportConfiguration()
    configuration.messages.compressesResponses = true
    try await RunningServer.run(configuration) { server async throws in
      try await server.withClient(.plaintext) { config in
        config.compression.enabledAlgorithms = [.gzip]
        config.compression.algorithm = .gzip
      } _: { client async throws in
        for count in [10, 2000, 500_000] {
          let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 100) }
          var options = CallOptions.defaults
          options.compression = .gzip
          #expect(try await client.call("Echo", message, options: options).message == message)
        }
      }
    }
  }

  @Test("that grow beyond the limit when decompressed are refused")
  func compressionBomb() async throws {
    var configuration = TransportConfiguration()
    configuration.messages.maxRequestBytes = 100_000
    try await RunningServer.run(configuration) { server async throws in
      try await server.withClient(.plaintext) { config in
        config.compression.enabledAlgorithms = [.gzip]
      } _: { client async throws in
        var options = CallOptions.defaults
        options.compression = .gzip
        let bomb = [UInt8](repeating: 0, count: 1_000_000)
        let error = try await #require(throws: RPCError.self) {
          try await client.call("Echo", bomb, options: options).message
        }
        #expect(error.code == .resourceExhausted)
        #expect(try await client.call("Echo", [1]).message == [1])
      }
    }
  }

  @Test("with messages beyond the limit are refused, and say how long they may be")
  func messageLimit() async throws {
    var configuration = TransportConfiguration()
    configuration.messages.maxRequestBytes = 1000
    try await RunningServer.run(configuration) { server async throws in
      try await server.withClient { client async throws in
        let error = try await #require(throws: RPCError.self) {
          try await client.call("Echo", [UInt8](repeating: 1, count: 1001)).message
        }
        #expect(error.code == .resourceExhausted)
        #expect(error.message.contains("1001") && error.message.contains("1000"))
        let most = [UInt8](repeating: 1, count: 1000)
        #expect(try await client.call("Echo", most).message == most)
      }
    }
  }
}
