internal import Dispatch
internal import Glibc
internal import Synchronization

/// Turns SIGTERM and SIGINT into a call. A signal that comes before anybody listens is kept.
///
/// Each of several such objects, one after the other or at a time, hears of the signals that come while it lives.
public final class TerminationSignals: Sendable {
  private struct State {
    var received: String?
    var handler: (@Sendable (String) -> Void)?
  }

  private struct Reference {
    weak var signals: TerminationSignals?
  }

  private let state = Mutex(State())
  private static let living = Mutex<[ObjectIdentifier: Reference]>([:])

  /// Made once and kept for good: a signal's disposition that is set again under a source of Dispatch's, which may outlive its last
  /// reference for a moment, would leave the signal ignored. Dispatch's sources may be used from any thread.
  private nonisolated(unsafe) static let sources: [any DispatchSourceSignal] =
    [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
      source.setEventHandler { @Sendable in
        let all = living.withLock { $0.values.compactMap(\.signals) }
        for signals in all { signals.receive(name) }
      }
      source.activate()
      return source
    }

  /// Listens from here on; the signals no longer end the process by themselves.
  public init() {
    _ = Self.sources
    Self.living.withLock { $0[ObjectIdentifier(self)] = Reference(signals: self) }
  }

  deinit { Self.living.withLock { $0[ObjectIdentifier(self)] = nil } }

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
