/// An entry's name: decoded, and found to lead to a place inside the folder.
enum EntryName {
  /// What the upper half of code page 437 means, in which names without a mark are written (APPNOTE.TXT appendix D).
  private static let upperHalf: [Unicode.Scalar] = Array(
    ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
      + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars
  )

  /// Decodes a name.
  ///
  /// - Parameters:
  ///   - isUTF8: whether the entry says so.
  ///   - replacement: the name in the extra field that Info-ZIP adds where its own system writes names otherwise.
  /// - Returns: nil for a name that says it is UTF-8 and is not.
  static func decode(_ bytes: ArraySlice<UInt8>, isUTF8: Bool, replacement: ArraySlice<UInt8>?) -> String? {
    if isUTF8 { return String(validating: bytes, as: UTF8.self) }
    if let replacement { return String(validating: replacement, as: UTF8.self) }
    // macOS writes UTF-8 and does not say so; text in the old code page is hardly ever valid UTF-8.
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(byte < 128 ? Unicode.Scalar(byte) : upperHalf[Int(byte) - 128]) }
    return String(text)
  }

  /// Whether `scalar` may stand in a line of a message as it is: no control, no line break, nothing that turns the
  /// direction of writing.
  static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
    case .format: !scalar.properties.isBidiControl
    default: true
    }
  }

  /// The components of `name`, without dots for the folder itself, and whether it names a folder.
  ///
  /// - Throws: `ArchiveError` for a name that leads elsewhere or that is too long.
  static func components(_ name: String, _ limits: ArchiveLimits) throws(ArchiveError) -> ([String], isFolder: Bool) {
    func refuse(_ problem: String) -> ArchiveError { ArchiveError(.forbiddenName, entry: name, problem) }
    guard !name.isEmpty else { throw refuse("has no name") }
    guard !name.utf8.contains(0) else { throw refuse("has a NUL character in its name") }
    guard name.unicodeScalars.allSatisfy(isPrintable) else { throw refuse("has a control character in its name") }
    // By bytes, here and below: a combining mark behind it must not hide a separator.
    guard !name.utf8.contains(UInt8(ascii: "\\")) else {
      throw refuse("has a backslash in its name; folders are separated by /")
    }
    guard name.utf8.first != UInt8(ascii: "/") else {
      throw refuse("is an absolute path; names are relative to the agent's folder")
    }
    guard name.utf8.count <= limits.pathBytes else {
      throw refuse("has a name of \(name.utf8.count) bytes; at most \(limits.pathBytes) are allowed")
    }
    let isFolder = name.utf8.last == UInt8(ascii: "/")
    let parts = (isFolder ? name.utf8.dropLast() : name.utf8[...]).split(
      separator: UInt8(ascii: "/"),
      omittingEmptySubsequences: false
    )
    var components: [String] = []
    for part in parts {
      let component = String(Substring(part))
      guard !component.isEmpty else { throw refuse("has two / in a row in its name") }
      guard component != ".." else { throw refuse("leads out of the agent's folder") }
      // NAME_MAX of Linux.
      guard component.utf8.count <= 255 else { throw refuse("has a part of more than 255 bytes in its name") }
      if component != "." { components.append(component) }
    }
    if let first = components.first?.utf8, first.count >= 2, first.dropFirst().first == UInt8(ascii: ":"),
      let letter = first.first, (letter | 0x20) >= UInt8(ascii: "a"), (letter | 0x20) <= UInt8(ascii: "z")
    {
      throw refuse("begins with a drive letter; names are relative to the agent's folder")
    }
    guard isFolder || !components.isEmpty else { throw refuse("has no name") }
    guard components.count <= limits.depth else {
      throw refuse("lies \(components.count) levels deep; at most \(limits.depth) are allowed")
    }
    return (components, isFolder)
  }
}
