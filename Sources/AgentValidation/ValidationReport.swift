/// What was found in an agent that was uploaded.
public struct ValidationReport: Sendable, Equatable {
  /// Why it is not accepted: one sentence each, with file and line where there are any; empty if it is.
  public var errors: [String]
  /// What its author may want to know.
  public var warnings: [String]

  /// Whether it is accepted.
  public var isValid: Bool { errors.isEmpty }

  /// A report of these findings.
  public init(errors: [String] = [], warnings: [String] = []) {
    self.errors = errors
    self.warnings = warnings
  }
}
