internal import ArenaCore
internal import ArenaSystem
internal import GRPCCore
internal import GRPCNghttp2Transport

/// What is known about who makes a call.
enum Caller {
  /// Seconds since 1970 at which the caller stops waiting; nil where it does not say.
  static func deadline(_ context: ServerContext) -> Double? {
    guard let deadline = (context.transportSpecific as? RPCTransportContext)?.deadline else { return nil }
    let left = ContinuousClock.now.duration(to: deadline).inSeconds
    return RealtimeClock.seconds + left
  }

  /// What `body` returns. Its task is cancelled when the call is: its client went away, or its time is over.
  static func cancelledWithCall<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task(operation: body)
    return try await withTaskCancellationHandler {
      try await withRPCCancellationHandler {
        try await task.value
      } onCancelRPC: {
        task.cancel()
      }
    } onCancel: {
      task.cancel()
    }
  }
}
