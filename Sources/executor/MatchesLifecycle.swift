import GRPCServices
import MatchExecutor
import ServiceLifecycle

/// The matches as a part of the program: told to end, it says that nothing new is taken, and waits for those that were.
struct MatchesLifecycle: Service, CustomStringConvertible {
  let backend: any MatchBackend
  let health: HealthService
  /// How long matches may take to end by themselves.
  let patience: Duration

  var description: String { "the matches" }

  func run() async throws {
    try? await gracefulShutdown()
    health.shutDown()
    await backend.drain(within: patience)
  }
}
