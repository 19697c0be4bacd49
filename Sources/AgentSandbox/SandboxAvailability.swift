import Subprocess

/// Whether bubblewrap can be used on this machine.
public enum SandboxAvailability: Sendable, Equatable {
  /// It was run once and worked.
  ///
  /// - `userNamespaces`: Whether agents could make user namespaces of their own, since this version cannot forbid it.
  case available(userNamespaces: Bool)
  /// It cannot be used; `reason` is a sentence without its full stop.
  case unavailable(reason: String)

  /// Runs bubblewrap once with the options that every agent gets.
  public static func detect() async -> SandboxAvailability { await detect(SandboxTools.find()) }

  static func detect(_ tools: SandboxTools) async -> SandboxAvailability {
    guard let path = tools.bubblewrap else { return .unavailable(reason: "bubblewrap (bwrap) is not on PATH") }
    var reason = ""
    for userNamespaces in [false, true] {
      var command = BubblewrapCommand(tmpBytes: 4096, etc: nil, devices: nil, userNamespaces: userNamespaces)
      command.finish(
        workingDirectory: "/",
        environment: AgentEnvironment(socketPath: "/", startupTimeout: .seconds(1), threadCount: 1, processLimit: nil)
      )
      do {
        let result = try await run(
          .path(.init(path)),
          arguments: Arguments(command.options + ["--", "/bin/sh", "-c", ":"]),
          output: .discarded,
          error: .string(limit: 65536)
        )
        if result.terminationStatus.isSuccess { return .available(userNamespaces: userNamespaces) }
        reason = result.standardError.split(separator: "\n").last.map(String.init) ?? "\(result.terminationStatus)"
      } catch {
        reason = "\(error)"
      }
    }
    return .unavailable(reason: "bubblewrap is installed but does not work here (\(reason))")
  }
}
