public import ArenaCore
import Glibc

/// What runs in a seat.
public enum AgentProgram: Sendable, Equatable {
  /// Python code that the agent host loads: a directory, or one `.py` file.
  case python(path: String)
  /// A program that speaks the agent protocol itself.
  case executable(path: String)

  /// The path as it was given.
  public var path: String {
    switch self {
    case .python(let path), .executable(let path): path
    }
  }

  /// The program that an argument of the command line names: `exec:PATH`, or a path to Python code.
  ///
  /// - Throws: `FieldError` if nothing usable is there.
  public init(argument: String, field: String = "agent") throws(FieldError) {
    let program: AgentProgram =
      argument.hasPrefix("exec:")
      ? .executable(path: String(argument.dropFirst("exec:".count))) : .python(path: argument)
    try program.validate(field: field)
    self = program
  }

  /// Checks that something usable is at the path.
  ///
  /// - Throws: `FieldError` about `field` that says what is there instead.
  public func validate(field: String = "agent") throws(FieldError) {
    switch self {
    case .python(let path): try Self.validatePython(path, field)
    case .executable(let path): try Self.validateExecutable(path, field)
    }
  }

  private static func validatePython(_ path: String, _ field: String) throws(FieldError) {
    let allowed = "a directory with agent.py, main.py or a single .py file, or one .py file"
    func refuse(_ reason: String) -> FieldError {
      FieldError(field: field, given: "\"\(path)\", \(reason)", allowed: allowed)
    }
    switch Files.kind(path) {
    case nil: throw refuse("which does not exist")
    case .file:
      guard path.hasSuffix(".py") else { throw refuse("which is not a .py file") }
      guard access(path, R_OK) == 0 else { throw refuse("which cannot be read") }
    case .directory:
      guard let names = Files.entries(path) else { throw refuse("which cannot be read") }
      guard Files.realPath(path) != "/" else { throw refuse("which is the whole file system") }
      guard !names.isEmpty else { throw refuse("which is empty") }
      let modules = names.filter { $0.hasSuffix(".py") && !$0.hasPrefix(".") && Files.kind("\(path)/\($0)") == .file }
      let candidates = modules.filter { $0 != "__init__.py" }
      if modules.contains("agent.py") || modules.contains("main.py") { return }
      if candidates.count == 1 || modules == ["__init__.py"] { return }
      throw refuse(
        modules.isEmpty
          ? "which has no .py file" : "which has several .py files and neither agent.py nor main.py among them"
      )
    default: throw refuse("which is neither a file nor a directory")
    }
  }

  private static func validateExecutable(_ path: String, _ field: String) throws(FieldError) {
    func refuse(_ reason: String) -> FieldError {
      FieldError(
        field: field,
        given: "\"exec:\(path)\", \(reason)",
        allowed: "exec: and the path of an executable file"
      )
    }
    switch Files.kind(path) {
    case nil: throw refuse("which does not exist")
    case .file where access(path, X_OK) == 0: return
    case .file: throw refuse("which is not executable")
    case .directory: throw refuse("which is a directory")
    default: throw refuse("which is not a file")
    }
  }
}
