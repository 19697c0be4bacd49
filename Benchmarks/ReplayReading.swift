internal import ArenaCore
internal import ArenaSystem
internal import Replay

/// How quickly one replay is read.
struct ReplayReading {
  /// Frames per second from front to back, decoded.
  let framesPerSecond: Double
  /// Microseconds to find and decode a frame anywhere, in the mean.
  let randomAccessMicroseconds: Double

  private static let accesses = 1000

  /// Reads the replay at `path`.
  init(of path: String) throws {
    let start = MonotonicClock.now()
    let reader = try ReplayReader(path: path)
    var events = try reader.makeEvents()
    var frames = 0
    while let event = try events.next() { if case .frame = event { frames += 1 } }
    framesPerSecond = Double(frames) / (Double(MonotonicClock.now() - start) / 1e9)

    var generator = SplitMix64(seed: 7)
    let numbers = (0..<Self.accesses).map { _ in Int.random(in: 0..<reader.frameCount, using: &generator) }
    let randomStart = MonotonicClock.now()
    for number in numbers { _ = try reader.frame(number) }
    randomAccessMicroseconds = Double(MonotonicClock.now() - randomStart) / 1e3 / Double(Self.accesses)
  }
}
