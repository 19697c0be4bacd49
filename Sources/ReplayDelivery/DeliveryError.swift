/// A delivery that cannot be made: one sentence for the operator, without any secret.
public struct DeliveryError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was wrong, where, and what would be right.
  public let description: String
  /// Whether it is the place that cannot take anything now, rather than the file that cannot be delivered.
  public let isTransient: Bool

  /// An error that says `description`.
  public init(_ description: String, isTransient: Bool = false) {
    self.description = description
    self.isTransient = isTransient
  }
}
