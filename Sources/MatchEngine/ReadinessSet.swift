internal import ArenaSystem
internal import CLinux
internal import Glibc

/// The sockets and signals that the match loop waits for: an epoll set.
///
/// Descriptors stay in the set from step to step, which makes waiting cheaper than handing the kernel a list each time.
/// Connections are watched for edges: an event says that bytes came since the last one, so what was not read must be remembered.
/// A descriptor that is closed leaves the set by itself. Source: epoll(7).
struct ReadinessSet {
  /// What an event is about.
  enum Source: Equatable {
    /// The loop itself is called.
    case wake
    /// Somebody connects to the listener of this player.
    case listener(Int)
    /// The connection of this player.
    case connection(Int)
  }

  /// What has happened to a source.
  struct Event {
    let source: Source
    /// Bytes have come, or the other side has ended the connection.
    let isReadable: Bool
    /// The other side has ended the connection; there may be bytes before the end.
    let isHungUp: Bool
    /// There is room for bytes again.
    let isWritable: Bool
  }

  private let descriptor: Int32
  private let events: UnsafeMutableBufferPointer<epoll_event>

  /// An empty set that reports up to `capacity` events at once.
  ///
  /// - Throws: `SystemFailure` if the system has no descriptor left.
  init(capacity: Int) throws(SystemFailure) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw SystemFailure("epoll_create1", errno) }
    events = .allocate(capacity: capacity)
    events.initialize(repeating: epoll_event())
  }

  /// Closes the set. It must not be used any more.
  func deallocate() {
    close(descriptor)
    events.deallocate()
  }

  /// Adds a descriptor.
  func add(_ added: Int32, as source: Source) { control(EPOLL_CTL_ADD, added, source, alsoWritable: false) }

  /// Changes whether room for bytes is reported for a connection in the set.
  func watch(_ connection: Int32, as source: Source, forWriting: Bool) {
    control(EPOLL_CTL_MOD, connection, source, alsoWritable: forWriting)
  }

  private func control(_ operation: Int32, _ changed: Int32, _ source: Source, alsoWritable: Bool) {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    if case .connection = source { event.events |= EPOLLET.rawValue | EPOLLRDHUP.rawValue }
    if alsoWritable { event.events |= EPOLLOUT.rawValue }
    event.data.u64 = Self.token(source)
    // It fails only for descriptors that are none or for want of kernel memory, and then nothing else works either.
    guard epoll_ctl(descriptor, operation, changed, &event) == 0 else {
      preconditionFailure("epoll_ctl: \(String(cString: strerror(errno)))")
    }
  }

  /// Waits until something happens; the number of events.
  func wait() -> Int {
    while true {
      let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), -1)
      if count >= 0 { return Int(count) }
      guard errno == EINTR else { preconditionFailure("epoll_wait: \(String(cString: strerror(errno)))") }
    }
  }

  /// Event number `index` of the last wait.
  subscript(index: Int) -> Event {
    let event = events[index]
    let hangUps = EPOLLHUP.rawValue | EPOLLERR.rawValue | EPOLLRDHUP.rawValue
    return Event(
      source: Self.source(event.data.u64),
      isReadable: event.events & (EPOLLIN.rawValue | hangUps) != 0,
      isHungUp: event.events & hangUps != 0,
      isWritable: event.events & EPOLLOUT.rawValue != 0
    )
  }

  private static func token(_ source: Source) -> UInt64 {
    switch source {
    case .wake: 0
    case .listener(let index): 1 << 32 | UInt64(index)
    case .connection(let index): 2 << 32 | UInt64(index)
    }
  }

  private static func source(_ token: UInt64) -> Source {
    switch token >> 32 {
    case 1: .listener(Int(token & 0xFFFF_FFFF))
    case 2: .connection(Int(token & 0xFFFF_FFFF))
    default: .wake
    }
  }
}
