import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCNghttp2Transport
import NIOPosix

/// Bytes as messages.
struct RawBytes: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { [UInt8]($0) }
  }
}

/// A server of the transport under test, with methods of bytes.
struct RunningServer: Sendable {
  typealias Handler =
    @Sendable (StreamingServerRequest<[UInt8]>, ServerContext) async throws
    -> StreamingServerResponse<[UInt8]>
  typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

  let transport: Nghttp2ServerTransport
  let server: GRPCServer<Nghttp2ServerTransport>
  let port: Int

  /// The method `test.Test/name`.
  static func method(_ name: String) -> MethodDescriptor {
    MethodDescriptor(fullyQualifiedService: "test.Test", method: name)
  }

  /// Runs `body` beside a server, which then has to end by itself once it is asked to.
  static func run<Result: Sendable>(
    _ configuration: TransportConfiguration = TransportConfiguration(),
    address: ServerAddress = .host("127.0.0.1", port: 0),
    security: TransportSecurity = .plaintext,
    methods: [String: Handler] = [:],
    _ body: @Sendable @escaping (RunningServer) async throws -> Result
  ) async throws -> Result {
    // Threads of its own: the shared ones may be busy with dozens of other tests' clients and servers, for seconds at a time.
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    do {
      let result = try await run(configuration, address, security, methods, on: loops, body)
      try await loops.shutdownGracefully()
      return result
    } catch {
      try await loops.shutdownGracefully()
      throw error
    }
  }

  private static func run<Result: Sendable>(
    _ configuration: TransportConfiguration,
    _ address: ServerAddress,
    _ security: TransportSecurity,
    _ methods: [String: Handler],
    on loops: MultiThreadedEventLoopGroup,
    _ body: @Sendable @escaping (RunningServer) async throws -> Result
  ) async throws -> Result {
    let transport = Nghttp2ServerTransport(
      address: address,
      security: security,
      configuration: configuration,
      eventLoopGroup: loops
    )
    var router = RPCRouter<Nghttp2ServerTransport>()
    for (name, handler) in methods.merging(["Echo": echo], uniquingKeysWith: { $1 }) {
      router.registerHandler(
        forMethod: method(name),
        deserializer: RawBytes(),
        serializer: RawBytes(),
        handler: handler
      )
    }
    let server = GRPCServer(transport: transport, router: router)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      let address = try await transport.listeningAddress
      let running = RunningServer(transport: transport, server: server, port: address.port ?? 0)
      do {
        let result = try await body(running)
        server.beginGracefulShutdown()
        try await group.waitForAll()
        return result
      } catch {
        group.cancelAll()
        throw error
      }
    }
  }

  /// Sends every message back as it comes.
  static let echo: Handler = { request, _ in
    StreamingServerResponse(metadata: ["kind": "echo"]) { writer in
      for try await message in request.messages { try await writer.write(message) }
      return ["count": "all"]
    }
  }

  /// Runs `body` with grpc-swift-nio-transport's client.
  func withClient<Result: Sendable>(
    _ security: HTTP2ClientTransport.Posix.TransportSecurity = .plaintext,
    _ change: (inout HTTP2ClientTransport.Posix.Config) -> Void = { _ in },
    _ body: @Sendable @escaping (Client) async throws -> Result
  ) async throws -> Result {
    let transport = try HTTP2ClientTransport.Posix(
      target: .ipv4(address: "127.0.0.1", port: port),
      transportSecurity: security,
      config: .defaults(configure: change)
    )
    return try await withGRPCClient(transport: transport) { client in try await body(client) }
  }
}

extension GRPCClient {
  /// Calls a method with one message and returns the one that comes back.
  func call(
    _ method: String,
    _ message: [UInt8] = [],
    metadata: Metadata = [:],
    options: CallOptions = .defaults
  ) async throws -> ClientResponse<[UInt8]> {
    try await unary(
      request: ClientRequest(message: message, metadata: metadata),
      descriptor: RunningServer.method(method),
      serializer: RawBytes(),
      deserializer: RawBytes(),
      options: options
    ) { $0 }
  }

  /// Calls a method with what `produce` writes and hands all that comes back to `consume`.
  func stream<Result: Sendable>(
    _ method: String,
    metadata: Metadata = [:],
    options: CallOptions = .defaults,
    _ produce: @Sendable @escaping (RPCWriter<[UInt8]>) async throws -> Void,
    _ consume: @Sendable @escaping (StreamingClientResponse<[UInt8]>) async throws -> Result
  ) async throws -> Result {
    try await bidirectionalStreaming(
      request: StreamingClientRequest(metadata: metadata, producer: produce),
      descriptor: RunningServer.method(method),
      serializer: RawBytes(),
      deserializer: RawBytes(),
      options: options,
      onResponse: consume
    )
  }
}
