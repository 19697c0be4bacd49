/// How a caller's own deadline bounds a match, so that the caller hears of the result before it stops waiting.
enum CallerDeadline {
  /// What is kept free for bringing the answer to the caller, in seconds.
  private static let answerTime = 0.2
  /// The least and the most that is kept free for closing the match and its replay, in seconds.
  private static let closingTime = 0.3...2.0
  /// The part of the caller's time that is kept free within these bounds.
  private static let closingShare = 0.05

  /// When the verdict must be in. Both are seconds since 1970.
  static func verdictBy(_ deadline: Double, now: Double) -> Double {
    let closing = min(max((deadline - now) * closingShare, closingTime.lowerBound), closingTime.upperBound)
    return deadline - answerTime - closing
  }

  /// When the forms of the replay must be written, as far as they are.
  static func exportBy(_ deadline: Double) -> Double { deadline - answerTime }
}
