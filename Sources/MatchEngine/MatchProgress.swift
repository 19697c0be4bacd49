internal import Synchronization

/// How far a match has come, to be read from any thread while it is played.
public final class MatchProgress: Sendable {
  private let gameNumber = Atomic<Int>(-1)
  private let stepNumber = Atomic<Int>(0)
  private let currentScores = Mutex<[Double]>([])

  /// A match that has not begun.
  public init() {}

  /// The game being played, from 0; -1 before the first.
  public var game: Int { gameNumber.load(ordering: .relaxed) }
  /// Steps played in all games.
  public var totalSteps: Int { stepNumber.load(ordering: .relaxed) }
  /// Scores of this game, in the order of the request's agents.
  public var scores: [Double] { currentScores.withLock { $0 } }

  func begin(game: Int, agents: Int) {
    gameNumber.store(game, ordering: .relaxed)
    currentScores.withLock { $0 = Array(repeating: 0, count: agents) }
  }

  func played(totalSteps: Int) { stepNumber.store(totalSteps, ordering: .relaxed) }

  func scored(_ score: Double, agent: Int) { currentScores.withLock { $0[agent] = score } }
}
