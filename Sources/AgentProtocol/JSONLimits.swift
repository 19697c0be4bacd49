/// Checks a JSON text before anything is built from it, so that a hostile one costs nothing.
public enum JSONLimits {
  /// What is wrong with `text`, as the end of a sentence; nil if it may be parsed.
  ///
  /// - Complexity: O(n) in the bytes of `text`; allocates only for the sentence.
  public static func problem(with text: RawSpan) -> String? {
    guard text.byteCount <= ProtocolLimits.controlPayload else {
      return "has \(text.byteCount) bytes; the limit is \(ProtocolLimits.controlPayload)"
    }
    var depth = 0
    var inString = false
    var escaped = false
    for index in 0..<text.byteCount {
      let byte = text.integer(at: index, as: UInt8.self)
      // Also keeps out UTF-16 and UTF-32, which a parser might take and in which quotes and brackets cannot be told here.
      guard byte != 0 else { return "is not UTF-8: it holds a zero byte" }
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        guard depth <= ProtocolLimits.jsonDepth else {
          return "is nested deeper than \(ProtocolLimits.jsonDepth) levels"
        }
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
      default: break
      }
    }
    return nil
  }
}
