internal import Dispatch
internal import Glibc
internal import Synchronization

/// Turns SIGTERM and SIGINT into a call. A signal that comes before anybody listens is kept.
public final class TerminationSignals: Sendable {
  private struct State {
    var received: String?
    var handler: (@Sendable (String) -> Void)?
  }

  private let state = Mutex(State())
  /// Kept alive for as long as signals are wanted; Dispatch's sources may be used from any thread.
  private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

  /// Listens from here on; the signals no longer end the process by themselves.
  public init() {
    for (number, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { @Sendable [weak self] in self?.receive(name) }
      source.activate()
      sources.append(source)
    }
  }

  /// The name of the newest signal; nil while none has come.
  public var received: String? { state.withLock { $0.received } }

  /// Calls `handler` with the signal's name, at once if one has come already.
  public func onSignal(_ handler: @escaping @Sendable (String) -> Void) {
    let received = state.withLock { state in
      state.handler = handler
      return state.received
    }
    if let received { handler(received) }
  }

  private func receive(_ name: String) {
    let handler = state.withLock { state in
      state.received = name
      return state.handler
    }
    handler?(name)
  }
}
