internal import Yams

/// Says what keeps a text from being YAML, and on which line.
enum YAMLMistake {
  /// The line of `error`, which parsing `text` threw, and a sentence about it.
  static func sentence(_ error: any Error, in text: String) -> (line: Int, says: String) {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      let indent = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(mark.line - 1).first?
        .prefix { $0 == " " || $0 == "\t" }
      let hint = indent?.contains("\t") == true ? "; lines must be indented with spaces, not with tabs" : ""
      return (mark.line, "this is not valid YAML (column \(mark.column): \(problem))\(hint)")
    case YamlError.reader(let problem, let offset, _, _):
      let before = text.utf8.prefix(offset ?? 0)
      return (before.count { $0 == UInt8(ascii: "\n") } + 1, "this is not valid YAML (\(problem))")
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      let first = context.mark
      guard let key = keys.first, let second = secondLine(of: key, after: first, in: text) else {
        return (first.line, "\(keys.joined(separator: ", ")) stands more than once; a key must stand once")
      }
      return (second, twice(key, first: first.line))
    default: return (1, "this is not valid YAML")
    }
  }

  /// The sentence about a key that has stood in line `first` already.
  static func twice(_ key: String, first: Int) -> String {
    "\(key) stands here and in line \(first); a key must stand once"
  }

  /// The line behind `first` on which `key` stands again in the same column.
  ///
  /// Yams tells the first place only. In a block, keys of one mapping begin in one column, where nothing else can begin
  /// before the mapping ends.
  private static func secondLine(of key: String, after first: Mark, in text: String) -> Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated().dropFirst(first.line) {
      let indent = line.prefix { $0 == " " }
      guard indent.count == first.column - 1 else { continue }
      let rest = line.dropFirst(indent.count).drop { $0 == "\"" || $0 == "'" }
      guard rest.hasPrefix(key) else { continue }
      let behind = rest.dropFirst(key.count).drop { $0 == "\"" || $0 == "'" || $0 == " " }
      if behind.first == ":" { return index + 1 }
    }
    return nil
  }
}
