public import ArenaCore
import Glibc
import Subprocess

/// A Python installation that agents run with, as it describes itself.
public struct PythonInterpreter: Sendable, Equatable {
  /// `sys.executable`.
  public var executable: String
  /// `major.minor.micro`.
  public var version: String
  /// The folders it is installed in: `sys.prefix`, `sys.base_prefix`, `sys.exec_prefix` and `sys.base_exec_prefix`,
  /// without repetitions.
  public var prefixes: [String]
  /// Whether it can import NumPy without any of the user's own settings.
  public var hasNumPy: Bool

  /// Asks `python3` on `PATH`, or the program that `override` names, what it is.
  ///
  /// It is asked outside any sandbox, since what `python3` names may be a shim or a link that leads anywhere.
  ///
  /// - Throws: `FieldError` about `python` if there is none, it does not run, or it is older than 3.8.
  public static func discover(override: String? = nil) async throws(FieldError) -> PythonInterpreter {
    let name = override ?? "python3"
    let allowed = "the path of a Python 3.8 or later"
    func refuse(_ reason: String) -> FieldError {
      FieldError(field: "python", given: "\"\(name)\", \(reason)", allowed: allowed)
    }
    guard let path = Files.executable(name) else {
      throw refuse(name.contains("/") ? "which is not an executable file" : "which is not on PATH")
    }
    let output: String
    do {
      // -I leaves out what the sandbox leaves out too: PYTHON* variables and packages in the user's home.
      let result = try await run(
        .path(.init(path)),
        arguments: ["-I", "-c", question],
        output: .string(limit: 65536),
        error: .string(limit: 65536)
      )
      guard result.terminationStatus.isSuccess else {
        let complaint = result.standardError.split(separator: "\n").last.map(String.init) ?? "no output"
        throw refuse("which does not run: \(complaint)")
      }
      output = result.standardOutput
    } catch let error as FieldError {
      throw error
    } catch {
      throw refuse("which does not run: \(error)")
    }
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 8, lines[0] == "rl-arena" else { throw refuse("which does not answer like Python") }
    let version = lines[1].split(separator: ".").compactMap { Int($0) }
    guard version.count == 3, (version[0], version[1]) >= (3, 8) else { throw refuse("which is Python \(lines[1])") }
    guard lines[2].hasPrefix("/") else { throw refuse("which does not know where it is") }
    var prefixes: [String] = []
    for prefix in lines[4...7] where prefix.hasPrefix("/") && !prefixes.contains(prefix) { prefixes.append(prefix) }
    let interpreter = PythonInterpreter(
      executable: lines[2],
      version: lines[1],
      prefixes: prefixes,
      hasNumPy: lines[3] == "1"
    )
    if let prefix = prefixes.first(where: { SharedPlaces.contains($0) }) {
      throw refuse("whose installation folder \(prefix) is also where other people's files are")
    }
    return interpreter
  }

  /// Understood by every Python since 2.6, so that an old one is told from none.
  private static let question = """
    import sys
    try:
        from importlib.util import find_spec
        numpy = int(find_spec("numpy") is not None)
    except ImportError:
        numpy = 0
    base = getattr(sys, "base_prefix", sys.prefix)
    base_exec = getattr(sys, "base_exec_prefix", sys.exec_prefix)
    version = ".".join(str(part) for part in sys.version_info[:3])
    lines = ["rl-arena", version, sys.executable, numpy, sys.prefix, base, sys.exec_prefix, base_exec]
    print("\\n".join(str(line) for line in lines))
    """
}
