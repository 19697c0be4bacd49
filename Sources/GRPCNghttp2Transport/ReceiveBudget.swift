internal import DequeModule

/// How much of long messages a connection may collect at once.
///
/// A stream's window bounds what a client can send without being asked for more. A message longer than half a window needs more
/// to be complete, so room for all of it is set aside here first, in the order of asking. A message alone is always let in,
/// however long: its own limit is the message limit.
struct ReceiveBudget {
  private let limit: Int
  private(set) var reserved = 0
  private var waiting = Deque<(id: CallID, bytes: Int)>()

  /// A budget of `limit` bytes.
  init(limit: Int) {
    self.limit = limit
  }

  /// Sets room aside for a message.
  ///
  /// - Returns: False if the call has to wait; `release` will name it.
  mutating func reserve(_ bytes: Int, for id: CallID) -> Bool {
    guard waiting.isEmpty, fits(bytes) else {
      waiting.append((id, bytes))
      return false
    }
    reserved += bytes
    return true
  }

  /// Gives room back.
  ///
  /// - Returns: The next call in the queue that its room was set aside for. Ask again with no bytes until there is none.
  mutating func release(_ bytes: Int) -> (id: CallID, bytes: Int)? {
    reserved -= bytes
    guard let next = waiting.first, fits(next.bytes) else { return nil }
    waiting.removeFirst()
    reserved += next.bytes
    return next
  }

  private func fits(_ bytes: Int) -> Bool { reserved == 0 || reserved + bytes <= limit }
}
