import AgentProtocol
import ArenaCore
import Environments

/// Plays pong through the `Environment` protocol as the engine does, and describes every step in the bytes of the
/// reference script.
final class PongPlayer {
  /// The game.
  let environment: any Environment
  /// The last reset or step, laid out as the reference script does.
  private(set) var record: [UInt8] = []
  /// What seat 0 sees.
  private(set) var observation: [Float] = []
  /// Rewards of the last step.
  private(set) var rewards = [0.0, 0.0]
  /// Whether the game is over.
  private(set) var outcome = StepOutcome(terminated: false, truncated: false)
  /// How often a paddle turned the ball around.
  private(set) var bounces = 0

  /// A player of pong with `configuration`.
  init(configuration: [String: JSONValue] = [:]) throws {
    environment = try EnvironmentRegistry.standard.make("pong", configuration: configuration)
  }

  /// Starts a game.
  func reset(seed: UInt64) throws {
    try environment.reset(seed: seed)
    outcome = StepOutcome(terminated: false, truncated: false)
    record = [UInt8(ascii: "G")]
    append(seed)
    appendObservations()
  }

  /// Plays one step.
  func step(_ left: Int8, _ right: Int8) throws {
    let actions = [Int64(left).littleEndian, Int64(right).littleEndian]
    var rewards = [0.0, 0.0]
    var span = rewards.mutableSpan
    outcome = try environment.step(actions.span.bytes, rewards: &span)
    self.rewards = rewards
    let velocity = observation[2]
    record = [UInt8(ascii: "S"), UInt8(bitPattern: left), UInt8(bitPattern: right)]
    appendObservations()
    if velocity * observation[2] < 0, rewards == [0, 0] { bounces += 1 }
    for reward in rewards { append(reward.bitPattern) }
    record += [outcome.terminated ? 1 : 0, outcome.truncated ? 1 : 0]
    let info = environment.info()
    for key in ["scores", "ball_pos", "paddle_positions"] {
      guard case .array(let values) = info[key] else { continue }
      for value in values {
        switch value {
        case .integer(let number): append(UInt64(bitPattern: number))
        case .number(let number): append(number.bitPattern)
        default: record.append(0xFF)
        }
      }
    }
  }

  /// A record in words.
  static func describe(_ record: [UInt8]) -> String {
    guard record.count >= 35 else { return "\(record)" }
    let start = record[0] == UInt8(ascii: "G") ? 9 : 3
    let floats = (0..<8).map { index in
      (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(record[start + 4 * index + $1]) }
    }
    return "\(floats.map(Float.init(bitPattern:))) and then \(record[(start + 32)...])"
  }

  private func append(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { record.append(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
  }

  /// Appends what seat 0 sees, and a byte too many if seat 1 sees anything else.
  private func appendObservations() {
    let seen = (0..<2).map { seat in
      var bytes = [UInt8](repeating: 0, count: environment.spec.observation.size)
      var span = bytes.mutableSpan
      var raw = span.mutableBytes
      environment.writeObservation(for: seat, into: &raw)
      return bytes
    }
    record += seen[0]
    if seen[0] != seen[1] { record.append(0xFF) }
    observation = (0..<8).map { index in
      seen[0].withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) }
    }
  }
}
