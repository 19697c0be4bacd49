/// What became of a recording.
public struct ReplayReport: Equatable, Sendable {
  /// A recording that does not hold the whole match.
  public struct EarlyEnd: Equatable, Sendable {
    /// The first frame that is not in the file, counted from 1 over all games; one more than the match had where only the file's index
    /// is missing.
    public var frame: UInt64
    /// One sentence that says why.
    public var reason: String
  }

  /// Where the file is.
  public var path: String
  /// Frames in the file.
  public var frames: UInt64
  /// Frames that are not in the file.
  public var lostFrames: UInt64
  /// The file's size in bytes.
  public var bytes: UInt64
  /// How long the match waited, between steps, for the compressing thread.
  public var waited: Duration
  /// Where and why the recording ended before the match did; nil if everything was recorded.
  public var endedEarly: EarlyEnd?
}
