internal import ArenaCore
internal import ArenaSystem
internal import Glibc

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What is remembered of an upload in parts, in a small file beside the replay, so that the next process can go on with it.
/// It holds nothing that would let anybody at the store.
struct UploadRecord: Codable, Equatable, Sendable {
  /// How the object is called.
  var location: String
  /// Scheme and host of the store.
  var store: String
  /// The upload's name in the store.
  var uploadID: String
  /// Bytes of each part but the last.
  var partBytes: Int
  /// Size and SHA-256 of the file whose parts are there.
  var size: Int
  var sha256: String

  enum CodingKeys: String, CodingKey {
    case location
    case store
    case uploadID = "upload_id"
    case partBytes = "part_bytes"
    case size
    case sha256
  }

  /// Where a record is: a path, seen from an open folder.
  struct Place: Sendable {
    var folder: CInt
    var name: String
  }

  /// The path of the record of the file at `path`.
  static func path(of path: String) -> String {
    let pieces = path.split(separator: "/", omittingEmptySubsequences: false)
    return (pieces.dropLast() + [".\(pieces.last ?? "").upload"]).joined(separator: "/")
  }

  /// Whether the parts it tells of are those of this file, for this place.
  func isFor(_ digests: FileDigests, location: String, store: String) -> Bool {
    self.location == location && self.store == store && size == digests.size && sha256 == digests.sha256
      && PartLayout.allowedPartBytes.contains(partBytes) && (1...2048).contains(uploadID.utf8.count)
      && PartLayout(size: size, partBytes: partBytes).count <= PartLayout.mostParts
  }

  /// The record at `place`; nil where there is none that can be read.
  static func read(_ place: Place) -> UploadRecord? {
    // Never through a symbolic link: the folder may be a stranger's.
    let file = openat(place.folder, place.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
    guard count > 0, count < bytes.count else { return nil }
    return try? JSONDecoder().decode(UploadRecord.self, from: Data(bytes[..<count]))
  }

  /// Writes the record; whether it could.
  func write(_ place: Place) -> Bool {
    guard let data = try? JSONEncoder().encode(self) else { return false }
    Self.remove(place)
    let file = openat(place.folder, place.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    return OutputStream.write(String(decoding: data, as: UTF8.self) + "\n", to: file) && fsync(file) == 0
  }

  /// Removes the record at `place`, if there is one.
  static func remove(_ place: Place) { unlinkat(place.folder, place.name, 0) }
}
