internal import GRPCCore
internal import NIOCore

/// How far a transport is with listening: what `Nghttp2ServerTransport` keeps under its lock.
struct ListenerState {
  enum Phase {
    case idle
    case binding
    case listening(any Channel, ConnectionServer, ServerAddress)
    case ended
  }

  var phase = Phase.idle
  /// Whether the transport was told to stop while it was not listening yet.
  var isShuttingDown = false
  var methods: MethodTable?
  /// Those who wait to be told the address.
  var waiters: [CheckedContinuation<ServerAddress, any Error>] = []

  static let notListening = RuntimeError(
    code: .serverIsStopped,
    message: "the server is not listening any more, so it has no address"
  )
}
