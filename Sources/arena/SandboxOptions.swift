public import AgentSandbox
import ArenaCore
public import ArgumentParser

extension SandboxChoice: ExpressibleByArgument {}

/// The options that say how agents are run.
struct SandboxOptions: ParsableArguments {
  @Option(help: "How agents are kept apart: auto, bwrap or none.")
  var sandbox = SandboxChoice.auto

  @Option(help: "The Python that runs Python agents. (default: what python3 on PATH is)")
  var python: String?

  /// The interpreter and the host, where any of `entrants` needs them.
  func pythonParts(for entrants: Entrants) async throws -> (interpreter: PythonInterpreter, hostFile: String)? {
    guard entrants.needPython else { return nil }
    guard let hostFile = ProgramFiles.python("rl_arena_agent.py") else {
      throw FieldError(
        field: "rl_arena_agent.py",
        given: "not found",
        allowed: "beside this program or in the tree it was built in"
      )
    }
    do {
      return (try await PythonInterpreter.discover(override: python), hostFile)
    } catch {
      // What was found without the option is not what the user wrote: say how to name another.
      throw FieldError(field: "--python", given: error.given, allowed: error.allowed)
    }
  }
}
