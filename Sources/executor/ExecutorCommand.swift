import AgentSandbox
import ArenaConfiguration
import ArenaCore
import ArenaSystem
import ArgumentParser
import Foundation
import GRPCCore

/// Serves RL Arena's executor API.
@main
struct ExecutorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "executor",
    abstract: "Serves RL Arena's gRPC API: plays matches between agents, and reads agents' code.",
    discussion: """
      The configuration is the file that --config names, else the variable CONFIG_PATH, else config/limits.yaml in this folder
      or one above it. EXECUTOR_HOST, EXECUTOR_PORT, MAX_CONCURRENT_MATCHES, LOG_LEVEL, LOG_FORMAT and KUBECONFIG stand over it,
      options over these.
      Exit status: 0 ended by a signal, all matches over; 1 the service failed; 2 the configuration cannot be used.
      """,
    version: ArenaVersion.current
  )

  @Option(help: ArgumentHelp("The configuration, a YAML file.", valueName: "path"))
  var config: String?

  @Option(help: "The address to listen on.")
  var host: String?

  @Option(help: "The port to listen on; 0 for one that the system chooses.")
  var port: Int?

  @Flag(help: "Say what is in force and from where, and end.")
  var checkConfig = false

  /// Exit status of a service that failed.
  private static let failed: Int32 = 1
  /// Exit status of a configuration that cannot be used.
  private static let badConfiguration: Int32 = 2

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var executor = command as? ExecutorCommand {
        try await executor.run()
      } else {
        try command.run()
      }
    } catch let error as ConfigurationError {
      fail("The configuration cannot be used:\n\(error)", badConfiguration)
    } catch let error as FieldError {
      fail("The configuration cannot be used: \(error)", badConfiguration)
    } catch let error as SandboxError {
      fail("The executor cannot be started: \(error)", failed)
    } catch let error as RuntimeError {
      // The server tells only that its transport failed; that tells why.
      let cause = error.cause as? RuntimeError
      fail("The executor failed: \((cause ?? error).message)", failed)
    } catch {
      if error is ExitCode || exitCode(for: error) == .success { exit(withError: error) }
      fail(fullMessage(for: error), badConfiguration)
    }
  }

  private static func fail(_ message: String, _ status: Int32) {
    OutputStream.standardError(message + "\n")
    Foundation.exit(status)
  }

  mutating func run() async throws {
    let effective = try EffectiveConfiguration(
      flags: ConfigurationFlags(config: config, host: host, port: port),
      environment: ProcessInfo.processInfo.environment
    )
    guard !checkConfig else {
      OutputStream.standardOutput(effective.report())
      return
    }
    try await ExecutorServer(effective).run()
  }
}
