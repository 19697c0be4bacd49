public import GRPCCore
internal import GRPCProtobuf
internal import Synchronization

/// `grpc.health.v1.Health`: says whether the server and its services can be used.
///
/// The empty name stands for the server as a whole. A new service serves; `shutDown` turns everything to not serving, which load
/// balancers see before connections go.
public final class HealthService: RegistrableRPCService {
  private struct State {
    var statuses: [String: ServingStatus] = ["": .serving]
    var isShutDown = false
    var watchers: [UInt64: (service: String, continuation: AsyncStream<ServingStatus>.Continuation)] = [:]
    var lastWatcher: UInt64 = 0
  }

  private let state = Mutex(State())

  /// A server that serves.
  public init() {}

  /// Says how a service is doing. After `shutDown` nothing changes any more.
  public func setStatus(_ status: ServingStatus, of service: String) {
    state.withLock { state in
      guard !state.isShutDown else { return }
      state.statuses[service] = status
      Self.tell(state, service)
    }
  }

  /// Turns the server and all services to not serving, for good. Those who watch are told, and their calls end: they would keep a
  /// server that drains from ending.
  public func shutDown() {
    state.withLock { state in
      guard !state.isShutDown else { return }
      state.isShutDown = true
      for service in state.statuses.keys {
        state.statuses[service] = .notServing
        Self.tell(state, service)
      }
      for watcher in state.watchers.values { watcher.continuation.finish() }
    }
  }

  /// How a service is doing; nil if it is not known.
  public func status(of service: String) -> ServingStatus? {
    state.withLock { $0.statuses[service] }
  }

  /// Makes the methods known to a server.
  public func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    HealthMethods(service: self).registerMethods(with: &router)
  }

  /// Whether nothing changes any more.
  var isShutDown: Bool { state.withLock { $0.isShutDown } }

  var statuses: [String: ServingStatus] { state.withLock { $0.statuses } }

  /// The status of a service now and whenever it changes; of changes that nobody took in time, the last.
  func watch(_ service: String) -> (id: UInt64, statuses: AsyncStream<ServingStatus>) {
    let (statuses, continuation) = AsyncStream.makeStream(of: ServingStatus.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = (service, continuation)
      continuation.yield(state.statuses[service] ?? .serviceUnknown)
      if state.isShutDown { continuation.finish() }
      return state.lastWatcher
    }
    return (id, statuses)
  }

  func endWatch(_ id: UInt64) {
    let watcher = state.withLock { $0.watchers.removeValue(forKey: id) }
    watcher?.continuation.finish()
  }

  private static func tell(_ state: State, _ service: String) {
    guard let status = state.statuses[service] else { return }
    for watcher in state.watchers.values where watcher.service == service { watcher.continuation.yield(status) }
  }
}
