import AgentProtocol
import ArenaCore
import Environments
import Foundation
import TestSupport
import Testing

/// Pong held against the installed rl-arena package, bit for bit.
@Suite struct PongReferenceTests {
  static let long: [String: JSONValue] = ["max_steps": .integer(20_000), "winning_score": .integer(1000)]

  static let games: [PongCase] =
    [0, 1, 0xFFFF_FFFF, 0x1_0000_0000, UInt64.max].map { PongCase(name: "defaults, seed \($0)", seed: $0) }
    + ["uniform", "sloppy", "stubborn"].map { policy in
      PongCase(name: "defaults, \(policy)", seed: 7, steps: 5000, policies: [policy, policy])
    }
    + [
      PongCase(name: "long, trackers", configuration: long, seed: 11, steps: 20_001, minimumBounces: 300),
      PongCase(name: "long, uniform", configuration: long, seed: 12, steps: 20_001, policies: ["uniform", "uniform"]),
      PongCase(
        name: "long, tracker against sloppy",
        configuration: long,
        seed: 13,
        steps: 20_001,
        policies: ["tracker", "sloppy"],
        minimumBounces: 200
      ),
      PongCase(
        name: "rallies without end",
        configuration: long.merging(["paddle_height": .integer(3), "ball_speed": .number(0.043)]) { $1 },
        seed: 14,
        steps: 20_001,
        minimumBounces: 800
      ),
      PongCase(
        name: "fast paddles and a fat ball",
        configuration: long.merging(["paddle_speed": .number(0.2), "ball_radius": .number(0.1)]) { $1 },
        seed: 15,
        steps: 10_000,
        minimumBounces: 200
      ),
    ]

  static let edges: [PongCase] = [
    ("winning score 0", ["winning_score": .integer(0)]),
    ("winning score negative", ["winning_score": .integer(-3)]),
    ("winning score with a fraction", ["winning_score": .number(1.5)]),
    ("winning score 1", ["winning_score": .integer(1)]),
    ("no steps", ["max_steps": .integer(0)]),
    ("negative steps", ["max_steps": .integer(-1)]),
    ("one step", ["max_steps": .integer(1)]),
    ("steps with a fraction", ["max_steps": .number(2.5)]),
    ("ball faster than the field", ["ball_speed": .number(2.0)]),
    ("ball as fast as allowed", ["ball_speed": .integer(1_000_000)]),
    ("ball at rest", ["ball_speed": .number(0.0)]),
    ("ball at negative rest", ["ball_speed": .number(-0.0)]),
    ("ball at integer rest", ["ball_speed": .integer(0)]),
    ("ball too slow for float32", ["ball_speed": .number(1e-46)]),
    ("ball in reverse", ["ball_speed": .number(-0.03)]),
    ("ball speed integer", ["ball_speed": .integer(1)]),
    ("ball of no size", ["ball_radius": .integer(0)]),
    ("ball of negative size", ["ball_radius": .number(-0.3)]),
    ("ball as wide as the field", ["ball_radius": .integer(1)]),
    ("ball touches from the middle", ["ball_radius": .number(0.45)]),
    // 0.5 + 0.45 reaches 0.95 in float32 and falls short of it in float64.
    ("ball at rest that just touches", ["ball_speed": .integer(0), "ball_radius": .number(0.45)]),
    ("paddles of no height", ["paddle_height": .integer(0)]),
    ("paddles of negative height", ["paddle_height": .number(-0.2)]),
    ("paddles across the field", ["paddle_height": .integer(2)]),
    ("paddles that do not move", ["paddle_speed": .integer(0)]),
    ("paddles at negative rest", ["paddle_speed": .number(-0.0)]),
    ("paddles that jump", ["paddle_speed": .number(1.7)]),
    ("paddles that jump a field", ["paddle_speed": .integer(1)]),
    ("paddles in reverse", ["paddle_speed": .number(-0.05)]),
    ("paddles that leave the field", ["paddle_speed": .number(-1e6)]),
    ("paddles with a speed that has no exact double", ["paddle_speed": .number(0.1)]),
    (
      "settings without effect",
      ["width": .integer(3), "height": .number(0.1), "paddle_width": .integer(9), "render_fps": .number(0.5)]
    ),
  ].enumerated().map { index, edge in
    PongCase(
      name: edge.0,
      configuration: edge.1,
      seed: UInt64(100 + index),
      steps: 1500,
      policies: [["tracker", "stubborn"], ["uniform", "sloppy"]][index % 2]
    )
  }

  /// Configurations that nobody would think of, the same at every run.
  static let drawn: [PongCase] = {
    var generator = SplitMix64(seed: 2)
    return (0..<80).map { index in
      var configuration: [String: JSONValue] = ["max_steps": .integer(400), "winning_score": .integer(20)]
      for (key, largest) in [
        ("paddle_height", 1.0), ("paddle_speed", 0.3), ("ball_radius", 0.5), ("ball_speed", 0.4),
      ] where Bool.random(using: &generator) {
        configuration[key] = .number(Double.random(in: -0.05...largest, using: &generator))
      }
      return PongCase(
        name: "drawn \(index): \(configuration)",
        configuration: configuration,
        seed: generator.next(),
        steps: 800,
        policies: [["tracker", "sloppy"], ["stubborn", "tracker"], ["sloppy", "sloppy"]][index % 3]
      )
    }
  }()

  @Test(arguments: games) func `games are the package's`(game: PongCase) async throws { try await compare([game]) }

  @Test func `games at the edges of the configuration are the package's`() async throws {
    try await compare(Self.edges)
  }

  @Test func `games with any configuration are the package's`() async throws { try await compare(Self.drawn) }

  /// Plays `cases` in the package, repeats its actions in ours, and compares every record of the reference script.
  private func compare(_ cases: [PongCase]) async throws {
    let script = try String(
      contentsOf: TestPython.packageRoot.appending(path: "Tests/EnvironmentsTests/Reference/rl_arena_pong.py"),
      encoding: .utf8
    )
    let json = "[" + cases.map(\.json).joined(separator: ",") + "]"
    let records = try await TestPython.run(script, arguments: [json])
    try records.withUnsafeBytes { bytes in
      var position = 0
      for pongCase in cases {
        let player = try PongPlayer(configuration: pongCase.configuration)
        var steps = 0
        while steps < pongCase.steps {
          let expected: UnsafeRawBufferPointer
          if bytes[position] == UInt8(ascii: "G") {
            expected = UnsafeRawBufferPointer(rebasing: bytes[position..<position + 41])
            try player.reset(seed: expected.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
          } else {
            expected = UnsafeRawBufferPointer(rebasing: bytes[position..<position + 101])
            try player.step(Int8(bitPattern: expected[1]), Int8(bitPattern: expected[2]))
            steps += 1
          }
          position += expected.count
          guard player.record.elementsEqual(expected) else {
            Issue.record(
              """
              \(pongCase.name), step \(steps): \(PongPlayer.describe(player.record)), \
              and the package has \(PongPlayer.describe(Array(expected)))
              """
            )
            return
          }
        }
        #expect(player.bounces >= pongCase.minimumBounces, "\(pongCase.name)")
      }
      #expect(position == bytes.count)
    }
  }
}
