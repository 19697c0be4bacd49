/// An iteration over a replay's events in their order.
public struct ReplayEvents: ~Copyable {
  private let reader: ReplayReader
  private let decoder: EventDecoder
  /// The chunk that comes after `chunk`.
  private var nextChunk: Int
  private var chunk: ReplayChunk?
  /// Where the next message begins in `chunk`, or in the first chunk until that is read.
  private var position: Int
  private var failure: ReplayError?
  /// Frames that the index says are still to come.
  private var framesLeft: Int

  /// The events from `position` within a chunk's records on, among them so many frames.
  init(_ reader: ReplayReader, chunk: Int, position: Int, frames: Int) {
    framesLeft = frames
    self.reader = reader
    decoder = EventDecoder(limits: reader.limits)
    nextChunk = chunk
    self.position = position
  }

  /// The next event; nil at the end of what can be read.
  ///
  /// - Throws: `ReplayError` where the file is damaged, at the latest at its end. The iteration is over then, and says the same again.
  public mutating func next() throws(ReplayError) -> ReplayEvent? {
    if let failure { throw failure }
    do throws(ReplayError) {
      while true {
        if let chunk {
          while let message = try chunk.message(after: &position) {
            guard let event = try decoder.event(message, in: chunk) else { continue }
            if message.channel == .frames { framesLeft -= 1 }
            return event
          }
          position = 0
          self.chunk = nil
        }
        guard nextChunk < reader.index.chunks.count else { break }
        chunk = try reader.readChunk(nextChunk)
        nextChunk += 1
      }
      if let damage = reader.damage { throw damage }
      guard framesLeft == 0 else { throw reader.wrongCount(reader.frameCount - framesLeft) }
      return nil
    } catch {
      chunk = nil
      failure = error
      throw error
    }
  }
}
