/// What became of bringing a match's replay to where the operator keeps replays.
public struct DeliveryResult: Codable, Equatable, Sendable {
  /// How far it was confirmed that what is kept is what was recorded.
  public enum Check: String, Codable, CaseIterable, Sendable {
    /// By its size and the checksum that the store itself has of it.
    case checksum
    /// By reading all of it back.
    case content
  }

  /// Where the file is, or should have come to: `s3://bucket/key` or a path. Never a presigned URL.
  public var url: String
  /// Whether it has arrived and this was checked.
  public var delivered: Bool
  /// Its size in bytes, where it could be read.
  public var bytes: Int?
  /// SHA-256 of what was delivered, as 64 hexadecimal digits.
  public var sha256: String?
  /// How it was checked; nil where it was not delivered.
  public var check: Check?
  /// Why it was not delivered, in a sentence; nil where it was.
  public var error: String?
  /// What became of further files of the match, such as its exports; nil where there were none.
  public var others: [DeliveryResult]?

  /// The fate of a file that should come to `url`.
  public init(
    url: String,
    delivered: Bool,
    bytes: Int? = nil,
    sha256: String? = nil,
    check: Check? = nil,
    error: String? = nil
  ) {
    self.url = url
    self.delivered = delivered
    self.bytes = bytes
    self.sha256 = sha256
    self.check = check
    self.error = error
  }

  /// The fate of several files as one value: that of the first, with the others within it; nil if there are none.
  public init?(_ results: [DeliveryResult]) {
    guard var first = results.first else { return nil }
    if results.count > 1 { first.others = Array(results.dropFirst()) }
    self = first
  }

  /// The first file that was not delivered; nil where all were.
  public var firstFailure: DeliveryResult? { delivered ? others?.first { !$0.delivered } : self }
}
