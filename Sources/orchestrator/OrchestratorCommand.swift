import ArenaCore
import ArenaLogging
import ArenaSystem
import ArgumentParser
import Dispatch
import Environments
import Glibc
import Logging
import MatchEngine

/// Plays the one match that its configuration describes.
@main
struct OrchestratorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orchestrator",
    abstract: "Plays one match between agents that connect over Unix-domain sockets.",
    discussion: """
      The last line on standard output is the result as JSON. Logs go to standard error as JSON lines.
      Exit status: 0 played, also to the match's time limit; 1 the match failed; 2 bad configuration; 3 cancelled.
      """,
    version: ArenaVersion.current
  )

  @Option(help: "The match's configuration, a JSON file.")
  var config: String

  @Option(help: "Lowest level of logs: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var orchestrator = command as? OrchestratorCommand {
        try await orchestrator.run()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      // Statuses other than 0 that stem from the command line are bad configuration; those of a match are its own.
      if code == .success || error is ExitCode { exit(withError: error) }
      OutputStream.standardError(fullMessage(for: error) + "\n")
      Glibc.exit(OrchestratorExit.badConfiguration.rawValue)
    }
  }

  mutating func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    guard let level = Logger.Level(rawValue: logLevel.lowercased()) else {
      throw ValidationError("--log-level is \"\(logLevel)\"; it must be a level such as info or debug")
    }
    LoggingSystem.bootstrap { _ in JSONLogHandler(level: level) }
    var run = MatchRun(configPath: config, logger: Logger(label: "orchestrator"))
    let exit = await run.run()
    throw ExitCode(exit.rawValue)
  }
}
