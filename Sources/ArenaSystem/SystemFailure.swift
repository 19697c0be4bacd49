internal import Glibc

/// A system call that failed.
public struct SystemFailure: Error, Sendable, CustomStringConvertible {
  /// The call, and what it was about.
  public let call: String
  /// The value of `errno`.
  public let code: Int32

  /// `call` failed with `code`.
  public init(_ call: String, _ code: Int32) {
    self.call = call
    self.code = code
  }

  /// One sentence for the operator.
  public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
