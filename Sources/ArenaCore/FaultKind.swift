/// What an agent can do wrong. Raw values are the names users see.
public enum FaultKind: String, Codable, Sendable, CaseIterable {
  /// No answer by the deadline.
  case timeout
  /// An answer that is not an action of the space, or not legal in this state.
  case invalidAction = "invalid_action"
  /// The agent's own code raised, and its host said so.
  case exception
  /// A malformed or oversized frame, a sequence number from the future, or a flood.
  case `protocol`
  /// The agent's socket closed.
  case disconnected
  /// The agent never became ready.
  case startup
}
