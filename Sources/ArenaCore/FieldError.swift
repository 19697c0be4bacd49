/// A value from outside that is not allowed: which field, what was given, what is allowed.
///
/// Two errors are equal if they are about the same field.
public struct FieldError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Path of the field as the user wrote it, such as `agents[1].agent_id`.
  public var field: String
  /// What was given, as the user would recognise it.
  public var given: String
  /// What would be right.
  public var allowed: String

  /// An error about `field`.
  public init(field: String, given: String, allowed: String) {
    self.field = field
    self.given = given
    self.allowed = allowed
  }

  /// One sentence for the person who gave the value.
  public var description: String { "\(field) is \(given); it must be \(allowed)" }

  /// The same error, with the field seen from one level further out.
  public func within(_ parent: String) -> FieldError {
    FieldError(field: field.hasPrefix("[") ? parent + field : "\(parent).\(field)", given: given, allowed: allowed)
  }

  /// Whether both are about the same field.
  public static func == (left: FieldError, right: FieldError) -> Bool { left.field == right.field }
}
