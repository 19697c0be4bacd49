import AgentProtocol
import ArenaCore
import Environments
import Testing

/// What pong says about itself and what it refuses.
@Suite struct PongTests {
  @Test func `the spec is the package's`() throws {
    let spec = try Pong().spec
    #expect(spec.name == "pong")
    #expect(spec.seats == 2)
    #expect(spec.isSimultaneous)
    #expect(spec.observation.size == 32)
    #expect(spec.action.space == .discrete(n: 3))
    #expect(spec.actionMaskSize == 0)
    #expect(spec.noOp == [1, 0, 0, 0, 0, 0, 0, 0])
    #expect(spec.rewardRange == -1...1)
    #expect(spec.configuration.count == 10)
    #expect(spec.configuration["winning_score"] == .integer(11))
    guard case .box(let box) = spec.observation.space else {
      Issue.record("observations are a box")
      return
    }
    #expect(box.dtype == .float32)
    #expect(box.shape == [8])
    #expect(box.low == [0, 0, -1, -1, 0, 0, 0, 0].map { .real($0) })
    #expect(box.high == [1, 1, 1, 1, 1, 1, 100, 100].map { .real($0) })
  }

  @Test func `the configuration in force is the given one over the defaults`() throws {
    let spec = try Pong(configuration: ["max_steps": .number(20), "ball_speed": .integer(1)]).spec
    #expect(spec.configuration["max_steps"] == .number(20))
    #expect(spec.configuration["ball_speed"] == .integer(1))
    #expect(spec.configuration["paddle_height"] == .number(0.2))
  }

  @Test func `scores are the sums of rewards`() throws {
    let player = try PongPlayer(configuration: ["winning_score": .integer(5), "ball_speed": .number(0.2)])
    try player.reset(seed: 5)
    var sums = [0.0, 0.0]
    while !player.outcome.isOver {
      try player.step(0, 2)
      for seat in 0..<2 { sums[seat] += player.rewards[seat] }
    }
    #expect(player.environment.score(of: 0) == nil)
    #expect(Double(player.observation[6] - player.observation[7]) == sums[0])
    #expect(sums[0] == -sums[1])
    let info = player.environment.info()
    #expect(info["scores"] == .array([.integer(Int64(player.observation[6])), .integer(Int64(player.observation[7]))]))
    #expect(info["score"] == info["scores"])
  }

  @Test func `both seats always act`() throws {
    let pong = try Pong()
    pong.reset(seed: 1)
    #expect(pong.acts(0) && pong.acts(1))
  }

  @Test func `a step without a game fails`() throws {
    let player = try PongPlayer(configuration: ["max_steps": .integer(1)])
    #expect(throws: EnvironmentFailure.self) { try player.step(1, 1) }
    try player.reset(seed: 1)
    try player.step(1, 1)
    #expect(player.outcome == StepOutcome(terminated: false, truncated: true))
    #expect(throws: EnvironmentFailure.self) { try player.step(1, 1) }
    try player.reset(seed: 1)
    try player.step(1, 1)
  }

  @Test(arguments: [
    (JSONValue.string("fast"), "\"fast\""),
    (.bool(true), "true"),
    (.null, "null"),
    (.array([.integer(1)]), "an array of 1"),
    (.object([:]), "an object of 0"),
    (.number(.nan), "nan"),
    (.number(.infinity), "inf"),
    (.number(-.infinity), "-inf"),
    (.number(1_000_000.5), "1000000.5"),
    (.integer(-1_000_001), "-1000001"),
    (.integer(.min), "-9223372036854775808"),
    (.unsigned(.max), "18446744073709551615"),
  ])
  func `a setting that is no number within the limits is refused`(value: JSONValue, given: String) {
    for key in ["ball_speed", "max_steps", "width"] {
      let error = #expect(throws: FieldError.self) { try Pong(configuration: [key: value]) }
      #expect(
        error?.description == "environment_config.\(key) is \(given); it must be a number from -1000000 to 1000000"
      )
    }
  }

  @Test(arguments: [
    ("ball_sped", " (did you mean ball_speed?)"),
    ("Max_Steps", " (did you mean max_steps?)"),
    ("paddle_hieght", " (did you mean paddle_height?)"),
    ("gravity", ""),
    ("", ""),
  ])
  func `an unknown setting is refused with the nearest one`(key: String, hint: String) {
    let error = #expect(throws: FieldError.self) { try Pong(configuration: [key: .integer(1)]) }
    #expect(
      error?.description
        == """
        environment_config.\(key) is not a setting of pong; it must be one of ball_radius, ball_speed, height, \
        max_steps, paddle_height, paddle_speed, paddle_width, render_fps, width, winning_score\(hint)
        """
    )
  }
}
