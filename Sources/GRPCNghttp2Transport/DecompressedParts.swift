internal import GRPCCore

/// A request whose messages may be compressed with gzip, as the handler reads it.
///
/// Messages are decompressed when they are read, by who reads them: what waits in a connection stays as small as it was sent.
struct DecompressedParts: AsyncSequence, AsyncIteratorProtocol, Sendable {
  typealias Element = RPCRequestPart<MessageBytes>
  typealias Failure = any Error

  let base: InboundParts

  func makeAsyncIterator() -> DecompressedParts { self }

  func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Element? {
    let part = try await base.next(isolation: actor)
    guard case .message(let message) = part, message.isCompressed else { return part }
    do throws(RPCError) {
      let limit = base.connection.configuration.messages.maxRequestBytes
      return .message(try GzipDecompressor.decompress(message, limit: limit))
    } catch {
      let failure = error
      base.connection.onLoop { [id = base.id] connection in
        if let slot = connection.slot(of: id) { connection.abortCall(slot: slot, failure) }
      }
      throw failure
    }
  }

  func next() async throws -> Element? { try await next(isolation: nil) }
}
