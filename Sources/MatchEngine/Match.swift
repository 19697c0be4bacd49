public import ArenaCore
public import ArenaSystem
public import Environments
internal import Synchronization

/// One match: prepared, then played once on a thread of its own.
///
/// `init` listens on the agents' sockets, so agents may be started as soon as it returns.
public final class Match: Sendable {
  /// How far the match has come.
  public let progress = MatchProgress()

  private let plan: MatchPlan
  private let signals: MatchSignals
  private let loop: Mutex<MatchLoop?>

  /// Prepares a match and listens on its agents' sockets.
  ///
  /// - Parameters:
  ///   - plan: what to play. Its agents are as many as the environment has seats.
  ///   - environment: the game; it belongs to the match from here on.
  /// - Throws: `SystemFailure` if a socket cannot be made.
  public init(_ plan: MatchPlan, environment: sending any Environment) throws(SystemFailure) {
    precondition(plan.sources.count == plan.spec.agents.count)
    precondition(plan.spec.agents.count == environment.spec.seats)
    self.plan = plan
    signals = try MatchSignals()
    loop = Mutex(
      try MatchLoop(
        plan,
        environment: environment,
        signals: signals,
        progress: progress,
        ready: ReadinessSet(capacity: 2 * plan.sources.count + 1)
      )
    )
  }

  /// Plays the match and returns what came of it. May be called once.
  ///
  /// All sockets are closed and the replay is complete when it returns.
  public func play() async -> MatchResult {
    await withCheckedContinuation { continuation in
      do throws(SystemFailure) {
        try DedicatedThread.start("match") { [self] in
          guard let loop = loop.withLock({ $0.take() }) else { preconditionFailure("a match is played once") }
          if let processors = plan.processors { ThreadProcessors.use(processors) }
          continuation.resume(returning: loop.run())
        }
      } catch {
        preconditionFailure("no thread for the match: \(error)")
      }
    }
  }

  /// Calls the match off: it ends as CANCELLED, its result and replay are completed. May be called from any thread.
  public func cancel(_ reason: String) { signals.cancel(reason) }

  /// Tells the match that the process of agent `index` has ended, so that nobody waits for it to become ready.
  public func agentExited(_ index: Int) { signals.inbox.post(.exited(agent: index)) }

  /// Tells the match that the platform could not start agent `index`: no fault of the agent, the match ends as ERROR.
  public func agentNotStarted(_ index: Int, reason: String) {
    signals.inbox.post(.notStarted(agent: index, reason: reason))
  }

  /// Tells the match that the code of agent `index` holds nothing that could be started: a fault of the agent, as if it had failed to load.
  public func agentUnusable(_ index: Int, reason: String) {
    signals.inbox.post(.unusable(agent: index, reason: reason))
  }
}
