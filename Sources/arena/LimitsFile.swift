import AgentSandbox
import ArenaCore
import Foundation
import Yams

/// The section `resource_limits` of `config/limits.yaml`.
struct LimitsFile {
  /// CPU cores of one match.
  var cpuCount = 2.0
  /// Memory of one match, in bytes.
  var memoryBytes = 2 << 30
  /// Processes and threads of one agent.
  var maxProcesses = 128
  /// Time budgets.
  var limits = MatchLimits()
  /// The file that was read; nil where none was found.
  var path: String?

  /// The file that `CONFIG_PATH` names, else `config/limits.yaml` in this folder or one above it, else defaults.
  static func find() throws(FieldError) -> LimitsFile {
    if let path = ProcessInfo.processInfo.environment["CONFIG_PATH"], !path.isEmpty { return try LimitsFile(path) }
    guard let path = SourceTree.find("config/limits.yaml", above: FileManager.default.currentDirectoryPath) else {
      return LimitsFile()
    }
    return try LimitsFile(path)
  }

  private init() {}

  /// Reads the file at `path`.
  ///
  /// - Throws: `FieldError` that names the file, the key, and what is allowed.
  init(_ path: String) throws(FieldError) {
    self.path = path
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw FieldError(field: path, given: "not readable", allowed: "a readable YAML file")
    }
    let root: JSONValue
    do {
      root = try YAMLDecoder().decode(JSONValue.self, from: text)
    } catch {
      throw FieldError(field: path, given: "not valid YAML (\(error))", allowed: "a YAML file")
    }
    do throws(FieldError) {
      guard let section = try FieldReader(root).object("resource_limits") else { return }
      try read(section)
    } catch {
      throw FieldError(field: "\(path): \(error.field)", given: error.given, allowed: error.allowed)
    }
  }

  private mutating func read(_ section: FieldReader) throws(FieldError) {
    if let value = section.value("cpu_count") {
      guard let number = value.double, (0.01...1024).contains(number) else {
        throw section.wrong("cpu_count", value, "a number in 0.01…1024")
      }
      cpuCount = number
    }
    if let value = section.value("memory_limit") {
      guard let bytes = Self.bytes(value), bytes >= 16 << 20 else {
        throw section.wrong("memory_limit", value, "a size of at least 16m, such as \"512m\" or \"2g\"")
      }
      memoryBytes = bytes
    }
    if let value = try section.integer("pids_limit", in: 1...1_000_000) { maxProcesses = value }
    let positive = 0.001...MatchSpec.maximumSeconds
    if let value = try section.seconds("step_timeout_sec", in: positive) { limits.stepTimeout = value }
    if let value = try section.seconds("init_timeout_sec", in: positive) { limits.startupTimeout = value }
    if let value = try section.seconds("match_timeout_sec", in: positive) { limits.matchTimeout = value }
  }

  /// Docker's notation: a number of bytes, or one followed by b, k, m or g.
  private static func bytes(_ value: JSONValue) -> Int? {
    switch value {
    case .integer(let bytes): return Int(exactly: bytes)
    case .string(let text):
      let text = text.lowercased()
      let shifts: [Character: Int] = ["b": 0, "k": 10, "m": 20, "g": 30]
      guard let unit = text.last else { return nil }
      guard let shift = shifts[unit] else { return Int(text) }
      guard let number = Int(text.dropLast()), number >= 0, number <= Int.max >> shift else { return nil }
      return number << shift
    default: return nil
    }
  }

  /// What one of `agents` agents may use: an equal share, of CPU time at least one core.
  func sandboxLimits(agents: Int) -> SandboxLimits {
    SandboxLimits(
      cpuCount: max(1, cpuCount / Double(max(1, agents))),
      memoryBytes: max(16 << 20, memoryBytes / max(1, agents)),
      maxProcesses: maxProcesses
    )
  }
}
