internal import AgentProtocol
internal import ArenaCore
internal import Glibc

/// Plays pong as `examples/agents/tracker` does, now and then at random, and takes as long as a Python agent.
struct PongPlayer {
  /// Which paddle is its own.
  let seat: Int
  /// How many of its actions are drawn, 0…1.
  let noise: Double
  /// How long it took for its newest action, in nanoseconds.
  private(set) var thought = 0
  private var generator: SplitMix64

  /// A player whose noise and times follow from `seed`.
  init(seat: Int, seed: UInt64, noise: Double) {
    self.seat = seat
    self.noise = noise
    generator = SplitMix64(seed: seed)
  }

  /// The action for an observation of pong.
  mutating func action(_ observation: [UInt8]) -> Int64 {
    // Python agents take about 10 µs, with some microseconds' jitter, and some hundred now and then.
    let jitter = -log(1 - Double.random(in: 0..<1, using: &generator)) * 1500
    let hiccup =
      Double.random(in: 0..<1, using: &generator) < 0.005 ? Double.random(in: 0..<300_000, using: &generator) : 0
    thought = 8500 + Int(jitter + hiccup)
    if Double.random(in: 0..<1, using: &generator) < noise {
      return Int64.random(in: 0...2, using: &generator)
    }
    let bytes = observation.span.bytes
    let ball = Float(bitPattern: bytes.integer(at: 4, as: UInt32.self))
    let paddle = Float(bitPattern: bytes.integer(at: 16 + 4 * seat, as: UInt32.self))
    let distance = ball - paddle
    return distance > 0.02 ? 2 : distance < -0.02 ? 0 : 1
  }
}
