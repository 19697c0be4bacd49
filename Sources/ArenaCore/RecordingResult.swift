/// What became of a match's recording.
public struct RecordingResult: Codable, Equatable, Sendable {
  /// The replay file; nil where it was not to be kept.
  public var path: String?
  /// Frames that are in it.
  public var frames: Int
  /// Its size in bytes.
  public var bytes: Int
  /// SHA-256 of that file, as 64 hexadecimal digits; nil where there is no file.
  public var sha256: String?
  /// Why the recording ended before the match, in a sentence; nil where it is whole.
  public var endedBecause: String?
  /// Why the replay is not there in another form, by the form's name; nil where nothing is missing.
  public var exportErrors: [String: String]?
  /// How long the match waited for the recording, between steps and on nobody's clock, in seconds.
  public var waitedSeconds: Double
  /// What became of its delivery; nil where none was asked for.
  public var delivery: DeliveryResult?

  /// A recording's fate.
  public init(
    path: String?,
    frames: Int,
    bytes: Int,
    sha256: String? = nil,
    endedBecause: String?,
    waitedSeconds: Double
  ) {
    self.path = path
    self.frames = frames
    self.bytes = bytes
    self.sha256 = sha256
    self.endedBecause = endedBecause
    self.waitedSeconds = waitedSeconds
  }

  enum CodingKeys: String, CodingKey {
    case path
    case frames
    case bytes
    case sha256
    case endedBecause = "ended_because"
    case exportErrors = "export_errors"
    case waitedSeconds = "waited_sec"
    case delivery
  }
}
