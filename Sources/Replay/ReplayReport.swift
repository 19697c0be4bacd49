/// What became of a recording.
public struct ReplayReport: Equatable, Sendable {
  /// A recording that does not hold the whole match.
  public struct EarlyEnd: Equatable, Sendable {
    /// The first frame that is not in the file, counted from 1 over all games; one more than the match had where only the file's index
    /// is missing.
    public var frame: UInt64
    /// One sentence that says why.
    public var reason: String

    /// An early end at `frame` for `reason`.
    public init(frame: UInt64, reason: String) {
      self.frame = frame
      self.reason = reason
    }
  }

  /// Where the file is.
  public var path: String
  /// Frames in the file.
  public var frames: UInt64
  /// Frames that are not in the file.
  public var lostFrames: UInt64
  /// The file's size in bytes.
  public var bytes: UInt64
  /// SHA-256 of the file, as 64 hexadecimal digits; nil where there is no file.
  public var sha256: String?
  /// How long the match waited, between steps, for the compressing thread.
  public var waited: Duration
  /// Where and why the recording ended before the match did; nil if everything was recorded.
  public var endedEarly: EarlyEnd?

  /// A report with these figures.
  public init(
    path: String,
    frames: UInt64,
    lostFrames: UInt64,
    bytes: UInt64,
    sha256: String? = nil,
    waited: Duration,
    endedEarly: EarlyEnd? = nil
  ) {
    self.path = path
    self.frames = frames
    self.lostFrames = lostFrames
    self.bytes = bytes
    self.sha256 = sha256
    self.waited = waited
    self.endedEarly = endedEarly
  }
}
