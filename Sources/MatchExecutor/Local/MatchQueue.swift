internal import HeapModule

/// Matches that wait for a place: the one with the highest priority comes first, of equals the one that came first.
struct MatchQueue {
  private struct Waiting: Comparable {
    let priority: Int32
    let number: UInt64
    let match: AcceptedMatch

    static func < (left: Waiting, right: Waiting) -> Bool {
      left.priority != right.priority ? left.priority > right.priority : left.number < right.number
    }

    static func == (left: Waiting, right: Waiting) -> Bool { left.number == right.number }
  }

  private var heap = Heap<Waiting>()
  private var lastNumber: UInt64 = 0

  /// Adds a match. Complexity: O(log n).
  mutating func append(_ match: AcceptedMatch) {
    lastNumber += 1
    heap.insert(Waiting(priority: match.priority, number: lastNumber, match: match))
  }

  /// Takes the match whose turn it is. Complexity: O(log n).
  mutating func popFirst() -> AcceptedMatch? { heap.popMin()?.match }

  /// Takes out the match `id`, if it is there. Complexity: O(n).
  mutating func remove(_ id: String) -> AcceptedMatch? {
    var all = heap.unordered
    guard let index = all.firstIndex(where: { $0.match.spec.matchID == id }) else { return nil }
    let removed = all.remove(at: index)
    heap = Heap(all)
    return removed.match
  }

  /// Takes out everything.
  mutating func removeAll() -> [AcceptedMatch] {
    defer { heap = Heap() }
    return heap.unordered.map(\.match)
  }
}
