import AgentProtocol
public import ArenaCore

/// Pong for two, equal to `rl-arena` 0.1.2's bit for bit: same seed and actions, same observations, rewards and ending.
///
/// Both seats see the same eight float32: the ball's x and y, its velocity per step along x and y, the middle of the
/// left and of the right paddle, the left and the right score. Seat 0 plays left. Actions: 0 up, 1 stay, 2 down.
/// A point gives +1 to the seat that scored and -1 to the other. The first to reach `winning_score` ends the game,
/// `max_steps` cuts it off. The game's rules are in `PongGame`.
public final class Pong: Environment {
  /// The canonical name.
  public static let name = "pong"
  /// One sentence for a list of games.
  public static let summary = "Two paddles, one ball, first to 11 points: the rl-arena package's pong, bit for bit."

  /// What the game is; it does not change in the object's life.
  public let spec: EnvironmentSpec

  private let configuration: PongConfiguration
  private var game: PongGame
  private var isOver = true

  /// A game with `configuration` over the package's defaults.
  ///
  /// - Throws: `FieldError` about `environment_config.KEY` for a key that pong lacks or a value that is not a number
  ///   within ±1,000,000.
  public init(configuration given: [String: JSONValue] = [:]) throws(FieldError) {
    let settings = try NumberSettings(of: Self.name, given: given, defaults: PongConfiguration.defaults)
    configuration = PongConfiguration(settings)
    game = PongGame(seed: 0, configuration: configuration)
    let observation = Space.box(
      Space.Box(
        dtype: .float32,
        shape: [8],
        low: [0, 0, -1, -1, 0, 0, 0, 0].map { .real($0) },
        high: [1, 1, 1, 1, 1, 1, 100, 100].map { .real($0) }
      )
    )
    spec = EnvironmentSpec(
      name: Self.name,
      summary: Self.summary,
      seats: 2,
      isSimultaneous: true,
      observation: try SpaceLayout(observation),
      action: try SpaceLayout(.discrete(n: 3)),
      noOp: withUnsafeBytes(of: PongGame.Move.stay.littleEndian) { Array($0) },
      rewardRange: -1...1,
      isInfoDerived: true,
      configuration: settings.values
    )
  }

  /// Starts a game whose serves and bounces follow from `seed`.
  public func reset(seed: UInt64) {
    game = PongGame(seed: seed, configuration: configuration)
    isOver = false
  }

  /// Moves both paddles, then the ball. Allocates nothing.
  ///
  /// - Throws: `EnvironmentFailure` if the game is over or was never started.
  public func step(
    _ actions: RawSpan,
    rewards: inout MutableSpan<Double>
  ) throws(EnvironmentFailure) -> StepOutcome {
    guard !isOver else { throw EnvironmentFailure("pong was asked for a step while no game was on; reset starts one") }
    let scorer = game.step(
      left: actions.integer(at: 0, as: Int64.self),
      right: actions.integer(at: 8, as: Int64.self),
      configuration
    )
    if let scorer {
      rewards[0] += scorer == .left ? 1 : -1
      rewards[1] += scorer == .left ? -1 : 1
    }
    let outcome = game.outcome(configuration)
    isOver = outcome.isOver
    return outcome
  }

  /// Writes the eight numbers that both seats see, 32 bytes. Allocates nothing.
  public func writeObservation(for seat: Int, into bytes: inout MutableRawSpan) {
    bytes.store(game.ballX.bitPattern, at: 0)
    bytes.store(game.ballY.bitPattern, at: 4)
    bytes.store(game.velocityX.bitPattern, at: 8)
    bytes.store(game.velocityY.bitPattern, at: 12)
    bytes.store(Float(game.leftPaddle).bitPattern, at: 16)
    bytes.store(Float(game.rightPaddle).bitPattern, at: 20)
    bytes.store(Float(game.leftScore).bitPattern, at: 24)
    bytes.store(Float(game.rightScore).bitPattern, at: 28)
  }

  /// The points of both players, under the package's name `scores` and the web player's `score`; the ball; the paddles.
  public func info() -> [String: JSONValue] {
    let scores = JSONValue.array([.integer(Int64(game.leftScore)), .integer(Int64(game.rightScore))])
    return [
      "scores": scores,
      "score": scores,
      "ball_pos": .array([.number(Double(game.ballX)), .number(Double(game.ballY))]),
      "paddle_positions": .array([.number(game.leftPaddle), .number(game.rightPaddle)]),
    ]
  }
}
