import ArenaCore
import Testing

/// A stretch of pong to be played by the reference and by ours.
struct PongCase: Sendable, CustomTestStringConvertible {
  /// What is special about it.
  var name: String
  /// Settings over the defaults.
  var configuration: [String: JSONValue] = [:]
  /// Seed of the first game.
  var seed: UInt64
  /// Steps to play, over as many games as it takes.
  var steps = 3000
  /// Who plays left and right, by the names of the reference script.
  var policies = ["tracker", "tracker"]
  /// Times that a paddle must hit the ball, or the case does not show what it should.
  var minimumBounces = 0

  /// What is special about it.
  var testDescription: String { name }

  /// The case for the reference script. Integers and other numbers stay what they are: to Python they differ.
  var json: String {
    let settings = configuration.map { key, value in
      switch value {
      case .integer(let number): "\"\(key)\": \(number)"
      case .number(let number): "\"\(key)\": \(number)"
      default: preconditionFailure("settings are numbers")
      }
    }
    return """
      {"configuration": {\(settings.joined(separator: ", "))}, "seed": "\(seed)", "steps": \(steps),
      "policies": ["\(policies.joined(separator: "\", \""))"]}
      """
  }
}
