internal import HeapModule
internal import NIOCore

/// The deadlines of a connection's calls.
///
/// A call that ends leaves its entry behind; entries are thrown out when they come up, or together when most of them are stale.
/// Adding costs O(log *n*), ending a call nothing.
struct DeadlineQueue {
  private struct Entry: Comparable {
    var time: NIODeadline
    var id: CallID

    static func < (left: Entry, right: Entry) -> Bool { left.time < right.time }

    static func == (left: Entry, right: Entry) -> Bool { left.time == right.time }
  }

  private var heap = Heap<Entry>()

  /// Entries, stale ones included.
  var count: Int { heap.count }

  /// When the first entry is due.
  var next: NIODeadline? { heap.min?.time }

  /// Adds a deadline.
  ///
  /// - Parameter isCurrent: Whether a call is still waiting for its deadline.
  mutating func add(_ id: CallID, at time: NIODeadline, open: Int, isCurrent: (CallID) -> Bool) {
    if heap.count > 2 * open + 64 {
      heap = Heap(heap.unordered.filter { isCurrent($0.id) })
    }
    heap.insert(Entry(time: time, id: id))
  }

  /// Takes a call whose deadline is due.
  mutating func popDue(now: NIODeadline) -> CallID? {
    guard let first = heap.min, first.time <= now else { return nil }
    return heap.removeMin().id
  }
}
