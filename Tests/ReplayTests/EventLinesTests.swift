import ArenaCore
import Foundation
import Replay
import Testing

/// Events as lines of JSON.
@Suite struct EventLinesTests {
  let folder: ReplayFolder

  init() throws { folder = try ReplayFolder() }

  private static let floats =
    #"{"size":16,"space":{"type":"Box","dtype":"float32","shape":[4],"low":null,"high":null}}"#
  private static let metadata = [
    "match": ["match_id": "sample", "environment": "pong"],
    "environment": [
      "configuration": "{}", "observation": floats, "action": #"{"size":8,"space":{"type":"Discrete","n":3}}"#,
    ],
  ]

  private func lines(_ match: ReplayMatch?, _ events: [ReplayEvent]) throws -> [JSONValue] {
    let descriptor = open(folder.path("lines"), O_RDWR | O_CREAT | O_TRUNC, 0o644)
    defer { close(descriptor) }
    var lines = EventLines(match, to: descriptor)
    for event in events { try lines.add(event) }
    try lines.flush()
    let text = try String(contentsOfFile: folder.path("lines"), encoding: .utf8)
    #expect(text.hasSuffix("\n") || events.isEmpty)
    return try text.split(separator: "\n").map { try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8)) }
  }

  private func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }

  @Test func whatJSONHasNoNumberForIsNull() throws {
    let seat = ReplayFrame.Seat(
      observation: bytes([.nan, .infinity, -.infinity, 0.5]),
      action: [2, 0, 0, 0, 0, 0, 0, 0],
      reward: .nan
    )
    let match = try ReplayMatch(metadata: Self.metadata)
    let frame = ReplayFrame(step: 1, game: 0, timeNanoseconds: 1_500_000_000, seats: [seat])
    let end = ReplayEvent.GameEnd(
      game: 0,
      outcomes: [.draw],
      scores: [-.infinity],
      steps: 1,
      reason: "line\nbreak \"quoted\"",
      info: "not JSON",
      timeNanoseconds: 0
    )
    let read = try lines(match, [.frame(frame), .gameEnd(end)])
    #expect(
      read == [
        .object([
          "event": .string("frame"), "game": .integer(0), "step": .integer(1), "time": .number(1.5),
          "terminated": .bool(false), "truncated": .bool(false),
          "seats": .array([
            .object([
              "observation": .array([.null, .null, .null, .number(0.5)]), "action": .integer(2), "reward": .null,
              "think_time_us": .integer(0),
            ])
          ]),
        ]),
        .object([
          "event": .string("game_end"), "game": .integer(0), "time": .integer(0), "steps": .integer(1),
          "reason": .string("line\nbreak \"quoted\""), "outcomes": .array([.string("draw")]),
          "scores": .array([.null]), "info": .string("not JSON"),
        ]),
      ]
    )
  }

  @Test func everyMemberOfASampleIsThere() throws {
    let match = SampleMatch()
    let read = try lines(nil, match.events)
    #expect(read.count == match.events.count)
    guard case .object(let frame) = read[10], case .array(let seats) = frame["seats"],
      case .object(let first) = seats[0], case .object(let second) = seats[1]
    else { return #expect(Bool(false)) }
    #expect(frame["step"] == .integer(10))
    #expect(first["note"] == .string("plan: ↑"))
    #expect(first["action_mask"] == .array([.integer(1), .integer(0), .integer(1)]))
    #expect(second["fault"] == .string("startup") && second["fault_message"] == .string("ValueError: nope"))
    #expect(second["platform_stall"] == .bool(true) && second["forfeited"] == .bool(true))
    #expect(frame["info"] == .object(["ball": .array([.number(0.5), .number(0.25)])]))
    // Without a space, bytes stay bytes.
    #expect(first["action"] == .object(["bytes": .string("0100000000000000")]))
    guard case .object(let idle) = read[11], case .array(let others) = idle["seats"], case .object(let seat) = others[0]
    else { return #expect(Bool(false)) }
    #expect(seat["idle"] == .bool(true) && seat["action"] == .null)
  }
}
