/// What is known about a replay without its messages.
struct ReplayIndex {
  /// The chunks that can be read, in the order of the file.
  var chunks: [MCAPSummary.Chunk] = []
  /// All Metadata records by name.
  var metadata: [String: [String: String]] = [:]
  /// Messages on `/frames`.
  var frames = 0
  /// Messages on `/games`.
  var gameEvents = 0
  /// How many frames lie before each chunk; nil where the file's own index does not say.
  var framesBefore: [Int]?
  /// `log_time` of the first message and of the last.
  var times: ClosedRange<UInt64>?
  /// Whether it was read from the file's own index.
  var isComplete = false
  /// What is wrong with the file; nil where nothing is known to be.
  var damage: ReplayError?

  /// Keeps the first damage.
  mutating func note(_ error: ReplayError) { if damage == nil { damage = error } }

  /// Widens the times by those of a chunk.
  mutating func include(_ first: UInt64, _ last: UInt64) {
    guard first <= last else { return }
    times = min(times?.lowerBound ?? first, first)...max(times?.upperBound ?? last, last)
  }
}
