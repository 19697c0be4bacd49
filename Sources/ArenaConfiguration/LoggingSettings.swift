internal import ArenaCore
public import Logging

/// The section `logging`. Logs go to standard error.
public struct LoggingSettings: Sendable, Equatable {
  /// How a record is written.
  public enum Format: String, Sendable, CaseIterable {
    /// One JSON object a line.
    case json
    /// One line for people.
    case text
  }

  /// Records below this level are dropped (`level`, `LOG_LEVEL`).
  public var level = Logger.Level.info
  /// How a record is written (`format`, `LOG_FORMAT`).
  public var format = Format.json

  /// The defaults.
  public init() {}

  init(_ reading: inout ConfigurationReading) {
    level = reading.value("logging.level", or: level, shown: { $0.rawValue }) { (section, name) throws(FieldError) in
      guard let value = section.value(name) else { return nil }
      guard case .string(let text) = value, let level = Self.level(text) else {
        throw section.wrong(name, value, "one of DEBUG, INFO, WARNING, ERROR, CRITICAL, or trace or notice")
      }
      return level
    }
    readFormat(&reading)
    reading.replaced(
      "logging.output",
      { (section, name) throws(FieldError) in try section.string(name) },
      {
        ["stderr", "sys.stderr"].contains($0)
          ? nil : "logs go to standard error, which whoever starts the program can redirect"
      }
    )
  }

  private mutating func readFormat(_ reading: inout ConfigurationReading) {
    let key = "logging.format"
    var isPythons = false
    let standard = format
    format = reading.value(key, or: format, shown: { $0.rawValue }) { (section, name) throws(FieldError) in
      guard case .string(let text)? = section.value(name), Self.isPythonFormat(text) else {
        return try section.choice(name, of: Format.self)
      }
      isPythons = true
      return nil
    }
    guard isPythons else { return }
    reading.show(key, standard.rawValue, from: .standard)
    reading.warn(
      key,
      "it is a Python format; a record is a JSON object with time, level and message, or with \"text\" a line for people"
    )
  }

  /// A level by its name in Python or in swift-log, in any case.
  private static func level(_ name: String) -> Logger.Level? {
    switch name.lowercased() {
    case "warn": .warning
    case "fatal": .critical
    case "notset": .trace
    case let name: Logger.Level(rawValue: name)
    }
  }

  /// Whether `text` is a format of Python's `logging`, in any of its three styles.
  private static func isPythonFormat(_ text: String) -> Bool {
    ["%(", "{", "$"].contains { text.contains($0) }
  }
}
