/// The name of a container image, as registries and container runtimes read it: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
///
/// Source: the grammar of references in the CNCF's Distribution.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
  /// The reference as it was written.
  public let description: String
  /// `sha256:` and 64 digits, where the reference pins one.
  public let digest: String?

  /// Reads a reference; nil where `text` is none.
  public init?(_ text: String) {
    guard text.utf8.count <= 512 else { return nil }
    var rest = Substring(text)
    var digest: String?
    if let at = rest.firstIndex(of: "@") {
      let pinned = rest[rest.index(after: at)...]
      guard Self.isDigest(pinned) else { return nil }
      digest = String(pinned)
      rest = rest[..<at]
    }
    // A colon behind the last slash begins a tag; one before it, a port.
    let lastName = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
    if let colon = rest[lastName...].firstIndex(of: ":") {
      guard Self.isTag(rest[rest.index(after: colon)...]) else { return nil }
      rest = rest[..<colon]
    }
    var components = rest.split(separator: "/", omittingEmptySubsequences: false)
    if components.count > 1, let first = components.first, Self.looksLikeHost(first) {
      guard Self.isHost(first) else { return nil }
      components.removeFirst()
    }
    guard rest.utf8.count <= 255, !components.isEmpty, components.allSatisfy(Self.isPathComponent) else { return nil }
    description = text
    self.digest = digest
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isLowercase(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isUppercase(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
  private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLowercase(byte) || isUppercase(byte) }

  private static func isDigest(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let algorithm = parts.first, let digits = parts.last else { return false }
    let length = ["sha256": 64, "sha384": 96, "sha512": 128][algorithm]
    return digits.utf8.count == length
      && digits.utf8.allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
  }

  private static func isTag(_ text: Substring) -> Bool {
    guard (1...128).contains(text.utf8.count), let first = text.utf8.first else { return false }
    return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
  }

  /// The first of several components names a host if it could not be a part of a path, or is `localhost`.
  private static func looksLikeHost(_ text: Substring) -> Bool {
    text == "localhost" || text.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || isUppercase($0) }
  }

  private static func isHost(_ text: Substring) -> Bool {
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return false }
      let address = text[text.index(after: text.startIndex)..<end]
      let hexadecimal = "0123456789abcdefABCDEF:"
      return !address.isEmpty && address.allSatisfy(hexadecimal.contains) && isPort(text[text.index(after: end)...])
    }
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    let labels = text[..<colon].split(separator: ".", omittingEmptySubsequences: false)
    return isPort(text[colon...])
      && labels.allSatisfy { label in
        guard let first = label.utf8.first, let last = label.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
          && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
      }
  }

  /// Nothing, or a colon and a number.
  private static func isPort(_ text: Substring) -> Bool {
    guard !text.isEmpty else { return true }
    return text.first == ":" && (1...5).contains(text.utf8.count - 1) && text.utf8.dropFirst().allSatisfy(isDigit)
  }

  /// Small letters and digits, in groups that a '.', one or two '_' or any number of '-' keeps apart.
  private static func isPathComponent(_ text: Substring) -> Bool {
    var separator: [UInt8] = []
    var isFirst = true
    for byte in text.utf8 {
      if isDigit(byte) || isLowercase(byte) {
        guard separator.isEmpty || isSeparator(separator) else { return false }
        separator = []
        isFirst = false
      } else {
        guard !isFirst else { return false }
        separator.append(byte)
      }
    }
    return !isFirst && separator.isEmpty
  }

  private static func isSeparator(_ bytes: [UInt8]) -> Bool {
    bytes == Array(".".utf8) || bytes == Array("_".utf8) || bytes == Array("__".utf8)
      || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
  }
}
