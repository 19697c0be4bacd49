internal import ArenaCore

/// Reads a configuration key by key, and keeps in mind what is in force, from where, what is wrong, and what was not asked for.
///
/// Keys are named by their path, such as `executor.tls.private_key`. Every method that reads one makes it a known key: what
/// nobody has read by the end is unknown, and there is no second list of keys.
struct ConfigurationReading {
  /// A place that sentences are sorted by: lines of the file come behind flags and variables.
  private typealias Place = (line: Int, says: String)

  private let file: ConfigurationFile?
  private let overrides: [String: ConfigurationOverride]
  private let root: [String: JSONValue]
  private var sections: [String: FieldReader?] = [:]
  private var keys: Set<String> = []
  private var mistakes: [Place] = []
  private var replacements: [Place] = []
  /// What is in force, in the order of reading.
  private(set) var entries: [ConfigurationEntry] = []

  /// A reading of `file` with `overrides` over it.
  init(file: ConfigurationFile?, overrides: [String: ConfigurationOverride]) {
    self.file = file
    self.overrides = overrides
    var root = file?.sections ?? [:]
    for (key, override) in overrides {
      let (section, name) = Self.parts(of: key)
      var members: [String: JSONValue] = [:]
      switch root[section] {
      case nil, .null: break
      case .object(let given): members = given
      // Not a section, which is found when it is read.
      default: continue
      }
      members[name] = override.value
      root[section] = .object(members)
    }
    self.root = root
  }

  /// What was accepted and does something else than it says, one sentence each, in the order of the file's lines.
  var warnings: [String] { replacements.sorted { $0.line < $1.line }.map(\.says) }

  /// The value of `key` as `read` finds it in its section, else `standard`; `shown` is how the report writes it.
  mutating func value<Value>(
    _ key: String,
    or standard: Value,
    shown: (Value) -> String,
    _ read: (FieldReader, String) throws(FieldError) -> Value?
  ) -> Value {
    let value = attempt(key, read) ?? standard
    show(key, shown(value), from: source(of: key))
    return value
  }

  /// The value of `key` as `read` finds it in its section, or nil.
  mutating func optional<Value>(
    _ key: String,
    shown: (Value) -> String,
    _ read: (FieldReader, String) throws(FieldError) -> Value?
  ) -> Value? {
    let value = attempt(key, read)
    show(key, value.map(shown) ?? "none", from: source(of: key))
    return value
  }

  /// Reads a key of the published layout that something else replaces. `says` is what, for values that are not in force anyhow.
  mutating func replaced<Value>(
    _ key: String,
    _ read: (FieldReader, String) throws(FieldError) -> Value?,
    _ says: (Value) -> String?
  ) {
    guard let value = attempt(key, read), let sentence = says(value) else { return }
    warn(key, sentence)
  }

  /// Reads a boolean of the published layout that is always `value`; `says` is why.
  mutating func fixed(_ key: String, _ value: Bool, from source: ConfigurationSource = .fixed, says: String) {
    let given = attempt(key) { (section, name) throws(FieldError) in try section.bool(name) }
    show(key, "\(value)", from: source)
    if let given, given != value { warn(key, says) }
  }

  /// Adds what is in force for `key`, or says it anew.
  mutating func show(_ key: String, _ value: String, from source: ConfigurationSource) {
    let entry = ConfigurationEntry(key: key, value: value, source: source)
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index] = entry
    } else {
      entries.append(entry)
    }
  }

  /// Where the value of `key` comes from.
  func source(of key: String) -> ConfigurationSource {
    if let override = overrides[key] { return override.source }
    let (section, name) = Self.parts(of: key)
    guard let file, let reader = sections[section] ?? nil, reader.value(name) != nil else { return .standard }
    return .file(path: file.path, line: file.line(of: key))
  }

  /// A sentence about what is given for `key`.
  mutating func warn(_ key: String, _ says: String) {
    let (place, line) = place(of: key)
    replacements.append((line, "\(place) has no effect: \(says)"))
  }

  /// A mistake that is about what is given for `key`.
  mutating func refuse(_ error: FieldError) {
    let (place, line) = place(of: error.field)
    mistakes.append((line, "\(place) is \(error.given); it must be \(error.allowed)"))
  }

  /// Ends the reading.
  ///
  /// - Throws: `ConfigurationError` if anything is wrong, or stands in the file and was not asked for.
  mutating func finish() throws(ConfigurationError) {
    refuseUnknown(root, within: "")
    guard mistakes.isEmpty else {
      throw ConfigurationError(mistakes: mistakes.sorted { $0.line < $1.line }.map(\.says))
    }
  }

  private static func parts(of key: String) -> (section: String, name: String) {
    guard let dot = key.lastIndex(of: ".") else { return ("", key) }
    return (String(key[..<dot]), String(key[key.index(after: dot)...]))
  }

  /// How sentences name a field, and the line that they are sorted by.
  private func place(of field: String) -> (name: String, line: Int) {
    switch overrides[field]?.source {
    case .flag(let name), .variable(let name): return (name, 0)
    default:
      guard let file else { return (field, 0) }
      let line = file.line(of: field)
      return ("\(file.path):\(line): \(field)", line)
    }
  }

  private mutating func attempt<Value>(
    _ key: String,
    _ read: (FieldReader, String) throws(FieldError) -> Value?
  ) -> Value? {
    keys.insert(key)
    let (section, name) = Self.parts(of: key)
    guard let reader = reader(of: section) else { return nil }
    do throws(FieldError) {
      return try read(reader, name)
    } catch {
      refuse(error)
      return nil
    }
  }

  /// The section at `path`; nil where it is missing or no section.
  private mutating func reader(of path: String) -> FieldReader? {
    if let known = sections[path] { return known }
    let (outer, name) = Self.parts(of: path)
    let value = outer.isEmpty ? root[name] : reader(of: outer)?.value(name)
    var reader: FieldReader?
    if let value, value != .null {
      do throws(FieldError) {
        reader = try FieldReader(value, path: path)
      } catch {
        refuse(FieldError(field: path, given: value.description, allowed: "a section with keys under it"))
      }
    }
    sections.updateValue(reader, forKey: path)
    return reader
  }

  private mutating func refuseUnknown(_ members: [String: JSONValue], within section: String) {
    for (name, value) in members {
      let path = section.isEmpty ? name : "\(section).\(name)"
      // A name with a dot is no path: `executor.port: 1` says nothing about the port.
      let isName = !name.contains(".")
      if isName, keys.contains(path) { continue }
      if isName, sections[path] != nil {
        if case .object(let members) = value { refuseUnknown(members, within: path) }
        continue
      }
      let kind = section.isEmpty ? "section" : "key"
      let (place, line) = place(of: path)
      let hint = likely(name, in: section).map { "; did you mean \($0)?" } ?? ""
      mistakes.append((line, "\(place) is not a known \(kind)\(hint)"))
    }
  }

  /// What `name` was probably meant to be: the key of that name in another section, else a neighbour with nearly that name.
  private func likely(_ name: String, in section: String) -> String? {
    let paths = (Array(keys) + Array(sections.keys)).sorted()
    let neighbours = paths.filter { Self.parts(of: $0).section == section }.map { Self.parts(of: $0).name }
    return paths.first { Self.parts(of: $0).name == name } ?? neighbours.nearest(to: name)
  }
}
