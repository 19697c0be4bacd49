/// How a service is doing.
public enum ServingStatus: Sendable, Hashable {
  case serving
  case notServing
  /// There is no such service: only those who watch are told so.
  case serviceUnknown
}
