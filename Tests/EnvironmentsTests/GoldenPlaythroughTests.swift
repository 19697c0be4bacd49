import ArenaCore
import Environments
import Foundation
import TestSupport
import Testing

/// Games written out step by step and kept in `Golden`, so that a change of any bit shows in review.
///
/// `UPDATE_GOLDEN=1 swift test --filter GoldenPlaythroughTests` writes the file anew.
@Suite struct GoldenPlaythroughTests {
  @Test func `pong plays as written down`() throws {
    let file = TestPython.packageRoot.appending(path: "Tests/EnvironmentsTests/Golden/pong.txt")
    let actual = try pong()
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try actual.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let lines = zip(actual.split(separator: "\n"), expected.split(separator: "\n"))
    for (number, (line, golden)) in lines.enumerated() where line != golden {
      Issue.record("\(file.lastPathComponent):\(number + 1) is kept as “\(golden)” and now “\(line)”")
      return
    }
    #expect(actual == expected)
  }

  private func pong() throws -> String {
    let spec = try EnvironmentRegistry.standard.make("pong").spec
    let settings = spec.configuration.sorted { $0.key < $1.key }.map { "  \($0.key): \(describe($0.value))" }
    let head = [
      "game: \(spec.name)",
      "summary: \(spec.summary)",
      "seats: \(spec.seats), \(spec.isSimultaneous ? "simultaneous" : "in turns")",
      "observation: \(describe(spec.observation.space)), \(spec.observation.size) bytes",
      "action: \(describe(spec.action.space)), \(spec.action.size) bytes, mask \(spec.actionMaskSize) bytes",
      "no-op: \(spec.noOp.map { "\($0)" } ?? "none")",
      "reward: \(spec.rewardRange)",
      "configuration:",
    ]
    let games = [
      try playthrough(title: "left follows the ball, right does anything", seed: 42, configuration: [:], steps: 150) {
        [follow($0, seat: 0), any(&$1)]
      },
      try playthrough(title: "both follow the ball", seed: .max, configuration: [:], steps: 150) { observation, _ in
        [follow(observation, seat: 0), follow(observation, seat: 1)]
      },
      try playthrough(
        title: "a fast ball, first to 3",
        seed: 1 << 32,
        configuration: ["ball_speed": .number(0.1), "winning_score": .integer(3)],
        steps: 100
      ) { [any(&$1), follow($0, seat: 1)] },
    ]
    return ([head + settings] + games).map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
  }

  /// The lines of one game of at most `steps` steps.
  private func playthrough(
    title: String,
    seed: UInt64,
    configuration: [String: JSONValue],
    steps: Int,
    actions: (_ observation: [Float], _ generator: inout SplitMix64) -> [Int8]
  ) throws -> [String] {
    let player = try PongPlayer(configuration: configuration)
    var generator = SplitMix64(seed: 1)
    try player.reset(seed: seed)
    var lines = [
      "# \(title)",
      "seed: \(seed)",
      "configuration: \(configuration.sorted { $0.key < $1.key }.map { "\($0.key)=\(describe($0.value))" })",
      "0: ball and velocity, paddles, scores \(player.observation)",
    ]
    for step in 1...steps {
      let chosen = actions(player.observation, &generator)
      try player.step(chosen[0], chosen[1])
      var line = "\(step): \(chosen) → \(player.observation)"
      if player.rewards != [0, 0] { line += " rewards \(player.rewards)" }
      if player.outcome.terminated { line += " terminated" }
      if player.outcome.truncated { line += " truncated" }
      lines.append(line)
      if player.outcome.isOver { break }
    }
    let info = player.environment.info().sorted { $0.key < $1.key }
    return lines + ["info: \(info.map { "\($0.key)=\(describe($0.value))" }.joined(separator: " "))"]
  }

  private func any(_ generator: inout SplitMix64) -> Int8 { Int8(generator.next() % 3) }

  private func follow(_ observation: [Float], seat: Int) -> Int8 {
    let distance = observation[1] - observation[4 + seat]
    return distance.magnitude < 0.03 ? 1 : distance > 0 ? 2 : 0
  }

  private func describe(_ space: Space) -> String {
    switch space {
    case .discrete(let n, let start): "Discrete(\(n), start \(start))"
    case .box(let box): "Box(\(box.dtype) \(box.shape), \(describe(box.low)) to \(describe(box.high)))"
    default: "\(space)"
    }
  }

  private func describe(_ bounds: [Space.Bound]) -> String { "[\(bounds.map(describe).joined(separator: ", "))]" }

  private func describe(_ bound: Space.Bound) -> String {
    switch bound {
    case .unbounded: "unbounded"
    case .integer(let number): "\(number)"
    case .unsigned(let number): "\(number)"
    case .real(let number): "\(number)"
    }
  }

  private func describe(_ value: JSONValue) -> String {
    switch value {
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .array(let values): "[\(values.map(describe).joined(separator: ", "))]"
    default: "\(value)"
    }
  }
}
