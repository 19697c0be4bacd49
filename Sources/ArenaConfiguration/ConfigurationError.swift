/// A configuration that cannot be used: everything that is wrong with it, not only the first.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence a mistake, with its place (`PATH:LINE`, a variable or a flag), in the order of the file's lines.
  public let mistakes: [String]

  /// How many mistakes `description` lists.
  static let listed = 50

  /// The sentences, one a line.
  public var description: String {
    let more = mistakes.count - Self.listed
    return (mistakes.prefix(Self.listed) + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "\n")
  }
}
