import AgentSandbox
import ArenaConfiguration
import ArenaCore
import ArenaSystem
import ArgumentParser
import Glibc
import MatchEngine
import Replay
import ReplayDelivery

/// The command line for people: play matches, look at games, check agents.
@main
struct ArenaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "arena",
    abstract: "Plays reinforcement-learning matches on this machine.",
    version: ArenaVersion.current,
    subcommands: [MatchCommand.self, ReplayCommand.self, EnvironmentsCommand.self, AgentCommand.self]
  )

  /// Exit status for a match that failed.
  static let failed: Int32 = 1
  /// Exit status for a command that cannot be carried out as it was given.
  static let usage: Int32 = 2

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as FieldError {
      fail("Error: \(error)", usage)
    } catch let error as ConfigurationError {
      fail("Error: \(error)", usage)
    } catch let error as SandboxError {
      fail("Error: \(error)", failed)
    } catch let error as ReplayError {
      fail("Error: \(error)", failed)
    } catch let error as DeliveryError {
      fail("Error: \(error)", failed)
    } catch let error as SystemFailure {
      fail("Error: \(error)", failed)
    } catch {
      if error is ExitCode || exitCode(for: error) == .success { exit(withError: error) }
      fail(fullMessage(for: error), usage)
    }
  }

  private static func fail(_ message: String, _ status: Int32) {
    OutputStream.standardError(message + "\n")
    Glibc.exit(status)
  }
}
