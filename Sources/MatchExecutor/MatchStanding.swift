/// How far a match that runs has come.
public struct MatchStanding: Sendable, Equatable {
  /// The game being played, from 0.
  public var game: Int
  /// Steps played in all games.
  public var totalSteps: Int
  /// Scores of this game, in the order of the request's agents.
  public var scores: [Double]

  /// A standing.
  public init(game: Int, totalSteps: Int, scores: [Double]) {
    self.game = game
    self.totalSteps = totalSteps
    self.scores = scores
  }
}
