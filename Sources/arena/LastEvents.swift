import ArenaSystem
import Replay

/// The last few events of many.
struct LastEvents {
  private var events: [ReplayEvent] = []
  /// Where the oldest event is, once there are as many as are kept.
  private var oldest = 0
  private let limit: Int

  /// Keeps `limit` events.
  init(limit: Int) { self.limit = limit }

  /// Adds an event, in place of the oldest where there are enough.
  mutating func add(_ event: ReplayEvent) {
    if events.count < limit { return events.append(event) }
    guard limit > 0 else { return }
    events[oldest] = event
    oldest = (oldest + 1) % limit
  }

  /// Writes them in their order, and forgets them.
  mutating func write(to lines: inout EventLines) throws(SystemFailure) {
    for index in events.indices { try lines.add(events[(oldest + index) % events.count]) }
    try lines.flush()
    events = []
    oldest = 0
  }
}
