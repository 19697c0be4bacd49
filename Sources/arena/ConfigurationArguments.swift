import ArenaCore
import MatchEngine

/// Settings on the command line: `key=value`, the value a JSON scalar.
enum ConfigurationArguments {
  /// Reads settings; what is no JSON is a string.
  ///
  /// - Throws: `FieldError` about the first argument that is no setting.
  static func read(_ arguments: [String]) throws(FieldError) -> [String: JSONValue] {
    var settings: [String: JSONValue] = [:]
    for argument in arguments {
      guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
        throw FieldError(field: "--config", given: "\"\(argument)\"", allowed: "written as key=value")
      }
      let key = String(argument[..<equals])
      let text = String(argument[argument.index(after: equals)...])
      guard settings[key] == nil else {
        throw FieldError(field: "--config \(key)", given: "given twice", allowed: "given once")
      }
      settings[key] = JSONFile.setting(text)
    }
    return settings
  }
}
