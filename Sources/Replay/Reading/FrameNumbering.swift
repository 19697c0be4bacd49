/// What is known about where a frame lies, given its number over all games.
enum FrameNumbering {
  /// Nothing yet.
  case unknown
  /// Sequence numbers have no gap: that of frame 0 is `first`.
  case dense(first: UInt32)
  /// How many frames lie before each chunk.
  case counted([Int])
}
