/// One file of an archive.
public struct ArchiveFile: Sendable, Equatable {
  /// Its path under the agent's folder, with `/` between components.
  public let path: String
  /// Its size in bytes, inflated.
  public let size: Int
  /// Whether it is marked as a program.
  public let isExecutable: Bool

  /// Where its data is.
  let entry: ZipEntry

  /// Two files are equal if their paths and sizes are.
  public static func == (left: ArchiveFile, right: ArchiveFile) -> Bool {
    left.path == right.path && left.size == right.size && left.isExecutable == right.isExecutable
  }
}
