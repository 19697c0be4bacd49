internal import ArenaCore
internal import Yams

/// A YAML text as JSON values, with the line of every one.
///
/// Anchors, aliases and merge keys (`<<`) are followed. What they multiply is bounded by `mostValues`.
struct YAMLTree {
  /// The members of the outermost mapping.
  private(set) var members: [String: JSONValue] = [:]
  /// Lines by path, such as `executor.port` and `replay.formats[1]`; the first line is 1.
  private(set) var lines: [String: Int] = [:]
  private var mistakes: [(line: Int, says: String)] = []
  private var values = 0

  /// How many values a text may have, once aliases are followed.
  static let mostValues = 20_000
  /// How deep values may lie in one another.
  static let mostLevels = 16
  /// Bytes of the longest key.
  static let longestKey = 128

  /// Parses `text`, which stands in the file at `path`.
  ///
  /// - Throws: `ConfigurationError` with every mistake that can be told without knowing what the keys mean.
  init(_ text: String, path: String) throws(ConfigurationError) {
    // libyaml takes a byte order mark for a letter where it is told the encoding.
    let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      let (line, says) = YAMLMistake.sentence(error, in: text)
      throw ConfigurationError(mistakes: ["\(path):\(line): \(says)"])
    }
    switch root {
    case nil: break
    case .mapping(let mapping): members = read(mapping, at: "", level: 0)
    case .scalar(let scalar) where Self.value(scalar) == .null: break
    case .some(let node):
      let given = node.sequence == nil ? "a single value" : "a list"
      mistake(
        node.mark?.line ?? 1,
        "the file is \(given); it must be sections, such as \"executor:\", with keys under them"
      )
    }
    guard mistakes.isEmpty else {
      throw ConfigurationError(mistakes: mistakes.sorted { $0.line < $1.line }.map { "\(path):\($0.line): \($0.says)" })
    }
  }

  private mutating func mistake(_ line: Int, _ says: String) { mistakes.append((line, says)) }

  /// Whether another value, which stands on `line`, is within bounds.
  private mutating func admits(_ line: Int, level: Int) -> Bool {
    values += 1
    guard values <= Self.mostValues else {
      if values == Self.mostValues + 1 { mistake(line, "the file has more than \(Self.mostValues) values") }
      return false
    }
    guard level <= Self.mostLevels else {
      mistake(line, "values lie deeper than \(Self.mostLevels) levels in one another")
      return false
    }
    return true
  }

  private mutating func read(_ mapping: Node.Mapping, at field: String, level: Int) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    var merged: [Node] = []
    var firstLines: [String: Int] = [:]
    var own: [(key: String, line: Int, value: Node)] = []
    for (key, value) in mapping {
      let line = key.mark?.line ?? 1
      guard let name = key.scalar?.string, name.utf8.count <= Self.longestKey, !name.contains(where: \.isNewline) else {
        mistake(line, "a key is a list, a mapping, very long or of several lines; it must be a word")
        continue
      }
      if key.tag == Tag(.merge) {
        merged += value.sequence.map(Array.init) ?? [value]
        continue
      }
      if let first = firstLines.updateValue(line, forKey: name) {
        mistake(line, YAMLMistake.twice(name, first: first))
        continue
      }
      own.append((name, line, value))
    }
    // Of merged mappings the first wins, over all of them what stands here.
    for node in merged.reversed() {
      guard let mapping = node.mapping else {
        mistake(node.mark?.line ?? 1, "<< is not a mapping; it must be an alias of one")
        continue
      }
      guard admits(node.mark?.line ?? 1, level: level + 1) else { continue }
      members.merge(read(mapping, at: field, level: level + 1)) { $1 }
    }
    for (key, line, value) in own {
      let path = field.isEmpty ? key : "\(field).\(key)"
      lines[path] = line
      members[key] = read(value, at: path, line: line, level: level + 1)
    }
    return members
  }

  private mutating func read(_ node: Node, at field: String, line: Int, level: Int) -> JSONValue {
    guard admits(line, level: level) else { return .null }
    switch node {
    case .scalar(let scalar): return Self.value(scalar)
    case .mapping(let mapping): return .object(read(mapping, at: field, level: level))
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for (index, element) in sequence.enumerated() {
        let line = element.mark?.line ?? line
        lines["\(field)[\(index)]"] = line
        elements.append(read(element, at: "\(field)[\(index)]", line: line, level: level + 1))
        if values > Self.mostValues { break }
      }
      return .array(elements)
    case .alias: preconditionFailure("Yams follows aliases itself")
    }
  }

  /// A scalar as YAML 1.1 has it, but for numbers in base 60: 10:30 is a text.
  private static func value(_ scalar: Node.Scalar) -> JSONValue {
    let text = scalar.string
    let number = !text.contains(":")
    switch Tag.Name(rawValue: Node.scalar(scalar).tag.rawValue) {
    case .null: return .null
    case .bool: return Bool.construct(from: scalar).map(JSONValue.bool) ?? .string(text)
    case .int where number:
      if let integer = Int64.construct(from: scalar) { return .integer(integer) }
      if let unsigned = UInt64.construct(from: scalar) { return .unsigned(unsigned) }
      return Double.construct(from: scalar).map(JSONValue.number) ?? .string(text)
    case .float where number: return Double.construct(from: scalar).map(JSONValue.number) ?? .string(text)
    default: return .string(text)
    }
  }
}
