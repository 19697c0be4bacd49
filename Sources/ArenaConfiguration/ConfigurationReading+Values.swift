internal import ArenaCore

/// The usual kinds of values.
extension ConfigurationReading {
  /// A text of 1 to 4096 bytes.
  mutating func text(_ key: String, or standard: String) -> String {
    value(key, or: standard, shown: { $0 }, Self.text)
  }

  /// A text of 1 to 4096 bytes, or nil.
  mutating func text(_ key: String) -> String? { optional(key, shown: { $0 }, Self.text) }

  /// `true` or `false`.
  mutating func bool(_ key: String, or standard: Bool) -> Bool {
    value(key, or: standard, shown: { "\($0)" }) { (section, name) throws(FieldError) in try section.bool(name) }
  }

  /// A whole number within `range`.
  mutating func integer(_ key: String, in range: ClosedRange<Int64>, or standard: Int) -> Int {
    value(key, or: standard, shown: { "\($0)" }) { (section, name) throws(FieldError) in
      try section.integer(name, in: range)
    }
  }

  /// A whole number within `range`, or nil.
  mutating func integer(_ key: String, in range: ClosedRange<Int64>) -> Int? {
    optional(key, shown: { "\($0)" }) { (section, name) throws(FieldError) in try section.integer(name, in: range) }
  }

  /// A time in seconds within `range`.
  mutating func seconds(_ key: String, in range: ClosedRange<Double>, or standard: Duration) -> Duration {
    value(key, or: standard, shown: Self.shown) { (section, name) throws(FieldError) in
      try section.seconds(name, in: range)
    }
  }

  /// A time in seconds within `range`, or nil.
  mutating func seconds(_ key: String, in range: ClosedRange<Double>) -> Duration? {
    optional(key, shown: Self.shown) { (section, name) throws(FieldError) in try section.seconds(name, in: range) }
  }

  /// A time as the file has it: a number of seconds.
  static func shown(_ duration: Duration) -> String { shown(duration.inSeconds) }

  /// A number without a fraction that is zero.
  static func shown(_ number: Double) -> String { Int64(exactly: number).map { "\($0)" } ?? "\(number)" }

  /// A list as the file may have it.
  static func shown(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }

  private static func text(_ section: FieldReader, _ name: String) throws(FieldError) -> String? {
    guard let text = try section.string(name) else { return nil }
    guard (1...4096).contains(text.utf8.count), !text.utf8.contains(0) else {
      throw section.wrong(name, .string(text), "a text of 1 to 4096 bytes")
    }
    return text
  }
}
