/// A replay that cannot be read, or cannot be repaired.
public struct ReplayError: Error, Equatable, CustomStringConvertible, Sendable {
  /// What kind of trouble it is.
  public enum Kind: Equatable, Sendable {
    /// The file cannot be opened, read or written.
    case inaccessible
    /// The file is not a replay.
    case notAReplay
    /// Bytes of the file are not what they should be.
    case damaged
    /// The file ends before it should.
    case cutOff
    /// Something in the file is larger than the reader's limits.
    case tooLarge
    /// The file was replaced or shortened while it was read.
    case changed
    /// The request makes no sense for this file.
    case outOfRange
  }

  /// What kind of trouble it is.
  public let kind: Kind
  /// The file concerned.
  public let path: String
  /// Where in the file, in bytes from its beginning; nil where it is about the file as a whole.
  public let offset: UInt64?
  /// What is wrong, and what would be right: a sentence without its beginning and its full stop.
  public let problem: String

  init(_ kind: Kind, _ path: String, at offset: UInt64? = nil, _ problem: String) {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.problem = problem
  }

  /// One sentence.
  public var description: String {
    offset.map { "\(path), byte \($0): \(problem)" } ?? "\(path): \(problem)"
  }
}
