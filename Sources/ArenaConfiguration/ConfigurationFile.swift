internal import ArenaCore
internal import Foundation

/// The configuration file: its sections, and on which line every value stands.
struct ConfigurationFile {
  /// The path as the user knows it.
  let path: String
  /// The sections by name.
  let sections: [String: JSONValue]
  private let lines: [String: Int]

  /// Where a file lies that nobody has named, seen from the working directory or a folder above it.
  static let usualPlace = "config/limits.yaml"
  /// Bytes of the largest file that is read.
  static let mostBytes = 1 << 20

  /// What `text` says.
  ///
  /// - Throws: `ConfigurationError` with everything that keeps it from being sections of keys.
  init(_ text: String, path: String) throws(ConfigurationError) {
    let tree = try YAMLTree(text, path: path)
    self.path = path
    sections = tree.members
    lines = tree.lines
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: `ConfigurationError` if it cannot be read, is no text, or is not sections of keys.
  init(path: String) throws(ConfigurationError) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: Self.target(path)),
      let size = attributes[.size] as? Int
    else { throw Self.unreadable(path, "not there") }
    switch attributes[.type] as? FileAttributeType {
    case .typeRegular?: break
    case .typeDirectory?: throw Self.unreadable(path, "a folder")
    default: throw Self.unreadable(path, "not a plain file")
    }
    guard size <= Self.mostBytes else {
      throw ConfigurationError(mistakes: ["\(path) has \(size) bytes; it must be of at most \(Self.mostBytes) bytes"])
    }
    guard let data = FileManager.default.contents(atPath: path) else { throw Self.unreadable(path, "not readable") }
    guard let text = String(validating: data, as: UTF8.self) else { throw Self.unreadable(path, "not UTF-8") }
    try self.init(text, path: path)
  }

  private static func unreadable(_ path: String, _ given: String) -> ConfigurationError {
    ConfigurationError(mistakes: ["\(path) is \(given); it must be a readable YAML file"])
  }

  /// The file that `path` leads to through symbolic links.
  private static func target(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }

  /// The usual file in `folder` or the nearest folder above it that has one.
  static func find(above folder: String) -> String? {
    var folder = URL(filePath: folder).standardizedFileURL
    while true {
      let candidate = folder.appending(path: usualPlace).path
      if FileManager.default.fileExists(atPath: candidate) { return candidate }
      guard folder.path != "/" else { return nil }
      folder = folder.deletingLastPathComponent()
    }
  }

  /// The line of `field`, a path such as `validation.forbidden_imports[2]`; where the file has no such value, the line of
  /// what encloses it.
  func line(of field: String) -> Int {
    var field = Substring(field)
    while !field.isEmpty {
      if let line = lines[String(field)] { return line }
      field = field.lastIndex { $0 == "." || $0 == "[" }.map { field[..<$0] } ?? ""
    }
    return 1
  }
}
