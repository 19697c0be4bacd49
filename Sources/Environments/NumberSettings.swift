import ArenaCore

/// A game's configuration where every setting is a number: what was given, over the game's defaults.
///
/// Integers and other numbers are both accepted and kept as they were given.
struct NumberSettings: Sendable {
  /// The largest magnitude that any setting may have.
  static let largest = 1_000_000.0

  /// Every setting with the value in force.
  let values: [String: JSONValue]

  /// The settings of `game`.
  ///
  /// - Throws: `FieldError` about `environment_config.KEY` for a key that `defaults` lacks and for a value that is not
  ///   a number of at most `largest` in magnitude. With several mistakes it is about the first in alphabetical order.
  init(of game: String, given: [String: JSONValue], defaults: [String: JSONValue]) throws(FieldError) {
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      let field = "environment_config.\(key)"
      guard defaults[key] != nil else {
        let known = defaults.keys.sorted()
        let hint = known.nearest(to: key).map { " (did you mean \($0)?)" } ?? ""
        throw FieldError(
          field: field,
          given: "not a setting of \(game)",
          allowed: "one of \(known.joined(separator: ", "))\(hint)"
        )
      }
      guard let number = value.double, number.magnitude <= Self.largest else {
        let limit = Int(Self.largest)
        throw FieldError(field: field, given: value.description, allowed: "a number from -\(limit) to \(limit)")
      }
    }
    values = defaults.merging(given) { _, given in given }
  }

  /// The value in force for `key`, which must be one of the defaults.
  subscript(key: String) -> Double {
    guard let number = values[key]?.double else { preconditionFailure("\(key) has no default that is a number") }
    return number
  }
}
