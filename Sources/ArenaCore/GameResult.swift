/// What came of one game of a match.
public struct GameResult: Codable, Equatable, Sendable {
  /// Why a game ended.
  public enum Ending: String, Codable, Sendable {
    /// By its own rules.
    case terminated
    /// Cut off by its own limit.
    case truncated
    /// By a forfeit.
    case forfeit
    /// It did not come to an end.
    case aborted
  }

  /// Number of the game, from 0.
  public var game: Int
  /// The environment's seed in this game.
  public var seed: UInt64
  /// Agents by seat.
  public var seats: [String]
  /// Scores, in the order of the request's agents.
  public var scores: [Double]
  /// The winner, or nil.
  public var winnerAgentID: String?
  /// Steps played.
  public var steps: Int
  /// Why it ended.
  public var ending: Ending
  /// Agents that forfeited it.
  public var forfeits: [String]
  /// What the environment says about the final state.
  public var info: [String: JSONValue]

  /// A game that begins.
  public init(game: Int, seed: UInt64, seats: [String]) {
    self.game = game
    self.seed = seed
    self.seats = seats
    scores = seats.map { _ in 0 }
    steps = 0
    ending = .aborted
    forfeits = []
    info = [:]
  }

  enum CodingKeys: String, CodingKey {
    case game
    case seed
    case seats
    case scores
    case winnerAgentID = "winner_agent_id"
    case steps
    case ending
    case forfeits
    case info
  }
}
