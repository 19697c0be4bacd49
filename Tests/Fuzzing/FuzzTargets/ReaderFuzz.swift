internal import Replay

/// Reads a replay from front to back, in places, and as if it were still being written, and holds the three against each other.
enum ReaderFuzz {
  static func run(_ bytes: UnsafeRawBufferPointer) {
    let files = FuzzFiles(bytes)
    defer { files.remove() }
    let events = read(files.input)
    follow(files.input, events)
  }

  /// The events that reading gives, and whether it came to the end of them.
  private static func read(_ path: String) -> (events: [ReplayEvent], isAll: Bool) {
    guard let reader = try? ReplayReader(path: path) else { return ([], false) }
    var read: [ReplayEvent] = []
    var isAll = false
    do throws(ReplayError) {
      var events = try reader.makeEvents()
      while let event = try events.next() { read.append(event) }
      isAll = true
    } catch {
      // Damage is said, and said again.
      precondition(!error.description.isEmpty)
    }
    let frames = read.compactMap { event in if case .frame(let frame) = event { frame } else { nil } }
    if isAll { precondition(frames.count == reader.frameCount, "as many frames as are promised") }
    for number in Set([0, frames.count / 2, frames.count - 1]) where frames.indices.contains(number) {
      guard let frame = try? reader.frame(number) else { continue }
      if isAll { precondition(frame == frames[number], "a frame is the same wherever reading begins") }
      if let found = try? reader.frameNumber(game: frame.game, step: frame.step) {
        precondition((0..<reader.frameCount).contains(found))
      }
      _ = try? reader.makeEvents(fromFrame: number)
    }
    _ = try? reader.frame(reader.frameCount - 1)
    precondition((try? reader.frame(reader.frameCount)) == nil && (try? reader.frame(-1)) == nil)
    return (read, isAll)
  }

  private static func follow(_ path: String, _ read: (events: [ReplayEvent], isAll: Bool)) {
    guard let follower = try? ReplayFollower(path: path) else { return }
    var followed: [ReplayEvent] = []
    do throws(ReplayError) {
      while let event = try follower.next() { followed.append(event) }
    } catch {
      return
    }
    // The follower does not look at the index, so it may give more than an index that leaves chunks out.
    if read.isAll { precondition(followed.count >= read.events.count, "what can be read can be followed") }
  }
}
