internal import Synchronization

/// Lets so many pieces of work run at a time; others wait, and are let in in the order in which they came.
public final class Slots: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// `count` slots.
  public init(count: Int) {
    precondition(count > 0, "without slots nothing would ever run")
    state = Mutex(State(free: count))
  }

  /// Runs `body` once there is a slot. A cancelled task keeps its place: `body` is to look whether it is still wanted.
  public func run<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
    defer { release() }
    return try await body()
  }

  private func release() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}
