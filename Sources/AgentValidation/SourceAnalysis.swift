internal import AgentProtocol
internal import AgentSandbox
internal import ArenaCore
internal import Environments
internal import Foundation

/// What `rl_arena_validate.py` is asked, and what its answer means.
struct SourceAnalysis {
  let rules: ValidationRules
  let limits: AnalysisLimits
  let environment: EnvironmentSpec?

  /// Its status where the files need more memory than it may have.
  private static let outOfMemory: Int32 = 75

  /// The rules, as a JSON object.
  var arguments: String {
    var members: [String: JSONValue] = [
      "forbidden_imports": .array(rules.forbiddenImports.map(JSONValue.string)),
      "allowed_extensions": .array(rules.allowedExtensions.map(JSONValue.string)),
      "max_lines": .integer(Int64(rules.lines)),
      "max_file_bytes": .integer(Int64(rules.fileBytes)),
      "max_total_bytes": .integer(Int64(rules.totalBytes)),
      "max_files": .integer(Int64(rules.files)),
      "max_findings": .integer(Int64(limits.findings)),
      "memory_bytes": .integer(Int64(limits.memoryBytes)),
      "cpu_seconds": .integer(Int64(limits.processorSeconds)),
    ]
    if let environment {
      members["environment"] = .string(environment.name)
      members["action_space"] = actionSpace(environment)
    }
    return (try? JSONEncoder().encode(JSONValue.object(members))).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// The part of the action space's description about which a constant can be wrong. Bounds of every element of a large
  /// box would not fit on a command line.
  private func actionSpace(_ environment: EnvironmentSpec) -> JSONValue {
    guard case .object(let members) = environment.action.jsonDescription else { return .null }
    return .object(members.filter { ["type", "n", "start", "shape"].contains($0.key) })
  }

  /// The report that a run of the script gives.
  ///
  /// - Throws: `SandboxError` if it failed for a reason that is not in the files.
  func report(_ outcome: PythonTool.Outcome) throws(SandboxError) -> ValidationReport {
    let lines = outcome.output.split(separator: UInt8(ascii: "\n"))
    // Of a line that is not complete nothing is known.
    let last = lines.last.flatMap { try? JSONDecoder().decode(Line.self, from: Data($0)) }
    let file = lines.reversed().lazy.compactMap { try? JSONDecoder().decode(Line.self, from: Data($0)).reading }.first
    let place = file.map { "\($0): " } ?? ""
    switch outcome.ending {
    case .status(0):
      if let last, let errors = last.errors, let warnings = last.warnings {
        return ValidationReport(errors: errors, warnings: warnings)
      }
    case .status(Self.outOfMemory):
      let memory = limits.memoryBytes >> 20
      return ValidationReport(errors: ["\(place)reading it takes more than \(memory) MiB of memory"])
    case .signal(SIGXCPU), .overdue:
      let time =
        outcome.ending == .overdue
        ? "\(limits.time.inSeconds) s" : "\(limits.processorSeconds) s of processor time"
      return ValidationReport(errors: ["\(place)reading it takes more than \(time)"])
    case .signal(let signal) where file != nil && signal != SIGKILL && signal != SIGTERM:
      let name = String(cString: strsignal(signal))
      return ValidationReport(errors: ["\(place)Python cannot read it and ends with signal \(signal) (\(name))"])
    default: break
    }
    let complaint = outcome.complaint.split(separator: "\n").last.map { ": \($0)" } ?? ""
    throw SandboxError("the agent's source could not be read (\(outcome.ending))\(complaint)")
  }

  /// A line of the script's output: progress, or its answer.
  private struct Line: Decodable {
    var reading: String?
    var errors: [String]?
    var warnings: [String]?
  }
}
