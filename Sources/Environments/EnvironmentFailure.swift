/// The game itself cannot go on. No agent is to blame.
public struct EnvironmentFailure: Error, Sendable, CustomStringConvertible {
  /// One sentence that says what failed.
  public let description: String

  /// A failure with a sentence for the operator.
  public init(_ description: String) {
    self.description = description
  }
}
