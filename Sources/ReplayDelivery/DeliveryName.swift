/// Names of files and folders that are delivered.
///
/// The folders that are watched belong to strangers' matches: a name that means something to a shell, a store or a browser is left alone.
public enum DeliveryName {
  /// The longest name of a file or folder, in bytes.
  static let longestSegment = 200
  /// How deep folders may lie within each other.
  static let mostSegments = 8

  /// Whether `name` is one, with folders before it or without: letters, digits, `.`, `_` and `-`, no segment beginning with a dot.
  public static func isAllowed(_ name: String) -> Bool {
    let segments = name.split(separator: "/", omittingEmptySubsequences: false)
    return segments.count <= mostSegments && segments.allSatisfy(isSegment)
  }

  private static func isSegment(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, first != UInt8(ascii: "."), text.utf8.count <= longestSegment else {
      return false
    }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}
