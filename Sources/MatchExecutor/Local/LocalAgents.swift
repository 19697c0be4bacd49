internal import AgentArchive
internal import AgentSandbox
internal import ArenaCore
internal import ArenaSystem
internal import Glibc

/// Finds the code of agents on this machine.
struct LocalAgents: Sendable {
  /// What an archive may hold.
  let archiveLimits: ArchiveLimits
  /// Where archives are unpacked.
  let temporaryFolder: String

  /// What is wrong with where the agents of `match` are said to be. What lies there is looked at when the match begins: code that
  /// cannot be loaded is a fault of its agent, not of the request.
  func errors(of match: AcceptedMatch) -> [FieldError] {
    match.sources.enumerated().compactMap { index, source in
      guard source.builtIn == nil else { return nil }
      guard let path = source.path else {
        return FieldError(
          field: "agents[\(index)].\(match.spec.agents[index].image == nil ? "code_url" : "docker_image")",
          given: "the image \(source.image?.description ?? "")",
          allowed:
            "left out, and code_url the absolute path of a .py file, a directory or a .zip file: this executor plays on its own machine (executor.use_k8s is false)"
        )
      }
      return Self.error(path).map { complaint in
        FieldError(
          field: "agents[\(index)].code_url",
          given: "\"\(path)\", \(complaint)",
          allowed: "the absolute path of a .py file, a directory or a .zip file"
        )
      }
    }
  }

  private static func error(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return errno == EACCES ? "which cannot be looked at" : "which does not exist on the executor's machine"
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return access(path, R_OK | X_OK) == 0 ? nil : "which cannot be read"
    case S_IFREG:
      guard path.hasSuffix(".py") || isArchive(path) else { return "which is neither a .py nor a .zip file" }
      return access(path, R_OK) == 0 ? nil : "which cannot be read"
    default: return "which is neither a file nor a directory"
    }
  }

  private static func isArchive(_ path: String) -> Bool { path.lowercased().hasSuffix(".zip") }

  /// What plays for `sources`, with the folder that unpacked archives lie in until the match is over.
  ///
  /// - Throws: `SandboxError` if this machine could not unpack an archive.
  func entrants(_ sources: [AgentSource]) throws -> (entrants: [LocalMatch.Entrant], folder: RuntimeFolder?) {
    var folder: RuntimeFolder?
    let entrants = try sources.enumerated().map { index, source -> LocalMatch.Entrant in
      if let builtIn = source.builtIn { return .builtIn(builtIn) }
      guard var path = source.path else { throw SandboxError("agent \(index + 1) has no code on this machine") }
      if Self.isArchive(path) {
        let own = try folder ?? RuntimeFolder(in: temporaryFolder)
        folder = own
        let place = "\(own.path)/agent\(index + 1)"
        do throws(ArchiveError) {
          try AgentArchive(contentsOf: path, limits: archiveLimits).unpack(to: place)
        } catch {
          guard error.reason != .system else { throw SandboxError("\(path): \(error)") }
          return .unusable(reason: "its archive cannot be unpacked: \(error)")
        }
        path = place
      }
      let program = AgentProgram.python(path: path)
      do throws(FieldError) {
        try program.validate(field: "its code")
      } catch {
        return .unusable(reason: "\(error)")
      }
      return .program(program)
    }
    return (entrants, folder)
  }
}
