public import ArenaCore

/// Why a call about a match cannot be answered as it was meant.
public enum MatchRefusal: Error, Sendable, Equatable {
  /// The request has fields that are not allowed, at least one.
  case invalid([FieldError])
  /// There is a match with this id, and it was asked for with another request.
  case differentRequest(matchID: String)
  /// There is no room for another match; a sentence.
  case full(String)
  /// Nothing can be said at present; a sentence.
  case unavailable(String)
  /// There is no match with this id.
  case unknownMatch(String)
  /// The match is there, and what was asked for is not; a sentence.
  case missing(String)
  /// What was asked for comes later in the match's life; a sentence.
  case tooEarly(String)
  /// What was being sent is not what there is any more; a sentence.
  case aborted(String)
}
