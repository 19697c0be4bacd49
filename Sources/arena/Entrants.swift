import AgentSandbox
import ArenaCore
import Foundation
import MatchEngine

/// The agents that a command line names.
struct Entrants {
  /// What plays, in order.
  var entrants: [LocalMatch.Entrant] = []
  /// What they are called.
  var specs: [AgentSpec] = []

  /// Reads arguments: a directory or `.py` file, `exec:PATH`, or `builtin:NAME`.
  ///
  /// - Throws: `FieldError` about the first that cannot be used.
  init(_ arguments: [String]) throws(FieldError) {
    var taken: [String: Int] = [:]
    for (index, argument) in arguments.enumerated() {
      let entrant = try Self.entrant(argument, field: "agent \(index + 1)")
      let name = Self.name(argument, entrant)
      taken[name, default: 0] += 1
      var unique = name
      while let count = taken[name], count > 1, specs.contains(where: { $0.agentID == unique }) {
        unique = "\(name)-\(count)"
        if specs.contains(where: { $0.agentID == unique }) { taken[name] = count + 1 }
      }
      entrants.append(entrant)
      specs.append(AgentSpec(agentID: unique))
    }
  }

  /// Whether any of them is Python code.
  var needPython: Bool {
    entrants.contains { if case .program(.python) = $0 { true } else { false } }
  }

  /// Whether any of them is a process.
  var needSandbox: Bool {
    entrants.contains { if case .program = $0 { true } else { false } }
  }

  private static func entrant(_ argument: String, field: String) throws(FieldError) -> LocalMatch.Entrant {
    guard argument.hasPrefix("builtin:") else { return .program(try AgentProgram(argument: argument, field: field)) }
    let name = String(argument.dropFirst("builtin:".count))
    guard let agent = BuiltInAgent(rawValue: name) else {
      let known = BuiltInAgent.allCases.map { "builtin:\($0.rawValue)" }.joined(separator: ", ")
      throw FieldError(field: field, given: "\"\(argument)\"", allowed: "one of \(known)")
    }
    return .builtIn(agent)
  }

  /// The file's or directory's name, without the ending of Python files.
  private static func name(_ argument: String, _ entrant: LocalMatch.Entrant) -> String {
    guard case .program(let program) = entrant else { return String(argument.dropFirst("builtin:".count)) }
    let url = URL(filePath: program.path).standardizedFileURL
    let name = url.pathExtension == "py" ? url.deletingPathExtension().lastPathComponent : url.lastPathComponent
    return name.isEmpty || name == "/" ? "agent" : name
  }
}
