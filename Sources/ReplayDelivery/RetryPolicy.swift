internal import ArenaCore

/// How often and how long something is tried again: exponential backoff with full jitter.
///
/// Source of the jitter: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
public struct RetryPolicy: Equatable, Sendable {
  /// The longest wait after the first failure; it doubles with every further one.
  public var firstDelay: Duration
  /// What the longest wait never exceeds.
  public var longestDelay: Duration
  /// How often one request is tried at most.
  public var attempts: Int
  /// How long all requests may take together, waits included.
  public var total: Duration

  /// A policy.
  public init(
    firstDelay: Duration = .milliseconds(500),
    longestDelay: Duration = .seconds(20),
    attempts: Int = 10,
    total: Duration
  ) {
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
    self.attempts = attempts
    self.total = total
  }

  /// A wait drawn between nothing and what follows from the number of failures so far, at least 1.
  func delay<Generator: RandomNumberGenerator>(afterFailures failures: Int, using generator: inout Generator)
    -> Duration
  {
    var longest = firstDelay
    for _ in 1..<max(2, failures) where longest < longestDelay && failures > 1 { longest = longest * 2 }
    let nanoseconds = min(longest, longestDelay).nanoseconds
    return .nanoseconds(nanoseconds > 0 ? Int64.random(in: 0...nanoseconds, using: &generator) : 0)
  }
}
