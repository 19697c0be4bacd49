/// A chunk in memory, with what its messages come to.
struct ChunkContents {
  let chunk: ReplayChunk
  let tally: ReplayChunk.Tally

  /// Where the message of its frame `number`, counted from 0, begins.
  ///
  /// - Throws: `ReplayError` if it has no so many frames.
  func position(ofFrame number: Int) throws(ReplayError) -> Int {
    var position = 0
    var frames = 0
    var start = 0
    while let message = try chunk.message(after: &position) {
      if message.channel == .frames {
        if frames == number { return start }
        frames += 1
      }
      start = position
    }
    throw chunk.error(at: position, "the chunk has \(frames) frames, the index wants frame \(number + 1)")
  }

  /// The frame `number`, counted from 0.
  ///
  /// - Throws: `ReplayError` if it has no so many frames, or that one cannot be decoded.
  func frame(_ number: Int, _ decoder: EventDecoder) throws(ReplayError) -> ReplayFrame {
    var position = try position(ofFrame: number)
    guard let message = try chunk.message(after: &position) else {
      throw chunk.error(at: position, "no frame stands here")
    }
    return try decoder.frame(message, in: chunk)
  }
}
