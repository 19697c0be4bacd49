/// Tells by a replay's last bytes whether its recording was finished, without reading any more of it.
public enum ReplayEnding {
  /// Bytes of a Footer record and the magic that follows it.
  public static let byteCount = 1 + 8 + 20 + 8

  /// Whether `bytes`, the last `byteCount` of a file, are a Footer and the magic. Whether what precedes them is whole is for `ReplayReader`
  /// to say.
  public static func isComplete(_ bytes: some Collection<UInt8>) -> Bool {
    guard bytes.count == byteCount, bytes.suffix(8).elementsEqual(ReplayFormat.magic) else { return false }
    return bytes.prefix(9).elementsEqual([ReplayFormat.Opcode.footer.rawValue, 20, 0, 0, 0, 0, 0, 0, 0])
  }
}
