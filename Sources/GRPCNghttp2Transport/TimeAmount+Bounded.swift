internal import NIOCore

extension TimeAmount {
  /// A duration, a century at most: a `grpc-timeout` of 99,999,999 hours, added to the present, must stay in range.
  init(bounded duration: Duration) {
    let century = Duration.seconds(100 * 365 * 86400)
    self.init(min(max(duration, .zero), century))
  }
}
