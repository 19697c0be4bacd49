internal import ArenaCore
internal import Crypto

/// A replay file's checksum.
public enum ReplayChecksum {
  /// SHA-256 of the file at `path`, as 64 lower-case hexadecimal digits: what the match's result names.
  ///
  /// - Throws: `ReplayError` if it cannot be read.
  public static func sha256(of path: String) throws(ReplayError) -> String {
    let input = try ReplayInput(path: path)
    var hasher = SHA256()
    var offset: UInt64 = 0
    while offset < input.size {
      let piece = try input.read(at: offset, count: Int(min(1 << 18, input.size - offset)))
      piece.withUnsafeBytes { hasher.update(bufferPointer: $0) }
      offset += UInt64(piece.count)
    }
    return hasher.finalize().hexadecimalDigits
  }
}
