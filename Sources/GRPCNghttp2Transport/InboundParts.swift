internal import GRPCCore
internal import NIOCore

/// The request as the handler reads it. It names the call and holds nothing of it.
struct InboundParts: AsyncSequence, AsyncIteratorProtocol, Sendable {
  typealias Element = RPCRequestPart<MessageBytes>
  typealias Failure = any Error

  let connection: HTTP2Connection
  let id: CallID

  func makeAsyncIterator() -> InboundParts { self }

  func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Element? {
    if connection.loop.inEventLoop {
      switch try connection.nextPart(of: id) {
      case .part(let part): return part
      case .end: return nil
      case .wait: break
      }
    }
    let wait = CallWait()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        connection.onLoop { connection in
          connection.read(id, CallSlot.Reader(wait: wait, continuation: continuation))
        }
      }
    } onCancel: {
      wait.cancel()
      connection.onLoop { connection in connection.stopReading(id, wait) }
    }
  }

  func next() async throws -> Element? { try await next(isolation: nil) }
}
