public import ArenaCore

extension ReplayFiles.Form {
  /// Reads `formats`, the forms that are kept; nil where nothing is said.
  ///
  /// - Throws: `FieldError` naming the first that is not a form, or the list where it is empty.
  public static func kept(reading reader: FieldReader) throws(FieldError) -> Set<Self>? {
    guard let entries = try reader.array("formats") else { return nil }
    var forms: Set<Self> = []
    for (index, entry) in entries.enumerated() {
      guard case .string(let name) = entry, let form = Self(rawValue: name) else {
        let known = allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw reader.wrong("formats[\(index)]", entry, "one of \(known)")
      }
      forms.insert(form)
    }
    guard !forms.isEmpty else {
      throw reader.wrong("formats", .array(entries), "one form or more; record_replay false records nothing")
    }
    return forms
  }
}
