import ArenaCore
import Environments
import Testing

@Suite struct StepLimitTests {
  private func settings(_ asked: [String: JSONValue], mostSteps: Int?) throws -> [String: JSONValue] {
    try EnvironmentRegistry.standard.configuration(of: "pong", asked, mostSteps: mostSteps).settings
  }

  @Test(
    arguments: [
      ([:], nil, [:]), ([:], 50, ["max_steps": 50]), ([:], 1000, [:]), ([:], 5000, [:]),
      (["max_steps": 7], 50, ["max_steps": 7]), (["max_steps": 7000], nil, ["max_steps": 7000]),
      (["winning_score": 1], 50, ["winning_score": 1, "max_steps": 50]),
    ] as [([String: Int64], Int?, [String: Int64])]
  )
  func whatWouldGoBeyondIsLowered(asked: [String: Int64], mostSteps: Int?, expected: [String: Int64]) throws {
    let settings = try settings(asked.mapValues(JSONValue.integer), mostSteps: mostSteps)
    #expect(settings == expected.mapValues(JSONValue.integer))
  }

  @Test func whatIsAskedForBeyondIsRefused() {
    #expect(throws: FieldError(field: "environment_config.max_steps", given: "", allowed: "")) {
      try settings(["max_steps": .integer(51)], mostSteps: 50)
    }
  }

  @Test func anUnknownEnvironmentIsSaid() {
    #expect(throws: FieldError(field: "environment", given: "", allowed: "")) {
      try EnvironmentRegistry.standard.configuration(of: "pang", [:], mostSteps: 50)
    }
  }
}
