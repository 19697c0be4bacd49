public import AgentArchive
internal import AgentProtocol
public import AgentSandbox
internal import ArenaCore
internal import ArenaSystem
public import Environments
internal import Glibc

/// Reads uploaded agents and says what would keep them from playing. None of their code runs.
///
/// Archives are unpacked by `AgentArchive`; source is read by `rl_arena_validate.py`, a real Python in a process of its
/// own without network, which limits its memory and its time before it opens a file.
public struct AgentValidator: Sendable {
  /// What agents may be.
  public let rules: ValidationRules
  /// Sentences for the log about how source is read on this machine, each without its full stop.
  public let notes: [String]

  private let limits: AnalysisLimits
  private let registry: EnvironmentRegistry
  private let sandbox: AgentSandbox
  private let interpreter: PythonInterpreter
  private let script: String
  private let temporaryFolder: String
  private let slots: Slots

  /// A validator by `rules`, which reads at most as many agents at a time as there are processors.
  ///
  /// - Parameters:
  ///   - registry: The environments that agents may be for.
  ///   - python: The Python that reads; by default what `python3` on `PATH` is.
  ///   - temporaryFolder: Where archives are unpacked (`sandbox.tmp_dir`); it is made if it is missing.
  /// - Throws: `FieldError` if there is no usable Python, `SandboxError` if the sandbox that was asked for cannot be
  ///   used or the script is missing.
  public init(
    rules: ValidationRules = ValidationRules(),
    limits: AnalysisLimits = AnalysisLimits(),
    registry: EnvironmentRegistry = .standard,
    sandbox choice: SandboxChoice = .auto,
    python: String? = nil,
    temporaryFolder: String = "/tmp"
  ) async throws {
    let name = "rl_arena_validate.py"
    guard let script = ProgramFiles.python(name) else {
      throw SandboxError("\(name) is neither beside the program nor in share/rl-arena")
    }
    self.rules = rules
    self.limits = limits
    self.registry = registry
    self.script = script
    self.temporaryFolder = temporaryFolder
    sandbox = try await AgentSandbox(choice)
    interpreter = try await PythonInterpreter.discover(override: python)
    slots = Slots(count: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let reader = "agents' source is read by Python \(interpreter.version)"
    switch sandbox.kind {
    case .bubblewrap: notes = ["\(reader) in bubblewrap, without network"]
    case .none:
      notes = ["\(reader) in a plain process" + (sandbox.fallbackReason.map { ": \($0)" } ?? "")]
    }
    RuntimeFolder.removeAbandoned(in: temporaryFolder)
  }

  /// Validates an agent in a zip archive.
  ///
  /// - Throws: `SandboxError` if this machine could not do it, `CancellationError`: neither says anything about the agent.
  public func validate(zip bytes: [UInt8], environment: String) async throws -> ValidationReport {
    try await slots.run {
      try Task.checkCancellation()
      let archive: AgentArchive
      let folder: RuntimeFolder
      do throws(ArchiveError) {
        archive = try AgentArchive(bytes, limits: archiveLimits)
      } catch {
        return refusal(error, environment)
      }
      folder = try RuntimeFolder(in: temporaryFolder)
      defer { folder.remove() }
      let path = "\(folder.path)/agent"
      do throws(ArchiveError) {
        try archive.unpack(to: path)
      } catch {
        if error.reason == .system { throw SandboxError(error.description) }
        return refusal(error, environment)
      }
      return try await read(path, environment)
    }
  }

  /// Validates an agent in a folder, or in one `.py` file.
  ///
  /// - Throws: as for archives.
  public func validate(directory path: String, environment: String) async throws -> ValidationReport {
    try await slots.run {
      try Task.checkCancellation()
      return try await read(path, environment)
    }
  }

  /// What an archive may hold by the rules.
  public var archiveLimits: ArchiveLimits {
    ArchiveLimits(totalBytes: rules.totalBytes, fileBytes: rules.fileBytes, files: rules.files)
  }

  /// The report about an archive that was not unpacked.
  private func refusal(_ error: ArchiveError, _ environment: String) -> ValidationReport {
    ValidationReport(errors: game(environment).errors + [error.description])
  }

  /// The environment's spec, or the sentence that says that there is none.
  private func game(_ environment: String) -> (spec: EnvironmentSpec?, errors: [String]) {
    do throws(FieldError) {
      return (try registry.make(environment).spec, [])
    } catch {
      return (nil, [error.description])
    }
  }

  private func read(_ folder: String, _ environment: String) async throws -> ValidationReport {
    let (spec, errors) = game(environment)
    let analysis = SourceAnalysis(rules: rules, limits: limits, environment: spec)
    let tool = PythonTool(
      interpreter: interpreter,
      script: script,
      folder: folder,
      arguments: ["--rules", analysis.arguments],
      timeLimit: limits.time,
      outputBytes: AnalysisLimits.outputBytes
    )
    var report = try analysis.report(try await sandbox.perform(tool))
    report.errors = errors + report.errors
    return report
  }
}
