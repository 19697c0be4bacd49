import ArenaCore

/// The numbers that pong is played with, in the precision its arithmetic uses them in.
///
/// The field is the unit square, y grows downwards; lengths are in field widths, speeds in field widths per step.
struct PongConfiguration: Sendable {
  /// The keys and defaults of `rl-arena` 0.1.2. `width`, `height`, `paddle_width` and `render_fps` have no effect,
  /// there or here.
  static let defaults: [String: JSONValue] = [
    "width": .number(1),
    "height": .number(1),
    "paddle_height": .number(0.2),
    "paddle_width": .number(0.02),
    "paddle_speed": .number(0.05),
    "ball_radius": .number(0.02),
    "ball_speed": .number(0.02),
    "winning_score": .integer(11),
    "max_steps": .integer(1000),
    "render_fps": .integer(60),
  ]

  /// How far from its middle a paddle still hits.
  let paddleReach: Float
  /// How far a paddle moves in one step; negative turns up and down around.
  let paddleSpeed: Double
  /// How far from its middle the ball touches a paddle.
  let ballRadius: Float
  /// Speed of a serve.
  let ballSpeed: Double
  /// Horizontal speed of a serve to the left before its angle counts: -`ballSpeed`, except for the sign of a zero.
  let leftwardSpeed: Double
  /// Points that end the game.
  let winningScore: Double
  /// Steps after which the game is cut off.
  let maxSteps: Double

  /// The numbers that `settings`, which are over `defaults`, stand for.
  init(_ settings: NumberSettings) {
    // NumPy 2 rounds a Python float to float32 where it meets a float32, so these two are rounded once, here.
    paddleReach = Float(settings["paddle_height"] / 2)
    ballRadius = Float(settings["ball_radius"])
    paddleSpeed = settings["paddle_speed"]
    ballSpeed = settings["ball_speed"]
    // Python's integers have no negative zero: -1 * 0 is 0, while -1 * 0.0 is -0.0.
    leftwardSpeed = settings.values["ball_speed"] == .integer(0) ? 0 : -ballSpeed
    winningScore = settings["winning_score"]
    maxSteps = settings["max_steps"]
  }
}
