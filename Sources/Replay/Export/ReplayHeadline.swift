internal import ArenaCore

/// A match in a title and a sentence.
struct ReplayHeadline {
  /// Who played: `tracker vs predictor`.
  let title: String
  /// What came of it, with its full stop.
  let sentence: String

  /// The headline of a match with so many steps.
  init(_ match: ReplayMatch, _ heading: ReplayHeading) {
    title = match.agentIDs.isEmpty ? match.environment : match.agentIDs.joined(separator: " vs ")
    sentence = Self.sentence(match, heading)
  }

  private static func sentence(_ match: ReplayMatch, _ heading: ReplayHeading) -> String {
    guard case .object(let result) = match.result else {
      guard heading.totalSteps > 0 else {
        return "Nothing of this match is recorded yet, or it was ended before its first step."
      }
      return "The recording breaks off after \(steps(heading.totalSteps)): the match is still going on, or was killed."
    }
    let error = text(result["error_message"])
    let played = heading.totalSteps > 0 ? " after \(steps(heading.totalSteps)) in \(duration(result, heading))" : ""
    switch text(result["status"]) {
    case MatchStatus.success.rawValue:
      let verdict = text(result["winner_agent_id"]).map { "\($0) wins" + series(result, $0) } ?? "A draw"
      return stopped(verdict + played + (error.map { ": \($0)" } ?? ""))
    case MatchStatus.timeout.rawValue: return stopped("No winner\(played): \(error ?? "the time was over")")
    case MatchStatus.cancelled.rawValue: return stopped("Cancelled\(played)" + (error.map { ": \($0)" } ?? ""))
    default: return stopped("The match failed\(played)" + (error.map { ": \($0)" } ?? ""))
    }
  }

  /// How many games of a series the winner won.
  private static func series(_ result: [String: JSONValue], _ winner: String) -> String {
    guard case .array(let games) = result["games"], games.count > 1 else { return "" }
    let won = games.count { game in
      guard case .object(let game) = game else { return false }
      return text(game["winner_agent_id"]) == winner
    }
    return " \(won) of \(games.count) games"
  }

  private static func text(_ value: JSONValue?) -> String? {
    guard case .string(let text) = value, !text.isEmpty else { return nil }
    return text
  }

  private static func steps(_ count: Int) -> String {
    var digits = "\(count)"
    var place = digits.index(digits.endIndex, offsetBy: -3, limitedBy: digits.startIndex)
    while let comma = place, comma > digits.startIndex {
      digits.insert(",", at: comma)
      place = digits.index(comma, offsetBy: -3, limitedBy: digits.startIndex)
    }
    return "\(digits) \(count == 1 ? "step" : "steps")"
  }

  private static func duration(_ result: [String: JSONValue], _ heading: ReplayHeading) -> String {
    let recorded = ReplayTimes.seconds(heading.endTime >= heading.startTime ? heading.endTime - heading.startTime : 0)
    let seconds = result["execution_time_sec"]?.double ?? recorded
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "an unknown time" }
    guard seconds >= 0.1 else { return "\(Int((seconds * 1000).rounded(.up))) ms" }
    let hundredths = Int((seconds * 100).rounded())
    guard hundredths >= 6000 else { return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10) s" }
    let whole = hundredths / 100
    return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  /// A sentence with exactly one full stop, where it has no end already.
  private static func stopped(_ sentence: String) -> String {
    sentence.last.map { ".!?…".contains($0) } == true ? sentence : sentence + "."
  }
}
