internal import Glibc

/// Why an archive is not unpacked. Two errors are equal if their reasons and entries are.
public struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of objection it is.
  public enum Reason: String, Sendable, CaseIterable {
    /// It is something else, or lacks its end.
    case notAnArchive
    /// Its parts contradict each other, or what is inflated is not what was announced.
    case damaged
    /// It uses a part of the format that agents have no need for: encryption, several disks, another compression.
    case unsupported
    /// A name that leads out of the folder, or that no file can safely have.
    case forbiddenName
    /// A symbolic link, a device, or anything else that is neither a file nor a folder.
    case forbiddenKind
    /// Two entries for one place.
    case conflict
    /// More bytes, files or folders than the limits allow.
    case tooLarge
    /// There is no file in it.
    case empty
    /// This machine could not read the archive or write its files: no fault of the archive.
    case system
  }

  /// The kind of objection.
  public let reason: Reason
  /// The entry's name as the archive has it, made printable; nil where it is about the archive.
  public let entry: String?
  /// One sentence without its full stop, with the entry's name.
  public let description: String

  /// An objection to the archive as a whole.
  init(_ reason: Reason, _ description: String) {
    self.reason = reason
    entry = nil
    self.description = description
  }

  /// An objection to one entry; `problem` continues a sentence that begins with its name.
  init(_ reason: Reason, entry name: String, _ problem: String) {
    self.reason = reason
    entry = Self.printable(name)
    description = "\"\(Self.printable(name))\" in the archive \(problem)"
  }

  /// What a failed system call says about `action`.
  static func systemCall(_ action: String, _ code: Int32) -> ArchiveError {
    ArchiveError(.system, "\(action): \(String(cString: strerror(code)))")
  }

  /// Two errors are equal if their reasons and entries are.
  public static func == (left: ArchiveError, right: ArchiveError) -> Bool {
    left.reason == right.reason && left.entry == right.entry
  }

  /// `name` without anything that would change the line it stands in, at most about 120 characters of it.
  private static func printable(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      guard text.utf8.count < 120 else { return text + "…" }
      text += EntryName.isPrintable(scalar) ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return text
  }
}
