internal import ArenaCore
internal import Crypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// All checksums that an upload needs, from one reading of the file.
struct FileDigests: Equatable, Sendable {
  /// Bytes that were read.
  var size: Int
  /// SHA-256 of the file, as 64 hexadecimal digits.
  var sha256: String
  /// MD5 of every piece that is sent: of the whole file where it is not cut.
  var md5: [[UInt8]]
  /// Whether the file is cut into parts, be it only one.
  var isMultipart: Bool

  /// Content-MD5 of a piece, counted from 0.
  func contentMD5(_ piece: Int) -> String { Data(md5[piece]).base64EncodedString() }

  /// The entity tag of a piece, counted from 0, where the store's tags are MD5s.
  func entityTag(ofPiece piece: Int) -> String { md5[piece].hexadecimalDigits }

  /// The entity tag of the object. That of a multi-part object is the MD5 of its parts' MD5s, and their number.
  var entityTag: String {
    guard isMultipart else { return entityTag(ofPiece: 0) }
    var hash = Insecure.MD5()
    for part in md5 { hash.update(data: part) }
    return "\(hash.finalize().hexadecimalDigits)-\(md5.count)"
  }

  /// Reads pieces of a file one after the other.
  struct Reader {
    private var whole = SHA256()
    private var piece = Insecure.MD5()
    private var md5: [[UInt8]] = []
    private var size = 0
    private let layout: PartLayout?

    init(_ layout: PartLayout?) { self.layout = layout }

    /// How many bytes may come next at most, so that they belong to one piece.
    var roomInPiece: Int {
      guard let layout else { return .max }
      return layout.partBytes - size % layout.partBytes
    }

    mutating func add(_ bytes: [UInt8]) {
      whole.update(data: bytes)
      piece.update(data: bytes)
      size += bytes.count
      if let layout, size % layout.partBytes == 0 { closePiece() }
    }

    private mutating func closePiece() {
      md5.append(Array(piece.finalize()))
      piece = Insecure.MD5()
    }

    mutating func finish() -> FileDigests {
      if let layout { if size % layout.partBytes != 0 || md5.isEmpty { closePiece() } } else { closePiece() }
      return FileDigests(
        size: size,
        sha256: whole.finalize().hexadecimalDigits,
        md5: md5,
        isMultipart: layout != nil
      )
    }
  }
}
