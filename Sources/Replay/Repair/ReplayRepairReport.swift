/// What became of a replay that was repaired.
public struct ReplayRepairReport: Equatable, Sendable {
  /// A part of the file that is not in the new one.
  public struct Loss: Equatable, Sendable, CustomStringConvertible {
    /// Where it begins in the old file, in bytes.
    public var offset: UInt64
    /// Its bytes; 0 where something was put right instead of left out.
    public var bytes: UInt64
    /// Why: a sentence without its full stop.
    public var reason: String

    /// One sentence.
    public var description: String {
      bytes == 0 ? "byte \(offset): \(reason)" : "byte \(offset), \(bytes) bytes dropped: \(reason)"
    }
  }

  /// The most losses that are listed one by one.
  public static let mostLosses = 1000

  /// Where the new file is.
  public var path: String
  /// Frames kept.
  public var frames = 0
  /// Starts and ends of games kept.
  public var gameEvents = 0
  /// Chunks kept, each as it was.
  public var chunks = 0
  /// Metadata records kept.
  public var metadata = 0
  /// Frames known to be missing between those kept, by their sequence numbers. How many came after the last is not known.
  public var missingFrames: UInt64 = 0
  /// The new file's size in bytes.
  public var bytes: UInt64 = 0
  /// SHA-256 of the new file, as 64 hexadecimal digits.
  public var sha256 = ""
  /// Bytes of the old file that belonged to its records and are not in the new one. Its index does not count: the new file has its own.
  public var droppedBytes: UInt64 = 0
  /// What is not in the new file, and why; the first thousand.
  public var losses: [Loss] = []
  /// Whether the old file had its end, and nothing was wrong with it.
  public var wasComplete = false

  /// Nothing yet.
  init(path: String) { self.path = path }

  /// Notes a loss.
  mutating func lose(_ range: Range<UInt64>, _ reason: String) {
    droppedBytes += UInt64(range.count)
    guard losses.count < Self.mostLosses else { return }
    losses.append(Loss(offset: range.lowerBound, bytes: UInt64(range.count), reason: reason))
  }
}
