import Glibc

/// One game of pong: where everything is, and what a step does to it.
///
/// The arithmetic is that of `rl-arena` 0.1.2 (<https://pypi.org/project/rl-arena/0.1.2/>) under NumPy 2, so that every
/// bit is equal: the ball is float32; paddles are float64; where the two meet, the float64 is rounded to float32 first
/// (NEP 50, <https://numpy.org/neps/nep-0050-scalar-promotion.html>). Serves take sine and cosine from the C library,
/// as NumPy does.
struct PongGame: Sendable {
  /// What the players can do.
  enum Move {
    /// Towards y = 0.
    static let up: Int64 = 0
    /// Nothing.
    static let stay: Int64 = 1
    /// Towards y = 1.
    static let down: Int64 = 2
  }

  /// The player who scored in a step.
  enum Scorer {
    /// The player at x = 0.
    case left
    /// The player at x = 1.
    case right
  }

  // Rounded from float64 as NumPy does it; a float literal of type Float could be rounded from its decimal digits.
  private static let leftPaddleX = Float(0.05 as Double)
  private static let rightPaddleX = Float(0.95 as Double)

  /// The ball's middle, x from left to right.
  private(set) var ballX: Float = 0.5
  /// The ball's middle, y from top to bottom.
  private(set) var ballY: Float = 0.5
  /// The ball's way in one step along x.
  private(set) var velocityX: Float = 0
  /// The ball's way in one step along y.
  private(set) var velocityY: Float = 0
  /// The middle of the left paddle, y.
  private(set) var leftPaddle = 0.5
  /// The middle of the right paddle, y.
  private(set) var rightPaddle = 0.5
  /// Points of the left player.
  private(set) var leftScore = 0
  /// Points of the right player.
  private(set) var rightScore = 0
  /// Steps played.
  private(set) var steps = 0

  private var generator: PCG64

  /// A game about to start, its first serve drawn from `seed`.
  init(seed: UInt64, configuration: PongConfiguration) {
    generator = PCG64(seed: seed)
    serve(configuration)
  }

  /// Plays one step with both players' moves and returns who scored in it, if anyone did.
  mutating func step(left: Int64, right: Int64, _ configuration: PongConfiguration) -> Scorer? {
    Self.move(&leftPaddle, left, by: configuration.paddleSpeed)
    Self.move(&rightPaddle, right, by: configuration.paddleSpeed)

    ballX += velocityX
    ballY += velocityY
    if ballY <= 0 || ballY >= 1 {
      velocityY *= -1
      ballY = min(max(0, ballY), 1)
    }

    // A wide ball can touch both paddles in one step; both then deflect it, left first.
    if ballX - configuration.ballRadius <= Self.leftPaddleX, isWithinReach(of: leftPaddle, configuration) {
      velocityX = velocityX.magnitude
      deflect()
    }
    if ballX + configuration.ballRadius >= Self.rightPaddleX, isWithinReach(of: rightPaddle, configuration) {
      velocityX = -velocityX.magnitude
      deflect()
    }

    var scorer: Scorer?
    if ballX <= 0 {
      rightScore += 1
      scorer = .right
    } else if ballX >= 1 {
      leftScore += 1
      scorer = .left
    }
    if scorer != nil { serve(configuration) }
    steps += 1
    return scorer
  }

  /// Whether a player has won, and whether the game was cut off.
  func outcome(_ configuration: PongConfiguration) -> StepOutcome {
    StepOutcome(
      terminated: Double(max(leftScore, rightScore)) >= configuration.winningScore,
      truncated: Double(steps) >= configuration.maxSteps
    )
  }

  private static func move(_ paddle: inout Double, _ move: Int64, by speed: Double) {
    switch move {
    case Move.up: paddle = max(0, paddle - speed)
    case Move.down: paddle = min(1, paddle + speed)
    default: break
    }
  }

  private func isWithinReach(of paddle: Double, _ configuration: PongConfiguration) -> Bool {
    (ballY - Float(paddle)).magnitude <= configuration.paddleReach
  }

  private mutating func deflect() {
    velocityY += Float(generator.uniform(-0.01, 0.01))
  }

  private mutating func serve(_ configuration: PongConfiguration) {
    ballX = 0.5
    ballY = 0.5
    let angle = generator.uniform(-Double.pi / 4, Double.pi / 4)
    let speedX = generator.nextDouble() < 0.5 ? configuration.ballSpeed : configuration.leftwardSpeed
    velocityX = Float(speedX * cos(angle))
    velocityY = Float(configuration.ballSpeed * sin(angle))
  }
}
