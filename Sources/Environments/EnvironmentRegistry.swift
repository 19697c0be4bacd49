public import ArenaCore

/// The games that can be asked for by name.
///
/// Names are read as people write them: case does not count, `-` and `_` are alike, `rl-arena/` or `rl_arena:` in front
/// and `-v0` behind may be there or not. So `pong`, `Pong-v0` and `rl-arena/Pong-v0` are one game.
public struct EnvironmentRegistry: Sendable {
  /// One game.
  public struct Entry: Sendable {
    /// The canonical name.
    public let name: String
    /// Other names that find it, beside the spellings that every name has.
    public let aliases: [String]
    /// One sentence for a list of games.
    public let summary: String
    /// Makes the game with a configuration over its defaults.
    public let make: @Sendable (_ configuration: [String: JSONValue]) throws(FieldError) -> any Environment

    /// A game and how it is made.
    public init(
      name: String,
      aliases: [String] = [],
      summary: String,
      make: @escaping @Sendable (_ configuration: [String: JSONValue]) throws(FieldError) -> any Environment
    ) {
      self.name = name
      self.aliases = aliases
      self.summary = summary
      self.make = make
    }
  }

  /// The built-in games.
  public static let standard = EnvironmentRegistry([
    Entry(name: Pong.name, aliases: ["rl-arena/Pong-v0"], summary: Pong.summary) {
      (configuration) throws(FieldError) in try Pong(configuration: configuration)
    }
  ])

  /// All games, in the order in which lists show them.
  public let entries: [Entry]

  private let byNormalName: [String: Int]

  /// A registry of `entries`. Two entries must not share a name.
  public init(_ entries: [Entry]) {
    self.entries = entries
    var byNormalName: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      for name in [entry.name] + entry.aliases {
        let previous = byNormalName.updateValue(index, forKey: Self.normalise(name))
        precondition(previous == nil || previous == index, "two games answer to \(name)")
      }
    }
    self.byNormalName = byNormalName
  }

  /// The game that `name` means, however it is spelt; nil for an unknown one.
  public func entry(named name: String) -> Entry? {
    byNormalName[Self.normalise(name)].map { entries[$0] }
  }

  /// Makes the game that `name` means.
  ///
  /// - Throws: `FieldError` about `environment` for an unknown name, about `environment_config.KEY` for a configuration
  ///   that the game does not take.
  public func make(_ name: String, configuration: [String: JSONValue] = [:]) throws(FieldError) -> any Environment {
    guard let entry = entry(named: name) else { throw unknown(name) }
    return try entry.make(configuration)
  }

  private func unknown(_ name: String) -> FieldError {
    let known = entries.map(\.name)
    let hint = known.nearest(to: Self.normalise(name)).map { " (did you mean \($0)?)" } ?? ""
    return FieldError(
      field: "environment",
      given: name.isEmpty ? "empty" : JSONValue.string(name).description,
      allowed: (known.count == 1 ? "" : "one of ") + known.joined(separator: ", ") + hint
    )
  }

  private static func normalise(_ name: String) -> String {
    var name = String(name.lowercased().map { $0 == "-" ? "_" : $0 })
    for prefix in ["rl_arena/", "rl_arena:"] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
      break
    }
    if name.hasSuffix("_v0") { name.removeLast(3) }
    return name
  }
}
