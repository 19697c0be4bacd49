import Foundation
import Glibc
import Testing

@testable import ReplayDelivery

/// What is delivered next, and when, with a clock that is turned by hand.
@Suite struct DeliveryQueueTests {
  private static let policy = RetryPolicy(
    firstDelay: .seconds(1),
    longestDelay: .seconds(300),
    attempts: .max,
    total: .seconds(1)
  )
  /// The time of day at which files are looked at, in nanoseconds since 1970.
  private static let date: Int64 = 1_800_000_000_000_000_000

  private static func file(_ name: String, size: Int = 1, isFinished: Bool = true, age: Int64 = 0)
    -> ReplayVolume.Sighting
  {
    var status = stat()
    status.st_size = off_t(size)
    let modified = date - age * 1_000_000_000
    status.st_mtim = timespec(tv_sec: Int(modified / 1_000_000_000), tv_nsec: 0)
    return ReplayVolume.Sighting(name: name, identity: .init(status), isFinished: isFinished)
  }

  private static func queue() -> DeliveryQueue { DeliveryQueue(idle: .seconds(600), policy: policy, seed: 1) }

  @Test func `finished files go one after the other, each once`() throws {
    var queue = Self.queue()
    let files = [Self.file("a.mcap"), Self.file("b.json")]
    queue.saw(files, at: .zero, date: Self.date)
    for file in files {
      let work = try #require(queue.next(at: .zero))
      #expect(work == DeliveryQueue.Work(file: file, isAbandoned: false))
      queue.delivered(work)
    }
    #expect(queue.next(at: .zero) == nil && queue.waiting == 0 && queue.nextMoment == nil)
    queue.saw(files, at: .seconds(9), date: Self.date)
    #expect(queue.next(at: .seconds(9)) == nil)
  }

  @Test func `a file that was written to after it was delivered goes again`() throws {
    var queue = Self.queue()
    queue.saw([Self.file("a.json")], at: .zero, date: Self.date)
    queue.delivered(try #require(queue.next(at: .zero)))
    queue.saw([Self.file("a.json", size: 2)], at: .seconds(1), date: Self.date)
    #expect(queue.next(at: .seconds(1))?.file.identity.size == 2)
  }

  @Test func `a file without an end waits until nobody has written to it for long`() throws {
    var queue = Self.queue()
    queue.saw([Self.file("a.mcap", isFinished: false, age: 100)], at: .seconds(5), date: Self.date)
    #expect(queue.next(at: .seconds(504)) == nil)
    #expect(queue.nextMoment == .seconds(505))
    // It has grown: the wait begins anew.
    queue.saw([Self.file("a.mcap", size: 2, isFinished: false)], at: .seconds(504), date: Self.date)
    #expect(queue.next(at: .seconds(1103)) == nil)
    #expect(queue.next(at: .seconds(1104))?.isAbandoned == true)
    // It has got its end meanwhile.
    queue.saw([Self.file("a.mcap", size: 3)], at: .seconds(1103), date: Self.date)
    #expect(queue.next(at: .seconds(1103))?.isAbandoned == false)
  }

  @Test func `one that was left long ago goes at once, also where its date lies in the future`() {
    var queue = Self.queue()
    let files = [
      Self.file("a.mcap", isFinished: false, age: 100_000), Self.file("b.mcap", isFinished: false, age: -100_000),
    ]
    queue.saw(files, at: .zero, date: Self.date)
    #expect(queue.next(at: .zero)?.file.name == "a.mcap")
    #expect(queue.nextMoment == .zero && queue.waiting == 2)
  }

  @Test func `while the store is away everything waits, ever longer, and nothing is forgotten`() throws {
    var queue = Self.queue()
    let files = ["a", "b", "c"].map { Self.file("\($0).mcap") }
    queue.saw(files, at: .zero, date: Self.date)
    var now = Duration.zero
    var longest = Duration.seconds(1)
    var tried: Set<String> = []
    for _ in 0..<30 {
      let work = try #require(queue.next(at: now))
      tried.insert(work.file.name)
      let wait = queue.failed(work, isAboutFile: false, at: now)
      #expect(wait <= longest)
      let moment = try #require(queue.nextMoment)
      #expect(moment > now && moment <= now + longest + .milliseconds(1))
      #expect(queue.next(at: moment - .nanoseconds(1)) == nil)
      queue.saw(files, at: now, date: Self.date)
      now = moment
      longest = min(longest * 2, .seconds(300))
    }
    #expect(tried.count == 3)
    // It is back: all go without further waits.
    var gone = 0
    while let work = queue.next(at: now + .seconds(300)) {
      queue.delivered(work)
      gone += 1
    }
    #expect(gone == 3)
  }

  @Test func `a file that cannot be delivered holds up no other`() throws {
    var queue = Self.queue()
    queue.saw([Self.file("a.mcap"), Self.file("b.mcap")], at: .zero, date: Self.date)
    let bad = try #require(queue.next(at: .zero))
    _ = queue.failed(bad, isAboutFile: true, at: .zero)
    #expect(bad.file.name == "a.mcap" && queue.next(at: .zero)?.file.name == "b.mcap")
  }

  @Test func `a file that is gone is forgotten`() throws {
    var queue = Self.queue()
    queue.saw([Self.file("a.mcap")], at: .zero, date: Self.date)
    let work = try #require(queue.next(at: .zero))
    queue.saw([], at: .zero, date: Self.date)
    #expect(queue.next(at: .zero) == nil)
    #expect(queue.failed(work, isAboutFile: true, at: .zero) == .zero)
  }
}
