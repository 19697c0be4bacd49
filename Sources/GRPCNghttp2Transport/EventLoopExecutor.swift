internal import DequeModule
internal import NIOCore
internal import Synchronization

/// Runs Swift's tasks on an event loop, and flushes the loop's connections after them.
///
/// What a burst of requests led to is done in one go: all handlers that can run do, then every connection sends what they wrote.
/// A task that becomes ready on the loop itself costs an append; from elsewhere, a lock and at most one wake-up per burst.
///
/// `@unchecked Sendable`: everything but `remote` is touched on the loop only.
final class EventLoopExecutor: TaskExecutor, @unchecked Sendable {
  /// Rounds of tasks and flushes before the loop gets to look at its sockets again.
  private static let roundsAtOnce = 64
  /// What comes after these rounds is put off by this. A loop looks at its sockets only when nothing is to be run at once.
  private static let pause = TimeAmount.microseconds(50)

  /// Jobs that were enqueued from other threads, and whether the loop was told.
  private struct Remote {
    var jobs: [UnownedJob] = []
    var isScheduled = false
  }

  let loop: any EventLoop
  private var jobs = Deque<UnownedJob>()
  private var connections: [HTTP2Connection] = []
  private var isScheduled = false
  /// Whether a connection is being read, which ends with a drain.
  private var isHeld = false
  private var isDraining = false
  private let remote = Mutex(Remote())

  /// The executor of `loop`.
  init(loop: any EventLoop) {
    self.loop = loop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if loop.inEventLoop {
      jobs.append(job)
      schedule()
      return
    }
    let mustTell = remote.withLock { remote in
      remote.jobs.append(job)
      defer { remote.isScheduled = true }
      return !remote.isScheduled
    }
    if mustTell {
      loop.execute { self.takeRemoteJobs() }
    }
  }

  /// Has the connection flushed once all tasks that are ready have run. On the loop only.
  func flushLater(_ connection: HTTP2Connection) {
    connections.append(connection)
    schedule()
  }

  /// A connection is being read and will call `drain` at the end: nothing needs to be scheduled. On the loop only.
  func holdDrain() { isHeld = true }

  /// Ends what `holdDrain` began; what became ready in between waits for `drain` or is scheduled.
  func releaseDrain() {
    guard isHeld else { return }
    isHeld = false
    if !jobs.isEmpty || !connections.isEmpty { schedule() }
  }

  /// Runs what is ready and flushes. On the loop only, and never from within libnghttp2 or a handler.
  func drain() {
    // A write that fails in a flush has NIO read what is left, right there.
    isHeld = false
    guard !isDraining else { return }
    isDraining = true
    var rounds = 0
    while !(jobs.isEmpty && connections.isEmpty), rounds < Self.roundsAtOnce {
      rounds += 1
      var count = jobs.count
      while count > 0, let job = jobs.popFirst() {
        job.runSynchronously(on: asUnownedTaskExecutor())
        count -= 1
      }
      // Tasks that the ones before made ready run before anything is sent: most often they have something to add.
      if !jobs.isEmpty { continue }
      flushConnections()
    }
    if !connections.isEmpty { flushConnections() }
    isDraining = false
    if !jobs.isEmpty || !connections.isEmpty { schedule(in: Self.pause) }
  }

  private func flushConnections() {
    // Flushing can make writers ready, which can mark connections anew.
    let marked = connections
    connections.removeAll(keepingCapacity: true)
    for connection in marked { connection.flush() }
  }

  private func schedule(in delay: TimeAmount? = nil) {
    guard !isScheduled, !isDraining, !isHeld else { return }
    isScheduled = true
    let drain: @Sendable () -> Void = {
      self.isScheduled = false
      self.drain()
    }
    if let delay {
      loop.scheduleTask(in: delay, drain)
    } else {
      loop.execute(drain)
    }
  }

  private func takeRemoteJobs() {
    let taken = remote.withLock { remote in
      remote.isScheduled = false
      defer { remote.jobs = [] }
      return remote.jobs
    }
    jobs.append(contentsOf: taken)
    drain()
  }
}
