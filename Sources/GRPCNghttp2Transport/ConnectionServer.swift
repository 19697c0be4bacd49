internal import GRPCCore
internal import Synchronization

/// What the connections of a server share: its rules, its methods, and the list of them.
final class ConnectionServer: Sendable {
  typealias StreamHandler =
    @Sendable (
      RPCStream<
        RPCAsyncSequence<RPCRequestPart<MessageBytes>, any Error>, RPCWriter<RPCResponsePart<MessageBytes>>.Closable
      >,
      ServerContext
    ) async -> Void

  private struct State {
    var connections: [ObjectIdentifier: HTTP2Connection] = [:]
    /// Whether new connections are still to be expected.
    var isListening = true
    var isShuttingDown = false
    var isStopped = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  let configuration: TransportConfiguration
  /// The server's methods; nil if it did not say which it has.
  let methods: MethodTable?
  let streamHandler: StreamHandler
  private let state = Mutex(State())

  /// A server without connections.
  init(configuration: TransportConfiguration, methods: MethodTable?, streamHandler: @escaping StreamHandler) {
    self.configuration = configuration
    self.methods = methods
    self.streamHandler = streamHandler
  }

  /// A connection was accepted. On its loop.
  func connectionMade(_ connection: HTTP2Connection) {
    let (isShuttingDown, isStopped) = state.withLock { state in
      state.connections[ObjectIdentifier(connection)] = connection
      return (state.isShuttingDown, state.isStopped)
    }
    if isStopped {
      connection.stop()
    } else if isShuttingDown {
      connection.shutDown()
    }
  }

  /// A connection is closed and its handlers have returned.
  func connectionFinished(_ connection: HTTP2Connection) {
    resumeIfDone { $0.connections[ObjectIdentifier(connection)] = nil }
  }

  /// No more connections are accepted.
  func listeningEnded() {
    resumeIfDone { $0.isListening = false }
  }

  /// Has all connections drain.
  func shutDown() {
    let connections = state.withLock { state in
      state.isShuttingDown = true
      return Array(state.connections.values)
    }
    for connection in connections { connection.onLoop { $0.shutDown() } }
  }

  /// Ends all calls and connections at once.
  func stop() {
    let connections = state.withLock { state in
      state.isStopped = true
      return Array(state.connections.values)
    }
    for connection in connections { connection.onLoop { $0.stop() } }
  }

  /// Waits until nobody listens and no connection is left.
  func finished() async {
    await withCheckedContinuation { continuation in
      resumeIfDone { $0.waiter = continuation }
    }
  }

  private func resumeIfDone(_ change: (inout State) -> Void) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      change(&state)
      guard !state.isListening, state.connections.isEmpty else { return nil }
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
