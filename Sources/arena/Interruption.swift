import ArenaSystem

/// Work that SIGTERM and Ctrl-C call off.
enum Interruption {
  /// Runs `body` in a task that is cancelled by the first such signal, and waits for it.
  static func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
    let signals = TerminationSignals()
    let task = Task { await body() }
    signals.onSignal { _ in task.cancel() }
    let result = await task.value
    withExtendedLifetime(signals) {}
    return result
  }
}
