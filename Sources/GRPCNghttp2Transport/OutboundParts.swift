internal import GRPCCore
internal import NIOCore

/// The response as the handler writes it. It names the call and holds nothing of it.
struct OutboundParts: ClosableRPCWriterProtocol {
  typealias Element = RPCResponsePart<MessageBytes>

  let connection: HTTP2Connection
  let id: CallID
  /// Whether messages to the client are compressed.
  let compresses: Bool

  func write(_ part: Element) async throws {
    let part = compresses ? try Self.compressed(part) : part
    if connection.loop.inEventLoop {
      switch connection.write(part, to: id) {
      case .accepted: return
      case .rejected(let error): throw error
      case .full: try await waitForRoom()
      }
    } else {
      try await waitForRoom(writing: part)
    }
  }

  func write(contentsOf parts: some Sequence<Element>) async throws {
    for part in parts { try await write(part) }
  }

  func finish() async { finish(with: nil) }

  func finish(throwing error: any Error) async {
    finish(with: (error as? RPCError) ?? RPCError(code: .unknown, message: "the method failed", cause: error))
  }

  private func finish(with error: RPCError?) {
    if connection.loop.inEventLoop {
      connection.finishWriting(to: id, with: error)
    } else {
      connection.loop.execute { connection.finishWriting(to: id, with: error) }
    }
  }

  private static func compressed(_ part: Element) throws -> Element {
    guard case .message(let message) = part else { return part }
    return .message(try GzipCompressor.compress(message))
  }

  /// Waits until the call has room, having written `part` first if there is one.
  private func waitForRoom(writing part: Element? = nil) async throws {
    let wait = CallWait()
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        connection.onLoop { connection in
          connection.write(part, to: id, then: CallSlot.Writer(wait: wait, continuation: continuation))
        }
      }
    } onCancel: {
      wait.cancel()
      connection.onLoop { connection in connection.stopWriting(id, wait) }
    }
  }
}
