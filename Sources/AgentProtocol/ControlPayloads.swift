// The JSON payloads of docs/PROTOCOL.md section 5: one small type per kind of frame.

/// What an agent says of itself.
public struct HelloPayload: Codable, Equatable, Sendable {
  /// Protocol versions that the agent speaks.
  public var protocolVersions: [Int]
  /// Name and version of the host.
  public var host: String?
  /// Language of the host.
  public var language: String?
  /// The largest payload that the agent accepts, in bytes.
  public var maxPayload: Int?

  /// An agent's introduction.
  public init(protocolVersions: [Int], host: String? = nil, language: String? = nil, maxPayload: Int? = nil) {
    self.protocolVersions = protocolVersions
    self.host = host
    self.language = language
    self.maxPayload = maxPayload
  }

  enum CodingKeys: String, CodingKey {
    case protocolVersions = "protocol_versions"
    case host
    case language
    case maxPayload = "max_payload"
  }
}

/// The game, as one seat is told.
public struct WelcomePayload: Codable, Equatable, Sendable {
  /// The version spoken from here on.
  public var protocolVersion = ProtocolLimits.version
  /// The environment's canonical name.
  public var environment: String
  /// Number of seats.
  public var seats: Int
  /// What an observation holds.
  public var observation: SpaceLayout
  /// What an action holds.
  public var action: SpaceLayout
  /// Bytes of the legal-action mask.
  public var actionMaskSize: Int
  /// The largest payload that the orchestrator accepts, in bytes.
  public var maxPayload: Int
  /// Budget for loading and for every reset, in nanoseconds.
  public var startupTimeoutNanoseconds: Int64
  /// Time for one answer, in nanoseconds; 0 for no limit.
  public var stepTimeoutNanoseconds: Int64
  /// Extra time per game, in nanoseconds.
  public var timeBankNanoseconds: Int64
  /// Games that will be played.
  public var games: Int
  /// Seat in the first game.
  public var playerID: Int

  /// A seat's welcome.
  public init(
    environment: String,
    seats: Int,
    observation: SpaceLayout,
    action: SpaceLayout,
    actionMaskSize: Int,
    maxPayload: Int,
    startupTimeoutNanoseconds: Int64,
    stepTimeoutNanoseconds: Int64,
    timeBankNanoseconds: Int64,
    games: Int,
    playerID: Int
  ) {
    self.environment = environment
    self.seats = seats
    self.observation = observation
    self.action = action
    self.actionMaskSize = actionMaskSize
    self.maxPayload = maxPayload
    self.startupTimeoutNanoseconds = startupTimeoutNanoseconds
    self.stepTimeoutNanoseconds = stepTimeoutNanoseconds
    self.timeBankNanoseconds = timeBankNanoseconds
    self.games = games
    self.playerID = playerID
  }

  enum CodingKeys: String, CodingKey {
    case protocolVersion = "protocol_version"
    case environment
    case seats
    case observation
    case action
    case actionMaskSize = "action_mask_size"
    case maxPayload = "max_payload"
    case startupTimeoutNanoseconds = "startup_timeout_ns"
    case stepTimeoutNanoseconds = "step_timeout_ns"
    case timeBankNanoseconds = "time_bank_ns"
    case games
    case playerID = "player_id"
  }
}

/// The agent has loaded or reset itself.
public struct ReadyPayload: Codable, Equatable, Sendable {
  /// How long loading took, in nanoseconds.
  public var loadTimeNanoseconds: Int64?

  /// The agent has loaded, or reset itself.
  public init(loadTimeNanoseconds: Int64? = nil) {
    self.loadTimeNanoseconds = loadTimeNanoseconds
  }

  enum CodingKeys: String, CodingKey {
    case loadTimeNanoseconds = "load_time_ns"
  }
}

/// A game is about to begin.
public struct ResetPayload: Codable, Equatable, Sendable {
  /// Number of the game, from 0.
  public var game: Int
  /// The seat that the agent takes.
  public var playerID: Int

  /// A game is about to begin.
  public init(game: Int, playerID: Int) {
    self.game = game
    self.playerID = playerID
  }

  enum CodingKeys: String, CodingKey {
    case game
    case playerID = "player_id"
  }
}

/// A game is over.
public struct FinishPayload: Codable, Equatable, Sendable {
  /// How the game ended for the seat.
  public enum Outcome: String, Codable, Sendable {
    /// It won.
    case win
    /// It lost.
    case loss
    /// Nobody won.
    case draw
    /// The game did not come to an end.
    case none
  }

  /// Number of the game, from 0.
  public var game: Int
  /// Whether the match is over.
  public var final: Bool
  /// How it ended for this seat.
  public var outcome: Outcome
  /// The seat's score in this game.
  public var score: Double
  /// Reward since its last observation.
  public var reward: Double

  /// A game is over.
  public init(game: Int, final: Bool, outcome: Outcome, score: Double, reward: Double) {
    self.game = game
    self.final = final
    self.outcome = outcome
    self.score = score
    self.reward = reward
  }
}

/// Something failed, on either side.
public struct ErrorPayload: Codable, Equatable, Sendable {
  /// One sentence.
  public var message: String
  /// The agent's traceback.
  public var traceback: String?

  /// Something failed.
  public init(message: String, traceback: String? = nil) {
    self.message = message
    self.traceback = traceback
  }
}

/// A line for the log.
public struct LogPayload: Codable, Equatable, Sendable {
  /// The level, in the agent's own words.
  public var level: String?
  /// The line.
  public var text: String

  /// A line for the log.
  public init(level: String? = nil, text: String) {
    self.level = level
    self.text = text
  }
}
