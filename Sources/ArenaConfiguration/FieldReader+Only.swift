internal import ArenaCore

extension FieldReader {
  /// A reader of the same section as if it had `key` only; nil where it has not even that.
  func only(_ key: String) throws(FieldError) -> FieldReader? {
    guard let value = value(key) else { return nil }
    return try FieldReader(.object([key: value]), path: path)
  }
}
