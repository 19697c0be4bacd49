public import GRPCCore
internal import NIOCore
public import NIOPosix
internal import NIOSSL
internal import Synchronization

/// A gRPC server transport whose HTTP/2 is libnghttp2.
///
/// ```swift
/// let transport = Nghttp2ServerTransport(address: .host("127.0.0.1", port: 50051), security: .plaintext)
/// try await GRPCServer(transport: transport, services: [service]).serve()
/// ```
///
/// Handlers run on the event loop of their connection unless the configuration says otherwise, and must not block it.
public final class Nghttp2ServerTransport: ServerTransport {
  /// Messages as they lie on the wire.
  public typealias Bytes = MessageBytes

  private let address: ServerAddress
  private let security: TransportSecurity
  private let configuration: TransportConfiguration
  private let eventLoopGroup: MultiThreadedEventLoopGroup
  private let state = Mutex(ListenerState())

  /// A transport that does not listen yet.
  ///
  /// - Parameters:
  ///   - address: Where it will listen.
  ///   - security: Whether connections are encrypted.
  ///   - configuration: Limits and times.
  ///   - eventLoopGroup: The threads of its connections. By default those that all of NIO shares.
  public init(
    address: ServerAddress,
    security: TransportSecurity,
    configuration: TransportConfiguration = TransportConfiguration(),
    eventLoopGroup: MultiThreadedEventLoopGroup = .singleton
  ) {
    self.address = address
    self.security = security
    self.configuration = configuration
    self.eventLoopGroup = eventLoopGroup
  }

  /// Where the transport listens, with the port that the system chose. Waits until it does.
  ///
  /// - Throws: `RuntimeError` if it cannot listen, or listens no more.
  public var listeningAddress: ServerAddress {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let answer: Result<ServerAddress, any Error>? = state.withLock { state in
          switch state.phase {
          case .idle, .binding:
            state.waiters.append(continuation)
            return nil
          case .listening(_, _, let address): return .success(address)
          case .ended: return .failure(ListenerState.notListening)
          }
        }
        if let answer { continuation.resume(with: answer) }
      }
    }
  }

  /// Learns which methods the server has: others are refused without a handler.
  public func configure(context: GRPCServerContext) {
    state.withLock { $0.methods = MethodTable(methods: context.methods) }
  }

  /// Listens until `beginGracefulShutdown` was called and all calls have ended.
  ///
  /// If the task is cancelled, calls are ended and connections closed at once.
  ///
  /// - Throws: `RuntimeError` if the address cannot be listened on, or TLS not be set up.
  public func listen(
    streamHandler: @escaping @Sendable (RPCStream<Inbound, Outbound>, ServerContext) async -> Void
  ) async throws {
    let methods = try state.withLock { state in
      guard case .idle = state.phase else {
        throw RuntimeError(code: .serverIsAlreadyRunning, message: "a transport can listen only once")
      }
      guard !state.isShuttingDown else {
        throw RuntimeError(code: .serverIsStopped, message: "the transport was shut down before it listened")
      }
      state.phase = .binding
      return state.methods
    }
    let server = ConnectionServer(configuration: configuration, methods: methods, streamHandler: streamHandler)
    do {
      let channel = try await bind(for: server)
      await serve(channel, server)
    } catch {
      end()
      throw error
    }
  }

  /// Accepts no more connections and calls; those in flight may end.
  public func beginGracefulShutdown() {
    let listening = state.withLock { state -> (any Channel, ConnectionServer)? in
      state.isShuttingDown = true
      if case .listening(let channel, let server, _) = state.phase { return (channel, server) }
      return nil
    }
    guard let (channel, server) = listening else { return }
    channel.close(promise: nil)
    server.shutDown()
  }

  private func bind(for server: ConnectionServer) async throws -> any Channel {
    let sslContext: NIOSSLContext?
    do {
      sslContext = try security.tls.map { try NIOSSLContext(configuration: $0) }
    } catch {
      throw RuntimeError(code: .transportError, message: "TLS cannot be set up as configured: \(error)", cause: error)
    }
    var executors: [ObjectIdentifier: EventLoopExecutor] = [:]
    for loop in eventLoopGroup.makeIterator() { executors[ObjectIdentifier(loop)] = EventLoopExecutor(loop: loop) }
    let bootstrap = ServerBootstrap(group: eventLoopGroup)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [executors] channel in
        channel.eventLoop.makeCompletedFuture {
          // Small frames must not wait for others.
          if case .unixDomainSocket = channel.localAddress {
          } else {
            try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
          }
          guard let executor = executors[ObjectIdentifier(channel.eventLoop)] else { throw ChannelError.inputClosed }
          if let sslContext {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: sslContext))
          }
          let connection = HTTP2Connection(server: server, executor: executor, usesTLS: sslContext != nil)
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
    do {
      switch address {
      case .host(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
      case .unixDomainSocket(let path):
        return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
      }
    } catch {
      throw RuntimeError(
        code: .transportError,
        message: "the server cannot listen on \(address): \(error)",
        cause: error
      )
    }
  }

  private func serve(_ channel: any Channel, _ server: ConnectionServer) async {
    let bound = channel.localAddress.flatMap(ServerAddress.init) ?? address
    let (waiters, isShuttingDown) = state.withLock { state in
      state.phase = .listening(channel, server, bound)
      defer { state.waiters = [] }
      return (state.waiters, state.isShuttingDown)
    }
    for waiter in waiters { waiter.resume(returning: bound) }
    if isShuttingDown { beginGracefulShutdown() }
    await withTaskCancellationHandler {
      try? await channel.closeFuture.get()
      server.listeningEnded()
      await server.finished()
    } onCancel: {
      channel.close(promise: nil)
      server.stop()
    }
    end()
  }

  private func end() {
    let waiters = state.withLock { state in
      state.phase = .ended
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume(throwing: ListenerState.notListening) }
  }
}
