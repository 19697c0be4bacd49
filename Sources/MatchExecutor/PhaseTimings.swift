/// When a match went through its phases, in seconds since 1970; nil for what has not happened, or does not exist here.
public struct PhaseTimings: Sendable, Equatable {
  /// The request was taken.
  public var queued: Double
  /// The match was given a place.
  public var scheduled: Double?
  /// The fetching of images began.
  public var pulling: Double?
  /// All images, or all agents' code, were there.
  public var pulled: Double?
  /// Agents were started.
  public var running: Double?
  /// The first game began.
  public var started: Double?
  /// The verdict was in.
  public var finished: Double?

  /// A match that was just taken.
  public init(queued: Double) { self.queued = queued }

  /// When `phase` began.
  public subscript(phase: MatchPhase) -> Double? {
    get {
      switch phase {
      case .queued: queued
      case .scheduled: scheduled
      case .pulling: pulling
      case .running: running
      case .finished: finished
      }
    }
    set {
      switch phase {
      case .queued: queued = newValue ?? queued
      case .scheduled: scheduled = newValue
      case .pulling: pulling = newValue
      case .running: running = newValue
      case .finished: finished = newValue
      }
    }
  }
}
