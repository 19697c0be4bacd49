import Glibc

/// What kept the sandbox from starting an agent: a failure of the platform, never of the agent.
public struct SandboxError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence for the person who runs the match.
  public let description: String

  /// An error that says `description`.
  public init(_ description: String) { self.description = description }

  /// What a failed system call says about `action`.
  static func systemCall(_ action: String, _ code: Int32 = errno) -> SandboxError {
    SandboxError("\(action): \(String(cString: strerror(code)))")
  }
}
