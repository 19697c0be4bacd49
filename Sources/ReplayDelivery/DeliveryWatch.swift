internal import ArenaCore
internal import ArenaSystem
internal import Glibc

/// Watches a volume and delivers every replay that is finished, for as long as it is wanted: the process outside the match's pod.
///
/// What was delivered is remembered by the store itself: after a restart, a file that is there already is not sent again.
public struct DeliveryWatch: Sendable {
  /// The folder that is looked through, with the folders in it.
  public var root: String
  /// Where replays are to be kept.
  public var target: DeliveryTarget
  /// How they are delivered.
  public var options: DeliveryOptions
  /// How long nobody may have written to a file without an end, until it is delivered as it is.
  public var idle = Duration.seconds(600)
  /// How often the folder is looked through.
  public var interval = Duration.seconds(2)
  /// Whether files are removed once it was checked that they arrived.
  public var removes = false

  private static let pauses = RetryPolicy(
    firstDelay: .seconds(1),
    longestDelay: .seconds(300),
    attempts: .max,
    total: .seconds(Int64.max / 2_000_000_000)
  )

  /// A watch over `root`.
  public init(root: String, target: DeliveryTarget, options: DeliveryOptions) {
    self.root = root
    self.target = target
    self.options = options
  }

  /// Watches until the task is cancelled.
  ///
  /// - Parameters:
  ///   - log: called with everything that happens.
  ///   - notice: called, from any thread, with a line about each request that is tried again.
  public func run(log: (DeliveryEvent) -> Void, notice: @escaping @Sendable (String) -> Void) async {
    let delivery = Delivery(options: options, notice: notice)
    let volume = ReplayVolume(root: root)
    let start = MonotonicClock.now()
    let now = { Duration.nanoseconds(MonotonicClock.now() - start) }
    var queue = DeliveryQueue(idle: idle, policy: Self.pauses, seed: .random(in: .min ... .max))
    var ignored: Set<String> = []
    var lastComplaint = ""
    while !Task.isCancelled {
      do throws(DeliveryError) {
        let view = try volume.look()
        for (name, reason) in view.ignored.sorted(by: { $0.key < $1.key }) where !ignored.contains(name) {
          log(.ignored(name: name, reason: reason))
        }
        ignored = Set(view.ignored.keys)
        queue.saw(view.files, at: now(), date: Self.date())
        lastComplaint = ""
      } catch {
        if lastComplaint != error.description { log(.unreadable(reason: error.description)) }
        lastComplaint = error.description
      }
      // The folder is looked through again after a while, however much there is to do.
      let nextLook = now() + interval
      while !Task.isCancelled, now() < nextLook, let work = queue.next(at: now()) {
        await deliver(work, &queue, volume, delivery, now, log)
      }
      let moment = min(nextLook, queue.nextMoment ?? nextLook)
      try? await Task.sleep(for: max(.zero, moment - now()))
    }
    await delivery.close()
  }

  /// Delivers what is there and finished, or has been left alone for long, once.
  ///
  /// - Parameters: see `run(log:notice:)`.
  /// - Returns: how many files are left: not delivered, or still being written.
  /// - Throws: `DeliveryError` if the folder cannot be read.
  public func runOnce(
    log: (DeliveryEvent) -> Void,
    notice: @escaping @Sendable (String) -> Void
  ) async throws(DeliveryError) -> Int {
    let volume = ReplayVolume(root: root)
    let view = try volume.look()
    for (name, reason) in view.ignored.sorted(by: { $0.key < $1.key }) { log(.ignored(name: name, reason: reason)) }
    var queue = DeliveryQueue(idle: idle, policy: Self.pauses, seed: .random(in: .min ... .max))
    queue.saw(view.files, at: .zero, date: Self.date())
    let delivery = Delivery(options: options, notice: notice)
    // Time stands still: what failed, or is not finished, does not come up again; where nothing can arrive, nothing further is tried.
    while !Task.isCancelled, let work = queue.next(at: .zero) {
      await deliver(work, &queue, volume, delivery, { .zero }, log)
    }
    await delivery.close()
    return queue.waiting
  }

  private func deliver(
    _ work: DeliveryQueue.Work,
    _ queue: inout DeliveryQueue,
    _ volume: ReplayVolume,
    _ delivery: Delivery,
    _ now: () -> Duration,
    _ log: (DeliveryEvent) -> Void
  ) async {
    let name = work.file.name
    var report: Delivery.Report
    var opened: DeliverableFile?
    do throws(DeliveryError) {
      let file = try volume.open(name)
      opened = file
      report = await delivery.deliver(file, as: name, to: target)
    } catch {
      report = Delivery.Report(DeliveryResult(url: target.location(name), delivered: false))
      report.result.error = error.description
      report.isAboutFile = true
    }
    guard report.result.delivered, let file = opened else {
      // A delivery that was called off by the end of the watch is no failure.
      guard !Task.isCancelled else { return }
      let wait = queue.failed(work, isAboutFile: report.isAboutFile, at: now())
      return log(.failed(name: name, report: report, retryAfter: wait))
    }
    // Where it was written to since it was seen, the next look will see that.
    queue.delivered(work)
    log(.delivered(name: name, report: report, isAbandoned: work.isAbandoned))
    if removes { log(file.remove() ? .removed(name: name) : .kept(name: name)) }
  }

  private static func date() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
