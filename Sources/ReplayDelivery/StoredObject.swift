/// What a store says about an object that it has.
struct StoredObject: Equatable, Sendable {
  /// The metadata under which a file's SHA-256 is kept.
  static let sha256Header = "x-amz-meta-sha256"

  var size: Int?
  /// The entity tag without its quotation marks; nil where it is not made of MD5s, as with some encryption.
  var entityTag: String?
  /// SHA-256 as whoever put it there said.
  var sha256: String?

  /// Reads an answer to HEAD or GET.
  init(_ answer: StoreAnswer) {
    size = answer.headers["content-length"].flatMap { Int($0) }
    sha256 = answer.headers[Self.sha256Header]
    let isEncrypted =
      answer.headers["x-amz-server-side-encryption"]?.hasPrefix("aws:kms") == true
      || answer.headers["x-amz-server-side-encryption-customer-algorithm"] != nil
    entityTag = isEncrypted ? nil : answer.headers["etag"].flatMap { Self.md5Tag($0) }
  }

  /// An entity tag without quotation marks, if it is the MD5 of an object or of its parts.
  static func md5Tag(_ text: String) -> String? {
    let tag = text.filter { $0 != "\"" }.lowercased()
    let pieces = tag.split(separator: "-", omittingEmptySubsequences: false)
    guard pieces[0].utf8.count == 32, pieces[0].allSatisfy(\.isHexDigit),
      pieces.count == 1 || (pieces.count == 2 && Int(pieces[1]) != nil)
    else { return nil }
    return tag
  }

  /// Whether `entityTag` is made in the same way as `other`: of the whole, or of as many parts.
  private func isComparable(_ other: String) -> Bool {
    entityTag.map { $0.split(separator: "-").dropFirst().first == other.split(separator: "-").dropFirst().first }
      ?? false
  }

  /// How the object differs from the file, in a sentence; nil where nothing speaks against its being the same.
  func difference(from file: FileDigests) -> String? {
    if let size, size != file.size { return "the stored object has \(size) bytes and not the file's \(file.size)" }
    if let sha256, sha256 != file.sha256 {
      return "the stored object says that its SHA-256 is \(sha256.prefix(64)), the file's is \(file.sha256)"
    }
    if isComparable(file.entityTag), entityTag != file.entityTag {
      return "the stored object's content is not the file's: its checksum is \(entityTag ?? ""), not \(file.entityTag)"
    }
    return nil
  }

  /// Whether something speaks for its being the same, and nothing against.
  func isSame(as file: FileDigests) -> Bool {
    guard size == file.size, difference(from: file) == nil else { return false }
    return sha256 == file.sha256 || isComparable(file.entityTag)
  }
}
