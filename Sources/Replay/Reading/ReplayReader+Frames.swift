/// Finding frames.
extension ReplayReader {
  /// The frame of a step, counted from 0 over all games; nil if there is none. O(log chunks) chunks are read.
  ///
  /// - Parameters:
  ///   - game: the game within the match, from 0.
  ///   - step: the step within the game, from 1.
  /// - Throws: `ReplayError` if a chunk on the way cannot be read.
  public func frameNumber(game: Int, step: Int) throws(ReplayError) -> Int? {
    let decoder = EventDecoder(limits: limits)
    // The last chunk whose first frame is not behind the step.
    var low = 0
    var high = index.chunks.count - 1
    var found: Int?
    while low <= high {
      let middle = (low + high) / 2
      guard let probe = try chunkWithFrames(middle...high) else {
        high = middle - 1
        continue
      }
      let first = try contents(ofChunk: probe).frame(0, decoder)
      if (first.game, first.step) <= (game, step) {
        found = probe
        low = probe + 1
      } else {
        high = middle - 1
      }
    }
    guard let found else { return nil }
    let contents = try contents(ofChunk: found)
    var first = 0
    var last = contents.tally.frames - 1
    while first <= last {
      let middle = (first + last) / 2
      let frame = try contents.frame(middle, decoder)
      if (frame.game, frame.step) == (game, step) { return try framesBefore(chunk: found) + middle }
      if (frame.game, frame.step) < (game, step) { first = middle + 1 } else { last = middle - 1 }
    }
    return nil
  }

  /// Where a frame lies.
  ///
  /// - Throws: `ReplayError` if there is no such frame, or a chunk on the way cannot be read.
  func place(ofFrame number: Int) throws(ReplayError) -> (chunk: Int, position: Int) {
    guard (0..<frameCount).contains(number) else {
      let range = frameCount == 0 ? "has no frames" : "has frames 0 to \(frameCount - 1)"
      throw ReplayError(
        .outOfRange,
        path,
        "there is no frame \(number): the file \(range)" + (damage.map { "; \($0)" } ?? "")
      )
    }
    if case .unknown = numbering { numbering = try makeNumbering() }
    if case .dense(let first) = numbering {
      if let place = try densePlace(ofFrame: number, first: first) { return place }
      // The sequence numbers have a gap after all.
      numbering = .counted(try countFrames())
    }
    guard case .counted(let before) = numbering else { preconditionFailure("frames are numbered by now") }
    var low = 0
    var high = before.count
    while low < high {
      let middle = (low + high) / 2
      if before[middle] <= number { low = middle + 1 } else { high = middle }
    }
    let chunk = low - 1
    return (chunk, try contents(ofChunk: chunk).position(ofFrame: number - before[chunk]))
  }

  /// The place by bisection over sequence numbers; nil if they turn out to have gaps.
  private func densePlace(ofFrame number: Int, first: UInt32) throws(ReplayError) -> (chunk: Int, position: Int)? {
    let wanted = UInt64(first) + UInt64(number)
    var low = 0
    var high = index.chunks.count - 1
    while low <= high {
      let middle = (low + high) / 2
      guard let probe = try chunkWithFrames(middle...high) else {
        high = middle - 1
        continue
      }
      let contents = try contents(ofChunk: probe)
      guard contents.tally.isDense, let sequence = contents.tally.firstSequence else { return nil }
      let range = UInt64(sequence)..<UInt64(sequence) + UInt64(contents.tally.frames)
      if range.contains(wanted) { return (probe, try contents.position(ofFrame: Int(wanted - range.lowerBound))) }
      if wanted < range.lowerBound { high = middle - 1 } else { low = probe + 1 }
    }
    return nil
  }

  /// Frames before a chunk that has some.
  private func framesBefore(chunk: Int) throws(ReplayError) -> Int {
    if case .unknown = numbering { numbering = try makeNumbering() }
    switch numbering {
    case .counted(let before): return before[chunk]
    case .dense(let first):
      let tally = try contents(ofChunk: chunk).tally
      if tally.isDense, let sequence = tally.firstSequence, sequence >= first { return Int(sequence - first) }
    case .unknown: break
    }
    let before = try countFrames()
    numbering = .counted(before)
    return before[chunk]
  }

  /// The first chunk of `range` that has frames; nil if none has. The one before a game's end may have none.
  private func chunkWithFrames(_ range: some Sequence<Int>) throws(ReplayError) -> Int? {
    for chunk in range where try contents(ofChunk: chunk).tally.frames > 0 { return chunk }
    return nil
  }

  /// Frames' numbers follow from their sequence numbers where the first and the last of these are as far apart as there are frames.
  private func makeNumbering() throws(ReplayError) -> FrameNumbering {
    // Sequence numbers are counted modulo 2³².
    if frameCount <= UInt32.max, let first = try chunkWithFrames(index.chunks.indices),
      let sequence = try contents(ofChunk: first).tally.firstSequence,
      let last = try chunkWithFrames(index.chunks.indices.reversed())
    {
      let tally = try contents(ofChunk: last).tally
      if tally.isDense, let start = tally.firstSequence, start >= sequence,
        Int(start - sequence) + tally.frames == frameCount
      {
        return .dense(first: sequence)
      }
    }
    return .counted(try countFrames())
  }

  /// The error about an index whose number of frames is not that of the chunks, which have `frames`.
  func wrongCount(_ frames: Int) -> ReplayError {
    ReplayError(.damaged, path, "its index says \(frameCount) frames, its chunks have \(frames)")
  }

  /// How many frames lie before each chunk, by reading them all.
  private func countFrames() throws(ReplayError) -> [Int] {
    var before: [Int] = []
    before.reserveCapacity(index.chunks.count)
    var frames = 0
    for chunk in index.chunks.indices {
      before.append(frames)
      frames += try contents(ofChunk: chunk).tally.frames
    }
    guard frames == frameCount else {
      throw wrongCount(frames)
    }
    return before
  }
}
