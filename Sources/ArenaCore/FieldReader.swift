/// Reads the members of one JSON object and says, in the user's own terms, what is wrong with them.
public struct FieldReader: Sendable {
  /// Path of the object, empty for the outermost one.
  public let path: String
  private let members: [String: JSONValue]

  /// A reader of `value`, which must be an object.
  ///
  /// - Throws: `FieldError` if it is something else.
  public init(_ value: JSONValue, path: String = "") throws(FieldError) {
    guard case .object(let members) = value else {
      throw FieldError(field: path.isEmpty ? "the configuration" : path, given: value.typeName, allowed: "an object")
    }
    self.path = path
    self.members = members
  }

  /// The names of all members.
  public var keys: [String] { members.keys.sorted() }

  /// The path of member `key`.
  public func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The member `key`; nil where it is missing or `null`.
  public func value(_ key: String) -> JSONValue? {
    guard let value = members[key], value != .null else { return nil }
    return value
  }

  /// The string `key`, or nil.
  public func string(_ key: String) throws(FieldError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let string) = value else { throw wrong(key, value, "a string") }
    return string
  }

  /// The boolean `key`, or nil.
  public func bool(_ key: String) throws(FieldError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let bool) = value else { throw wrong(key, value, "true or false") }
    return bool
  }

  /// The whole number `key` within `range`, or nil.
  public func integer(_ key: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int? {
    guard let value = value(key) else { return nil }
    let allowed = "a whole number in \(range.lowerBound)…\(range.upperBound)"
    let number: Int64? =
      switch value {
      case .integer(let integer): integer
      case .number(let double): Int64(exactly: double)
      default: nil
      }
    guard let number, range.contains(number) else { throw wrong(key, value, allowed) }
    return Int(number)
  }

  /// The unsigned 64-bit number `key`, or nil.
  public func unsigned(_ key: String) throws(FieldError) -> UInt64? {
    guard let value = value(key) else { return nil }
    let number: UInt64? =
      switch value {
      case .integer(let integer): UInt64(exactly: integer)
      case .unsigned(let unsigned): unsigned
      case .number(let double): UInt64(exactly: double)
      default: nil
      }
    guard let number else { throw wrong(key, value, "a whole number in 0…\(UInt64.max)") }
    return number
  }

  /// The duration `key`, given in seconds within `range`, or nil.
  public func seconds(_ key: String, in range: ClosedRange<Double>) throws(FieldError) -> Duration? {
    guard let value = value(key) else { return nil }
    guard let seconds = value.double, range.contains(seconds), let duration = Duration(inSeconds: seconds) else {
      throw wrong(key, value, "a number of seconds in \(range.lowerBound)…\(range.upperBound)")
    }
    return duration
  }

  /// The member `key` as one of the raw values of `Choice`, or nil.
  public func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String,
    of type: Choice.Type
  ) throws(FieldError) -> Choice? {
    guard let value = value(key) else { return nil }
    guard case .string(let string) = value, let choice = Choice(rawValue: string) else {
      throw wrong(key, value, "one of " + type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
    }
    return choice
  }

  /// The object `key`, or nil.
  public func object(_ key: String) throws(FieldError) -> FieldReader? {
    guard let value = value(key) else { return nil }
    return try FieldReader(value, path: name(key))
  }

  /// The members of object `key`, or nil.
  public func dictionary(_ key: String) throws(FieldError) -> [String: JSONValue]? {
    guard let value = value(key) else { return nil }
    guard case .object(let members) = value else { throw wrong(key, value, "an object") }
    return members
  }

  /// The elements of array `key`, or nil.
  public func array(_ key: String) throws(FieldError) -> [JSONValue]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else { throw wrong(key, value, "an array") }
    return elements
  }

  /// An error about member `key`.
  public func wrong(_ key: String, _ value: JSONValue?, _ allowed: String) -> FieldError {
    FieldError(field: name(key), given: value?.description ?? "missing", allowed: allowed)
  }
}
