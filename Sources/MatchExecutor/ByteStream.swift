/// The pieces of a file, each made when it is asked for: whoever reads slowly holds nothing in memory.
public struct ByteStream: AsyncSequence, Sendable {
  /// The next piece, or nil at the end.
  public typealias Next = @Sendable () async throws -> [UInt8]?

  /// Asks for one piece after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let body: Next

    /// The next piece.
    public mutating func next() async throws -> [UInt8]? { try await body() }
  }

  private let body: Next

  /// A stream of what `next` returns. It can be read once.
  public init(_ next: @escaping Next) { body = next }

  /// Begins to read.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: body) }
}
