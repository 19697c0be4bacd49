import AgentProtocol
import ArenaCore
import Replay

/// A game that nobody knows, with every kind of space and number, three seats, and values that have no place in JSON.
struct SpacesSample {
  private static let observation = Space.dict([
    ("position", .box(.float32, shape: [3], low: -1, high: 1)),
    ("speed", .box(.float16, shape: [], low: nil, high: nil)),
    ("energy", .box(.float64, shape: [2], low: 0, high: nil)),
    ("small", .box(.int8, shape: [2], low: -100, high: 100)),
    ("large", .box(.int64, shape: [], low: nil, high: nil)),
    ("largest", .box(.uint64, shape: [], low: nil, high: nil)),
    ("word", .box(.uint16, shape: [], low: 0, high: 65_535)),
    ("signed", .box(.int32, shape: [], low: nil, high: nil)),
    ("flags", .multiBinary(shape: [4])),
    ("alive", .box(.bool, shape: [], low: 0, high: 1)),
    ("dice", .multiDiscrete([6, 6])),
    ("says", .text(minLength: 0, maxLength: 24, charset: nil)),
    ("nested", .tuple([.discrete(n: 5, start: 10), .box(.uint8, shape: [2], low: 0, high: 255)])),
    ("many", .box(.uint8, shape: [80], low: 0, high: 255)),
  ])

  func record(to path: String) throws {
    let observation = try SpaceLayout(Self.observation)
    let action = try SpaceLayout(.tuple([.discrete(n: 3), .box(.float32, shape: [2], low: -1, high: 1)]))
    var recorder = try SampleRecorder(
      path,
      environment: "pettingzoo:sisl/everything_v0",
      agents: ["ada", "grace", "edsger"],
      observation: observation,
      action: action
    )
    let seen = try (0...60).map { step in try (0..<3).map { try observation.bytes(of: Self.value(step, seat: $0)) } }
    recorder.beginGame(seats: [0, 1, 2], observations: seen[0])
    for step in 1...60 {
      var parts = try (0..<3).map { seat in
        ReplayFrame.Seat(
          observation: seen[step][seat],
          action: try action.bytes(
            of: .array([.integer(Int64((step + seat) % 3)), .array([.number(0.1), .number(Double(seat) / -4)])])
          ),
          reward: Double(step % 5 - 2) * 0.25 * Double(seat + 1),
          thinkTimeMicroseconds: UInt64(100 * (seat + 1) + step)
        )
      }
      if step == 30 { parts[2].reward = .nan }
      recorder.add(parts, info: step % 20 == 0 ? #"{"phase":"\#(step / 20)"}"# : "", isLast: step == 60)
    }
    recorder.endGame()
    recorder.finish()
  }

  private static func value(_ step: Int, seat: Int) -> JSONValue {
    let wave = (Double((step * 7 + seat * 20) % 100) - 50) / 50
    return .object([
      "position": .array([.number(wave), .number(0.1), .number(-wave / 3)]),
      "speed": step % 10 == 3 ? .string("NaN") : .number(0.1 + Double(step)),
      "energy": .array([.number(1e300 / Double(step + 1)), step % 10 == 4 ? .string("inf") : .number(0.1)]),
      "small": .array([.integer(Int64(step % 100)), .integer(Int64(-step))]),
      "large": .integer(Int64.min + Int64(step)), "largest": .unsigned(UInt64.max - UInt64(step)),
      "word": .integer(Int64(step * 1000)), "signed": .integer(Int64(step * -100_000)),
      "flags": .array([1, 0, step % 2, seat % 2].map { .integer(Int64($0)) }), "alive": .bool(step % 9 != 8),
      "dice": .array([.integer(Int64(step % 6)), .integer(Int64(step * 5 % 6))]),
      "says": .string(step % 4 == 0 ? "héllo <b>\(step)</b> ↑" : ""),
      "nested": .array([
        .integer(Int64(10 + step % 5)), .array([.integer(Int64(step * 4)), .integer(Int64(255 - step))]),
      ]), "many": .array((0..<80).map { .integer(Int64(($0 * step) % 256)) }),
    ])
  }
}
