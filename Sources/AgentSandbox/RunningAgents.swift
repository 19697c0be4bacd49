internal import ArenaCore
internal import Synchronization

/// The processes of a match by seat, shared between those who start them and those who ask about them.
final class RunningAgents: Sendable {
  private let agents = Mutex<[Int: SandboxedAgent]>([:])

  /// Remembers the process in `seat`.
  func add(_ agent: SandboxedAgent, seat: Int) { agents.withLock { $0[seat] = agent } }

  /// All processes that were started.
  var all: [SandboxedAgent] { agents.withLock { Array($0.values) } }

  /// What is known about the process in `seat`. Where it must have ended or is about to, waits a moment for that.
  func report(of seat: Int, hasLeft: Bool) -> ProcessReport? {
    guard let agent = agents.withLock({ $0[seat] }) else { return nil }
    return hasLeft ? agent.waitUntilEnd(upTo: .seconds(1)) : agent.snapshot()
  }
}
