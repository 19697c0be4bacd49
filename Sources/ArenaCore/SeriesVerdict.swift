/// Decides who won a game and a series. Agents are numbered as in the request.
public enum SeriesVerdict {
  /// The winner of one game: among those that did not forfeit, the one with the highest score; nil for a draw.
  public static func winner(scores: [Double], forfeited: [Bool]) -> Int? {
    best(scores.indices.filter { !forfeited[$0] }) { scores[$0] }
  }

  /// The winner of a series: most games won, then the highest sum of scores; nil for a draw.
  ///
  /// - Parameters:
  ///   - winners: the winner of each game, nil for a draw.
  ///   - totals: each agent's sum of scores.
  public static func winner(ofGames winners: [Int?], totals: [Double]) -> Int? {
    let wins = totals.indices.map { agent in winners.count { $0 == agent } }
    let most = wins.max() ?? 0
    let leaders = totals.indices.filter { wins[$0] == most }
    if leaders.count == 1 { return most > 0 ? leaders[0] : nil }
    // One game that nobody won, or in which all forfeited, has no winner by score either.
    guard winners.count > 1 else { return nil }
    return best(leaders) { totals[$0] }
  }

  private static func best(_ candidates: [Int], by score: (Int) -> Double) -> Int? {
    guard let highest = candidates.map(score).max() else { return nil }
    let winners = candidates.filter { score($0) == highest }
    return winners.count == 1 ? winners[0] : nil
  }
}
