/// The kinds of frames, by the number that stands in the header.
public enum FrameKind: UInt8, Sendable, CaseIterable {
  /// The agent introduces itself.
  case hello = 1
  /// The orchestrator describes the game.
  case welcome = 2
  /// The agent has loaded, or has reset itself.
  case ready = 3
  /// A game is about to begin.
  case reset = 4
  /// What the seat sees; asks for an answer.
  case observe = 5
  /// The answer: an action.
  case act = 6
  /// A game is over.
  case finish = 7
  /// Something failed.
  case error = 8
  /// A line for the match's log.
  case log = 9
  /// What an agent wants recorded with the step that it is about to answer.
  case note = 10

  /// Whether an agent may send frames of this kind.
  public var isSentByAgent: Bool {
    switch self {
    case .hello, .ready, .act, .error, .log, .note: true
    case .welcome, .reset, .observe, .finish: false
    }
  }
}
