/// How much an archive may hold. What it says about itself is held against these before anything is inflated.
public struct ArchiveLimits: Sendable, Equatable {
  /// Bytes of all files together, inflated.
  public var totalBytes: Int
  /// Bytes of one file, inflated.
  public var fileBytes: Int
  /// Number of files; folders are counted apart, and there may be as many of them.
  public var files: Int
  /// Components of a path, the file's own name included.
  public var depth: Int
  /// Bytes of a path in UTF-8.
  public var pathBytes: Int
  /// How many times as large as the archive its contents may be, once they are larger than `unsuspiciousBytes`.
  public var ratio: Int

  /// Contents up to this size are no bomb, however well they are compressed: an array of zeros shrinks a thousandfold.
  public static let unsuspiciousBytes = 16 << 20

  /// Limits with the published defaults: 50 MiB in all, 10 MiB for a file, 1000 files.
  public init(
    totalBytes: Int = 50 << 20,
    fileBytes: Int = 10 << 20,
    files: Int = 1000,
    depth: Int = 16,
    pathBytes: Int = 512,
    ratio: Int = 200
  ) {
    self.totalBytes = totalBytes
    self.fileBytes = fileBytes
    self.files = files
    self.depth = depth
    self.pathBytes = pathBytes
    self.ratio = ratio
  }

  /// Bytes that an archive of such contents can have: what does not shrink, and the names, twice each.
  public var archiveBytes: Int { totalBytes + totalBytes / 100 + (2 << 20) }

  /// Entries of all kinds: files, folders, and what is passed over, of which macOS adds one for each file.
  var entries: Int { 4 * files }
}
